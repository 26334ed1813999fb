package ledger

import (
	"context"
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/store"
)

// open is a replica's ledger; all of them share a store.
func open(t *testing.T, e *engines.Engines) *Ledger {
	t.Helper()
	st, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "notifications"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	l, err := Open(t.Context(), st, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func file(t *testing.T, l *Ledger, key string) {
	t.Helper()
	if _, _, err := l.File(t.Context(), push.Notice{Key: key, Conference: "seoul"}, []string{"ada"}); err != nil {
		t.Fatal(err)
	}
}

func wantInbox(t *testing.T, l *Ledger, want ...string) {
	t.Helper()
	items, _ := l.Inbox("seoul", "ada", 0, 100)
	var got []string
	for i, n := range items {
		if n.Seq != items[0].Seq+int64(i) {
			t.Errorf("numbers %d and then %d", items[i-1].Seq, n.Seq)
		}
		got = append(got, n.Key)
	}
	if !slices.Equal(got, want) {
		t.Errorf("inbox %q, want %q", got, want)
	}
}

func TestAReaderWhoPagesByNumberMissesNothing(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, b, c := open(t, e), open(t, e), open(t, e)
	file(t, a, "one")
	file(t, b, "two") // b has not heard of one
	wantInbox(t, b, "one", "two")
	file(t, a, "three")
	wantInbox(t, a, "one", "two", "three")
	if _, ok, err := c.Notice(t.Context(), "three"); !ok { // the hints of the others come later
		t.Fatalf("c does not find it: %v", err)
	}
	wantInbox(t, c, "one", "two", "three")
}

func TestANoticeWaitsForTheOneBeforeIt(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, b := open(t, e), open(t, e)
	first := push.Notice{Key: "first", Conference: "seoul"} // b is about to file it
	if err := b.takeNumber(t.Context(), &first); err != nil {
		t.Fatal(err)
	}
	filed := make(chan struct{})
	go func() {
		defer close(filed)
		file(t, a, "second")
	}()
	select {
	case <-filed:
		t.Error("second did not wait for first")
	case <-time.After(100 * time.Millisecond):
	}
	if err := b.notices.Insert(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	<-filed
	if _, ok := a.byKey["first"]; !ok || a.byKey["second"].Seq != 2 {
		t.Errorf("a knows %v", a.byKey)
	}
}

func TestANumberLeftByACrashIsPassedOver(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	left := push.Notice{Key: "one", Conference: "seoul"}
	if err := open(t, e).takeNumber(t.Context(), &left); err != nil {
		t.Fatal(err)
	}
	l := open(t, e)
	file(t, l, "one") // the same notice once more
	file(t, l, "two")
	wantInbox(t, l, "one", "two")
}

func TestWhoWasToldAStepIsKnown(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, s := open(t, e), push.Subject{Kind: push.Session, ID: "s"}
	for _, x := range []struct {
		key      string
		to       int64
		audience []string
	}{
		{"to two", 2, []string{"ada", "bob"}},
		{"to two/eve", 2, []string{"eve"}},
		{"to two/mal", 2, []string{"mal"}},
		{"to nobody yet", 3, nil},
		{"to one", 4, []string{"ada"}},
	} {
		if _, _, err := a.File(t.Context(), push.Notice{Key: x.key, Conference: "seoul", Subject: s, To: x.to}, x.audience); err != nil {
			t.Fatal(err)
		}
	}
	a.Drop("seoul", "mal")
	b := open(t, e) // reads it from the store
	b.Drop("seoul", "mal")
	for _, l := range []*Ledger{a, b} {
		for who, want := range map[string][]int64{"ada": {2, 4}, "bob": {2}, "eve": {2}, "mal": nil, "joe": nil} {
			var got []int64
			for to := range int64(6) {
				if l.Has("seoul", who, s, to) {
					got = append(got, to)
				}
				if l.Has("london", who, s, to) || l.Has("seoul", who, push.Subject{Kind: push.Session, ID: "other"}, to) {
					t.Errorf("%s was told what nobody was", who)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s was told %v, want %v", who, got, want)
			}
		}
	}
}

func TestNewsForThoseWhoSawMoreMakesNobodyElsesOld(t *testing.T) {
	t.Parallel()
	l, s := open(t, enginestest.Test(t)), push.Subject{Kind: push.Session, ID: "s"}
	tell := func(from, to int64, suffix string, who ...string) push.Notice {
		key := push.Key("seoul", s, from, to) + suffix
		n, _, err := l.File(t.Context(), push.Notice{Key: key, Conference: "seoul", Subject: s, From: from, To: to}, who)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := tell(1, 2, "", "ada", "bob", "eve")
	tell(3, 4, "", "cy", "dan")
	tell(1, 4, "/joe", "joe")
	if n, ok := l.Newer(first, "ada"); ok {
		t.Errorf("for ada %s makes old what she knows still to be so", n.Key)
	}
	second := tell(2, 5, "", "bob", "cy")
	for who, want := range map[string]string{"ada": second.Key, "bob": second.Key} {
		if n, ok := l.Newer(first, who); !ok || n.Key != want {
			t.Errorf("for %s it is %q, want %q", who, n.Key, want)
		}
	}
	if n, ok := l.Latest("seoul", "dan", s); !ok || n.To != 4 {
		t.Errorf("dan was told %+v last", n)
	}
	if n, ok := l.Newer(second, "bob"); ok {
		t.Errorf("%s is newer than the newest", n.Key)
	}
}

func TestWhoIsAskedNextMakesNobodyElsesQuestionOld(t *testing.T) {
	t.Parallel()
	l, s := open(t, enginestest.Test(t)), push.Subject{Kind: push.Escalation, ID: "case"}
	ask := func(to int64, who ...string) push.Notice {
		n, _, err := l.File(t.Context(), push.Notice{
			Key: push.Key("seoul", s, to-1, to), Conference: "seoul", Subject: s, From: to - 1, To: to,
		}, who)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	liaisons := ask(1, "ada", "bob")
	ask(2, "officer")
	if n, ok := l.Newer(liaisons, "ada"); ok {
		t.Errorf("the liaison is not asked any more because of %s", n.Key)
	}
	over := ask(4, "bob", "officer")
	if n, ok := l.Newer(liaisons, "bob"); !ok || n.Key != over.Key {
		t.Errorf("bob hears that it is over as %q", n.Key)
	}
}
