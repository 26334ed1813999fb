package wording

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"plenary.example/services/notifications/internal/push"
)

func reminder(lead time.Duration) func(*push.Notice) {
	return func(n *push.Notice) { n.Category, n.Lead, n.Before = "session.reminder", lead, push.State{} }
}

func TestAReminderSaysHowSoon(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, tc := range []struct {
		lead         time.Duration
		locale, body string
	}{
		{15 * time.Minute, "en", "Begins at 10:00, in 15 minutes. Hall E. (Seoul time)"},
		{time.Minute, "en", "Begins at 10:00, in 1 minute. Hall E. (Seoul time)"},
		{2 * time.Hour, "en", "Begins at 10:00, in 2 hours. Hall E. (Seoul time)"},
		{90 * time.Minute, "en", "Begins at 10:00, in 90 minutes. Hall E. (Seoul time)"},
		{0, "en", "Begins at 10:00. Hall E. (Seoul time)"},
		{15 * time.Minute, "ko", "10:00에 시작합니다(15분 후). Hall E. (서울 현지 시각)"},
		{time.Minute, "ru", "Начало в 10:00, через 1 минуту. Hall E. (местное время: Сеул)"},
		{3 * time.Minute, "ru", "Начало в 10:00, через 3 минуты. Hall E. (местное время: Сеул)"},
		{15 * time.Minute, "ru", "Начало в 10:00, через 15 минут. Hall E. (местное время: Сеул)"},
		{21 * time.Minute, "ru", "Начало в 10:00, через 21 минуту. Hall E. (местное время: Сеул)"},
		{2 * time.Minute, "ar", "البداية: 10:00، بعد دقيقتين. \u2068Hall E\u2069. (بتوقيت سول)"},
		{5 * time.Minute, "ar", "البداية: 10:00، بعد 5 دقائق. \u2068Hall E\u2069. (بتوقيت سول)"},
		{15 * time.Minute, "ar", "البداية: 10:00، بعد 15 دقيقة. \u2068Hall E\u2069. (بتوقيت سول)"},
	} {
		title, body := w.Render(moved(reminder(tc.lead)), Reader{Locale: tc.locale})
		if body != tc.body || !strings.HasSuffix(strings.Trim(title, "\u2069"), map[bool]string{true: "사이버 범죄", false: "Cyber crime"}[tc.locale == "ko"]) {
			t.Errorf("%s before, in %s:\n got %q, %q\nwant %q", tc.lead, tc.locale, title, body, tc.body)
		}
	}
	n := met("reminder", func(n *push.Notice) { n.Lead, n.Before = 15*time.Minute, push.State{} })
	if title, body := w.RenderItem(n, Reader{Locale: "en"}); title != "A bilateral meeting begins soon" ||
		body != "Begins at 10:00, in 15 minutes. Bilateral room 3. (Seoul time)" {
		t.Errorf("of a meeting: %q, %q", title, body)
	}
}

func announced(change func(*push.Notice)) push.Notice {
	n := push.Notice{
		Category: "announcement", Subject: push.Subject{Kind: push.Announcement, ID: "0190a3c2"},
		Texts: map[string]push.Text{
			"en": {Title: "Buses", Body: "The last bus leaves at 22:30.\nGate 2."},
			"ko": {Title: "버스", Body: "막차는 22:30입니다."},
			"de": {Title: "Busse", Body: "Der letzte Bus fährt um 22:30."},
		},
	}
	change(&n)
	return n
}

