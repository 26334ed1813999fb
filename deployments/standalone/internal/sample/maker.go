package sample

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// A maker derives what a sample needs from its seed, each thing from its own
// name, so that nothing depends on what was made before it.
type maker struct {
	seed       uint64
	conference string
	times      int
}

// digest is 32 bytes that belong to the named thing and to no other.
func (m maker) digest(kind, name string) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "plenary sample\x00%d\x00%s\x00%s\x00%s", m.seed, m.conference, kind, name))
}

// made is the moment all sample ids were minted, as their timestamp says: the
// first second of 2026 in milliseconds. A real clock would spoil the same bytes.
const made = 1767225600000

// id is a UUIDv7 for the named thing.
func (m maker) id(kind, name string) string {
	b := m.digest(kind, name)
	binary.BigEndian.PutUint64(b[:8], made<<16|uint64(b[6]&0x0f|0x70)<<8|uint64(b[7]))
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// letters leave out what people misread on paper: 0 O 1 I L U.
const letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// code is the activation code for the named delegate, as printed: "K7QM-2XTR".
func (m maker) code(name string) string {
	b := m.digest("activation code", name)
	var c [9]byte
	for i := range c {
		c[i] = letters[int(b[i])%len(letters)]
	}
	c[4] = '-'
	return string(c[:])
}

// dice is a source of chance for one purpose.
func (m maker) dice(purpose string) *rand.Rand {
	return rand.New(rand.NewChaCha8(m.digest("dice", purpose)))
}
