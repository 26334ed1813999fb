package desk

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
)

func TestADryRunPromisesNoMoreThanTheQuotaLets(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginestest.Test(t))
	if _, err := r.SetPolicy(t.Context(), "seoul", 0, func(_ meeting.World, p meeting.Policy) (meeting.Policy, error) {
		p.Quota = 3
		return p, nil
	}); err != nil {
		t.Fatal(err)
	}
	for n := range 3 { // the second day is full
		if _, err := r.Add(t.Context(), "seoul", fmt.Sprint("booked", n), meeting.By{Desk: true}, booked("kr", fmt.Sprint("x", n), at(48+n), "b1")); err != nil {
			t.Fatal(err)
		}
	}
	r.wish(t, "asked", "kr", "fr", meeting.Minister, at(0))
	for n := range 5 {
		r.wish(t, fmt.Sprint("left", n), "kr", fmt.Sprint("d", n), meeting.Expert)
	}
	r.wish(t, "by another", "gb", "kr", meeting.Expert)
	a, lines := r.plan(t, "a", 1)
	if a.Met != 4 || a.Bound != a.Worth {
		t.Errorf("%d are met, worth %d of %d: %+v", a.Met, a.Worth, a.Bound, lines)
	}
	for _, l := range lines[a.Met:] {
		if !slices.Equal(l.Missing, []meeting.Missing{{What: meeting.BarredByQuota}}) {
			t.Errorf("%s misses %+v", l.Meeting, l.Missing)
		}
	}
	done, what := r.apply(t, "a")
	if r.asApplied(t, done, what); done.Applied != a.Met || what["asked"].Code != meeting.Done {
		t.Errorf("%d of %d came true: %+v", done.Applied, a.Met, what)
	}
}

// TestWhatIsAllocatedComesTrueInAnyOrderUnderAQuota has many small conferences, in
// memory only, with meetings of every kind, where some delegations have had more
// than there is a quota for now.
func TestWhatIsAllocatedComesTrueInAnyOrderUnderAQuota(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginestest.Test(t))
	met, refused := 0, 0
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 3))
		c := newConference("seoul")
		fill(t, r.Desk, c, random)
		c.policy.Quota = 1 + random.IntN(3)
		w := worldOf(t, r.Desk, c)
		result, lines := newMarket(w, list(c.meetings, w.Open)).solve(int64(seed))
		if result.Worth < result.FirstCome || result.Worth > result.Bound {
			t.Errorf("seed %d: worth %d, first-come %d, bound %d", seed, result.Worth, result.FirstCome, result.Bound)
		}
		random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		for _, l := range lines {
			if l.Code == meeting.NotMet {
				if slices.ContainsFunc(l.Missing, func(m meeting.Missing) bool { return m.What == meeting.BarredByQuota }) {
					refused++
				}
				continue
			}
			met++
			if err := allot(w, c, l.Meeting, l.Slot, l.Room); err != nil {
				t.Errorf("seed %d: %s was to be at %v: %v", seed, l.Meeting, l.Slot.Start, err)
			}
		}
	}
	if met < 40 || refused < 10 {
		t.Errorf("%d are met and %d refused for the quota, which shows little", met, refused)
	}
}

// fill brings meetings of five delegations on both days: confirmed, informal, left
// to the desk with slots that were named and without, and asked for.
func fill(t *testing.T, d *Desk, c *conference, random *rand.Rand) {
	t.Helper()
	w := worldOf(t, d, c)
	for n := range 24 {
		from := random.IntN(5)
		m := asked(fmt.Sprint("d", from), fmt.Sprint("d", (from+1+random.IntN(4))%5))
		m.ID, m.Conference, m.Revision, m.Level = fmt.Sprintf("m%02d", n), c.id, 1, meeting.Levels()[random.IntN(5)]
		m.CreatedAt = w.Now.Add(time.Duration(n) * time.Second)
		for side := range m.Sides {
			m.Sides[side].Principals[0] = fmt.Sprint(m.Sides[side].Delegation, "-", random.IntN(2))
		}
		if random.IntN(8) == 0 {
			m.Place = "the garden"
		}
		slots := []meeting.Slot{at(random.IntN(8)), at(8 + random.IntN(8)), at(48 + random.IntN(8))}
		random.Shuffle(len(slots), func(i, j int) { slots[i], slots[j] = slots[j], slots[i] })
		slots = slots[:1+random.IntN(3)]
		switch kind := random.IntN(4); kind {
		case 0:
			m.Proposal = &meeting.Proposal{Kind: meeting.Request, By: m.Sides[0].Delegation, Slots: slots, Awaits: []string{m.Sides[1].Delegation}, MadeAt: w.Now, ExpiresAt: w.Now.Add(10 * time.Hour)}
		case 1:
			m.Status, m.History = meeting.Agreed, []meeting.Entry{{Verb: meeting.WasRequested, Slots: slots}}
		default:
			m.Status = meeting.Agreed
		}
		c.wrote(m)
		if random.IntN(3) == 0 {
			_ = allot(w, c, m.ID, slots[0], "") // or it stays as it is
		}
	}
}

// allot gives a meeting that is in memory only a slot.
func allot(w meeting.World, c *conference, id string, s meeting.Slot, room string) error {
	m, _, _ := c.known(id)
	p, err := w.Allot(m, meeting.By{Desk: true}, s, room)
	if err == nil {
		p.Next.Revision, p.Next.Holds = m.Revision+1, p.Holds
		c.wrote(p.Next)
	}
	return err
}

func worldOf(t *testing.T, d *Desk, c *conference) meeting.World {
	t.Helper()
	w, err := d.world(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}
