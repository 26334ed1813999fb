package passkey_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	virtual "github.com/descope/virtualwebauthn"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/passkey"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

const seoul = "seoul-2013"

var (
	opening = time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)
	here    = passkey.Config{RPID: "office.example", Origins: []string{"https://office.example"}}
	party   = virtual.RelyingParty{ID: "office.example", Name: "Plenary", Origin: "https://office.example"}

	ahn = passkey.Person{Conference: seoul, Delegate: "0190a3c2-7b1e-7c4d-9a51-000000000002", Account: "SEO-00002", Name: "Ahn So-yeon"}
	bae = passkey.Person{Conference: seoul, Delegate: "0190a3c2-7b1e-7c4d-9a51-000000000003", Account: "SEO-00003", Name: "Bae"}

	office = []string{"delegate", "secretariat"}
)

// A rig is one installation with a clock that is moved by hand.
type rig struct {
	kept *mongostore.Passkeys
	log  bytes.Buffer
	at   time.Time
	room *passkey.Room
	told []event.Envelope
	dead bool // the replicas do not come to telling
}

// Publish takes what is told.
func (r *rig) Publish(_ context.Context, e event.Envelope) error {
	r.told = append(r.told, e)
	return nil
}

func newRig(t *testing.T) *rig {
	t.Helper()
	e := enginestest.Test(t)
	s, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "plenary_delegates"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	r := &rig{kept: mongostore.NewPasskeys(s), at: opening}
	r.room = r.replica(t, here)
	return r
}

