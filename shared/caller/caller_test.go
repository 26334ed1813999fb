package caller_test

import (
	"testing"

	"plenary.example/shared/caller"
)

func TestACallerTravelsInTheContext(t *testing.T) {
	t.Parallel()
	if c, ok := caller.From(t.Context()); ok {
		t.Fatalf("an empty context carries %+v", c)
	}
	ctx := caller.Into(t.Context(), caller.Caller{Delegate: "d1", Conference: "seoul-2013", Roles: []string{caller.Liaison}})
	c, ok := caller.From(ctx)
	if !ok || c.Delegate != "d1" || c.Conference != "seoul-2013" {
		t.Errorf("From = %+v, %v", c, ok)
	}
	if !c.Is(caller.Liaison) || c.Is(caller.Secretariat) {
		t.Errorf("roles of %+v are wrong", c)
	}
}

func TestAnActorIsAPersonOrAKey(t *testing.T) {
	t.Parallel()
	person := caller.Caller{Delegate: "d1", Scopes: []string{"agenda:read"}}
	key := caller.Caller{Key: "k1", Scopes: []string{"agenda:read"}}
	if got := person.Actor() + " " + key.Actor() + " " + (caller.Caller{}).Actor(); got != "d1 key:k1 " {
		t.Errorf("actors %q", got)
	}
	if person.May("agenda:read") || !key.May("agenda:read") || key.May("agenda:write") {
		t.Error("a scope is a key's, and only the one it holds")
	}
}