func TestCardsOfEveryOtherKind(t *testing.T) {
	t.Parallel()
	w := open(t)
	for name, tc := range map[string]struct {
		n           push.Notice
		r           Reader
		title, body string
	}{
		"an announcement, in the reader's language though we have none of our own words in it": {
			announced(func(*push.Notice) {}), Reader{Locale: "de-AT"}, "Busse", "Der letzte Bus fährt um 22:30.",
		},
		"an announcement, else in the conference's first": {
			announced(func(*push.Notice) {}), Reader{Locale: "fr", First: "ko"}, "버스", "막차는 22:30입니다.",
		},
		"an announcement, else in English": {
			announced(func(*push.Notice) {}), Reader{Locale: "fr", First: "hu"}, "Buses", "The last bus leaves at 22:30.\nGate 2.",
		},
		"an announcement with a template in it": {
			announced(func(n *push.Notice) {
				n.Texts = map[string]push.Text{"en": {Title: "{{.Title}} %s ${x}", Body: "{{template \"x\"}} %d\x1b[31m \u202eevil"}}
			}), Reader{Locale: "en"}, "{{.Title}} %s ${x}", "{{template \"x\"}} %d[31m evil",
		},
		"an announcement in the reader's kind of Chinese": {
			announced(func(n *push.Notice) {
				n.Texts = map[string]push.Text{"zh-Hans": {Title: "班车", Body: "末班车"}, "zh-Hant": {Title: "班車", Body: "末班車"}}
			}), Reader{Locale: "zh-TW"}, "班車", "末班車",
		},
		"a title in the reader's kind of Chinese": {
			moved(func(n *push.Notice) {
				n.Category, n.After.Title = "session.stream", map[string]string{"zh": "网络犯罪", "zh-Hant": "網絡犯罪", "en": "Cyber crime"}
				n.After.Stream = "started"
			}), Reader{Locale: "zh-HK"}, "直播：網絡犯罪", "直播已开始。10月17日周四 10:00–11:00，Hall E。（首尔时间）",
		},
		"an announcement withdrawn": {
			announced(func(n *push.Notice) { n.Category, n.After.Reason = "announcement.recalled", "Wrong gate" }),
			Reader{Locale: "en"},
			"Withdrawn: Buses", "It no longer holds. Reason: Wrong gate",
		},
		"an announcement on a neutral screen": {
			announced(func(*push.Notice) {}), Reader{Locale: "en", Neutral: true}, "The secretariat has an announcement", "Open the app.",
		},
		"documents": {
			moved(func(n *push.Notice) { n.Category, n.Before = "session.documents", push.State{} }),
			Reader{Locale: "en"},
			"Documents: Cyber crime", "New documents are available. Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"a session that is again where it was": {
			moved(func(n *push.Notice) { n.Category, n.Before.Room = "session.restored", "Room 308" }),
			Reader{Locale: "en"},
			"As before: Cyber crime", "Again as it was: Thu 17 Oct 10:00–11:00, Hall E. (Seoul time)",
		},
		"a session that some heard was elsewhere and some did not": {
			moved(func(n *push.Notice) {
				n.Category, n.Before, n.Also, n.After.Access = "session.stands", push.State{}, []string{"session.access"}, "open"
			}),
			Reader{Locale: "en"},
			"Please note: Cyber crime", "Now Thu 17 Oct 10:00–11:00, Hall E. (Seoul time) Now open to every delegate.",
		},
		"a session on a neutral screen, urgent in the night": {
			moved(func(*push.Notice) {}),
			Reader{Locale: "en", Neutral: true, Quiet: true},
			"Your programme has news",
			"Open the app. Sent despite your quiet hours, because it is urgent.",
		},
		"a session in the night": {
			moved(func(n *push.Notice) { n.After.Room = "Room 308" }),
			Reader{Locale: "zh-CN", Quiet: true},
			"更换会场：Cyber crime",
			"会场由Hall E改为Room 308，10月17日周四 10:00–11:00。（首尔时间）因情况紧急，在您的免打扰时段内发送。",
		},
		"a digest": {
			push.Notice{Category: "digest", Subject: push.Subject{Kind: push.Digest}, Count: 5},
			Reader{Locale: "en", Neutral: true},
			"5 news items", "They are in your inbox.",
		},
		"a digest of three, in Russian": {
			push.Notice{Category: "digest", Subject: push.Subject{Kind: push.Digest}, Count: 3},
			Reader{Locale: "ru"},
			"3 новости", "Они в вашем почтовом ящике.",
		},
		"what somebody has not seen says nothing on a phone": {
			moved(func(n *push.Notice) { n.Category = "escalation.asked" }),
			Reader{Locale: "en"},
			"Something urgent needs you", "Open the app.",
		},
		"that somebody has seen it calls nobody, on a neutral screen too": {
			moved(func(n *push.Notice) { n.Category = "escalation.ended" }),
			Reader{Locale: "en", Neutral: true},
			"Urgent news has been acknowledged", "Nothing more is needed of you.",
		},
		"a sign-in on a neutral screen": {
			moved(signInEnded), Reader{Locale: "nl", Neutral: true}, "Er is nieuws over uw aanmeldingen", "Open de app.",
		},
		"news of a kind of tomorrow": {
			push.Notice{Category: "lunch.served", Subject: push.Subject{Kind: "lunch"}}, Reader{Locale: "en"}, "There is news for you", "Open the app.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if title, body := w.Render(tc.n, tc.r); title != tc.title || body != tc.body {
				t.Errorf("\n got %q\n     %q\nwant %q\n     %q", title, body, tc.title, tc.body)
			}
		})
	}
}

func TestTheInboxNamesWhatSomebodyHasNotSeenUnlessItIsAMeeting(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, tc := range []struct {
		n    push.Notice
		body string
	}{
		{moved(func(n *push.Notice) { n.Category = "escalation.asked" }), "Not yet seen by the person it concerns: Cyber crime. Please pass it on."},
		{announced(func(n *push.Notice) { n.Category = "escalation.asked" }), "Not yet seen by the person it concerns: Buses. Please pass it on."},
		{met("moved", func(n *push.Notice) {
			n.Category, n.After.Title = "escalation.asked", map[string]string{"en": "Canary"}
		}), "The person it concerns has not yet seen urgent news. Please pass it on."},
		{moved(func(n *push.Notice) { n.Category = "escalation.ended" }), "Nothing more is needed of you."},
	} {
		if _, body := w.RenderItem(tc.n, Reader{Locale: "en"}); body != tc.body {
			t.Errorf("got %q, want %q", body, tc.body)
		}
	}
}

