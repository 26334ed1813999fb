package delegates_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	virtual "github.com/descope/virtualwebauthn"

	"plenary.example/services/delegates"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

var office = virtual.RelyingParty{ID: "office.example", Name: "Plenary", Origin: "https://desk.office.example"}

func withPasskeys(c *delegates.Config) {
	c.Passkeys = delegates.Passkeys{RPID: office.ID, Origins: []string{office.Origin}}
}

// secretaries are two people of the secretariat whose codes are good any number
// of times.
func secretaries() delegates.Seed {
	seed := people()
	for i, number := range []string{"SEO-00001", "SEO-00002"} {
		d := &seed.Delegates[i]
		d.Accreditation, d.Roles, d.ActivationCode, d.SingleUse = number, []string{"delegate", "secretariat"}, sampleCode, false
	}
	return seed
}

// A device holds one passkey, as a phone does.
type device struct {
	virtual.Authenticator
	key virtual.Credential
}

func newDevice() *device {
	return &device{virtual.NewAuthenticator(), virtual.NewCredential(virtual.KeyTypeEC2)}
}

// makes is the device's answer to an enrolment.
func (d *device) makes(t testing.TB, rp virtual.RelyingParty, c client.PasskeyChallenge) map[string]any {
	t.Helper()
	options, err := virtual.ParseAttestationOptions(text(t, c.Options))
	if err != nil {
		t.Fatal(err)
	}
	return object(t, virtual.CreateAttestationResponse(rp, d.Authenticator, d.key, *options))
}

// shows is the device's answer to a sign-in. It counts them.
func (d *device) shows(t testing.TB, rp virtual.RelyingParty, c client.PasskeyChallenge) map[string]any {
	t.Helper()
	options, err := virtual.ParseAssertionOptions(text(t, c.Options))
	if err != nil {
		t.Fatal(err)
	}
	d.key.Counter++
	return object(t, virtual.CreateAssertionResponse(rp, d.Authenticator, d.key, *options))
}

