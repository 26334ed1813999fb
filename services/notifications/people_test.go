package notifications_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

const unpicked = "the pick was taken back"

// The ways in which news may reach somebody it is not for. Each happens while a
// push to ada's phone waits in the queue, because the carrier was busy.
var mixUps = map[string]func(s *stage, n *notifications.Service){
	"the phone was signed out": func(s *stage, _ *notifications.Service) {
		s.publish(seoul, "ada", 2, event.SignInEnded{Delegate: "ada", SignIn: "of-ada", Reason: event.EndedSignedOut})
	},
	"the phone's sign-in was used twice": func(s *stage, _ *notifications.Service) {
		s.publish(seoul, "ada", 2, event.SignInEnded{Delegate: "ada", SignIn: "of-ada", Reason: event.EndedReuse})
	},
	"the token turned up on another phone": func(s *stage, n *notifications.Service) {
		s.register(s.as(n, seoul, "bob", "of-bob"), "bob", "ada")
	},
	"the phone went to somebody else": func(s *stage, n *notifications.Service) {
		s.register(s.as(n, seoul, "bob", "of-bob"), "ada", "ada")
	},
	"the phone went to somebody of another conference": func(s *stage, n *notifications.Service) {
		s.register(s.as(n, "london-2011", "lou", "of-lou"), "ada", "ada")
	},
	"the person was removed": func(s *stage, _ *notifications.Service) {
		s.stands(seoul, "ada", 2, event.Removed)
		s.publish(seoul, "ada", 2, event.DelegateChanged{Delegate: "ada", Status: event.Removed})
	},
	"the person's removal is known and its event is not": func(s *stage, _ *notifications.Service) {
		s.stands(seoul, "ada", 2, event.Removed)
	},
	"a deputy took the seat": func(s *stage, _ *notifications.Service) {
		s.stands(seoul, "ada", 2, event.Substituted)
		s.publish(seoul, "ada", 2, event.DelegateChanged{Delegate: "ada", Status: event.Substituted})
		s.publish(seoul, "ada", 2, event.DelegateSubstituted{Delegate: "ada", Deputy: "bob"})
	},
	unpicked: func(s *stage, _ *notifications.Service) {
		s.put(event.PicksStateSubject(seoul, "ada"), 2, event.PicksState{Delegate: "ada", Revision: 2})
	},
	"the person was erased": func(s *stage, _ *notifications.Service) {
		s.stands(seoul, "ada", 2, event.Erased)
		s.publish(seoul, "ada", 2, event.DelegateErased{Delegate: "ada"})
	},
}

// waiting is a stage on which a push to ada and one to a witness wait for a busy
// carrier.
func waiting(t *testing.T) (*stage, *notifications.Service) {
	t.Helper()
	s := newStage(t)
	n := s.open()
	s.move(seoul)
	for _, delegate := range []string{"ada", "witness"} {
		s.stands(seoul, delegate, 1, event.Accredited)
		s.pick(seoul, delegate)
		s.phone(n, delegate, delegate)
	}
	s.carrier.SetFaults(fcmsandbox.Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Second})
	s.move(seoul)
	s.eventually("both are refused", func() bool { return s.carrier.Stats().Status[http.StatusTooManyRequests] >= 2 })
	s.worked()
	return s, n
}

func TestNothingThatWaitedIsSentToWhomItIsNotForAnyMore(t *testing.T) {
	t.Parallel()
	for name, happens := range mixUps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, n := waiting(t)
			happens(s, n)
			s.worked()
			s.carrier.SetFaults()
			s.settled()
			s.move(seoul) // and nothing later either
			s.settled()
			s.wantPushes("witness", "session.moved", "session.moved")
			s.wantPushes("ada")
			for _, m := range s.carrier.All() {
				if m.Token != "witness" {
					t.Errorf("%s got %s", m.Token, m.Category)
				}
			}
		})
	}
}

func TestNothingThatWaitedIsSentToWhoLeftWhileNobodyWasUp(t *testing.T) {
	t.Parallel()
	for name, happens := range mixUps {
		if name == unpicked { // nobody knows what was picked before they were up
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, n := waiting(t)
			if name == "the token turned up on another phone" || name == "the phone went to somebody else" || name == "the phone went to somebody of another conference" {
				happens(s, n) // somebody must be up to hear of it
				s.stop(n)
			} else {
				s.stop(n)
				happens(s, n)
			}
			s.carrier.SetFaults()
			s.open()
			s.settled()
			s.wantPushes("witness", "session.moved")
			s.wantPushes("ada")
		})
	}
}

func TestASignInUsedTwiceIsToldOnThePhonesThatAreLeft(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n, sibling := s.open(), s.open()
	s.move(seoul)
	s.phone(n, "ada", "stolen")
	s.phone(sibling, "ada", "kept")
	s.phone(n, "bob", "other")
	const signIn = "0190a3c2-7b1e-7c4d-9a51-2f6e8d3b4c5a"
	s.register(s.as(n, seoul, "ada", signIn), "stolen", "stolen")
	for range 2 {
		s.publish(seoul, "ada", 2, event.SignInEnded{Delegate: "ada", SignIn: signIn, Reason: event.EndedReuse})
	}
	s.settled()
	s.wantPushes("kept", "sign_in.ended")
	s.wantPushes("stolen")
	s.wantPushes("other")
	push := s.carrier.Phone("kept")[0]
	if push.Data["subjectKind"] != "sign-in" || push.Data["subjectId"] != signIn || push.Data["urgency"] != "important" || push.Title != "Signed out on one device" {
		t.Errorf("told %+v", push)
	}
	for _, replica := range []*notifications.Service{n, sibling} {
		s.eventually("the inbox has it", func() bool {
			got, err := s.as(replica, seoul, "ada", "of-kept").ReadInboxWithResponse(t.Context(), nil)
			if err != nil || got.JSON200 == nil {
				t.Fatal(err, got)
			}
			items := got.JSON200.Items
			return len(items) == 1 && items[0].ID == push.NoticeID && items[0].Category == "sign_in.ended" && items[0].Before == nil
		})
	}
}

