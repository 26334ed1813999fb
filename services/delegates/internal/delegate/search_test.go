package delegate_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// hall is a book with one delegation of many names.
func hall(t testing.TB, people ...delegate.Delegate) (*house, *delegate.Book) {
	t.Helper()
	h := newHouse()
	b := h.replica(t, atOnce(t))
	groups := []delegate.Delegation{
		{ID: "kr", Conference: seoul, Kind: delegate.Host, Designation: map[string]string{"en": "Republic of Korea", "ko": "대한민국", "fr": "République de Corée"}},
		{ID: "ci", Conference: seoul, Kind: delegate.State, Designation: map[string]string{"en": "Côte d’Ivoire"}},
		{ID: "no-code", Conference: seoul, Kind: delegate.NonGovernmental, Designation: map[string]string{"en": "Æther Observers"}},
	}
	for i := range people {
		people[i].Conference = seoul
		if people[i].Delegation == "" {
			people[i].Delegation = "kr"
		}
	}
	if _, err := b.AddMany(t.Context(), seoul, groups, people); err != nil {
		t.Fatal(err)
	}
	return h, b
}

var listed = delegate.Consent{Participants: true}

func named(id, name string) delegate.Delegate {
	return delegate.Delegate{ID: id, Name: name, Consent: listed}
}

// ids of whom a search finds.
func ids(t testing.TB, b *delegate.Book, s delegate.Search) []string {
	t.Helper()
	if s.Conference == "" {
		s.Conference = seoul
	}
	if s.Audience == 0 {
		s.Audience = delegate.Participants
	}
	s.Limit = 100
	found, err := b.Find(s)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, d := range found.Items {
		all = append(all, d.ID)
	}
	return all
}

