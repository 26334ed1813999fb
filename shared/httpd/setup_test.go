package httpd_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/golang-jwt/jwt/v5"

	"plenary.example/shared/caller"
	"plenary.example/shared/httpd"
)

// written is a log that can be read while it is written.
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

// quiet is an app and what it logs.
func quiet(cfg httpd.Config) (*fiber.App, *written) {
	w := &written{}
	cfg.Log = slog.New(slog.NewJSONHandler(w, nil))
	return httpd.New(cfg), w
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
	doc  struct {
		Type, Title, Code, Detail, Instance, RequestID string
		Status                                         int
		Errors                                         []struct {
			Pointer, Parameter, Code string
			Params                   map[string]string
		}
	}
}

// ask sends one request through app. Headers are "Name: value".
func ask(t *testing.T, app *fiber.App, method, target, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://plenary.test"+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := app.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{Response: res, body: string(b)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json") {
		if err := json.Unmarshal(b, &a.doc); err != nil {
			t.Fatalf("problem %s: %v", b, err)
		}
	}
	return a
}

// signer mints tokens as the delegates service would, and worse ones.
type signer struct {
	kid string
	key ed25519.PrivateKey
}

func newSigner(kid string) signer {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, kid)
	return signer{kid, ed25519.NewKeyFromSeed(seed)}
}

func (s signer) jwk() string {
	x := base64.RawURLEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))
	return fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","kid":%q,"x":%q,"use":"sig","alg":"EdDSA"}`, s.kid, x)
}

func jwks(signers ...signer) []byte {
	var keys []string
	for _, s := range signers {
		keys = append(keys, s.jwk())
	}
	return []byte(`{"keys":[` + strings.Join(keys, ",") + `]}`)
}

func claimsUntil(exp time.Time) jwt.MapClaims {
	return jwt.MapClaims{
		"iss": "plenary", "aud": "plenary", "sub": "d1", "conference": "seoul-2013", "delegation": "kr",
		"roles": []string{caller.Delegate}, "sid": "family-1", "exp": exp.Unix(),
	}
}

func (s signer) sign(t testing.TB, c jwt.MapClaims) string {
	t.Helper()
	tok := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	tok.Header["kid"] = s.kid
	text, err := tok.SignedString(s.key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
