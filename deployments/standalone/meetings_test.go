package main

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Loading leaves out what the rules refuse, and of a sample they refuse nothing.
func TestAllTheMeetingsOfASampleAreThere(t *testing.T) {
	t.Parallel()
	h := openHouse(t, "CONFERENCE", "london-2011")
	meetings := h.mongo(t).Database("plenary_agenda").Collection("meetings")
	for _, m := range h.sample.Meetings {
		var stored struct {
			Status string
			Room   string
			Sides  []struct{ Delegation string }
		}
		if err := meetings.FindOne(t.Context(), bson.M{"_id": m.ID}).Decode(&stored); err != nil {
			t.Errorf("%s: %v", m.Topic, err)
			continue
		}
		want := "requested"
		if m.Booked {
			want = "confirmed"
		}
		if stored.Status != want || (stored.Room != "") != (m.Booked && m.Place == "") || stored.Sides[0].Delegation != m.Asking {
			t.Errorf("%s is %+v, want it %s", m.Topic, stored, want)
		}
	}
	if len(h.sample.Meetings) == 0 {
		t.Error("there are none")
	}
}
