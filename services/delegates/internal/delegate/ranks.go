package delegate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"plenary.example/shared/event"
)

// rankPage is how many states are told again before others get their turn.
const rankPage = 100

// noteRank notes a state on the bus that was told before ranks were: until Begin
// only, and without a revision for one that says all there is.
func (b *Book) noteRank(id string, revision int64, data []byte) {
	var told event.DelegateState
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.begun || json.Unmarshal(data, &told) != nil {
		return
	}
	if told.Rank != "" {
		revision = 0
	}
	b.rankless[id] = revision
}

// tellRanks tells of those people once more whose state was told without the rank
// they had by then. The bus takes nothing under a revision it has, so each
// record gets a new one first; should we end in between, Begin finds it untold.
func (b *Book) tellRanks(noted map[string]int64) {
	var ids []string
	for id, revision := range noted {
		if d, ok := b.people.read(id); ok && d.Rank != "" && !d.Pending && d.Revision == revision {
			ids = append(ids, id)
		}
	}
	b.oweRanks(ids, noted)
}

func (b *Book) oweRanks(ids []string, noted map[string]int64) {
	if len(ids) == 0 {
		return
	}
	page := ids[:min(rankPage, len(ids))]
	b.owe(fmt.Sprintf("ranks of %d", len(page)), func(ctx context.Context) error {
		states := make([]StateMessage, 0, len(page))
		for _, id := range page {
			d, err := b.revise(ctx, id, noted[id])
			if errors.Is(err, ErrStale) {
				continue // changed since, and told of that with the rank
			} else if err != nil {
				return err
			}
			state, err := message(d)
			if err != nil {
				return err
			}
			states = append(states, state)
		}
		if err := b.herald.PutStates(ctx, states); err != nil {
			return err
		}
		b.oweRanks(ids[len(page):], noted)
		return nil
	})
}

// revise gives a person's record of a revision the next one, once.
func (b *Book) revise(ctx context.Context, id string, revision int64) (Delegate, error) {
	d, ok := b.people.read(id)
	if !ok || d.Pending || d.Revision > revision+1 {
		return d, ErrStale
	}
	if d.Revision == revision+1 {
		return d, nil // by an earlier try
	}
	next := d.revised(revision+1, nil)
	if err := b.people.kept.Replace(ctx, id, revision, next); err != nil {
		return d, fmt.Errorf("revise %s: %w", id, err)
	}
	b.people.keep(next)
	return next, nil
}
