package rest

import (
	"testing"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/shared/problem"
)

func TestATagFollowsOnlyWhatWasSeen(t *testing.T) {
	t.Parallel()
	at := func(revision int64) draft.Draft { return draft.Draft{Revision: revision} }
	has := `"4-9"`
	for _, test := range []struct {
		name    string
		ifMatch *string
		draft   draft.Draft
		want    string
	}{
		{"an edit of what was seen", &has, at(5), `"5-9"`},
		{"an edit that changes nothing", &has, at(4), `"4-9"`},
		{"a repeat after others edited on", &has, at(6), ""},
		{"who says nothing", nil, at(5), ""},
	} {
		s, err := readSight(test.ifMatch)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if tag := s.after(test.draft); tag != nil {
			got = *tag
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	for _, foreign := range []string{`"4"`, `"4-en"`, `"4--1"`} {
		if _, err := readTag(foreign); !problem.Is(err, problem.Stale) {
			t.Errorf("%s says nothing of the agenda, and answers %v", foreign, err)
		}
	}
}
