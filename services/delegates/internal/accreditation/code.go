// Package accreditation turns the letter a delegate was sent into a sign-in:
// the number on the badge and an activation code.
//
// Codes are stored as HMAC-SHA256 under a key derived from the installation's
// secret, which is not in the store. Argon2id would be the answer to passwords
// people choose; a code is fifty random bits, so nobody can guess it from its
// hash without the key, and a slow hash would only hand whoever floods the
// sign-in a lever, and make the loading of 16,000 delegates take minutes. The
// price: unused codes end with the secret they were hashed under, so a secret
// stays in force until its codes are used or issued anew.
package accreditation

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"strings"
)

// letters of a code leave out what people misread on paper: 0 O 1 I L U. Thirty
// of them, ten times, make 49 bits.
const letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

const codeLength = 10

// NewCode makes an activation code.
func NewCode() string {
	var code [codeLength]byte
	for i := 0; i < len(code); {
		var b [32]byte
		_, _ = rand.Read(b[:]) // never fails
		for _, v := range b {
			// Above the last multiple of thirty the first letters would come more often.
			if int(v) < 256-256%len(letters) && i < len(code) {
				code[i] = letters[int(v)%len(letters)]
				i++
			}
		}
	}
	return string(code[:])
}

// Printed is a code as it is written for people: in two halves.
func Printed(code string) string {
	if len(code) != codeLength {
		return code
	}
	return code[:codeLength/2] + "-" + code[codeLength/2:]
}

// Codes hashes and checks activation codes with the keys in force, newest first.
type Codes struct{ keys [][]byte }

// NewCodes makes Codes; there must be a key.
func NewCodes(keys [][]byte) Codes { return Codes{keys} }

// Hash is what is stored of a code; the same code has another hash under
// another accreditation.
func (c Codes) Hash(id, code string) []byte { return hash(c.keys[0], id, code) }

// opens says which of a's codes the typed one is. It takes as long for an
// accreditation that is not there (the zero one) as for a wrong code.
func (c Codes) opens(a Accreditation, id, typed string) (sample, single bool) {
	for _, key := range c.keys {
		h := hash(key, id, typed)
		sample = hmac.Equal(h, a.Hash) || sample
		single = hmac.Equal(h, a.Code) || single
	}
	return sample && a.Sample, single
}

func hash(key []byte, id, code string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id))
	m.Write([]byte{0})
	m.Write([]byte(plain(code)))
	return m.Sum(nil)
}

// plain is a code as it was made, however it was printed and typed.
func plain(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == ' ':
			return -1
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, code)
}
