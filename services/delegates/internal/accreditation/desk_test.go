package accreditation_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

const seoul = "seoul-2013"

// one is a conference with one person, who can be changed.
type one struct {
	atomic.Pointer[delegate.Delegate]
}

func (o *one) Accredited(_ context.Context, conference, id string) (delegate.Delegate, error) {
	if d := o.Load(); d.ID == id && d.Conference == conference && d.Accredited() {
		return *d, nil
	}
	return delegate.Delegate{}, problem.Hidden()
}

func (o *one) Delegation(context.Context, string, string) (delegate.Delegation, error) {
	return delegate.Delegation{Designation: map[string]string{"en": "Republic of Korea"}}, nil
}

func (o *one) DelegatesOf(string) []delegate.Delegate     { return []delegate.Delegate{*o.Load()} }
func (o *one) Members(string, string) []delegate.Delegate { return []delegate.Delegate{*o.Load()} }

// phones begins sign-ins, or fails to.
type phones struct {
	begun atomic.Int64
	fail  atomic.Bool
}

var errWeather = errors.New("bad weather")

func (p *phones) Begin(context.Context, string, token.Who) (token.Pair, error) {
	if p.fail.Load() {
		return token.Pair{}, errWeather
	}
	p.begun.Add(1)
	return token.Pair{}, nil
}

// rig is a desk and an office for one person without a code.
type rig struct {
	desk   *accreditation.Desk
	office *accreditation.Office
	person *one
	phones *phones
	told   chan event.Envelope
}

func (r *rig) Publish(_ context.Context, e event.Envelope) error {
	r.told <- e
	return nil
}

func newRig(t *testing.T) *rig {
	t.Helper()
	e := enginestest.Test(t)
	s, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "plenary_delegates"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	now := func() time.Time { return time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC) }
	r := &rig{person: new(one), phones: new(phones), told: make(chan event.Envelope, 10)}
	r.person.Store(&delegate.Delegate{ID: "d1", Conference: seoul, Accreditation: "SEO-1", Status: event.Accredited})
	badges, codes := mongostore.NewBadges(s, []byte{1}), accreditation.NewCodes([][]byte{{1}})
	r.desk = accreditation.NewDesk(accreditation.DeskConfig{
		Badges: badges, Guard: accreditation.NewGuard(badges, []byte{2}, now), People: r.person, SignIns: r.phones, Codes: codes, Now: now,
	})
	r.office = accreditation.NewOffice(accreditation.OfficeConfig{
		Store: badges, People: r.person, Codes: codes, Herald: r, Now: now,
		Owe: func(_ string, tell func(context.Context) error) {
			if err := tell(t.Context()); err != nil {
				t.Error(err)
			}
		},
	})
	return r
}

// code issues one.
func (r *rig) code(t *testing.T) string {
	t.Helper()
	letters, err := r.office.Issue(t.Context(), accreditation.Order{Conference: seoul, Everybody: true, By: "secretary"})
	if err != nil || len(letters) != 1 {
		t.Fatalf("letters %v, %v", letters, err)
	}
	return letters[0].Code
}

func (r *rig) check(t *testing.T, code string) (accreditation.Ticket, error) {
	t.Helper()
	return r.desk.Check(t.Context(), seoul, "SEO-1", code, "192.0.2.1")
}

func refused(err error) bool { return err != nil && problem.From(err).Code == "sign_in_refused" }

func TestACheckedCodeIsUsedUpWhenTheSignInIsComplete(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	code := r.code(t)
	first, err := r.check(t, code)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.check(t, code)
	if err != nil {
		t.Errorf("checked again: %v", err)
	}
	var read accreditation.Ticket
	if err := json.Unmarshal(kept, &read); err != nil {
		t.Fatal(err)
	}
	if _, err := r.desk.Complete(t.Context(), read); err != nil {
		t.Errorf("with a ticket that was kept: %v", err)
	}
	if _, err := r.desk.Complete(t.Context(), second); !refused(err) {
		t.Errorf("with another ticket for the same code: %v", err)
	}
	if _, err := r.check(t, code); !refused(err) {
		t.Errorf("checked when it is used: %v", err)
	}
	if r.phones.begun.Load() != 1 {
		t.Errorf("%d sign-ins began", r.phones.begun.Load())
	}
}

func TestATicketIsGoodForItsCodeOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	old, err := r.check(t, r.code(t))
	if err != nil {
		t.Fatal(err)
	}
	next := r.code(t)
	if _, err := r.desk.Complete(t.Context(), old); !refused(err) {
		t.Errorf("a ticket for the code before: %v", err)
	}
	if ticket, err := r.check(t, next); err != nil {
		t.Errorf("the new code: %v", err)
	} else if _, err := r.desk.Complete(t.Context(), ticket); err != nil {
		t.Errorf("the new code: %v", err)
	}
}

func TestACodeStaysGoodWhenNoSignInComesOfIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	code := r.code(t)
	ticket, err := r.check(t, code)
	if err != nil {
		t.Fatal(err)
	}
	r.phones.fail.Store(true)
	if _, err := r.desk.Complete(t.Context(), ticket); !errors.Is(err, errWeather) {
		t.Fatalf("in bad weather: %v", err)
	}
	r.phones.fail.Store(false)
	if ticket, err = r.check(t, code); err != nil {
		t.Fatalf("later: %v", err)
	}
	if _, err := r.desk.Complete(t.Context(), ticket); err != nil {
		t.Errorf("later: %v", err)
	}
}

func TestTheRightCodeIsRefusedToWhoHasLostTheNumber(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	code := r.code(t)
	was := *r.person.Load()
	for name, change := range map[string]func(*delegate.Delegate){
		"removed":             func(d *delegate.Delegate) { d.Status = event.Removed },
		"with another number": func(d *delegate.Delegate) { d.Accreditation = "SEO-2" },
	} {
		d := was
		change(&d)
		r.person.Store(&d)
		if _, err := r.check(t, code); !refused(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.person.Store(&was)
	if _, err := r.check(t, code); err != nil {
		t.Errorf("as before: %v", err)
	}
}

func TestWhoHasNoNumberGetsNoCode(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := *r.person.Load()
	d.Accreditation = ""
	r.person.Store(&d)
	if code := r.code(t); code != "" {
		t.Errorf("code %s", code)
	}
	if len(r.told) != 0 {
		t.Error("told of codes that nobody got")
	}
}

func TestAnIssueIsToldOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.code(t)
	if err := r.office.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := <-r.told
	var p event.CodesIssued
	if err := e.Into(&p); err != nil || p.Codes != 1 || e.Actor != "secretary" || e.Subject != p.Issue || e.Conference != seoul {
		t.Errorf("told %+v, %v", e, err)
	}
	if len(r.told) != 0 {
		t.Error("told again")
	}
}
