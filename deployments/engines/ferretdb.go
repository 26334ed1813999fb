package engines

import (
	"context"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"github.com/FerretDB/FerretDB/ferretdb"

	"plenary.example/deployments/engines/front"
)

// making is held while a FerretDB is made: ferretdb.New writes a variable of
// its package.
var making sync.Mutex

// startStore starts FerretDB with one SQLite file per database in dir, and the
// front before it.
func (e *Engines) startStore(ctx context.Context, dir, listen string, log *slog.Logger) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := indexAll(ctx, dir); err != nil {
		return err
	}
	socket, err := e.startFerretDB(dir, log)
	if err != nil {
		return err
	}
	e.front = front.New(front.Config{
		Dial: func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
		NewCollection: func(db string) {
			if err := indexFile(context.WithoutCancel(ctx), filepath.Join(dir, db+".sqlite")); err != nil {
				log.Error("a collection stays without its index and slow until the next start", "database", db, "err", err)
			}
		},
	})
	e.stack.Push("front", func(context.Context) error { e.front.Close(); return nil })
	if listen == "" {
		return nil
	}
	if e.store, err = new(net.ListenConfig).Listen(ctx, "tcp", listen); err != nil {
		return err
	}
	go func() { // ends with the front
		if err := e.front.Serve(e.store); err != nil {
			log.Error("the store no longer takes connections", "err", err)
		}
	}()
	return nil
}

// startFerretDB returns the socket on which FerretDB answers. Nobody but the
// front may use it.
func (e *Engines) startFerretDB(dir string, log *slog.Logger) (string, error) {
	socket, remove, err := socketIn(dir)
	if err != nil {
		return "", err
	}
	e.stack.Push("socket folder", func(context.Context) error { return remove() })
	at := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(dir) + "/"}
	// What is deleted is overwritten: somebody who was forgotten is not to be found
	// in the free pages of a file that is copied or thrown away.
	at.RawQuery = url.Values{"_pragma": {"synchronous(normal)", "secure_delete(on)"}}.Encode()

	making.Lock()
	f, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{Unix: socket}, Handler: "sqlite", SQLiteURL: at.String(),
		Logger: slog.New(onlyPanics{log.Handler()}),
	})
	making.Unlock()
	if err != nil {
		return "", err
	}
	running, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = f.Run(running) }() // Run's error is always nil
	e.stack.Push("ferretdb", func(ctx context.Context) error {
		stop()
		return wait(ctx, func() { <-done })
	})
	return socket, nil
}

// onlyPanics passes on what FerretDB logs above errors. Below that it reports
// every connection that a client closes.
type onlyPanics struct{ slog.Handler }

func (h onlyPanics) Enabled(ctx context.Context, level slog.Level) bool {
	return level > slog.LevelError && h.Handler.Enabled(ctx, level)
}

func (h onlyPanics) WithAttrs(attrs []slog.Attr) slog.Handler {
	return onlyPanics{h.Handler.WithAttrs(attrs)}
}

func (h onlyPanics) WithGroup(name string) slog.Handler {
	return onlyPanics{h.Handler.WithGroup(name)}
}
