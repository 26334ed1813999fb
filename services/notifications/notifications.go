// Package notifications is the doorway of the notifications service: phones,
// inboxes, and the pushes that bring news to people. It wires the rooms inside
// and is all that others see of the service.
//
// A fact of the agenda goes through three rooms. inbox plans: it freezes who is
// told what into a notice, which ledger keeps. dispatch queues a push for each
// phone and repeats it until it is out or stale. fcm carries one push to one
// phone. The inbox is the truth; the push is a hint.
package notifications

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/services/notifications/internal/announce"
	"plenary.example/services/notifications/internal/devices"
	"plenary.example/services/notifications/internal/digest"
	"plenary.example/services/notifications/internal/dispatch"
	"plenary.example/services/notifications/internal/escalation"
	"plenary.example/services/notifications/internal/fcm"
	"plenary.example/services/notifications/internal/inbox"
	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/operator"
	"plenary.example/services/notifications/internal/preferences"
	"plenary.example/services/notifications/internal/receipts"
	"plenary.example/services/notifications/internal/rest"
	"plenary.example/services/notifications/internal/roster"
	"plenary.example/services/notifications/internal/schedule"
	"plenary.example/services/notifications/internal/stream"
	"plenary.example/services/notifications/internal/trial"
	"plenary.example/services/notifications/internal/wording"
	"plenary.example/shared/bus"
	"plenary.example/shared/directory"
	"plenary.example/shared/httpd"
	"plenary.example/shared/lifecycle"
	"plenary.example/shared/revocation"
	"plenary.example/shared/store"
)

const (
	// durable is the consumer that works through the agenda's events.
	durable = "notifications-agenda"
	// checkEvery is how often missing events and late picks are looked for.
	checkEvery = 5 * time.Second
	// patience is how long an event of a meeting may come after its state.
	patience = 15 * time.Second
)

// A Service is one replica of the notifications. Any number may run side by
// side over one store and one bus, also in one process.
type Service struct {
	cfg  Config
	log  *slog.Logger
	out  *slog.Logger // without the service's name, which the edge adds
	keys *httpd.Keys

	stack   lifecycle.Stack
	store   *store.Store
	bus     *bus.Bus
	alarms  *schedule.Clock
	streams *stream.Hub
	ended   *revocation.Following
	devices *devices.Devices
	ledger  *ledger.Ledger
	roster  *roster.Roster
	prefs   *preferences.Book
	gate    *preferences.Gate
	digests *digest.Teller
	worked  uint64 // events about people whose effect was in the store before it was loaded
	mirror  *inbox.Mirror
	send    *dispatch.Dispatcher
	trials  *trial.Trials
	plan    *inbox.Planner
	office  *announce.Office
	replan  chan struct{} // a signal when reminders depend on what changed
	lag     prometheus.Gauge
	waiting prometheus.Gauge // as lag, of events about people
	words   *wording.Words
	server  *httpd.Server
	// receipts is how far each notice got.
	receipts *receipts.Receipts
	names    *directory.Directory
	callees  *directory.Directory // as names, with telephone numbers
	ladder   *escalation.Ladder
	owed     owed // hints that the bus has not taken yet
	switches *operator.Switches
}

// New makes a service that does nothing yet.
func New(cfg Config, log *slog.Logger) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Registry == nil {
		cfg.Registry = httpd.NewRegistry()
	}
	return &Service{cfg: cfg, log: log.With("service", "notifications"), out: log, keys: httpd.NewKeys(cfg.Now), streams: stream.New(), replan: make(chan struct{}, 1)}
}

