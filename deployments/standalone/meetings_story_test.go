package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/shared/client"
)

// A mission is a delegation of the sample: who speaks for it, who is to meet, and
// who has nothing to do with it.
type mission struct{ liaison, minister, member person }

// missions are three delegations of the sample with phones that are new. None has
// a meeting yet, of which it would be told besides.
func (w world) missions(t *testing.T) (all []mission) {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range w.sample.Meetings {
		seen[m.Asking], seen[m.Asked] = true, true
	}
	for _, d := range w.sample.Delegates {
		if seen[d.Delegation] || !slices.Contains(d.Roles, "liaison") || slices.Contains(d.Roles, "secretariat") {
			continue
		}
		seen[d.Delegation] = true
		var others []sample.Delegate
		for _, o := range w.sample.Delegates {
			if o.Delegation == d.Delegation && len(o.Roles) == 1 {
				others = append(others, o)
			}
		}
		if len(others) < 2 {
			continue
		}
		n := 10 * (len(all) + 1)
		all = append(all, mission{w.with(t, d, n), w.with(t, others[0], n+1), w.with(t, others[1], n+2)})
		if len(all) == 3 {
			return all
		}
	}
	t.Fatal("the sample has no three delegations for the story")
	return nil
}

// TestTwoDelegationsMeetAndNobodyElseHearsOfIt is a bilateral meeting from the
// request to its end, as the phones around it hear of it.
func TestTwoDelegationsMeetAndNobodyElseHearsOfIt(t *testing.T) {
	t.Parallel()
	const topic = "Cyber defence of the Talcum Islands"
	h := openHouse(t, "CONFERENCE", "london-2011")
	w := h.world()
	p := w.missions(t)
	asks, asked, third := p[0], p[1], p[2]
	heard := func(what string, want map[string]int) {
		t.Helper()
		soon(t, what, func() bool {
			for token, n := range want {
				if len(h.sandbox.Phone(token)) < n {
					return false
				}
			}
			return true
		})
		for _, x := range p {
			for _, who := range []person{x.liaison, x.minister, x.member} {
				if got := who.pushes(h); got != want[who.token] {
					t.Errorf("%s: %s has been told %d times, want %d", what, who.Accreditation, got, want[who.token])
				}
			}
		}
	}

	m := w.requests(t, asks, asked, topic)
	heard("the request", map[string]int{asked.liaison.token: 1})
	accepted := w.accepts(t, asked, m.ID, topic)
	told := map[string]int{asked.liaison.token: 1, asks.liaison.token: 1, asks.minister.token: 1, asked.minister.token: 1}
	heard("that it takes place", told)

	cancelled, err := asks.liaison.app.CancelMeetingWithResponse(t.Context(), w.sample.ID, m.ID,
		&client.CancelMeetingParams{IfMatch: accepted.HTTPResponse.Header.Get("ETag")}, client.MeetingCancellation{Reason: topic})
	if err != nil || cancelled.JSON200 == nil || cancelled.JSON200.Status != "cancelled" {
		t.Fatalf("cancel: %v %s", err, cancelled.Body)
	}
	told[asked.liaison.token], told[asks.minister.token], told[asked.minister.token] = 2, 2, 2
	heard("that it does not", told)

	h.wantNeutral(t, topic, accepted.JSON200.RoomName, asks, asked)
	inbox := asked.minister.reads(t)
	if !strings.Contains(inbox, accepted.JSON200.RoomName) || !strings.Contains(inbox, `"meeting.cancelled"`) || strings.Contains(inbox, topic) {
		t.Errorf("who is to meet reads %s", inbox)
	}
	for _, who := range []person{asks.member, third.liaison} {
		if strings.Contains(who.reads(t), "meeting.") {
			t.Errorf("%s reads of it", who.Accreditation)
		}
	}
}

// requests has one ask the other to meet, at the first time both are free.
func (w world) requests(t *testing.T, asks, asked mission, topic string) *client.Meeting {
	t.Helper()
	found, err := asks.liaison.app.FindMeetingSlotsWithResponse(t.Context(), w.sample.ID, &client.FindMeetingSlotsParams{With: asked.liaison.Delegation, Level: "minister"})
	if err != nil || found.JSON200 == nil || len(found.JSON200.Items) == 0 {
		t.Fatalf("slots: %v %s", err, found.Body)
	}
	got, err := asks.liaison.app.RequestMeetingWithResponse(t.Context(), w.sample.ID, nil, client.MeetingRequest{
		Delegation: asked.liaison.Delegation, Level: "minister", Topic: &topic, Note: &topic,
		Principals: &[]string{asks.minister.ID}, Slots: client.SlotChoices{{StartsAt: found.JSON200.Items[0].StartsAt}},
	})
	if err != nil || got.JSON201 == nil {
		t.Fatalf("request: %v %s", err, got.Body)
	}
	return got.JSON201
}

