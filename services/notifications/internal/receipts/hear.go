package receipts

import (
	"context"
	"errors"
	"strconv"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/store"
)

// fetchPages is how many pages hold what the people of a conference fetched.
const fetchPages = 128

// The kinds of state messages that tell siblings of receipts; see
// event.SplitState.
const (
	HintPerson  = "notice.readstate"
	HintFetched = "notice.fetched"
)

func fetchPage(delegate string) string { return strconv.Itoa(shard(delegate, fetchPages)) }

// Fetch notes that somebody's app has their inbox up to a number. It is in the
// store within a second.
func (r *Receipts) Fetch(conference, delegate string, upTo int64) {
	of := who{conference, delegate}
	r.mu.Lock()
	news := r.upTo[of] < upTo && !r.erased[of]
	if news {
		r.upTo[of] = upTo
	}
	r.mu.Unlock()
	if news {
		r.fetched.add(conference+"/"+fetchPage(delegate), delegate, upTo)
	}
}

// Fetched is up to which number somebody's app has their inbox.
func (r *Receipts) Fetched(conference, delegate string) int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.upTo[who{conference, delegate}]
}

func (r *Receipts) takeFetched(p page[int64]) {
	conference := p.ID[:len(p.ID)-len(lastOf(p.ID))-1]
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pagesAt[p.ID] = max(r.pagesAt[p.ID], p.Revision)
	for delegate, upTo := range p.Of {
		if of := (who{conference, delegate}); !r.erased[of] {
			r.upTo[of] = max(r.upTo[of], upTo)
		}
	}
}

// lastOf is what follows the last slash.
func lastOf(id string) string {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i] == '/' {
			return id[i+1:]
		}
	}
	return id
}

// HearPerson takes in what a sibling wrote about somebody.
func (r *Receipts) HearPerson(ctx context.Context, conference, delegate string, revision int64) error {
	of := who{conference, delegate}
	r.mu.RLock()
	p, ok := r.of[of]
	known := ok && p.revision >= revision || r.erased[of]
	r.mu.RUnlock()
	if known {
		return nil
	}
	return r.refresh(ctx, of)
}

// HearFetched takes in a page that a sibling wrote.
func (r *Receipts) HearFetched(ctx context.Context, conference, id string, revision int64) error {
	r.mu.RLock()
	known := r.pagesAt[conference+"/"+id] >= revision
	r.mu.RUnlock()
	if known {
		return nil
	}
	p, err := r.fetched.get(ctx, conference+"/"+id)
	if errors.Is(err, store.ErrMissing) {
		return nil
	}
	if err == nil {
		r.takeFetched(p)
	}
	return err
}

// gone says that somebody is erased, and nothing is kept of them.
func (r *Receipts) gone(of who) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.erased[of]
}

// Drop forgets somebody in memory; they are erased, and nothing is kept of them
// from then on. What this replica was writing meanwhile, or a process that died left
// behind, goes with the next flush.
func (r *Receipts) Drop(conference, delegate string) {
	of := who{conference, delegate}
	r.mu.Lock()
	_, read := r.of[of]
	if r.erased[of] = true; read || r.upTo[of] > 0 {
		r.traces = append(r.traces, of)
	}
	r.mu.Unlock()
	r.drop(of)
}

// wipe removes what may have been written of people after they were erased. Whoever
// cannot be done now is done the next time.
func (r *Receipts) wipe(ctx context.Context) error {
	r.mu.Lock()
	traces := r.traces
	r.traces = nil
	r.mu.Unlock()
	var errs []error
	for _, of := range traces {
		if err := r.Erase(ctx, of.conference, of.delegate, nil); err != nil {
			errs = append(errs, err)
			r.mu.Lock()
			r.traces = append(r.traces, of)
			r.mu.Unlock()
		}
	}
	return errors.Join(errs...)
}

func (r *Receipts) drop(of who) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.of, of)
	delete(r.upTo, of)
}

// Erase removes all that is known of somebody whose inbox held these notices.
// Repeating it does nothing.
func (r *Receipts) Erase(ctx context.Context, conference, delegate string, held []push.Notice) error {
	r.Drop(conference, delegate)
	turn := r.turn(who{conference, delegate})
	turn.Lock()
	defer turn.Unlock()
	errs := []error{
		r.people.Delete(ctx, conference+"/"+delegate, nil),
		r.fetched.forget(ctx, conference+"/"+fetchPage(delegate), delegate),
	}
	for _, n := range held {
		errs = append(errs, r.carrier.forget(ctx, carrierPage(n, delegate), delegate))
	}
	return errors.Join(errs...)
}
