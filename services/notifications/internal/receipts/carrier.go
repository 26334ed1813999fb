package receipts

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"plenary.example/services/notifications/internal/push"
)

// word is how far a notice got on its way to somebody's phones: a letter, and
// behind a colon why.
type word struct {
	Carrier string `bson:"c,omitempty"`
	Phone   string `bson:"p,omitempty"`
}

// Letters of a word, the better the later.
const (
	dropped   = "1" // nothing was sent, and nothing will be
	failed    = "2" // the carrier will never take it
	accepted  = "3" // the carrier took it
	received  = "4" // the app has it
	displayed = "5" // and showed it
)

// better is the better of each half. Of two of a kind the later in the alphabet,
// so that everybody finds the same.
func better(a, b word) word {
	return word{max(a.Carrier, b.Carrier), max(a.Phone, b.Phone)}
}

// perPage is how many people share a page of a notice's receipts.
const perPage = 100

// carrierPages is how many pages a notice's receipts have.
func carrierPages(n push.Notice) int {
	readers := n.Readers
	if readers == 0 { // filed before anybody counted
		readers = 1000 * n.Pages
	}
	return max(1, (readers+perPage-1)/perPage)
}

func carrierPage(n push.Notice, delegate string) string {
	return n.Key + "/" + strconv.Itoa(shard(delegate, carrierPages(n)))
}

// Report takes what became of one push. It never blocks; it is in the store
// within a second. Of what will be tried again nothing is noted: it is still on
// its way.
func (r *Receipts) Report(p push.Report) {
	var w word
	switch {
	case p.Dropped != "":
		w.Carrier = dropped + p.Dropped
	case p.Outcome == push.Accepted:
		w.Carrier = accepted
	case p.Outcome.Forget(), p.Outcome == push.BadPayload:
		w.Carrier = failed + p.Outcome.String()
	}
	r.noteCarrier(p.Notice, p.Device.Delegate, w)
}

// Received and Displayed note what somebody's app says of a notice. It is in the
// store within a second.
func (r *Receipts) Received(n push.Notice, delegate string) {
	r.noteCarrier(n, delegate, word{Phone: received})
}

// Displayed is Received, and it was shown.
func (r *Receipts) Displayed(n push.Notice, delegate string) {
	r.noteCarrier(n, delegate, word{Phone: displayed})
}

func (r *Receipts) noteCarrier(n push.Notice, delegate string, w word) {
	if w == (word{}) || delegate == "" {
		return
	}
	if !r.gone(who{n.Conference, delegate}) {
		r.carrier.add(carrierPage(n, delegate), delegate, w)
	}
}

// carried are the words of everybody a notice was sent to, on whatever replica.
func (r *Receipts) carried(ctx context.Context, n push.Notice) (map[string]word, error) {
	all := map[string]word{}
	for i := range carrierPages(n) {
		of, err := r.carrier.read(ctx, n.Key+"/"+strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		for delegate, w := range of {
			all[delegate] = w
		}
	}
	return all, nil
}

// Heard answers which of some people have certainly heard of a notice: the carrier
// took it for one of their phones, an app of theirs has it, or they marked it as
// read. It asks the store, where what a sibling knows arrives within a second; what
// a killed one had not written yet nobody knows. So others may have heard too.
func (r *Receipts) Heard(ctx context.Context, n push.Notice, who []string) (map[string]bool, error) {
	heard, on := map[string]bool{}, map[string][]string{}
	for _, delegate := range who {
		if r.Knows(n, delegate) || r.Of(n.Conference, delegate).HasRead(n.Seq) {
			heard[delegate] = true
		} else {
			page := carrierPage(n, delegate)
			on[page] = append(on[page], delegate)
		}
	}
	var mu sync.Mutex
	work, each := errgroup.WithContext(ctx)
	work.SetLimit(sideBySide)
	for page, waiting := range on {
		work.Go(func() error {
			of, err := r.carrier.read(each, page)
			mu.Lock()
			defer mu.Unlock()
			for _, delegate := range waiting {
				if w := of[delegate]; w.Carrier == accepted || w.Phone != "" {
					heard[delegate] = true
				}
			}
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return nil, fmt.Errorf("who heard of %s: %w", n.ID, err)
	}
	return heard, nil
}

// why is what stands behind the letter of a word.
func why(w, letter string) (string, bool) { return strings.CutPrefix(w, letter) }
