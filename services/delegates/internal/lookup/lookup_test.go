package lookup_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/lookup"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// office knows some people, one of them no more.
type office struct{ err error }

func (o office) Delegate(_ context.Context, conference, id string) (delegate.Delegate, error) {
	people := map[string]delegate.Delegate{
		"kim":  {ID: "kim", Name: "김민준", Delegation: "korea", Status: event.Accredited, Telephone: "+82 2 1", Consent: delegate.Consent{Telephone: true}},
		"lee":  {ID: "lee", Name: "이", Delegation: "korea", Status: event.Accredited, Telephone: "+82 2 2"},
		"gone": {ID: "gone", Name: "Gone", Delegation: "korea", Status: event.Removed},
	}
	d, ok := people[id]
	if o.err != nil || !ok || conference != "seoul-2013" {
		return d, errors.Join(o.err, problem.Hidden())
	}
	return d, nil
}

func (o office) Delegation(context.Context, string, string) (delegate.Delegation, error) {
	return delegate.Delegation{Designation: map[string]string{"en": "Republic of Korea", "ko": "대한민국"}}, nil
}

func ask(t *testing.T, d *lookup.Desk, conference string, q event.Lookup) (event.LookupAnswer, error) {
	t.Helper()
	question, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := d.Answer(t.Context(), conference, question)
	a, _ := answer.(event.LookupAnswer)
	return a, err
}

func TestOnlyTheAccreditedOfTheConferenceAreNamed(t *testing.T) {
	t.Parallel()
	asked := lookup.NewCounter()
	d := lookup.New(office{}, asked)
	q := event.Lookup{Purpose: event.ForMeeting, Delegates: []string{"kim", "gone", "nobody"}, Languages: []string{"hu", "ko"}}
	a, err := ask(t, d, "seoul-2013", q)
	if err != nil || len(a.People) != 1 || a.People[0].Name != "김민준" || a.People[0].Designation != "대한민국" {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err := ask(t, d, "london-2011", q); err != nil || len(a.People) != 0 {
		t.Errorf("from another conference: %+v, %v", a, err)
	}
	if _, err := ask(t, d, "seoul-2013", event.Lookup{Purpose: "curiosity of " + t.Name(), Delegates: []string{"kim"}}); err != nil {
		t.Error(err)
	}
	for purpose, want := range map[string]float64{event.ForMeeting: 6, "other": 1} {
		if got := testutil.ToFloat64(asked.WithLabelValues(purpose)); got != want {
			t.Errorf("%s counted %v, want %v", purpose, got, want)
		}
	}
	if n := testutil.CollectAndCount(asked); n != 2 {
		t.Errorf("%d purposes are counted: a label must not grow with what is asked", n)
	}
}

func TestAQuestionNeedsAReason(t *testing.T) {
	t.Parallel()
	d := lookup.New(office{}, lookup.NewCounter())
	for name, q := range map[string]event.Lookup{"no purpose": {Delegates: []string{"kim"}}, "too many": {Purpose: event.ForInbox, Delegates: make([]string, 201)}} {
		if _, err := ask(t, d, "seoul-2013", q); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.Answer(t.Context(), "seoul-2013", []byte("?")); !problem.Is(err, problem.Malformed) {
		t.Errorf("no question at all: %v", err)
	}
	away := lookup.New(office{err: problem.New(problem.Unavailable, "away", "Away.")}, lookup.NewCounter())
	if _, err := ask(t, away, "seoul-2013", event.Lookup{Purpose: event.ForInbox, Delegates: []string{"kim"}}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a store that is away looks like nobody: %v", err)
	}
}

func TestNumbersAreToldToWhoHasToCallAndOfWhoAgreed(t *testing.T) {
	t.Parallel()
	d := lookup.New(office{}, lookup.NewCounter())
	for purpose, want := range map[string]string{event.ForCalls: "+82 2 1", event.ForReach: "", event.ForMeeting: "", "other": ""} {
		a, err := ask(t, d, "seoul-2013", event.Lookup{Purpose: purpose, Delegates: []string{"kim", "lee"}})
		if err != nil || len(a.People) != 2 || a.People[0].Telephone != want || a.People[1].Telephone != "" {
			t.Errorf("for %s: %+v, %v", purpose, a, err)
		}
	}
}
