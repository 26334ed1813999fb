package preferences

import (
	"strings"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
)

func TestWhatIsOffMutedQuietOrForTheDigestDoesNotBuzzNow(t *testing.T) {
	t.Parallel()
	night := at(t, "2013-10-17T23:00:00+09:00")
	morning := at(t, "2013-10-18T07:00:00+09:00")
	off := func(g ...Group) Preferences { return Preferences{Choice: Choice{Off: g}} }
	muted := Preferences{Choice: Usual(), Muted: []string{"panel"}}
	quiet := Preferences{Choice: Choice{Quiet: &Quiet{From: "22:00", To: "07:00", Zone: OfConference}}}
	digest := Preferences{Choice: Choice{Digest: &Digest{At: []Clock{"08:00"}}}}
	about := func(category string, urgency push.Lane) push.Notice {
		kind, _, _ := strings.Cut(category, ".")
		return push.Notice{Subject: push.Subject{Kind: kind, ID: "panel"}, Category: category, Urgency: urgency}
	}
	for name, tc := range map[string]struct {
		p    Preferences
		n    push.Notice
		want push.Verdict
	}{
		"who chose nothing hears everything":    {usual("c", "d"), about("session.moved", push.Routine), push.Verdict{}},
		"sessions off":                          {off(Sessions), about("session.moved", push.Urgent), push.Verdict{Drop: "off"}},
		"sessions off, meetings on":             {off(Sessions), about("meeting.moved", push.Routine), push.Verdict{}},
		"meetings off":                          {off(Meetings), about("meeting.moved", push.Urgent), push.Verdict{Drop: "off"}},
		"reminders of sessions off":             {off(Reminders), about("session.reminder", push.Important), push.Verdict{Drop: "off"}},
		"reminders of meetings off":             {off(Reminders), about("meeting.reminder", push.Important), push.Verdict{Drop: "off"}},
		"sessions off, their reminders on":      {off(Sessions), about("session.reminder", push.Important), push.Verdict{}},
		"a reminder of who wants none any more": {off(), push.Notice{Subject: push.Subject{Kind: push.Session}, Category: "session.reminder", Lead: time.Minute}, push.Verdict{Drop: "off"}},
		"documents off":                         {off(Documents), about("session.documents", push.Routine), push.Verdict{Drop: "off"}},
		"announcements off":                     {off(Announcements), about("announcement", push.Important), push.Verdict{Drop: "off"}},
		"recalls with them":                     {off(Announcements), about("announcement.recalled", push.Important), push.Verdict{Drop: "off"}},
		"an urgent announcement in spite of it": {off(Announcements), about("announcement", push.Urgent), push.Verdict{}},
		"an escalation in spite of all":         {off(Sessions, Meetings, Reminders, Announcements, Documents), about("escalation.asked", push.Routine), push.Verdict{}},
		"a sign-in in spite of quiet":           {quiet, about("sign_in.ended", push.Important), push.Verdict{}},
		"a muted session":                       {muted, about("session.cancelled", push.Urgent), push.Verdict{Drop: "muted"}},
		"its reminder":                          {muted, about("session.reminder", push.Important), push.Verdict{Drop: "muted"}},
		"a meeting of the same id":              {muted, about("meeting.moved", push.Urgent), push.Verdict{}},
		"at night":                              {quiet, about("session.moved", push.Important), push.Verdict{Until: morning}},
		"at night, urgent":                      {quiet, about("session.moved", push.Urgent), push.Verdict{}},
		"at night, what nobody knows here yet":  {quiet, about("weather.storm", push.Important), push.Verdict{Until: morning}},
		"routine news with a digest":            {digest, about("session.moved", push.Routine), push.Verdict{Drop: "digest"}},
		"important news with a digest":          {digest, about("session.moved", push.Important), push.Verdict{}},
		"the digest itself":                     {digest, about("digest", push.Routine), push.Verdict{}},
		"the digest itself, at night":           {quiet, about("digest", push.Routine), push.Verdict{Until: morning}},
	} {
		got := tc.p.Verdict(tc.n, night, func(string) *time.Location { return place(t, "Asia/Seoul") })
		if got.Drop != tc.want.Drop || !got.Until.Equal(tc.want.Until) {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
}

func TestQuietIsThatOfThePhoneOrOfTheConferenceOnTheConferencesClock(t *testing.T) {
	t.Parallel()
	wall := at(t, "2026-01-01T12:00:00Z")
	now := at(t, "2013-10-17T23:00:00+09:00") // 16:00 in Budapest
	book := &Book{all: map[string]Preferences{}}
	g := &Gate{
		Book: book, Zone: func(string) string { return "Asia/Seoul" }, Wall: func() time.Time { return wall },
		Now: func(_ string, at time.Time) time.Time { return now.Add(at.Sub(wall)) },
	}
	n := push.Notice{Conference: "seoul", Category: "session.moved", Urgency: push.Important}
	for _, tc := range []struct {
		zone, phone, from, to string
		want                  time.Duration // of waiting, from now
	}{
		{OfConference, "Europe/Budapest", "22:00", "07:00", askAgain},
		{OfConference, "Europe/Budapest", "22:00", "23:02", 2 * time.Minute},
		{OfConference, "Europe/Budapest", "15:00", "17:00", 0},
		{OfPhone, "Europe/Budapest", "15:00", "16:01", time.Minute},
		{OfPhone, "", "22:00", "23:01", time.Minute},
		{"Europe/London", "Europe/Budapest", "15:00", "15:01", time.Minute},
		{"no such place", "", "14:00", "14:01", time.Minute}, // UTC
	} {
		book.all["seoul/ada"] = Preferences{Choice: Choice{Quiet: &Quiet{From: Clock(tc.from), To: Clock(tc.to), Zone: tc.zone}}}
		d := push.Device{Delegate: "ada", Zone: tc.phone}
		v := g.Verdict(n, d)
		if got := v.Until.Sub(wall); tc.want == 0 != v.Until.IsZero() || tc.want > 0 && got != tc.want {
			t.Errorf("%+v: waits %v", tc, got)
		}
		urgent := n
		urgent.Urgency = push.Urgent
		if g.Despite(urgent, d) != (tc.want > 0) || g.Despite(n, d) {
			t.Errorf("%+v: it is quiet, or is it?", tc)
		}
	}
}

func TestLeadsAreThoseChosenAndTheUsualOne(t *testing.T) {
	t.Parallel()
	book := &Book{all: map[string]Preferences{
		"c/ada": {ID: "c/ada", Conference: "c", Delegate: "ada", Choice: Choice{Leads: Leads{Sessions: []int{5, 60}}}},
		"x/eve": {ID: "x/eve", Conference: "x", Delegate: "eve", Choice: Choice{Leads: Leads{Sessions: []int{1}}}},
	}}
	if got := book.Leads("c", "ada", push.Session); len(got) != 2 || got[1] != time.Hour {
		t.Errorf("ada is reminded %v before", got)
	}
	if got := book.Leads("c", "ada", push.Meeting); len(got) != 0 {
		t.Errorf("of meetings ada is reminded %v before", got)
	}
	if got := book.Leads("c", "bob", push.Meeting); len(got) != 1 || got[0] != 15*time.Minute {
		t.Errorf("bob is reminded %v before", got)
	}
	if got := book.AllLeads("c", push.Session); len(got) != 3 || got[0] != 5*time.Minute || got[1] != 15*time.Minute {
		t.Errorf("somebody is reminded %v before", got)
	}
}
