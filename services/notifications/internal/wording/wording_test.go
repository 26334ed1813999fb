package wording

import (
	"strings"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
)

var ten = time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC) // 10:00 in Seoul

func moved(change func(*push.Notice)) push.Notice {
	s := push.State{Title: map[string]string{"en": "Cyber crime", "ko": "사이버 범죄"}, Room: "Hall E", Start: ten, End: ten.Add(time.Hour), Status: "confirmed"}
	n := push.Notice{Category: "session.moved", Subject: push.Subject{Kind: push.Session, ID: "0190a3c2"}, Zone: "Asia/Seoul", Before: s, After: s}
	change(&n)
	return n
}

// open fails a test that says anything in English for want of words.
func open(t *testing.T) *Words {
	t.Helper()
	w, err := Open(func(language, key string) { t.Errorf("%s lacks %s", language, key) })
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func signInEnded(n *push.Notice) {
	*n = push.Notice{Category: "sign_in.ended", Subject: push.Subject{Kind: push.SignIn, ID: "0190a3c2"}, To: 1}
}

func TestRender(t *testing.T) {
	t.Parallel()
	w := open(t)
	for name, tc := range map[string]struct {
		change      func(*push.Notice)
		locale      string
		title, body string
	}{
		"another time": {
			func(n *push.Notice) { n.After.Start, n.After.End = ten.Add(90*time.Minute), ten.Add(150*time.Minute) }, "en-GB",
			"Moved: Cyber crime", "Now Thu 17 Oct 11:30–12:30 instead of Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"another room": {
			func(n *push.Notice) { n.After.Room = "Room 308" }, "en",
			"New room: Cyber crime", "Now in Room 308 instead of Hall E, Thu 17 Oct 10:00–11:00. (Seoul time)",
		},
		"both, past midnight, with a reason": {
			func(n *push.Notice) {
				n.After.Room, n.After.Reason = "Room 308", "The hall is flooded"
				n.After.Start, n.After.End = ten.Add(13*time.Hour), ten.Add(15*time.Hour)
			}, "en",
			"Moved: Cyber crime", "Now Thu 17 Oct 23:00–Fri 18 Oct 01:00 in Room 308, instead of Thu 17 Oct 10:00–11:00 in Hall E. (Seoul time) Reason: The hall is flooded",
		},
		"cancelled": {
			func(n *push.Notice) { n.Category, n.After.Status = "session.cancelled", "cancelled" }, "en",
			"Cancelled: Cyber crime", "Will not take place: Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"reinstated": {
			func(n *push.Notice) { n.Category, n.Before.Status = "session.reinstated", "cancelled" }, "en",
			"Back on: Cyber crime", "Takes place after all: Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"delayed": {
			func(n *push.Notice) {
				n.Category, n.After.Start, n.After.End = "session.delayed", ten.Add(10*time.Minute), ten.Add(70*time.Minute)
			}, "en",
			"Delayed: Cyber crime", "Now Thu 17 Oct 10:10–11:10 instead of Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"removed": {
			func(n *push.Notice) { n.Category, n.After.Status = "session.removed", "removed" }, "en",
			"Off the programme: Cyber crime", "No longer in the programme: Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"back from having been removed": {
			func(n *push.Notice) { n.Category, n.Before.Status = "session.reinstated", "removed" }, "ko",
			"재개: 사이버 범죄", "예정대로 진행됩니다: 10월 17일(목) 10:00–11:00, Hall E. (서울 현지 시각)",
		},
		"by invitation": {
			func(n *push.Notice) { n.Category, n.After.Access = "session.access", "invitation" }, "en",
			"Admission: Cyber crime", "Now by invitation only. Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"others are invited": {
			func(n *push.Notice) {
				n.Category, n.Before.Access, n.After.Access = "session.access", "invitation", "invitation"
			}, "en",
			"Admission: Cyber crime", "Who is invited has changed. Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"more seats": {
			func(n *push.Notice) { n.Category, n.Before.Access, n.After.Access = "session.access", "seats", "seats" }, "ko",
			"참석 안내: 사이버 범죄", "대표단별 좌석 배정이 변경되었습니다. 10월 17일(목) 10:00–11:00, Hall E. (서울 현지 시각)",
		},
		"another room that nobody tells from the old one": {
			func(*push.Notice) {}, "en",
			"New room: Cyber crime", "Now Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"other speakers": {
			func(n *push.Notice) { n.Category = "session.speakers" }, "ko",
			"연사 변경: 사이버 범죄", "연사 또는 진행자가 변경되었습니다. 10월 17일(목) 10:00–11:00, Hall E. (서울 현지 시각)",
		},
		"another language": {
			func(n *push.Notice) { n.Category, n.Before.Language, n.After.Language = "session.language", "en", "fr" }, "en",
			"Language: Cyber crime", "Now held in French. Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"another interpretation": {
			func(n *push.Notice) { n.Category, n.After.Interpretation = "session.language", []string{"fr", "zh"} }, "ko",
			"언어 변경: 사이버 범죄", "통역 언어: 프랑스어, 중국어. 10월 17일(목) 10:00–11:00, Hall E. (서울 현지 시각)",
		},
		"another language and another interpretation": {
			func(n *push.Notice) {
				n.Category, n.After.Language, n.After.Interpretation = "session.language", "fr", []string{"en"}
			}, "en",
			"Language: Cyber crime", "Now held in French. Now interpreted into English. Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"all at once, with a reason": {
			func(n *push.Notice) {
				n.Also = []string{"session.speakers", "session.stream", "session.changed", "session.of-later"}
				n.After.Room, n.After.Stream, n.After.Reason = "Room 308", "started", "The hall is flooded"
				n.Before.Title = map[string]string{"en": "Crime"}
			}, "en",
			"New room: Cyber crime", "Now in Room 308 instead of Hall E, Thu 17 Oct 10:00–11:00. (Seoul time) Who speaks or presides has changed. " +
				"The live stream has started. Was called “Crime”. Reason: The hall is flooded",
		},
		"no interpretation any more": {
			func(n *push.Notice) { n.Category, n.Before.Interpretation = "session.language", []string{"fr"} }, "en",
			"Language: Cyber crime", "No longer interpreted. Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"a live stream": {
			func(n *push.Notice) { n.Category, n.After.Stream = "session.stream", "started" }, "en",
			"Live stream: Cyber crime", "The live stream has started. Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"nobody knows what it was": {
			func(n *push.Notice) { n.Before = push.State{} }, "en",
			"Moved: Cyber crime", "Now Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"another title": {
			func(n *push.Notice) { n.Category, n.Before.Title = "session.changed", map[string]string{"en": "Crime"} }, "en",
			"Changed: Cyber crime", "Was called “Crime”. (Seoul time)",
		},
		"Korean": {
			func(n *push.Notice) { n.After.Room = "308호" }, "ko-KR",
			"장소 변경: 사이버 범죄", "장소: Hall E → 308호, 10월 17일(목) 10:00–11:00. (서울 현지 시각)",
		},
		"a sign-in that was ended": {
			signInEnded, "en-GB", "Signed out on one device",
			"One of your sign-ins was used in two places and has been ended. If you do not know why, please tell the secretariat.",
		},
		"a sign-in that was ended, in Korean": {
			signInEnded, "ko", "한 기기에서 로그아웃되었습니다", "로그인 하나가 두 곳에서 사용되어 종료되었습니다. 이유를 모르시면 사무국에 알려 주십시오.",
		},
		"a language without a catalogue is told in English": {
			func(n *push.Notice) { n.After.Room = "Room 308" }, "de",
			"New room: Cyber crime", "Now in Room 308 instead of Hall E, Thu 17 Oct 10:00–11:00. (Seoul time)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			title, body := w.Render(moved(tc.change), Reader{Locale: tc.locale})
			if title != tc.title || body != tc.body {
				t.Errorf("\n got %q\n     %q\nwant %q\n     %q", title, body, tc.title, tc.body)
			}
		})
	}
}

func TestForeignTextCannotBreakTheScreen(t *testing.T) {
	t.Parallel()
	hostile := "a\u202Eb\u2066c\x00d\ne" + strings.Repeat("🙂", 300)
	title, _ := open(t).Render(moved(func(n *push.Notice) { n.After.Title = map[string]string{"en": hostile} }), Reader{})
	if strings.ContainsAny(title, "\u202E\u2066\x00\n") {
		t.Errorf("title %q keeps what should go", title)
	}
	if n := len([]rune(title)); n > 140 {
		t.Errorf("title has %d characters", n)
	}
}
