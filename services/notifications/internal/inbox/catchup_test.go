package inbox

import (
	"testing"
	"time"

	"plenary.example/shared/event"
)

// parts takes an event apart, one change in each.
func (b *bench) parts(e event.Envelope) (all []event.Envelope) {
	b.t.Helper()
	var r event.AgendaReleased
	if err := e.Into(&r); err != nil {
		b.t.Fatal(err)
	}
	for i, c := range r.Changes {
		part := event.AgendaReleased{Revision: r.Revision, Part: i + 1, Parts: len(r.Changes), Changes: []event.SessionChange{c}}
		x, err := event.New(e.ID+"/"+c.Session, e.Conference, e.Subject, e.Revision, "", b.now, part)
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, x)
	}
	return all
}

// TestWhoBeginsAmidAReleaseTellsAllOfIt: a service that knows nothing meets a
// release in three parts, the first of which nobody brings any more, and one that
// came after it. What is still brought is told, from how it was before.
func TestWhoBeginsAmidAReleaseTellsAllOfIt(t *testing.T) {
	t.Parallel()
	for name, windows := range map[string]Windows{"at once": {}, "in windows": usual} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			var first, moved []event.SessionState
			for _, id := range []string{"gone", "s2", "s3", "calm"} {
				s := state(later(48 * time.Hour))
				s.Session = id
				first = append(first, s)
				moved = append(moved, roomed(s, "annex", 0))
			}
			b.edit(first...)
			b.picks("ada", 1, 0, "gone", "s2", "s3", "calm")
			parts := b.parts(b.edit(moved[:3]...))
			next := b.edit(roomed(moved[2], "attic", 0))
			p := b.planner()
			p.Windows = windows
			b.handle(p, parts[1])
			p = b.planner() // and begins once more
			p.Windows = windows
			b.handle(p, parts[2])
			b.handle(p, next)
			b.passes(time.Hour, p)
			if windows == usual {
				b.reads("ada", "session.moved 1>2", "session.moved 1>3")
			} else {
				b.reads("ada", "session.moved 1>2", "session.moved 1>2", "session.moved 2>3")
			}
			b.handle(p, b.edit(roomed(first[0], "attic", 0), roomed(first[3], "attic", 0))) // 4
			b.passes(time.Hour, p)
			if n, _ := p.Ledger.Latest("seoul", "ada", subject("gone")); n.From != 2 || n.To != 4 {
				t.Errorf("of what nobody brought it is told %d>%d", n.From, n.To)
			}
			if n, _ := p.Ledger.Latest("seoul", "ada", subject("calm")); n.From != 1 || n.To != 4 {
				t.Errorf("of what did not change it is told %d>%d", n.From, n.To)
			}
		})
	}
}