// accepts has the other agree.
func (w world) accepts(t *testing.T, asked mission, meeting, topic string) *client.AcceptMeetingResponse {
	t.Helper()
	read, err := asked.liaison.app.GetMeetingWithResponse(t.Context(), w.sample.ID, meeting, nil)
	if err != nil || read.JSON200 == nil || read.JSON200.Topic != topic {
		t.Fatalf("read: %v %s", err, read.Body)
	}
	got, err := asked.liaison.app.AcceptMeetingWithResponse(t.Context(), w.sample.ID, meeting,
		&client.AcceptMeetingParams{IfMatch: read.HTTPResponse.Header.Get("ETag")}, client.MeetingAcceptance{Principals: &[]string{asked.minister.ID}})
	if err != nil || got.JSON200 == nil || got.JSON200.Status != "confirmed" {
		t.Fatalf("accept: %v %s", err, got.Body)
	}
	return got
}

// wantNeutral looks through everything the phones of two missions got.
func (h *house) wantNeutral(t *testing.T, topic, room string, of ...mission) {
	t.Helper()
	for _, x := range of {
		for _, who := range []person{x.liaison, x.minister} {
			for _, m := range h.sandbox.Phone(who.token) {
				if m.Title != "Your bilateral schedule has news" || m.Body != "Open the app." {
					t.Errorf("a phone shows %q, %q", m.Title, m.Body)
				}
				text, err := json.Marshal(m)
				if err != nil {
					t.Fatal(err)
				}
				for _, secret := range []string{topic, room, x.liaison.Name, x.minister.Name, x.liaison.Delegation, x.minister.ID} {
					if strings.Contains(string(text), secret) {
						t.Errorf("a phone got %q: %s", secret, text)
					}
				}
			}
		}
	}
}

// reads is somebody's inbox as it was sent.
func (p person) reads(t *testing.T) string {
	t.Helper()
	got, err := p.app.ReadInboxWithResponse(t.Context(), nil)
	if err != nil || got.StatusCode() != http.StatusOK {
		t.Fatalf("inbox: %v %+v", err, got)
	}
	return string(got.Body)
}

// TestASessionMovedOntoAMeetingTellsBothSides: the meeting stands, and whoever
// takes part hears that they cannot be in two places.
func TestASessionMovedOntoAMeetingTellsBothSides(t *testing.T) {
	t.Parallel()
	h := openHouse(t, "CONFERENCE", "london-2011")
	w := h.world()
	p := w.missions(t)
	asks, asked, third := p[0], p[1], p[2]
	const topic = "Search and rescue in the Talcum Sea"
	m := w.accepts(t, asked, w.requests(t, asks, asked, topic).ID, topic).JSON200
	desk := w.signIn(t, oneOf(w.sample, "secretariat"))
	moved := false
	for _, s := range w.sample.Sessions {
		if moved || len(s.Speakers) > 0 {
			continue
		}
		if got, err := asked.minister.app.PickSessionWithResponse(t.Context(), s.ID, nil); err != nil || got.StatusCode() != http.StatusNoContent {
			continue
		}
		read, err := desk.GetSessionWithResponse(t.Context(), w.sample.ID, s.ID, nil)
		if err != nil || read.JSON200 == nil {
			t.Fatalf("session: %v %+v", err, read)
		}
		got, err := desk.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), w.sample.ID, s.ID,
			&client.ChangeSessionParams{IfMatch: read.HTTPResponse.Header.Get("ETag")}, client.SessionPatch{StartsAt: m.StartsAt, EndsAt: m.EndsAt})
		moved = err == nil && got.JSON200 != nil
	}
	if !moved {
		t.Fatal("the sample has no session that can be moved there")
	}
	clashes := func(who person) (n int) {
		for _, x := range h.sandbox.Phone(who.token) {
			if x.Category == "meeting.clashed" {
				n++
			}
		}
		return n
	}
	for _, who := range []person{asks.liaison, asked.liaison, asks.minister, asked.minister} {
		soon(t, "all who are concerned are told", func() bool { return clashes(who) == 1 })
	}
	for _, who := range []person{asks.member, asked.member, third.liaison, third.minister} {
		if clashes(who) > 0 {
			t.Errorf("%s is told", who.Accreditation)
		}
	}
}
