package receipts

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"strings"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"plenary.example/shared/store"
)

// A page is what is known of some people, by id.
type page[V any] struct {
	ID       string       `bson:"_id"`
	Revision int64        `bson:"revision"`
	Of       map[string]V `bson:"of"`
}

// pages gathers what is said of people and writes it together: a page has some
// hundred of them, and one that changes ten thousand times in a second is written
// once.
type pages[V comparable] struct {
	docs *store.Collection
	// better puts two values together. In which order, and how often, must not
	// matter.
	better func(V, V) V
	// gone says that nothing is kept of somebody any more.
	gone func(who) bool

	mu      sync.Mutex
	waiting map[string]map[string]V // page -> person
	writing sync.Mutex              // one flush after the other
}

func newPages[V comparable](docs *store.Collection, better func(V, V) V, gone func(who) bool) *pages[V] {
	return &pages[V]{docs: docs, better: better, gone: gone, waiting: map[string]map[string]V{}}
}

// shard is the one of n that somebody belongs to.
func shard(delegate string, n int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(delegate)) // a hash never fails
	return int(h.Sum32() % uint32(n))
}

// add notes a value. It never waits for the store.
func (p *pages[V]) add(id, delegate string, v V) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(id, delegate, v)
}

func (p *pages[V]) put(id, delegate string, v V) {
	of, ok := p.waiting[id]
	if !ok {
		of = map[string]V{}
		p.waiting[id] = of
	}
	if old, ok := of[delegate]; ok {
		v = p.better(old, v)
	}
	of[delegate] = v
}

// flush writes what waits and answers the pages that changed, with their
// revisions. What could not be written waits again.
func (p *pages[V]) flush(ctx context.Context) (wrote map[string]int64, err error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	waiting := p.take()
	wrote = map[string]int64{}
	if len(waiting) == 0 {
		return wrote, nil
	}
	var mu sync.Mutex
	var fresh []any
	var done []string
	work, each := errgroup.WithContext(ctx)
	work.SetLimit(sideBySide)
	for id, of := range waiting {
		work.Go(func() error {
			revision, missing, err := p.merge(each, id, of)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if missing {
				fresh = append(fresh, page[V]{id, 1, of})
				return nil
			}
			done = append(done, id)
			if revision > 0 {
				wrote[id] = revision
			}
			return nil
		})
	}
	err = work.Wait()
	for _, id := range done {
		delete(waiting, id)
	}
	if err == nil {
		err = p.insert(ctx, fresh, waiting, wrote)
	}
	p.again(waiting)
	if err != nil {
		return wrote, fmt.Errorf("write receipts: %w", err)
	}
	return wrote, nil
}

// take empties what waits. Of whoever was erased since it was noted nothing is in it.
func (p *pages[V]) take() map[string]map[string]V {
	p.mu.Lock()
	waiting := p.waiting
	p.waiting = map[string]map[string]V{}
	p.mu.Unlock()
	for id, of := range waiting {
		conference, _, _ := strings.Cut(id, "/")
		maps.DeleteFunc(of, func(delegate string, _ V) bool { return p.gone(who{conference, delegate}) })
		if len(of) == 0 {
			delete(waiting, id)
		}
	}
	return waiting
}

// insert writes pages that are not there yet, together. Those of which a sibling
// was faster are put together with its own.
func (p *pages[V]) insert(ctx context.Context, fresh []any, waiting map[string]map[string]V, wrote map[string]int64) error {
	if len(fresh) == 0 {
		return nil
	}
	err := p.docs.InsertAll(ctx, fresh)
	if err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	for _, doc := range fresh {
		id, revision := doc.(page[V]).ID, int64(1)
		if err != nil { // some were there; which is not said
			merged, missing, wrong := p.merge(ctx, id, waiting[id])
			if wrong != nil || missing {
				return errors.Join(wrong, err)
			}
			revision = max(merged, 1)
		}
		delete(waiting, id)
		wrote[id] = revision
	}
	return nil
}

// merge puts values into a page that is there; the revision is zero when they
// were in it.
func (p *pages[V]) merge(ctx context.Context, id string, of map[string]V) (revision int64, missing bool, err error) {
	return p.change(ctx, id, func(known map[string]V) {
		for delegate, v := range of {
			if old, ok := known[delegate]; ok {
				v = p.better(old, v)
			}
			known[delegate] = v
		}
	})
}

func (p *pages[V]) change(ctx context.Context, id string, f func(map[string]V)) (revision int64, missing bool, err error) {
	for {
		doc, err := p.get(ctx, id)
		if errors.Is(err, store.ErrMissing) {
			return 0, true, nil
		}
		if err != nil {
			return 0, false, err
		}
		was := maps.Clone(doc.Of)
		f(doc.Of)
		if maps.Equal(was, doc.Of) {
			return 0, false, nil
		}
		doc.Revision++
		err = p.docs.Replace(ctx, id, bson.M{"revision": doc.Revision - 1}, doc)
		if !errors.Is(err, store.ErrStale) {
			return doc.Revision, false, err
		}
	}
}

func (p *pages[V]) get(ctx context.Context, id string) (doc page[V], err error) {
	err = p.docs.Get(ctx, id, &doc)
	if doc.Of == nil {
		doc.Of = map[string]V{}
	}
	return doc, err
}

// again has what was not written wait for the next time.
func (p *pages[V]) again(left map[string]map[string]V) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, of := range left {
		for delegate, v := range of {
			p.put(id, delegate, v)
		}
	}
}

// read is a page with what waits to be written into it.
func (p *pages[V]) read(ctx context.Context, id string) (map[string]V, error) {
	doc, err := p.get(ctx, id)
	if err != nil && !errors.Is(err, store.ErrMissing) {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for delegate, v := range p.waiting[id] {
		if old, ok := doc.Of[delegate]; ok {
			v = p.better(old, v)
		}
		doc.Of[delegate] = v
	}
	return doc.Of, nil
}

// forget removes somebody who is gone from a page.
func (p *pages[V]) forget(ctx context.Context, id, delegate string) error {
	p.writing.Lock() // what is being written of them is there before it is removed
	defer p.writing.Unlock()
	_, _, err := p.change(ctx, id, func(of map[string]V) { delete(of, delegate) })
	return err
}
