package delegate

import (
	"strings"
	"sync"
)

// memory is everybody this replica knows of. A record in it is never written
// to: a newer one takes its place.
type memory struct {
	mu          sync.RWMutex
	delegates   map[string]*Delegate
	delegations map[string]*Delegation
	rolls       map[string]*roll
}

// roll is one conference.
type roll struct {
	delegates   map[string]*Delegate
	delegations map[string]*Delegation
	members     map[string]map[string]*Delegate // by delegation, of any status
	external    map[string]string               // kind and external id to id
	numbers     map[string]string               // accreditation number to delegate
	index       *index
}

func newMemory() *memory {
	return &memory{delegates: map[string]*Delegate{}, delegations: map[string]*Delegation{}, rolls: map[string]*roll{}}
}

func (m *memory) roll(conference string) *roll {
	r, ok := m.rolls[conference]
	if !ok {
		r = &roll{
			delegates: map[string]*Delegate{}, delegations: map[string]*Delegation{}, members: map[string]map[string]*Delegate{},
			external: map[string]string{}, numbers: map[string]string{}, index: newIndex(),
		}
		m.rolls[conference] = r
	}
	return r
}

// Number is an accreditation number however it was typed.
func Number(text string) string { return strings.ToUpper(strings.Join(strings.Fields(text), "")) }

// keepDelegate takes d unless what is known is as new. told says that d is the
// same revision with nothing owed any more.
func (m *memory) keepDelegate(d Delegate) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.delegates[d.ID]
	if old != nil && !newer(old.key(), d.key()) {
		return
	}
	r := m.roll(d.Conference)
	if old != nil {
		delete(r.members[old.Delegation], d.ID)
		drop(r.external, externalKey(KindDelegate, old.ExternalID), d.ID)
		drop(r.numbers, Number(old.Accreditation), d.ID)
	}
	m.delegates[d.ID], r.delegates[d.ID] = &d, &d
	if r.members[d.Delegation] == nil {
		r.members[d.Delegation] = map[string]*Delegate{}
	}
	r.members[d.Delegation][d.ID] = &d
	put(r.external, externalKey(KindDelegate, d.ExternalID), d.ID)
	put(r.numbers, Number(d.Accreditation), d.ID)
	r.index.personChanged(d.ID)
}

func (m *memory) keepDelegation(g Delegation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.delegations[g.ID]
	if old != nil && !newer(old.key(), g.key()) {
		return
	}
	r := m.roll(g.Conference)
	if old != nil {
		drop(r.external, externalKey(KindDelegation, old.ExternalID), g.ID)
	}
	m.delegations[g.ID], r.delegations[g.ID] = &g, &g
	r.index.groupChanged(g.ID)
	put(r.external, externalKey(KindDelegation, g.ExternalID), g.ID)
}

// newer says whether what came tells more than what is known: a later revision,
// or that the same one is told.
func newer(known, came key) bool {
	return came.revision > known.revision || came.revision == known.revision && known.pending && !came.pending
}

func externalKey(kind, id string) string {
	if id == "" {
		return ""
	}
	return kind + "\x00" + id
}

func put(index map[string]string, key, id string) {
	if key != "" {
		index[key] = id
	}
}

func drop(index map[string]string, key, id string) {
	if index[key] == id {
		delete(index, key)
	}
}

func (m *memory) delegate(id string) (Delegate, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if d, ok := m.delegates[id]; ok {
		return *d, true
	}
	return Delegate{}, false
}

// person is the record of somebody who is known.
func (m *memory) person(id string) *Delegate {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.delegates[id]
}

func (m *memory) delegation(id string) (Delegation, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if g, ok := m.delegations[id]; ok {
		return *g, true
	}
	return Delegation{}, false
}
