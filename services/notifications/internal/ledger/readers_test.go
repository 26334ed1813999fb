package ledger

import (
	"slices"
	"testing"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications/internal/push"
)

func TestANoticeIsFoundByItsReadersAndInTheirInboxesOnly(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, b := open(t, e), open(t, e)
	for _, x := range []struct {
		key      string
		audience []string
	}{{"one", []string{"eve", "ada", "bob"}}, {"two", []string{"bob"}}, {"three", []string{"ada"}}} {
		if _, _, err := a.File(t.Context(), push.Notice{Key: x.key, Conference: "seoul", Category: "session.moved"}, x.audience); err != nil {
			t.Fatal(err)
		}
	}
	id := push.NoticeID("one")
	if _, ok := b.Mine("seoul", "ada", id); ok {
		t.Fatal("nobody told b")
	}
	if err := b.Refresh(t.Context(), "seoul"); err != nil {
		t.Fatal(err)
	}
	a.Drop("seoul", "eve")
	b.Drop("seoul", "eve")
	for _, l := range []*Ledger{a, b} {
		n, ok := l.Mine("seoul", "ada", id)
		if !ok || n.Key != "one" || n.Readers != 3 || !slices.Equal(l.Readers(n), []string{"ada", "bob"}) {
			t.Errorf("found %v, %v, read by %v", n, ok, l.Readers(n))
		}
		for _, x := range [][3]string{{"seoul", "eve", id}, {"london", "ada", id}, {"seoul", "ada", push.NoticeID("two")}, {"seoul", "ada", ""}} {
			if n, ok := l.Mine(x[0], x[1], x[2]); ok {
				t.Errorf("%v finds %v", x, n)
			}
		}
		if above, last := l.Count("seoul", "ada", n.Seq, 2); above != 1 || last != n.Seq {
			t.Errorf("%d above the first, and %d is the last up to the second", above, last)
		}
		if all := l.Filter("seoul", func(n push.Notice) bool { return n.Seq > 1 }); len(all) != 2 || all[0].Key != "two" || all[1].Key != "three" {
			t.Errorf("found %v", all)
		}
	}
}