func TestNamesAreFoundHoweverTheyAreTyped(t *testing.T) {
	t.Parallel()
	_, b := hall(t,
		named("ar", "مُحَمَّد الأَمين"), named("zh", "王小明"), named("ko", "김민준"), named("hu", "Őry Ágnes"), named("ru", "Фёдор Достоевский"),
		named("pl", "Łukasz Żółć"), named("tr", "Işık İpek"), named("ie", "Siobhán O’Brien"), named("de", "Groß Jürgen"), named("one", "Suharto"),
		delegate.Delegate{ID: "fn", Name: "Anyone", Function: "Vice-Minister for Énergie", Consent: listed},
		delegate.Delegate{ID: "ci", Name: "Konan", Delegation: "ci", Consent: listed},
	)
	for query, want := range map[string]string{
		"محمد": "ar", "الامين": "ar", "王": "zh", "王小": "zh", "김": "ko", "김민준": "ko", "ory": "hu", "agnes őry": "hu", "AGNES": "hu",
		"фёдор": "ru", "ФЕДОР дост": "ru", "lukasz": "pl", "zolc": "pl", "isik": "tr", "ipek": "tr", "obrien": "ie", "o'brien": "ie",
		"gross": "de", "GROSS jurg": "de", "suh": "one", "energie vice": "fn", "cote ivoire": "", "cote d'iv": "ci", "coree ory": "hu", "대한 ory": "hu",
		"inister": "", "mingxiao": "", "ory nobody": "", "ｏｒｙ": "hu",
	} {
		got := strings.Join(ids(t, b, delegate.Search{Text: query}), " ")
		if got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
}

func TestOnlyWhoAgreedIsFoundAndAtOnce(t *testing.T) {
	t.Parallel()
	_, b := hall(t, delegate.Delegate{ID: "a", Name: "Ahn"}, delegate.Delegate{ID: "p", Name: "Park", Consent: delegate.Consent{Public: true}})
	find := func(a delegate.Audience) string {
		return strings.Join(ids(t, b, delegate.Search{Audience: a}), " ")
	}
	agree := func(yes bool) {
		t.Helper()
		if _, err := b.ChangeDelegate(t.Context(), seoul, "a", 0, "a", "", func(d delegate.Delegate) (delegate.Delegate, error) {
			d.Consent.Participants = yes
			return d, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if find(delegate.Participants) != "" || find(delegate.Public) != "p" || find(delegate.TheOffice) != "a p" || find(0) != "a p"[:0] {
		t.Error("somebody is found who did not agree")
	}
	for _, yes := range []bool{true, false, true} {
		agree(yes)
		if got := find(delegate.Participants); (got == "a") != yes {
			t.Errorf("agreed %v, found %q", yes, got)
		}
	}
	if _, err := b.ChangeDelegate(t.Context(), seoul, "a", 0, "office", "", func(d delegate.Delegate) (delegate.Delegate, error) {
		d.Status = event.Removed
		return d, nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := find(delegate.Participants); got != "" {
		t.Errorf("removed, and found: %q", got)
	}
	if got := strings.Join(ids(t, b, delegate.Search{Audience: delegate.TheOffice, Status: event.Removed}), " "); got != "a" {
		t.Errorf("the office finds %q among the removed", got)
	}
}

func TestPeopleComeInTheOrderOfTheLanguage(t *testing.T) {
	t.Parallel()
	_, b := hall(t, named("1", "Zimmer"), named("2", "Ångström"), named("3", "Ahn"), named("4", "de Gaulle"), named("5", "Ahn"),
		delegate.Delegate{ID: "6", Name: "Min-jun Kim", SortName: "Kim Min-jun", Consent: listed}, named("7", "Öberg"))
	for lang, want := range map[string]string{"en": "3 5 2 4 6 7 1", "sv": "3 5 4 6 1 2 7"} {
		if got := strings.Join(ids(t, b, delegate.Search{Language: lang}), " "); got != want {
			t.Errorf("in %s: %s, want %s", lang, got, want)
		}
	}
	if _, err := b.ChangeDelegate(t.Context(), seoul, "1", 0, "office", "", renamed("Aalto")); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"en": "1 3 5 2 4 6 7", "sv": "1 3 5 4 6 2 7"} {
		if got := strings.Join(ids(t, b, delegate.Search{Language: lang}), " "); got != want {
			t.Errorf("renamed, in %s: %s, want %s", lang, got, want)
		}
	}
}

func TestPagesFollowEachOtherWhateverHappensInBetween(t *testing.T) {
	t.Parallel()
	var people []delegate.Delegate
	for i := range 20 {
		people = append(people, named(fmt.Sprintf("%02d", i), fmt.Sprintf("Delegate %02d", i)))
	}
	_, b := hall(t, people...)
	s := delegate.Search{Conference: seoul, Audience: delegate.Participants, Language: "en", Limit: 7}
	var seen []string
	for turn := 0; ; turn++ {
		page, err := b.Find(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Items {
			seen = append(seen, d.ID)
		}
		if page.Next == "" {
			break
		}
		last := page.Items[len(page.Items)-1].ID // whoever the cursor rests on is gone
		if _, err := b.ChangeDelegate(t.Context(), seoul, last, 0, last, "", func(d delegate.Delegate) (delegate.Delegate, error) {
			d.Consent.Participants = false
			return d, nil
		}); err != nil {
			t.Fatal(err)
		}
		s.Cursor = page.Next
	}
	if len(seen) != 20 || len(slices.Compact(slices.Clone(seen))) != 20 {
		t.Errorf("seen %v", seen)
	}
	for _, other := range []func(*delegate.Search){
		func(s *delegate.Search) { s.Text = "x" }, func(s *delegate.Search) { s.Language = "ko" }, func(s *delegate.Search) { s.Audience = delegate.Public },
		func(s *delegate.Search) { s.Cursor = "AAAA" }, func(s *delegate.Search) { s.Cursor += "!" },
	} {
		spoiled := s
		other(&spoiled)
		if _, err := b.Find(spoiled); !problem.Is(err, problem.Malformed) {
			t.Errorf("%+v: %v", spoiled, err)
		}
	}
	if _, err := b.Find(delegate.Search{Conference: "nowhere", Limit: 1}); !problem.Is(err, problem.NotFound) {
		t.Errorf("a conference nobody is at: %v", err)
	}
}

func TestDelegationsAreListedByWhatTheyAreCalled(t *testing.T) {
	t.Parallel()
	_, b := hall(t)
	for lang, want := range map[string]string{"en": "no-code ci kr", "fr": "no-code ci kr"} {
		var got []string
		c := delegate.Choice{Conference: seoul, Language: lang, Limit: 2}
		for {
			page, err := b.List(c)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range page.Items {
				got = append(got, g.ID)
			}
			if c.Cursor = page.Next; c.Cursor == "" {
				break
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("in %s: %v, want %s", lang, got, want)
		}
	}
}

func TestTheHeadComesFirstThenRankThenName(t *testing.T) {
	t.Parallel()
	all := []delegate.Delegate{
		{ID: "expert", Name: "A", Rank: "expert"},
		{ID: "none", Name: "A"},
		{ID: "minister", Name: "Z", Rank: "minister"},
		{ID: "head", Name: "Y", Rank: "senior_official"},
		{ID: "expert2", Name: "Á B", Rank: "expert"},
	}
	delegate.SortMembers("en", "head", all)
	var got []string
	for _, d := range all {
		got = append(got, d.ID)
	}
	if want := []string{"head", "minister", "expert", "expert2", "none"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// BenchmarkSearch looks through 16,000 people and prints the median and the
// hundredth slowest.
func BenchmarkSearch(b *testing.B) {
	var people []delegate.Delegate
	given := strings.Fields("Ágnes Bálint Chidi Dmitri Élodie Fatima Gödze Hyun-woo Ingrid Jürgen Kofi Łukasz María Nguyễn Olumide Priya")
	family := strings.Fields("Abara Bakker Çelik Dvořák Eriksen Fernández García Horváth Ivanova Janssen Kovács Lindqvist Müller Nowak Ólafsson Petrović")
	for i := range 16_000 {
		people = append(people, delegate.Delegate{
			ID: fmt.Sprintf("0190a3c2-7b1e-7c4d-9a51-%012d", i), Name: fmt.Sprintf("%s %s %d", given[i%16], family[i/16%16], i),
			Function: "Senior adviser for cyber affairs", Rank: "expert", Delegation: fmt.Sprint("g", i%300), Consent: delegate.Consent{Participants: i%5 != 0},
		})
	}
	_, book := hall(b, people...)
	first := time.Now()
	find := func(q string) {
		if _, err := book.Find(delegate.Search{Conference: seoul, Audience: delegate.Participants, Language: "en", Text: q, Limit: 50}); err != nil {
			b.Fatal(err)
		}
	}
	find("a")
	b.ReportMetric(float64(time.Since(first).Milliseconds()), "ms-first")
	queries := []string{"horvath", "lukasz pet", "nobody at all", "", "cyber adviser 15999", "nguy", "12345"}
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		if i%50 == 49 { // somebody changes something
			if _, err := book.ChangeDelegate(context.Background(), seoul, people[i%16_000].ID, 0, "office", "", renamed(fmt.Sprint("Renamed ", i))); err != nil {
				b.Fatal(err)
			}
		}
		begin := time.Now()
		find(queries[i%len(queries)])
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs-p99")
}

func TestACursorMadeUpTellsNotWhereSomebodyStands(t *testing.T) {
	t.Parallel()
	_, b := hall(t, named("a", "Ahn"), named("b", "Bae"), named("c", "Choi"), delegate.Delegate{ID: "hidden", Name: "Bok"})
	s := delegate.Search{Conference: seoul, Audience: delegate.Participants, Language: "en", Limit: 1}
	first, err := b.Find(s)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(first.Next)
	if err != nil {
		t.Fatal(err)
	}
	after := func(id string) string {
		s.Cursor, s.Limit = base64.RawURLEncoding.EncodeToString(append(slices.Clone(raw[:len(raw)-1]), id...)), 10
		page, err := b.Find(s)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range page.Items {
			got = append(got, d.ID)
		}
		return strings.Join(got, " ")
	}
	if hidden, nobody := after("hidden"), after("nobody"); hidden != nobody {
		t.Errorf("behind somebody hidden: %s, behind nobody: %s", hidden, nobody)
	}
	if got := after("a"); got != "b c" {
		t.Errorf("behind the first: %s", got)
	}
}
