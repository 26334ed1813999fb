package delegates_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates"
	"plenary.example/shared/client"
	"plenary.example/shared/store"
)

func createKey(t testing.TB, s *delegates.Service, token string, scopes ...client.Scope) client.NewAPIKey {
	t.Helper()
	res, err := at(t, s, token).CreateAPIKeyWithResponse(t.Context(), seoul, client.NewAPIKeyRequest{Name: "Badge printer", Scopes: scopes})
	if err != nil || res.JSON201 == nil {
		t.Fatalf("create: %v, %s", err, res.Body)
	}
	return *res.JSON201
}

func withKey(t testing.TB, s *delegates.Service, key string) *client.SignInWithKeyResponse {
	t.Helper()
	res, err := at(t, s, "").SignInWithKeyWithResponse(t.Context(), client.KeySignIn{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func listKeys(t testing.TB, s *delegates.Service, token string) []client.APIKey {
	t.Helper()
	res, err := at(t, s, token).ListAPIKeysWithResponse(t.Context(), seoul)
	if err != nil || res.JSON200 == nil {
		t.Fatalf("list: %v, %s", err, res.Body)
	}
	return res.JSON200.Items
}

func TestAnotherSystemSignsInWithAKeyUntilItIsEnded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, second := r.start(t, nil), r.start(t, nil)
	load(t, first, secretaries())
	ahn := signedIn(t, first, "SEO-00002", sampleCode).AccessToken
	made := createKey(t, first, ahn, "people:read", "agenda:read")
	if !strings.HasPrefix(made.Key, "plk_"+made.ID+"_") || !made.ExpiresAt.Equal(r.clock.Now().AddDate(1, 0, 0)) {
		t.Errorf("made %+v", made)
	}
	in := withKey(t, second, made.Key)
	if in.JSON201 == nil || in.JSON201.ExpiresIn != 900 || strings.Join(in.JSON201.Scopes, " ") != "agenda:read people:read" {
		t.Fatalf("sign in: %d %s", in.StatusCode(), in.Body)
	}
	token := in.JSON201.AccessToken
	for _, s := range []*delegates.Service{first, second} {
		keys := at(t, s, token)
		if res, err := keys.ReadAuditWithResponse(t.Context(), nil); err != nil || res.StatusCode() != http.StatusForbidden {
			t.Errorf("the audit, without its scope: %v, %s", err, res.Body)
		}
		if res := me(t, s, token); res.StatusCode() != http.StatusForbidden {
			t.Errorf("me, as a key: %d %s", res.StatusCode(), res.Body)
		}
		if res, err := keys.ListAPIKeysWithResponse(t.Context(), seoul); err != nil || res.StatusCode() != http.StatusForbidden {
			t.Errorf("keys, as a key: %v, %s", err, res.Body)
		}
	}
	if list := listKeys(t, second, ahn); len(list) != 1 || list[0].LastUsedAt == nil || !list[0].LastUsedAt.Equal(r.clock.Now()) || list[0].EndedAt != nil {
		t.Errorf("list %+v", list)
	}

	if res, err := at(t, first, ahn).EndAPIKeyWithResponse(t.Context(), seoul, made.ID); err != nil || res.StatusCode() != http.StatusNoContent {
		t.Fatalf("end: %v, %s", err, res.Body)
	}
	for _, s := range []*delegates.Service{first, second} {
		if res := withKey(t, s, made.Key); res.StatusCode() != http.StatusUnauthorized || !strings.Contains(string(res.Body), `"key_refused"`) {
			t.Errorf("the ended key: %d %s", res.StatusCode(), res.Body)
		}
		within(t, 5*time.Second, "its token is refused", func() bool { return me(t, s, token).StatusCode() == http.StatusUnauthorized })
	}
	if list := listKeys(t, second, ahn); len(list) != 1 || list[0].EndedAt == nil {
		t.Errorf("list %+v", list)
	}
}

// within asks again and again until it holds.
func within(t testing.TB, d time.Duration, what string, holds func() bool) {
	t.Helper()
	end := time.NewTimer(d)
	defer end.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-end.C:
			t.Fatalf("not within %v: %s", d, what)
		case <-tick.C:
		}
	}
}

