package desk

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/shared/problem"
)

const commands, soakCommands = 200, 10_000 // the race detector makes the store slow

// TestTheSameCommandsOnceMoreEndInTheSameState has the liaisons of a hundred
// delegations give commands, one after another, and all of them once more to a
// desk that has seen nothing.
func TestTheSameCommandsOnceMoreEndInTheSameState(t *testing.T) {
	t.Parallel()
	many := commands
	if os.Getenv("PLENARY_SOAK") != "" {
		many = soakCommands
	}
	var ends [2]string
	t.Run("plays", func(t *testing.T) {
		for i := range ends {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				ends[i] = replay(t, many)
			})
		}
	})
	if ends[0] != ends[1] {
		first, second := strings.Split(ends[0], "\n"), strings.Split(ends[1], "\n")
		for i := range min(len(first), len(second)) {
			if first[i] != second[i] {
				t.Fatalf("line %d is\n%s\nand then\n%s", i, first[i], second[i])
			}
		}
		t.Fatal("one has more meetings")
	}
}

// replay gives the commands and answers what each came to, and how everything
// stands after.
func replay(t *testing.T, many int) string {
	t.Helper()
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var passed atomic.Int64
	c := crewAt(t, 1, func() time.Time { return began.Add(time.Duration(passed.Load()) * 5 * time.Second) })
	c.found("replayed", 100, 6)
	g := &game{crew: c, conference: "replayed", slots: 20, rooms: []string{"", "", "", "room0", "room1", "room2", "room3", "room4", "room5"}, began: time.Now(), deeds: map[string]*deed{}}
	for n := range many / 4 {
		g.ids = append(g.ids, fmt.Sprintf("m%06d", n))
	}
	p := &player{game: g, rnd: rand.New(rand.NewPCG(3, 5))}
	var lines []string
	came := map[string]int{}
	for range many {
		now := passed.Add(1)
		p.acts()
		if d := g.deeds[fmt.Sprintf("%d/%d", p.id, p.n)]; d != nil {
			lines = append(lines, fmt.Sprintln(d.kind, codeOf(d.err)))
			if d.err == nil {
				came[d.kind]++
			}
		}
		if now%50 == 0 {
			if err := c.mates[0].desk.Sweep(context.Background()); err != nil {
				t.Error(err)
			}
		}
	}
	r := replica{Desk: c.mates[0].desk}
	r.quiets(t)
	r.sound(t)
	all, err := r.All("replayed")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		lines = append(lines, fmt.Sprintf("%s %d %s %v %s %v %+v", m.ID, m.Revision, m.Status, m.Slot, m.Room, m.Sides, m.Proposal))
		for _, e := range m.History {
			lines = append(lines, fmt.Sprint(m.ID, e))
		}
	}
	t.Logf("%d meetings, %v", len(all), came)
	return strings.Join(lines, "\n")
}

func codeOf(err error) string {
	if err == nil {
		return "done"
	}
	return problem.From(err).Code
}

// quiets waits until everything is told and freed.
func (r *replica) quiets(t testing.TB) {
	t.Helper()
	until(t, func() bool { return r.relay.Depth()+r.broom.Depth() == 0 })
}
