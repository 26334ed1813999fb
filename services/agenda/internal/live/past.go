package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// A phone that has been away asks for what changed since. So many releases of a
// conference, and about so many bytes of them, are kept at hand for that;
// whoever was away for longer reads the whole agenda.
const (
	pastReleases = 1000
	pastBytes    = 10 << 20
)

var syncGone = problem.New(problem.Gone, "sync_gone", "What changed since that revision is no longer kept. Read the whole agenda.")

// past is the releases that led to a conference's agenda, as far as they are at
// hand: the newest as they come, older ones once somebody asks.
type past struct {
	mu       sync.RWMutex
	releases []*programme.Release // the oldest first, without a gap; never changed in place
	weight   int
	// fetching is held by who fetches older ones.
	fetching chan struct{}
}

func newPast() *past { return &past{fetching: make(chan struct{}, 1)} }

// add takes in the release that follows, and lets go of what is too old.
func (p *past) add(r *programme.Release) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.releases = append(p.releases, r)
	p.weight += r.Weight()
	old := 0
	for left := len(p.releases); left > 1 && (left > pastReleases || p.weight > pastBytes); left-- {
		p.weight -= p.releases[old].Weight()
		old++
	}
	if old > 0 {
		p.releases = append([]*programme.Release(nil), p.releases[old:]...)
	}
}

// addOlder takes in the release before the oldest at hand; false when there is
// no more room for it.
func (p *past) addOlder(r *programme.Release) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.releases) > 0 && p.releases[0].Revision != r.Revision+1 {
		return false // let go of meanwhile
	}
	w := r.Weight()
	if len(p.releases) == pastReleases || p.weight+w > pastBytes {
		return false
	}
	p.releases = append([]*programme.Release{r}, p.releases...)
	p.weight += w
	return true
}

// between are the releases that led from one revision to another, the later of
// which this replica has; false when the older are not at hand. With them comes
// the one that led to from.
func (p *past) between(from, to int64) (made []*programme.Release, begun time.Time, ok bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if to == 0 {
		return nil, time.Time{}, true
	}
	if len(p.releases) == 0 || p.releases[0].Revision > max(from, 1) {
		return nil, time.Time{}, false
	}
	first := p.releases[0].Revision
	if from > 0 {
		begun = p.releases[from-first].At
	}
	return p.releases[from+1-first : to+1-first], begun, true
}

// Since answers what became of a conference's agenda between two revisions, and
// the agenda at the later one. A revision nobody has made is Unavailable, one
// whose changes are no longer kept Gone. from must not be after to.
func (l *Conferences) Since(ctx context.Context, id string, from, to int64) (programme.Agenda, programme.Delta, error) {
	if err := l.Reach(ctx, id, to); err != nil {
		return programme.Agenda{}, programme.Delta{}, err
	}
	c, err := l.find(id)
	if err != nil {
		return programme.Agenda{}, programme.Delta{}, err
	}
	agenda := *c.agenda.Load()
	made, begun, ok := c.past.between(from, agenda.Revision)
	if !ok {
		if err := l.fetchPast(ctx, c, from, agenda.Revision); err != nil {
			return programme.Agenda{}, programme.Delta{}, err
		}
		if made, begun, ok = c.past.between(from, agenda.Revision); !ok {
			return programme.Agenda{}, programme.Delta{}, syncGone // pushed out by what came meanwhile
		}
	}
	agenda, err = agenda.Back(made[to-from:])
	if err != nil {
		return programme.Agenda{}, programme.Delta{}, fmt.Errorf("changes of %s: %w", id, err)
	}
	delta := agenda.Since(made[:to-from])
	delta.Since = begun
	return agenda, delta, nil
}

// fetchPast brings the releases from one revision on to hand, for two seconds
// at most; whoever asks again finds what was fetched until then.
func (l *Conferences) fetchPast(ctx context.Context, c *conference, from, present int64) error {
	if present-from >= pastReleases {
		return syncGone
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	select {
	case c.past.fetching <- struct{}{}:
		defer func() { <-c.past.fetching }()
	case <-ctx.Done():
		return behind.Because(ctx.Err())
	}
	for next := c.past.oldest(c) - 1; next >= max(from, 1); next-- {
		var r programme.Release
		err := l.releases.Get(ctx, programme.ReleaseID(c.facts.Load().ID, next), &r)
		switch {
		case errors.Is(err, store.ErrMissing):
			return syncGone
		case err != nil:
			return behind.Because(err)
		case !c.past.addOlder(&r):
			return syncGone
		}
	}
	return nil
}

// oldest is the revision of the oldest release at hand; the next one to come
// when there is none.
func (p *past) oldest(c *conference) int64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if len(p.releases) == 0 {
		return c.agenda.Load().Revision + 1
	}
	return p.releases[0].Revision
}