func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func object(t testing.TB, text string) (o map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// enrol adds a passkey of d to the account of token.
func enrol(t testing.TB, s *delegates.Service, token string, d *device) client.Passkey {
	t.Helper()
	begun, err := at(t, s, token).BeginPasskeyWithResponse(t.Context())
	if err != nil || begun.JSON201 == nil {
		t.Fatalf("begin: %v, %s", err, begun.Body)
	}
	added, err := at(t, s, token).AddPasskeyWithResponse(t.Context(), client.NewPasskey{
		Challenge: begun.JSON201.Challenge, Name: "Key on my desk", Credential: d.makes(t, office, *begun.JSON201),
	})
	if err != nil || added.JSON201 == nil {
		t.Fatalf("add: %v, %s", err, added.Body)
	}
	return *added.JSON201
}

// asked is a sign-in that must be answered by a challenge.
func asked(t testing.TB, s *delegates.Service, number, code string) client.PasskeyChallenge {
	t.Helper()
	res := signIn(t, s, number, code)
	if res.JSON202 == nil {
		t.Fatalf("sign in %s: %d %s, want a challenge", number, res.StatusCode(), res.Body)
	}
	return *res.JSON202
}

func complete(t testing.TB, s *delegates.Service, challenge string, credential map[string]any) *client.CompleteSignInResponse {
	t.Helper()
	res, err := at(t, s, "").CompleteSignInWithResponse(t.Context(), client.PasskeySignIn{Challenge: challenge, Credential: credential})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// refusedStep fails unless res has the words of a wrong code.
func refusedStep(t testing.TB, name string, res *client.CompleteSignInResponse) {
	t.Helper()
	if res.StatusCode() != http.StatusUnauthorized || !strings.Contains(string(res.Body), `"sign_in_refused"`) {
		t.Errorf("%s: %d %s", name, res.StatusCode(), res.Body)
	}
}

func TestTheSecretariatSignsInInTwoStepsOnAnyReplica(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, second := r.start(t, withPasskeys), r.start(t, withPasskeys)
	load(t, first, secretaries())
	phone := newDevice()
	before := signedIn(t, first, "SEO-00002", sampleCode)
	added := enrol(t, first, before.AccessToken, phone)
	if signedIn(t, second, "SEO-00001", sampleCode).AccessToken == "" {
		t.Error("a colleague without a passkey was asked for one")
	}

	challenge := asked(t, first, "SEO-00002", sampleCode)
	if !challenge.ExpiresAt.Equal(r.clock.Now().Add(5 * time.Minute)) {
		t.Errorf("until %v", challenge.ExpiresAt)
	}
	answer := phone.shows(t, office, challenge)
	done := complete(t, second, challenge.Challenge, answer)
	if done.JSON201 == nil {
		t.Fatalf("complete: %d %s", done.StatusCode(), done.Body)
	}
	if res := me(t, first, done.JSON201.AccessToken); res.JSON200 == nil || res.JSON200.Name != "Ahn So-yeon" {
		t.Errorf("me: %d %s", res.StatusCode(), res.Body)
	}
	refreshed(t, first, done.JSON201.RefreshToken)
	refusedStep(t, "the answer again", complete(t, first, challenge.Challenge, answer))

	list, err := at(t, second, done.JSON201.AccessToken).ListPasskeysWithResponse(t.Context())
	if err != nil || list.JSON200 == nil || len(list.JSON200.Items) != 1 || list.JSON200.Items[0].ID != added.ID || list.JSON200.Items[0].LastUsedAt == nil {
		t.Fatalf("list: %v, %s", err, list.Body)
	}
	if gone, err := at(t, second, done.JSON201.AccessToken).RemovePasskeyWithResponse(t.Context(), added.ID); err != nil || gone.StatusCode() != 204 {
		t.Fatalf("remove: %v, %s", err, gone.Body)
	}
	pair := signedIn(t, first, "SEO-00002", sampleCode)
	within(t, 5*time.Second, "the audit has both", func() bool {
		var done []string
		for _, a := range acts(t, second, pair.AccessToken, client.ReadAuditParams{Actor: ptr(secretaries().Delegates[1].ID)}) {
			if a.Type == (event.PasskeyChanged{}).Type() {
				done = append(done, a.Fields...)
			}
		}
		return strings.Join(done, " ") == "removed created"
	})
}

func TestASecondStepThatFailsIsRefusedLikeAWrongCode(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, withPasskeys)
	load(t, s, secretaries())
	phone, colleagues := newDevice(), newDevice()
	enrol(t, s, signedIn(t, s, "SEO-00002", sampleCode).AccessToken, phone)
	enrol(t, s, signedIn(t, s, "SEO-00001", sampleCode).AccessToken, colleagues)
	elsewhere := office
	elsewhere.Origin = "https://office.example.evil.test"

	c := asked(t, s, "SEO-00002", sampleCode)
	refusedStep(t, "from another origin", complete(t, s, c.Challenge, phone.shows(t, elsewhere, c)))
	refusedStep(t, "its challenge once more", complete(t, s, c.Challenge, phone.shows(t, office, c)))
	c = asked(t, s, "SEO-00002", sampleCode)
	refusedStep(t, "a colleague's passkey", complete(t, s, c.Challenge, colleagues.shows(t, office, c)))
	c = asked(t, s, "SEO-00002", sampleCode)
	r.clock.Pass(5 * time.Minute)
	refusedStep(t, "too late", complete(t, s, c.Challenge, phone.shows(t, office, c)))
	c = asked(t, s, "SEO-00002", sampleCode)
	phone.key.Counter = 0
	done := complete(t, s, c.Challenge, phone.shows(t, office, c))
	if done.JSON201 == nil {
		t.Fatalf("the right one: %d %s", done.StatusCode(), done.Body)
	}
	phone.key.Counter = 0
	c = asked(t, s, "SEO-00002", sampleCode)
	refusedStep(t, "a count that went back", complete(t, s, c.Challenge, phone.shows(t, office, c)))
	refusedStep(t, "no challenge at all", complete(t, s, "nothing", map[string]any{}))

	// Only a sign-in that is complete forgives what came before; the right code does not.
	for range 4 {
		c := asked(t, s, "SEO-00002", sampleCode)
		refusedStep(t, "nonsense", complete(t, s, c.Challenge, map[string]any{"id": "AA"}))
	}
	if res := signIn(t, s, "SEO-00002", sampleCode); res.StatusCode() != http.StatusTooManyRequests {
		t.Errorf("after five refused second steps: %d %s", res.StatusCode(), res.Body)
	}
	log := r.log.String()
	if !strings.Contains(log, "count went back") || strings.Contains(log, phoneID(phone)) {
		t.Error("the log lacks the warning, or holds a passkey")
	}
}

func phoneID(d *device) string {
	b, _ := json.Marshal(d.key.ID) // as base64, as it is in every answer
	return strings.Trim(string(b), `"=`)
}

func TestWithoutADomainNobodyIsAskedForAPasskey(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	on, off := r.start(t, withPasskeys), r.start(t, nil)
	load(t, on, secretaries())
	enrol(t, on, signedIn(t, on, "SEO-00002", sampleCode).AccessToken, newDevice())
	pair := signedIn(t, off, "SEO-00002", sampleCode)
	res, err := at(t, off, pair.AccessToken).BeginPasskeyWithResponse(t.Context())
	if err != nil || res.StatusCode() != http.StatusConflict || !strings.Contains(string(res.Body), `"passkeys_off"`) {
		t.Errorf("begin: %v, %s", err, res.Body)
	}
	c := asked(t, on, "SEO-00002", sampleCode)
	refusedStep(t, "an answer where they are off", complete(t, off, c.Challenge, map[string]any{}))
}

func TestPasskeysOfTheWrongDomainDoNotStart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cfg := delegates.Config{}
	s := r.start(t, func(c *delegates.Config) { cfg = *c })
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg.Passkeys = delegates.Passkeys{RPID: "office.example", Origins: []string{"https://evil.test"}}
	if err := delegates.New(cfg, slog.New(slog.DiscardHandler)).Start(t.Context()); err == nil || !strings.Contains(err.Error(), "evil.test") {
		t.Errorf("started: %v", err)
	}
}