func (r *rig) replica(t *testing.T, cfg passkey.Config) *passkey.Room {
	t.Helper()
	owe := func(_ string, tell func(context.Context) error) {
		if r.dead {
			return
		}
		if err := tell(context.Background()); err != nil {
			t.Errorf("tell: %v", err)
		}
	}
	room, err := passkey.New(cfg, r.kept, passkey.Telling{Herald: r, Owe: owe}, func() time.Time { return r.at }, slog.New(slog.NewTextHandler(&r.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return room
}

// A device holds one passkey, as a phone does.
type device struct {
	virtual.Authenticator
	key virtual.Credential
}

func newDevice() *device {
	return &device{virtual.NewAuthenticator(), virtual.NewCredential(virtual.KeyTypeEC2)}
}

// makes answers an enrolment.
func (d *device) makes(t *testing.T, rp virtual.RelyingParty, a passkey.Asked) []byte {
	t.Helper()
	options, err := virtual.ParseAttestationOptions(string(a.Options))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtual.CreateAttestationResponse(rp, d.Authenticator, d.key, *options))
}

// shows answers a sign-in, and counts it.
func (d *device) shows(t *testing.T, rp virtual.RelyingParty, a passkey.Asked) []byte {
	t.Helper()
	options, err := virtual.ParseAssertionOptions(string(a.Options))
	if err != nil {
		t.Fatal(err)
	}
	d.key.Counter++
	return []byte(virtual.CreateAssertionResponse(rp, d.Authenticator, d.key, *options))
}

func (r *rig) begin(t *testing.T, p passkey.Person) passkey.Asked {
	t.Helper()
	a, err := r.room.Begin(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (r *rig) enrol(t *testing.T, p passkey.Person, d *device) passkey.Passkey {
	t.Helper()
	a := r.begin(t, p)
	k, err := r.room.Add(t.Context(), p, a.ID, "my phone", d.makes(t, party, a))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// enrolled is p, with a passkey.
func (r *rig) enrolled(t *testing.T, p passkey.Person) passkey.Person {
	t.Helper()
	r.enrol(t, p, newDevice())
	return p
}

func (r *rig) ask(t *testing.T, p passkey.Person) passkey.Asked {
	t.Helper()
	a, asked, err := r.room.Ask(t.Context(), p.Conference, p.Delegate, office, []byte("proof of "+p.Account))
	if err != nil || !asked {
		t.Fatalf("asked %v, %v", asked, err)
	}
	return a
}

func TestAPasskeyIsEnrolledAndAnswersOnAnyReplica(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, asked, err := r.room.Ask(t.Context(), seoul, ahn.Delegate, office, nil); asked || err != nil {
		t.Errorf("asked %v before there is one, %v", asked, err)
	}
	phone := newDevice()
	begun := r.begin(t, ahn)
	var options struct {
		PublicKey struct {
			Attestation            string
			AuthenticatorSelection struct{ UserVerification, ResidentKey string }
			User                   struct{ Name, DisplayName string }
			Timeout                int
		}
	}
	if err := json.Unmarshal(begun.Options, &options); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(options); got != "{{none {required preferred} {SEO-00002 Ahn So-yeon} 300000}}" || !begun.ExpiresAt.Equal(opening.Add(5*time.Minute)) {
		t.Errorf("options %s until %v", got, begun.ExpiresAt)
	}
	k, err := r.room.Add(t.Context(), ahn, begun.ID, "  my phone ", phone.makes(t, party, begun))
	if err != nil || k.Name != "my phone" || !k.AddedAt.Equal(opening) || !k.UsedAt.IsZero() {
		t.Fatalf("added %+v, %v", k, err)
	}
	if _, asked, err := r.room.Ask(t.Context(), seoul, ahn.Delegate, []string{"delegate", "liaison"}, nil); asked || err != nil {
		t.Errorf("somebody without the role was asked: %v, %v", asked, err)
	}

	other := r.replica(t, here)
	r.at = opening.Add(time.Hour)
	asked := r.ask(t, ahn)
	answer := phone.shows(t, party, asked)
	got, err := other.Answer(t.Context(), asked.ID, answer)
	if err != nil || got.Conference != seoul || got.Delegate != ahn.Delegate || string(got.Proof) != "proof of SEO-00002" {
		t.Fatalf("proven %+v, %v", got, err)
	}
	if list, err := r.room.List(t.Context(), ahn.Delegate); err != nil || len(list) != 1 || !list[0].UsedAt.Equal(r.at) || list[0].Count != 1 {
		t.Errorf("list %+v, %v", list, err)
	}
	for _, room := range []*passkey.Room{r.room, other} { // the same answer again
		if got, err := room.Answer(t.Context(), asked.ID, answer); !errors.Is(err, passkey.ErrRefused) || got.Delegate != "" {
			t.Errorf("a replay: %+v, %v", got, err)
		}
	}
	asked = r.ask(t, ahn)
	if _, err := r.room.Answer(t.Context(), asked.ID, answer); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("an old answer to a new challenge: %v", err)
	}
}

func TestWhateverIsWrongWithAnAnswerItIsRefusedInTheSameWords(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	phone, strangers := newDevice(), newDevice()
	r.enrol(t, ahn, phone)
	r.enrol(t, bae, strangers)
	elsewhere, mirror := party, party
	elsewhere.Origin, mirror.ID = "https://office.example.evil.test", "evil.test"
	asleep := *phone
	asleep.Options.UserNotVerified = true
	for name, answer := range map[string]func(passkey.Asked) []byte{
		"nothing":             func(passkey.Asked) []byte { return nil },
		"nonsense":            func(passkey.Asked) []byte { return []byte(`{"id":"AA","type":"public-key"}`) },
		"another's passkey":   func(a passkey.Asked) []byte { return strangers.shows(t, party, a) },
		"from another origin": func(a passkey.Asked) []byte { return phone.shows(t, elsewhere, a) },
		"for another party":   func(a passkey.Asked) []byte { return phone.shows(t, mirror, a) },
		"nobody verified":     func(a passkey.Asked) []byte { return asleep.shows(t, party, a) },
		"another's key, my passkey's id": func(a passkey.Asked) []byte {
			forged := *strangers
			forged.key.ID = phone.key.ID
			return forged.shows(t, party, a)
		},
		"the answer to another challenge": func(passkey.Asked) []byte { return phone.shows(t, party, r.ask(t, ahn)) },
		"too late": func(a passkey.Asked) []byte {
			r.at = r.at.Add(5 * time.Minute)
			return phone.shows(t, party, a)
		},
	} {
		a := r.ask(t, ahn)
		got, err := r.room.Answer(t.Context(), a.ID, answer(a))
		if !errors.Is(err, passkey.ErrRefused) || got.Delegate != ahn.Delegate {
			t.Errorf("%s: %v about %q", name, err, got.Delegate)
		}
		phone.key.Counter += 10 // whatever was shown, the next is later
		if _, err := r.room.Answer(t.Context(), a.ID, phone.shows(t, party, a)); err == nil {
			t.Errorf("%s: the challenge could be answered twice", name)
		}
	}
	enrolment := r.begin(t, ahn)
	if _, err := r.room.Answer(t.Context(), enrolment.ID, phone.shows(t, party, enrolment)); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("the challenge of an enrolment: %v", err)
	}
	if a := r.ask(t, ahn); true {
		if _, err := r.room.Answer(t.Context(), a.ID, phone.shows(t, party, a)); err != nil {
			t.Errorf("the right one after all that: %v", err)
		}
	}
}

func TestACopyOfAPasskeyIsFoundByItsCount(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	phone := newDevice()
	r.enrol(t, ahn, phone)
	copied := *phone
	for range 2 {
		a := r.ask(t, ahn)
		if _, err := r.room.Answer(t.Context(), a.ID, phone.shows(t, party, a)); err != nil {
			t.Fatal(err)
		}
	}
	a := r.ask(t, ahn)
	if _, err := r.room.Answer(t.Context(), a.ID, copied.shows(t, party, a)); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("a count that went back: %v", err)
	}
	if log := r.log.String(); !strings.Contains(log, "count went back") || strings.Contains(log, ahn.Delegate) {
		t.Errorf("the log says %s", log)
	}
}

func TestOfTwoDevicesThatShowOneCountOneGetsIn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	phone := newDevice()
	r.enrol(t, ahn, phone)
	var answers [6][2][]byte
	for i := range answers {
		copied := *phone
		a := r.ask(t, ahn)
		answers[i] = [2][]byte{[]byte(a.ID), copied.shows(t, party, a)}
	}
	var wg sync.WaitGroup
	got := make(chan error, len(answers))
	for _, a := range answers {
		wg.Go(func() {
			_, err := r.room.Answer(t.Context(), string(a[0]), a[1])
			got <- err
		})
	}
	wg.Wait()
	close(got)
	in := 0
	for err := range got {
		if err == nil {
			in++
		}
	}
	if in != 1 {
		t.Errorf("%d got in", in)
	}
}

func TestOnlyAnAnswerToOnesOwnChallengeEnrols(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	phone := newDevice()
	mallory := party
	mallory.Origin = "https://evil.test"
	asleep := *phone
	asleep.Options.UserNotVerified = true
	for name, try := range map[string]func(passkey.Asked) (passkey.Passkey, error){
		"somebody else's challenge": func(a passkey.Asked) (passkey.Passkey, error) {
			return r.room.Add(t.Context(), bae, a.ID, "x", phone.makes(t, party, a))
		},
		"from another origin": func(a passkey.Asked) (passkey.Passkey, error) {
			return r.room.Add(t.Context(), ahn, a.ID, "x", phone.makes(t, mallory, a))
		},
		"nobody verified": func(a passkey.Asked) (passkey.Passkey, error) {
			return r.room.Add(t.Context(), ahn, a.ID, "x", asleep.makes(t, party, a))
		},
		"nonsense": func(a passkey.Asked) (passkey.Passkey, error) {
			return r.room.Add(t.Context(), ahn, a.ID, "x", []byte("{}"))
		},
		"too late": func(a passkey.Asked) (passkey.Passkey, error) {
			r.at = r.at.Add(5 * time.Minute)
			return r.room.Add(t.Context(), ahn, a.ID, "x", phone.makes(t, party, a))
		},
		"no challenge": func(a passkey.Asked) (passkey.Passkey, error) {
			return r.room.Add(t.Context(), ahn, "nope", "x", phone.makes(t, party, a))
		},
	} {
		if _, err := try(r.begin(t, ahn)); problem.From(err).Code != "passkey_refused" || !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", " ", "a\tb", strings.Repeat("키", 65)} {
		a := r.begin(t, ahn)
		if _, err := r.room.Add(t.Context(), ahn, a.ID, name, phone.makes(t, party, a)); problem.From(err).Code != "validation_failed" {
			t.Errorf("%q: %v", name, err)
		}
	}
	r.enrol(t, ahn, phone)
	again := r.begin(t, ahn)
	if !bytes.Contains(again.Options, []byte("excludeCredentials")) {
		t.Errorf("the device is not told what it has: %s", again.Options)
	}
	if _, err := r.room.Add(t.Context(), ahn, again.ID, "x", phone.makes(t, party, again)); problem.From(err).Code != "passkey_known" {
		t.Errorf("the same again: %v", err)
	}
}

func TestSomebodyHasTenPasskeysAndRemovesTheirOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spare := r.begin(t, ahn)
	var first passkey.Passkey
	for i := range passkey.Most {
		if k := r.enrol(t, ahn, newDevice()); i == 0 {
			first = k
		}
	}
	if _, err := r.room.Begin(t.Context(), ahn); problem.From(err).Code != "passkeys_full" {
		t.Errorf("begun an eleventh: %v", err)
	}
	if _, err := r.room.Add(t.Context(), ahn, spare.ID, "x", newDevice().makes(t, party, spare)); problem.From(err).Code != "passkeys_full" {
		t.Errorf("added an eleventh: %v", err)
	}
	if err := r.room.Remove(t.Context(), bae, first.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("removed another's: %v", err)
	}
	if err := r.room.Remove(t.Context(), ahn, first.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.room.Remove(t.Context(), ahn, first.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("removed twice: %v", err)
	}
	r.enrol(t, ahn, newDevice())
}

func TestWhoLosesTheRoleBeginsAnew(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.enrol(t, ahn, newDevice())
	r.at = opening.Add(time.Hour)
	r.enrol(t, ahn, newDevice())
	forget := func(had time.Time) int {
		t.Helper()
		if err := r.room.Forget(t.Context(), seoul, ahn.Delegate, had); err != nil {
			t.Fatal(err)
		}
		left, err := r.room.List(t.Context(), ahn.Delegate)
		if err != nil {
			t.Fatal(err)
		}
		return len(left)
	}
	if n := forget(opening.Add(time.Minute)); n != 1 {
		t.Errorf("%d left, want the one that was added afterwards", n)
	}
	if n := forget(opening.Add(2 * time.Hour)); n != 0 {
		t.Errorf("%d left", n)
	}
	if _, asked, err := r.room.Ask(t.Context(), seoul, ahn.Delegate, office, nil); asked || err != nil {
		t.Errorf("asked %v, %v", asked, err)
	}
	if err := r.room.Forget(t.Context(), seoul, bae.Delegate, r.at); err != nil {
		t.Errorf("somebody without any: %v", err)
	}
	r.enrol(t, ahn, newDevice())
}

func TestPasskeysGoByTheEventThatTheirOwnerHasGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fact event.Payload
		left int
	}{
		"of the secretariat still": {event.DelegateChanged{Delegate: ahn.Delegate, Status: event.Accredited, Roles: office}, 1},
		"somebody else":            {event.DelegateChanged{Delegate: bae.Delegate, Status: event.Accredited}, 1},
		"another event":            {event.SignInEnded{Delegate: ahn.Delegate}, 1},
		"without the role":         {event.DelegateChanged{Delegate: ahn.Delegate, Status: event.Accredited, Roles: []string{"delegate"}}, 0},
		"removed":                  {event.DelegateChanged{Delegate: ahn.Delegate, Status: event.Removed, Roles: office}, 0},
		"erased":                   {event.DelegateErased{Delegate: ahn.Delegate}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.enrol(t, ahn, newDevice())
			waiting := r.ask(t, ahn)
			e, err := event.New("1", seoul, ahn.Delegate, 2, bae.Delegate, opening.Add(time.Second), c.fact)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := r.room.Hear(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
			if left, err := r.room.List(t.Context(), ahn.Delegate); err != nil || len(left) != c.left {
				t.Errorf("%d left, %v", len(left), err)
			}
			if _, err := r.room.Answer(t.Context(), waiting.ID, newDevice().shows(t, party, waiting)); !errors.Is(err, passkey.ErrRefused) {
				t.Errorf("a challenge that waited: %v", err)
			}
		})
	}
	r := newRig(t)
	r.ask(t, r.enrolled(t, ahn))
	if err := r.room.Erase(t.Context(), seoul, ahn.Delegate); err != nil {
		t.Fatal(err)
	}
	if n, err := r.kept.Sweep(t.Context(), opening.Add(time.Hour)); n != 0 || err != nil {
		t.Errorf("%d challenges were kept, %v", n, err)
	}
}

