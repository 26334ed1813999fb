package roll_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/roll"
	"plenary.example/services/delegates/internal/sheet"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// desk is a book and the records of imports, in memory, with what was told.
type desk struct {
	mu      sync.Mutex
	present roll.Present
	records map[string]roll.Import
	told    []event.Envelope
	meet    func(d *desk) // what a sibling does after the plan, before the first write
}

func newDesk() *desk { return &desk{present: present(), records: map[string]roll.Import{}} }

func (d *desk) imports(t *testing.T) *roll.Imports {
	t.Helper()
	m := roll.NewImports(d, d, d, d, func(_ context.Context, e event.Envelope) error {
		d.told = append(d.told, e)
		return nil
	}, func(_ string, tell func(context.Context) error) {
		if err := tell(context.Background()); err != nil {
			t.Error(err)
		}
	}, time.Now)
	t.Cleanup(m.Close)
	return m
}

func (d *desk) DelegatesOf(string) []delegate.Delegate { return slices.Clone(d.present.Delegates) }
func (d *desk) DelegationsOf(string) []delegate.Delegation {
	return slices.Clone(d.present.Delegations)
}

func (d *desk) Delegate(_ context.Context, _, id string) (delegate.Delegate, error) {
	for _, p := range d.present.Delegates {
		if p.ID == id {
			return p, nil
		}
	}
	return delegate.Delegate{}, problem.Hidden()
}

func (d *desk) Delegation(_ context.Context, _, id string) (delegate.Delegation, error) {
	for _, g := range d.present.Delegations {
		if g.ID == id {
			return g, nil
		}
	}
	return delegate.Delegation{}, problem.Hidden()
}

func (d *desk) AddMany(ctx context.Context, _ string, groups []delegate.Delegation, people []delegate.Delegate) (taken []string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.present.Delegations = append(d.present.Delegations, groups...)
	for _, p := range people {
		if _, err := d.Delegate(ctx, "", p.ID); err == nil || delegate.Number(p.Accreditation) == "TAKEN" {
			taken = append(taken, p.ID)
			continue
		}
		d.present.Delegates = append(d.present.Delegates, p)
	}
	return taken, nil
}

func (d *desk) NextNumbers(_ string, n int, spokenFor func(string) bool) []string {
	var all []string
	for i := 1; len(all) < n; i++ {
		if number := fmt.Sprintf("N-%d", i); !spokenFor(number) {
			all = append(all, number)
		}
	}
	return all
}

func (d *desk) EditDelegate(_ context.Context, _ caller.Caller, _, id string, _ int64, edit func(*delegate.Delegate)) (delegate.Delegate, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.present.Delegates, func(p delegate.Delegate) bool { return p.ID == id })
	edit(&d.present.Delegates[i])
	return d.present.Delegates[i], nil
}

func (d *desk) EditDelegation(_ context.Context, _ caller.Caller, _, id string, _ int64, edit func(*delegate.Delegation)) (delegate.Delegation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.present.Delegations, func(g delegate.Delegation) bool { return g.ID == id })
	edit(&d.present.Delegations[i])
	return d.present.Delegations[i], nil
}

func (d *desk) Of(string) delegate.Facts { return delegate.Facts{} }

func (d *desk) InsertImport(_ context.Context, i roll.Import) error {
	d.records[i.ID] = i
	if d.meet != nil {
		d.meet(d)
	}
	return nil
}

func (d *desk) FinishImport(_ context.Context, i roll.Import) error {
	d.records[i.ID] = i
	return nil
}

func (d *desk) SettleImport(_ context.Context, id string) error {
	i := d.records[id]
	i.Pending = false
	d.records[id] = i
	return nil
}

func (d *desk) UntoldImports(context.Context) (all []roll.Import, err error) {
	for _, i := range d.records {
		if i.Pending {
			all = append(all, i)
		}
	}
	return all, nil
}

func take(t *testing.T, m *roll.Imports, text string) ([]string, error) {
	t.Helper()
	table, err := sheet.Read([]byte(text), sheet.Delegates(), nil, "en")
	if err != nil {
		t.Fatal(err)
	}
	report, err := m.Take(t.Context(), roll.KindDelegates, table, roll.Asked{Conference: seoul, By: caller.Caller{Delegate: "ahn"}})
	return said(&roll.Plan{Rows: report.Rows}), err
}

const both = "externalId,delegation,accreditation,name,function,head\nP1,KR,A-1,Kim Min-jun,Minister,\nP9,KR,A-9,New,Envoy,yes\n"

