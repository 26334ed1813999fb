// Package problem is how the services talk about failure: every failure has a
// kind, a stable code an app can branch on, and a sentence for a person.
//
// It knows nothing of HTTP. The rules speak of conflicts and stale revisions;
// the edge (httpd) alone turns a kind into a status. A failure nobody gave a
// kind is Internal, the zero Kind, and its text never leaves the process: that
// way a forgotten case cannot leak what a driver said.
package problem

import (
	"errors"
	"fmt"
	"time"
)

// A Kind says what sort of failure it is, and so what the caller can do about it.
type Kind uint8

// The kinds. Internal is the zero value on purpose.
const (
	Internal             Kind = iota // ours; the text stays inside
	Malformed                        // unreadable: bad syntax, bad parameter, unknown member
	Invalid                          // readable, but a field breaks its rules
	Unauthenticated                  // nobody we know
	Forbidden                        // known, and not allowed
	NotFound                         // not there, or not for these eyes
	Conflict                         // the state of things forbids it
	Gone                             // was there, will not come back
	Stale                            // the caller's revision has been passed
	TooLarge                         // more bytes than the route takes
	Unsupported                      // a media type the route does not read
	PreconditionRequired             // an If-Match (or a count) must come with it
	TooMany                          // slow down; see RetryAfter
	Unavailable                      // not now; see RetryAfter
)

// String names k for logs.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

var kindNames = [...]string{
	"internal", "malformed", "invalid", "unauthenticated", "forbidden", "not found", "conflict", "gone",
	"stale", "too large", "unsupported", "precondition required", "too many", "unavailable",
}

// Field says what is wrong at one place of a request: in the body at Pointer
// (RFC 6901), or in the path, query or header parameter named Parameter. Code
// and Params are enough for an app to word the complaint in its own language.
type Field struct {
	Pointer   string            `json:"pointer,omitempty"`
	Parameter string            `json:"parameter,omitempty"`
	Code      string            `json:"code"`
	Detail    string            `json:"detail"`
	Params    map[string]string `json:"params,omitempty"`
}

// An Error is a failure with a kind. Its Detail is written for the caller and
// must not hold what the caller may not see.
type Error struct {
	Kind   Kind
	Code   string // stable, snake_case; apps branch on it
	Detail string
	Fields []Field
	// RetryAfter is how long to wait before trying again; 0 = not said.
	RetryAfter time.Duration

	cause error
}

// New makes a failure of kind k. Code is stable snake_case ("session_begun");
// format and args make the sentence the caller reads.
func New(k Kind, code, format string, args ...any) *Error {
	return &Error{Kind: k, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Hidden is the one answer for what is not there and for what the caller may
// not see: another tenant's, another delegation's, somebody who did not consent.
// Everybody uses it, so that no answer tells the two apart.
func Hidden() *Error {
	return New(NotFound, "not_found", "There is nothing here, or nothing you may see.")
}

// With returns a copy of e that also names the fields f.
func (e *Error) With(f ...Field) *Error {
	c := *e
	c.Fields = append(append([]Field(nil), e.Fields...), f...)
	return &c
}

// Because returns a copy of e that wraps err. The cause shows in logs and to
// errors.Is; the caller never sees it.
func (e *Error) Because(err error) *Error {
	c := *e
	c.cause = err
	return &c
}

// After returns a copy of e that asks the caller to wait for d.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// Error is for logs; it holds the cause.
func (e *Error) Error() string {
	s := e.Code + ": " + e.Detail
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the cause given by Because, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Is says whether err is, or wraps, a failure of kind k. A foreign error is
// Internal; nil is no failure at all.
func Is(err error, k Kind) bool {
	return err != nil && From(err).Kind == k
}

// From finds the failure in err. A foreign error becomes an Internal one with
// a fixed sentence, and remains its cause. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: Internal, Code: "internal", Detail: "Something went wrong on our side.", cause: err}
}
