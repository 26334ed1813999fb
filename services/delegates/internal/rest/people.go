package rest

import (
	"context"

	"plenary.example/services/delegates/internal/delegate"
)

// People is what the operations on delegations and delegates need.
type People struct {
	Directory directory
}

type directory interface {
	Delegate(ctx context.Context, conference, id string) (delegate.Delegate, error)
	Delegation(ctx context.Context, conference, id string) (delegate.Delegation, error)
}

type peopleHandler struct{ room People }
