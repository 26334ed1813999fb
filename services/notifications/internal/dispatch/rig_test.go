package dispatch

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications/internal/fcm"
	"plenary.example/services/notifications/internal/push"
)

const seoul = "seoul-2013"

// quick are waits for tests: short, and still in the order of the real ones.
var quick = Waits{
	Base: 20 * time.Millisecond, Most: 80 * time.Millisecond, Quota: 60 * time.Millisecond,
	Probe: 20 * time.Millisecond, Platform: 60 * time.Millisecond,
}

// A rig is the real bus, the real SDK and the sandbox around dispatchers.
type rig struct {
	*testing.T
	engines *engines.Engines
	sandbox *fcmsandbox.Sandbox
	js      jetstream.JetStream
	desk    *desk
	waits   Waits
	log     *syncBuffer
	dead    chan string
	jobs    chan struct{}
	now     func() time.Time
	conns   int
	rate    float64
	gate    func(push.Notice, push.Device) push.Verdict
	hasty   time.Duration // deadline of one send; 0 = the usual
}

func setup(t *testing.T) *rig {
	t.Helper()
	t.Parallel()
	return setupOn(t, enginestest.Test(t))
}

// setupOn is setup on engines that other rigs had before.
func setupOn(t *testing.T, e *engines.Engines) *rig {
	t.Helper()
	r := &rig{
		T: t, engines: e, sandbox: fcmsandbox.New(fcmsandbox.Config{Seed: 1}), desk: newDesk(),
		waits: quick, log: &syncBuffer{more: make(chan struct{}, 1)}, dead: make(chan string, 100), jobs: make(chan struct{}, 1), conns: 4,
	}
	if err := r.sandbox.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.sandbox.Stop(context.Background()) })
	r.js, _ = r.connect()
	return r
}

func (r *rig) connect() (jetstream.JetStream, *nats.Conn) {
	r.Helper()
	nc, err := nats.Connect("", r.engines.Bus()...)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		r.Fatal(err)
	}
	return js, nc
}

// worker is one replica: a client of its own, the bus and the desk shared.
func (r *rig) worker(js jetstream.JetStream) (*Dispatcher, *prometheus.Registry) {
	r.Helper()
	client, err := fcm.New(r.Context(), fcm.Config{Endpoint: r.sandbox.Endpoint(), Transports: r.conns, Deadline: r.hasty}, slog.New(slog.DiscardHandler))
	if err != nil {
		r.Fatal(err)
	}
	reg := prometheus.NewRegistry()
	d := New(Config{
		JS: js, Sender: client, Notices: r.desk, Devices: r.desk, Registry: reg, Waits: r.waits, Now: r.now, Rate: r.rate, Gate: r.gate,
		Log: slog.New(slog.NewTextHandler(r.log, nil)),
		Compose: func(n push.Notice, d push.Device) push.Message {
			return push.Compose(n, d, "Opening", r.desk.body(n), n.At)
		},
		Dead: func(_ context.Context, from, id, reason string, _ []byte) error {
			r.dead <- from + " " + id + ": " + reason
			return nil
		},
	})
	d.jobDone = func(push.Job) {
		select {
		case r.jobs <- struct{}{}:
		default:
		}
	}
	if err := d.Start(r.Context()); err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = d.Stop(ctx)
		client.Close()
	})
	return d, reg
}

// until waits for the sandbox.
func (r *rig) until(what string, enough func(fcmsandbox.Stats) bool) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
	defer cancel()
	if err := r.sandbox.Wait(ctx, enough); err != nil {
		r.Fatalf("waiting for %s: %v; %+v\n%s", what, err, r.sandbox.Stats(), r.log)
	}
}

// logged waits until the log has these words.
func (r *rig) logged(words string) {
	r.Helper()
	over := time.After(30 * time.Second)
	for !strings.Contains(r.log.String(), words) {
		select {
		case <-r.log.more:
		case <-over:
			r.Fatalf("the log lacks %q: %s", words, r.log)
		}
	}
}

func received(n int64) (string, func(fcmsandbox.Stats) bool) {
	return fmt.Sprintf("%d messages", n), func(s fcmsandbox.Stats) bool { return s.Received >= n }
}

// drained waits until nothing is queued, for now or later.
func (r *rig) drained() {
	r.Helper()
	over, tick := time.After(30*time.Second), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for {
		st, err := r.js.Stream(r.Context(), stream)
		if err != nil {
			r.Fatal(err)
		}
		if st.CachedInfo().State.Msgs == 0 {
			return
		}
		select {
		case <-r.jobs:
		case <-tick.C:
			// A message leaves the queue a moment after its acknowledgement.
		case <-over:
			left, err := st.GetMsg(r.Context(), st.CachedInfo().State.FirstSeq)
			r.Fatalf("the queue is not empty: %+v: %+v %s %v\n%s", st.CachedInfo().State, left.Header, left.Data, err, r.log)
		}
	}
}

// told returns what each phone received, by installation.
func (r *rig) told() map[string][]fcmsandbox.Received {
	got := map[string][]fcmsandbox.Received{}
	for _, m := range r.sandbox.All() {
		i := strings.TrimPrefix(m.Token, "tok:")
		got[i] = append(got[i], m)
	}
	return got
}

