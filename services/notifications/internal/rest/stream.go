package rest

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/rest/api"
	"plenary.example/services/notifications/internal/stream"
	"plenary.example/shared/caller"
)

const (
	// heartbeat is how long a stream is silent at most.
	heartbeat = 20 * time.Second
	// unread is how long an app may take to read what it was sent.
	unread = time.Minute
	// mostAtOnce is how many items a stream brings of those that came before it;
	// whoever missed more reads the inbox.
	mostAtOnce = 100
)

// FollowInbox keeps the answer open and brings what the caller is told.
func (h *handler) FollowInbox(ctx context.Context, r api.FollowInboxRequestObject) (api.FollowInboxResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	f := follower{h: h, me: me, locale: cmp.Or(h.Preferences.Of(me.Conference, me.Delegate).Language, "en")}
	if r.Params.AcceptLanguage != nil {
		f.locale = strings.Clone(*r.Params.AcceptLanguage)
	}
	if r.Params.LastEventID != nil {
		f.resumes, f.after = true, *r.Params.LastEventID
		if f.after > f.newest() { // a sibling may have given it
			if err := h.Ledger.Refresh(ctx, me.Conference); err != nil {
				return nil, err
			}
		}
	}
	if f.listener, err = h.Streams.Listen(me.Conference, me.Delegate); err != nil {
		return nil, err
	}
	return f, nil
}

// follower is one open stream. What it has sent is known by the number of the
// last item, so whatever wakes it, it goes on from there.
type follower struct {
	h        *handler
	me       caller.Caller
	locale   string
	after    int64
	resumes  bool
	listener *stream.Listener
	token    string
	out      *bufio.Writer
	read     api.ReadState // as it was sent last
}

// VisitFollowInboxResponse implements api.FollowInboxResponseObject.
func (f follower) VisitFollowInboxResponse(c *fiber.Ctx) error {
	_, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	f.token = strings.Clone(strings.TrimSpace(token))
	c.Set(fiber.HeaderContentType, "text/event-stream")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentLanguage, f.h.Words.Language(f.locale))
	c.Set("X-Accel-Buffering", "no") // a proxy that gathers answers would keep this one for ever
	conn := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer f.listener.Leave()
		f.out = w
		f.follow(func() error { return conn.SetWriteDeadline(time.Now().Add(unread)) })
	})
	return nil
}

// follow brings news until the reader leaves or may not read any more, which is
// asked before anything is sent. lives puts off the time at which a connection
// that takes nothing is given up.
func (f *follower) follow(lives func() error) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	if !f.resumes { // who goes on may have missed what another device read
		f.read = f.h.readState(f.me)
	}
	_, _ = f.out.WriteString("retry: 2000\n\n") // the next flush tells
	if err := f.begin(); err != nil {
		return
	}
	for silent := false; ; {
		if _, err := f.h.keys.Verify(f.token); err != nil || lives() != nil {
			return
		}
		if err := f.bring(silent); err != nil {
			return
		}
		select {
		case <-f.listener.Ended():
			return
		case <-f.listener.Wake():
			silent = false
		case <-beat.C:
			silent = true
		}
	}
}

// begin says from where on the stream goes. Whoever goes on after a number has
// what came up to it.
func (f *follower) begin() error {
	newest := f.newest()
	if f.resumes && f.after <= newest {
		f.h.Receipts.Fetch(f.me.Conference, f.me.Delegate, f.after)
	}
	_, more := f.h.Ledger.Inbox(f.me.Conference, f.me.Delegate, f.after, mostAtOnce)
	switch {
	case !f.resumes:
		f.after = newest
		return f.event("ready", newest, map[string]int64{"seq": newest})
	case more, f.after > newest: // nobody was given a number that is still to come
		f.after = newest
		return f.event("reset", newest, map[string]int64{"seq": newest})
	}
	return nil
}

// newest is the number of the reader's last item; zero for none.
func (f *follower) newest() int64 {
	_, seq := f.h.Ledger.Count(f.me.Conference, f.me.Delegate, 0, math.MaxInt64)
	return seq
}

// bring sends what is new, or a sign of life.
func (f *follower) bring(beat bool) error {
	notices, _ := f.h.Ledger.Inbox(f.me.Conference, f.me.Delegate, f.after, mostAtOnce)
	for len(notices) > 0 {
		if err := f.notices(notices); err != nil {
			return err
		}
		notices, _ = f.h.Ledger.Inbox(f.me.Conference, f.me.Delegate, f.after, mostAtOnce)
	}
	if now := f.h.readState(f.me); !same(f.read, now) {
		if err := f.event("read", 0, now); err != nil {
			return err
		}
		f.read = now
	}
	if beat {
		_, _ = f.out.WriteString(": still here\n\n") // as above
	}
	return f.out.Flush()
}

func (f *follower) notices(notices []push.Notice) error {
	reader := f.h.Reader(f.me.Conference, f.locale)
	items := make([]api.InboxItem, 0, len(notices))
	for _, n := range notices {
		items = append(items, f.h.item(n, reader))
	}
	f.after = notices[len(notices)-1].Seq
	f.h.progress(f.me, notices, items)
	for _, item := range items {
		if err := f.event("notice", item.Seq, item); err != nil {
			return err
		}
	}
	return nil
}

// event writes one event; id 0 leaves that of the last.
func (f *follower) event(name string, id int64, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("event %s: %w", name, err)
	}
	if id > 0 {
		_, _ = fmt.Fprintf(f.out, "id: %d\n", id) // the next write or flush tells
	}
	if _, err := fmt.Fprintf(f.out, "event: %s\ndata: %s\n\n", name, text); err != nil {
		return fmt.Errorf("event %s: %w", name, err)
	}
	return nil
}

// same says whether two read states say the same of what was read.
func same(a, b api.ReadState) bool {
	return a.ReadUpTo == b.ReadUpTo && slices.Equal(a.Opened, b.Opened) && slices.Equal(a.Acknowledged, b.Acknowledged)
}