// held is the answer to what this service holds about somebody.
type held struct {
	Devices []struct {
		Installation, Platform, Locale, SignIn string
		RegisteredAt                           time.Time
		TokenHeld                              bool
	}
	Inbox []struct {
		Category string
		At       time.Time
	}
	Preferences struct {
		Language string
		Revision int64
	}
}

func (s *stage) ask(conference, delegate string) (h held) {
	s.Helper()
	if err := s.bus.AskPatiently(s.Context(), conference, event.AskNoticeData, event.PersonalData{Delegate: delegate}, &h); err != nil {
		s.Fatal(err)
	}
	return h
}

func TestPhonesAreCountedOfThoseWhoMayBeTold(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n := s.open()
	for _, phone := range []string{"ada", "ada-too", "bob", "eve"} {
		holder, _, _ := strings.Cut(phone, "-")
		s.phone(n, holder, phone)
	}
	s.stands(seoul, "eve", 1, event.Removed)
	s.settled()
	for _, tc := range []struct {
		who  []string
		want int
	}{
		{[]string{"ada", "bob"}, 3},
		{[]string{"ada", "ada"}, 2},
		{[]string{"eve", "nobody"}, 0},
		{nil, 0},
	} {
		var a event.ReachAnswer
		if err := s.bus.Ask(t.Context(), seoul, event.AskReach, event.ReachQuestion{Delegates: tc.who}, &a); err != nil || a.Phones != tc.want {
			t.Errorf("of %v: %d phones, %v", tc.who, a.Phones, err)
		}
	}
}

func TestWhatIsHeldAboutSomebodyIsAnsweredAndForgotten(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n := s.open()
	s.move(seoul)
	for _, delegate := range []string{"ada", "bob"} {
		s.pick(seoul, delegate)
		s.phone(n, delegate, delegate)
	}
	s.move(seoul)
	s.settled()
	for _, delegate := range []string{"ada", "bob"} {
		h := s.ask(seoul, delegate)
		if len(h.Devices) != 1 || len(h.Inbox) != 1 || h.Inbox[0].Category != "session.moved" || h.Inbox[0].At.IsZero() {
			t.Fatalf("held: %+v", h)
		}
		if d := h.Devices[0]; d.Installation != installation(delegate) || d.Platform != "android" || d.Locale != "en" || d.SignIn != "of-"+delegate || !d.TokenHeld || d.RegisteredAt.IsZero() {
			t.Errorf("held: %+v", d)
		}
	}
	if h := s.ask("london-2011", "ada"); len(h.Devices)+len(h.Inbox) != 0 {
		t.Errorf("another conference hears %+v", h)
	}
	s.stands(seoul, "ada", 2, event.Erased)
	s.publish(seoul, "ada", 2, event.DelegateErased{Delegate: "ada"})
	s.settled()
	again := s.open() // with what the store holds
	s.stop(n)
	if h := s.ask(seoul, "ada"); len(h.Devices)+len(h.Inbox) != 0 {
		t.Errorf("of somebody erased there is %+v", h)
	}
	if h := s.ask(seoul, "bob"); len(h.Devices) != 1 || len(h.Inbox) != 1 {
		t.Errorf("of somebody else there is %+v", h)
	}
	if code := s.register(s.as(again, seoul, "ada", "of-ada"), "ada", "ada"); code != http.StatusUnauthorized {
		t.Errorf("registering a phone with the token of somebody erased answers %d", code)
	}
}

func TestASignInThatEndedRegistersNoPhoneOnAnyReplica(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n, sibling := s.open(), s.open()
	s.publish(seoul, "ada", 2, event.SignInEnded{Delegate: "ada", SignIn: "gone", Reason: event.EndedByOffice})
	s.publish(seoul, "bob", 2, event.DelegateChanged{Delegate: "bob", Status: event.Accredited, Rights: 2, Fields: []string{"roles"}})
	s.worked()
	for _, replica := range []*notifications.Service{n, sibling, s.open()} {
		for _, c := range []*client.ClientWithResponses{s.as(replica, seoul, "ada", "gone"), s.as(replica, seoul, "bob", "of-bob")} {
			s.eventually("refused", func() bool { return s.register(c, "p", "p") == http.StatusUnauthorized })
		}
		if err := replica.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if code := s.register(s.as(n, seoul, "ada", "new"), "p", "p"); code != http.StatusOK {
		t.Errorf("registering with another sign-in answers %d", code)
	}
	if h := s.ask(seoul, "ada"); len(h.Devices) != 1 || h.Devices[0].SignIn != "new" {
		t.Errorf("ada has %+v", h.Devices)
	}
}
