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
	"sync"

	"plenary.example/shared/event"
)

// A Roster is how the people of all conferences stand. Its methods may be
// called side by side.
type Roster struct {
	log *slog.Logger
	mu  sync.RWMutex
	all map[person]event.DelegateState
}

type person struct{ conference, delegate string }

// New is an empty roster.
func New(log *slog.Logger) *Roster { return &Roster{log: log, all: map[person]event.DelegateState{}} }

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
	if old, known := r.all[who]; known && old.Revision > d.Revision {
		return d, false
	}
	r.all[who] = d
	return d, true
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
