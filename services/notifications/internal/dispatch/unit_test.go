package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/services/notifications/internal/push"
)

func TestPaceSpacesSendsAndFallsAndRises(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(1000)
		begun := time.Now()
		for range 2100 { // 100 of them were saved up
			p.wait(t.Context())
		}
		if took := time.Since(begun).Round(time.Millisecond); took != 1999*time.Millisecond {
			t.Errorf("2,100 at 1,000 a second took %v", took)
		}
		p.refused()
		p.refused()
		if p.current() != 600 {
			t.Errorf("two refusals of one second: %v a second, want 600", p.current())
		}
		time.Sleep(2500 * time.Millisecond) // the bubble's clock
		p.take(time.Now())
		if got := p.current(); got < 600*1.15*1.15*1.15-1 || got > 600*1.15*1.15*1.15+1 {
			t.Errorf("%v a second after 2.5 quiet seconds", got)
		}
		time.Sleep(time.Minute)
		p.take(time.Now())
		if p.current() != 1000 {
			t.Errorf("%v a second after a quiet minute, want 1000", p.current())
		}
		for range 100 {
			time.Sleep(cutEvery)
			p.refused()
		}
		if p.current() != slowest {
			t.Errorf("slowest is %v", p.current())
		}
	})
}

func TestUrgentNewsDoesNotStandBehindOtherNewsThatWaitsForTheRate(t *testing.T) {
	t.Parallel()
	p, now := newPace(slowest), time.Now()
	for range 900 { // what the other lanes may have in hand
		p.take(now)
	}
	for i := range 10 {
		if d, most := p.takeFirst(now), time.Duration(i)*time.Second/slowest; d > most {
			t.Errorf("urgent send %d waits %v, want at most %v", i, d, most)
		}
	}
	if d := p.take(now); d < 900*time.Second/slowest {
		t.Errorf("what comes after does not give way: it waits %v", d)
	}
	p = newPace(slowest)
	for range 40 {
		p.takeFirst(now)
	}
	if d := p.takeFirst(now); d < 1900*time.Millisecond {
		t.Errorf("urgent news alone is faster than the rate: the 41st waits %v", d)
	}
}

func TestATokenThatTwoJobsFindDeadIsCountedOnce(t *testing.T) {
	t.Parallel()
	dev := push.Device{Installation: "phone", Token: "t"}
	d := New(Config{
		Sender: noCarrier{}, Devices: &desk{devices: map[string]push.Device{"phone": dev}}, Log: slog.New(slog.DiscardHandler),
	})
	for range 2 {
		d.forget(dev, push.Result{Outcome: push.Unregistered}, time.Now())
	}
	if got := d.tally.figures().Pruned[push.Unregistered.String()]; got != 1 {
		t.Errorf("counted %d times", got)
	}
}

func TestACarrierIsUnwellWhileOnePushAfterTheOtherFails(t *testing.T) {
	t.Parallel()
	tally, now := newTally(), time.Now()
	health := func() map[string]string {
		of := map[string]string{}
		for _, c := range tally.figures().Carriers {
			of[c.Name] = c.Health
		}
		return of
	}
	for range unwell {
		tally.result(push.IOS, push.Result{Outcome: push.Unregistered}, now) // says nothing against it
	}
	if got := health(); got[FCM] != "well" || got["ios"] != "well" {
		t.Errorf("dead tokens make carriers %v", got)
	}
	for range unwell {
		tally.result(push.IOS, push.Result{Outcome: push.Unwell}, now)
	}
	tally.result(push.Android, push.Result{Outcome: push.Accepted}, now)
	if got := health(); got[FCM] != "well" || got["ios"] != "unwell" || got["android"] != "well" {
		t.Errorf("while one gateway is away carriers are %v", got)
	}
}

func TestOneTurnHasOneInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTurns()
		a := turn{"phone", seoul, push.Subject{Kind: "session", ID: "1"}}
		b := a
		b.subject.ID = "2"
		leaveA, _ := ts.enter(t.Context(), a)
		leaveB, _ := ts.enter(t.Context(), b) // another subject need not wait
		in := false
		go func() {
			leave, ok := ts.enter(t.Context(), a)
			in = ok
			leave()
		}()
		synctest.Wait()
		if in {
			t.Error("two in flight")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, ok := ts.enter(ctx, a); ok {
			t.Error("entered after the end")
		}
		leaveA()
		leaveB()
		synctest.Wait()
		if !in || len(ts.of) != 0 {
			t.Errorf("in %v, %d gates left", in, len(ts.of))
		}
	})
}

