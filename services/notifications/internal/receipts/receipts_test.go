package receipts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

var quiet = slog.New(slog.DiscardHandler)

func TestASetOfNumbersIsWhatWasPutIn(t *testing.T) {
	t.Parallel()
	var s numbers
	for _, n := range []int64{7, 300, 7, 1, 1 << 40, 8} {
		s = s.with(n)
	}
	if want := (numbers{1, 7, 8, 300, 1 << 40}); !slices.Equal(s, want) {
		t.Fatalf("%v, want %v", s, want)
	}
	if got, err := unpack(s.pack()); err != nil || !slices.Equal(got, s) || len(s.pack()) > 12 {
		t.Errorf("%d bytes read as %v, %v", len(s.pack()), got, err)
	}
	if both := s.union(numbers{2, 8}); !slices.Equal(both, numbers{1, 2, 7, 8, 300, 1 << 40}) || both.above(8) != 2 || !both.has(2) || s.has(2) {
		t.Errorf("together %v, and before %v", both, s)
	}
	for _, bad := range [][]byte{{0x80}, {0}, {1, 0}} {
		if got, err := unpack(bad); err == nil {
			t.Errorf("%v reads as %v", bad, got)
		}
	}
}

func TestTheBetterOfTwoReportsIsKeptInWhateverOrder(t *testing.T) {
	t.Parallel()
	words := []word{{Carrier: dropped + "expired"}, {Carrier: failed + "unregistered"}, {Carrier: accepted}, {Phone: received}, {Phone: displayed}}
	for _, a := range words {
		for _, b := range words {
			if better(a, b) != better(b, a) || better(a, a) != a || better(better(a, b), b) != better(a, b) {
				t.Errorf("%v and %v", a, b)
			}
		}
	}
	if got := better(words[2], words[1]); got.Carrier != accepted {
		t.Errorf("one phone of two took it, and it reads %v", got)
	}
}

// a pair of replicas over one store.
type pair struct {
	testing.TB
	engines *engines.Engines
	mu      sync.Mutex
	hints   map[string]int64
	away    bool // the bus
}

func (p *pair) open() *Receipts {
	p.Helper()
	st, err := store.Open(p.Context(), store.Config{URI: p.engines.StoreURI(), Dialer: p.engines.Dialer(), Database: "notifications"})
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { _ = st.Close(context.Background()) })
	r, err := Open(p.Context(), st, func(_ context.Context, subjects map[string]int64) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.away {
			return errors.New("the bus is away")
		}
		maps.Copy(p.hints, subjects)
		return nil
	}, quiet)
	if err != nil {
		p.Fatal(err)
	}
	return r
}

// written has everything written, and what changed heard by the others.
func (p *pair) written(all ...*Receipts) {
	p.Helper()
	for _, r := range all {
		if err := r.Flush(p.Context()); err != nil {
			p.Fatal(err)
		}
		if err := r.tell(p.Context()); err != nil {
			p.Fatal(err)
		}
	}
	for subject, revision := range p.hints {
		conference, kind, id := event.SplitState(subject)
		for _, r := range all {
			var err error
			if kind == HintPerson {
				err = r.HearPerson(p.Context(), conference, id, revision)
			} else {
				err = r.HearFetched(p.Context(), conference, id, revision)
			}
			if err != nil {
				p.Fatal(err)
			}
		}
	}
}

func TestWhoHeardIsWhoCertainlyDid(t *testing.T) {
	t.Parallel()
	p := &pair{TB: t, engines: enginestest.Test(t), hints: map[string]int64{}}
	a, b := p.open(), p.open()
	n := push.Notice{Key: "seoul/session/s/1/2", Conference: "seoul", Seq: 7, Readers: 300}
	for who, x := range map[string]push.Report{
		"took": {Outcome: push.Accepted}, "doubtful": {Outcome: push.Ambiguous}, "dead": {Outcome: push.Unregistered}, "muted": {Dropped: "muted"},
	} {
		x.Notice, x.Device = n, push.Device{Delegate: who}
		a.Report(x)
	}
	a.Received(n, "app")
	a.Fetch("seoul", "looked", 7)
	a.Fetch("seoul", "looked before", 6)
	if err := a.Read(t.Context(), "seoul", "read", 7); err != nil {
		t.Fatal(err)
	}
	everybody := []string{"took", "read", "doubtful", "dead", "muted", "app", "looked", "looked before", "idle"}
	heard := func(r *Receipts) []string {
		got, err := r.Heard(t.Context(), n, everybody)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Sorted(maps.Keys(got))
	}
	if got := heard(b); len(got) != 0 {
		t.Errorf("before it is written a sibling knows of %v", got)
	}
	want := []string{"app", "looked", "read", "took"}
	if got := heard(a); !slices.Equal(got, want) {
		t.Errorf("%v heard, want %v", got, want)
	}
	p.written(a, b)
	if got := heard(b); !slices.Equal(got, want) {
		t.Errorf("a sibling knows of %v, want %v", got, want)
	}
}

