package inbox

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// TestWhatIsCountedIsWhatIsTold walks the changes of a table that the agenda
// walks too, in a test of this name: what people get is what the secretariat was
// shown before the release.
func TestWhatIsCountedIsWhatIsTold(t *testing.T) {
	t.Parallel()
	var table struct {
		Now   time.Time `json:"now"`
		Cases map[string]struct {
			Change  event.SessionChange `json:"change"`
			Notices int                 `json:"notices"`
			Urgency push.Lane           `json:"urgency"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(golden(t, "table.agenda.notices.json"), &table); err != nil {
		t.Fatal(err)
	}
	r := setup(t, 0)
	r.start()
	r.plan.Now = func() time.Time { return table.Now }
	r.plan.Roster.See("seoul", []byte(`{"delegate":"mal","status":"`+event.Removed+`","revision":1}`))
	for _, who := range []string{"ada", "bob", "eve", "zoe"} {
		r.plan.Roster.See("seoul", []byte(`{"delegate":"`+who+`","status":"`+event.Accredited+`","revision":1}`))
	}
	var states []event.SessionState
	var picks []event.Pick
	var changes []event.SessionChange
	for _, id := range slices.Sorted(maps.Keys(table.Cases)) {
		c := table.Cases[id].Change
		if c.Before != nil {
			states = append(states, *c.Before)
		} else if id != "new" && id != "a-new-plenary" { // it was there, and was removed
			was := c.After
			was.Revision, was.Status = 1, event.SessionRemoved
			states = append(states, was)
		}
		changes, picks = append(changes, c), append(picks, event.Pick{Session: id, AgendaRevision: 1})
	}
	r.conference(states...)
	r.handled(1)
	r.pick("ada", 1, picks...)
	r.release(changes...)
	r.handled(2)
	got, urgency := map[string]int{}, map[string]push.Lane{}
	for _, who := range []string{"ada", "bob", "eve", "mal", "zoe"} {
		items, _ := r.ledger.Inbox("seoul", who, 0, 100)
		for _, n := range items {
			got[n.Subject.ID]++
			urgency[n.Subject.ID] = n.Urgency
		}
	}
	for id, want := range table.Cases {
		if got[id] != want.Notices || urgency[id] != want.Urgency {
			t.Errorf("%s: %d notices, %q, want %d, %q", id, got[id], urgency[id], want.Notices, want.Urgency)
		}
	}
}