// inOrder fails when a phone got an older revision after a newer one, a message
// with a foreign tag, or two notice ids for one revision.
func (r *rig) inOrder() {
	r.Helper()
	for phone, all := range r.told() {
		newest, ids := map[string]int64{}, map[string]string{}
		for _, m := range all {
			subject := m.Data["subjectKind"] + "/" + m.Data["subjectId"]
			if m.Revision < newest[subject] {
				r.Errorf("%s got revision %d of %s after %d", phone, m.Revision, subject, newest[subject])
			}
			newest[subject] = m.Revision
			step := fmt.Sprint(subject, m.Revision)
			if old, ok := ids[step]; ok && old != m.NoticeID {
				r.Errorf("%s got %s under two notice ids", phone, step)
			}
			ids[step] = m.NoticeID
			if want := push.Tag(seoul, push.Subject{Kind: m.Data["subjectKind"], ID: m.Data["subjectId"]}); m.Tag != want {
				r.Errorf("%s: tag %s, want %s", phone, m.Tag, want)
			}
		}
	}
}

func counted(t testing.TB, reg *prometheus.Registry, outcome string) float64 {
	t.Helper()
	all, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.GetName() != "plenary_pushes_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			if m.GetLabel()[0].GetValue() == outcome {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// A desk is notices and devices in memory.
type desk struct {
	mu        sync.Mutex
	notices   map[string]push.Notice
	told      map[string]bool
	last      map[string]string // by delegate and subject, the key of the notice told last
	devices   map[string]push.Device
	forgotten []string
	away      error // nothing that is filed is found
}

func newDesk() *desk {
	return &desk{
		notices: map[string]push.Notice{}, told: map[string]bool{}, last: map[string]string{},
		devices: map[string]push.Device{},
	}
}

// phones registers n phones and returns their installations.
func (k *desk) phones(n int, p push.Platform) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []string
	for range n {
		i := fmt.Sprintf("%s-%04d", p, len(k.devices))
		k.devices[i] = push.Device{
			Installation: i, Delegate: "of-" + i, Conference: seoul, Token: push.Token("tok:" + i), Platform: p, Locale: "en",
			RegisteredAt: time.Now().Add(-time.Hour),
		}
		all = append(all, i)
	}
	return all
}

// file makes a notice that a session moved to a revision, and tells everybody.
func (k *desk) file(session string, revision int64, lane push.Lane, who []string) push.Notice {
	return k.fileOf(push.Subject{Kind: push.Session, ID: session}, revision, lane, who)
}

// fileOf is file for any subject.
func (k *desk) fileOf(s push.Subject, revision int64, lane push.Lane, who []string) push.Notice {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := push.Key(seoul, s, revision-1, revision)
	n := push.Notice{
		Key: key, ID: push.NoticeID(key), Conference: seoul, Subject: s, From: revision - 1, To: revision,
		Seq: int64(len(k.notices) + 1), Urgency: lane, Category: "session.moved",
		After: push.State{Room: fmt.Sprintf("Hall %d", revision)}, At: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
	}
	k.notices[key] = n
	for _, i := range who {
		k.told[fmt.Sprint(k.devices[i].Delegate, s, revision)] = true
		k.last[fmt.Sprint(k.devices[i].Delegate, s)] = key
	}
	return n
}

func (k *desk) body(n push.Notice) string { return "Now in " + n.After.Room }

func (k *desk) Notice(_ context.Context, key string) (push.Notice, bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.away != nil {
		return push.Notice{}, false, k.away
	}
	n, ok := k.notices[key]
	return n, ok, nil
}

func (k *desk) Newer(n push.Notice, delegate string) (newer push.Notice, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, x := range k.notices {
		theirs := n.Subject.Kind != push.Meeting || k.told[fmt.Sprint(delegate, x.Subject, x.To)]
		if x.Subject == n.Subject && theirs && x.To > max(n.To, newer.To) {
			newer, ok = x, true
		}
	}
	return newer, ok
}

func (k *desk) Has(_, delegate string, s push.Subject, revision int64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.told[fmt.Sprint(delegate, s, revision)]
}

func (k *desk) After(n push.Notice, delegate string) (later []push.Notice, theirs bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if last := k.last[fmt.Sprint(delegate, n.Subject)]; last != n.Key {
		later = append(later, k.notices[last])
	}
	return later, k.told[delegate+n.Key]
}

// remind makes a reminder of what is at a revision, for some.
func (k *desk) remind(s push.Subject, revision int64, who []string) push.Notice {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := push.Key(seoul, s, revision, revision) + "/reminder"
	n := push.Notice{
		Key: key, ID: push.NoticeID(key), Conference: seoul, Subject: s, From: revision, To: revision, Lead: time.Minute,
		Seq: int64(len(k.notices) + 1), Urgency: push.Important, Category: "meeting.reminder", At: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
	}
	k.notices[key] = n
	for _, i := range who {
		k.told[k.devices[i].Delegate+key] = true
		k.last[fmt.Sprint(k.devices[i].Delegate, s)] = key
	}
	return n
}

func (k *desk) Device(installation string) (push.Device, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	d, ok := k.devices[installation]
	return d, ok
}

func (k *desk) Forget(_ context.Context, installation, token string, sentAt time.Time) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	d, there := k.devices[installation]
	if !there || string(d.Token) != token || d.RegisteredAt.After(sentAt) {
		return false, nil
	}
	delete(k.devices, installation)
	k.forgotten = append(k.forgotten, installation)
	return true, nil
}

func (k *desk) change(installation string, f func(*push.Device)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	d := k.devices[installation]
	f(&d)
	k.devices[installation] = d
}

// syncBuffer is a log that tests read while it is written.
type syncBuffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	more chan struct{} // one after a line; nil = nobody waits
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
