package httpd

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	lru "github.com/hashicorp/golang-lru/v2"

	"plenary.example/shared/caller"
	"plenary.example/shared/problem"
)

// What an access token says of who made it and for whom.
const (
	Issuer   = "plenary"
	Audience = "plenary"
)

const (
	// An Ed25519 verification costs more than the rest of a read; a phone shows
	// the same token for a quarter of an hour. Full, the cache takes some 20 MB.
	verifiedTokens = 32768
	longestToken   = 4096

	codeTokenMissing = "token_missing"
	codeTokenInvalid = "token_invalid"
	codeTokenExpired = "token_expired"
	codeTokenRevoked = "token_revoked"
)

// Keys verifies access tokens against a set of public keys that can be replaced
// at any time, and against what has become known since they were made. It is
// safe for concurrent use.
type Keys struct {
	now     func() time.Time
	set     atomic.Pointer[keySet]
	revoked revoked
}

// keySet holds keys together with what they have verified: a key that leaves
// takes its tokens along.
type keySet struct {
	document []byte
	public   map[string]ed25519.PublicKey
	verified *lru.Cache[string, *verified]
}

type verified struct {
	caller          caller.Caller
	issued, expires time.Time
	looked          atomic.Uint64 // what revoked.changed was when it last was good
}

// NewKeys makes an empty set: until SetJWKS every token is answered
// Unavailable, because nobody can say yet whether it is good. A nil now is
// time.Now.
func NewKeys(now func() time.Time) *Keys {
	if now == nil {
		now = time.Now
	}
	return &Keys{now: now, revoked: revoked{most: mostRevoked}}
}

// SetJWKS replaces the keys by the Ed25519 ones of a JWK set (RFC 7517, 8037).
// A document without any is an error and changes nothing.
func (k *Keys) SetJWKS(document []byte) error {
	if old := k.set.Load(); old != nil && bytes.Equal(old.document, document) {
		return nil
	}
	var doc struct {
		Keys []struct {
			KeyType string `json:"kty"`
			Curve   string `json:"crv"`
			ID      string `json:"kid"`
			X       string `json:"x"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		return fmt.Errorf("read key set: %w", err)
	}
	s := &keySet{document: bytes.Clone(document), public: make(map[string]ed25519.PublicKey)}
	for _, j := range doc.Keys {
		x, err := base64.RawURLEncoding.DecodeString(j.X)
		if j.KeyType == "OKP" && j.Curve == "Ed25519" && j.ID != "" && err == nil && len(x) == ed25519.PublicKeySize {
			s.public[j.ID] = x
		}
	}
	if len(s.public) == 0 {
		return errors.New("read key set: no Ed25519 key in it")
	}
	cache, err := lru.New[string, *verified](verifiedTokens)
	if err != nil {
		return fmt.Errorf("read key set: %w", err)
	}
	s.verified = cache
	k.set.Store(s)
	return nil
}

// claims are those of an access token. Sid is the sign-in family. The subject is
// a delegate, or caller.KeyPrefix and the id of an API key; a key's token has
// scopes and no sid, a person's the rights it was made under.
type claims struct {
	jwt.RegisteredClaims
	Conference string   `json:"conference"`
	Delegation string   `json:"delegation"`
	Roles      []string `json:"roles"`
	SignIn     string   `json:"sid"`
	Rights     int64    `json:"rights"`
	Scopes     []string `json:"scopes"`
}

// caller is whom the claims are about.
func (c claims) caller() caller.Caller {
	if key, ok := strings.CutPrefix(c.Subject, caller.KeyPrefix); ok {
		return caller.Caller{Conference: c.Conference, Key: key, Scopes: c.Scopes, SignIn: c.Subject}
	}
	return caller.Caller{
		Delegate: c.Subject, Conference: c.Conference, Delegation: c.Delegation,
		SignIn: c.SignIn, Roles: c.Roles, Rights: c.Rights,
	}
}

// Verify says who holds token, or fails with Unauthenticated. The algorithm is
// pinned to EdDSA; issuer, audience and expiry must be there and right, and
// neither the sign-in nor the rights may have ended since.
func (k *Keys) Verify(token string) (caller.Caller, error) {
	s := k.set.Load()
	if s == nil {
		return caller.Caller{}, problem.New(problem.Unavailable, "keys_unknown", "Tokens cannot be checked yet.").After(time.Second)
	}
	now := k.now()
	v, ok := s.verified.Get(token)
	switch {
	case !ok:
		var err error
		if v, err = s.verify(token, now); err != nil {
			return caller.Caller{}, err
		}
		s.verified.Add(string([]byte(token)), v) // the caller's string may live in a reused buffer
	case !now.Before(v.expires):
		s.verified.Remove(token)
		return caller.Caller{}, errTokenExpired
	}
	if k.revoked.covers(v) {
		return caller.Caller{}, errTokenRevoked
	}
	return v.caller, nil
}

func (s *keySet) verify(token string, now time.Time) (*verified, error) {
	if len(token) > longestToken {
		return nil, errTokenInvalid
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithIssuer(Issuer), jwt.WithAudience(Audience),
		jwt.WithExpirationRequired(), jwt.WithStrictDecoding(), jwt.WithTimeFunc(func() time.Time { return now }),
	)
	var c claims
	_, err := parser.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		key, ok := s.public[kid]
		if !ok {
			return nil, errors.New("unknown key")
		}
		return key, nil
	})
	switch {
	case errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenInvalidAudience) && !errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return nil, errTokenExpired
	case err != nil, c.Subject == "", c.Subject == caller.KeyPrefix, c.Conference == "":
		return nil, errTokenInvalid // the library's words could quote the token
	}
	v := &verified{caller: c.caller(), expires: c.ExpiresAt.Time}
	if c.IssuedAt != nil {
		v.issued = c.IssuedAt.Time
	}
	return v, nil
}

var (
	errTokenMissing = problem.New(problem.Unauthenticated, codeTokenMissing, "Sign in and send the access token as a bearer token.")
	errTokenInvalid = problem.New(problem.Unauthenticated, codeTokenInvalid, "This access token is not valid here.")
	errTokenExpired = problem.New(problem.Unauthenticated, codeTokenExpired, "This access token has expired; refresh the sign-in.")
	errTokenRevoked = problem.New(problem.Unauthenticated, codeTokenRevoked, "What this access token was made for has changed; refresh the sign-in.")
)
