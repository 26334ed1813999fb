package delegates_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates"
	"plenary.example/shared/bus"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// ended waits for the events of n ended sign-ins and returns their reasons, by
// sign-in.
func (r *rig) ended(t *testing.T, n int) map[string]string {
	t.Helper()
	b, err := bus.Connect(t.Context(), bus.Config{URL: r.engines.NATSURL(), Options: r.engines.Bus()}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	heard := make(chan event.SignInEnded, 1000)
	watch, err := b.Tail(t.Context(), bus.StreamDelegates, 1, func(_ context.Context, m bus.Seen) error {
		e, err := event.Parse(m.Data)
		if err != nil {
			return err
		}
		var p event.SignInEnded
		if e.Into(&p) == nil {
			heard <- p
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(watch.Stop)
	reasons := make(map[string]string)
	late := time.After(10 * time.Second)
	for range n {
		select {
		case p := <-heard:
			reasons[p.SignIn] = p.Reason
		case <-late:
			t.Fatalf("only %d of %d ends are told: %v", len(reasons), n, reasons)
		}
	}
	return reasons
}

func signIns(t *testing.T, s *delegates.Service, token string) []client.OpenSignIn {
	t.Helper()
	res, err := at(t, s, token).ListSignInsWithResponse(t.Context())
	if err != nil || res.JSON200 == nil {
		t.Fatalf("list sign-ins: %v %s", err, res.Body)
	}
	return res.JSON200.Items
}

func endSignIn(t *testing.T, s *delegates.Service, token, id string) int {
	t.Helper()
	res, err := at(t, s, token).EndSignInWithResponse(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode()
}

func TestSeeingAndEndingOnesSignIns(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.start(t, nil), r.start(t, nil)
	load(t, one, people())
	phone := signedIn(t, one, "SEO-00001", sampleCode)
	r.clock.Pass(time.Minute)
	tablet := signedIn(t, other, "SEO-00001", sampleCode)
	stranger := signedIn(t, one, "SEO-00002", singleCode)
	r.clock.Pass(time.Minute)
	phone = refreshed(t, other, phone.RefreshToken)

	list := signIns(t, one, phone.AccessToken)
	if len(list) != 2 || !list[0].Current || list[1].Current || !list[0].LastUsedAt.Equal(r.clock.Now()) ||
		list[0].LastUsedAt.Sub(list[0].StartedAt) != 2*time.Minute || !list[1].StartedAt.Equal(list[1].LastUsedAt) {
		t.Fatalf("sign-ins %+v", list)
	}
	strangers := signIns(t, one, stranger.AccessToken)[0].ID
	for name, id := range map[string]string{"somebody else's": strangers, "a guessed one": "NOBODYHASTHISSIGNIN"} {
		if got := endSignIn(t, one, phone.AccessToken, id); got != 404 {
			t.Errorf("%s: %d", name, got)
		}
	}
	if got := endSignIn(t, one, phone.AccessToken, list[1].ID); got != 204 {
		t.Fatalf("the tablet's: %d", got)
	}
	if got := endSignIn(t, other, phone.AccessToken, list[1].ID); got != 404 {
		t.Errorf("the tablet's again: %d", got)
	}
	if res := refresh(t, other, tablet.RefreshToken); res.StatusCode() != 401 {
		t.Errorf("the tablet refreshes: %d", res.StatusCode())
	}
	if res := me(t, one, tablet.AccessToken); res.StatusCode() != 401 {
		t.Errorf("the tablet reads: %d", res.StatusCode())
	}
	if list := signIns(t, other, phone.AccessToken); len(list) != 1 || !list[0].Current {
		t.Errorf("what is left: %+v", list)
	}
	if got := endSignIn(t, one, phone.AccessToken, "current"); got != 204 {
		t.Errorf("signing out: %d", got)
	}
	if res := me(t, one, phone.AccessToken); res.StatusCode() != 401 || !strings.Contains(string(res.Body), "token_revoked") {
		t.Errorf("reading after signing out: %d %s", res.StatusCode(), res.Body)
	}
	if reasons := r.ended(t, 2); reasons[list[1].ID] != event.EndedElsewhere || reasons[list[0].ID] != event.EndedSignedOut {
		t.Errorf("told %v", reasons)
	}
	if res := me(t, one, stranger.AccessToken); res.StatusCode() != 200 {
		t.Errorf("a stranger: %d", res.StatusCode())
	}
}

func TestEndingAllSignIns(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	office := signedIn(t, s, "SEO-00002", singleCode)
	var phones []client.TokenPair
	for range 4 {
		phones = append(phones, signedIn(t, s, "SEO-00001", sampleCode))
	}
	res, err := at(t, s, phones[0].AccessToken).EndOtherSignInsWithResponse(t.Context())
	if err != nil || res.StatusCode() != 204 {
		t.Fatalf("end the others: %v, %d", err, res.StatusCode())
	}
	for i, p := range phones {
		if got, want := refresh(t, s, p.RefreshToken).StatusCode(), map[bool]int{true: 200, false: 401}[i == 0]; got != want {
			t.Errorf("phone %d: %d, want %d", i, got, want)
		}
	}
	end := func(token, delegate string) int {
		res, err := at(t, s, token).EndDelegateSignInsWithResponse(t.Context(), seoul, delegate)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode()
	}
	kim := people().Delegates[0].ID
	for name, got := range map[string]int{
		"a delegate": end(phones[0].AccessToken, kim) - 403, "of nobody": end(office.AccessToken, "0190a3c2-7b1e-7c4d-9a51-0000000000ff") - 404,
		"the office": end(office.AccessToken, kim) - 204, "the office again": end(signedInAgain(t, s, office).AccessToken, kim) - 204,
	} {
		if got != 0 {
			t.Errorf("%s: %d off", name, got)
		}
	}
	if res := me(t, s, phones[0].AccessToken); res.StatusCode() != 401 {
		t.Errorf("signed out by the office: %d", res.StatusCode())
	}
	count := make(map[string]int)
	for _, reason := range r.ended(t, 4) {
		count[reason]++
	}
	if count[event.EndedElsewhere] != 3 || count[event.EndedByOffice] != 1 {
		t.Errorf("told %v", count)
	}
}

func signedInAgain(t *testing.T, s *delegates.Service, p client.TokenPair) client.TokenPair {
	t.Helper()
	return refreshed(t, s, p.RefreshToken)
}

func TestAReuseIsToldOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.start(t, nil), r.start(t, nil)
	load(t, one, people())
	first := signedIn(t, one, "SEO-00001", sampleCode)
	refreshed(t, one, first.RefreshToken)
	r.clock.Pass(31 * time.Second)
	replicas := []*delegates.Service{one, other}
	if got := side(20, func(i int) int { return refresh(t, replicas[i%2], first.RefreshToken).StatusCode() }); got[401] != 20 {
		t.Errorf("answers %v", got)
	}
	id := strings.Split(first.RefreshToken, ".")[0]
	if reasons := r.ended(t, 1); reasons[id] != event.EndedReuse {
		t.Errorf("told %v", reasons)
	}
}

// What is owed is told at the next start when the process ended in between.
func TestAnEndThatWasNotToldIsToldAtTheNextStart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	pair := signedIn(t, s, "SEO-00001", sampleCode)
	id := strings.Split(pair.RefreshToken, ".")[0]
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.forge(t, "sign-ins", id, map[string]any{
		"ended": event.EndedByOffice, "pending": true, "owed": []map[string]any{{
			"id": "0190a3c2-7b1e-7c4d-9a51-0000000000aa", "type": "delegates.sign-in.ended.v1", "schema": "x", "subject": id, "revision": int64(1),
			"at": r.clock.Now(), "actor": "", "principal": "", "data": `{"delegate":"d","signIn":"` + id + `","reason":"office"}`,
		}},
	})
	r.start(t, nil)
	if reasons := r.ended(t, 1); reasons[id] != event.EndedByOffice {
		t.Errorf("told %v", reasons)
	}
}

func TestTooManySignInsEndTheOldest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	first := signedIn(t, s, "SEO-00001", sampleCode)
	second := signedIn(t, s, "SEO-00001", sampleCode)
	var last client.TokenPair
	for range 99 {
		last = signedIn(t, s, "SEO-00001", sampleCode)
	}
	if list := signIns(t, s, last.AccessToken); len(list) != 100 {
		t.Errorf("%d sign-ins", len(list))
	}
	if a, b := refresh(t, s, first.RefreshToken).StatusCode(), refresh(t, s, second.RefreshToken).StatusCode(); a != 401 || b != 200 {
		t.Errorf("the oldest %d, the next %d", a, b)
	}
}