func TestOtherConferencesNeitherSeeNorEndAKey(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, secretaries())
	elsewhere := secretaries()
	elsewhere.Conference, elsewhere.Delegations[0].ID = "london-2011", "0190a3c2-7b1e-7c4d-9a51-00000000000b"
	elsewhere.Delegates = elsewhere.Delegates[:1]
	elsewhere.Delegates[0].ID, elsewhere.Delegates[0].Delegation = "0190a3c2-7b1e-7c4d-9a51-000000000003", elsewhere.Delegations[0].ID
	load(t, s, elsewhere)
	made := createKey(t, s, signedIn(t, s, "SEO-00002", sampleCode).AccessToken, "people:read")
	london := at(t, s, signedInTo(t, s, "london-2011", "SEO-00001", sampleCode).AccessToken)
	for _, conference := range []string{seoul, "london-2011"} {
		if res, err := london.EndAPIKeyWithResponse(t.Context(), conference, made.ID); err != nil || res.StatusCode() != http.StatusNotFound {
			t.Errorf("end at %s: %v, %s", conference, err, res.Body)
		}
	}
	if res, err := london.ListAPIKeysWithResponse(t.Context(), "london-2011"); err != nil || res.JSON200 == nil || len(res.JSON200.Items) != 0 {
		t.Errorf("list: %v, %s", err, res.Body)
	}
	if res := withKey(t, s, made.Key); res.JSON201 == nil {
		t.Errorf("the key: %d %s", res.StatusCode(), res.Body)
	}
}

func TestNeitherTheStoreNorTheLogHoldsAKey(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, withPasskeys)
	load(t, s, secretaries())
	ahn := signedIn(t, s, "SEO-00002", sampleCode).AccessToken
	made := createKey(t, s, ahn, "people:read")
	token := withKey(t, s, made.Key).JSON201.AccessToken
	withKey(t, s, made.Key+"x")
	me(t, s, token)
	phone := newDevice()
	enrol(t, s, ahn, phone)
	challenge := asked(t, s, "SEO-00002", sampleCode)
	complete(t, s, challenge.Challenge, phone.shows(t, office, challenge))

	secret := strings.TrimPrefix(made.Key, "plk_"+made.ID+"_")
	open, err := store.Open(t.Context(), store.Config{URI: r.engines.StoreURI(), Dialer: r.engines.Dialer(), Database: "plenary_delegates"})
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close(t.Context())
	seen := 0
	for _, name := range []string{"api-keys", "api-key-rings", "challenges", "passkeys", "sign-ins", "accreditations", "guesses", "acts"} {
		docs, err := store.All[bson.Raw](t.Context(), open.Collection(name), nil)
		if err != nil {
			t.Fatal(err)
		}
		seen += len(docs)
		for _, doc := range docs {
			for _, hidden := range []string{secret, token, ahn, sampleCode} {
				if bytes.Contains(doc, []byte(hidden)) {
					t.Errorf("%s hold %.6s…", name, hidden)
				}
			}
		}
	}
	if seen < 5 {
		t.Errorf("only %d documents were there to look at", seen)
	}
	for _, hidden := range []string{secret, made.Key, token, challenge.Challenge, phoneID(phone), "Badge printer", "Key on my desk", "Ahn"} {
		if strings.Contains(r.log.String(), hidden) {
			t.Errorf("the log holds %.8s…", hidden)
		}
	}
}

func TestWhatAKeyDoesStandsUnderItsOwnName(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, secretaries())
	made := createKey(t, s, signedIn(t, s, "SEO-00002", sampleCode).AccessToken, "people:read", "people:write", "audit:read")
	registry := at(t, s, withKey(t, s, made.Key).JSON201.AccessToken)
	created, err := registry.CreateDelegationWithResponse(t.Context(), seoul, nil,
		client.NewDelegation{Designation: client.Designations{"en": "Hungary"}, Kind: "state"})
	if err != nil || created.JSON201 == nil {
		t.Fatalf("create: %v, %s", err, created.Body)
	}
	actor := "key:" + made.ID
	within(t, 5*time.Second, "the audit names the key", func() bool {
		acts, err := registry.ReadAuditWithResponse(t.Context(), &client.ReadAuditParams{Actor: &actor})
		if err != nil || acts.JSON200 == nil {
			t.Fatalf("audit: %v, %s", err, acts.Body)
		}
		return len(acts.JSON200.Items) == 1 && acts.JSON200.Items[0].Subject == created.JSON201.ID && acts.JSON200.Items[0].Actor == actor
	})
	who := secretaries().Delegates[1].ID
	within(t, 5*time.Second, "the audit says who made the key", func() bool {
		acts, err := registry.ReadAuditWithResponse(t.Context(), &client.ReadAuditParams{Actor: &who, Subject: &made.ID})
		return err == nil && acts.JSON200 != nil && len(acts.JSON200.Items) == 1 && acts.JSON200.Items[0].Type == "delegates.api-key.changed.v1" && slices.Equal(acts.JSON200.Items[0].Fields, []string{"created"})
	})
}
