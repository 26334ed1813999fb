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

// KeyPrefix stands before the id of an API key wherever an actor, or the
// subject of an access token, is one instead of a delegate.
const KeyPrefix = "key:"

// A Caller is a signed-in person at one conference, or another system that
// came with an API key of it. Nothing a caller does reaches beyond Conference.
type Caller struct {
	Delegate   string // delegate id; empty for an API key
	Conference string
	Delegation string // empty for an API key
	// SignIn is the sign-in family the token belongs to: one device. For an API
	// key it is Actor.
	SignIn string
	Roles  []string // none for an API key
	Key    string   // API key id; empty for a person
	Scopes []string // what an API key may do; none for a person
	// Rights is the state of the person's rights the token was made under (see
	// event.DelegateChanged).
	Rights int64
}

// Is says whether the caller holds role.
func (c Caller) Is(role string) bool { return slices.Contains(c.Roles, role) }

// May says whether the caller is an API key that holds scope. What people may
// do, their roles say.
func (c Caller) May(scope string) bool { return c.Key != "" && slices.Contains(c.Scopes, scope) }

// Actor is how events and the audit name the caller: by delegate id, or by
// KeyPrefix and the id of the API key. It is empty for nobody.
func (c Caller) Actor() string {
	if c.Key != "" {
		return KeyPrefix + c.Key
	}
	return c.Delegate
}

// ContextKey is what a context that carries its caller itself answers to, with
// a *Caller. Only code that has verified the caller's token may do so.
type ContextKey struct{}

// Into returns a context that carries c. Only code that has verified the
// caller's token may call it.
func Into(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, ContextKey{}, &c)
}

// From returns the verified caller of a request; false for a public one.
func From(ctx context.Context) (Caller, bool) {
	if c, ok := ctx.Value(ContextKey{}).(*Caller); ok {
		return *c, true
	}
	return Caller{}, false
}
