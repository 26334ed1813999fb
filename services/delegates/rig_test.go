package delegates_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/delegates"
	"plenary.example/shared/bus"
	"plenary.example/shared/client"
	"plenary.example/shared/store"
)

const seoul = "seoul-2013"

// clock is the wall clock of a test, moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// written is everything the services of a test have logged.
type written struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// A rig is engines with any number of replicas on them.
type rig struct {
	engines *engines.Engines
	clock   *clock
	log     *written
}

func newRig(t testing.TB) *rig {
	t.Helper()
	return &rig{
		engines: enginestest.Test(t), log: &written{},
		clock: &clock{at: time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)},
	}
}

var secret = bytes.Repeat([]byte{7}, 32)

// start starts a replica that listens; change, unless nil, changes its settings.
func (r *rig) start(t testing.TB, change func(*delegates.Config)) *delegates.Service {
	t.Helper()
	s := r.replica(t, change)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// replica is start without starting it.
func (r *rig) replica(t testing.TB, change func(*delegates.Config)) *delegates.Service {
	t.Helper()
	cfg := delegates.Config{
		Listen: "127.0.0.1:0", Secrets: [][]byte{secret}, Sandbox: true, Now: r.clock.Now,
		Store: store.Config{URI: r.engines.StoreURI(), Dialer: r.engines.Dialer(), Database: "plenary_delegates"},
		Bus:   bus.Config{URL: r.engines.NATSURL(), Options: r.engines.Bus()},
	}
	if change != nil {
		change(&cfg)
	}
	s := delegates.New(cfg, slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return s
}

const (
	sampleCode = "K7QM-2XTR"    // Kim's, any number of times in a sandbox
	singleCode = "AB34-CDE-5FG" // Ahn's, once
)

// people is a small conference.
func people() delegates.Seed {
	return delegates.Seed{
		Conference: seoul,
		Delegations: []delegates.SeedDelegation{
			{ID: "0190a3c2-7b1e-7c4d-9a51-00000000000a", Designation: map[string]string{"en": "Republic of Korea", "ko": "대한민국"}, Kind: "state"},
		},
		Delegates: []delegates.SeedDelegate{
			{
				ID: "0190a3c2-7b1e-7c4d-9a51-000000000001", Delegation: "0190a3c2-7b1e-7c4d-9a51-00000000000a", Accreditation: "SEO-00001",
				Name: "김민준", Function: "Director", Rank: "senior_official", Roles: []string{"delegate"}, Languages: []string{"ko", "en"}, ActivationCode: sampleCode,
			},
			{
				ID: "0190a3c2-7b1e-7c4d-9a51-000000000002", Delegation: "0190a3c2-7b1e-7c4d-9a51-00000000000a", Accreditation: "SEO-00002",
				Name: "Ahn So-yeon", Roles: []string{"delegate", "secretariat"}, Languages: []string{"en"}, ActivationCode: singleCode, SingleUse: true,
			},
		},
	}
}

func load(t testing.TB, s *delegates.Service, seed delegates.Seed) {
	t.Helper()
	if err := s.Load(t.Context(), seed); err != nil {
		t.Fatal(err)
	}
}

// at is a checked client of s, signed in with token or, if empty, nobody.
func at(t testing.TB, s *delegates.Service, token string) *client.ClientWithResponses {
	t.Helper()
	return client.NewChecked(t, "http://"+s.Addr(), token)
}

func signIn(t testing.TB, s *delegates.Service, number, code string) *client.SignInResponse {
	t.Helper()
	return signInTo(t, s, seoul, number, code)
}

func signInTo(t testing.TB, s *delegates.Service, conference, number, code string) *client.SignInResponse {
	t.Helper()
	res, err := at(t, s, "").SignInWithResponse(t.Context(), client.SignIn{Conference: conference, Accreditation: number, ActivationCode: code})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func signedIn(t testing.TB, s *delegates.Service, number, code string) client.TokenPair {
	t.Helper()
	return signedInTo(t, s, seoul, number, code)
}

func signedInTo(t testing.TB, s *delegates.Service, conference, number, code string) client.TokenPair {
	t.Helper()
	res := signInTo(t, s, conference, number, code)
	if res.JSON201 == nil {
		t.Fatalf("sign in %s: %d %s", number, res.StatusCode(), res.Body)
	}
	return *res.JSON201
}

func refresh(t testing.TB, s *delegates.Service, token string) *client.RefreshSignInResponse {
	t.Helper()
	res, err := at(t, s, "").RefreshSignInWithResponse(t.Context(), client.Refresh{RefreshToken: token})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// refreshed is refresh where it must succeed.
func refreshed(t testing.TB, s *delegates.Service, token string) client.TokenPair {
	t.Helper()
	res := refresh(t, s, token)
	if res.JSON200 == nil {
		t.Fatalf("refresh: %d %s", res.StatusCode(), res.Body)
	}
	return *res.JSON200
}

func me(t testing.TB, s *delegates.Service, token string) *client.GetMeResponse {
	t.Helper()
	res, err := at(t, s, token).GetMeWithResponse(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// side runs f n times side by side and counts what it returns.
func side[K comparable](n int, f func(i int) K) map[K]int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	counts := make(map[K]int)
	for i := range n {
		wg.Go(func() {
			k := f(i)
			mu.Lock()
			defer mu.Unlock()
			counts[k]++
		})
	}
	wg.Wait()
	return counts
}

var quiet = slog.New(slog.DiscardHandler)

// forge writes fields of a document past the service.
func (r *rig) forge(t testing.TB, collection, id string, fields map[string]any) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{URI: r.engines.StoreURI(), Dialer: r.engines.Dialer(), Database: "plenary_delegates"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(context.Background()) //nolint:errcheck // a test
	if err := s.Collection(collection).Update(t.Context(), id, nil, bson.M{"$set": fields}); err != nil {
		t.Fatal(err)
	}
}
