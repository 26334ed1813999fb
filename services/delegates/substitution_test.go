package delegates_test

import (
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates"
	"plenary.example/shared/client"
)

// The people of handover besides those of people.
const (
	korea   = "0190a3c2-7b1e-7c4d-9a51-00000000000a"
	hungary = "0190a3c2-7b1e-7c4d-9a51-00000000000b"
	kim     = "0190a3c2-7b1e-7c4d-9a51-000000000001"
	ahn     = "0190a3c2-7b1e-7c4d-9a51-000000000002" // the secretariat
	lee     = "0190a3c2-7b1e-7c4d-9a51-000000000003" // Korea's liaison
	oh      = "0190a3c2-7b1e-7c4d-9a51-000000000004"
	nagy    = "0190a3c2-7b1e-7c4d-9a51-000000000005" // Hungary's liaison
)

// handover is people with the liaisons of two delegations, who all sign in with
// the sample code.
func handover() delegates.Seed {
	seed := people()
	seed.Delegations = append(seed.Delegations, delegates.SeedDelegation{ID: hungary, Designation: map[string]string{"en": "Hungary"}, Kind: "state"})
	for id, d := range map[string]delegates.SeedDelegate{
		lee:  {Delegation: korea, Accreditation: "SEO-00003", Name: "Lee", Roles: []string{"delegate", "liaison"}},
		oh:   {Delegation: korea, Accreditation: "SEO-00004", Name: "Oh", Roles: []string{"delegate"}},
		nagy: {Delegation: hungary, Accreditation: "SEO-00005", Name: "Nagy", Roles: []string{"delegate", "liaison"}},
	} {
		d.ID, d.ActivationCode, d.Languages = id, sampleCode, []string{"en"}
		seed.Delegates = append(seed.Delegates, d)
	}
	return seed
}

func substitute(t testing.TB, s *delegates.Service, token string, o client.NewSubstitution, key string) *client.SubstituteResponse {
	t.Helper()
	p := &client.SubstituteParams{}
	if key != "" {
		p.IdempotencyKey = &key
	}
	res, err := at(t, s, token).SubstituteWithResponse(t.Context(), seoul, p, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func substitutions(t testing.TB, s *delegates.Service, token string) []client.Substitution {
	t.Helper()
	res, err := at(t, s, token).ListSubstitutionsWithResponse(t.Context(), seoul, nil)
	if err != nil || res.JSON200 == nil {
		t.Fatalf("list: %v", err)
	}
	return res.JSON200.Items
}

// TestWhoLeftTheSeatIsOutOnEveryReplica: the old device can neither go on with
// its access token nor fetch another.
func TestWhoLeftTheSeatIsOutOnEveryReplica(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.start(t, nil), r.start(t, nil)
	load(t, one, handover())
	phone := signedIn(t, one, "SEO-00001", sampleCode)
	liaison := signedIn(t, one, "SEO-00003", sampleCode).AccessToken
	deputy := signedIn(t, other, "SEO-00004", sampleCode)
	res := substitute(t, one, liaison, client.NewSubstitution{Delegate: kim, Deputy: oh}, "")
	if res.JSON201 == nil || res.JSON201.Status != "done" || res.JSON201.Actor != lee || res.JSON201.Delegation != korea {
		t.Fatalf("substitute: %d %s", res.StatusCode(), res.Body)
	}
	for _, s := range []*delegates.Service{one, other} {
		within(t, 5*time.Second, "the access token is refused", func() bool { return me(t, s, phone.AccessToken).StatusCode() == 401 })
		if res := refresh(t, s, phone.RefreshToken); res.StatusCode() != 401 {
			t.Errorf("refresh: %d %s", res.StatusCode(), res.Body)
		}
		if res := signIn(t, s, "SEO-00001", sampleCode); res.StatusCode() != 401 {
			t.Errorf("sign in anew: %d %s", res.StatusCode(), res.Body)
		}
		if res := me(t, s, deputy.AccessToken); res.StatusCode() != 200 {
			t.Errorf("the deputy: %d %s", res.StatusCode(), res.Body)
		}
	}
}

func TestALiaisonHandsOverTheOwnSeatsOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, handover())
	stranger := signedIn(t, s, "SEO-00005", sampleCode).AccessToken
	unknown := substitute(t, s, stranger, client.NewSubstitution{Delegate: "0190a3c2-7b1e-7c4d-9a51-0000000000ff", Deputy: nagy}, "")
	for name, o := range map[string]client.NewSubstitution{
		"their person": {Delegate: kim, Deputy: nagy}, "their deputy": {Delegate: nagy, Deputy: kim}, "all theirs": {Delegate: kim, Deputy: oh},
	} {
		res := substitute(t, s, stranger, o, "")
		if res.StatusCode() != 404 || detail(res.Body) != detail(unknown.Body) {
			t.Errorf("%s: %d %s, want what is not there: %s", name, res.StatusCode(), res.Body, unknown.Body)
		}
	}
	if res := substitute(t, s, signedIn(t, s, "SEO-00004", sampleCode).AccessToken, client.NewSubstitution{Delegate: kim, Deputy: oh}, ""); res.StatusCode() != 403 {
		t.Errorf("no liaison: %d %s", res.StatusCode(), res.Body)
	}
}