// Start reaches the engines and the carrier, loads what was told, makes up for
// what was missed, and begins to tell. It returns when the service is ready.
// After an error everything that was begun is undone.
func (s *Service) Start(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start the notifications: %w", err), s.stack.Stop(context.WithoutCancel(ctx)))
		}
	}()
	for _, step := range []func(context.Context) error{
		s.openEngines, s.openWords, s.load, s.startReceipts, s.readySender, s.loadSwitches, s.follow, s.startSending, s.startPeople,
		s.startWindows, s.startPlanning, s.startReminders, s.startAnnouncing, s.startDigests, s.startStreams, s.startEscalating, s.listen,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) openEngines(ctx context.Context) (err error) {
	if s.store, err = store.Open(ctx, s.cfg.Store); err != nil {
		return err
	}
	s.stack.Push("store", s.store.Close)
	if s.bus, err = bus.Connect(ctx, s.cfg.Bus, s.log); err != nil {
		return err
	}
	s.stack.Until("bus", s.bus.Close)
	s.alarms = schedule.New(s.bus.JS(), s.cfg.Bus.Replicas, s.log)
	if err = s.alarms.Open(ctx); err != nil {
		return err
	}
	if s.ended, err = revocation.Follow(ctx, s.bus, s.keys, s.cfg.Now, s.log, s.wakeEnded); err != nil {
		return err
	}
	s.stack.Until("revocation", s.ended.Stop)
	return nil
}

// load reads what the store holds, and follows the siblings from the moment
// before, so that nothing falls between.
func (s *Service) load(ctx context.Context) error {
	s.roster, s.mirror = roster.New(s.log), inbox.NewMirror(s.log)
	from, err := s.bus.LastSequence(ctx, bus.StreamNotice)
	if err != nil {
		return err
	}
	if s.worked, err = s.bus.Worked(ctx, bus.StreamDelegates, durablePeople); err != nil {
		return err
	}
	if s.devices, err = devices.Open(ctx, s.store, s.cfg.Now, s.devicesChanged); err != nil {
		return err
	}
	if s.ledger, err = ledger.Open(ctx, s.store, s.cfg.Now); err != nil {
		return err
	}
	s.ledger.OnNews = s.streams.Wake
	if err := s.loadPreferences(ctx); err != nil {
		return err
	}
	tail, err := s.bus.Tail(ctx, bus.StreamNotice, from+1, s.hearNotice)
	if err != nil {
		return err
	}
	s.stack.Until("notice hints", tail.Stop)
	return nil
}

// readySender makes the sender, which sends nothing yet.
func (s *Service) readySender(ctx context.Context) error {
	carrier, err := fcm.New(ctx, fcm.Config{
		ProjectID: s.cfg.FCM.Project, CredentialsFile: s.cfg.FCM.Credentials, Endpoint: s.cfg.FCM.Endpoint, Now: s.cfg.Now,
	}, s.log)
	if err != nil {
		return err
	}
	s.stack.Until("carrier", carrier.Close)
	s.trials = trial.New(s.devices, carrier, s.compose, s.held, s.mirror.Now, s.cfg.Now)
	s.send = dispatch.New(dispatch.Config{
		JS: s.bus.JS(), Sender: carrier, Notices: s.ledger, Devices: reachable{s.devices, s.roster}, Dead: s.bus.DeadLetter,
		Compose:  s.compose,
		Report:   s.receipts.Report,
		Gate:     s.verdict,
		Registry: s.cfg.Registry, Log: s.log, Now: s.cfg.Now, Replicas: s.cfg.Bus.Replicas, Rate: s.cfg.PushRate,
	})
	return nil
}

// follow learns how the agenda and its people stand, and which sign-ins ended.
// Only when it returns is anything sent: a push may have waited in the queue
// while its reader was signed out.
func (s *Service) follow(ctx context.Context) error {
	s.plan = &inbox.Planner{
		Ledger: s.ledger, Devices: s.devices, Mirror: s.mirror, Roster: s.roster,
		Enqueue: s.send.Enqueue, Filed: s.filed, Now: s.cfg.Now, Log: s.log, Late: make(chan struct{}, 1),
		Patience: patience, Forget: s.forget, Heard: s.receipts.Heard,
	}
	s.mirror.OnPicks = s.plan.HearPicks
	if err := s.openAnnouncements(ctx); err != nil {
		return err
	}
	if err := s.openEscalation(ctx); err != nil {
		return err
	}
	s.openDigests()
	watch, err := s.bus.WatchState(ctx, s.hear)
	if err != nil {
		return err
	}
	s.stack.Until("state", watch.Stop)
	s.plan.Sync = watch.Sync
	return s.followSignIns(ctx)
}

func (s *Service) startSending(ctx context.Context) error {
	if err := s.shareLimits(ctx); err != nil {
		return err
	}
	if err := s.send.Start(ctx); err != nil {
		return err
	}
	s.stack.Push("dispatch", s.send.Stop)
	return nil
}

