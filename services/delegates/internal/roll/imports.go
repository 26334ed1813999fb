package roll

import (
	"context"
	"fmt"
	"sync"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/sheet"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

const (
	// patience is how long a request waits for its table. The work goes on when
	// it has given up: what has begun is better finished, and the same table again
	// says what came of it.
	patience = 50 * time.Second
	// longest is how long a table may take at all.
	longest = 10 * time.Minute
)

// A book is the Book, as far as imports need it.
type book interface {
	DelegatesOf(conference string) []delegate.Delegate
	DelegationsOf(conference string) []delegate.Delegation
	Delegate(ctx context.Context, conference, id string) (delegate.Delegate, error)
	Delegation(ctx context.Context, conference, id string) (delegate.Delegation, error)
	AddMany(ctx context.Context, conference string, delegations []delegate.Delegation, delegates []delegate.Delegate) (taken []string, err error)
	NextNumbers(conference string, n int, spokenFor func(number string) bool) []string
}

// An office changes records by the rules; a delegate.Office is one.
type office interface {
	EditDelegate(ctx context.Context, by caller.Caller, conference, id string, revision int64, edit func(*delegate.Delegate)) (delegate.Delegate, error)
	EditDelegation(ctx context.Context, by caller.Caller, conference, id string, revision int64, edit func(*delegate.Delegation)) (delegate.Delegation, error)
}

// facts are what conferences are like.
type facts interface {
	Of(conference string) delegate.Facts
}

// An Import is the record of a table that was taken in. It is written before
// the people are, as it was planned, so that no crash leaves people of whom
// nobody knows who brought them.
type Import struct {
	ID         string    `bson:"_id"`
	Conference string    `bson:"conference"`
	Kind       string    `bson:"kind"`
	Actor      string    `bson:"actor"`
	At         time.Time `bson:"at"`
	Created    int       `bson:"created"`
	Changed    int       `bson:"changed"`
	Refused    int       `bson:"refused"`
	Pending    bool      `bson:"pending"` // PeopleImported is not told yet
}

// records keep the imports.
type records interface {
	InsertImport(ctx context.Context, i Import) error
	// FinishImport writes how many there were in the end.
	FinishImport(ctx context.Context, i Import) error
	// SettleImport says that it is told.
	SettleImport(ctx context.Context, id string) error
	// UntoldImports are those that are not.
	UntoldImports(ctx context.Context) ([]Import, error)
}

// Imports takes tables in. Its methods may be called side by side.
type Imports struct {
	book    book
	office  office
	facts   facts
	records records
	publish func(context.Context, event.Envelope) error
	owe     func(name string, tell func(context.Context) error)
	now     func() time.Time

	run  context.Context // ends with the imports
	end  context.CancelFunc
	work sync.WaitGroup

	mu   sync.Mutex
	busy map[string]bool // conferences a table is being taken in for
}

// NewImports makes imports into b, changing who is there through o. owe is given what is to be told and calls it,
// in order, until it succeeds; publish hands an event to the bus. now is the
// wall clock. Close ends them.
func NewImports(b book, o office, f facts, r records, publish func(context.Context, event.Envelope) error, owe func(string, func(context.Context) error), now func() time.Time) *Imports {
	m := &Imports{book: b, office: o, facts: f, records: r, publish: publish, owe: owe, now: now, busy: make(map[string]bool)}
	m.run, m.end = context.WithCancel(context.Background())
	return m
}

// Close ends what is being taken in and waits for it. What is done stays done.
func (m *Imports) Close() {
	m.end()
	m.work.Wait()
}

// A Report says what a table did, or would do.
type Report struct {
	Import string // its id, in events
	Rows   []Row
}

// Asked is who asks for an import.
type Asked struct {
	Conference string
	By         caller.Caller
	DryRun     bool // only say what would be done
}

// Take takes a table in, kind being KindDelegations or KindDelegates. Its
// errors leave open which rows are applied; the same table again does the rest.
// One that takes longer than a request can wait is Unavailable and goes on.
// While a table is taken in for a conference here, another is a Conflict.
func (m *Imports) Take(ctx context.Context, kind string, t *sheet.Table, asked Asked) (Report, error) {
	if asked.DryRun {
		return Report{delegate.NewID(), m.plan(kind, t, asked).Rows}, nil
	}
	if !m.begin(asked.Conference) {
		return Report{}, problem.New(problem.Conflict, "in_progress", "Another table is being taken in. Try again in a moment.").After(5 * time.Second)
	}
	report, done := Report{Import: delegate.NewID()}, make(chan error, 1)
	m.work.Go(func() {
		defer m.ended(asked.Conference)
		p := m.plan(kind, t, asked)
		report.Rows = p.Rows
		done <- m.carryOut(report.Import, p, asked)
	})
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case err := <-done:
		if err != nil {
			return Report{}, fmt.Errorf("import: %w", err)
		}
		return report, nil
	case <-wait.C:
	case <-ctx.Done():
	}
	return Report{}, problem.New(problem.Unavailable, "import_unfinished", "This takes long and goes on. Send the same table again later: what is done is left.").After(30 * time.Second)
}

