package mongostore

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/command"
	"plenary.example/shared/store"
)

// Commands keeps the requests that may be repeated.
type Commands struct{ commands *store.Collection }

// NewCommands uses the collections of s.
func NewCommands(s *store.Store) *Commands { return &Commands{s.Collection("commands")} }

// InsertCommand writes a new one.
func (s *Commands) InsertCommand(ctx context.Context, c command.Command) error {
	err := s.commands.Insert(ctx, c)
	if errors.Is(err, store.ErrExists) {
		return command.ErrExists
	}
	return err
}

// Command reads one.
func (s *Commands) Command(ctx context.Context, id string) (c command.Command, err error) {
	err = s.commands.Get(ctx, id, &c)
	if errors.Is(err, store.ErrMissing) {
		err = command.ErrStale
	}
	return c, err
}

// ReplaceCommand writes c over the one that began then.
func (s *Commands) ReplaceCommand(ctx context.Context, c command.Command, began time.Time) error {
	err := s.commands.Replace(ctx, c.ID, bson.M{"at": began}, c)
	if errors.Is(err, store.ErrStale) {
		return command.ErrStale
	}
	return err
}

// DeleteCommand forgets one.
func (s *Commands) DeleteCommand(ctx context.Context, id string) error {
	return s.commands.Delete(ctx, id, nil)
}

// SweepCommands forgets those that began before, and says how many. It looks at
// all of them.
func (s *Commands) SweepCommands(ctx context.Context, before time.Time) (int, error) {
	old, err := store.All[command.Command](ctx, s.commands, bson.M{"at": bson.M{"$lt": before}})
	if err != nil {
		return 0, err
	}
	for i, c := range old {
		if err := s.commands.Delete(ctx, c.ID, nil); err != nil {
			return i, err
		}
	}
	return len(old), nil
}
