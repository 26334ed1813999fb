// Package front stands between MongoDB clients and an embedded FerretDB v1 and
// makes of it a store that can be trusted with concurrent writers.
//
// FerretDB on SQLite reads, decides and writes in separate steps, so that of
// sixteen clients that add one to a counter most are lost; it stops for good
// when it runs out of its hundred connections per database; and it finds a
// document by its _id only when the filter says nothing else. The front speaks
// MongoDB's wire protocol on both sides and repairs this from outside:
//
//   - one write command at a time per database, for all clients of all
//     processes, and its reply awaited even when the client has gone;
//   - at most [MaxReads] reads and open cursors per database, and no update
//     of more than [MaxStatements] statements;
//   - of a write guarded by {_id, conditions}, the conditions are tested here
//     and the filter narrowed to {_id};
//   - at most [MaxBatch] documents in one answer to a find, because an answer
//     of over 48 MB ends the connection.
//
// A forked FerretDB would be faster and ours to maintain; a lock in shared/store
// would bind one process only. The price is a hop of some microseconds, and that
// everything has to come through here: nobody else may reach FerretDB.
package front

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Limits of one database behind the front. FerretDB has 100 connections to it:
// a read or an open cursor holds one, each statement of an update another until
// the whole command is over.
const (
	MaxReads      = 60 // at one time; the next waits, and is refused after Config.Patience
	MaxStatements = 90 // in one update command; more are refused
	MaxBatch      = 10 // documents in one batch of a cursor; a client gets the rest by asking on
)

// Config says what is behind the front.
type Config struct {
	// Dial opens a connection to the server behind. Each client has its own.
	Dial func(ctx context.Context) (net.Conn, error)
	// NewCollection, when set, is called after the first write to a collection
	// that this front has not seen, before the next write to its database.
	NewCollection func(db string)
	// Patience is how long a read waits for its turn; zero means 30 s.
	Patience time.Duration
}

// A Front serves any number of clients. It is a dialer for clients of the same
// process and a server for others.
type Front struct {
	cfg Config
	ctx context.Context // ends with Close
	end context.CancelFunc

	mu     sync.Mutex
	open   map[io.Closer]struct{} // listeners and connections
	dbs    map[string]*database
	closed bool
	wg     sync.WaitGroup
}

// New returns a front that is ready to be dialled.
func New(cfg Config) *Front {
	if cfg.Patience == 0 {
		cfg.Patience = 30 * time.Second
	}
	f := &Front{cfg: cfg, open: map[io.Closer]struct{}{}, dbs: map[string]*database{}}
	f.ctx, f.end = context.WithCancel(context.Background())
	return f
}

// Serve takes the clients that come to l, until Close or until l fails. It
// closes l.
func (f *Front) Serve(l net.Listener) error {
	release, ok := f.hold(l)
	if !ok {
		return errors.Join(net.ErrClosed, l.Close())
	}
	defer release()
	for {
		c, err := l.Accept()
		if f.ctx.Err() != nil {
			if err == nil {
				_ = c.Close()
			}
			return nil
		}
		if err != nil {
			return err
		}
		f.start(c)
	}
}

// DialContext connects a client of this process, whatever the address. The
// connection lives until either side closes it.
func (f *Front) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	client, server := net.Pipe()
	if !f.start(server) {
		return nil, errors.Join(net.ErrClosed, client.Close())
	}
	return client, nil
}

// Close cuts all connections and returns when no command is being forwarded any
// more. A write that a client had no answer to may or may not have happened.
func (f *Front) Close() {
	f.mu.Lock()
	f.closed = true
	f.end()
	for c := range f.open {
		_ = c.Close()
	}
	f.mu.Unlock()
	f.wg.Wait()
}

// start serves c on a goroutine of its own, or closes it after Close.
func (f *Front) start(c net.Conn) bool {
	release, ok := f.hold(c)
	if !ok {
		_ = c.Close()
		return false
	}
	go func() {
		defer release()
		f.serve(c)
	}()
	return true
}

// hold notes c for Close, which waits until the returned function was called.
func (f *Front) hold(c io.Closer) (release func(), ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, false
	}
	f.open[c] = struct{}{}
	f.wg.Add(1)
	return func() {
		_ = c.Close()
		f.mu.Lock()
		delete(f.open, c)
		f.mu.Unlock()
		f.wg.Done()
	}, true
}

// database returns the gate of one database.
func (f *Front) database(name string) *database {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.dbs[name]
	if d == nil {
		d = newDatabase()
		f.dbs[name] = d
	}
	return d
}
