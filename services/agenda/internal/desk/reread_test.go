package desk

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/meeting"
)

// crowded is a conference with many meetings at a moment: some over, some coming,
// each in its own half hour, and one that was changed a moment ago.
func crowded(now time.Time, over, coming int) *conference {
	c := newConference("seoul")
	put := func(m meeting.Meeting) {
		m.Revision = 3
		c.meetings[m.ID] = &entry{m: m}
	}
	for n := range over {
		put(meeting.Meeting{ID: fmt.Sprintf("over%05d", n), Status: meeting.Cancelled, ChangedAt: now.AddDate(0, 0, -1)})
	}
	for n := range coming {
		start := now.Add(time.Duration(coming-n) * 30 * time.Minute)
		put(meeting.Meeting{
			ID: fmt.Sprintf("some%05d", n), Status: meeting.Confirmed, ChangedAt: now.AddDate(0, 0, -1),
			Slot: meeting.Slot{Start: start, End: start.Add(25 * time.Minute)},
		})
	}
	put(meeting.Meeting{ID: "zz", Status: meeting.Declined, ChangedAt: now.Add(-time.Second), Pending: true})
	return c
}

func TestEveryMeetingOfWhichMoreMayComeIsReadAgainWithinHalfAMinute(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, coming := range []int{0, 1, 40, 405, 8000} {
		c := crowded(now, 500, coming)
		read, sweeps := map[string]int{}, int(30*time.Second/sweepEvery)
		most := 0
		for range sweeps {
			ids := c.turnTo(now, now)
			most = max(most, len(ids))
			for _, id := range ids {
				read[id]++
			}
		}
		for id := range c.meetings {
			if read[id] == 0 && !strings.HasPrefix(id, "over") {
				t.Fatalf("of %d, %s was not read in %d sweeps", coming, id, sweeps)
			}
		}
		if limit := max(walks, coming/sweeps+1) + walks; most > limit {
			t.Errorf("of %d, one sweep read %d, more than %d", coming, most, limit)
		}
		for range 600 / walks { // and in time the others
			for _, id := range c.turnTo(now, now) {
				read[id]++
			}
		}
		if len(read) != len(c.meetings) {
			t.Errorf("of %d, only %d were ever read", len(c.meetings), len(read))
		}
	}
}

func TestWhatIsSoonOrWasChangedLastIsReadAgainFirst(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := crowded(now, 100, 100)
	first := c.turnTo(now, now)
	want := []string{"zz", "some00099", "some00098", "some00097"}
	if !slices.Equal(first[:len(want)], want) {
		t.Errorf("first come %v, want %v", first[:len(want)], want)
	}
}
