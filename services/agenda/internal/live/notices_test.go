package live

import (
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
)

// A toldChange is a change as it is published, and what comes of it when "ada" picked
// its session and "mal", who may be told nothing any more, had a part in it; "bob",
// "eve" and "zoe" take part too.
type toldChange struct {
	Change  event.SessionChange `json:"change"`
	Notices int                 `json:"notices"`
	Urgency string              `json:"urgency,omitempty"`
}

// TestWhatIsCountedIsWhatIsTold walks the changes of a table that the notices
// service walks too, in a test of this name: what the secretariat is shown
// before a release is what people get.
func TestWhatIsCountedIsWhatIsTold(t *testing.T) {
	t.Parallel()
	var table struct {
		Now   time.Time      `json:"now"`
		Cases map[string]any `json:"cases"` // by session
	}
	read(t, "table.agenda.notices.json", &table)
	agenda, r := everyChange(table.Now)
	changes := r.Changes()
	if len(changes) != len(table.Cases) {
		t.Errorf("%d changes, and %d in the table", len(changes), len(table.Cases))
	}
	ada := func(string) []string { return []string{"ada"} }
	may := func(who string) bool { return who != "mal" }
	all := []string{"ada", "bob", "eve", "zoe"}
	sum := 0
	for i, published := range told(&programme.Conference{}, &agenda, r) {
		c, got := changes[i], toldChange{Change: published}
		toll := programme.CountToll([]programme.Change{c}, table.Now, ada, all, may)
		if u, notice := c.Severity(table.Now); notice {
			got.Notices, got.Urgency = toll.Notices, string(u)
		}
		sum += toll.Notices
		t.Run(c.Session, func(t *testing.T) {
			t.Parallel()
			same(t, got, table.Cases[c.Session])
		})
	}
	if together := programme.CountToll(changes, table.Now, ada, all, may); together.Notices != sum {
		t.Errorf("%d notices together, %d one by one", together.Notices, sum)
	}
}

