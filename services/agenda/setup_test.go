package agenda_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda"
	"plenary.example/shared/bus"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// A stage is a store and a bus with signing keys on it, a clock, and the log of
// every agenda that is opened there.
type stage struct {
	engines *engines.Engines
	clock   *clock
	signer  signer
	log     *written
	logger  *slog.Logger // writes to log, unless a benchmark says otherwise
}

// newStage sets the clock to eight in the morning of day one in Seoul. When the
// test is over, the log is searched for what must not be in it.
func newStage(t testing.TB) *stage {
	t.Helper()
	s := &stage{clock: &clock{}, signer: newSigner("ours"), log: &written{}}
	s.logger = slog.New(slog.NewJSONHandler(s.log, nil))
	s.clock.set(time.Date(2013, 10, 16, 23, 0, 0, 0, time.UTC))
	t.Cleanup(func() { s.log.check(t) })
	s.engines = enginestest.Test(t)
	b, err := bus.Connect(t.Context(), bus.Config{Options: s.engines.Bus()}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.PutState(t.Context(), event.SigningKeysState, 1, s.signer.jwks()); err != nil {
		t.Fatal(err)
	}
	return s
}

// open starts an agenda on the stage and stops it when the test is over.
func (s *stage) open(t testing.TB, settings ...func(*agenda.Config)) *agenda.Service {
	t.Helper()
	a := s.start(t, settings...)
	t.Cleanup(func() { stop(t, a) })
	return a
}

// start starts an agenda on the stage; who calls it stops it.
func (s *stage) start(t testing.TB, settings ...func(*agenda.Config)) *agenda.Service {
	t.Helper()
	cfg := agenda.Config{
		Listen: "127.0.0.1:0", Now: s.clock.now,
		Store: store.Config{URI: s.engines.StoreURI(), Dialer: s.engines.Dialer(), Database: "plenary_agenda"},
		Bus:   bus.Config{Options: s.engines.Bus()},
	}
	for _, set := range settings {
		set(&cfg)
	}
	a := agenda.New(cfg, s.logger)
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

func stop(t testing.TB, a *agenda.Service) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := a.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// loaded is a stage with one agenda that holds the conferences.
func loaded(t testing.TB, seeds ...agenda.Seed) (*stage, *agenda.Service) {
	t.Helper()
	s := newStage(t)
	a := s.open(t)
	for _, seed := range seeds {
		if err := a.Load(t.Context(), seed); err != nil {
			t.Fatal(err)
		}
	}
	return s, a
}

// as is a client of a whose every exchange is held to the specification.
func (s *stage) as(t testing.TB, a *agenda.Service, c claims, options ...client.CheckOption) *client.ClientWithResponses {
	t.Helper()
	return client.NewChecked(t, "http://"+a.Addr(), s.signer.token(c), options...)
}

// A clock shows what it is told to.
type clock struct{ at atomic.Pointer[time.Time] }

func (c *clock) now() time.Time         { return *c.at.Load() }
func (c *clock) set(at time.Time)       { c.at.Store(&at) }
func (c *clock) day(h, m int) time.Time { return time.Date(2013, 10, 17, h, m, 0, 0, time.UTC) }

// claims of an access token; what is missing is filled in by the signer.
type claims map[string]any

func secretary(conference string) claims {
	return claims{"sub": "desk-1", "conference": conference, "roles": []string{"delegate", "secretariat"}}
}

func delegate(conference, id string) claims {
	return claims{"sub": id, "conference": conference, "roles": []string{"delegate"}}
}

// A signer makes tokens as the delegates service would, and worse ones.
type signer struct {
	kid string
	key ed25519.PrivateKey
}

func newSigner(kid string) signer {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, kid)
	return signer{kid, ed25519.NewKeyFromSeed(seed)}
}

func (s signer) jwks() []byte {
	x := base64.RawURLEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))
	return fmt.Appendf(nil, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":%q,"x":%q,"use":"sig","alg":"EdDSA"}]}`, s.kid, x)
}

func (s signer) token(c claims) string { return s.tokenAs("EdDSA", c) }

func (s signer) tokenAs(alg string, c claims) string {
	all := claims{
		"iss": "plenary", "aud": "plenary", "delegation": "kr", "sid": "family-1",
		"exp": time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).Unix(),
	}
	maps.Copy(all, c)
	text := part(map[string]string{"alg": alg, "typ": "JWT", "kid": s.kid}) + "." + part(all)
	if alg == "none" {
		return text + "."
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.key, []byte(text)))
}

func part(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only strings and numbers go in
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// A written log can be read while it is written.
type written struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

// privateQuery stands in queries of the tests, and in no log.
const privateQuery = "must-not-be-logged"

// check finds what no log may hold: tokens (their head is always the same), the
// values of queries, a member twice, and internal errors nobody expected.
func (w *written) check(t testing.TB) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for line := range strings.Lines(w.b.String()) {
		if strings.Contains(line, "eyJ") || strings.Contains(line, privateQuery) || strings.Contains(line, `"level":"ERROR"`) || strings.Count(line, `"service":`) != 1 {
			t.Errorf("the log says %s", line)
		}
	}
}

// A reply is any answer of the generated client.
type reply interface {
	StatusCode() int
	ContentType() string
	GetBody() []byte
}

// refused is the problem an answer must be.
func refused(t testing.TB, r reply, err error, status int, code string) client.Problem {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var p client.Problem
	if r.StatusCode() != status || r.ContentType() != "application/problem+json" || json.Unmarshal(r.GetBody(), &p) != nil || p.Code != code || p.Status != status {
		t.Fatalf("answered %d %s %s, want %d %s", r.StatusCode(), r.ContentType(), r.GetBody(), status, code)
	}
	return p
}

// with sets a header of one request; an empty value takes it away.
func with(name, value string) client.RequestEditorFn {
	return func(_ context.Context, r *http.Request) error {
		if value == "" {
			r.Header.Del(name)
		} else {
			r.Header.Set(name, value)
		}
		return nil
	}
}

// query adds to the query of one request.
func query(text string) client.RequestEditorFn {
	return func(_ context.Context, r *http.Request) error {
		r.URL.RawQuery = text
		return nil
	}
}

// get asks for a path as a browser would that leaves compression to the caller,
// and is not held to the specification.
func get(t testing.TB, a *agenda.Service, path string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.Addr()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := uncompressed.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, body
}

var uncompressed = &http.Client{Transport: &http.Transport{DisableCompression: true}}

func ptr[T any](v T) *T { return &v }

func tagOf(revision int64, language string) string { return fmt.Sprintf(`"%d-%s"`, revision, language) }

// sessionTag is the tag of a session, which has a mark of its room's name.
func sessionTag(revision int64, language, room string) string {
	name := fnv.New32a()
	_, _ = name.Write([]byte(room))
	return fmt.Sprintf(`"%d-%s-r%08x"`, revision, language, name.Sum32())
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// spoken holds a problem to the manners of the house: what people read are
// whole sentences.
func spoken(t testing.TB, p client.Problem) {
	t.Helper()
	details := []string{p.Detail}
	for _, e := range p.Errors {
		details = append(details, e.Detail)
	}
	for _, d := range details {
		if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(d, `"`)); unicode.IsLower(first) || !strings.HasSuffix(d, ".") || strings.HasSuffix(d, "..") {
			t.Errorf("%s says %q", p.Code, d)
		}
	}
}
