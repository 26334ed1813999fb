package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/shared/client"
)

// Counts of the randomised test: how often the process is killed, and how many
// moves it acknowledges before.
const (
	kills, soakKills = 3, 20
	movesAtMost      = 25
)

// TestNothingAcknowledgedIsLost kills the process at random moments under a
// stream of session moves, and afterwards holds what everybody reads to the
// test's own log of what was acknowledged: the agenda, the inboxes, and what
// each phone received.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	n := kills
	if os.Getenv("PLENARY_SOAK") != "" {
		n = soakKills
	}
	s := newStorm(t)
	for range n {
		p := s.start()
		s.moveUntilKilled(p, 1+s.rnd.IntN(movesAtMost))
	}
	s.start()
	s.judge()
}

// A storm is a secretariat that moves sessions, and all that is known of them.
type storm struct {
	t       *testing.T
	rnd     *rand.Rand
	sandbox *fcmsandbox.Sandbox // outlives the process, as a carrier does
	env     []string
	c       sample.Conference
	url     string
	moved   []*course
}

// A course is one session's way through the storm.
type course struct {
	session  sample.Session
	rev      int64   // last revision that was acknowledged
	acked    []int64 // every one
	acking   sync.Mutex
	n        int // moves tried
	pickers  []string
	observer sample.Delegate // one of them, whose inbox is read
}

func newStorm(t *testing.T) *storm {
	t.Helper()
	s := &storm{t: t, rnd: rand.New(rand.NewPCG(20131017, 1))}
	s.sandbox = fcmsandbox.New(fcmsandbox.Config{})
	if err := s.sandbox.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.sandbox.Stop(context.Background()) })
	s.env = []string{
		"PORT=0", "METRICS_LISTEN=off", "PLENARY_DATA=" + enginestest.Folder(t), "CONFERENCE=seoul-2013",
		"FCM_ENDPOINT=" + s.sandbox.Endpoint(), "LOG_LEVEL=error", "RATE_LIMIT=off",
	}
	var err error
	if s.c, err = sample.Make("seoul-2013", 1, 1); err != nil {
		t.Fatal(err)
	}
	s.moved = s.courses(3)
	return s
}

// courses are sessions of the second day with few pickers and half an hour of
// room behind them, so that moving them disturbs no other.
func (s *storm) courses(n int) []*course {
	var all []*course
	for _, x := range s.c.Sessions {
		if x.Start.Before(s.c.Opens().Add(20*time.Hour)) || slices.ContainsFunc(s.c.Sessions, func(y sample.Session) bool {
			return y.ID != x.ID && y.Room == x.Room && !y.Start.Before(x.Start) && y.Start.Before(x.End.Add(30*time.Minute))
		}) {
			continue
		}
		c := &course{session: x, rev: 1}
		for _, p := range s.c.Picks {
			if p.Session == x.ID {
				c.pickers = append(c.pickers, p.Delegate)
			}
		}
		if len(c.pickers) > 0 {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *course) int { return cmp.Compare(len(a.pickers), len(b.pickers)) })
	if len(all) < n {
		s.t.Fatalf("only %d sessions can be moved freely", len(all))
	}
	all = all[:n]
	for _, c := range all {
		i := slices.IndexFunc(s.c.Delegates, func(d sample.Delegate) bool { return d.ID == c.pickers[0] })
		c.observer = s.c.Delegates[i]
	}
	return all
}

// start starts the process on the folder the last one was killed over.
func (s *storm) start() *process {
	s.t.Helper()
	p := startProcess(s.t, "", nil, s.env...)
	s.url = strings.TrimSuffix(p.line(s.t, "API docs"), "/")
	return p
}

// as is a client signed in as the delegate.
func (s *storm) as(d sample.Delegate) *client.ClientWithResponses {
	s.t.Helper()
	res, err := client.NewChecked(s.t, s.url, "").SignInWithResponse(s.t.Context(), client.SignInJSONRequestBody{
		Conference: s.c.ID, Accreditation: d.Accreditation, ActivationCode: d.ActivationCode,
	})
	if err != nil || res.JSON201 == nil {
		s.t.Fatalf("signing %s in: %v", d.Accreditation, err)
	}
	return client.NewChecked(s.t, s.url, res.JSON201.AccessToken)
}

// moveUntilKilled moves all sessions at once, over and over, and kills the
// process shortly after so many moves were acknowledged.
func (s *storm) moveUntilKilled(p *process, moves int) {
	s.t.Helper()
	secretariat := s.as(oneOf(s.c, "secretariat"))
	acked := make(chan struct{}, 1000)
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	var wg sync.WaitGroup
	for _, c := range s.moved {
		c.rev = s.revision(secretariat, c) // an unanswered move may have happened
		wg.Go(func() {
			for ctx.Err() == nil && s.move(ctx, secretariat, c) {
				acked <- struct{}{}
			}
		})
	}
	for range moves {
		select {
		case <-acked:
		case <-time.After(30 * time.Second):
			s.t.Fatal("no move is acknowledged any more")
		}
	}
	<-time.After(time.Duration(s.rnd.IntN(15_000)) * time.Microsecond) // somewhere in the middle of the next
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.ended
	cancel()
	wg.Wait()
}