// everyChange is an agenda after a release of every kind of change, at now.
func everyChange(now time.Time) (programme.Agenda, programme.Release) {
	const day, soon = 48, 20
	at := func(hours float64) time.Time { return now.Add(time.Duration(hours * float64(time.Hour))) }
	session := func(hours float64, as ...func(*programme.Session)) *programme.Session {
		s := programme.Session{
			Revision: 1, Kind: programme.Panel, Title: programme.Text{"en": "Panel"}, Room: "hall",
			Start: at(hours), End: at(hours + 1), Status: programme.Confirmed,
		}
		for _, change := range as {
			change(&s)
		}
		return &s
	}
	is := func(status programme.Status) func(*programme.Session) {
		return func(s *programme.Session) { s.Status = status }
	}
	titled := func(s *programme.Session) { s.Title = programme.Text{"en": "Opening"} }
	annex := func(s *programme.Session) { s.Room = "annex" }
	longer := func(s *programme.Session) { s.End = s.End.Add(time.Hour) }
	delayed := func(s *programme.Session) { s.Delayed = true }
	back := func(s *programme.Session) { s.Sequence = 2 }
	spoken := func(in string) func(*programme.Session) { return func(s *programme.Session) { s.Language = in } }
	into := func(s *programme.Session) { s.Interpretation = []string{"ko"} }
	streamed := func(url string, started bool) func(*programme.Session) {
		return func(s *programme.Session) { s.Stream = &programme.Stream{URL: url, Started: started} }
	}
	invited := func(who ...string) func(*programme.Session) {
		return func(s *programme.Session) { s.Access = programme.Access{Kind: programme.Invitation, Delegates: who} }
	}
	forAll := func(s *programme.Session) { s.Kind = programme.Plenary }
	nowhere := func(s *programme.Session) { s.Access.Delegations = []string{} }
	chaired := func(who ...string) func(*programme.Session) {
		return func(s *programme.Session) {
			for _, w := range who {
				s.People = append(s.People, programme.Part{Role: programme.Chair, Delegate: w})
			}
		}
	}
	seen := func(s *programme.Session) {
		s.Public, s.Theme, s.Kind, s.Abstract = true, "security", programme.Plenary, programme.Text{"en": "x"}
	}
	papers := func(of string, embargo ...float64) func(*programme.Session) {
		d := programme.Document{ID: of, Title: programme.Text{"en": of}, URL: "https://files.example/" + of}
		for _, hours := range embargo {
			d.Embargo = at(hours)
		}
		return func(s *programme.Session) { s.Documents = append(s.Documents, d) }
	}
	steps := []struct {
		name          string
		before, after *programme.Session
	}{
		{"moved in two days", session(day), session(day + 1)},
		{"moved tomorrow", session(soon), session(soon + 1)},
		{"moved from half an hour from now", session(0.5), session(5)},
		{"brought forward to half an hour from now", session(day), session(0.5)},
		{"in another room", session(soon), session(soon, annex)},
		{"longer", session(3), session(3, longer)},
		{"delayed", session(5), session(5.5, delayed)},
		{"over before and after", session(-3), session(-2)},
		{"put off when it was over", session(-2), session(5)},
		{"a plenary in another room", session(soon, forAll), session(soon, forAll, annex)},
		{"a plenary from now on and in another room", session(day), session(day, forAll, annex)},
		{"a new plenary", nil, session(day, forAll)},
		{"running in another room", session(-0.5, is(programme.Running)), session(-0.5, is(programme.Running), annex)},
		{"cancelled", session(5), session(5, is(programme.Cancelled))},
		{"cancelled and moved when it was over", session(-2), session(5, is(programme.Cancelled))},
		{"moved while cancelled", session(5, is(programme.Cancelled)), session(6, is(programme.Cancelled))},
		{"reinstated", session(soon, is(programme.Cancelled)), session(soon)},
		{"reinstated earlier", session(soon, is(programme.Cancelled)), session(0.2)},
		{"removed", session(day), nil},
		{"removed with its chair", session(day, chaired("bob")), nil},
		{"removed after it was cancelled", session(day, is(programme.Cancelled)), nil},
		{"back from having been removed", nil, session(soon, back)},
		{"back as cancelled", nil, session(soon, back, is(programme.Cancelled))},
		{"new", nil, session(soon, chaired("bob"))},
		{"opened", session(0.1), session(0.1, is(programme.Running))},
		{"closed", session(-0.5, is(programme.Running)), session(-0.5, is(programme.Ended))},
		{"closed with other speakers", session(-0.5, is(programme.Running)), session(-0.5, is(programme.Ended), chaired("bob"))},
		{"reopened", session(-0.5, is(programme.Ended)), session(-0.5, is(programme.Running))},
		{"called something else soon", session(3), session(3, titled)},
		{"called something else in two days", session(day), session(day, titled)},
		{"longer and called something else", session(0.2), session(0.2, titled, longer)},
		{"what is seen by who looks", session(1), session(1, seen)},
		{"with a document", session(1), session(1, papers("a"))},
		{"with another document", session(day, papers("a")), session(day, papers("a"), papers("b"))},
		{"with a document less", session(1, papers("a"), papers("b")), session(1, papers("b"))},
		{"with a document nobody may read yet", session(1), session(1, papers("a", 0.5))},
		{"with a document everybody may read now", session(1, papers("a", 0.5)), session(1, papers("a"))},
		{"with a document and called something else", session(3), session(3, titled, papers("a"))},
		{"a plenary with a document", session(day, forAll), session(day, forAll, papers("a"))},
		{"streamed from elsewhere", session(1, streamed("https://a.example", false)), session(1, streamed("https://b.example", false))},
		{"to be streamed", session(day), session(day, streamed("https://a.example", false))},
		{"streamed now", session(1, streamed("https://a.example", false)), session(1, streamed("https://a.example", true))},
		{"in another language", session(day, spoken("en")), session(day, spoken("fr"))},
		{"in a language nobody can say", session(1, spoken("en")), session(1)},
		{"interpreted", session(day), session(day, into)},
		{"by invitation", session(3), session(3, invited("bob"))},
		{"with others invited", session(day, invited("bob")), session(day, invited("bob", "eve"))},
		{"invited as before", session(1, invited("bob")), session(1, invited("bob"), seen, nowhere)},
		{"with another chair", session(day, chaired("bob")), session(day, chaired("eve"))},
		{"without whoever left", session(day, chaired("mal", "bob")), session(day, chaired("bob"))},
		{"with another chair while cancelled", session(day, is(programme.Cancelled), chaired("bob")), session(day, is(programme.Cancelled), chaired("eve"))},
	}
	all := programme.Snapshot{Conference: "seoul", Revision: 1, Rooms: []programme.Room{{ID: "hall", Name: "Hall"}, {ID: "annex", Name: "Annex"}}}
	p := programme.Proposal{Kind: programme.RollBack} // which alone brings back what was removed
	for _, x := range steps {
		id := strings.ReplaceAll(x.name, " ", "-")
		if x.before != nil {
			x.before.ID = id
			all.Sessions = append(all.Sessions, *x.before)
		}
		if x.after != nil {
			x.after.ID = id
			p.Sessions = append(p.Sessions, *x.after)
		} else {
			p.Removed = append(p.Removed, id)
		}
	}
	agenda := all.Agenda()
	r, _ := agenda.Next("", now, p)
	return agenda, r
}
