package delegates_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"plenary.example/services/delegates"
)

// printed is what replicas announce.
type printed struct {
	mu    sync.Mutex
	codes []string
}

func (p *printed) say(code string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes = append(p.codes, code)
}

func (p *printed) settings(c *delegates.Config) {
	c.BootstrapConference, c.Announce, c.Sandbox = seoul, p.say, false
}

func TestTheFirstSecretariatComesWithACodeThatIsPrintedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var p printed
	var replicas [3]*delegates.Service
	for i := range replicas {
		replicas[i] = r.replica(t, p.settings)
	}
	for err := range side(len(replicas), func(i int) error { return replicas[i].Start(t.Context()) }) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(p.codes) != 1 || len(p.codes[0]) != 11 {
		t.Fatalf("printed %d codes: %v", len(p.codes), p.codes)
	}
	if strings.Contains(r.log.String(), p.codes[0]) {
		t.Error("the log holds the code")
	}
	r.start(t, p.settings)
	if len(p.codes) != 1 {
		t.Error("another start prints another code")
	}
	for _, wrong := range []string{"BOOTSTRAP", "SECRETARIAT", "AAAAA-AAAAA"} {
		if res := signIn(t, replicas[0], "bootstrap", wrong); res.StatusCode() != 401 {
			t.Errorf("%s: %d", wrong, res.StatusCode())
		}
	}
	pair := signedIn(t, replicas[1], "bootstrap", p.codes[0])
	res := me(t, replicas[2], pair.AccessToken)
	if res.JSON200 == nil || strings.Join(res.JSON200.Roles, " ") != "delegate secretariat" || res.JSON200.Delegation.Kind != "host" {
		t.Fatalf("me: %d %s", res.StatusCode(), res.Body)
	}
	if res := signIn(t, replicas[1], "BOOTSTRAP", p.codes[0]); res.StatusCode() != 401 {
		t.Errorf("used again: %d", res.StatusCode())
	}
	r.clock.Pass(90 * 24 * time.Hour)
	r.start(t, p.settings)
	if len(p.codes) != 1 {
		t.Error("a used code is made anew")
	}
}

func TestABootstrapCodeThatWasNotUsedInTimeIsMadeAnew(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var p printed
	s := r.start(t, p.settings)
	r.clock.Pass(60 * 24 * time.Hour)
	if res := signIn(t, s, "BOOTSTRAP", p.codes[0]); res.StatusCode() != 401 {
		t.Errorf("expired: %d", res.StatusCode())
	}
	s = r.start(t, p.settings)
	if len(p.codes) != 2 {
		t.Fatalf("printed %d codes", len(p.codes))
	}
	signedIn(t, s, "BOOTSTRAP", p.codes[1])
}

func TestABootstrapCodeFromTheSettingsIsGoodOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	given := func(c *delegates.Config) { c.BootstrapConference, c.BootstrapCode = seoul, "correct-horse-battery" }
	s := r.start(t, given)
	signedIn(t, s, "BOOTSTRAP", "correct-horse-battery")
	s = r.start(t, given)
	if res := signIn(t, s, "BOOTSTRAP", "correct-horse-battery"); res.StatusCode() != 401 {
		t.Errorf("used again after a restart: %d", res.StatusCode())
	}
}

func TestABootstrapCodeFromTheSettingsThatWasNotUsedInTimeIsGoodAgainAfterAStart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	given := func(c *delegates.Config) { c.BootstrapConference, c.BootstrapCode = seoul, "correct-horse-battery" }
	s := r.start(t, given)
	r.clock.Pass(60 * 24 * time.Hour)
	if res := signIn(t, s, "BOOTSTRAP", "correct-horse-battery"); res.StatusCode() != 401 {
		t.Errorf("expired: %d", res.StatusCode())
	}
	signedIn(t, r.start(t, given), "BOOTSTRAP", "correct-horse-battery")
}

func TestNobodyIsAppointedWhereThereIsASecretariat(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	load(t, r.start(t, nil), people())
	var p printed
	s := r.start(t, p.settings)
	if len(p.codes) != 0 {
		t.Errorf("printed %v", p.codes)
	}
	if res := signIn(t, s, "BOOTSTRAP", "AAAAAAAAAA"); res.StatusCode() != 401 {
		t.Errorf("sign in: %d", res.StatusCode())
	}
	short := delegates.New(delegates.Config{}, quiet)
	if err := short.Start(t.Context()); err == nil {
		t.Error("started without settings")
	}
}