func TestWhatTwoReplicasHearOfSomebodyIsPutTogether(t *testing.T) {
	t.Parallel()
	p := &pair{TB: t, engines: enginestest.Test(t), hints: map[string]int64{}}
	a, b := p.open(), p.open()
	n := push.Notice{Key: "seoul/session/s/1/2", Conference: "seoul", Seq: 5, Readers: 250}
	var all sync.WaitGroup
	for i := range 20 { // at the same time, of the same person
		all.Go(func() {
			r := []*Receipts{a, b}[i%2]
			if err := r.Acknowledge(t.Context(), "seoul", "ada", int64(i+1)); err != nil {
				t.Error(err)
			}
			if err := r.Read(t.Context(), "seoul", "ada", int64(i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	a.Open("seoul", "ada", 30, 31)
	b.Open("seoul", "ada", 31, 33)
	for i := range 250 {
		ada := push.Device{Delegate: fmt.Sprint("delegate", i)}
		a.Report(push.Report{Notice: n, Device: ada, Outcome: push.Unregistered})
		b.Report(push.Report{Notice: n, Device: ada, Outcome: push.Accepted})
		a.Report(push.Report{Notice: n, Device: ada, Outcome: push.Unwell}) // it will be tried again
		b.Displayed(n, ada.Delegate)
		a.Fetch("seoul", ada.Delegate, int64(i))
		b.Fetch("seoul", ada.Delegate, int64(250-i))
	}
	p.written(a, b)
	p.written(a, b)
	for _, r := range []*Receipts{a, b, p.open()} {
		got := r.Of("seoul", "ada")
		if len(got.Acknowledged) != 20 || got.ReadUpTo != 19 || !slices.Equal(got.Opened, []int64{30, 31, 33}) || r.Of("london", "ada").ReadUpTo != 0 {
			t.Errorf("read %+v", got)
		}
		words, err := r.carried(t.Context(), n)
		if err != nil || len(words) != 250 {
			t.Fatalf("%d words, %v", len(words), err)
		}
		for delegate, w := range words {
			if w != (word{accepted, displayed}) {
				t.Fatalf("%s: %v", delegate, w)
			}
		}
		if got := r.Fetched("seoul", "delegate100"); got != 150 {
			t.Errorf("fetched up to %d", got)
		}
	}
	if err := a.Erase(t.Context(), "seoul", "ada", []push.Notice{n}); err != nil {
		t.Fatal(err)
	}
	a.Report(push.Report{Notice: n, Device: push.Device{Delegate: "delegate100"}, Outcome: push.Accepted})
	cut := a.carrier.take() // by a flush that does not get through
	if err := a.Erase(t.Context(), "seoul", "delegate100", []push.Notice{n}); err != nil {
		t.Fatal(err)
	}
	a.carrier.again(cut)
	b.Fetch("seoul", "delegate100", 800) // which has not heard of it yet
	if err := b.Flush(t.Context()); err != nil || p.open().Fetched("seoul", "delegate100") != 800 {
		t.Errorf("nothing is left to remove, %v", err)
	}
	b.Drop("seoul", "ada") // it heard of it too, and of a late receipt
	b.Drop("seoul", "delegate100")
	b.Open("seoul", "ada", 90)
	b.Fetch("seoul", "delegate100", 900)
	b.Displayed(n, "delegate100")
	p.written(a, b)
	c := p.open()
	words, err := c.carried(t.Context(), n)
	if _, there := words["delegate100"]; err != nil || there || len(words) != 249 || c.Fetched("seoul", "delegate100") != 0 || len(c.Of("seoul", "ada").Opened) != 0 {
		t.Errorf("of somebody erased there is %v, %d, %v, %v", words["delegate100"], c.Fetched("seoul", "delegate100"), c.Of("seoul", "ada"), err)
	}
}

func TestTenThousandReportsInASecondAreAFewWrites(t *testing.T) {
	t.Parallel()
	p := &pair{TB: t, engines: enginestest.Test(t), hints: map[string]int64{}}
	r := p.open()
	n := push.Notice{Key: "k", Conference: "seoul", Seq: 1, Readers: 1000}
	for range 10 {
		for i := range 1000 {
			r.Report(push.Report{Notice: n, Device: push.Device{Delegate: fmt.Sprint("d", i)}, Outcome: push.Accepted})
		}
	}
	wrote, err := r.carrier.flush(t.Context())
	if err != nil || len(wrote) != 10 {
		t.Errorf("%d documents written, %v", len(wrote), err)
	}
	if wrote, err = r.carrier.flush(t.Context()); err != nil || len(wrote) != 0 {
		t.Errorf("%d documents written again, %v", len(wrote), err)
	}
}

func TestSiblingsHearLaterWhatTheBusWouldNotTake(t *testing.T) {
	t.Parallel()
	p := &pair{TB: t, engines: enginestest.Test(t), hints: map[string]int64{}, away: true}
	a, b := p.open(), p.open()
	if err := a.Acknowledge(t.Context(), "seoul", "ada", 7); err != nil {
		t.Fatal(err)
	}
	if err := a.tell(t.Context()); err == nil {
		t.Error("what was not told is no error")
	}
	p.away = false
	p.written(a, b)
	if !b.Of("seoul", "ada").HasAcknowledged(7) {
		t.Error("the sibling never learns")
	}
}
