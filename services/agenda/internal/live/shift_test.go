package live

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

// shift delays everything that day by a minute.
func shift(c programme.Conference, a programme.Agenda) (programme.Proposal, error) {
	first := a.Sessions()[0]
	moved, err := a.Delay(c, first.ID, first.Revision, time.Minute, programme.RestOfDay, "", first.Start.Add(-time.Hour))
	return programme.Proposal{Sessions: moved, Kind: programme.Live}, err
}

// rename is a release of a draft that gives every session another title.
func rename(title string) func(programme.Conference, programme.Agenda) (programme.Proposal, error) {
	return func(_ programme.Conference, a programme.Agenda) (programme.Proposal, error) {
		all := a.Sessions()
		for i := range all {
			all[i].Title = programme.Text{"en": title + " " + all[i].ID}
		}
		return programme.Proposal{Sessions: all, Kind: programme.Drafted}, nil
	}
}

// On one replica ten sessions are shifted again and again, on the other a draft
// with all of them is released again and again. Every step is made, each is
// told whole in one revision, and none takes back what another did.
func TestAShiftAndAReleaseAtOnceAreBothMadeAndToldWhole(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	var ten []programme.Session
	for n := range 10 {
		s := panel(fmt.Sprintf("panel-%d", n))
		s.Room = []string{"hall", "annex"}[n%2]
		s.Start, s.End = s.Start.Add(time.Duration(n/2)*2*time.Hour), s.End.Add(time.Duration(n/2)*2*time.Hour)
		ten = append(ten, s)
	}
	add(t, a, ten...)
	b, _ := open(t, e)
	const each = 10
	var wg sync.WaitGroup
	for n := range each {
		wg.Go(func() {
			if _, _, err := a.Release(t.Context(), "seoul", "x", "", shift); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, _, err := b.Release(t.Context(), "seoul", "y", "", rename(fmt.Sprint(n))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, r := range []*replica{a, b} {
		if err := r.Reach(t.Context(), "seoul", 1+2*each); err != nil {
			t.Fatal(err)
		}
		synced(t, r)
	}
	agenda := mustAgenda(t, b)
	title := ""
	for _, was := range ten {
		s, _ := agenda.Session(was.ID)
		if by := s.Start.Sub(was.Start); by != each*time.Minute || !s.Delayed {
			t.Errorf("%s is %v late", s.ID, by)
		}
		of, _, _ := strings.Cut(s.Title["en"], " ")
		if title == "" {
			title = of
		}
		if of != title {
			t.Errorf("%s has a title of release %s, others of %s", s.ID, of, title)
		}
	}

	told := map[int64][]string{} // revision -> fields of each change
	var mu sync.Mutex
	tail, err := a.bus.Tail(t.Context(), bus.StreamAgenda, 1, func(_ context.Context, m bus.Seen) error {
		mu.Lock()
		defer mu.Unlock()
		env, err := event.Parse(m.Data)
		var r event.AgendaReleased
		if err == nil && env.Into(&r) == nil && r.Revision > 1 {
			for _, c := range r.Changes {
				told[r.Revision] = append(told[r.Revision], strings.Join(c.Fields, "+"))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tail.Stop()
	kinds := map[string]int{}
	for revision := int64(2); revision <= 1+2*each; revision++ {
		fields := told[revision]
		if len(fields) != 10 || len(slices.Compact(slices.Sorted(slices.Values(fields)))) != 1 {
			t.Fatalf("revision %d tells of %v", revision, fields)
		}
		kinds[fields[0]]++
	}
	if kinds["time"] != each || kinds["title"] != each {
		t.Errorf("told %v", kinds)
	}
}
