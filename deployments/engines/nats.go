package engines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Limits of the embedded bus: a conference's week of events is some hundred
// megabytes, its largest message 200 KB.
const (
	busMemory  = 64 << 20
	busFiles   = 8 << 30
	busMessage = 1 << 20
)

// startBus starts NATS with its streams in dir.
func (e *Engines) startBus(ctx context.Context, dir, listen string, log *slog.Logger) error {
	host, port, err := hostPort(listen)
	if err != nil {
		return err
	}
	srv, err := server.NewServer(&server.Options{
		ServerName: "plenary", JetStream: true, StoreDir: dir,
		DontListen: listen == "", Host: host, Port: port,
		// Messages are written before they are acknowledged and synced once a
		// second, so that a crash of the machine costs at most that second.
		SyncInterval:       time.Second,
		JetStreamMaxMemory: busMemory, JetStreamMaxStore: busFiles, MaxPayload: busMessage,
		NoSigs: true, // signals belong to main
	})
	if err != nil {
		return err
	}
	gaveUp := make(chan string, 1)
	srv.SetLoggerV2(busLog{log, gaveUp}, false, false, false)
	srv.Start()
	e.bus = srv
	e.stack.Push("bus", func(ctx context.Context) error {
		srv.Shutdown()
		return wait(ctx, srv.WaitForShutdown)
	})
	for !srv.ReadyForConnections(100 * time.Millisecond) { // it looks after its streams first
		select {
		case why := <-gaveUp:
			return errors.New(why)
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
	}
	if !srv.JetStreamEnabled() {
		return errors.New("nats-server runs without JetStream")
	}
	return nil
}

// hostPort splits what Config calls host:port. For nats-server a port of -1 is
// a free one, and 0 its default.
func hostPort(listen string) (string, int, error) {
	if listen == "" {
		return "", 0, nil
	}
	host, text, err := net.SplitHostPort(listen)
	if err != nil {
		return "", 0, err
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("port %q of %s is not a number from 0 to 65535", text, listen)
	}
	if port == 0 {
		port = -1
	}
	return host, port, nil
}

// wait calls f, for no longer than until ctx ends.
func wait(ctx context.Context, f func()) error {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// busLog passes on what nats-server has to say from warnings upwards, and why
// it gave up.
type busLog struct {
	log    *slog.Logger
	gaveUp chan<- string
}

func (l busLog) Noticef(string, ...any) {}
func (l busLog) Debugf(string, ...any)  {}
func (l busLog) Tracef(string, ...any)  {}

func (l busLog) Warnf(format string, v ...any) {
	l.log.Warn("nats-server", "message", fmt.Sprintf(format, v...))
}

func (l busLog) Errorf(format string, v ...any) {
	l.log.Error("nats-server", "message", fmt.Sprintf(format, v...))
}

func (l busLog) Fatalf(format string, v ...any) {
	why := fmt.Sprintf(format, v...)
	l.log.Error("nats-server gives up", "message", why)
	select {
	case l.gaveUp <- why:
	default: // the first reason is the one
	}
}
