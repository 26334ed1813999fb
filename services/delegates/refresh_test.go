package delegates_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates"
)

func TestAHundredRefreshesOfOneTokenHaveOneSuccessor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	replicas := []*delegates.Service{r.start(t, nil), r.start(t, nil)}
	load(t, replicas[0], people())
	first := signedIn(t, replicas[0], "SEO-00001", sampleCode)
	successors := side(100, func(i int) string {
		res := refresh(t, replicas[i%2], first.RefreshToken)
		for res.StatusCode() == http.StatusServiceUnavailable { // a slow machine; a phone asks again too
			res = refresh(t, replicas[i%2], first.RefreshToken)
		}
		if res.JSON200 != nil {
			return res.JSON200.RefreshToken
		}
		return ""
	})
	if len(successors) != 1 || successors[""] != 0 {
		t.Fatalf("%d different successors, %d refusals", len(successors), successors[""])
	}
	for next := range successors {
		if next == first.RefreshToken {
			t.Error("the token is its own successor")
		}
		third := refreshed(t, replicas[1], next) // the family has not ended
		refreshed(t, replicas[0], third.RefreshToken)
	}
}

func TestATokenUsedAgainLaterEndsTheFamily(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	first := signedIn(t, s, "SEO-00001", sampleCode)
	bystander := signedIn(t, s, "SEO-00001", sampleCode)
	second := refreshed(t, s, first.RefreshToken)
	r.clock.Pass(30 * time.Second)
	if again := refreshed(t, s, first.RefreshToken); again.RefreshToken != second.RefreshToken {
		t.Error("within the grace another successor")
	}
	r.clock.Pass(time.Second)
	if res := refresh(t, s, first.RefreshToken); res.StatusCode() != 401 || !strings.Contains(string(res.Body), "refresh_refused") {
		t.Errorf("after 31 s: %d %s", res.StatusCode(), res.Body)
	}
	if res := refresh(t, s, second.RefreshToken); res.StatusCode() != 401 {
		t.Errorf("the successor, held by nobody knows whom: %d", res.StatusCode())
	}
	refreshed(t, s, bystander.RefreshToken)
}

func TestTheGraceEndsWhenTheSuccessorIsUsed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	first := signedIn(t, s, "SEO-00001", sampleCode)
	second := refreshed(t, s, first.RefreshToken)
	third := refreshed(t, s, second.RefreshToken)
	if res := refresh(t, s, first.RefreshToken); res.StatusCode() != 401 {
		t.Errorf("the first once the second is used: %d", res.StatusCode())
	}
	if res := refresh(t, s, third.RefreshToken); res.StatusCode() != 401 {
		t.Errorf("the family went on: %d", res.StatusCode())
	}
}

func TestNobodyEndsAFamilyByGuessing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	first := signedIn(t, s, "SEO-00001", sampleCode)
	second := refreshed(t, s, first.RefreshToken)
	r.clock.Pass(time.Hour)
	parts := strings.Split(first.RefreshToken, ".")
	for _, forged := range []string{
		parts[0] + ".1." + strings.Repeat("A", 43), parts[0] + ".2." + parts[2], parts[0] + ".9." + parts[2], "opensesame", "NOBODY.1." + parts[2],
	} {
		if res := refresh(t, s, forged); res.StatusCode() != 401 {
			t.Errorf("%.20s…: %d", forged, res.StatusCode())
		}
	}
	refreshed(t, s, second.RefreshToken)
}