// A reader's wishes are of the phone; the inbox is behind the sign-in.
func TestTheInboxIsNeverNeutral(t *testing.T) {
	t.Parallel()
	w := open(t)
	n := moved(func(*push.Notice) {})
	n.Key = "seoul-2013/session/0190a3c2/1/2"
	for range 2 { // the second time from what is kept
		phone, _ := w.Render(n, Reader{Locale: "en", Neutral: true})
		item, _ := w.RenderItem(n, Reader{Locale: "en", Neutral: true})
		if phone != "Your programme has news" || item != "New room: Cyber crime" {
			t.Errorf("the phone says %q, the inbox %q", phone, item)
		}
	}
}

func TestTextKeepsItsDirectionToItself(t *testing.T) {
	t.Parallel()
	w := open(t)
	n := moved(func(n *push.Notice) {
		n.After.Room, n.After.Title = "قاعة 3", map[string]string{"en": "A\u2069\u202eB\u2028C\u200d"}
	})
	title, body := w.Render(n, Reader{Locale: "en"})
	if title != "New room: AB C\u200d" || body != "Now in \u2068قاعة 3\u2069 instead of Hall E, Thu 17 Oct 10:00–11:00. (Seoul time)" {
		t.Errorf("got %q, %q", title, body)
	}
}

// Whatever people write, every card of every kind in every language is whole
// text, balanced, and shows nothing that turns or breaks a line.
func FuzzRender(f *testing.F) {
	w, err := Open(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("Cyber crime", "Hall E", "en", uint8(0))
	f.Add("a\u202Eb\u2066c\x00d\ne"+strings.Repeat("🙂", 300), "{{.X}} %s ${x}", "ar", uint8(1))
	f.Add("\xff\u2029", "", "zh-Hant", uint8(2))
	f.Add("שלום", "قاعة", "ru, en;q=0.1", uint8(5))
	categories := []string{
		"session.moved", "session.cancelled", "session.reminder", "session.documents", "announcement", "announcement.recalled",
		"meeting.moved", "escalation.asked", "digest", "session.changed", "session.stands", "",
	}
	f.Fuzz(func(t *testing.T, a, b, locale string, which uint8) {
		n := moved(func(n *push.Notice) {
			n.Category = categories[int(which)%len(categories)]
			n.After.Title, n.Before.Title = map[string]string{locale: a, "en": b}, map[string]string{"en": a}
			n.After.Room, n.Before.Room, n.After.Reason = b, a, a
			n.Zone, n.Lead, n.Count = "Asia/"+b, time.Duration(len(a))*time.Minute, len(b)
			n.After.Language, n.After.Interpretation = b, []string{a, b}
			n.Also = []string{"session.language", "session.changed", b}
			switch {
			case strings.HasPrefix(n.Category, "meeting."):
				n.Subject.Kind = push.Meeting
			case strings.HasPrefix(n.Category, "announcement"):
				n.Subject.Kind, n.Texts = push.Announcement, map[string]push.Text{locale: {Title: a, Body: b}}
			case n.Category == "digest":
				n.Subject.Kind = push.Digest
			}
		})
		for _, r := range []Reader{{Locale: locale}, {Locale: a, First: b, Quiet: true}, {Locale: "ar"}, {Locale: "ko", Neutral: true}} {
			title, body := w.Render(n, r)
			_, item := w.RenderItem(n, r)
			for _, s := range []string{title, body, item} {
				whole(t, s)
			}
			if utf8.RuneCountInString(title) > longest+40 || strings.Contains(title, "\n") {
				t.Errorf("title %q", title)
			}
			if utf8.RuneCountInString(body) > 4*longestBody {
				t.Errorf("a body of %d characters", utf8.RuneCountInString(body))
			}
		}
	})
}

func whole(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) || strings.Contains(s, "<no value>") {
		t.Errorf("%q", s)
	}
	open := 0
	for _, r := range s {
		switch {
		case r == firstStrong:
			open++
		case r == popIsolate:
			open--
		case unicode.IsControl(r) && r != '\n', r >= 0x202A && r <= 0x202E, r == 0x2066, r == 0x2067, r == 0x2028, r == 0x2029:
			t.Errorf("%q keeps %U", s, r)
		}
		if open < 0 || open > 1 {
			break
		}
	}
	if open != 0 {
		t.Errorf("%q is not balanced", s)
	}
}
