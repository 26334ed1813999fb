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
	// liaisons are those who have the role, whatever their status.
	liaisons map[group]map[string]bool
}

type person struct{ conference, delegate string }

type group struct{ conference, delegation string }

// New is an empty roster.
func New(log *slog.Logger) *Roster {
	return &Roster{log: log, all: map[person]event.DelegateState{}, liaisons: map[group]map[string]bool{}}
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
	if slices.Contains(d.Roles, caller.Liaison) {
		g := group{conference, d.Delegation}
		if r.liaisons[g] == nil {
			r.liaisons[g] = map[string]bool{}
		}
		r.liaisons[g][d.Delegate] = true
	}
	r.all[who] = d
	return d, true
}

// Liaisons are the delegates who speak for a delegation and may be told, in a
// fixed order.
func (r *Roster) Liaisons(conference, delegation string) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var who []string
	for delegate := range r.liaisons[group{conference, delegation}] {
		if r.all[person{conference, delegate}].Status == event.Accredited {
			who = append(who, delegate)
		}
	}
	slices.Sort(who)
	return who
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
