// Package caller says who is calling, once somebody has made sure of it.
//
// It is its own small room because both sides need the word and neither should
// need the other's tools for it: httpd puts a verified caller into the request's
// context, the rules take it out, and no rule ever sees a token.
package caller

import (
	"context"
	"slices"
)

// Roles a delegate may hold. The set may grow.
const (
	Delegate    = "delegate"
	Liaison     = "liaison"
	Secretariat = "secretariat"
	Desk        = "desk"
)

// A Caller is a signed-in person at one conference. Nothing a caller does
// reaches beyond Conference.
type Caller struct {
	Delegate   string // delegate id
	Conference string
	Delegation string
	SignIn     string // the sign-in family the token belongs to
	Roles      []string
}

// Is says whether the caller holds role.
func (c Caller) Is(role string) bool { return slices.Contains(c.Roles, role) }

// Key is what a context that carries its caller itself answers to, with a
// *Caller. Only code that has verified the caller's token may do so.
type Key struct{}

// Into returns a context that carries c. Only code that has verified the
// caller's token may call it.
func Into(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, Key{}, &c)
}

// From returns the verified caller of a request; false for a public one.
func From(ctx context.Context) (Caller, bool) {
	if c, ok := ctx.Value(Key{}).(*Caller); ok {
		return *c, true
	}
	return Caller{}, false
}
