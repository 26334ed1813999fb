package delegates_test

import (
	"net/http"
	"strings"
	"testing"

	"plenary.example/services/delegates"
)

func TestARestartKeepsSignInsAndPeople(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	load(t, s, people()) // again: nothing changes
	pair := signedIn(t, s, "SEO-00002", singleCode)
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err == nil {
		t.Error("ready after Stop")
	}
	s = r.start(t, nil)
	if res := me(t, s, pair.AccessToken); res.JSON200 == nil || res.JSON200.Name != "Ahn So-yeon" {
		t.Errorf("me: %d %s", res.StatusCode(), res.Body)
	}
	refreshed(t, s, pair.RefreshToken)
	load(t, s, people())
	if res := signIn(t, s, "SEO-00002", singleCode); res.StatusCode() != 401 {
		t.Errorf("loading again made a used code good: %d", res.StatusCode())
	}
}

func TestTwoReplicasShareAProcess(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first := r.start(t, func(c *delegates.Config) { c.Metrics = "127.0.0.1:0" })
	second := r.start(t, func(c *delegates.Config) { c.Metrics = "127.0.0.1:0" })
	load(t, first, people()) // the second has not seen them loaded
	pair := signedIn(t, second, "SEO-00001", sampleCode)
	for _, s := range []*delegates.Service{first, second} {
		if res := me(t, s, pair.AccessToken); res.StatusCode() != 200 {
			t.Errorf("me: %d %s", res.StatusCode(), res.Body)
		}
		for _, path := range []string{"/healthz", "/readyz"} {
			res, err := http.Get("http://" + s.Addr() + path) //nolint:noctx // a test
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != 200 {
				t.Errorf("%s: %d", path, res.StatusCode)
			}
		}
	}
	if err := first.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if res := me(t, second, pair.AccessToken); res.StatusCode() != 200 {
		t.Errorf("the second after the first has stopped: %d", res.StatusCode())
	}
}

func TestLogsHoldNeitherTokensNorCodesNorNames(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	pair := signedIn(t, s, "SEO-00001", sampleCode)
	next := refreshed(t, s, pair.RefreshToken)
	me(t, s, next.AccessToken)
	me(t, s, next.AccessToken+"x")
	signIn(t, s, "SEO-00001", "WRONGCODE2")
	refresh(t, s, "opensesame")
	log := r.log.String()
	if strings.Count(log, `"msg":"request"`) < 6 {
		t.Errorf("requests are not logged:\n%s", log)
	}
	for _, secret := range []string{
		pair.AccessToken, pair.RefreshToken, next.AccessToken, next.RefreshToken, "opensesame", "WRONGCODE2", sampleCode, "K7QM2XTR",
		"김민준", "Ahn", "Director", "SEO-0000", strings.Split(pair.RefreshToken, ".")[0],
	} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %.12s…", secret)
		}
	}
}
