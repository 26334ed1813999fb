package dispatch

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications/internal/devices"
	"plenary.example/services/notifications/internal/fcm"
	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/preferences"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/wording"
	"plenary.example/shared/store"
)

// A scene is a dispatcher for benchmarks, between the same neighbours as in the
// service: the queue on the bus, ledger and phones over a store, the words, the
// gate and the SDK.
type scene struct {
	*testing.B
	carrier  *fcm.Client
	ledger   *ledger.Ledger
	devices  *devices.Devices
	words    *wording.Words
	gate     *preferences.Gate
	d        *Dispatcher
	people   []string
	revision int64
	left     atomic.Int64 // pushes that are not accepted yet
	done     chan struct{}
}

// newScene opens one with so many people, each with a phone, whose pushes go to an
// endpoint over so many connections. Rate is as in Config.
func newScene(b *testing.B, endpoint string, people, connections int, rate float64) *scene {
	b.Helper()
	old := debug.SetGCPercent(400) // as the service has it
	b.Cleanup(func() { debug.SetGCPercent(old) })
	e, quiet := enginestest.Test(b), slog.New(slog.DiscardHandler)
	nc, err := nats.Connect("", e.Bus()...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	s := &scene{B: b, done: make(chan struct{}, 1)}
	s.furnish(store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "plenary_notifications"}, people)
	if s.carrier, err = fcm.New(b.Context(), fcm.Config{Endpoint: endpoint, Transports: connections}, quiet); err != nil {
		b.Fatal(err)
	}
	s.carrier.Warmed()
	s.d = New(Config{
		JS: js, Sender: s.carrier, Notices: s.ledger, Devices: s.devices, Log: quiet, Rate: rate,
		Compose: s.compose, Gate: s.gate.Verdict, Report: s.report,
		Dead: func(context.Context, string, string, string, []byte) error { return nil },
	})
	if err := s.d.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.d.Stop(context.Background()); s.carrier.Close() })
	return s
}

// furnish opens what is in the store, and registers the phones.
func (s *scene) furnish(cfg store.Config, people int) {
	s.Helper()
	st, err := store.Open(s.Context(), cfg)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = st.Close(context.Background()) })
	if s.ledger, err = ledger.Open(s.Context(), st, time.Now); err != nil {
		s.Fatal(err)
	}
	if s.devices, err = devices.Open(s.Context(), st, time.Now, func(devices.Holder) {}); err != nil {
		s.Fatal(err)
	}
	book, err := preferences.Open(s.Context(), st, time.Now, func(preferences.Preferences) {})
	if err != nil {
		s.Fatal(err)
	}
	s.gate = &preferences.Gate{
		Book: book, Zone: func(string) string { return "Asia/Seoul" },
		Now: func(_ string, wall time.Time) time.Time { return wall }, Wall: time.Now,
	}
	if s.words, err = wording.Open(nil); err != nil {
		s.Fatal(err)
	}
	phones := make([]push.Device, people)
	for i := range phones {
		who := fmt.Sprintf("delegate-%05d", i)
		s.people = append(s.people, who)
		phones[i] = push.Device{
			Installation: fmt.Sprintf("0190a3c2-7b1e-7c4d-9a51-%012d", i), Delegate: who, Conference: seoul,
			Token:    push.Token(fmt.Sprintf("cMq8vX0aT3uXkQ9mR2bYpZ:APA91bHun4MxP5egoKMwt2KZFBaFUH-%05d", i)),
			Platform: []push.Platform{push.Android, push.IOS}[i%2], Locale: []string{"en", "fr", "es-MX", "ar", "zh-Hans", "ru", "ko"}[i%7],
		}
		if i%10 == 0 {
			phones[i].Rendering = push.System
		}
	}
	if err := s.devices.Add(s.Context(), seoul, phones); err != nil {
		s.Fatal(err)
	}
}

// compose is what the service makes of a notice, for whoever chose nothing.
func (s *scene) compose(n push.Notice, d push.Device) push.Message {
	r := wording.Reader{Locale: d.Locale, First: "en", Quiet: s.gate.Despite(n, d)}
	title, body := s.words.Render(n, r)
	return push.Compose(n, d, title, body, time.Now())
}

func (s *scene) report(r push.Report) {
	if r.Outcome == push.Accepted && s.left.Add(-1) == 0 {
		s.done <- struct{}{}
	}
}

// move files that a session is in another room, for the first so many people.
func (s *scene) move(people int) (n push.Notice, phones []string) {
	s.Helper()
	s.revision++
	at := time.Now().Add(time.Hour).Truncate(time.Minute)
	in := func(revision int64) push.State {
		return push.State{
			Title: map[string]string{"en": "Plenary 1: Global prosperity through an open and secure cyberspace"},
			Room:  fmt.Sprint("Conference Room ", revision), Start: at, End: at.Add(time.Hour), Status: "confirmed",
		}
	}
	about := push.Subject{Kind: push.Session, ID: "0190a3c2-7b1e-7c4d-9a51-00000000c001"}
	n, who, err := s.ledger.File(s.Context(), push.Notice{
		Key: push.Key(seoul, about, s.revision-1, s.revision), Conference: seoul, Subject: about, From: s.revision - 1, To: s.revision,
		Urgency: push.Urgent, Category: "session.moved", Before: in(s.revision - 1), After: in(s.revision), Zone: "Asia/Seoul", ExpiresAt: at.Add(time.Hour),
	}, s.people[:people])
	if err != nil {
		s.Fatal(err)
	}
	return n, s.devices.Phones(who)
}

// tell tells so many people of a move, and is done when the carrier has accepted
// the last push.
func (s *scene) tell(people int) {
	s.Helper()
	n, phones := s.move(people)
	s.send(n, phones)
}

func (s *scene) send(n push.Notice, phones []string) {
	s.Helper()
	s.left.Store(int64(len(phones)))
	if err := s.d.Enqueue(s.Context(), n, phones); err != nil {
		s.Fatal(err)
	}
	<-s.done
}

// elsewhere starts a carrier that takes so long for each push in a process of its
// own, so that what it costs is not taken for the sender's, and returns its
// endpoint.
func elsewhere(b *testing.B, latency time.Duration) (endpoint string) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestTheCarrierOfABenchmark$")
	cmd.Env = append(os.Environ(), "CARRIER_LATENCY="+latency.String(), "GOGC=400")
	cmd.Stderr = os.Stderr
	_, err := cmd.StdinPipe() // it ends with us
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Wait() })
	for said := bufio.NewScanner(out); said.Scan(); {
		if at, ok := strings.CutPrefix(said.Text(), "endpoint: "); ok {
			return at
		}
	}
	b.Fatal("the carrier is gone")
	return ""
}

// TestTheCarrierOfABenchmark is the other process of benchmarks.
func TestTheCarrierOfABenchmark(t *testing.T) {
	t.Parallel()
	latency, err := time.ParseDuration(os.Getenv("CARRIER_LATENCY"))
	if err != nil {
		t.Skip("it is for a benchmark")
	}
	carrier := fcmsandbox.New(fcmsandbox.Config{Latency: latency, Keep: 50_000})
	if err := carrier.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	fmt.Println("endpoint: " + carrier.Endpoint())
	_, _ = io.Copy(io.Discard, os.Stdin)
}
