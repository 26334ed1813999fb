package notifications_test

import (
	"net/http"
	"testing"
	"time"

	"plenary.example/services/notifications"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// report sends what an app says of notices: states and their notices by turns.
func (s *stage) report(at *client.ClientWithResponses, said ...string) client.ReceiptsTaken {
	s.Helper()
	var body client.Receipts
	for i := 0; i < len(said); i += 2 {
		body.Items = append(body.Items, client.Receipt{
			State: client.ReceiptState(said[i]), NoticeID: said[i+1], At: time.Now().Add(-time.Minute),
		})
	}
	got, err := at.ReportReceiptsWithResponse(s.Context(), body)
	if err != nil || got.StatusCode() != http.StatusOK {
		s.Fatalf("reporting: %v, %s", err, got.Body)
	}
	return *got.JSON200
}

func (s *stage) readState(at *client.ClientWithResponses) client.ReadState {
	s.Helper()
	got, err := at.GetReadStateWithResponse(s.Context())
	if err != nil || got.StatusCode() != http.StatusOK {
		s.Fatalf("the read state: %v, %s", err, got.Body)
	}
	return *got.JSON200
}

func (s *stage) markRead(at *client.ClientWithResponses, upTo int64) client.ReadState {
	s.Helper()
	got, err := at.MarkInboxReadWithResponse(s.Context(), client.ReadMark{UpTo: upTo})
	if err != nil || got.StatusCode() != http.StatusOK {
		s.Fatalf("marking the inbox: %v, %s", err, got.Body)
	}
	return *got.JSON200
}

func TestWhatIsReadOnOneDeviceIsReadOnAllOfThem(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a, b := s.open(), s.open()
	s.move(seoul)
	for _, who := range []string{"ada", "bob"} {
		s.pick(seoul, who)
		s.phone(a, who, who)
	}
	s.move(seoul)
	s.move(seoul)
	s.move(seoul)
	s.settled()
	phone, tablet := s.as(a, seoul, "ada", "of-ada"), s.as(b, seoul, "ada", "of-tablet")
	s.eventually("the sibling has heard of the notices", func() bool { return len(s.read(tablet)) == 3 })
	items := s.read(phone)
	for _, x := range items {
		if x.State != "delivered" || x.Read {
			t.Errorf("untouched, it is %s, %v", x.State, x.Read)
		}
	}
	if got := s.readState(phone); got.Unread != 3 || got.ReadUpTo != 0 || len(got.Opened)+len(got.Acknowledged) > 0 {
		t.Errorf("untouched: %+v", got)
	}
	stranger := "0b1f6d52-8a3c-5e7d-9f01-23456789abcd"
	for range 2 { // a repeat changes nothing
		if got := s.report(phone, "received", items[0].ID, "opened", items[1].ID, "acknowledged", items[2].ID, "opened", stranger); got != (client.ReceiptsTaken{Taken: 3, Ignored: 1}) {
			t.Errorf("taken %+v", got)
		}
	}
	if got := s.report(s.as(a, seoul, "eve", "x"), "acknowledged", items[0].ID); got != (client.ReceiptsTaken{Ignored: 1}) {
		t.Errorf("of a notice that is not theirs: %+v", got)
	}
	late := s.open() // it knows what the store knows, at once
	if got := s.readState(s.as(late, seoul, "ada", "x")); len(got.Acknowledged) != 1 || got.Acknowledged[0] != items[2].Seq {
		t.Errorf("what was acknowledged is not in the store: %+v", got)
	}
	for _, replica := range []*notifications.Service{a, b, late} {
		device := s.as(replica, seoul, "ada", "of-some-device")
		s.eventually("every device knows what was opened", func() bool {
			items := s.read(device)
			return items[0].State == "delivered" && items[1].State == "opened" && items[2].State == "acknowledged" &&
				!items[0].Read && items[1].Read && items[2].Read && s.readState(device).Unread == 1
		})
	}
	if got := s.markRead(tablet, 1<<40); got.ReadUpTo != items[2].Seq || got.Unread != 0 {
		t.Errorf("all read: %+v", got)
	}
	if got := s.markRead(tablet, 1); got.ReadUpTo != items[2].Seq {
		t.Errorf("it went back: %+v", got)
	}
	s.eventually("it is read on the phone", func() bool { return s.readState(phone).Unread == 0 && s.read(phone)[0].Read })
	if got := s.readState(s.as(b, seoul, "bob", "x")); got.Unread != 3 {
		t.Errorf("somebody else's inbox: %+v", got)
	}
	s.stands(seoul, "ada", 2, event.Erased)
	s.publish(seoul, "ada", 2, event.DelegateErased{Delegate: "ada"})
	s.settled()
	var held notifications.Held
	if err := s.bus.AskPatiently(t.Context(), seoul, event.AskNoticeData, event.PersonalData{Delegate: "ada"}, &held); err != nil {
		t.Fatal(err)
	}
	if got := held.Read; got.ReadUpTo != 0 || got.FetchedUpTo != 0 || len(got.Opened)+len(got.Acknowledged) > 0 {
		t.Errorf("of somebody erased there is %+v", got)
	}
}
