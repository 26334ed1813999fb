package notifications_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"time"

	"plenary.example/services/notifications"
)

func TestTheAnswerAboutAPersonIsWhatItsGoldenShows(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile("../../api-spec/events/answer.notice.personal-data.json")
	if err != nil {
		t.Fatal(err)
	}
	held := notifications.Held{
		Devices: []notifications.HeldDevice{{
			Installation: "7d0f6a52-3c8e-4b1d-9f27-5e6a1b2c3d4e", Platform: "android", Locale: "ko-KR", Rendering: "app",
			RegisteredAt: time.Date(2013, 10, 16, 22, 10, 0, 0, time.UTC), SignIn: "0190a3c2-7b1e-7c4d-9a51-000000000501", TokenHeld: true,
		}},
		Inbox: []notifications.HeldNotice{{
			ID: "bbae4897-5030-5259-ab7f-13003e7ec2b7", Seq: 42, Category: "session.moved", Urgency: "important", Revision: 13,
			At: time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC),
		}},
	}
	held.Read = notifications.HeldReading{FetchedUpTo: 42, ReadUpTo: 40, Opened: []int64{40, 42}, Acknowledged: []int64{42}}
	held.Inbox[0].Subject.Kind, held.Inbox[0].Subject.ID = "session", "0190a3c2-7b1e-7c4d-9a51-2f6e8d3b4c5a"
	answer, err := json.Marshal(held)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(golden, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("answered\n%s\nwhich is not what the golden shows", answer)
	}
}
