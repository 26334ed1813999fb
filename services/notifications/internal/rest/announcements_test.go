package rest

import (
	"testing"
	"time"

	"plenary.example/services/notifications/internal/announce"
	"plenary.example/services/notifications/internal/rest/api"
)

func TestATimeThatSomebodyNamesIsNeverTakenForNone(t *testing.T) {
	t.Parallel()
	if d := drafted(api.NewAnnouncement{SendAt: &time.Time{}, AcknowledgeBy: &time.Time{}}); d.SendAt.IsZero() || d.AcknowledgeBy.IsZero() {
		t.Error("what names the year 1 is sent at once")
	}
	d := announce.Draft{SendAt: time.Now().Add(time.Hour)}
	if patchAnnouncement(&d, api.AnnouncementPatch{SendAt: &time.Time{}}); d.SendAt.IsZero() {
		t.Error("what is put to the year 1 is sent at once")
	}
	if d := drafted(api.NewAnnouncement{}); !d.SendAt.IsZero() {
		t.Error("what names no time waits for one")
	}
}
