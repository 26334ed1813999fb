package digest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications/internal/preferences"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/schedule"
	"plenary.example/shared/store"
)

const seoul = "seoul"

// A rig is a real book of preferences with inboxes, alarms and clocks that the
// test keeps.
type rig struct {
	*testing.T
	*Teller
	now    time.Time
	inbox  map[string][]push.Notice
	read   map[int64]bool
	gone   map[string]bool
	alarms map[string]time.Time
	filed  []string
	broken bool // nothing can be filed
}

func (r *rig) Inbox(_, delegate string, _ int64, _ int) ([]push.Notice, bool) {
	return r.inbox[delegate], false
}

func (r *rig) Latest(_, delegate string, s push.Subject) (latest push.Notice, ok bool) {
	for _, n := range r.inbox[delegate] {
		if n.Subject == s && n.To >= latest.To {
			latest, ok = n, true
		}
	}
	return latest, ok
}

// file keeps what is told as the ledger does: the first audience of a key holds.
func (r *rig) file(_ context.Context, n push.Notice, who []string) error {
	if r.broken {
		return errors.New("the store is away")
	}
	n.At = r.now
	r.filed = append(r.filed, fmt.Sprintf(" %d %v", n.Count, who))
	for _, d := range who {
		r.inbox[d] = append(r.inbox[d], n)
	}
	return nil
}

// news puts an item into an inbox.
func (r *rig) news(delegate string, urgency push.Lane, category string) int64 {
	seq := int64(len(r.inbox[delegate]) + 1)
	r.inbox[delegate] = append(r.inbox[delegate], push.Notice{
		Key: fmt.Sprint(delegate, seq), Seq: seq, Urgency: urgency, Category: category, At: r.now,
		Subject: push.Subject{Kind: push.Session, ID: "panel"},
	})
	return seq
}

func (r *rig) choose(delegate string, c preferences.Choice) {
	r.Helper()
	p, err := r.Book.Stored(r.Context(), seoul, delegate)
	if err == nil {
		_, err = r.Book.Choose(r.Context(), seoul, delegate, p.Revision, c)
	}
	if err != nil {
		r.Fatal(err)
	}
}

func at(hours ...preferences.Clock) preferences.Choice {
	c := preferences.Usual()
	c.Digest = &preferences.Digest{At: hours, Zone: preferences.OfConference}
	return c
}

// until lets the time pass, with an alarm for each hour that was arranged.
func (r *rig) until(clock string) {
	r.Helper()
	end, err := time.ParseInLocation("2006-01-02 15:04", clock, r.Location(seoul, ""))
	if err != nil {
		r.Fatal(err)
	}
	for {
		if err := r.Arrange(r.Context()); err != nil {
			r.Fatal(err)
		}
		next := end
		for k, due := range r.alarms {
			switch {
			case !due.After(r.now):
				r.ring(k)
			case due.Before(next):
				next = due
			}
		}
		if !r.now.Before(end) {
			return
		}
		r.now = next
	}
}

func (r *rig) ring(key string) {
	r.Helper()
	if err := r.Ring(r.Context(), schedule.Alarm{Kind: Kind, Key: key}); err == nil {
		delete(r.alarms, key)
	}
}

func (r *rig) want(filed ...string) {
	r.Helper()
	if !slices.Equal(r.filed, filed) {
		r.Errorf("at %v told %q, want %q", r.now, r.filed, filed)
	}
	r.filed = nil
}

func setup(t *testing.T) *rig {
	t.Helper()
	t.Parallel()
	e := enginestest.Test(t)
	st, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "notifications"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	zone, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	const ahead = 90 * time.Second // the clock of the conference
	r := &rig{
		T: t, now: time.Date(2013, 10, 16, 12, 0, 0, 0, zone), inbox: map[string][]push.Notice{}, read: map[int64]bool{},
		gone: map[string]bool{}, alarms: map[string]time.Time{},
	}
	now := func() time.Time { return r.now }
	book, err := preferences.Open(t.Context(), st, now, func(preferences.Preferences) {})
	if err != nil {
		t.Fatal(err)
	}
	r.Teller = &Teller{
		Book: book, Inboxes: r, Now: now, File: r.file,
		Location: func(string, string) *time.Location { return zone },
		Clock:    func(_ string, wall time.Time) time.Time { return wall.Add(ahead) },
		Wall:     func(_ string, at time.Time) time.Time { return at.Add(-ahead) },
		May:      func(_, delegate string) bool { return !r.gone[delegate] },
		Read:     func(_, _ string, n push.Notice) bool { return r.read[n.Seq] },
		Set: func(_ context.Context, a schedule.Alarm) error {
			r.alarms[a.Key] = a.At
			return nil
		},
	}
	return r
}

func TestADigestSaysHowMuchRoutineNewsIsUnreadSinceTheLast(t *testing.T) {
	r := setup(t)
	r.news("ada", push.Routine, "session.moved") // before anybody wanted a digest
	r.now = r.now.Add(time.Minute)
	for _, d := range []string{"ada", "bob", "eve", "gone"} {
		r.choose(d, at("08:00", "18:00"))
	}
	r.choose("late", at("09:00"))
	r.until("2013-10-16 13:00")
	r.want()
	for _, d := range []string{"ada", "bob", "gone", "late"} {
		r.news(d, push.Routine, "session.moved")
		r.news(d, push.Important, "session.moved") // has buzzed
	}
	r.news("ada", push.Routine, "session.speakers")
	r.read[r.news("ada", push.Routine, "session.speakers")] = true
	r.gone["gone"] = true
	r.until("2013-10-16 17:58")
	r.want()
	r.until("2013-10-16 17:59") // 18:00:30 on the clock of the conference
	r.want(" 1 [bob]", " 2 [ada]")
	r.until("2013-10-17 08:00")
	r.want() // nothing since
	r.until("2013-10-17 09:00")
	r.want(" 1 [late]")
	r.news("bob", push.Routine, "session.moved")
	r.news("eve", push.Routine, "session.moved")
	r.until("2013-10-17 19:00")
	r.want(" 1 [bob eve]")
}

func TestADigestThatCouldNotBeToldComesWhenItCan(t *testing.T) {
	r := setup(t)
	r.choose("ada", at("18:00"))
	r.choose("bob", at("18:00"))
	r.until("2013-10-16 13:00")
	r.news("ada", push.Routine, "session.moved")
	r.broken = true
	r.until("2013-10-16 18:00")
	r.news("bob", push.Routine, "session.moved") // after the hour
	r.want()
	r.broken, r.set, r.alarms = false, nil, map[string]time.Time{} // another replica, which finds the hour missed
	r.now = r.now.Add(time.Hour)
	r.until("2013-10-16 19:30")
	r.want(" 1 [ada]")
	k := key(seoul, time.Date(2013, 10, 16, 8, 58, 30, 0, time.UTC))
	r.ring(k) // its pushes may not have been queued
	r.want(" 1 []")
	r.until("2013-10-17 18:00")
	r.want(" 1 [bob]")
}

func TestEachHourIsOneAlarmHoweverManyPeopleChoseIt(t *testing.T) {
	r := setup(t)
	for n := range 20 {
		r.choose(fmt.Sprint("d", n), at("08:00", "18:00"))
	}
	if err := r.Arrange(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(r.alarms) != 2 { // the next, and the last, which may have been missed
		t.Errorf("alarms %v", r.alarms)
	}
	clear(r.alarms)
	if err := r.Arrange(t.Context()); err != nil || len(r.alarms) != 0 {
		t.Errorf("once more: %v, %v", r.alarms, err)
	}
}
