package desk

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"

	"plenary.example/services/agenda/internal/meeting"
)

// mostMeetings is how many a game has.
const mostMeetings = 6

// A register is at which revision each meeting is; what it holds follows.
type register [mostMeetings]int64

// A turn is what one command made of a register: which meetings it took to which
// revisions.
type turn map[int]int64

// linear checks that there is an order of all commands that came true, in which
// each comes between its call and its answer, each meeting goes from revision to
// revision, and at no moment two meetings hold one cell.
func (g *game) linear(past map[string][]meeting.Entry) error {
	held, turns := g.replayed(past)
	var ops []porcupine.Operation
	for actor, t := range turns {
		op := porcupine.Operation{Input: t, Call: 0, Return: forever}
		if d := g.deeds[actor]; d != nil {
			op.Call, op.Return = d.called, d.done
		}
		ops = append(ops, op)
	}
	model := porcupine.Model{
		Init: func() any { return register{} },
		Step: func(state, input, _ any) (bool, any) {
			next := state.(register)
			for i, revision := range input.(turn) {
				if next[i] != revision-1 {
					return false, state
				}
				next[i] = revision
			}
			return apart(next, held), next
		},
	}
	if result := porcupine.CheckOperationsTimeout(model, ops, time.Minute); result != porcupine.Ok {
		return fmt.Errorf("the history has no order (%s): %v", result, turns)
	}
	return nil
}

// replayed is what each meeting held at each revision, and which commands took it
// there. What time alone does changes nothing that is held.
func (g *game) replayed(past map[string][]meeting.Entry) (held [mostMeetings][]map[cell]string, turns map[string]turn) {
	turns = map[string]turn{}
	for i, id := range g.ids {
		held[i] = append(held[i], nil)
		for n, e := range past[id] {
			by := e.Actor
			if d := g.deeds[by]; d != nil {
				held[i] = append(held[i], cells(d.held[id]))
			} else {
				by = fmt.Sprint("time ", i, n)
				held[i] = append(held[i], held[i][n])
			}
			if turns[by] == nil {
				turns[by] = turn{}
			}
			turns[by][i] = e.Revision
		}
	}
	return held, turns
}

// apart says whether no two meetings hold one cell.
func apart(r register, held [mostMeetings][]map[cell]string) bool {
	taken := map[cell]bool{}
	for i, revision := range r {
		for k := range held[i][revision] {
			if taken[k] {
				return false
			}
			taken[k] = true
		}
	}
	return true
}
