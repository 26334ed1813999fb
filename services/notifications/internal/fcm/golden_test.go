package fcm

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/seal"
	"plenary.example/services/notifications/internal/wording"
)

const goldens = "../../../../api-spec/push"

// phones are the ways of drawing a card.
var phones = map[string]push.Device{
	"android":        {Token: "token", Platform: push.Android, Rendering: "app"},
	"android-system": {Token: "token", Platform: push.Android, Rendering: push.System},
	"ios":            {Token: "token", Platform: push.IOS, Rendering: "app"},
	"web":            {Token: "token", Platform: push.Web, Rendering: "app"},
}

type card struct {
	push.Notice
	title, body string
	silent      bool
}

// cards are the kinds of news, by the name of their golden examples.
func cards(at time.Time) map[string]card {
	session := push.Subject{Kind: push.Session, ID: "0190a3c2-7b1e-7c4d-9a51-2f6e8d3b4c5a"}
	meeting := push.Subject{Kind: push.Meeting, ID: "0190a3c2-7b1e-7c4d-9a51-00000000b001"}
	of := func(s push.Subject, from, to int64, category string, u push.Lane, lasts time.Duration) push.Notice {
		key := push.Key("seoul-2013", s, from, to)
		return push.Notice{
			Key: key, ID: push.NoticeID(key), Conference: "seoul-2013", Subject: s, From: from, To: to, Seq: 42,
			Urgency: u, Category: category, At: at, ExpiresAt: at.Add(lasts),
		}
	}
	const moved, room = "New room: International security", "Now in Hall C, not Hall B. 14:00 to 15:00, Seoul time."
	const neutral, open = "Your bilateral schedule has news", "Open the app."
	asked := of(push.Subject{Kind: push.Announcement, ID: "0190a3c2-7b1e-7c4d-9a51-00000000a001"}, 0, 1, "announcement", push.Important, time.Hour)
	asked.AckBy = at.Add(5 * time.Minute)
	return map[string]card{
		"session":         {of(session, 12, 13, "session.moved", push.Important, 5*time.Hour), moved, room, false},
		"session-silent":  {of(session, 12, 13, "session.moved", push.Important, 5*time.Hour), moved, room, true},
		"session-urgent":  {of(session, 13, 14, "session.cancelled", push.Urgent, time.Hour), "Cancelled: International security", "Will not take place. 14:00 to 15:00, Seoul time.", false},
		"reminder":        {of(session, 13, 13, "session.reminder", push.Important, 15*time.Minute), "International security", "Begins at 14:00 in Hall C, in 15 minutes, Seoul time.", false},
		"meeting":         {of(meeting, 1, 4, "meeting.confirmed", push.Important, 4*time.Hour), neutral, open, false},
		"meeting-request": {of(meeting, 0, 1, "meeting.requested", push.Important, 24*time.Hour), neutral, open, false},
		"sign-in":         {of(push.Subject{Kind: push.SignIn, ID: "0190a3c2-7b1e-7c4d-9a51-000000000501"}, 0, 1, "sign_in.ended", push.Important, 7*24*time.Hour), "Signed out on one device", "One of your sign-ins was used in two places and has been ended.", false},
		"announcement":    {asked, "Shuttle buses", "The last bus to the hotels leaves at 22:30.", false},
		"digest":          {of(push.Subject{Kind: push.Digest, ID: "0190a3c2-7b1e-7c4d-9a51-00000000d001"}, 0, 1, "digest", push.Routine, 12*time.Hour), "5 news items", "Open the app.", false},
		"escalation":      {of(session, 14, 14, "escalation.asked", push.Urgent, time.Hour), "Your delegation has not seen urgent news", "Open the app.", false},
	}
}