func TestWithoutADomainPasskeysAreOff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	k := r.enrol(t, ahn, newDevice())
	off := r.replica(t, passkey.Config{})
	if _, asked, err := off.Ask(t.Context(), seoul, ahn.Delegate, office, nil); asked || err != nil {
		t.Errorf("asked %v, %v", asked, err)
	}
	_, begin := off.Begin(t.Context(), ahn)
	_, add := off.Add(t.Context(), ahn, "x", "x", nil)
	for _, err := range []error{begin, add} {
		if problem.From(err).Code != "passkeys_off" {
			t.Error(err)
		}
	}
	a := r.ask(t, ahn)
	if _, err := off.Answer(t.Context(), a.ID, newDevice().shows(t, party, a)); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("an answer: %v", err)
	}
	if list, err := off.List(t.Context(), ahn.Delegate); err != nil || len(list) != 1 {
		t.Errorf("list %v, %v", list, err)
	}
	if err := off.Remove(t.Context(), ahn, k.ID); err != nil {
		t.Error(err)
	}
}

func TestSettingsThatLetTheWrongInAreRefused(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{
		"", "office.example", "http://office.example", "https://example", "https://evilexample.org", "https://office.example/app", "https://notoffice.example",
	} {
		cfg := passkey.Config{RPID: "office.example", Origins: []string{origin}}
		if _, err := passkey.New(cfg, nil, passkey.Telling{}, nil, nil); err == nil {
			t.Errorf("origin %q was taken", origin)
		}
	}
	for rp, origin := range map[string]string{
		"example": "https://office.example", "office.example": "https://office.example:8443", "localhost": "http://localhost:8080",
		"app.example": "android:apk-key-hash:abc",
	} {
		if _, err := passkey.New(passkey.Config{RPID: rp, Origins: []string{origin}}, nil, passkey.Telling{}, nil, nil); err != nil {
			t.Error(err)
		}
	}
	if _, err := passkey.New(passkey.Config{RPID: "office.example"}, nil, passkey.Telling{}, nil, nil); err == nil {
		t.Error("no origin was taken")
	}
}

func TestOverdueChallengesAreSwept(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.begin(t, ahn)
	r.at = opening.Add(time.Minute)
	r.begin(t, ahn)
	if n, err := r.kept.Sweep(t.Context(), opening.Add(5*time.Minute+time.Second)); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
}
