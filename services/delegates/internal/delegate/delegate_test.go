package delegate_test

import (
	"context"
	"testing"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/problem"
)

func TestADesignationIsShownInTheBestLanguageThereIs(t *testing.T) {
	t.Parallel()
	korea := delegate.Delegation{Designation: map[string]string{"ko": "대한민국", "en": "Republic of Korea", "fr": "République de Corée"}}
	observers := delegate.Delegation{Designation: map[string]string{"fr": "Observateurs", "es": "Observadores"}}
	for _, test := range []struct {
		of        delegate.Delegation
		languages []string
		want      string
	}{
		{korea, []string{"hu", "ko", "fr"}, "대한민국"},
		{korea, []string{"hu"}, "Republic of Korea"},
		{korea, nil, "Republic of Korea"},
		{observers, []string{"hu"}, "Observadores"},
		{delegate.Delegation{}, []string{"hu"}, ""},
	} {
		if got := test.of.DesignationIn(test.languages); got != test.want {
			t.Errorf("in %v: %q, want %q", test.languages, got, test.want)
		}
	}
}

// kept is what another replica has written.
type kept struct {
	people map[string]delegate.Delegate
	asked  int
}

func (k *kept) Delegate(_ context.Context, id string) (delegate.Delegate, error) {
	k.asked++
	if p, ok := k.people[id]; ok {
		return p, nil
	}
	return delegate.Delegate{}, problem.New(problem.NotFound, "not_found", "Nobody.")
}

func (k *kept) Delegation(context.Context, string) (delegate.Delegation, error) {
	return delegate.Delegation{}, problem.New(problem.NotFound, "not_found", "Nobody.")
}

func TestTheDirectoryFetchesWhomItDoesNotKnowOnce(t *testing.T) {
	t.Parallel()
	k := &kept{people: map[string]delegate.Delegate{"late": {ID: "late", Conference: "seoul-2013", Name: "Late Comer"}}}
	d := delegate.NewDirectory(k)
	d.Add([]delegate.Delegation{{ID: "kr", Conference: "seoul-2013"}}, []delegate.Delegate{{ID: "early", Conference: "seoul-2013"}})
	for range 2 {
		for _, id := range []string{"early", "late"} {
			if p, err := d.Delegate(t.Context(), "seoul-2013", id); err != nil || p.ID != id {
				t.Errorf("%s: %+v, %v", id, p, err)
			}
		}
	}
	if k.asked != 1 {
		t.Errorf("the keeper was asked %d times, want once", k.asked)
	}
	if _, err := d.Delegation(t.Context(), "seoul-2013", "kr"); err != nil {
		t.Error(err)
	}
}

func TestAnotherConferencesPeopleAreNotThere(t *testing.T) {
	t.Parallel()
	d := delegate.NewDirectory(&kept{})
	d.Add([]delegate.Delegation{{ID: "uk", Conference: "london-2011"}}, []delegate.Delegate{{ID: "bob", Conference: "london-2011"}})
	if _, err := d.Delegate(t.Context(), "seoul-2013", "bob"); !problem.Is(err, problem.NotFound) {
		t.Errorf("a delegate of London seen from Seoul: %v", err)
	}
	if _, err := d.Delegation(t.Context(), "seoul-2013", "uk"); !problem.Is(err, problem.NotFound) {
		t.Errorf("a delegation of London seen from Seoul: %v", err)
	}
	if _, err := d.Delegate(t.Context(), "seoul-2013", "nobody"); !problem.Is(err, problem.NotFound) {
		t.Errorf("nobody: %v", err)
	}
}