// The push contract of app developers lies in api-spec/push: one example of
// what arrives for each kind of news and way of drawing a card. This is what
// makes it true. UPDATE_GOLDEN=1 writes them anew.
func TestPushesAreWhatTheContractShows(t *testing.T) {
	t.Parallel()
	at := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)
	known := map[string]bool{"data.schema.json": true, "sealed.schema.json": true}
	words, err := wording.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	for kind, c := range cards(at) {
		for platform, d := range phones {
			m := push.Compose(c.Notice, d, c.title, c.body, at)
			m.Silent, m.Labels = c.silent, words.Labels(m.Buttons, wording.Reader{Locale: "en"})
			known[platform+"-"+kind+".json"] = true
			t.Run(platform+"-"+kind, func(t *testing.T) { same(t, m, at, platform+"-"+kind) })
		}
	}
	vector := sealedExample(t)
	for platform, d := range phones {
		d.SealKey = vector.key
		m, err := seal.Seal(push.Compose(cards(at)["session"].Notice, d, "t", "b", at), push.Text{Title: "There is news for you", Body: "Open the app."})
		if err != nil {
			t.Fatal(err)
		}
		m.Data["enc"], m.Data["sealed"] = vector.data["enc"], vector.data["sealed"] // each seal is another
		known[platform+"-sealed.json"] = true
		t.Run(platform+"-sealed", func(t *testing.T) { same(t, m, at, platform+"-sealed") })
	}
	files, err := os.ReadDir(goldens)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !f.IsDir() && !known[f.Name()] {
			t.Errorf("nothing makes %s true", f.Name())
		}
	}
}

// The schema of the data names every member that is ever sent, and requires
// those that always are.
func TestTheSchemaKnowsAllThatIsSent(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(goldens, "data.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Required   []string
		Properties map[string]any
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)
	for kind, c := range cards(at) {
		for platform, d := range phones {
			m := push.Compose(c.Notice, d, c.title, c.body, at)
			m.Silent = c.silent
			built, err := build(m, at)
			if err != nil {
				t.Fatal(err)
			}
			for k := range built.Data {
				if schema.Properties[k] == nil {
					t.Errorf("%s of a %s is sent to %s and is not in the schema", k, kind, platform)
				}
			}
			for _, k := range schema.Required {
				if _, sent := built.Data[k]; !sent {
					t.Errorf("%s is required and not sent to %s of a %s", k, platform, kind)
				}
			}
		}
	}
}

// A button that answers a request would tell a table that there is one.
func TestEveryNewsOfAMeetingHasTheSameButtonsOnALockedPhone(t *testing.T) {
	t.Parallel()
	at := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)
	all := cards(at)
	for platform, d := range phones {
		one, other := push.Compose(all["meeting"].Notice, d, "t", "b", at), push.Compose(all["meeting-request"].Notice, d, "t", "b", at)
		if one.Set != other.Set || !slices.Equal(one.Buttons, other.Buttons) || one.Thread != other.Thread {
			t.Errorf("%s: %s %v and %s %v", platform, one.Set, one.Buttons, other.Set, other.Buttons)
		}
		if !strings.Contains(other.Data["actions"], string(push.AcceptMeeting)) {
			t.Errorf("the app is not told that a request may be accepted: %q", other.Data["actions"])
		}
	}
}

// However long the news, in whatever characters, a sealed push is below 4 KB.
func TestTheLongestSealedPushFits(t *testing.T) {
	t.Parallel()
	at := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)
	for platform, d := range phones {
		d.SealKey = sealedExample(t).key
		long := strings.Repeat("\u202e<🌏\x01", 2000)
		m, err := seal.Seal(push.Compose(cards(at)["session"].Notice, d, long, long, at), push.Text{Title: "Для вас есть новости", Body: "Откройте приложение."})
		if err != nil {
			t.Fatal(err)
		}
		built, err := build(m, at)
		if err != nil {
			t.Fatalf("%s: %v", platform, err)
		}
		built.Token = ""
		if sent, err := json.Marshal(built); err != nil || len(sent) > maxPayload || built.Data["sealed"] == "" {
			t.Errorf("%s: %d bytes, %v", platform, len(sent), err)
		}
	}
}

type sealedVector struct {
	key  string
	data map[string]string
}

// sealedExample is the vector that lies beside the examples.
func sealedExample(t *testing.T) (v sealedVector) {
	t.Helper()
	var who struct{ PublicKey string }
	for file, into := range map[string]any{"recipient.json": &who, "data.json": &v.data} {
		text, err := os.ReadFile(filepath.Join(goldens, "sealed", file))
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	v.key = who.PublicKey
	return v
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
	var got, want map[string]any
	if err := json.Unmarshal(sent, &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "token") // the address is not what arrives
	text, _ := json.MarshalIndent(got, "", "  ")
	file := filepath.Join(goldens, name+".json")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(golden, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("sent\n%s\nwhich is not what api-spec/push/%s.json shows", text, name)
	}
}
