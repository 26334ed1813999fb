// Package desk makes the plans of package meeting true, and keeps what became of
// them: in memory for reading and in the store for good.
//
// Two meetings must never have one room or one person at one time, on any number
// of replicas, and the store offers no more than one guarded write of one
// document. So the exclusive right to a cell is a document of its own, a claim:
// inserting it under the cell's id is the right. A meeting needs some dozens of
// them at once, and a process can die between any two writes. Therefore a
// meeting writes down an Attempt before it inserts its first claim, and is
// confirmed by a write that expects that attempt to be there still: whoever finds
// an attempt that took too long ends it by taking it out of the meeting, and only
// then deletes its claims. So a confirmed meeting has every claim of its holds,
// and a claim of which no meeting knows is nobody's and may be deleted by
// whoever stumbles over it.
//
// What changes several meetings at one stroke is an act, with a document of its
// own whose one update from open to committed is what makes it true.
//
// Whatever is read here is the present of one replica and may be old; a decision
// taken on it comes true by guarded writes or is taken again.
package desk

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"plenary.example/services/agenda/internal/live"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/bus"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

const (
	// patience is how long the writes of one try may take, whether or not the
	// request still waits for them.
	patience = 8 * time.Second
	// overdue is how long an attempt or an act has before anybody may end it.
	overdue = 10 * time.Second
	// lateness is how long after the end of an attempt a claim of it may still
	// arrive at the store.
	lateness = 30 * time.Second
)

// mostHands is how many attempts and acts one replica has under way at a time: more
// would only wait for the store's connections, and longer than they have.
const mostHands = 4

// Options are for tests.
type Options struct {
	// Step, unless nil, is called before every write with the name of the step;
	// see steps.go. When it fails nothing more is written, as if the process had
	// died there; so it has to go on failing, for whatever would tidy up after.
	Step func(name string) error
	// Idle says that nothing is looked after unless Sweep is called.
	Idle bool
	// Patience, unless 0, is the time that the writes of one try have: a machine
	// that is too slow for them says nothing of whether they are right.
	Patience time.Duration
}

// A Desk is the bilateral meetings of all conferences of this instance. Its
// methods may be called side by side. What it answers is shared with other
// callers and must not be changed.
type Desk struct {
	log     *slog.Logger
	now     func() time.Time
	bus     *bus.Bus
	agenda  *live.Conferences
	options Options
	relay   *store.Relay // tells
	broom   *store.Relay // deletes claims that are given up

	meetings, claims, acts, pages, policies, availabilities, blocks, searched, releases, looks *store.Collection

	// allocations and sheets are plans for many meetings, and their pages.
	allocations, sheets *store.Collection
	solving             chan struct{} // holds one while somebody finds such a plan

	mu   sync.RWMutex
	byID map[string]*conference

	// hands are the attempts and the acts under way; see aboard.
	hands chan struct{}

	people    people
	loop      loop
	reading   singleflight.Group // of meetings, by id; see refreshed
	searching sync.Map           // *sync.Mutex, by conference and delegation; see addSearch
}

// Open loads every meeting. Whoever opens it feeds Hint with the state messages
// of b from then on, calls Begin when those that stood have been through, and
// closes it before b and st.
func Open(ctx context.Context, st *store.Store, b *bus.Bus, agenda *live.Conferences, now func() time.Time, log *slog.Logger, options Options) (*Desk, error) {
	if options.Patience == 0 {
		options.Patience = patience
	}
	d := &Desk{
		log: log, now: now, bus: b, agenda: agenda, options: options, byID: map[string]*conference{}, hands: make(chan struct{}, mostHands),
		relay: store.NewRelay(log), broom: store.NewRelay(log.With("task", "free")),
		meetings: st.Collection("meetings"), claims: st.Collection("claims"), acts: st.Collection("acts"),
		pages: st.Collection("meeting-history"), policies: st.Collection("meeting-policies"),
		availabilities: st.Collection("meeting-availability"), blocks: st.Collection("meeting-blocks"),
		searched: st.Collection("meeting-searches"), releases: st.Collection("releases"),
		looks: st.Collection("meeting-looks"),
	}
	d.allocations, d.sheets, d.solving = st.Collection("meeting-allocations"), st.Collection("meeting-allocation-pages"), make(chan struct{}, 1)
	if err := d.load(ctx); err != nil {
		d.Close(context.WithoutCancel(ctx))
		return nil, fmt.Errorf("load the meetings: %w", err)
	}
	return d, nil
}

// Close ends what Begin began, and tells and frees what is still owed, for a few
// seconds at most.
func (d *Desk) Close(ctx context.Context) {
	d.loop.stop()
	ctx, cancel := context.WithTimeout(ctx, d.options.Patience)
	defer cancel()
	d.relay.Stop(ctx)
	d.broom.Stop(ctx)
}

// Owed counts the facts that are written and not yet told.
func (d *Desk) Owed() int { return d.relay.Depth() }

// find is the memory of a conference; one that is not there is hidden.
func (d *Desk) find(id string) (*conference, error) {
	d.mu.RLock()
	c, ok := d.byID[id]
	d.mu.RUnlock()
	if ok {
		return c, nil
	}
	if _, _, err := d.agenda.Conference(id); err != nil {
		return nil, err
	}
	return d.adopt(id), nil
}

func (d *Desk) adopt(id string) *conference {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, ok := d.byID[id]
	if !ok {
		c = newConference(id)
		d.byID[id] = c
	}
	return c
}

// conferences are those of which something is known.
func (d *Desk) conferences() []*conference {
	d.mu.RLock()
	defer d.mu.RUnlock()
	all := make([]*conference, 0, len(d.byID))
	for _, c := range d.byID {
		all = append(all, c)
	}
	return all
}

// wall is the wall clock as it is stored.
func (d *Desk) wall() time.Time { return d.now().UTC().Truncate(time.Millisecond) }

// step is where a test makes this replica die.
func (d *Desk) step(name string) error {
	if d.options.Step == nil {
		return nil
	}
	return d.options.Step(name)
}

var (
	busy  = problem.New(problem.Conflict, "meeting_busy", "Something else is being done with this meeting. Try again in a moment.").After(time.Second)
	stale = problem.New(problem.Stale, "stale", "The meeting has changed since. Read it again.")
)

// isBusy says whether an error is busy, for whatever reason.
func isBusy(err error) bool { return err != nil && problem.From(err).Code == busy.Code }

// over says whether nothing is to become of m, for memory's sake.
func over(m meeting.Meeting) bool { return m.Status.Over() }
