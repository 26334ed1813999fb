package delegates_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates"
	"plenary.example/shared/bus"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

func erase(t testing.TB, s *delegates.Service, token, id string, revision int) *client.EraseDelegateResponse {
	t.Helper()
	res, err := at(t, s, token).EraseDelegateWithResponse(t.Context(), seoul, id, &client.EraseDelegateParams{IfMatch: fmt.Sprintf(`"%d"`, revision)})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// answering has another service answer what it holds about people, until stop.
func (r *rig) answering(t *testing.T, what string, holds map[string]any) (stop func()) {
	t.Helper()
	b, err := bus.Connect(t.Context(), bus.Config{URL: r.engines.NATSURL(), Options: r.engines.Bus()}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	stop, err = b.Answer(what, func(_ context.Context, conference string, question []byte) (any, error) {
		var q event.PersonalData
		if err := json.Unmarshal(question, &q); err != nil || q.Delegate != kim || conference != seoul {
			return nil, fmt.Errorf("asked about %q at %s: %w", q.Delegate, conference, err)
		}
		return holds, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); b.Close() })
	return stop
}

// dump is every document of the service.
func (r *rig) dump(t *testing.T, collections ...string) string {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{URI: r.engines.StoreURI(), Dialer: r.engines.Dialer(), Database: "plenary_delegates"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(context.Background()) //nolint:errcheck // a test
	var all strings.Builder
	for _, c := range collections {
		docs, err := store.All[map[string]any](t.Context(), s.Collection(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range docs {
			fmt.Fprintf(&all, "%s %v\n", c, doc)
		}
	}
	return all.String()
}

func TestAPersonSeesEverythingThatIsHeld(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, handover())
	stop := r.answering(t, event.AskAgendaData, map[string]any{"picks": []string{"opening"}})
	phone := signedIn(t, s, "SEO-00001", sampleCode)
	if res := data(t, s, phone.AccessToken); res.StatusCode() != 503 || res.HTTPResponse.Header.Get("Retry-After") == "" || strings.Contains(string(res.Body), "opening") {
		t.Errorf("half an answer: %d %s", res.StatusCode(), res.Body)
	}
	r.answering(t, event.AskNoticeData, map[string]any{"devices": []string{"phone"}})
	var res *client.GetMyDataResponse
	within(t, 5*time.Second, "both are heard", func() bool {
		res = data(t, s, phone.AccessToken)
		return res.JSON200 != nil
	})
	for _, want := range []string{`"김민준"`, `"SEO-00001"`, `"hash":true`, `"opening"`, `"phone"`, `"startedAt"`, `"consent"`, `"passkeys"`, `"substitutions"`, `"acts"`, `"participantLists"`} {
		if !strings.Contains(string(res.Body), want) {
			t.Errorf("no %s in %s", want, res.Body)
		}
	}
	if strings.Contains(string(res.Body), "Ahn") || strings.Contains(string(res.Body), sampleCode) {
		t.Errorf("somebody else's in it, or a code: %s", res.Body)
	}
	stop()
	within(t, 5*time.Second, "the other half is no answer either", func() bool { return data(t, s, phone.AccessToken).StatusCode() == 503 })
}

func data(t testing.TB, s *delegates.Service, token string) *client.GetMyDataResponse {
	t.Helper()
	res, err := at(t, s, token).GetMyDataWithResponse(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestWhoIsErasedIsGoneFromEveryRoom(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.start(t, nil), r.start(t, nil)
	load(t, one, handover())
	phone := signedIn(t, one, "SEO-00001", sampleCode)
	signIn(t, one, "SEO-00001", "WRONG-CODE")
	office := secretariat(t, one)
	if res, err := at(t, one, phone.AccessToken).AskErasureWithResponse(t.Context()); err != nil || res.StatusCode() != 202 {
		t.Fatalf("ask: %v %d", err, res.StatusCode())
	}
	if res := erase(t, one, office, kim, 1); res.StatusCode() != 412 {
		t.Errorf("without having seen the wish: %d %s", res.StatusCode(), res.Body)
	}
	if res := erase(t, one, phone.AccessToken, kim, 2); res.StatusCode() != 403 {
		t.Errorf("by the person: %d %s", res.StatusCode(), res.Body)
	}
	if res := erase(t, other, office, kim, 2); res.StatusCode() != 204 {
		t.Fatalf("erase: %d %s", res.StatusCode(), res.Body)
	}
	if res := erase(t, other, office, ahn, 1); res.StatusCode() != 409 {
		t.Errorf("the last of the secretariat: %d %s", res.StatusCode(), res.Body)
	}
	within(t, 5*time.Second, "the device is refused", func() bool {
		return me(t, one, phone.AccessToken).StatusCode() == 401 && refresh(t, one, phone.RefreshToken).StatusCode() == 401
	})
	if res := signIn(t, one, "SEO-00001", sampleCode); res.StatusCode() != 401 {
		t.Errorf("sign in: %d %s", res.StatusCode(), res.Body)
	}
	signIn(t, one, "SEO-00001", sampleCode) // guesses at a number that is nobody's do not name it
	collections := []string{"delegates", "delegations", "accreditations", "guesses", "sign-ins", "passkeys", "erasures", "substitutions", "acts", "commands"}
	within(t, 5*time.Second, "the audit forgets too", func() bool {
		return len(acts(t, one, office, client.ReadAuditParams{Subject: ptr(kim)})) == 1 && strings.Count(r.dump(t, "acts"), kim) < 3
	})
	left := r.dump(t, collections...)
	for _, value := range []string{"김민준", "SEO-00001", "Director"} {
		if strings.Contains(left, value) {
			t.Errorf("%s is still there:\n%s", value, left)
		}
	}
}

func acts(t testing.TB, s *delegates.Service, token string, p client.ReadAuditParams) []client.Act {
	t.Helper()
	res, err := at(t, s, token).ReadAuditWithResponse(t.Context(), &p)
	if err != nil || res.JSON200 == nil {
		t.Fatalf("audit: %v %s", err, res.Body)
	}
	return res.JSON200.Items
}

// TestTheAuditIsTheSameOnEveryReplica also after a restart, and holds what was
// done by whom for whom.
func TestTheAuditIsTheSameOnEveryReplica(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.start(t, nil), r.start(t, nil)
	load(t, one, handover())
	liaison, office := signedIn(t, one, "SEO-00003", sampleCode).AccessToken, secretariat(t, one)
	if res := substitute(t, one, liaison, client.NewSubstitution{Delegate: kim, Deputy: oh}, ""); res.JSON201 == nil {
		t.Fatalf("substitute: %d %s", res.StatusCode(), res.Body)
	}
	if res := erase(t, one, office, nagy, 1); res.StatusCode() != 204 {
		t.Fatalf("erase: %d %s", res.StatusCode(), res.Body)
	}
	want := func(s *delegates.Service) bool {
		all := acts(t, s, office, client.ReadAuditParams{Actor: ptr(lee), Principal: ptr(kim)})
		i := slices.IndexFunc(all, func(a client.Act) bool { return a.Type == event.DelegateChanged{}.Type() })
		return len(all) == 2 && i >= 0 && all[i].Subject == kim && slices.Equal(all[i].Fields, []string{"deputy", "status"}) &&
			len(acts(t, s, office, client.ReadAuditParams{Actor: ptr(ahn)})) > 0
	}
	for _, s := range []*delegates.Service{one, other} {
		within(t, 5*time.Second, "what was done is in the audit", func() bool { return want(s) })
	}
	within(t, 5*time.Second, "and kept", func() bool { return strings.Count(r.dump(t, "acts"), "actor:"+lee) >= 2 })
	late := r.start(t, nil)
	if !want(late) {
		t.Errorf("after a restart: %+v", acts(t, late, office, client.ReadAuditParams{}))
	}
	first := acts(t, late, office, client.ReadAuditParams{Limit: ptr(1)})
	if len(first) != 1 || first[0].At.Before(r.clock.Now().Add(-time.Minute)) {
		t.Errorf("the newest is %+v", first)
	}
	if res, err := at(t, one, liaison).ReadAuditWithResponse(t.Context(), nil); err != nil || res.StatusCode() != 403 {
		t.Errorf("a liaison reads it: %v %d", err, res.StatusCode())
	}
}

// TestTheDirectoryIsAskedOverTheBus: by the other services, for a purpose.
func TestTheDirectoryIsAskedOverTheBus(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, handover())
	b, err := bus.Connect(t.Context(), bus.Config{URL: r.engines.NATSURL(), Options: r.engines.Bus()}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	var answer event.LookupAnswer
	q := event.Lookup{Purpose: event.ForInbox, Delegates: []string{kim, "nobody", ahn}, Languages: []string{"ko"}}
	if err := b.Ask(t.Context(), seoul, event.AskDirectory, q, &answer); err != nil || len(answer.People) != 2 ||
		answer.People[0] != (event.Person{Delegate: kim, Name: "김민준", Function: "Director", Rank: "senior_official", Delegation: korea, Designation: "대한민국"}) {
		t.Errorf("%+v, %v", answer, err)
	}
	answer = event.LookupAnswer{}
	if err := b.Ask(t.Context(), "london-2011", event.AskDirectory, q, &answer); err != nil || len(answer.People) > 0 {
		t.Errorf("from another conference: %+v, %v", answer, err)
	}
	for name, bad := range map[string]event.Lookup{"no purpose": {Delegates: []string{kim}}, "too many": {Purpose: event.ForInbox, Delegates: make([]string, 201)}} {
		if err := b.Ask(t.Context(), seoul, event.AskDirectory, bad, &answer); err == nil {
			t.Errorf("%s is answered", name)
		}
	}
	if res := erase(t, s, secretariat(t, s), kim, 1); res.StatusCode() != 204 {
		t.Fatalf("erase: %d %s", res.StatusCode(), res.Body)
	}
	answer = event.LookupAnswer{}
	if err := b.Ask(t.Context(), seoul, event.AskDirectory, q, &answer); err != nil || len(answer.People) != 1 {
		t.Errorf("after the erasure: %+v, %v", answer, err)
	}
}
