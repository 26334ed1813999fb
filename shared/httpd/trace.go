package httpd

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
)

// trace is a W3C traceparent: version 00, a trace id, this request's span id
// and flags. The span id doubles as the request id, so that a person quoting
// the one from an error message has named the line in the log and the span in
// the trace.
//
// The ids come from math/rand/v2, which is seeded by the system and quick; they
// tell requests apart and protect nothing.
type trace struct {
	text   [55]byte
	parent bool // somebody else began it
}

const (
	traceFrom, traceTo = 3, 35
	spanFrom, spanTo   = 36, 52
	flagsFrom          = 53
)

// newTrace continues the caller's trace, or begins one when parent is missing
// or malformed.
func newTrace(parent []byte) trace {
	var t trace
	if t.parent = validParent(parent); t.parent {
		copy(t.text[:], parent)
	} else {
		copy(t.text[:], "00-")
		putHex(t.text[traceFrom:], rand.Uint64())
		putHex(t.text[traceFrom+16:], rand.Uint64()|1) // all zeros would be invalid
		t.text[traceTo], t.text[spanTo] = '-', '-'
		copy(t.text[flagsFrom:], "00")
	}
	putHex(t.text[spanFrom:], rand.Uint64()|1)
	return t
}

// request is the request id: 16 hexadecimal digits.
func (t *trace) request() string { return string(t.text[spanFrom:spanTo]) }

// trace is the trace id: 32 hexadecimal digits.
func (t *trace) trace() string { return string(t.text[traceFrom:traceTo]) }

// continued says whether the trace was begun elsewhere, so that its id leads
// somewhere the request id does not.
func (t *trace) continued() bool { return t.parent }

func putHex(to []byte, v uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], v)
	hex.Encode(to, b[:])
}

// validParent accepts version 00 only; a later version may mean anything.
func validParent(p []byte) bool {
	if len(p) != len(trace{}.text) || string(p[:traceFrom]) != "00-" || p[traceTo] != '-' || p[spanTo] != '-' {
		return false
	}
	return lowerHex(p[traceFrom:traceTo], false) && lowerHex(p[spanFrom:spanTo], false) && lowerHex(p[flagsFrom:], true)
}

func lowerHex(p []byte, zero bool) bool {
	for _, b := range p {
		switch {
		case b == '0':
		case '1' <= b && b <= '9', 'a' <= b && b <= 'f':
			zero = true
		default:
			return false
		}
	}
	return zero
}
