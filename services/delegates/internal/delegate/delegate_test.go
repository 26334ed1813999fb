package delegate_test

import (
	"testing"

	"plenary.example/services/delegates/internal/delegate"
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