// shareLimits has the replicas share out what one phone may be sent: each follows
// the notices.
func (s *Service) shareLimits(ctx context.Context) error {
	replicas, err := s.bus.Followers(ctx, bus.StreamNotice)
	if err == nil {
		s.send.Share(replicas)
	}
	return err
}

func (s *Service) startPlanning(ctx context.Context) error {
	agenda, err := s.numbersOf(bus.StreamAgenda)
	if err != nil {
		return err
	}
	s.lag = agenda.Lag
	if err := s.plan.Check(ctx, s.pending); err != nil {
		return err
	}
	s.keepChecking()
	return s.work(ctx, bus.StreamAgenda, durable, agenda, s.plan.Handle)
}

// keepChecking looks now and then for what no event will bring: events that
// expired while we were away, picks that arrived after their change, and phones
// of people who are gone.
func (s *Service) keepChecking() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(checkEvery)
		defer tick.Stop()
		for err := s.plan.CheckPicks(ctx); ; {
			if err != nil && ctx.Err() == nil {
				s.log.Warn("check failed", "err", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-s.plan.Late:
				err = s.plan.TellLate(ctx)
			case <-tick.C:
				err = s.check(ctx)
			}
		}
	}()
	s.stack.Until("checks", func() { cancel(); <-done })
}

// check looks once.
func (s *Service) check(ctx context.Context) error {
	return errors.Join(s.tellOwed(ctx), s.plan.TellLate(ctx), s.plan.Check(ctx, s.pending), s.tidy(ctx), s.shareLimits(ctx), s.office.Check(ctx), s.digests.Arrange(ctx), s.ladder.Sweep(ctx))
}

func (s *Service) pending(ctx context.Context) (uint64, error) {
	n, err := s.bus.Pending(ctx, bus.StreamAgenda, durable)
	if err == nil {
		s.lag.Set(float64(n))
	}
	return n, err
}

func (s *Service) listen(ctx context.Context) error {
	if s.cfg.Metrics != "" {
		m := httpd.MetricsServer(s.cfg.Registry, func(r fiber.Router) { s.MountOperator(r, s.cfg.Metrics, s.cfg.OperatorToken) })
		if err := m.Start(ctx, s.cfg.Metrics); err != nil {
			return err
		}
		s.stack.Push("metrics listener", m.Stop)
	}
	if s.cfg.Listen == "" {
		return nil
	}
	app := httpd.New(httpd.Config{Log: s.out, Service: "notifications", Registry: s.cfg.Registry, Settings: s.cfg.HTTP})
	httpd.Health(app, s.Ready)
	s.Mount(app)
	s.server = httpd.NewServer(app)
	if err := s.server.Start(ctx, s.cfg.Listen); err != nil {
		return err
	}
	s.stack.Push("listener", s.server.Stop)
	s.stack.Push("streams", s.Drain)
	return nil
}

// Mount adds the service's routes to an app made by httpd.New. The service must
// have been started.
func (s *Service) Mount(app *fiber.App) {
	rest.Mount(app, rest.Rooms{
		Devices: s.devices, Ledger: s.ledger,
		Trials: s.trials,
		Words:  s.words, Reader: s.reader,
		Receipts:    s.receipts,
		Streams:     s.streams,
		Office:      s.office,
		Preferences: s.prefs, Session: s.mirror.Session,
		Reach: s.desk(), Names: s.names, Callees: s.callees, Ladder: s.ladder,
	}, s.keys)
}

// Addr is where the service listens; empty when it does not.
func (s *Service) Addr() string {
	if s.server == nil {
		return ""
	}
	return s.server.Addr()
}

// Ready answers whether the engines can be reached, and whether it is known
// whose rights have ended.
func (s *Service) Ready(ctx context.Context) error {
	return errors.Join(s.store.Ping(ctx), s.bus.Ready(ctx), s.ended.Ready(ctx))
}

// Stop drains requests and pushes in hand and closes. What is queued stays
// queued. A second call does nothing.
func (s *Service) Stop(ctx context.Context) error { return s.stack.Stop(ctx) }
