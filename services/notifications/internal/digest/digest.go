// Package digest tells people at the hours they chose how much routine news waits
// in their inboxes: the news that did not buzz because they wanted it together.
//
// A digest is a notice like any other, one for all who have the same number to
// read at the same hour, so that a thousand people at eight o'clock are a few
// documents. The hours are alarms of the bus, one per hour that somebody chose
// and not one per person; who is told is found out when it rings. Every replica
// sets the alarms it finds missing, again and again: an alarm set twice is one.
package digest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"plenary.example/services/notifications/internal/preferences"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/schedule"
)

const (
	// Kind is of the alarms.
	Kind schedule.Kind = "digest"
	// Category is of the notices.
	Category = "digest"
	// settle is how long after its hour a digest is made: what was filed before the
	// hour is in everybody's memory then.
	settle = 2 * time.Second
	// stale is how long it is worth a buzz.
	stale = 24 * time.Hour
	// plenty is more than anybody has in their inbox.
	plenty = 1 << 20
)

// Inboxes are what people were told, from memory.
type Inboxes interface {
	Inbox(conference, delegate string, after int64, limit int) (items []push.Notice, more bool)
	Latest(conference, delegate string, s push.Subject) (push.Notice, bool)
}

// A Teller makes digests. Its methods may be called side by side.
type Teller struct {
	Book    *preferences.Book
	Inboxes Inboxes
	// Location is a time zone as a delegate of a conference chose it.
	Location func(conference, zone string) *time.Location
	// Clock is the time on the clock of a conference, Wall what it is on the wall.
	Clock func(conference string, wall time.Time) time.Time
	Wall  func(conference string, at time.Time) time.Time
	// May tells whether somebody may be told anything, Read whether they have read
	// an item of their inbox.
	May  func(conference, delegate string) bool
	Read func(conference, delegate string, n push.Notice) bool
	// File tells a notice; repeating it is harmless.
	File func(context.Context, push.Notice, []string) error
	Set  func(context.Context, schedule.Alarm) error
	Now  func() time.Time

	mu  sync.Mutex
	set map[string]time.Time // alarms of this replica, by key
}

// Subject is what the digests of a conference are about: each replaces its
// reader's last.
func Subject(conference string) push.Subject {
	return push.Subject{Kind: push.Digest, ID: push.NoticeID("digest/" + conference)}
}

func key(conference string, due time.Time) string {
	return conference + "/" + strconv.FormatInt(due.Unix(), 10)
}

// Arrange sets the alarms that this replica has not set yet: of the hour that
// comes next for somebody, and of the one that was last, which may have passed
// while nobody was there. It costs nothing when none is missing.
func (t *Teller) Arrange(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	wall := t.Now()
	if t.set == nil {
		t.set = map[string]time.Time{}
	}
	maps.DeleteFunc(t.set, func(_ string, due time.Time) bool { return wall.Sub(due) > 3*24*time.Hour })
	seen := map[string]bool{}
	var errs []error
	t.Book.Chosen(func(p preferences.Preferences) {
		if p.Digest == nil {
			return
		}
		if hours := fmt.Sprint(p.Conference, p.Digest.Zone, p.Digest.At); seen[hours] {
			return
		} else {
			seen[hours] = true
		}
		now, loc := t.Clock(p.Conference, wall), t.Location(p.Conference, p.Digest.Zone)
		for _, at := range []time.Time{p.Digest.Last(now, loc), p.Digest.Next(now, loc)} {
			due := t.Wall(p.Conference, at).UTC()
			k := key(p.Conference, due)
			if _, there := t.set[k]; there {
				continue
			}
			if err := t.Set(ctx, schedule.Alarm{Kind: Kind, Key: k, At: due.Add(settle)}); err != nil {
				errs = append(errs, err)
				continue
			}
			t.set[k] = due
		}
	})
	return errors.Join(errs...)
}

// Ring tells everybody whose hour it is. Repeating it tells nobody anew.
func (t *Teller) Ring(ctx context.Context, a schedule.Alarm) error {
	conference, text, _ := strings.Cut(a.Key, "/")
	unix, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil // nobody sets such an alarm
	}
	due := time.Unix(unix, 0).UTC()
	told := map[string]push.Notice{}
	counts := map[int][]string{}
	t.Book.Chosen(func(p preferences.Preferences) {
		if p.Conference != conference || !t.due(p, due) || !t.May(conference, p.Delegate) {
			return
		}
		last, _ := t.Inboxes.Latest(conference, p.Delegate, Subject(conference))
		switch {
		case last.To == unix: // its pushes may not have been queued
			told[last.Key] = last
		case last.To < unix:
			if n := t.count(p, time.Unix(last.To, 0), due); n > 0 {
				counts[n] = append(counts[n], p.Delegate)
			}
		}
	})
	var errs []error
	for _, n := range told {
		errs = append(errs, t.File(ctx, n, nil))
	}
	for _, n := range slices.Sorted(maps.Keys(counts)) {
		slices.Sort(counts[n])
		errs = append(errs, t.File(ctx, notice(conference, due, n), counts[n]))
	}
	return errors.Join(errs...)
}

// due tells whether a moment on the wall clock is the hour of somebody's last
// digest.
func (t *Teller) due(p preferences.Preferences, due time.Time) bool {
	if p.Digest == nil || !due.After(p.Digest.Since) {
		return false
	}
	now := t.Clock(p.Conference, t.Now())
	return t.Wall(p.Conference, p.Digest.Last(now, t.Location(p.Conference, p.Digest.Zone))).Equal(due)
}

// count is how many items of an inbox somebody has not read that were kept for
// the digest since the last one, and until it is due.
func (t *Teller) count(p preferences.Preferences, since, due time.Time) (n int) {
	if p.Digest.Since.After(since) {
		since = p.Digest.Since
	}
	items, _ := t.Inboxes.Inbox(p.Conference, p.Delegate, 0, plenty)
	for _, x := range slices.Backward(items) {
		if !x.At.After(since) {
			break
		}
		kept := p.Verdict(x, time.Time{}, func(string) *time.Location { return time.UTC }).Drop == preferences.ForDigest
		if kept && !x.At.After(due) && !x.Expired(t.Now()) && !t.Read(p.Conference, p.Delegate, x) {
			n++
		}
	}
	return n
}

func notice(conference string, due time.Time, n int) push.Notice {
	about := Subject(conference)
	return push.Notice{
		Key:        push.Key(conference, about, 0, due.Unix()) + "/" + strconv.Itoa(n),
		Conference: conference, Subject: about, To: due.Unix(), Urgency: push.Routine, Category: Category,
		ExpiresAt: due.Add(stale), Count: n,
	}
}
