package delegates

import (
	"context"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/mongostore"
)

// startPeople reads everybody into memory.
func (s *Service) startPeople(ctx context.Context, r *running) error {
	r.people = mongostore.New(r.open)
	r.directory = delegate.NewDirectory(r.people)
	delegations, people, err := r.people.People(ctx)
	if err != nil {
		return err
	}
	r.directory.Add(delegations, people)
	r.rooms.People.Directory = r.directory
	return nil
}
