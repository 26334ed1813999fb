package desk

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// Counts of the randomised tests. The race detector makes a history take a second
// or two, so that it watches a few only.
const (
	histories, soakHistories = 200, 5_000
	racedHistories           = 5
	batch                    = 10 // histories with one crew
)

// TestAnyHistoryOnThreeReplicasLeavesEveryCellWithOneHolder plays histories of
// concurrent commands on every path, on three desks that die at any step and are
// replaced, and whose clocks differ by more than an attempt may take.
func TestAnyHistoryOnThreeReplicasLeavesEveryCellWithOneHolder(t *testing.T) {
	t.Parallel()
	many := histories
	if os.Getenv("PLENARY_SOAK") != "" {
		many = soakHistories
	}
	playAll(t, 0, many).covers(t)
}

// TestAFewHistoriesAreFreeOfRaces is for the race detector.
func TestAFewHistoriesAreFreeOfRaces(t *testing.T) {
	t.Parallel()
	playAll(t, soakHistories, racedHistories)
}

// playAll plays and judges so many histories.
func playAll(t *testing.T, first, many int) *tally {
	t.Helper()
	seen := &tally{acked: map[string]int{}, codes: map[string]int{}, deaths: map[string]int{}}
	t.Run("histories", func(t *testing.T) {
		for from := first; from < first+many; from += batch {
			t.Run(fmt.Sprint("from ", from), func(t *testing.T) {
				t.Parallel()
				c := newCrew(t, 3)
				for seed := from; seed < min(from+batch, first+many) && !t.Failed(); seed++ {
					g := c.play(seed)
					if err := g.judge(); err != nil {
						t.Errorf("history %d: %v", seed, err)
					}
					seen.add(g)
				}
				seen.died(c)
			})
		}
	})
	return seen
}

// rare are steps that few desks come to, so that some are to die before them.
var rare = []string{stepActMark, stepActCommit, stepActMove, stepActNext}

// play lets some players and the time do what they like.
func (c *crew) play(seed int) *game {
	id := fmt.Sprintf("h%07d", seed)
	c.found(id, 4, 2)
	g := &game{crew: c, conference: id, slots: 3, rooms: []string{"", "room0", "room1"}, began: time.Now(), deeds: map[string]*deed{}}
	for n := range 6 {
		g.ids = append(g.ids, fmt.Sprintf("%s-m%d", id, n))
	}
	rnd := rand.New(rand.NewPCG(11, uint64(seed)))
	setter := &player{game: g, rnd: rand.New(rand.NewPCG(13, uint64(seed))), id: 9}
	for n, m := range g.ids[:5] {
		if n%2 == 0 {
			setter.books(m)
		} else {
			setter.requests(m)
		}
	}
	for _, m := range c.mates {
		m.ahead.Store(int64(one(setter, 0, 0, overdue+time.Second)))
		switch rnd.IntN(4) {
		case 0:
			m.light(1+rnd.Int64N(14), "")
		case 1:
			m.light(never, rare[rnd.IntN(len(rare))])
		}
	}
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			p := &player{game: g, rnd: rand.New(rand.NewPCG(uint64(n), uint64(seed))), id: n}
			for range 5 {
				if p.rnd.IntN(15) == 0 {
					p.waits()
				}
				p.acts()
			}
		})
	}
	wg.Wait()
	return g
}

// judge lets everything settle and answers what is wrong then.
func (g *game) judge() error {
	if err := g.settle(); err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	meetings, err := store.All[meeting.Meeting](g.t.Context(), g.mates[0].desk.meetings, nil)
	if err != nil {
		return err
	}
	meetings = slices.DeleteFunc(meetings, func(m meeting.Meeting) bool { return m.Conference != g.conference })
	r := replica{Desk: g.mates[0].desk}
	errs := []error{r.audit(g.t.Context())}
	past := map[string][]meeting.Entry{}
	for _, m := range meetings {
		for _, mate := range g.mates {
			if known, _, _ := mate.desk.adopt(g.conference).known(m.ID); known.Revision != m.Revision || !slices.Equal(known.Holds, m.Holds) {
				errs = append(errs, fmt.Errorf("%s is at revision %d, a replica has it at %d", m.ID, m.Revision, known.Revision))
			}
		}
		if past[m.ID], err = g.mates[0].desk.History(g.t.Context(), g.conference, m.ID); err != nil {
			return err
		}
		errs = append(errs, g.counted(m, past[m.ID]))
	}
	if acts, err := store.All[act](g.t.Context(), g.mates[0].desk.acts, nil); err != nil || len(acts) > 0 {
		errs = append(errs, fmt.Errorf("%d acts are left over: %w", len(acts), err))
	}
	errs = append(errs, g.kept(past), g.linear(past))
	return errors.Join(errors.Join(errs...), g.forget(meetings))
}