// move gives the session its next start and answers whether that was
// acknowledged. No two moves in a row bring the same start.
func (s *storm) move(ctx context.Context, secretariat *client.ClientWithResponses, c *course) bool {
	c.n++
	start := c.session.Start.Add(time.Duration(1+c.n%29) * time.Minute)
	end := start.Add(c.session.End.Sub(c.session.Start))
	res, err := secretariat.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(ctx, s.c.ID, c.session.ID,
		&client.ChangeSessionParams{IfMatch: fmt.Sprintf("%q", fmt.Sprint(c.rev))},
		client.SessionPatch{StartsAt: &start, EndsAt: &end})
	if err != nil {
		return false // killed in the middle: who knows
	}
	if res.StatusCode() != http.StatusOK {
		s.t.Errorf("moving %s answers %d: %s", c.session.ID, res.StatusCode(), res.Body)
		return false
	}
	c.acking.Lock()
	defer c.acking.Unlock()
	c.rev = res.JSON200.Revision
	c.acked = append(c.acked, c.rev)
	return true
}

func (s *storm) revision(as *client.ClientWithResponses, c *course) int64 {
	s.t.Helper()
	res, err := as.GetSessionWithResponse(s.t.Context(), s.c.ID, c.session.ID, nil)
	if err != nil || res.JSON200 == nil {
		s.t.Fatalf("reading %s: %v", c.session.ID, err)
	}
	return res.JSON200.Revision
}

// judge waits for what must come true and then holds it to the log.
func (s *storm) judge() {
	s.t.Helper()
	total := 0
	for _, c := range s.moved {
		observer := s.as(c.observer)
		now := s.revision(observer, c)
		if last := c.acked[len(c.acked)-1]; now < last {
			s.t.Errorf("%s is at revision %d, and %d was acknowledged", c.session.ID, now, last)
		}
		s.judgeInbox(observer, c, now)
		s.judgePhones(c, now)
		total += len(c.acked)
	}
	s.t.Logf("%d moves were acknowledged; the sandbox took %d pushes", total, s.sandbox.Stats().Received)
}

// judgeInbox demands every acknowledged revision in the inbox, once.
func (s *storm) judgeInbox(observer *client.ClientWithResponses, c *course, now int64) {
	s.t.Helper()
	var told []int64
	s.eventually("the newest notice is in the inbox", func() bool {
		told = s.told(observer, c)
		return slices.Contains(told, now)
	})
	seen := map[int64]int{}
	for _, rev := range told {
		seen[rev]++
	}
	for rev, times := range seen {
		if times > 1 {
			s.t.Errorf("%s: revision %d is in the inbox %d times", c.session.ID, rev, times)
		}
	}
	for _, rev := range c.acked {
		if seen[rev] == 0 {
			s.t.Errorf("%s: revision %d was acknowledged and is not in the inbox", c.session.ID, rev)
		}
	}
	if !slices.IsSorted(told) {
		s.t.Errorf("%s: the inbox tells revisions in the order %v", c.session.ID, told)
	}
}

// told lists the revisions of the session that the inbox tells, in its order.
func (s *storm) told(observer *client.ClientWithResponses, c *course) (revisions []int64) {
	s.t.Helper()
	limit := 100
	for after := int64(0); ; {
		res, err := observer.ReadInboxWithResponse(s.t.Context(), &client.ReadInboxParams{After: &after, Limit: &limit})
		if err != nil || res.JSON200 == nil {
			s.t.Fatalf("reading the inbox: %v", err)
		}
		for _, item := range res.JSON200.Items {
			if item.Subject.ID == c.session.ID {
				revisions = append(revisions, item.Subject.Revision)
			}
			after = item.Seq
		}
		if !res.JSON200.Page.HasMore {
			return revisions
		}
	}
}

// judgePhones demands the newest notice on every phone of everybody who picked
// the session, no older one after a newer one, and repeats that replace.
func (s *storm) judgePhones(c *course, now int64) {
	s.t.Helper()
	for _, d := range s.c.Devices {
		if !slices.Contains(c.pickers, d.Delegate) {
			continue
		}
		s.eventually("the newest notice is on the phone "+d.Installation, func() bool {
			return slices.ContainsFunc(s.onPhone(d, c), func(r fcmsandbox.Received) bool { return r.Revision == now })
		})
		last := fcmsandbox.Received{}
		for _, r := range s.onPhone(d, c) {
			if r.Revision < last.Revision {
				s.t.Errorf("phone %s got revision %d after %d", d.Installation, r.Revision, last.Revision)
			}
			if r.NoticeID == last.NoticeID && r.Tag != last.Tag || (r.Revision == last.Revision) != (r.NoticeID == last.NoticeID) {
				s.t.Errorf("phone %s: a repeat that does not replace: %s/%s after %s/%s", d.Installation, r.NoticeID, r.Tag, last.NoticeID, last.Tag)
			}
			last = r
		}
	}
}

func (s *storm) onPhone(d sample.Device, c *course) (about []fcmsandbox.Received) {
	for _, r := range s.sandbox.Phone(d.Token) {
		if r.Data["subjectId"] == c.session.ID {
			about = append(about, r)
		}
	}
	return about
}

// eventually waits for something the process does in its own time.
func (s *storm) eventually(what string, done func() bool) {
	s.t.Helper()
	patience := time.After(time.Minute)
	for !done() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-patience:
			s.t.Fatalf("a minute has passed, and it is not true that %s", what)
		}
	}
}
