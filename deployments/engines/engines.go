// Package engines holds the servers that a cluster of Plenary has outside, in
// one process: NATS with JetStream on a file store, and a store that speaks
// MongoDB's wire protocol.
//
// It exists for the standalone binary and for tests, so that a first run needs
// nothing installed and a test meets the real thing. The store is FerretDB on
// SQLite, which alone would lose concurrent updates; package front stands
// before it and lets one write through at a time. Services receive a dialer or
// an address and never learn which store they have.
//
// Everything lies in one folder. An acknowledged write or message is in the
// operating system's hands: killing the process loses none, a power cut may
// lose the last second.
package engines

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"plenary.example/deployments/engines/front"
	"plenary.example/shared/lifecycle"
)

// Config says where the engines keep their state and who may reach them. Only
// Dir is needed.
type Config struct {
	// Dir holds everything and is created when missing. One process at a time
	// may use it; a second Start on it fails. Its name must not contain ?, #,
	// %, *, [ or \, which mean something to SQLite or to FerretDB's search for
	// its files.
	Dir string
	// NATSListen and StoreListen are host:port for other processes; port 0
	// takes a free one. Empty means that only this process reaches the engine.
	// Neither asks who is there: name an address that only friends can reach.
	NATSListen, StoreListen string
	// Log hears of warnings and failures of the engines; nil is silence.
	Log *slog.Logger
}

// Engines are running servers. Any number of them, in different folders, may
// run in one process.
type Engines struct {
	bus   *server.Server
	front *front.Front
	store net.Listener // nil when only this process reaches the store
	stack lifecycle.Stack
}

// Start brings both servers up on the state in cfg.Dir, whatever way the last
// process that used it ended. On an error nothing is left running.
func Start(ctx context.Context, cfg Config) (_ *Engines, err error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	e := new(Engines)
	defer func() {
		if err != nil {
			_ = e.Stop(context.WithoutCancel(ctx)) // the reason matters more than the tidying
		}
	}()
	dir, err := filepath.Abs(cfg.Dir)
	if err == nil {
		err = makeFolder(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("start engines: %w", err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("start engines: %w", err)
	}
	e.stack.Push("folder lock", func(context.Context) error { return lock.Close() })
	if err := e.startBus(ctx, filepath.Join(dir, "nats"), cfg.NATSListen, cfg.Log); err != nil {
		return nil, fmt.Errorf("start bus: %w", err)
	}
	if err := e.startStore(ctx, filepath.Join(dir, "store"), cfg.StoreListen, cfg.Log); err != nil {
		return nil, fmt.Errorf("start store: %w", err)
	}
	return e, nil
}

// Stop ends both servers and gives the folder free. Clients should have ended
// before; the connections of those that have not are cut. A second Stop does
// nothing.
func (e *Engines) Stop(ctx context.Context) error { return e.stack.Stop(ctx) }

// Bus are the options that connect a client of this process to the bus,
// without a socket and whatever URL it is given.
func (e *Engines) Bus() []nats.Option { return []nats.Option{nats.InProcessServer(e.bus)} }

// NATSURL is where other processes reach the bus; empty when it does not listen.
func (e *Engines) NATSURL() string {
	if e.bus.Addr() == nil {
		return ""
	}
	return e.bus.ClientURL()
}

// Dialer connects a client of this process to the store, whatever address the
// client's URI names.
func (e *Engines) Dialer() options.ContextDialer { return e.front }

// StoreURI names the store for a MongoDB client. Without StoreListen it leads
// somewhere only together with Dialer.
func (e *Engines) StoreURI() string {
	if e.store == nil {
		return "mongodb://embedded/"
	}
	return "mongodb://" + e.store.Addr().String() + "/"
}