// forget makes room for the next game.
func (g *game) forget(meetings []meeting.Meeting) error {
	d := g.mates[0].desk
	var errs []error
	for _, m := range meetings {
		errs = append(errs, d.meetings.Delete(g.t.Context(), m.ID, nil))
		for k := range cells(m.Holds) {
			errs = append(errs, d.claims.Delete(g.t.Context(), meeting.ClaimID(g.conference, k.resource, k.n), nil))
		}
	}
	for _, m := range g.mates {
		m.desk.mu.Lock()
		delete(m.desk.byID, g.conference)
		m.desk.mu.Unlock()
	}
	return errors.Join(errs...)
}

// counted checks that each revision of a meeting is in its history once, and was
// told once, in order.
func (g *game) counted(m meeting.Meeting, past []meeting.Entry) error {
	var errs []error
	if int64(len(past)) != m.Revision {
		errs = append(errs, fmt.Errorf("%s is at revision %d with a history of %d", m.ID, m.Revision, len(past)))
	}
	want := make([]int64, len(past))
	for i, e := range past {
		want[i] = int64(i + 1)
		if e.Revision != want[i] {
			errs = append(errs, fmt.Errorf("%s: the history has %d in the place of %d", m.ID, e.Revision, i+1))
		}
	}
	g.crew.mu.Lock()
	defer g.crew.mu.Unlock()
	if !slices.Equal(g.told[m.ID], want) {
		errs = append(errs, fmt.Errorf("%s is at revision %d and was told as %v", m.ID, m.Revision, g.told[m.ID]))
	}
	return errors.Join(errs...)
}

// kept checks that what was acknowledged is in the histories as it was answered,
// and that what was refused is not.
func (g *game) kept(past map[string][]meeting.Entry) error {
	var errs []error
	for actor, d := range g.deeds {
		found := 0
		for id, entries := range past {
			for _, e := range entries {
				if e.Actor == actor {
					found++
					if !slices.ContainsFunc(d.answer, func(m meeting.Meeting) bool { return m.ID == id && m.Revision == e.Revision }) && d.err == nil {
						errs = append(errs, fmt.Errorf("%s by %s was answered as another revision than %d of %s", d.kind, actor, e.Revision, id))
					}
				}
			}
		}
		switch {
		case d.unknown() && found != 0 && found != len(d.held):
			errs = append(errs, fmt.Errorf("%s by %s came true for %d of %d meetings", d.kind, actor, found, len(d.held)))
		case d.unknown():
		case d.err != nil && found != 0:
			errs = append(errs, fmt.Errorf("%s by %s was refused (%w) and came true", d.kind, actor, d.err))
		case d.err == nil && found != len(d.held):
			errs = append(errs, fmt.Errorf("%s by %s was acknowledged for %d meetings and came true for %d", d.kind, actor, len(d.held), found))
		}
	}
	return errors.Join(errs...)
}

// A tally counts what the histories came upon.
type tally struct {
	mu                   sync.Mutex
	acked, codes, deaths map[string]int
	unknown, refused     int
}

func (s *tally) add(g *game) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range g.deeds {
		switch {
		case d.err == nil:
			s.acked[d.kind]++
		case d.unknown():
			s.unknown++
		default:
			s.refused++
			s.codes[problem.From(d.err).Code]++
		}
	}
}

func (s *tally) died(c *crew) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for step, n := range c.deaths {
		s.deaths[step] += n
	}
}

// covers checks that every path was taken and that desks died here and there,
// which takes many histories.
func (s *tally) covers(t *testing.T) {
	t.Helper()
	t.Logf("acknowledged %v\nrefused %d, unknown %d: %v\ndied %v", s.acked, s.refused, s.unknown, s.codes, s.deaths)
	for _, kind := range []string{
		"request", "book", "settle", "reschedule", "extend", "assign", "substitute", "cancel", "displace", "evict", "swap", "complete",
		"accept request", "accept counter", "accept reschedule", "counter", "agree", "decline",
	} {
		if s.acked[kind] == 0 {
			t.Errorf("no %s came true in any history", kind)
		}
	}
	for _, step := range append([]string{stepInsert, stepAttempt, stepClaim, stepClaimHalf, stepConfirm, stepRelease, stepTell}, rare...) {
		if s.deaths[step] == 0 {
			t.Errorf("no desk died at %s", step)
		}
	}
}