func TestDelaysRiseWithFullJitter(t *testing.T) {
	t.Parallel()
	d := &Dispatcher{cfg: Config{Waits: Waits{}.filled()}}
	for round, most := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 7: 64 * time.Second, 40: 64 * time.Second} {
		low, high := most, time.Duration(0)
		for range 2000 {
			got := d.delay(debt{why: backoff}, round)
			low, high = min(low, got), max(high, got)
		}
		if low > most/10 || high > most || high < most*9/10 {
			t.Errorf("round %d: %v to %v, want all below %v", round, low, high, most)
		}
	}
	if got := d.delay(debt{why: backoff, after: 5 * time.Second}, 1); got < 5*time.Second || got > 6*time.Second {
		t.Errorf("Retry-After of 5 s: %v", got)
	}
	if got := d.delay(debt{why: quota}, 1); got < time.Minute || got > 72*time.Second {
		t.Errorf("429 without Retry-After: %v", got)
	}
}

func TestAJobsIDIsItsContent(t *testing.T) {
	t.Parallel()
	j := push.Job{Notice: "seoul/session/1/0/1", Installations: []string{"a", "b"}}
	same, round, devices, joined, doubt := j, j, j, j, j
	round.Round, devices.Installations, joined.Installations, doubt.Ambiguous = 1, []string{"a"}, []string{"a\x00b"}, true
	if id(j) != id(same) || id(j) == id(round) || id(j) == id(devices) || id(j) == id(joined) || id(j) == id(doubt) {
		t.Error("two jobs share an id, or one has two")
	}
	if !strings.HasPrefix(id(j), j.Notice+"/0/") {
		t.Errorf("id %s", id(j))
	}
}

// A lateMsg is a job of the queue that was delivered often already.
type lateMsg struct {
	jetstream.Msg
	data  []byte
	ended []string
}

func (m *lateMsg) Data() []byte { return m.data }

func (m *lateMsg) Metadata() (*jetstream.MsgMetadata, error) {
	return &jetstream.MsgMetadata{NumDelivered: unknowns + 1}, nil
}

func (m *lateMsg) NakWithDelay(time.Duration) error {
	m.ended = append(m.ended, "kept")
	return nil
}

func (m *lateMsg) TermWithReason(string) error {
	m.ended = append(m.ended, "buried")
	return nil
}

func TestAJobIsBuriedWhereThereIsNoNoticeAndKeptWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	k := newDesk()
	d := &Dispatcher{metrics: newMetrics(), ctx: t.Context(), cfg: Config{
		Notices: k, Waits: Waits{}.filled(), Log: slog.New(slog.DiscardHandler),
		Dead: func(context.Context, string, string, string, []byte) error { return nil },
	}}
	m := &lateMsg{data: []byte(`{"notice":"n","installations":["i"]}`)}
	k.away = errors.New("the store is away")
	d.handle(push.Urgent, m)
	k.away = nil
	d.handle(push.Urgent, m)
	if got := strings.Join(m.ended, ", "); got != "kept, buried" {
		t.Errorf("the job is %s, want it kept and then buried", got)
	}
}

func TestManyDeadTokensRaiseOneAlarm(t *testing.T) {
	t.Parallel()
	var log syncBuffer
	r := newRatios(slog.New(slog.NewTextHandler(&log, nil)))
	for i := range 3000 {
		o := push.Accepted
		if i < 1000 && i%20 == 0 {
			o = push.Unregistered
		}
		r.add(o)
	}
	if n := strings.Count(log.String(), "push_dead_tokens"); n != 1 || r.deadPart() != 0 {
		t.Errorf("%d alarms, %v at the end", n, r.deadPart())
	}
}

// noCarrier is one that nothing is sent over.
type noCarrier struct{ Sender }

func (noCarrier) Slots() int { return 1 }
