package main

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/shared/client"
)

// A person is somebody of the sample with a phone of their own.
type person struct {
	sample.Delegate
	app   *client.ClientWithResponses
	token string
}

// with signs somebody in and registers a phone, which is new to the house.
func (w world) with(t *testing.T, d sample.Delegate, n int) person {
	t.Helper()
	p := person{d, w.signIn(t, d), fmt.Sprintf("people:%d:%d", n, time.Now().UnixNano())}
	phone := client.Registration{Token: p.token, Platform: client.RegistrationPlatform("ios"), Locale: "en-GB"}
	got, err := p.app.RegisterDeviceWithResponse(t.Context(), fmt.Sprintf("0190a3c2-7b1e-7c4d-9a51-%012d", n), phone)
	if err != nil || got.JSON200 == nil {
		t.Fatalf("register a phone: %v %+v", err, got)
	}
	return p
}

// picks are the sessions somebody has picked.
func (p person) picks(t *testing.T) (sessions []string) {
	t.Helper()
	got, err := p.app.ListPicksWithResponse(t.Context())
	if err != nil || got.JSON200 == nil {
		t.Fatalf("picks: %v %+v", err, got)
	}
	for _, x := range got.JSON200.Items {
		sessions = append(sessions, x.SessionID)
	}
	return sessions
}

// soon waits for what must be so within twenty seconds on every service.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick, over := time.NewTicker(20*time.Millisecond), time.After(20*time.Second)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-over:
			t.Fatalf("not within twenty seconds: %s", what)
		}
	}
}

// out tells whether all three services refuse somebody's access token.
func (p person) out(t *testing.T) bool {
	t.Helper()
	me, err1 := p.app.GetMeWithResponse(t.Context())
	picks, err2 := p.app.ListPicksWithResponse(t.Context())
	phones, err3 := p.app.ListDevicesWithResponse(t.Context())
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	return me.StatusCode() == http.StatusUnauthorized && picks.StatusCode() == http.StatusUnauthorized && phones.StatusCode() == http.StatusUnauthorized
}

// pushes are how many a phone has received so far.
func (p person) pushes(h *house) int { return len(h.sandbox.Phone(p.token)) }

// TestASeatIsHandedOnAcrossTheHouse: a liaison gives the seat of one member to
// another, who is told from then on what the first would have been told; the
// first is told nothing more, and can do nothing more. Then the deputy signs
// out, comes back, and is forgotten.
func TestASeatIsHandedOnAcrossTheHouse(t *testing.T) {
	t.Parallel()
	h := openHouse(t, "CONFERENCE", "london-2011")
	w := h.world()
	liaison, members := threeOf(t, w.sample)
	desk := w.signIn(t, oneOf(w.sample, "secretariat"))
	ada, bob, lia := w.with(t, members[0], 1), w.with(t, members[1], 2), w.with(t, liaison, 3)
	s := unpicked(t, w.sample, ada.Delegate)
	if got, err := ada.app.PickSessionWithResponse(t.Context(), s.ID, nil); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Fatalf("pick: %v %+v", err, got)
	}
	w.shift(t, desk, s.ID)
	soon(t, "the member is told", func() bool { return ada.pushes(h) == 1 })

	seat, err := lia.app.SubstituteWithResponse(t.Context(), w.sample.ID, nil, client.SubstituteJSONRequestBody{Delegate: ada.ID, Deputy: bob.ID})
	if err != nil || seat.JSON201 == nil || seat.JSON201.Status != "done" {
		t.Fatalf("substitute: %v %s", err, seat.Body)
	}
	soon(t, "the member's tokens are refused", func() bool { return ada.out(t) })
	soon(t, "the deputy has the member's picks", func() bool { return slices.Contains(bob.picks(t), s.ID) })
	w.shift(t, desk, s.ID)
	soon(t, "the deputy is told", func() bool { return bob.pushes(h) == 1 })
	inbox, err := bob.app.ReadInboxWithResponse(t.Context(), nil)
	if err != nil || inbox.JSON200 == nil || len(inbox.JSON200.Items) != 1 || inbox.JSON200.Items[0].Subject.ID != s.ID {
		t.Errorf("the deputy's inbox has %s, %v; want what happened since", inbox.Body, err)
	}
	data, err := bob.app.GetMyDataWithResponse(t.Context())
	if err != nil || data.JSON200 == nil || len(data.JSON200.Agenda["picks"].([]any)) == 0 || len(data.JSON200.Notifications["devices"].([]any)) == 0 {
		t.Errorf("what is held about the deputy is %s, %v", data.Body, err)
	}

	if got, err := bob.app.EndSignInWithResponse(t.Context(), "current"); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Fatalf("sign out: %v %+v", err, got)
	}
	soon(t, "the phone's tokens are refused", func() bool { return bob.out(t) })
	again := w.with(t, members[1], 4)
	w.shift(t, desk, s.ID)
	soon(t, "the deputy's new phone is told", func() bool { return again.pushes(h) == 1 })
	if ada.pushes(h) != 1 || bob.pushes(h) != 1 {
		t.Errorf("phones that were signed out got %d and %d pushes, want the one each from before", ada.pushes(h), bob.pushes(h))
	}
}

// threeOf is a liaison of the sample and two members of the same delegation.
func threeOf(t *testing.T, c sample.Conference) (liaison sample.Delegate, members []sample.Delegate) {
	t.Helper()
	for _, d := range c.Delegates {
		meets := slices.ContainsFunc(c.Meetings, func(m sample.Meeting) bool { return m.Asking == d.Delegation || m.Asked == d.Delegation })
		if meets || !slices.Contains(d.Roles, "liaison") || slices.Contains(d.Roles, "secretariat") {
			continue
		}
		members = members[:0]
		for _, o := range c.Delegates {
			if o.Delegation == d.Delegation && len(o.Roles) == 1 {
				members = append(members, o)
			}
		}
		if len(members) >= 2 {
			return d, members
		}
	}
	t.Fatal("the sample has no delegation for the story")
	return liaison, nil
}

// shift gives the session another room, or the one before back.
func (w world) shift(t *testing.T, desk *client.ClientWithResponses, session string) {
	t.Helper()
	read, err := desk.GetSessionWithResponse(t.Context(), w.sample.ID, session, nil)
	if err != nil || read.JSON200 == nil {
		t.Fatalf("session: %v %+v", err, read)
	}
	later := read.JSON200.StartsAt.Add(time.Minute)
	got, err := desk.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), w.sample.ID, session,
		&client.ChangeSessionParams{IfMatch: read.HTTPResponse.Header.Get("ETag")}, client.SessionPatch{StartsAt: &later})
	if err != nil || got.JSON200 == nil {
		t.Fatalf("move: %v %s", err, got.Body)
	}
}
