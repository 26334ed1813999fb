package notifications_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications"
	"plenary.example/shared/bus"
	"plenary.example/shared/store"
)

// A ground is what replicas stand on: engines that are restarted below them.
type ground struct {
	mu  sync.Mutex
	now *engines.Engines
}

func (g *ground) engines() *engines.Engines {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

// restart ends the bus and the store with whoever is connected, and brings them up
// on what they had written.
func (g *ground) restart(s *stage) {
	s.Helper()
	if err := g.engines().Stop(s.Context()); err != nil {
		s.Fatal(err)
	}
	fresh := enginestest.Start(s, engines.Config{Dir: s.dir})
	g.mu.Lock()
	g.now, s.engines = fresh, fresh
	g.mu.Unlock()
	s.eventually("the test has its bus back", func() bool {
		soon, cancel := context.WithTimeout(s.Context(), time.Second)
		defer cancel()
		_, err := s.bus.LastSequence(soon, bus.StreamNotice)
		return err == nil
	})
}

// A cord is all that ties a replica to the world: the bus, the store and the
// carrier. Once it is cut, the replica is as good as killed: what it had sent is
// sent, what it holds it can neither finish nor give back.
type cord struct {
	ground *ground
	mu     sync.Mutex
	cut    bool
	ends   []io.Closer
}

var errCut = errors.New("this replica was killed")

// tie takes charge of what a listener, a dialer or an engine returned.
func tie[C io.Closer](c *cord, end C, err error) (C, error) {
	if err != nil {
		return end, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		_ = end.Close() // it is of no use to anybody
		return end, errCut
	}
	c.ends = append(c.ends, end)
	return end, nil
}

func (c *cord) sever() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	for _, end := range c.ends {
		_ = end.Close() // as a killed process's are
	}
}

// InProcessConn connects to the bus that is up now.
func (c *cord) InProcessConn() (net.Conn, error) {
	var o nats.Options
	for _, set := range c.ground.engines().Bus() {
		if err := set(&o); err != nil {
			return nil, err
		}
	}
	conn, err := o.InProcessServer.InProcessConn()
	return tie(c, conn, err)
}

// DialContext connects to the store that is up now.
func (c *cord) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := c.ground.engines().Dialer().DialContext(ctx, network, address)
	return tie(c, conn, err)
}

// relay listens in front of the carrier, and returns where.
func (c *cord) relay(s *stage) string {
	s.Helper()
	raw, err := new(net.ListenConfig).Listen(s.Context(), "tcp", "127.0.0.1:0")
	l, err := tie(c, raw, err)
	if err != nil {
		s.Fatal(err)
	}
	ctx, to := s.Context(), s.carrier.Addr()
	go func() {
		for {
			near, err := l.Accept()
			if near, err = tie(c, near, err); err != nil {
				return
			}
			far, err := new(net.Dialer).DialContext(ctx, "tcp", to)
			if far, err = tie(c, far, err); err != nil {
				_ = near.Close() // the carrier is away
				continue
			}
			for _, pipe := range [][2]net.Conn{{near, far}, {far, near}} {
				go func() {
					_, _ = io.Copy(pipe[0], pipe[1]) // until either is closed
					_, _ = pipe[0].Close(), pipe[1].Close()
				}()
			}
		}
	}()
	return "http://" + l.Addr().String() + "/v1"
}

// A replica is a service that may be killed.
type replica struct {
	*notifications.Service
	cord *cord
}

// tied starts a replica that a cord ties to the world.
func (g *ground) tied(s *stage) *replica {
	s.Helper()
	r := &replica{cord: &cord{ground: g}}
	s.Cleanup(r.cord.sever)
	r.Service = notifications.New(notifications.Config{
		Listen: "127.0.0.1:0", FCM: notifications.FCM{Endpoint: r.cord.relay(s)},
		Store:   store.Config{URI: "mongodb://embedded/", Dialer: r.cord, Database: "plenary_notifications"},
		Bus:     bus.Config{Options: []nats.Option{nats.InProcessServer(r.cord)}},
		Windows: s.windows,
	}, quiet)
	if err := r.Start(s.Context()); err != nil {
		s.Fatal(err)
	}
	return r
}

// kill cuts the cord and buries what is left, without grace and without waiting.
func (r *replica) kill(s *stage) {
	r.cord.sever()
	now, cancel := context.WithCancel(context.Background())
	cancel()
	buried := make(chan struct{})
	go func() {
		defer close(buried)
		_ = r.Stop(now) // it has nothing left to stop with
	}()
	s.Cleanup(func() { <-buried })
}
