package live

import (
	"testing"
	"time"

	"plenary.example/services/agenda/internal/programme"
)

func TestThePastIsAsLongAsItMayBe(t *testing.T) {
	t.Parallel()
	begin := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	release := func(n int64) *programme.Release {
		return &programme.Release{Revision: n, At: begin.Add(time.Duration(n) * time.Second)}
	}
	p := newPast()
	for n := int64(1); n <= pastReleases+50; n++ {
		p.add(release(n))
		if made, at, ok := p.between(max(0, n-3), n); !ok || len(made) != int(min(3, n)) || n > 3 && !at.Equal(release(n-3).At) {
			t.Fatalf("at %d the last are %d from %v, %v", n, len(made), at, ok)
		}
	}
	last := int64(pastReleases + 50)
	for from, want := range map[int64]bool{0: false, 50: false, 51: true, last: true} {
		if made, _, ok := p.between(from, last); ok != want || ok && len(made) != int(last-from) {
			t.Errorf("from %d there are %d, %v", from, len(made), ok)
		}
	}
	if p.addOlder(release(50)) || p.addOlder(release(7)) {
		t.Error("more than it may hold is taken in")
	}

	q := newPast()
	for n := last; n > last-20; n-- {
		if !q.addOlder(release(n)) {
			t.Fatalf("%d is not taken in", n)
		}
	}
	if q.addOlder(release(3)) {
		t.Error("a gap is taken in")
	}
	if made, _, ok := q.between(last-19, last); !ok || len(made) != 19 || made[0].Revision != last-18 {
		t.Errorf("fetched are %d, %v", len(made), ok)
	}
}
