package privacy_test

import (
	"context"
	"log/slog"
	"testing"

	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/privacy"
)

// counted counts how often one erasure is read by itself.
type counted struct {
	*mongostore.Erasures
	gets int
}

func (c *counted) Get(ctx context.Context, id string) (privacy.Erasure, error) {
	c.gets++
	return c.Erasures.Get(ctx, id)
}

// TestAStartReadsTheErasuresAtOnce: a conference that is over leaves as many as it
// had people, and the store takes its time over each.
func TestAStartReadsTheErasuresAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.replica()
	for _, id := range []string{"kim", "lee"} {
		if err := p.Erase(t.Context(), office, id, 0); err != nil {
			t.Fatal(err)
		}
	}
	kept := &counted{Erasures: mongostore.NewErasures(r.store)}
	next := privacy.NewOffice(kept, p.book, nil, r.now, slog.New(slog.DiscardHandler))
	if err := next.Load(t.Context(), p.book.Everybody()); err != nil {
		t.Fatal(err)
	}
	if err := next.GoOn(t.Context()); err != nil || kept.gets > 0 {
		t.Errorf("read %d erasures one by one, %v", kept.gets, err)
	}
}
