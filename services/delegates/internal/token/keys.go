// Package token makes and renews what a signed-in phone shows: a short-lived
// access token any service can verify with a public key, and a refresh token
// only this service understands.
//
// All keys are derived from the secrets of the installation, by HKDF under a
// label of their own, so an operator guards one value and no key is ever
// stored. Several secrets may be in force at once: the first signs, all of them
// verify, and so a secret can be replaced without anybody noticing.
package token

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// MinSecret is the fewest bytes a secret may have.
const MinSecret = 32

// The labels keep the keys apart that come from one secret. A label in use is
// never changed: it would end every sign-in.
const (
	labelAccess  = "plenary delegates: access tokens, Ed25519, 1"
	labelRefresh = "plenary delegates: refresh tokens, HMAC-SHA256, 1"
	labelCode    = "plenary delegates: activation codes, HMAC-SHA256, 1"
	labelAddress = "plenary delegates: addresses of attempts, HMAC-SHA256, 1"
	labelGuesses = "plenary delegates: numbers of attempts, HMAC-SHA256, 1"
)

// Keys are what the secrets of an installation yield, newest first.
type Keys struct {
	access  []signingKey
	refresh [][]byte
	codes   [][]byte
	address []byte
	guesses []byte
}

type signingKey struct {
	id      string
	private ed25519.PrivateKey
}

// Derive makes the keys. There must be a secret, and each must have at least
// MinSecret bytes.
func Derive(secrets [][]byte) (*Keys, error) {
	if len(secrets) == 0 {
		return nil, errors.New("derive keys: there is no secret")
	}
	k := new(Keys)
	for i, s := range secrets {
		if len(s) < MinSecret {
			return nil, fmt.Errorf("derive keys: secret %d has %d bytes, fewer than %d", i+1, len(s), MinSecret)
		}
		var part [5][]byte
		for j, label := range []string{labelAccess, labelRefresh, labelCode, labelAddress, labelGuesses} {
			var err error
			if part[j], err = hkdf.Key(sha256.New, s, nil, label, sha256.Size); err != nil {
				return nil, fmt.Errorf("derive keys: %w", err)
			}
		}
		private := ed25519.NewKeyFromSeed(part[0])
		sum := sha256.Sum256(private.Public().(ed25519.PublicKey))
		k.access = append(k.access, signingKey{id: hex.EncodeToString(sum[:8]), private: private})
		k.refresh = append(k.refresh, part[1])
		k.codes = append(k.codes, part[2])
		if i == 0 {
			k.address, k.guesses = part[3], part[4]
		}
	}
	return k, nil
}

// Codes are the keys for activation codes, newest first.
func (k *Keys) Codes() [][]byte { return k.codes }

// Address is the key that hides the addresses from which codes are tried.
func (k *Keys) Address() []byte { return k.address }

// Guesses is the key that hides which numbers were tried.
func (k *Keys) Guesses() []byte { return k.guesses }
