// Package trial sends somebody a push of no news, to their own phone, so that the
// developer of an app sees exactly what the carrier is asked, and what it answers.
//
// It goes beside the queue: a trial is nothing that must arrive. What it says is
// made by the same hands as real news, or it would prove nothing.
package trial

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/problem"
)

// How many trials one person has at once, and how soon another one more: of those
// that only ask the carrier, and of those that make a phone buzz.
const (
	checks, checkEvery = 60, 10 * time.Second
	buzzes, buzzEvery  = 10, time.Minute
	remembered         = 4096 // people whose trials are counted
)

// A Carrier shows what it would be asked, and asks.
type Carrier interface {
	Show(m push.Message, validateOnly bool) (json.RawMessage, error)
	Try(ctx context.Context, m push.Message, validateOnly bool) push.Result
}

// Phones finds a phone with its present holder.
type Phones interface {
	Device(installation string) (push.Device, bool)
}

// Trials sends them. Its methods may be called side by side.
type Trials struct {
	phones  Phones
	carrier Carrier
	compose func(push.Notice, push.Device) push.Message
	held    func(push.Platform) bool
	clock   func(conference string, wall time.Time) time.Time
	now     func() time.Time

	mu    sync.Mutex
	spent *lru.Cache[string, *allowance]
}

type allowance struct{ check, buzz *rate.Limiter }

// New makes trials of what compose makes, which says news in the language of a
// phone; held tells what an operator has stopped. clock is that of a conference, on
// which the times of news are; now is the wall clock.
func New(
	phones Phones, carrier Carrier, compose func(push.Notice, push.Device) push.Message, held func(push.Platform) bool,
	clock func(conference string, wall time.Time) time.Time, now func() time.Time,
) *Trials {
	spent, _ := lru.New[string, *allowance](remembered) // fails for a size below one only
	return &Trials{phones: phones, carrier: carrier, compose: compose, held: held, clock: clock, now: now, spent: spent}
}

// A Wish is the news to try.
type Wish struct {
	Category     string
	Urgency      push.Lane
	ValidateOnly bool
}

// A Trial is what came of one.
type Trial struct {
	Request json.RawMessage // as the carrier was asked, with the token cut short
	Result  push.Result
}

// Send tries a push on a phone of the delegate's own; one that is not theirs is
// hidden. More than a person needs is refused as too many, and a category of no
// kind there is as invalid. It is counted per replica.
func (t *Trials) Send(ctx context.Context, conference, delegate, installation string, w Wish) (Trial, error) {
	d, ok := t.phones.Device(installation)
	if !ok || d.Delegate != delegate || d.Conference != conference {
		return Trial{}, problem.Hidden()
	}
	now := t.now()
	n, ok := sample(w, d, now, t.clock(conference, now))
	if !ok {
		return Trial{}, problem.New(problem.Invalid, "invalid", "There is no such news.").
			With(problem.Field{Pointer: "/category", Code: "unknown_category", Detail: "This begins like no category there is."})
	}
	if !w.ValidateOnly && t.held(d.Platform) {
		return Trial{}, problem.New(problem.Unavailable, "carrier_paused", "The operators have stopped pushes for now.").After(time.Minute)
	}
	if wait := t.spend(delegate, w.ValidateOnly); wait > 0 {
		return Trial{}, problem.New(problem.TooMany, "too_many_trials", "That is enough for now.").After(wait)
	}
	m := t.compose(n, d)
	m.Data["test"] = "true"
	shown, err := t.carrier.Show(m, w.ValidateOnly)
	if err != nil {
		return Trial{}, err
	}
	return Trial{Request: shown, Result: t.carrier.Try(ctx, m, w.ValidateOnly)}, nil
}

// spend takes one trial from what a person has left; positive is how long until
// there is one.
func (t *Trials) spend(delegate string, validateOnly bool) time.Duration {
	t.mu.Lock()
	a, ok := t.spent.Get(delegate)
	if !ok {
		a = &allowance{rate.NewLimiter(rate.Every(checkEvery), checks), rate.NewLimiter(rate.Every(buzzEvery), buzzes)}
		t.spent.Add(delegate, a)
	}
	t.mu.Unlock()
	left, every := a.buzz, buzzEvery
	if validateOnly {
		left, every = a.check, checkEvery
	}
	if left.AllowN(t.now(), 1) {
		return 0
	}
	return every
}

// kinds are what categories are about, by how they begin.
var kinds = map[string]string{
	"session": push.Session, "meeting": push.Meeting, "sign_in": push.SignIn, "announcement": push.Announcement,
	"digest": push.Digest, "escalation": push.Session,
}

// titles are what the session is called that nobody can go to.
var titles = map[string]string{
	"en": "Test", "fr": "Essai", "es": "Prueba", "ru": "Проверка", "ar": "تجربة", "zh": "测试", "ko": "시험", "hu": "Próba", "nl": "Proef",
}

// sample is news of a category, about something that does not exist. A later one
// replaces the card of an earlier one, as newer news does. It begins an hour after
// the time there, on the clock of the conference.
func sample(w Wish, d push.Device, now, there time.Time) (push.Notice, bool) {
	begins, _, _ := strings.Cut(w.Category, ".")
	kind, ok := kinds[begins]
	if !ok {
		return push.Notice{}, false
	}
	start := there.Add(time.Hour).UTC().Truncate(5 * time.Minute)
	s := push.Subject{Kind: kind, ID: uuid.NewSHA1(uuid.Nil, []byte("trial/"+d.Installation+"/"+kind)).String()}
	n := push.Notice{
		ID: uuid.NewString(), Conference: d.Conference, Subject: s, From: now.UnixMilli() - 1, To: now.UnixMilli(),
		Urgency: w.Urgency, Category: w.Category, At: now.UTC().Truncate(time.Millisecond), ExpiresAt: now.Add(time.Hour).UTC(), Zone: "UTC",
		Before: push.State{Title: titles, Room: "A", Start: start, End: start.Add(time.Hour), Status: "confirmed"},
		After:  push.State{Title: titles, Room: "B", Start: start, End: start.Add(time.Hour), Status: "confirmed"},
		Lead:   15 * time.Minute, Count: 3,
	}
	if strings.HasSuffix(w.Category, ".cancelled") {
		n.After.Status = "cancelled"
	}
	if kind == push.Announcement {
		n.Texts = map[string]push.Text{}
		for language, title := range titles {
			n.Texts[language] = push.Text{Title: title, Body: title}
		}
	}
	n.Key = push.Key(n.Conference, s, n.From, n.To)
	return n, true
}
