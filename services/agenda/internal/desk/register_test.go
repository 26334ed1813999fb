package desk

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
)

const (
	registers, soakRegisters = 4, 1_000
	// places are two slots in two rooms; nowhere is none of them.
	places, nowhere = 4, -1
)

// A wish is a command to one meeting: to be at a place, or nowhere.
type wish struct {
	meeting, place int
	// contested says that somebody else wanted some of the same meanwhile, or the
	// meeting: then a refusal needs no other reason.
	contested bool
}

// where is at which place each meeting is.
type where [4]int

// TestARefusalAlwaysHasAReason has desks that know of each other book and cancel
// the same few cells. Who is refused was refused because somebody had a cell at
// some moment of the command, or wanted one at the same time. What was booked or
// cancelled counts as such once the others have heard of it.
func TestARefusalAlwaysHasAReason(t *testing.T) {
	t.Parallel()
	many := registers
	if os.Getenv("PLENARY_SOAK") != "" {
		many = soakRegisters
	}
	c := newCrew(t, 3)
	refused, without := 0, 0
	for seed := range many {
		id := fmt.Sprintf("r%07d", seed)
		c.found(id, 2, 2)
		meetings := c.few(id)
		ops := c.plays(id, meetings, seed)
		contest(ops, meetings)
		for _, op := range ops {
			if op.Output != nil {
				refused++
				if !op.Input.(wish).contested {
					without++
				}
			}
		}
		if result := porcupine.CheckOperationsTimeout(registerOf(meetings), ops, time.Minute); result != porcupine.Ok {
			t.Fatalf("history %d has no order (%s): %+v", seed, result, ops)
		}
		if err := c.settle(); err != nil {
			t.Fatal(err)
		}
		r := replica{Desk: c.mates[0].desk}
		r.sound(t)
	}
	t.Logf("%d refusals, %d of them with nobody else at it", refused, without)
	if without == 0 {
		t.Error("nobody was ever refused for what stood")
	}
}

// few are meetings of which any two have somebody in common, but for the last.
func (c *crew) few(conference string) []meeting.Meeting {
	c.t.Helper()
	var all []meeting.Meeting
	for i, pair := range [][2]string{{"a", "b"}, {"b", "c"}, {"c", "a"}, {"d", "e"}} {
		m := asked(pair[0], pair[1])
		m.ID = fmt.Sprint(conference, "-", i)
		plan := meeting.Plan{Next: m, Told: meeting.Entry{Verb: meeting.WasRequested}}
		done, err := c.mates[0].desk.Add(c.t.Context(), conference, m.ID, meeting.By{}, func(meeting.World) (meeting.Plan, error) { return plan, nil })
		if err != nil {
			c.t.Fatal(err)
		}
		all = append(all, done)
	}
	c.heard(c.mates[0])
	return all
}

// heard waits until what one of them did is told, and the others have heard it.
func (c *crew) heard(m *mate) {
	for m.desk.relay.Depth() > 0 && c.t.Context().Err() == nil {
		<-time.After(100 * time.Microsecond)
	}
	for _, other := range c.mates {
		if err := other.watch.Sync(c.t.Context()); err != nil {
			c.t.Error(err)
		}
	}
}

func (c *crew) plays(conference string, meetings []meeting.Meeting, seed int) []porcupine.Operation {
	var mu sync.Mutex
	var ops []porcupine.Operation
	began := time.Now()
	one := func(client, many int) {
		rnd := rand.New(rand.NewPCG(uint64(client), uint64(seed)))
		for range many {
			w := wish{rnd.IntN(len(meetings)), rnd.IntN(places+1) - 1, false}
			decide := meeting.Decision(withdrawn)
			if w.place != nowhere {
				decide = into(slotOf(w.place/2), fmt.Sprint("room", w.place%2))
			}
			m := c.mates[rnd.IntN(len(c.mates))]
			op := porcupine.Operation{ClientId: client, Input: w, Call: int64(time.Since(began))}
			_, err := m.desk.Do(c.t.Context(), conference, meetings[w.meeting].ID, 0, meeting.By{}, decide)
			if err != nil {
				op.Output = problem.From(err).Code
			}
			c.heard(m)
			op.Return = int64(time.Since(began))
			mu.Lock()
			ops = append(ops, op)
			mu.Unlock()
		}
	}
	var wg sync.WaitGroup
	for client := range 3 {
		wg.Go(func() { one(client, 3) })
	}
	wg.Wait()
	one(3, 5) // with nobody else at it
	return ops
}

// withdrawn takes a meeting out of its place; it may come again.
func withdrawn(_ meeting.World, m meeting.Meeting) (meeting.Plan, error) {
	m.Status, m.Slot, m.Room = meeting.Agreed, meeting.Slot{}, ""
	return meeting.Plan{Next: m, Told: meeting.Entry{Verb: meeting.WasEvicted}}, nil
}

// collide says whether two meetings cannot be at two places.
func collide(a meeting.Meeting, at int, b meeting.Meeting, there int) bool {
	if at == nowhere || there == nowhere {
		return false
	}
	wants := cells(a.Needs(slotOf(at/2), fmt.Sprint("room", at%2), 5*time.Minute))
	for k := range cells(b.Needs(slotOf(there/2), fmt.Sprint("room", there%2), 5*time.Minute)) {
		if _, both := wants[k]; both {
			return true
		}
	}
	return false
}

// contest notes who wanted the same at the same time.
func contest(ops []porcupine.Operation, meetings []meeting.Meeting) {
	for i := range ops {
		w := ops[i].Input.(wish)
		for j, other := range ops {
			o := other.Input.(wish)
			if i != j && ops[i].Call <= other.Return && other.Call <= ops[i].Return &&
				(w.meeting == o.meeting || collide(meetings[w.meeting], w.place, meetings[o.meeting], o.place)) {
				w.contested = true
			}
		}
		ops[i].Input = w
	}
}

func registerOf(meetings []meeting.Meeting) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return where{nowhere, nowhere, nowhere, nowhere} },
		Step: func(state, input, output any) (bool, any) {
			now, w := state.(where), input.(wish)
			free := true
			for i, place := range now {
				if i != w.meeting && collide(meetings[w.meeting], w.place, meetings[i], place) {
					free = false
				}
			}
			if output != nil {
				return w.contested || !free && output == "slot_taken", now
			}
			now[w.meeting] = w.place
			return free, now
		},
	}
}
