package receipts

import (
	"encoding/binary"
	"errors"
	"slices"
)

// numbers is a rising set of the numbers of notices. It is never changed in
// place: who has one may read it for as long as they like.
type numbers []int64

func (s numbers) has(n int64) bool {
	_, ok := slices.BinarySearch(s, n)
	return ok
}

// with is s and n.
func (s numbers) with(n int64) numbers {
	at, ok := slices.BinarySearch(s, n)
	if ok {
		return s
	}
	return slices.Insert(slices.Clone(s), at, n)
}

// union is what is in either.
func (s numbers) union(t numbers) numbers {
	if len(t) == 0 || slices.Equal(s, t) {
		return s
	}
	both := append(slices.Clone(s), t...)
	slices.Sort(both)
	return slices.Compact(both)
}

// above counts those of s that are above n.
func (s numbers) above(n int64) int {
	at, _ := slices.BinarySearch(s, n+1)
	return len(s) - at
}

var errNumbers = errors.New("not a set of numbers")

// pack makes of each number its distance from the one before, which is small: a
// few hundred notices are a few hundred bytes.
func (s numbers) pack() []byte {
	var b []byte
	var last int64
	for _, n := range s {
		b = binary.AppendUvarint(b, uint64(n-last))
		last = n
	}
	return b
}

func unpack(b []byte) (numbers, error) {
	var s numbers
	var last int64
	for len(b) > 0 {
		d, used := binary.Uvarint(b)
		if used <= 0 || d == 0 || d > 1<<62 {
			return nil, errNumbers
		}
		last += int64(d)
		s, b = append(s, last), b[used:]
	}
	return s, nil
}
