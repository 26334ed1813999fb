package agenda_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
)

func TestTheAgendaIsExportedAsScheduleFiles(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	ada, d := s.as(t, a, delegate("seoul-2013", "ada")), deskOf(t, s, a)
	if got, err := d.cancel(3, `"1-en"`, "The speaker is ill."); err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	for _, x := range []struct {
		format            client.ExportScheduleParamsFormat
		media, name       string
		sessions          int
		event, cancelling string
	}{
		{"", "application/xml", "seoul-2013-2.xml", 23, "<event ", "CANCELED"},
		{"xml", "application/xml", "seoul-2013-2.xml", 23, "<event ", "CANCELED"},
		{"json", "application/json", "seoul-2013-2.json", 23, `"persons":`, "CANCELED"},
		{"json2", "application/json", "seoul-2013-2.schedule2.json", 24, `"participants":`, `"status":"CANCELED"`},
	} {
		params := &client.ExportScheduleParams{Format: &x.format, AcceptLanguage: ptr("ko")}
		if x.format == "" {
			params.Format = nil
		}
		got, err := ada.ExportScheduleWithResponse(t.Context(), "seoul-2013", params)
		if err != nil || got.StatusCode() != http.StatusOK {
			t.Fatalf("%v %s", err, got.GetBody())
		}
		h, body := got.HTTPResponse.Header, string(got.Body)
		if h.Get("Content-Type") != x.media || h.Get("Content-Disposition") != "attachment; filename="+x.name || h.Get("Content-Language") != "ko" {
			t.Errorf("%s: %v", x.format, h)
		}
		cancelled := 0
		if x.format == "json2" {
			cancelled = 1
		}
		if strings.Count(body, x.event) != x.sessions || strings.Count(body, x.cancelling) != cancelled || !strings.Contains(body, "2013-10-17T09:00:00+09:00") || !strings.Contains(body, "사이버공간의 행동 규범 7") {
			t.Errorf("%s: %d sessions, %d cancelled\n%.600s", x.format, strings.Count(body, x.event), strings.Count(body, x.cancelling), body)
		}
	}
}

func TestMyScheduleIsPicksAndDutiesAndWhatCannotBeDoneBoth(t *testing.T) {
	t.Parallel()
	const adaID, bobID = "0190a3c2-7b1e-7c4d-9a51-00000000d001", "0190a3c2-7b1e-7c4d-9a51-00000000d002"
	with := seed("seoul-2013", 24)
	with.Rooms[3].Zone = "south"
	with.Walking = []agenda.Walk{{From: "north", To: "south", Minutes: 12}}
	with.Sessions[1].People = append(with.Sessions[1].People, agenda.Part{Role: "chair", Delegate: adaID}, agenda.Part{Role: "speaker", Delegate: bobID})
	with.Sessions[13].Start, with.Sessions[13].End = with.Sessions[13].Start.Add(5*time.Minute), with.Sessions[13].End.Add(5*time.Minute)
	s, a := loaded(t, with)
	pick(t, s, a, adaID, 0, 1, 13, 22)
	ada := s.as(t, a, delegate("seoul-2013", adaID))
	got, err := ada.GetMyScheduleWithResponse(t.Context(), nil)
	if err != nil || got.JSON200 == nil {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	var mine []string
	for _, item := range got.JSON200.Items {
		mine = append(mine, item.Session.ID[len(item.Session.ID)-2:]+" "+strings.Join(item.Why, "+"))
		if item.PickedAt == nil {
			t.Errorf("%s was picked", item.Session.ID)
		}
	}
	if want := "00 pick, 01 pick+chair, 13 pick, 22 pick"; strings.Join(mine, ", ") != want {
		t.Errorf("got %v, want %s", mine, want)
	}
	var conflicts []string
	for _, c := range got.JSON200.Conflicts {
		conflicts = append(conflicts, c.Code+" "+c.Sessions[0][34:]+" "+c.Sessions[1][34:]+" "+number(int64(c.Minutes)))
	}
	// 0 and 1 are at one time; 13 begins five minutes after them, twelve minutes
	// away, and ends five minutes into 22.
	if want := "overlap 00 01 60, walking_time 00 13 7, walking_time 01 13 7, overlap 13 22 5"; strings.Join(conflicts, ", ") != want {
		t.Errorf("got %v, want %s", conflicts, want)
	}
	if got.JSON200.Meetings == nil || len(got.JSON200.Meetings) != 0 || got.JSON200.Revision != 1 {
		t.Errorf("%+v", got.JSON200)
	}
	bob, err := s.as(t, a, delegate("seoul-2013", bobID)).GetMyScheduleWithResponse(t.Context(), nil)
	if err != nil || bob.JSON200 == nil || len(bob.JSON200.Items) != 1 || bob.JSON200.Items[0].PickedAt != nil || len(bob.JSON200.Conflicts) != 0 {
		t.Errorf("%v %s", err, bob.GetBody())
	}
}
