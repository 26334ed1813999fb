package wording

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"plenary.example/services/notifications/internal/push"
)

func met(category string, change func(*push.Notice)) push.Notice {
	s := push.State{Room: "Bilateral room 3", Start: ten, End: ten.Add(25 * time.Minute), Status: "confirmed"}
	n := push.Notice{
		Category: "meeting." + category, Zone: "Asia/Seoul", Before: s, After: s,
		Subject: push.Subject{Kind: push.Meeting, ID: "0190a3c2"},
	}
	change(&n)
	return n
}

// meetingCategories are all that English has a text for.
func meetingCategories(w *Words) []string {
	var all []string
	for key := range w.catalogues[0].keys {
		if c, isTitle := strings.CutSuffix(key, ".title"); isTitle && strings.HasPrefix(c, "meeting.") {
			all = append(all, c)
		}
	}
	return all
}

// Whatever the notice says, and whatever it should not say, the card is one.
func TestTheCardOfAMeetingIsTheSameForAll(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, locale := range []string{"en", "ko-KR", "hu", "ar", ""} {
		title, body := w.Render(met("requested", func(*push.Notice) {}), Reader{Locale: locale})
		for _, category := range meetingCategories(w) {
			n := met(strings.TrimPrefix(category, "meeting."), func(n *push.Notice) {
				n.After.Title = map[string]string{"en": "Canary", "ko": "Canary"}
				n.After.Reason, n.After.Room, n.Before.Room = "Canary", "Canary 1", "Canary 2"
				n.After.Offered = []push.Span{{Start: ten, End: ten}}
				n.After.ReconfirmBy = ten
			})
			if x, y := w.Render(n, Reader{Locale: locale}); x != title || y != body {
				t.Errorf("the card of %s reads %q, %q", category, x, y)
			}
			if strings.ContainsFunc(title+body, unicode.IsDigit) {
				t.Errorf("%q, %q tells a number", title, body)
			}
			if title, body := w.RenderItem(n, Reader{Locale: locale}); strings.Contains(title, "Canary") || strings.Contains(strings.ReplaceAll(strings.ReplaceAll(body, "Canary 1", ""), "Canary 2", ""), "Canary") {
				t.Errorf("the item says %q, %q", title, body)
			}
		}
	}
}

func TestTheItemOfAMeetingSaysWhenAndWhere(t *testing.T) {
	t.Parallel()
	w := open(t)
	later := func(s push.State) push.State {
		s.Start, s.End, s.Room = s.Start.Add(time.Hour), s.End.Add(time.Hour), "Bilateral room 1"
		return s
	}
	for name, tc := range map[string]struct {
		category, locale string
		change           func(*push.Notice)
		title, body      string
	}{
		"requested": {
			"requested", "en", func(n *push.Notice) {
				n.Before, n.After = push.State{}, push.State{Status: "requested", Until: ten.Add(-24 * time.Hour), Offered: []push.Span{
					{Start: ten, End: ten.Add(25 * time.Minute)}, {Start: ten.Add(26 * time.Hour), End: ten.Add(27 * time.Hour)},
				}}
			}, "A bilateral meeting is requested",
			"Another delegation asks to meet yours. Offered: Thu 17 Oct 10:00–10:25; Fri 18 Oct 12:00–13:00. Please answer before Wed 16 Oct 10:00. (Seoul time)",
		},
		"confirmed": {
			"confirmed", "en", func(n *push.Notice) { n.Before = push.State{} }, "A bilateral meeting is confirmed",
			"The meeting takes place. Thu 17 Oct 10:00–10:25, Bilateral room 3. (Seoul time)",
		},
		"confirmed without a room": {
			"confirmed", "en", func(n *push.Notice) { n.Before, n.After.Room = push.State{}, "" }, "A bilateral meeting is confirmed",
			"The meeting takes place. Thu 17 Oct 10:00–10:25. (Seoul time)",
		},
		"moved": {
			"moved", "en", func(n *push.Notice) { n.After = later(n.After) }, "A bilateral meeting has moved",
			"It has another time or another room. Now Thu 17 Oct 11:00–11:25, Bilateral room 1 instead of Thu 17 Oct 10:00–10:25, Bilateral room 3. (Seoul time)",
		},
		"moved, in Korean": {
			"moved", "ko", func(n *push.Notice) { n.After = later(n.After) }, "양자 회담 일정 변경",
			"시간 또는 장소가 변경되었습니다. 10월 17일(목) 10:00–10:25, Bilateral room 3 → 10월 17일(목) 11:00–11:25, Bilateral room 1. (서울 현지 시각)",
		},
		"cancelled": {
			"cancelled", "en", func(n *push.Notice) { n.After = push.State{Status: "cancelled"} }, "A bilateral meeting is cancelled",
			"It will not take place. It was to be Thu 17 Oct 10:00–10:25, Bilateral room 3. (Seoul time)",
		},
		"a request declined": {
			"declined", "en", func(n *push.Notice) { n.Before, n.After = push.State{}, push.State{Status: "declined"} },
			"A bilateral meeting is declined", "There will be no meeting.",
		},
		"another time declined": {
			"declined", "en", func(*push.Notice) {}, "A change to a bilateral meeting is declined",
			"The meeting stands as it is. Thu 17 Oct 10:00–10:25, Bilateral room 3. (Seoul time)",
		},
		"cancelled, and told with its slot": {
			"cancelled", "ko", func(n *push.Notice) { n.Before, n.After.Status = push.State{}, "cancelled" }, "양자 회담 취소",
			"회담이 취소되었습니다. 예정: 10월 17일(목) 10:00–10:25, Bilateral room 3. (서울 현지 시각)",
		},
		"other slots declined by one who was evicted": {
			"declined", "en", func(n *push.Notice) { n.Before, n.After = push.State{}, push.State{Status: "agreed"} },
			"A change to a bilateral meeting is declined", "Both sides still want to meet. The meetings desk looks for a time.",
		},
		"evicted to another room": {
			"evicted", "en", func(n *push.Notice) { n.After.Room = "Bilateral room 1" }, "A bilateral meeting had to give way",
			"Its room was needed. The time stands. Now Thu 17 Oct 10:00–10:25, Bilateral room 1 instead of Thu 17 Oct 10:00–10:25, Bilateral room 3. (Seoul time)",
		},
		"of somebody who has left": {
			"left", "en", func(n *push.Notice) { n.After = push.State{} }, "You no longer take part in a bilateral meeting",
			"What becomes of it is no longer told to you. It was to be Thu 17 Oct 10:00–10:25, Bilateral room 3. (Seoul time)",
		},
		"to be reconfirmed": {
			"warned", "en", func(n *push.Notice) { n.After.ReconfirmBy = ten.Add(-90 * time.Minute) }, "Please reconfirm a bilateral meeting",
			"Its room will be given away unless both sides reconfirm. Thu 17 Oct 10:00–10:25, Bilateral room 3. " +
				"Please reconfirm before Thu 17 Oct 08:30. (Seoul time)",
		},
		"something of later": {
			"of-later", "en", func(*push.Notice) {}, "A bilateral meeting has changed",
			"Please look at it again. Thu 17 Oct 10:00–10:25, Bilateral room 3. (Seoul time)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if title, body := w.RenderItem(met(tc.category, tc.change), Reader{Locale: tc.locale}); title != tc.title || body != tc.body {
				t.Errorf("\n got %q\n     %q\nwant %q\n     %q", title, body, tc.title, tc.body)
			}
		})
	}
}
