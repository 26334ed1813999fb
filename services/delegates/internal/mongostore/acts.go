package mongostore

import (
	"context"
	"errors"

	"plenary.example/services/delegates/internal/audit"
	"plenary.example/shared/store"
)

// Acts keeps the audit.
type Acts struct{ acts *store.Collection }

// NewActs uses the collections of s.
func NewActs(s *store.Store) *Acts { return &Acts{acts: s.Collection("acts")} }

// All reads every act there is. It is for starting.
func (s *Acts) All(ctx context.Context) ([]audit.Act, error) {
	return store.All[audit.Act](ctx, s.acts, nil)
}

// AddAct writes an act; one that is there already stays as it is.
func (s *Acts) AddAct(ctx context.Context, a audit.Act) error {
	if err := s.acts.Insert(ctx, a); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	return nil
}

// ForgetAct removes an act; one that is not there is no error.
func (s *Acts) ForgetAct(ctx context.Context, id string) error { return s.acts.Delete(ctx, id, nil) }