func TestWhatIsTakenInIsToldOnceAndOnlyIfAnythingWas(t *testing.T) {
	t.Parallel()
	d := newDesk()
	m := d.imports(t)
	for _, want := range []string{"2 changed function head, 3 created delegation accreditation name function head", "2 left, 3 left"} {
		if rows, err := take(t, m, both); err != nil || strings.Join(rows, ", ") != want {
			t.Errorf("%v, %v, want %s", rows, err, want)
		}
	}
	if len(d.told) != 1 || len(d.records) != 1 {
		t.Fatalf("%d were told, %d are recorded", len(d.told), len(d.records))
	}
	var p event.PeopleImported
	if err := d.told[0].Into(&p); err != nil || p.Created != 1 || p.Changed != 1 || d.told[0].Actor != "ahn" {
		t.Errorf("told %+v %v", p, err)
	}
	if d.present.Delegations[0].Head != delegate.IDFor(seoul, delegate.KindDelegate, "P9") {
		t.Errorf("the head is %s", d.present.Delegations[0].Head)
	}
}

func TestAnImportThatWasCutIsToldAtTheNextStart(t *testing.T) {
	t.Parallel()
	d := newDesk()
	d.records["cut"] = roll.Import{ID: "cut", Conference: seoul, Kind: roll.KindDelegates, Actor: "ahn", Created: 3, Pending: true, At: time.Now()}
	for range 2 {
		if err := d.imports(t).Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.told) != 1 || d.told[0].ID != "cut" {
		t.Errorf("told %v", d.told)
	}
}

func TestRowsThatSomebodyForestalledAreDecidedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk()
	d.meet = func(d *desk) {
		d.present.Delegates[0].Status = event.Removed
		d.present.Delegates[1].Function = "Minister"
		d.present.Delegates = append(d.present.Delegates, delegate.Delegate{
			ID: delegate.IDFor(seoul, delegate.KindDelegate, "P8"), Conference: seoul, ExternalID: "P8", Delegation: "kr", Name: "Theirs", Status: event.Accredited,
		})
	}
	rows, err := take(t, d.imports(t), "externalId,delegation,accreditation,name,function\nP1,KR,A-1,Kim,Minister\nP2,HU,A-2,Nagy Éva,Minister\nP8,KR,A-8,Ours,Envoy\nP9,KR,taken,New,\n")
	want := "2 refused !removed, 3 left, 4 changed accreditation name function, 5 refused !accreditation_taken"
	if err != nil || strings.Join(rows, ", ") != want {
		t.Errorf("%v, %v, want %s", rows, err, want)
	}
}

func TestOneTableAtATimeIsTakenIn(t *testing.T) {
	t.Parallel()
	d := newDesk()
	entered, leave := make(chan struct{}), make(chan struct{})
	d.meet = func(*desk) { close(entered); <-leave }
	m := d.imports(t)
	first := make(chan error, 1)
	go func() {
		_, err := take(t, m, both)
		first <- err
	}()
	<-entered
	if _, err := take(t, m, both); !problem.Is(err, problem.Conflict) || problem.From(err).Code != "in_progress" {
		t.Errorf("a second table: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	table, err := sheet.Read([]byte(both), sheet.Delegates(), nil, "en")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Take(gone, roll.KindDelegates, table, roll.Asked{Conference: seoul, DryRun: true}); err != nil {
		t.Errorf("a dry run: %v", err)
	}
	close(leave)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestATableGoesOnWhenNobodyWaits(t *testing.T) {
	t.Parallel()
	d := newDesk()
	entered, leave := make(chan struct{}), make(chan struct{})
	d.meet = func(*desk) { close(entered); <-leave }
	m := d.imports(t)
	ctx, hangUp := context.WithCancel(t.Context())
	table, err := sheet.Read([]byte(both), sheet.Delegates(), nil, "en")
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-entered; hangUp() }()
	if _, err := m.Take(ctx, roll.KindDelegates, table, roll.Asked{Conference: seoul}); problem.From(err).Code != "import_unfinished" {
		t.Errorf("whoever hung up: %v", err)
	}
	close(leave)
	m.Close() // waits for it
	if got := fmt.Sprint(len(d.present.Delegates), len(d.told)); got != "7 1" {
		t.Errorf("people and events: %s", got)
	}
}

func TestWhoHasNoNumberGetsTheNext(t *testing.T) {
	t.Parallel()
	d := newDesk()
	rows, err := take(t, d.imports(t), "externalId,delegation,accreditation,name\nP7,KR,,Seven\nP8,KR,n-1,Eight\nP9,KR,,Nine\nP1,KR,,Kim Min-jun\n")
	if want := "2 created delegation name, 3 created delegation accreditation name, 4 created delegation name, 5 left"; err != nil || strings.Join(rows, ", ") != want {
		t.Errorf("%v, %v, want %s", rows, err, want)
	}
	var numbers []string
	for _, p := range d.present.Delegates[6:] {
		numbers = append(numbers, p.Name+" "+p.Accreditation)
	}
	if want := []string{"Seven N-2", "Eight n-1", "Nine N-3"}; !slices.Equal(numbers, want) {
		t.Errorf("numbers %v", numbers)
	}
}