func (m *Imports) carryOut(id string, p *Plan, asked Asked) error {
	if !p.writes() {
		return nil
	}
	ctx, cancel := context.WithTimeout(m.run, longest)
	defer cancel()
	record := Import{ID: id, Conference: asked.Conference, Kind: p.Kind, Actor: asked.By.Actor(), At: m.now().UTC(), Pending: true}.counted(p.Rows)
	if err := m.records.InsertImport(ctx, record); err != nil {
		return err
	}
	err := (&taking{m.book, m.office, asked, p}).run(ctx)
	m.finish(ctx, record.counted(p.Rows))
	return err
}

func (m *Imports) plan(kind string, t *sheet.Table, asked Asked) *Plan {
	present := Present{
		Conference: asked.Conference, ByKey: asked.By.Key != "",
		Delegations: m.book.DelegationsOf(asked.Conference), Delegates: m.book.DelegatesOf(asked.Conference),
	}
	if known := m.facts.Of(asked.Conference); known.Known {
		for _, l := range known.Languages {
			if tag, ok := delegate.Language(l); ok {
				present.Languages = append(present.Languages, tag)
			}
		}
	}
	if kind == KindDelegations {
		return PlanDelegations(t, present)
	}
	return PlanDelegates(t, present)
}

func (i Import) counted(rows []Row) Import {
	i.Created, i.Changed, i.Refused = Count(rows, Created), Count(rows, Changed), Count(rows, Refused)
	return i
}

// finish tells of an import. What it cannot write down now is told as planned,
// by the next start.
func (m *Imports) finish(ctx context.Context, i Import) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = m.records.FinishImport(ctx, i)
	m.oweImport(i)
}

// Begin tells of the imports whose teller is gone. It is called once, at start.
func (m *Imports) Begin(ctx context.Context) error {
	all, err := m.records.UntoldImports(ctx)
	if err != nil {
		return fmt.Errorf("load the imports: %w", err)
	}
	for _, i := range all {
		m.oweImport(i)
	}
	return nil
}

func (m *Imports) oweImport(i Import) {
	m.owe("import "+i.ID, func(ctx context.Context) error {
		e, err := event.New(i.ID, i.Conference, i.ID, 1, i.Actor, i.At, event.PeopleImported{
			Import: i.ID, Kind: i.Kind, Created: i.Created, Changed: i.Changed, Refused: i.Refused,
		})
		if err != nil {
			return err
		}
		if err := m.publish(ctx, e); err != nil {
			return err
		}
		return m.records.SettleImport(ctx, i.ID)
	})
}

func (m *Imports) begin(conference string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.busy[conference] {
		return false
	}
	m.busy[conference] = true
	return true
}

func (m *Imports) ended(conference string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.busy, conference)
}
