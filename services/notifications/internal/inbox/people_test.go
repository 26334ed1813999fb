package inbox

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// stands puts how somebody stands, as the delegates service does before it tells
// what happened.
func (r *rig) stands(delegate string, revision int64, status string) {
	r.t.Helper()
	r.put(event.DelegateStateSubject("seoul", delegate), revision, event.DelegateState{Delegate: delegate, Revision: revision, Status: status})
}

func (r *rig) happens(id string, p event.Payload) {
	r.t.Helper()
	e, err := event.New(id, "seoul", "x", 2, "", time.Now(), p)
	if err == nil {
		err = r.plan.HandlePeople(r.t.Context(), e)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// phone registers one with a sign-in of the same name.
func (r *rig) phone(delegate, name string) {
	r.t.Helper()
	_, err := r.plan.Devices.Register(r.t.Context(), push.Device{
		Installation: name, Token: push.Token("t-" + name), Delegate: delegate, Conference: "seoul", SignIn: "of-" + name,
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) wantPhones(delegate string, want ...string) {
	r.t.Helper()
	got := []string{}
	for _, d := range r.plan.Devices.Of(delegate) {
		got = append(got, d.Installation)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("%s has the phones %v, want %v", delegate, got, want)
	}
}

func TestNobodyWhoIsNotAccreditedIsAmongThoseToBeTold(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	r.conference(first)
	for _, delegate := range []string{"ada", "bob", "eve", "kim", "unknown"} {
		r.pick(delegate, 1, event.Pick{Session: "s", AgendaRevision: 1})
		r.phone(delegate, "p-"+delegate)
	}
	for delegate, status := range map[string]string{"ada": event.Accredited, "bob": event.Removed, "eve": event.Substituted, "kim": event.Erased} {
		r.stands(delegate, 2, status)
	}
	r.release(step(first, roomed(first, "annex", 2)))
	r.handled(2)
	if err := r.plan.TellLate(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.wantInbox("ada", "session.moved 1>2")
	r.wantInbox("unknown", "session.moved 1>2")
	for _, delegate := range []string{"bob", "eve", "kim"} {
		r.wantInbox(delegate)
	}
	if got := fmt.Sprint(r.to); got != "[[p-ada p-unknown]]" {
		t.Errorf("sent to %s", got)
	}
	// A pick that arrives late is not told late either.
	r.stands("late", 1, event.Removed)
	r.pick("late", 1, event.Pick{Session: "s", AgendaRevision: 1})
	if err := r.plan.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.plan.CheckPicks(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.wantInbox("late")
}

func TestPhonesGoWithTheirSignInAndWithTheirPerson(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	for _, delegate := range []string{"ada", "bob", "eve", "kim"} {
		r.phone(delegate, delegate+"1")
		r.phone(delegate, delegate+"2")
	}
	for range 2 { // everything comes twice sooner or later
		r.happens("1", event.SignInEnded{Delegate: "ada", SignIn: "of-ada1", Reason: event.EndedSignedOut})
		r.stands("bob", 2, event.Removed)
		r.happens("2", event.DelegateChanged{Delegate: "bob", Status: event.Removed})
		r.happens("3", event.DelegateChanged{Delegate: "kim", Status: event.Accredited, Fields: []string{"roles"}})
		r.happens("4", event.DelegateSubstituted{Delegate: "eve", Deputy: "kim"})
	}
	r.wantPhones("ada", "ada2")
	r.wantPhones("bob")
	r.wantPhones("eve")
	r.wantPhones("kim", "kim1", "kim2")
	r.stands("bob", 3, event.Accredited) // and is back
	r.phone("bob", "bob3")
	r.happens("2", event.DelegateChanged{Delegate: "bob", Status: event.Removed}) // the bus tells everything again
	r.wantPhones("bob", "bob3")
}

func TestOfSomebodyErasedNothingIsLeftToRead(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	r.conference(first)
	r.handled(1)
	for _, delegate := range []string{"ada", "bob"} {
		r.pick(delegate, 1, event.Pick{Session: "s", AgendaRevision: 1})
		r.phone(delegate, delegate+"1")
		r.happens("reuse-"+delegate, event.SignInEnded{Delegate: delegate, SignIn: "of-" + delegate + "0", Reason: event.EndedReuse})
	}
	r.release(step(first, roomed(first, "annex", 2)))
	r.handled(2)
	r.wantInbox("ada", "sign_in.ended 0>1", "session.moved 1>2")
	r.stands("ada", 2, event.Erased)
	for range 2 {
		r.happens("erased", event.DelegateErased{Delegate: "ada"})
	}
	r.happens("reuse-ada", event.SignInEnded{Delegate: "ada", SignIn: "of-ada0", Reason: event.EndedReuse}) // told again
	r.wantPhones("ada")
	r.wantInbox("ada")
	r.wantPhones("bob", "bob1")
	r.wantInbox("bob", "sign_in.ended 0>1", "session.moved 1>2")
	r.stop()
	r.start() // from what the store holds
	r.ledger.Drop("seoul", "ada")
	r.wantInbox("ada")
	own, there, _ := r.ledger.Notice(t.Context(), push.Key("seoul", push.Subject{Kind: push.SignIn, ID: "of-ada0"}, 0, 1))
	if !there || own.Seq == 0 || own.Category != "" || own.Subject.ID != "" || own.Pages != 0 || !own.At.IsZero() {
		t.Errorf("of a notice of their own there is %+v", own)
	}
	r.wantInbox("bob", "sign_in.ended 0>1", "session.moved 1>2")
}

func TestWhoseSignInWasUsedTwiceIsToldOnceOnThePhonesThatAreLeft(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	r.phone("ada", "stolen")
	r.phone("ada", "kept")
	for range 3 {
		r.happens("1", event.SignInEnded{Delegate: "ada", SignIn: "of-stolen", Reason: event.EndedReuse})
	}
	for n, reason := range []string{event.EndedSignedOut, event.EndedElsewhere, event.EndedByOffice, event.EndedRights} {
		r.happens(reason, event.SignInEnded{Delegate: "ada", SignIn: fmt.Sprint("other", n), Reason: reason})
	}
	r.wantInbox("ada", "sign_in.ended 0>1")
	for n, to := range r.to {
		if fmt.Sprint(to) != "[kept]" || r.sent[n].Key != r.sent[0].Key || r.sent[n].Urgency != push.Important || r.sent[n].Subject != (push.Subject{Kind: "sign-in", ID: "of-stolen"}) {
			t.Errorf("sent %+v to %v", r.sent[n], to)
		}
	}
	r.stands("bob", 2, event.Removed)
	r.happens("2", event.SignInEnded{Delegate: "bob", SignIn: "x", Reason: event.EndedReuse})
	r.wantInbox("bob")
}

func TestAnEventAboutPeopleThatCannotBeReadIsRefusedForGood(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	for _, p := range []event.Payload{event.SignInEnded{}, event.DelegateChanged{}, event.DelegateSubstituted{}, event.DelegateErased{}} {
		e, err := event.New("1", "seoul", "x", 1, "", time.Now(), p)
		if err != nil {
			t.Fatal(err)
		}
		e.Data = []byte(`"words"`)
		if err := r.plan.HandlePeople(t.Context(), e); !problem.Is(err, problem.Malformed) {
			t.Errorf("%s: %v", e.Type, err)
		}
	}
	e, err := event.New("1", "seoul", "x", 1, "", time.Now(), event.CodesIssued{})
	if err = errors.Join(err, r.plan.HandlePeople(t.Context(), e)); err != nil {
		t.Error(err)
	}
}
