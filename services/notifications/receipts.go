package notifications

import (
	"context"
	"encoding/json"
	"errors"

	"plenary.example/services/notifications/internal/reach"
	"plenary.example/services/notifications/internal/receipts"
	"plenary.example/shared/bus"
	"plenary.example/shared/directory"
)

// startReceipts loads how far each notice got, and begins to write down what is
// heard of it. It stops after the sender, whose last reports it writes.
func (s *Service) startReceipts(ctx context.Context) (err error) {
	s.names, s.callees = directory.New(s.bus, s.cfg.Now), directory.New(s.bus, s.cfg.Now)
	if s.receipts, err = receipts.Open(ctx, s.store, s.hint, s.log); err != nil {
		return err
	}
	s.receipts.OnChange = func(conference, delegate string) { s.streams.Wake(conference, delegate) }
	s.receipts.Start()
	s.stack.Push("receipts", s.receipts.Stop)
	return nil
}

// desk answers how far notices got.
func (s *Service) desk() *reach.Desk {
	return &reach.Desk{
		Ledger: s.ledger, Receipts: s.receipts, Roster: s.roster, Now: s.cfg.Now,
		Phones: func(delegate string) bool { return len(s.devices.Of(delegate)) > 0 },
	}
}

// hint tells the siblings of documents that changed, by subject with revisions.
func (s *Service) hint(ctx context.Context, subjects map[string]int64) error {
	states := make([]bus.State, 0, len(subjects))
	for subject, revision := range subjects {
		data, err := json.Marshal(map[string]int64{"revision": revision})
		if err != nil {
			return err
		}
		states = append(states, bus.State{Subject: subject, Revision: revision, Data: data})
	}
	return s.bus.PutStates(ctx, states)
}

// HeldReading is how far a person got with their inbox, by the numbers of its
// notices. What was acknowledged counts as opened.
type HeldReading struct {
	FetchedUpTo  int64   `json:"fetchedUpTo"`
	ReadUpTo     int64   `json:"readUpTo"`
	Opened       []int64 `json:"opened"`
	Acknowledged []int64 `json:"acknowledged"`
}

func (s *Service) heldReading(conference, delegate string) HeldReading {
	got := s.receipts.Of(conference, delegate)
	return HeldReading{
		FetchedUpTo: s.receipts.Fetched(conference, delegate), ReadUpTo: got.ReadUpTo,
		Opened: got.AllOpened(), Acknowledged: append([]int64{}, got.Acknowledged...),
	}
}

// forget removes what the rooms keep of somebody who is erased.
func (s *Service) forget(ctx context.Context, conference, delegate string) error {
	return errors.Join(
		s.prefs.Erase(ctx, conference, delegate),
		s.ladder.Forget(ctx, conference, delegate),
		s.receipts.Erase(ctx, conference, delegate, s.ledger.Held(conference, delegate)))
}
