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
	Delegation string   `json:"delegation"`
	Roles      []string `json:"roles"`
	SignIn     string   `json:"sid"`
}

// Access makes the access token of d, signed in as the given family.
func (k *Keys) Access(d delegate.Delegate, family string, now time.Time) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: d.ID,
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(AccessLife)),
		},
		Conference: d.Conference, Delegation: d.Delegation, Roles: d.Roles, SignIn: family,
	})
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

// JWKS are the public keys of all secrets in force, newest first.
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// JWKS lists the keys with which the access tokens can be verified.
func (k *Keys) JWKS() JWKS {
	var set JWKS
	for _, s := range k.access {
		set.Keys = append(set.Keys, JWK{
			KeyType: "OKP", Curve: "Ed25519", ID: s.id, Use: "sig", Algorithm: "EdDSA",
			X: base64.RawURLEncoding.EncodeToString(s.private.Public().(ed25519.PublicKey)),
		})
	}
	return set
}
