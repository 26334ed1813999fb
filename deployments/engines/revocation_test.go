package engines_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
	"plenary.example/shared/revocation"
)

// The tests of shared/revocation stand here, where there is a broker.

// mint is where tokens come from in these tests.
type mint struct{ key ed25519.PrivateKey }

func newMint() mint { return mint{ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))} }

// keys are those of one replica.
func (m mint) keys(t *testing.T) *httpd.Keys {
	t.Helper()
	k := httpd.NewKeys(nil)
	public := m.key.Public().(ed25519.PublicKey)
	err := k.SetJWKS(fmt.Appendf(nil, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":%q}]}`, base64.RawURLEncoding.EncodeToString(public)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (m mint) token(t *testing.T, subject, signIn string, rights int64) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{
		"iss": httpd.Issuer, "aud": httpd.Audience, "sub": subject, "conference": "seoul", "sid": signIn, "rights": rights,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	text := enc([]byte(`{"alg":"EdDSA","kid":"k"}`)) + "." + enc(b)
	return text + "." + enc(ed25519.Sign(m.key, []byte(text)))
}

func revoked(k *httpd.Keys, token string) bool {
	_, err := k.Verify(token)
	return err != nil && problem.From(err).Code == "token_revoked"
}

// tell publishes a fact about the people of Seoul.
func tell(t *testing.T, b *bus.Bus, id string, p event.Payload) {
	t.Helper()
	e, err := event.New(id, "seoul", id, 1, "", time.Now(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

func follow(t *testing.T, b *bus.Bus, k *httpd.Keys, now func() time.Time, also ...func(context.Context, event.Envelope) error) *revocation.Following {
	t.Helper()
	f, err := revocation.Follow(t.Context(), b, k, now, silent, also...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Stop)
	return f
}

func TestWhatEndsIsKnownToEveryReplica(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	m := newMint()
	var buses []*bus.Bus
	var keys []*httpd.Keys
	var following []*revocation.Following
	for i := range 3 {
		b, err := bus.Connect(t.Context(), bus.Config{Options: e.Bus()}, silent)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Close)
		buses, keys = append(buses, b), append(keys, m.keys(t))
		following = append(following, follow(t, b, keys[i], time.Now))
	}
	for i, test := range []struct {
		name, before, after string // tokens: no good any more; as good as ever
		fact                event.Payload
	}{
		{"a signed-out phone", m.token(t, "d1", "phone", 1), m.token(t, "d1", "tablet", 1), event.SignInEnded{Delegate: "d1", SignIn: "phone", Reason: event.EndedSignedOut}},
		{"a new role", m.token(t, "d2", "phone-2", 4), m.token(t, "d2", "phone-2", 5), event.DelegateChanged{Delegate: "d2", Rights: 5}},
		{"an erasure", m.token(t, "d3", "phone-3", 4), m.token(t, "d4", "phone-4", 4), event.DelegateErased{Delegate: "d3"}},
		{"an ended API key", m.token(t, "key:k1", "", 0), m.token(t, "key:k2", "", 0), event.APIKeyChanged{Key: "k1", Ended: true}},
	} {
		for _, k := range keys { // all are in the cache of verified tokens
			if revoked(k, test.before) || revoked(k, test.after) {
				t.Fatalf("%s: refused before", test.name)
			}
		}
		tell(t, buses[i%len(buses)], test.name, event.APIKeyChanged{Key: "k2"}) // made, not ended
		tell(t, buses[i%len(buses)], test.name+"!", test.fact)
		for r, k := range keys {
			if err := following[r].Sync(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !revoked(k, test.before) {
				t.Errorf("%s: replica %d lets the token in", test.name, r)
			}
			if revoked(k, test.after) {
				t.Errorf("%s: replica %d refuses what has not ended", test.name, r)
			}
		}
	}
}

func TestAReplicaThatStartsKnowsWhatEndedBefore(t *testing.T) {
	t.Parallel()
	b, m := connect(t), newMint()
	old, gone := m.token(t, "d1", "phone", 1), m.token(t, "d2", "phone-2", 1)
	tell(t, b, "one", event.SignInEnded{Delegate: "d1", SignIn: "phone"})
	tell(t, b, "two", event.DelegateChanged{Delegate: "d2", Rights: 2, Status: event.Removed})
	k := m.keys(t)
	f := follow(t, b, k, time.Now)
	if !revoked(k, old) || !revoked(k, gone) {
		t.Error("a replica that has just started lets in who was out before")
	}
	if err := f.Ready(t.Context()); err != nil {
		t.Errorf("not ready: %v", err)
	}
	later := m.keys(t) // tokens of that time have expired by then
	follow(t, b, later, func() time.Time { return time.Now().Add(21 * time.Minute) })
	if revoked(later, old) {
		t.Error("what ended longer ago than tokens live was read all the same")
	}
}

func TestAReplicaThatLagsIsNotReady(t *testing.T) {
	t.Parallel()
	b, m := connect(t), newMint()
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	entered, leave := make(chan string, 10), make(chan struct{})
	var tries atomic.Int64
	f := follow(t, b, m.keys(t), now, func(ctx context.Context, e event.Envelope) error {
		entered <- e.ID
		if tries.Add(1) == 1 {
			return errors.New("the store is away")
		}
		select {
		case <-leave:
		case <-ctx.Done():
		}
		return nil
	})
	if err := f.Ready(t.Context()); err != nil {
		t.Fatalf("with nothing to know: %v", err)
	}
	tell(t, b, "one", event.SignInEnded{Delegate: "d1", SignIn: "phone"})
	for range 2 {
		if id := <-entered; id != "one" {
			t.Fatalf("called with %s, want the one that failed again", id)
		}
	}
	if err := f.Ready(t.Context()); err != nil {
		t.Errorf("a moment behind: %v", err)
	}
	ahead.Store(int64(6 * time.Second))
	if err := f.Ready(t.Context()); !problem.Is(err, problem.Unavailable) {
		t.Errorf("six seconds behind: %v, want unavailable", err)
	}
	close(leave)
	if err := f.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.Ready(t.Context()); err != nil {
		t.Errorf("having caught up: %v", err)
	}
}

func TestAnEventThatCannotBeReadStopsNoOther(t *testing.T) {
	t.Parallel()
	b, m := connect(t), newMint()
	k := m.keys(t)
	f := follow(t, b, k, time.Now)
	if _, err := b.JS().Publish(t.Context(), "plenary.seoul.delegates.sign-in.ended.v1", []byte("{")); err != nil {
		t.Fatal(err)
	}
	e, err := event.New("odd", "seoul", "odd", 1, "", time.Now(), event.SignInEnded{})
	if err != nil {
		t.Fatal(err)
	}
	e.Data = json.RawMessage(`{"signIn":7}`)
	if err := b.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	tell(t, b, "one", event.SignInEnded{Delegate: "d1", SignIn: "phone"})
	if err := f.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !revoked(k, m.token(t, "d1", "phone", 1)) {
		t.Error("an end behind an event that cannot be read was missed")
	}
}
