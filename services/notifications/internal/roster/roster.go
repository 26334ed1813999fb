// Package roster knows who of the people may be told anything: how everybody
// stands, by id, fed by the state messages of the delegates service. It knows
// no names.
//
// Why a room of its own? A push may be queued for hours before it is sent, and
// the person may have left in between. So the question is asked when an audience
// is frozen and once more right before each push, and both must get the answer
// from memory, from the same place.
package roster

import (
	"encoding/json"
	"log/slog"
	"slices"
	"sync"

	"plenary.example/shared/caller"
	"plenary.example/shared/event"
)

// A Roster is how the people of all conferences stand. Its methods may be
// called side by side.
type Roster struct {
	log *slog.Logger
	mu  sync.RWMutex
	all map[person]event.DelegateState
	// liaisons are those who have the role, whatever their status, and so is desk,
	// under the delegation "".
	liaisons, desk map[group]map[string]bool
	delegations    map[group]event.DelegationState
}

type person struct{ conference, delegate string }

type group struct{ conference, delegation string }

// New is an empty roster.
func New(log *slog.Logger) *Roster {
	return &Roster{
		log: log, all: map[person]event.DelegateState{}, liaisons: map[group]map[string]bool{}, desk: map[group]map[string]bool{},
		delegations: map[group]event.DelegationState{},
	}
}

// See takes the state message of a person of a conference and answers what it
// says. One that cannot be read, or is older than what is known, changes
// nothing, and the answer is false.
func (r *Roster) See(conference string, data []byte) (event.DelegateState, bool) {
	var d event.DelegateState
	if err := json.Unmarshal(data, &d); err != nil {
		r.log.Error("state message of a person not understood", "err", err)
		return d, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	who := person{conference, d.Delegate}
	old, known := r.all[who]
	if known && old.Revision > d.Revision {
		return d, false
	}
	delete(r.liaisons[group{conference, old.Delegation}], d.Delegate)
	delete(r.desk[group{conference, ""}], d.Delegate)
	if slices.Contains(d.Roles, caller.Liaison) {
		join(r.liaisons, group{conference, d.Delegation}, d.Delegate)
	}
	if slices.Contains(d.Roles, caller.Desk) {
		join(r.desk, group{conference, ""}, d.Delegate)
	}
	r.all[who] = d
	return d, true
}

func join(all map[group]map[string]bool, g group, delegate string) {
	if all[g] == nil {
		all[g] = map[string]bool{}
	}
	all[g][delegate] = true
}

// SeeDelegation takes the state message of a delegation of a conference. One that
// cannot be read, or is older than what is known, changes nothing.
func (r *Roster) SeeDelegation(conference string, data []byte) {
	var d event.DelegationState
	if err := json.Unmarshal(data, &d); err != nil {
		r.log.Error("state message of a delegation not understood", "err", err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if g := (group{conference, d.Delegation}); r.delegations[g].Revision <= d.Revision {
		r.delegations[g] = d
	}
}

// Liaisons are the delegates who speak for a delegation and may be told, in a
// fixed order.
func (r *Roster) Liaisons(conference, delegation string) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.accredited(conference, r.liaisons[group{conference, delegation}])
}

// Head is the delegate who leads a delegation; empty when nobody said.
func (r *Roster) Head(conference, delegation string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.delegations[group{conference, delegation}].Head
}

// Officer is the host's person for a delegation, who may be told; empty when
// there is none.
func (r *Roster) Officer(conference, delegation string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	one := r.delegations[group{conference, delegation}].Officer
	if r.all[person{conference, one}].Status != event.Accredited {
		return ""
	}
	return one
}

// StandIns are those who hear what a delegation is asked when it has no liaison
// and names nobody: its head, else the host's officer for it, else the people of
// the meetings desk; of these only who may be told, in a fixed order.
func (r *Roster) StandIns(conference, delegation string) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	d := r.delegations[group{conference, delegation}]
	for _, one := range []string{d.Head, d.Officer} {
		if r.all[person{conference, one}].Status == event.Accredited {
			return []string{one}
		}
	}
	return r.accredited(conference, r.desk[group{conference, ""}])
}

// accredited are those of who may be told, in a fixed order; the lock is held.
func (r *Roster) accredited(conference string, who map[string]bool) []string {
	var there []string
	for delegate := range who {
		if r.all[person{conference, delegate}].Status == event.Accredited {
			there = append(there, delegate)
		}
	}
	slices.Sort(there)
	return there
}

// May tells whether somebody may be told anything: whoever is accredited, and
// whoever is not known here, for their record may come later than their picks.
func (r *Roster) May(conference, delegate string) bool {
	d, known := r.Of(conference, delegate)
	return !known || d.Status == event.Accredited
}

// Of is how somebody stands.
func (r *Roster) Of(conference, delegate string) (event.DelegateState, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	d, known := r.all[person{conference, delegate}]
	return d, known
}
