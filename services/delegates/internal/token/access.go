package token

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"plenary.example/services/delegates/internal/delegate"
)

// AccessLife is how long an access token is good for. It bounds how long
// somebody who lost a right still holds a token that claims it.
const AccessLife = 15 * time.Minute

const issuer, audience = "plenary", "plenary"

// claims are what an access token says; every service reads them, so they only
// ever grow.
type claims struct {
	jwt.RegisteredClaims
	Conference string   `json:"conference"`
	Delegation string   `json:"delegation,omitempty"`
	Roles      []string `json:"roles,omitempty"`
	SignIn     string   `json:"sid"`
	Rights     int64    `json:"rights,omitempty"`
	Scopes     []string `json:"scopes,omitempty"`
}

// Access makes the access token of d, signed in as the given family. It is good
// for as long as nothing changes of what d may do, AccessLife at most.
func (k *Keys) Access(d delegate.Delegate, family string, now time.Time) (string, error) {
	return k.sign(claims{
		RegisteredClaims: registered(d.ID, now, now.Add(AccessLife)),
		Conference:       d.Conference, Delegation: d.Delegation, Roles: d.Roles, SignIn: family, Rights: d.Rights,
	})
}

// AccessFor makes the access token of another system. The subject stands for its
// API key, and is the token's sign-in too: ending that ends its tokens.
func (k *Keys) AccessFor(subject, conference string, scopes []string, now, expires time.Time) (string, error) {
	return k.sign(claims{
		RegisteredClaims: registered(subject, now, expires), Conference: conference, SignIn: subject, Scopes: scopes,
	})
}

func registered(subject string, now, expires time.Time) jwt.RegisteredClaims {
	return jwt.RegisteredClaims{
		Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: subject,
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
	}
}

func (k *Keys) sign(c claims) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	t.Header["kid"] = k.access[0].id
	text, err := t.SignedString(k.access[0].private)
	if err != nil {
		return "", fmt.Errorf("sign access token: %w", err)
	}
	return text, nil
}

// A JWK is a public key as others read it (RFC 7517, RFC 8037).
type JWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	X         string `json:"x"`
}

// JWKS are public keys, newest first.
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// JWKS lists the keys of the secrets in force here. Other replicas may have
// others; see Published.
func (k *Keys) JWKS() JWKS {
	var set JWKS
	for _, s := range k.access {
		set.Keys = append(set.Keys, jwk(s.id, base64.RawURLEncoding.EncodeToString(s.private.Public().(ed25519.PublicKey))))
	}
	return set
}

func jwk(id, x string) JWK {
	return JWK{KeyType: "OKP", Curve: "Ed25519", ID: id, Use: "sig", Algorithm: "EdDSA", X: x}
}
