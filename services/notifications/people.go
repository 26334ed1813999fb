package notifications

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"time"

	"plenary.example/services/notifications/internal/devices"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/roster"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// durablePeople is the consumer that works through the events about people.
const durablePeople = "notifications-delegates"

// reachable are the phones of people who may be told.
type reachable struct {
	*devices.Devices
	roster *roster.Roster
}

// Device finds a phone, unless its holder may be told nothing.
func (r reachable) Device(installation string) (push.Device, bool) {
	d, ok := r.Devices.Device(installation)
	return d, ok && r.roster.May(d.Conference, d.Delegate)
}

// hearPerson takes how somebody stands. Of somebody erased nothing is shown from
// then on; what is stored goes with the event.
func (s *Service) hearPerson(m bus.Seen) {
	conference, _, _ := event.SplitState(m.Subject)
	if d, ok := s.roster.See(conference, m.Data); ok && d.Status == event.Erased {
		s.ledger.Drop(conference, d.Delegate)
		s.receipts.Drop(conference, d.Delegate)
	}
}

// followSignIns hears on this replica, and at once, of every sign-in that ends,
// and of names that are out of date.
// It begins where the consumer that removes their phones stood when the devices
// were loaded: what that one had not got to may be from hours ago.
func (s *Service) followSignIns(ctx context.Context) error {
	tail, err := s.bus.Tail(ctx, bus.StreamDelegates, s.worked+1, func(_ context.Context, m bus.Seen) error {
		e, err := event.Parse(m.Data)
		if err != nil {
			return nil //nolint:nilerr // the consumer puts it aside
		}
		s.names.Drop(e)
		s.callees.Drop(e)
		var ended event.SignInEnded
		if e.Type == ended.Type() && e.Into(&ended) == nil {
			s.devices.Silence(ended.SignIn)
		}
		return nil // what cannot be read, the consumer puts aside
	})
	if err != nil {
		return err
	}
	s.stack.Until("sign-ins", tail.Stop)
	return nil
}

// startPeople begins to act upon events about people, and to answer what is
// held about somebody.
func (s *Service) startPeople(ctx context.Context) error {
	people, err := s.numbersOf(bus.StreamDelegates)
	if err != nil {
		return err
	}
	s.waiting = people.Lag
	if err := s.work(ctx, bus.StreamDelegates, durablePeople, people, s.plan.HandlePeople); err != nil {
		return err
	}
	return s.answer()
}

// answer answers what the other services ask of this one.
func (s *Service) answer() error {
	hush, err := s.bus.Answer(event.AskNoticeData, func(ctx context.Context, conference string, question []byte) (any, error) {
		var q event.PersonalData
		if err := json.Unmarshal(question, &q); err != nil {
			return nil, problem.New(problem.Malformed, "bad_question", "%v", err)
		}
		return s.heldOf(ctx, conference, q.Delegate)
	})
	if err != nil {
		return err
	}
	s.stack.Until("answers", hush)
	deaf, err := s.bus.Answer(event.AskReach, func(_ context.Context, conference string, question []byte) (any, error) {
		var q event.ReachQuestion
		if err := json.Unmarshal(question, &q); err != nil {
			return nil, problem.New(problem.Malformed, "bad_question", "%v", err)
		}
		return s.reach(conference, q), nil
	})
	if err != nil {
		return err
	}
	s.stack.Until("reach", deaf)
	return nil
}

// reach counts the phones that would buzz for people: of those who may still be
// told of the conference, each once.
func (s *Service) reach(conference string, q event.ReachQuestion) event.ReachAnswer {
	var a event.ReachAnswer
	asked := map[string]bool{}
	for _, delegate := range q.Delegates {
		if !asked[delegate] && s.roster.May(conference, delegate) {
			a.Phones += len(s.devices.Of(delegate))
		}
		asked[delegate] = true
	}
	return a
}

// tidy removes the phones of people who are gone and whose event will not come
// any more.
func (s *Service) tidy(ctx context.Context) error {
	waiting, err := s.bus.Pending(ctx, bus.StreamDelegates, durablePeople)
	if err != nil {
		return err
	}
	s.waiting.Set(float64(waiting))
	if waiting > 0 {
		return nil
	}
	stale, err := s.devices.Tidy(ctx, s.roster.May)
	if stale > 0 {
		s.send.Pruned("stale", stale)
		s.log.Info("phones forgotten that had not registered for long", "phones", stale)
	}
	return errors.Join(err, s.tidyPreferences(ctx))
}

// Held is everything this service holds about one person, as they may read it.
type Held struct {
	Devices []HeldDevice `json:"devices"`
	Inbox   []HeldNotice `json:"inbox"`
	// Read is how far they got with their inbox; see HeldReading.
	Read        HeldReading      `json:"read"`
	Escalations []HeldCase       `json:"escalations,omitempty"` // those that are open
	Preferences *HeldPreferences `json:"preferences,omitempty"` // not there for who chose nothing
	// Announcements are those they made for the secretariat.
	Announcements []HeldAnnouncement `json:"announcements,omitempty"`
}

// HeldDevice is a phone. Its token is held too and not shown: whoever has it can
// make the phone buzz.
type HeldDevice struct {
	Installation string    `json:"installation"`
	Platform     string    `json:"platform"`
	Locale       string    `json:"locale"`
	Rendering    string    `json:"rendering,omitempty"`
	Timezone     string    `json:"timezone,omitempty"`
	RegisteredAt time.Time `json:"registeredAt"`
	SignIn       string    `json:"signIn,omitempty"`
	TokenHeld    bool      `json:"tokenHeld"`
	SealKey      string    `json:"sealKey,omitempty"`
}

// HeldNotice is something the person was told.
type HeldNotice struct {
	ID       string       `json:"id"`
	Seq      int64        `json:"seq"`
	Category string       `json:"category"`
	Urgency  string       `json:"urgency"`
	Subject  push.Subject `json:"subject"`
	Revision int64        `json:"revision"`
	At       time.Time    `json:"at"`
}

// heldOf is what is held about a delegate; of a stranger it is nothing.
func (s *Service) heldOf(ctx context.Context, conference, delegate string) (Held, error) {
	held := Held{Devices: []HeldDevice{}, Inbox: []HeldNotice{}}
	phones, err := s.devices.Stored(ctx, delegate)
	if err != nil {
		return Held{}, err
	}
	for _, d := range phones {
		if d.Conference != conference {
			continue
		}
		held.Devices = append(held.Devices, HeldDevice{
			Installation: d.Installation, Platform: string(d.Platform), Locale: d.Locale, Rendering: d.Rendering, Timezone: d.Zone,
			RegisteredAt: d.RegisteredAt.UTC(), SignIn: d.SignIn, TokenHeld: d.Token != "", SealKey: d.SealKey,
		})
	}
	if held.Preferences, err = s.heldPreferences(ctx, conference, delegate); err != nil {
		return Held{}, err
	}
	held.Announcements = s.heldAnnouncements(conference, delegate)
	told, _ := s.ledger.Inbox(conference, delegate, 0, math.MaxInt32)
	for _, n := range told {
		held.Inbox = append(held.Inbox, HeldNotice{
			ID: n.ID, Seq: n.Seq, Category: n.Category, Urgency: string(n.Urgency),
			Subject: n.Subject, Revision: n.To, At: n.At.UTC(),
		})
	}
	held.Read, held.Escalations = s.heldReading(conference, delegate), s.heldCases(conference, delegate)
	return held, nil
}