// detail is a problem without what differs from request to request.
func detail(body []byte) string {
	text, _, _ := strings.Cut(string(body), `"instance"`)
	return text
}

func TestAPlanIsRepeatedListedAndWithdrawn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.start(t, nil), r.start(t, nil)
	load(t, one, handover())
	liaison := signedIn(t, one, "SEO-00003", sampleCode).AccessToken
	from := r.clock.Now().Add(2 * time.Hour)
	o, key := client.NewSubstitution{Delegate: kim, Deputy: oh, From: &from}, "a-key-chosen-at-random"
	first := substitute(t, one, liaison, o, key)
	again := substitute(t, other, liaison, o, key)
	if first.JSON201 == nil || again.JSON201 == nil || *first.JSON201 != *again.JSON201 || first.JSON201.Status != "planned" ||
		again.HTTPResponse.Header.Get("Idempotency-Replayed") != "true" {
		t.Fatalf("%d %s, and again %d %s", first.StatusCode(), first.Body, again.StatusCode(), again.Body)
	}
	if res := substitute(t, other, liaison, o, ""); !strings.Contains(string(res.Body), `"already_substituted"`) {
		t.Errorf("another order: %d %s", res.StatusCode(), res.Body)
	}
	if got := substitutions(t, other, liaison); len(got) != 1 || got[0].ID != first.JSON201.ID {
		t.Errorf("listed %+v", got)
	}
	if got := substitutions(t, other, signedIn(t, one, "SEO-00005", sampleCode).AccessToken); len(got) != 0 {
		t.Errorf("another delegation lists %+v", got)
	}
	for range 2 {
		if res, err := at(t, other, liaison).WithdrawSubstitutionWithResponse(t.Context(), seoul, first.JSON201.ID); err != nil || res.StatusCode() != 204 {
			t.Fatalf("withdraw: %v %d", err, res.StatusCode())
		}
	}
	r.clock.Pass(3 * time.Hour)
	r.start(t, nil) // one that has everything to do that is due
	if got := substitutions(t, one, signedIn(t, one, "SEO-00003", sampleCode).AccessToken); len(got) != 1 || got[0].Status != "withdrawn" {
		t.Errorf("listed %+v", got)
	}
	if res := signIn(t, one, "SEO-00001", sampleCode); res.StatusCode() != 201 {
		t.Errorf("who stays: %d %s", res.StatusCode(), res.Body)
	}
}

// TestAPlanHappensByItself: nobody asks for it any more when its moment comes.
func TestAPlanHappensByItself(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one := r.start(t, nil)
	load(t, one, handover())
	liaison := signedIn(t, one, "SEO-00003", sampleCode).AccessToken
	from := r.clock.Now().Add(10 * time.Minute)
	if res := substitute(t, one, liaison, client.NewSubstitution{Delegate: kim, Deputy: oh, From: &from}, ""); res.JSON201 == nil {
		t.Fatalf("substitute: %d %s", res.StatusCode(), res.Body)
	}
	r.start(t, nil)
	r.clock.Pass(10 * time.Minute)
	within(t, 10*time.Second, "the seat is handed over", func() bool { return substitutions(t, one, liaison)[0].Status == "done" })
	if res := signIn(t, one, "SEO-00001", sampleCode); res.StatusCode() != 401 {
		t.Errorf("sign in: %d %s", res.StatusCode(), res.Body)
	}
}
