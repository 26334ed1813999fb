package fcm

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/wording"
)

// The push contract of app developers lies in api-spec/push: one example of
// what arrives for each way of drawing a card. This is what makes it true.
func TestPushesAreWhatTheContractShows(t *testing.T) {
	t.Parallel()
	at := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)
	room := push.Subject{Kind: "session", ID: "0190a3c2-7b1e-7c4d-9a51-2f6e8d3b4c5a"}
	key := push.Key("seoul-2013", room, 12, 13)
	notice := push.Notice{
		Key: key, ID: push.NoticeID(key), Conference: "seoul-2013", Subject: room, From: 12, To: 13, Seq: 42,
		Urgency: push.Important, Category: "session.moved", At: at, ExpiresAt: at.Add(5 * time.Hour),
	}
	for name, d := range map[string]push.Device{
		"android":        {Platform: push.Android, Rendering: "app"},
		"android-system": {Platform: push.Android, Rendering: push.System},
		"ios":            {Platform: push.IOS, Rendering: "app"},
		"web":            {Platform: push.Web, Rendering: "app"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d.Token = "token"
			same(t, push.Compose(notice, d, "New room: International security", "Now in Hall C, not Hall B. 14:00 to 15:00, Seoul time.", at), at, name)
		})
	}
}

// News that is about no session has the same shape.
func TestThePushOfASignInThatEndedIsWhatTheContractShows(t *testing.T) {
	t.Parallel()
	at := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)
	signIn := push.Subject{Kind: push.SignIn, ID: "0190a3c2-7b1e-7c4d-9a51-000000000501"}
	key := push.Key("seoul-2013", signIn, 0, 1)
	notice := push.Notice{
		Key: key, ID: push.NoticeID(key), Conference: "seoul-2013", Subject: signIn, To: 1, Seq: 43,
		Urgency: push.Important, Category: "sign_in.ended", At: at, ExpiresAt: at.Add(7 * 24 * time.Hour),
	}
	title, body := wording.Render(notice, "en")
	same(t, push.Compose(notice, push.Device{Token: "token", Platform: push.Android, Rendering: "app"}, title, body, at), at, "android-sign-in")
}

// Of a bilateral meeting a push says that there is news, whatever the news is.
func TestThePushOfAMeetingIsWhatTheContractShows(t *testing.T) {
	t.Parallel()
	at := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)
	meeting := push.Subject{Kind: push.Meeting, ID: "0190a3c2-7b1e-7c4d-9a51-00000000b001"}
	key := push.Key("seoul-2013", meeting, 1, 4)
	notice := push.Notice{
		Key: key, ID: push.NoticeID(key), Conference: "seoul-2013", Subject: meeting, From: 1, To: 4, Seq: 44,
		Urgency: push.Important, Category: "meeting.confirmed", At: at, ExpiresAt: at.Add(4 * time.Hour), Zone: "Asia/Seoul",
		After: push.State{Room: "Bilateral room 3", Start: at.Add(4 * time.Hour), End: at.Add(5 * time.Hour), Status: "confirmed"},
	}
	for name, d := range map[string]push.Device{
		"android-meeting": {Token: "token", Platform: push.Android, Rendering: "app"},
		"ios-meeting":     {Token: "token", Platform: push.IOS, Rendering: "app"},
	} {
		title, body := wording.Render(notice, "en")
		same(t, push.Compose(notice, d, title, body, at), at, name)
	}
}

// same compares what is sent of m with a file of the contract.
func same(t *testing.T, m push.Message, at time.Time, name string) {
	t.Helper()
	built, err := build(m, at)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := json.Marshal(built)
	if err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile(filepath.Join("../../../../api-spec/push", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var got, want map[string]any
	if err := json.Unmarshal(sent, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(golden, &want); err != nil {
		t.Fatal(err)
	}
	delete(got, "token") // the address is not what arrives
	if !reflect.DeepEqual(got, want) {
		text, _ := json.MarshalIndent(got, "", "  ")
		t.Errorf("sent\n%s\nwhich is not what api-spec/push/%s.json shows", text, name)
	}
}
