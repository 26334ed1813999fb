package delegates_test

import (
	"fmt"
	"testing"
	"time"

	"plenary.example/services/delegates"
	"plenary.example/shared/client"
)

// crowd is n people of n/15 delegations.
func crowd(n int) delegates.Seed {
	seed := delegates.Seed{Conference: seoul}
	for i := range max(1, n/15) {
		seed.Delegations = append(seed.Delegations, delegates.SeedDelegation{
			ID: fmt.Sprintf("0190a3c2-7b1e-7c4d-9a52-%012d", i), Designation: map[string]string{"en": fmt.Sprintf("Delegation %d", i)}, Kind: "state",
		})
	}
	for i := range n {
		seed.Delegates = append(seed.Delegates, delegates.SeedDelegate{
			ID: fmt.Sprintf("0190a3c2-7b1e-7c4d-9a51-%012d", i), Delegation: seed.Delegations[i%len(seed.Delegations)].ID,
			Accreditation: fmt.Sprintf("SEO-%05d", i), Name: fmt.Sprintf("Delegate %d", i), Roles: []string{"delegate"},
			Languages: []string{"en"}, ActivationCode: fmt.Sprintf("CODE%06d", i),
		})
	}
	return seed
}

func TestASeoulSizedConferenceLoadsQuicklyAndStartsAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	seed := crowd(1600)
	begin := time.Now()
	load(t, s, seed)
	t.Logf("load %d people: %v", len(seed.Delegates), time.Since(begin))
	begin = time.Now()
	load(t, s, seed)
	t.Logf("load them again: %v", time.Since(begin))
	begin = time.Now()
	other := r.start(t, nil)
	t.Logf("start with them: %v", time.Since(begin))
	if res := me(t, other, signedIn(t, other, "SEO-01599", "CODE001599").AccessToken); res.JSON200 == nil || res.JSON200.Name != "Delegate 1599" {
		t.Errorf("me: %d %s", res.StatusCode(), res.Body)
	}
}

// BenchmarkLoad loads ten times a Seoul-sized conference into an empty store.
func BenchmarkLoad(b *testing.B) {
	seed := crowd(16_000)
	for b.Loop() {
		b.StopTimer()
		r := newRig(b)
		s := r.start(b, nil)
		b.StartTimer()
		load(b, s, seed)
	}
}

// BenchmarkSignIn signs one delegate after another in, over HTTP.
func BenchmarkSignIn(b *testing.B) {
	r := newRig(b)
	s := r.start(b, nil)
	load(b, s, crowd(1600))
	for i := 0; b.Loop(); i++ {
		signedIn(b, s, fmt.Sprintf("SEO-%05d", i%1600), fmt.Sprintf("CODE%06d", i%1600))
	}
}

// BenchmarkIssueCodes makes codes for everybody of a conference ten times the
// size of Seoul's.
func BenchmarkIssueCodes(b *testing.B) {
	r := newRig(b)
	s := r.start(b, nil)
	load(b, s, people())
	seed := crowd(16_000)
	for i := range seed.Delegates {
		seed.Delegates[i].Accreditation = fmt.Sprintf("X-%05d", i)
	}
	load(b, s, seed)
	office := signedIn(b, s, "SEO-00002", singleCode).AccessToken
	for b.Loop() {
		if rows := issued(b, s, office, client.NewCodes{Everybody: ptr(true)}); len(rows) != 15_999 {
			b.Fatalf("%d rows", len(rows))
		}
	}
}
