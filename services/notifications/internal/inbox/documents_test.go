package inbox

import (
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

func TestDocumentsAreToldWithTheirReleaseAndAtTheEndOfTheirEmbargoOnce(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	first.Stream = event.StreamNone
	r.conference(first)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	second := first
	second.Revision, second.Documents = 2, []string{"open"}
	second.Embargoed = []event.Embargo{{Document: "closed", From: first.Start.Add(-30 * time.Minute)}}
	r.release(step(first, second))
	r.handled(2)
	check := func() {
		t.Helper()
		if err := r.plan.Check(t.Context(), r.pending); err != nil {
			t.Fatal(err)
		}
	}
	check()
	r.wantInbox("ada", "session.documents 1>2")
	r.plan.Now = func() time.Time { return first.Start.Add(-20 * time.Minute) }
	check()
	check()
	items, _ := r.ledger.Inbox("seoul", "ada", 0, 100)
	if len(items) != 2 || items[1].Category != Documents || items[1].Subject.Kind != push.Documents || items[0].Urgency != push.Routine || items[1].Urgency != push.Routine {
		t.Errorf("ada was told %+v", items)
	}
	third := second
	third.Revision, third.Documents, third.Embargoed = 3, []string{"open", "closed"}, nil
	third.Title = map[string]string{"en": "Opening"}
	r.release(step(second, third))
	r.handled(3)
	items, _ = r.ledger.Inbox("seoul", "ada", 0, 100)
	if len(items) != 3 || items[2].Category != Changed || len(items[2].Also) > 0 {
		t.Errorf("of what was told ada hears again: %+v", items)
	}
}

func TestAnEmbargoThatEndedLongAgoIsNoNews(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 10, 17, 3, 0, 0, 0, time.UTC)
	ended := func(ago ...time.Duration) event.SessionState {
		var s event.SessionState
		for _, d := range ago {
			s.Embargoed = append(s.Embargoed, event.Embargo{From: now.Add(-d)})
		}
		return s
	}
	for _, c := range []struct {
		of   event.SessionState
		want time.Duration
	}{
		{ended(0), 0}, {ended(time.Hour, time.Minute, -time.Minute), time.Minute}, {ended(25*time.Hour, -time.Second), -1}, {ended(), -1},
	} {
		got := opened(c.of, now)
		if c.want < 0 != got.IsZero() || c.want >= 0 && !got.Equal(now.Add(-c.want)) {
			t.Errorf("%v ended at %v", c.of.Embargoed, got)
		}
	}
}
