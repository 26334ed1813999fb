package delegate_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

func TestNamesOfAllSortsStayAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"محمد بن سلمان", "王小明", "김민준", "Ötvös Árpád", "Фёдор Достоевский", "Suharto", "O’Brien, Siobhán", "הרצל, בנימין זאב",
		"Ali \u2067محمد\u2069 Khan", "\u200fمحمد", "नरेन्द्र", "Nguyễn Văn A", "J. R. R. 𝒯olkien", "Zoë\u200d", "山田　太郎",
	} {
		d, faults := delegate.Delegate{Name: "  " + name + " ", SortName: name, Function: name}.Canonical()
		if len(faults) > 0 || d.Name != name || d.SortName != name || d.Function != name {
			t.Errorf("%q became %q, %v", name, d.Name, faults)
		}
	}
}

func TestWhatBreaksARuleIsNamedByItsPlace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		d    delegate.Delegate
		want string
	}{
		{delegate.Delegate{}, "/name required"},
		{delegate.Delegate{Name: " \t\n"}, "/name required"},
		{delegate.Delegate{Name: "\u200b\u2060\u0301"}, "/name required"},
		{delegate.Delegate{Name: strings.Repeat("가", 201)}, "/name max"},
		{delegate.Delegate{Name: "a\nb"}, "/name forbidden_character"},
		{delegate.Delegate{Name: "a\u202eb"}, "/name forbidden_character"},
		{delegate.Delegate{Name: "a\x00b"}, "/name forbidden_character"},
		{delegate.Delegate{Name: "a\xffb"}, "/name wrong_format"},
		{delegate.Delegate{Name: "a", Email: "a b@example.org"}, "/email email"},
		{delegate.Delegate{Name: "a", Email: "A <a@example.org>"}, "/email email"},
		{delegate.Delegate{Name: "a", Email: "a@b@c"}, "/email email"},
		{delegate.Delegate{Name: "a", Telephone: "=1+1"}, "/telephone wrong_format"},
		{delegate.Delegate{Name: "a", Rank: "king"}, "/rank oneof"},
		{delegate.Delegate{Name: "a", Roles: []string{"delegate", "root"}}, "/roles/1 oneof"},
		{delegate.Delegate{Name: "a", Languages: []string{"en", "not a language"}}, "/languages/1 bcp47_language_tag"},
	} {
		_, faults := test.d.Canonical()
		if len(faults) != 1 || faults[0].Pointer+" "+faults[0].Code != test.want {
			t.Errorf("%q: %+v, want %s", test.d.Name, faults, test.want)
		}
	}
}

func TestARecordIsWrittenOneWay(t *testing.T) {
	t.Parallel()
	d, faults := delegate.Delegate{
		Name: "a", Roles: []string{"secretariat", "delegate", "secretariat"}, Languages: []string{"EN-us", "zh-hant-tw", "en-US", "iw"},
		Email: " ágnes@példa.example ", Telephone: " +36 (1) 23-45 ext. 6 ",
	}.Canonical()
	if len(faults) > 0 || !slices.Equal(d.Roles, []string{"delegate", "secretariat"}) || !slices.Equal(d.Languages, []string{"en-US", "zh-Hant-TW", "he"}) ||
		d.Email != "ágnes@példa.example" || d.Telephone != "+36 (1) 23-45 ext. 6" {
		t.Errorf("%+v, %v", d, faults)
	}
	if d, _ := (delegate.Delegate{Name: "a"}).Canonical(); !slices.Equal(d.Roles, []string{"delegate"}) {
		t.Errorf("roles of nobody in particular: %v", d.Roles)
	}
	g, faults := delegate.Delegation{Kind: delegate.State, Code: "hu", Designation: map[string]string{"EN": " Hungary "}}.Canonical([]string{"en"})
	if len(faults) > 0 || g.Code != "HU" || g.Designation["en"] != "Hungary" {
		t.Errorf("%+v, %v", g, faults)
	}
	if _, faults := g.Canonical([]string{"ko"}); len(faults) != 1 || faults[0].Code != "language_unknown" {
		t.Errorf("a language the conference does not have: %v", faults)
	}
}

func TestWhatAnOlderRecordBreaksIsNotHeldAgainstAChange(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.delegations.docs["kr"] = delegate.Delegation{ID: "kr", Conference: seoul, Kind: "state"}
	h.delegates.docs["old"] = delegate.Delegate{ID: "old", Conference: seoul, Delegation: "kr", Name: "Old", Rank: "king"}
	b := h.replica(t, atOnce(t))
	o, by := delegate.NewOffice(b), caller.Caller{Delegate: "office", Conference: seoul}
	now, err := o.EditDelegate(t.Context(), by, seoul, "old", 1, func(d *delegate.Delegate) { d.Function = "Adviser" })
	if err != nil || now.Function != "Adviser" {
		t.Errorf("%+v, %v", now, err)
	}
	if _, err := o.EditDelegate(t.Context(), by, seoul, "old", 2, func(d *delegate.Delegate) { d.Email = "x" }); !problem.Is(err, problem.Invalid) {
		t.Errorf("a rule broken now: %v", err)
	}
}

func TestNumbersGoOnInTheStyleOfTheConference(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		there []string
		want  string
	}{
		{nil, "SEO-00001"}, {[]string{"SEO-00007", "SEO-00009", "VIP-500"}, "SEO-00010"}, {[]string{"99"}, "100"}, {[]string{"PASS"}, "SEO-00001"},
	} {
		h := newHouse()
		h.delegations.docs["kr"] = delegate.Delegation{ID: "kr", Conference: seoul, Kind: "state"}
		b := h.replica(t, atOnce(t))
		for _, n := range test.there {
			add(t, b, delegate.Delegate{Name: n, Delegation: "kr", Accreditation: n})
		}
		d, err := delegate.NewOffice(b).CreateDelegate(t.Context(), caller.Caller{Delegate: "office"}, delegate.Delegate{Conference: seoul, Delegation: "kr", Name: "New"})
		if err != nil || d.Accreditation != test.want {
			t.Errorf("after %v: %q, %v, want %q", test.there, d.Accreditation, err, test.want)
		}
	}
}

func TestWhoeverLeavesHoldsNoOffice(t *testing.T) {
	t.Parallel()
	h, b := hall(t, named("a", "Ahn"), named("b", "Bae"))
	office := func(f func(*delegate.Delegation)) {
		t.Helper()
		if _, err := b.ChangeDelegation(t.Context(), seoul, "kr", 0, "office", "", func(g delegate.Delegation) (delegate.Delegation, error) {
			f(&g)
			return g, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	leave := func(id string, f func(*delegate.Delegate)) delegate.Delegation {
		t.Helper()
		if _, err := b.ChangeDelegate(context.Background(), seoul, id, 0, "office", "", func(d delegate.Delegate) (delegate.Delegate, error) {
			f(&d)
			return d, nil
		}); err != nil {
			t.Fatal(err)
		}
		return h.delegations.docs["kr"]
	}
	office(func(g *delegate.Delegation) { g.Head, g.Officer = "a", "b" })
	if g := leave("a", func(d *delegate.Delegate) { d.Delegation = "ci" }); g.Head != "" || g.Officer != "b" {
		t.Errorf("moved: %+v", g)
	}
	if g := leave("b", func(d *delegate.Delegate) { d.Status = event.Removed }); g.Officer != "" {
		t.Errorf("removed: %+v", g)
	}
}