// signsIn says whether an answer to a second step is a sign-in.
func signsIn(res *client.CompleteSignInResponse) bool { return res.JSON201 != nil }

func TestACodeIsUsedUpByTheSecondStepOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, withPasskeys)
	load(t, s, secretaries())
	phone := newDevice()
	colleague := signedIn(t, s, "SEO-00001", sampleCode).AccessToken
	enrol(t, s, signedIn(t, s, "SEO-00002", sampleCode).AccessToken, phone)
	ahn := client.NewCodes{Delegates: &[]string{secretaries().Delegates[1].ID}}
	letter := issued(t, s, colleague, ahn)["SEO-00002"]["activationCode"]

	begun := [3]client.PasskeyChallenge{}
	for i := range begun {
		begun[i] = asked(t, s, "SEO-00002", letter)
	}
	refusedStep(t, "a colleague's passkey", complete(t, s, begun[0].Challenge, newDevice().shows(t, office, begun[0])))
	if done := complete(t, s, begun[1].Challenge, phone.shows(t, office, begun[1])); !signsIn(done) {
		t.Fatalf("complete: %d %s", done.StatusCode(), done.Body)
	}
	refusedStep(t, "the code once more", complete(t, s, begun[2].Challenge, phone.shows(t, office, begun[2])))
	if res := signIn(t, s, "SEO-00002", letter); res.StatusCode() != http.StatusUnauthorized {
		t.Errorf("the used code: %d %s", res.StatusCode(), res.Body)
	}

	letter = issued(t, s, colleague, ahn)["SEO-00002"]["activationCode"]
	waiting := asked(t, s, "SEO-00002", letter)
	letter = issued(t, s, colleague, ahn)["SEO-00002"]["activationCode"]
	refusedStep(t, "a code in whose place another was issued", complete(t, s, waiting.Challenge, phone.shows(t, office, waiting)))
	waiting = asked(t, s, "SEO-00002", letter)
	if done := complete(t, s, waiting.Challenge, phone.shows(t, office, waiting)); !signsIn(done) {
		t.Errorf("the code issued last: %d %s", done.StatusCode(), done.Body)
	}
}

// setRoles gives somebody other roles, in the name of a colleague.
func setRoles(t testing.TB, s *delegates.Service, token, delegate string, roles ...client.Role) {
	t.Helper()
	by := at(t, s, token)
	read, err := by.GetDelegateWithResponse(t.Context(), seoul, delegate, nil)
	if err != nil || read.JSON200 == nil {
		t.Fatalf("read: %v, %s", err, read.Body)
	}
	res, err := by.UpdateDelegateWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), seoul, delegate,
		&client.UpdateDelegateParams{IfMatch: read.HTTPResponse.Header.Get("ETag")}, client.DelegatePatch{Roles: &roles})
	if err != nil || res.JSON200 == nil {
		t.Fatalf("update: %v, %s", err, res.Body)
	}
}

// Who has lost every passkey gets in again when a colleague takes the role away
// and gives it back.
func TestAColleagueLetsInWhoHasLostTheirPasskeys(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, withPasskeys)
	load(t, s, secretaries())
	ahn := secretaries().Delegates[1].ID
	colleague := signedIn(t, s, "SEO-00001", sampleCode).AccessToken
	enrol(t, s, signedIn(t, s, "SEO-00002", sampleCode).AccessToken, newDevice())
	asked(t, s, "SEO-00002", sampleCode)

	setRoles(t, s, colleague, ahn, "delegate")
	setRoles(t, s, colleague, ahn, "delegate", "secretariat")
	within(t, 5*time.Second, "the code is enough again", func() bool { return signIn(t, s, "SEO-00002", sampleCode).JSON201 != nil })
	pair := signedIn(t, s, "SEO-00002", sampleCode)
	r.clock.Pass(time.Second)
	enrol(t, s, pair.AccessToken, newDevice())
	asked(t, s, "SEO-00002", sampleCode)
}
