package receipts

import (
	"context"

	"plenary.example/services/notifications/internal/push"
)

// Counts is how far a notice got with some people.
type Counts struct {
	Recipients int
	// Of the way to their phones, each of them is one of these: has no phone,
	// nothing is known yet, the carrier took it for one of their phones at least,
	// it will never take it, or nothing will be sent. The last two say why, each by
	// the word of the outcome or of the drop.
	NoPhone, Queued, Accepted int
	Failed, Dropped           map[string]int
	// What their apps and they themselves said. Whoever got further is counted in
	// each before: what is displayed was received, what is acknowledged was opened
	// and fetched.
	Received, Displayed           int
	Fetched, Opened, Acknowledged int
}

// Knows says whether anybody of them has the news: fetched, opened or
// acknowledged it.
func (c Counts) Knows() bool { return c.Fetched > 0 }

// A Tally counts the people of one notice.
type Tally struct {
	n     push.Notice
	r     *Receipts
	words map[string]word // nil when only what people did is asked for
}

// Tally begins to count. It reads what all replicas have written of the notice.
func (r *Receipts) Tally(ctx context.Context, n push.Notice) (*Tally, error) {
	words, err := r.carried(ctx, n)
	if err != nil {
		return nil, err
	}
	return &Tally{n, r, words}, nil
}

// Knows says whether somebody has the news: fetched, opened or acknowledged it.
func (r *Receipts) Knows(n push.Notice, delegate string) bool {
	return r.Fetched(n.Conference, delegate) >= n.Seq || r.Of(n.Conference, delegate).HasOpened(n.Seq)
}

// Add counts somebody with c; phones says whether they have any.
func (t *Tally) Add(c *Counts, delegate string, phones bool) {
	c.Recipients++
	got := t.r.Of(t.n.Conference, delegate)
	acknowledged, opened := got.HasAcknowledged(t.n.Seq), got.HasOpened(t.n.Seq)
	w := t.words[delegate]
	count(&c.Acknowledged, acknowledged)
	count(&c.Opened, opened)
	count(&c.Fetched, opened || t.r.Fetched(t.n.Conference, delegate) >= t.n.Seq)
	count(&c.Displayed, opened || w.Phone == displayed)
	count(&c.Received, opened || w.Phone != "")
	failed, isFailed := why(w.Carrier, failed)
	dropped, isDropped := why(w.Carrier, dropped)
	switch {
	case w.Carrier == accepted:
		c.Accepted++
	case isFailed:
		c.Failed = more(c.Failed, failed)
	case isDropped:
		c.Dropped = more(c.Dropped, dropped)
	case !phones:
		c.NoPhone++
	default:
		c.Queued++
	}
}

func count(n *int, is bool) {
	if is {
		*n++
	}
}

func more(of map[string]int, reason string) map[string]int {
	if of == nil {
		of = map[string]int{}
	}
	of[reason]++
	return of
}
