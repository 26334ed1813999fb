package trial

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
)

type fakes struct{}

func (fakes) Device(installation string) (push.Device, bool) {
	return push.Device{Installation: installation, Conference: "seoul-2013", Delegate: "ada", Platform: push.Android}, true
}

func (fakes) Show(push.Message, bool) (json.RawMessage, error) { return nil, nil }

func (fakes) Try(context.Context, push.Message, bool) push.Result { return push.Result{} }

// News of real sessions has its times on the clock of the conference, and a
// reminder counts the minutes on it; a carrier keeps a push by the one on the wall.
func TestWhatIsTriedBeginsInAnHourOfTheConference(t *testing.T) {
	t.Parallel()
	wall := time.Date(2026, 11, 22, 15, 53, 0, 0, time.UTC)
	there := time.Date(2013, 10, 16, 23, 11, 0, 0, time.UTC)
	var said push.Notice
	compose := func(n push.Notice, d push.Device) push.Message {
		said = n
		return push.Compose(n, d, "", "", wall)
	}
	trials := New(fakes{}, fakes{}, compose, func(push.Platform) bool { return false },
		func(string, time.Time) time.Time { return there }, func() time.Time { return wall })
	_, err := trials.Send(t.Context(), "seoul-2013", "ada", "a-phone", Wish{Category: "session.reminder", Urgency: push.Routine, ValidateOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if left := said.After.Start.Sub(there); left <= 55*time.Minute || left > time.Hour || !said.ExpiresAt.Equal(wall.Add(time.Hour)) {
		t.Errorf("at %v there and %v here it begins at %v, and is kept until %v", there, wall, said.After.Start, said.ExpiresAt)
	}
}
