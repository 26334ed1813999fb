package announce

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/store"
)

func TestAnAnnouncementThatCannotBeSentKeepsNoOtherFromIt(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	st, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "notifications"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	var tried []string
	cfg := scene(t).cfg
	cfg.Changed = func(Announcement) {}
	cfg.Tell = func(_ context.Context, n push.Notice, _ []string) error {
		tried = append(tried, n.Key)
		return errors.New("cannot send " + n.Key)
	}
	o, err := Open(t.Context(), st, cfg)
	if err != nil {
		t.Fatal(err)
	}
	var due []Announcement
	for _, id := range []string{"a", "b", "c"} {
		a := Announcement{ID: id, Conference: "seoul", Revision: 1, Status: Scheduled, MadeAt: noon.Add(-time.Hour), Draft: Draft{Audience: Audience{All: true}}}
		if err := o.docs.Insert(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		o.keep(a)
		due = append(due, a)
	}
	err = o.Check(t.Context())
	for _, a := range due {
		if !slices.Contains(tried, a.Key()) || err == nil || !strings.Contains(err.Error(), "cannot send "+a.Key()) {
			t.Errorf("%s: tried are %q, and it is answered %v", a.Key(), tried, err)
		}
	}
}
