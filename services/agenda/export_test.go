package agenda

import (
	"context"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
)

// Release makes any release at all, for tests of those who read. It answers the
// revision of the agenda then.
func (s *Service) Release(ctx context.Context, conference string, propose func(programme.Conference, programme.Agenda) programme.Proposal) (int64, error) {
	after, _, err := s.live.Release(ctx, conference, "", "", func(c programme.Conference, a programme.Agenda) (programme.Proposal, error) {
		return propose(c, a), nil
	})
	return after.Revision, err
}

// Owed counts what is not told yet.
func (s *Service) Owed() int { return s.live.Owed() + s.desk.Owed() }

// Meetings are the bilateral meetings of a conference, by id.
func (s *Service) Meetings(conference string) ([]meeting.Meeting, error) {
	return s.desk.All(conference)
}
