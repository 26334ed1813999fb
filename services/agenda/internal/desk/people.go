package desk

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/bus"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
)

// people are the delegates and the delegations of each conference, as far as
// state messages told.
type people struct {
	mu          sync.RWMutex
	persons     map[string]map[string]meeting.Person     // by conference, then delegate
	delegations map[string]map[string]meeting.Delegation // by conference, then delegation
	found       map[string]time.Time                     // see since
}

// since is when it was first asked about a delegate who stands as they do.
func (p *people) since(conference, delegate string, now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := conference + "/" + delegate
	at, asked := p.found[key]
	if !asked {
		if p.found == nil {
			p.found = map[string]time.Time{}
		}
		at, p.found[key] = now, now
	}
	return at
}

func (p *people) person(conference, delegate string) (meeting.Person, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	one, ok := p.persons[conference][delegate]
	return one, ok
}

func (p *people) delegation(conference, delegation string) (meeting.Delegation, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	one, ok := p.delegations[conference][delegation]
	return one, ok
}

// see takes the state message of a person. One that cannot be read is passed
// over: asking for it again would bring the same.
func (p *people) see(conference string, m bus.Seen) {
	var s event.DelegateState
	if json.Unmarshal(m.Data, &s) != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.persons == nil {
		p.persons = map[string]map[string]meeting.Person{}
	}
	if p.persons[conference] == nil {
		p.persons[conference] = map[string]meeting.Person{}
	}
	delete(p.found, conference+"/"+s.Delegate)
	p.persons[conference][s.Delegate] = meeting.Person{Delegation: s.Delegation, Status: s.Status, Roles: s.Roles, Rank: s.Rank}
}

// seeDelegation takes the state message of a delegation.
func (p *people) seeDelegation(conference string, m bus.Seen) {
	var s event.DelegationState
	if json.Unmarshal(m.Data, &s) != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.delegations == nil {
		p.delegations = map[string]map[string]meeting.Delegation{}
	}
	if p.delegations[conference] == nil {
		p.delegations[conference] = map[string]meeting.Delegation{}
	}
	p.delegations[conference][s.Delegation] = meeting.Delegation{Kind: s.Kind, Status: s.Status, Head: s.Head, Officer: s.Officer}
}

// StandsIn says of which meetings a delegate hears in the place of a side from
// which nobody else would: one without a liaison that names nobody of its own, of
// which they are the head, or the host's officer when its head takes no part in
// the conference. What is told them they may read.
func (d *Desk) StandsIn(conference, delegate string) func(meeting.Meeting) bool {
	mute := d.people.behind(conference, delegate)
	return func(m meeting.Meeting) bool {
		return slices.ContainsFunc(m.Sides[:], func(s meeting.Side) bool {
			return slices.Contains(mute, s.Delegation) && !slices.ContainsFunc(s.People(), func(one string) bool {
				p, _ := d.people.person(conference, one)
				return p.Status == event.Accredited && p.Delegation == s.Delegation
			})
		})
	}
}

// behind are the delegations without a liaison for which a delegate stands in.
func (p *people) behind(conference, delegate string) []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	persons := p.persons[conference]
	if persons[delegate].Status != event.Accredited {
		return nil
	}
	var all []string
	for id, one := range p.delegations[conference] {
		if one.Head == delegate || one.Officer == delegate && persons[one.Head].Status != event.Accredited {
			all = append(all, id)
		}
	}
	if len(all) == 0 {
		return nil
	}
	for _, one := range persons {
		if one.Status == event.Accredited && slices.Contains(one.Roles, caller.Liaison) {
			all = slices.DeleteFunc(all, func(id string) bool { return id == one.Delegation })
		}
	}
	return all
}

// Faces are delegates by whom others can learn what some delegations are called,
// by delegation: the head of each, or somebody else of it while none is known. A
// delegation in which nobody takes part is left out.
func (d *Desk) Faces(conference string, delegations []string) map[string]string {
	return d.people.faces(conference, delegations)
}

func (p *people) faces(conference string, delegations []string) map[string]string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	persons, faces := p.persons[conference], map[string]string{}
	headless := map[string]bool{}
	for _, d := range delegations {
		head := p.delegations[conference][d].Head
		if one := persons[head]; one.Status == event.Accredited && one.Delegation == d {
			faces[d] = head
		} else {
			headless[d] = true
		}
	}
	if len(headless) == 0 {
		return faces
	}
	for id, one := range persons { // always the same one, who need not be asked for again
		if headless[one.Delegation] && one.Status == event.Accredited && (faces[one.Delegation] == "" || id < faces[one.Delegation]) {
			faces[one.Delegation] = id
		}
	}
	return faces
}
