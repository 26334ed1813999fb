// Package receipts knows how far each notice got: taken by the carrier, shown by
// a phone, fetched, read, opened, acknowledged. What a person did is the same on
// all their devices, and who answers for a delegation asks here whether it has
// been reached.
//
// There are two kinds of receipts, and they are not worth the same. What people
// do by hand, marking their inbox as read and acknowledging, is written before
// it is answered: others act upon it. Everything else is said by machines, at
// thousands a second: what the carrier answered, what an app showed, what was
// fetched. That is gathered in memory and written together, a document at most
// once a second, so a process that is killed loses up to the last second of it,
// never more. Nothing is decided by these alone, and an app that opens a notice
// once more says so once more.
//
// Every document here only ever grows: numbers rise, sets gain members, a better
// outcome replaces a worse one. So two replicas may write about the same person
// in any order; whoever finds the document changed puts both together.
package receipts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

const (
	// every is how often what was gathered is written.
	every = time.Second
	// told is how long siblings may wait to hear of what was written: what comes
	// in that time goes together.
	told = 50 * time.Millisecond
	// sideBySide is how many documents are written at one time.
	sideBySide = 4
)

// Receipts is one replica's knowledge. Its methods may be called side by side.
type Receipts struct {
	// OnChange, if set before Start, hears whose read state has changed. It must
	// not call back.
	OnChange func(conference, delegate string)

	log  *slog.Logger
	hint func(context.Context, map[string]int64) error

	people  *store.Collection // readstate/<conference>/<delegate>
	mu      sync.RWMutex
	of      map[who]*person
	erased  map[who]bool // of whom nothing is kept any more
	traces  []who        // of the erased, who may still have been written of
	saving  [64]sync.Mutex
	carrier *pages[word]
	fetched *pages[int64]
	upTo    map[who]int64    // what the pages of fetched say; guarded by mu, as is
	pagesAt map[string]int64 // the revision at which each of these pages was read

	hintsMu sync.Mutex
	hints   map[string]int64 // subject -> revision

	done chan struct{}
	stop context.CancelFunc
}

type who struct{ conference, delegate string }

// Open loads what is known. Hint tells the siblings of documents that changed,
// as state messages by subject with their revision; one that is lost costs
// freshness.
func Open(ctx context.Context, st *store.Store, hint func(context.Context, map[string]int64) error, log *slog.Logger) (*Receipts, error) {
	r := &Receipts{
		log: log, hint: hint, people: st.Collection("readstate"), of: map[who]*person{}, erased: map[who]bool{},
		upTo: map[who]int64{}, pagesAt: map[string]int64{}, hints: map[string]int64{},
	}
	r.carrier = newPages(st.Collection("receipts"), better, r.gone)
	r.fetched = newPages(st.Collection("fetched"), func(a, b int64) int64 { return max(a, b) }, r.gone)
	all, err := store.All[stored](ctx, r.people, nil)
	if err != nil {
		return nil, fmt.Errorf("load the read states: %w", err)
	}
	for _, doc := range all {
		if err := r.take(doc); err != nil {
			return nil, err
		}
	}
	fetched, err := store.All[page[int64]](ctx, r.fetched.docs, nil)
	if err != nil {
		return nil, fmt.Errorf("load what was fetched: %w", err)
	}
	for _, p := range fetched {
		r.takeFetched(p)
	}
	return r, nil
}

// Start begins to write what is gathered, until Stop.
func (r *Receipts) Start() {
	ctx, stop := context.WithCancel(context.Background())
	r.stop, r.done = stop, make(chan struct{})
	go r.run(ctx)
}

// Stop writes what is gathered and ends the writing.
func (r *Receipts) Stop(ctx context.Context) error {
	r.stop()
	<-r.done
	return errors.Join(r.Flush(ctx), r.tell(ctx))
}

func (r *Receipts) run(ctx context.Context) {
	defer close(r.done)
	write, tell := time.NewTicker(every), time.NewTicker(told)
	defer write.Stop()
	defer tell.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-write.C:
			err = r.Flush(ctx)
		case <-tell.C:
			err = r.tell(ctx)
		}
		if err != nil && ctx.Err() == nil {
			r.log.Warn("receipts not written yet", "err", err)
		}
	}
}

// Flush writes everything that is gathered. What cannot be written is kept for
// the next time.
func (r *Receipts) Flush(ctx context.Context) error {
	_, err := r.carrier.flush(ctx)
	fetched, wrong := r.fetched.flush(ctx)
	for id, revision := range fetched {
		conference, page, _ := strings.Cut(id, "/")
		r.note(event.FetchedStateSubject(conference, page), revision)
	}
	return errors.Join(err, wrong, r.flushPeople(ctx), r.wipe(ctx))
}

// note has the siblings told of a document, a moment later.
func (r *Receipts) note(subject string, revision int64) {
	r.hintsMu.Lock()
	defer r.hintsMu.Unlock()
	r.hints[subject] = max(r.hints[subject], revision)
}

// tell tells the siblings what waits for them. What cannot be told waits on.
func (r *Receipts) tell(ctx context.Context) error {
	r.hintsMu.Lock()
	hints := r.hints
	r.hints = map[string]int64{}
	r.hintsMu.Unlock()
	if len(hints) == 0 {
		return nil
	}
	if err := r.hint(ctx, hints); err != nil {
		for subject, revision := range hints { // or siblings never learn, if nothing comes after
			r.note(subject, revision)
		}
		return fmt.Errorf("siblings not told of receipts: %w", err)
	}
	return nil
}
