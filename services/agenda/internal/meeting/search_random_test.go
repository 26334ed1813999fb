package meeting_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/meeting"
)

// A search is asked of diaries and windows made at random, and held minute by
// minute to what it promises.
func TestASearchOffersExactlyWhatIsFree(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		s := berlin()
		minutes := 25 + 30*r.IntN(2)
		fives := func(day time.Time) time.Time { return day.Add(time.Duration(r.IntN(144)) * 5 * time.Minute) }
		day := at("08:00")
		busy, open := map[time.Time]bool{}, map[time.Time]bool{}
		for i := range 6 {
			who := []string{"kr1", "hu1", "host4", "hu2"}[r.IntN(4)]
			from := fives(day)
			to := from.Add(time.Duration(1+r.IntN(12)) * 5 * time.Minute)
			s.Diary.Put(fmt.Sprint(i), []meeting.Hold{{Resource: meeting.PersonResource(who), From: meeting.Cell(from), To: meeting.Cell(to)}})
			for x := from; x.Before(to) && who != "hu2"; x = x.Add(5 * time.Minute) {
				busy[x.UTC()] = true
			}
		}
		var windows []meeting.Window
		for range r.IntN(5) {
			x := meeting.Window{Principal: []string{"", "hu1", "hu2"}[r.IntN(3)], Start: fives(day)}
			x.End = x.Start.Add(time.Duration(1+r.IntN(60)) * 5 * time.Minute)
			windows = append(windows, x)
			for m := x.Start; m.Before(x.End) && x.Principal != "hu2"; m = m.Add(5 * time.Minute) {
				open[m.UTC()] = true
			}
		}
		s.availability["hu"] = meeting.Availability{Windows: windows}
		q := asks()
		q.Interpreters, q.Minutes, q.Limit = []string{"host4"}, minutes, 100
		q.From, q.To = day, day.Add(13*time.Hour)
		offered := map[time.Time]bool{}
		for _, o := range s.Search(q) {
			offered[o.Slot.Start.UTC()] = true
			if err := s.Check(ministers("m"), o.Slot); err != nil {
				t.Errorf("seed %d: %v is offered: %v", seed, o.Slot, err)
			}
		}
		for start := day; start.Before(day.Add(12 * time.Hour)); start = start.Add(30 * time.Minute) {
			end := start.Add(time.Duration(minutes) * time.Minute)
			want := !end.After(day.Add(12 * time.Hour))
			for x := start; x.Before(end.Add(5 * time.Minute)); x = x.Add(5 * time.Minute) { // and to change over
				met := len(windows) == 0 || open[x.UTC()] || !x.Before(end)
				want = want && met && !busy[x.UTC()]
			}
			if offered[start.UTC()] != want {
				t.Errorf("seed %d: %s is offered: %v, want %v", seed, start.Format("15:04"), !want, want)
			}
		}
	}
}
