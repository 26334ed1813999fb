package httpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// errDeadline is what handlers return when the request's deadline has passed.
var errDeadline = context.DeadlineExceeded

// A Server is an app behind a listener.
type Server struct {
	app *fiber.App

	mu   sync.Mutex
	ln   *listener
	done chan struct{} // closed when serving has ended
}

// NewServer makes a server that does not listen yet.
func NewServer(app *fiber.App) *Server { return &Server{app: app} }

// Start listens on addr (host:port; port 0 picks one) and returns when
// connections are accepted. A server starts once.
func (s *Server) Start(ctx context.Context, addr string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ln != nil {
		return errors.New("listen: started before")
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	s.ln, s.done = &listener{Listener: ln, silent: map[*conn]bool{}}, make(chan struct{})
	go func() {
		defer close(s.done)
		_ = s.app.Listener(s.ln) // ends with the listener, and says no more than that
	}()
	return nil
}

// Addr is where the server listens, or "" before Start.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ln == nil {
		return ""
	}
	return s.ln.Addr().String()
}

// Stop accepts no more, lets requests under way end and returns when they have,
// or with ctx's error when that is over first. It may be called at any time,
// also twice, also at once after Start.
//
// Fasthttp's Shutdown does nothing when serving has not begun, and then the
// server would serve for ever; so the listener is closed here as well, and only
// the end of serving counts as stopped.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	ln, done := s.ln, s.done
	s.mu.Unlock()
	if ln == nil {
		return nil
	}
	_ = ln.Close()
	ln.hangUp()
	shut := make(chan error, 1)
	go func() { shut <- s.app.ShutdownWithContext(ctx) }() // bounded by ctx
	select {
	case <-done:
	case <-ctx.Done():
		return fmt.Errorf("stop listening: %w", ctx.Err())
	}
	if err := <-shut; err != nil {
		return fmt.Errorf("stop listening: %w", err)
	}
	return nil
}

// listener hands out connections that can be closed politely. It may be closed
// twice: Fasthttp takes an error there for a reason not to wait for requests.
type listener struct {
	net.Listener
	once sync.Once
	err  error

	mu     sync.Mutex
	silent map[*conn]bool // nothing has been received on them yet; nil = hung up
}

// hangUp closes the connections on which nothing was ever received, such as
// those a browser opens in advance: fasthttp would wait for them as for
// requests under way.
func (l *listener) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.silent {
		_ = c.TCPConn.Close()
	}
	l.silent = nil
}

func (l *listener) heard(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.silent, c)
}

func (l *listener) Close() error {
	l.once.Do(func() { l.err = l.Listener.Close() })
	return l.err
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c, nil
	}
	made := &conn{TCPConn: tcp, from: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.silent == nil {
		_ = tcp.Close()
	} else {
		l.silent[made] = true
	}
	return made, nil
}

// conn is a connection whose last answer may have come before the client had
// finished sending. Closing it outright would reset it, and the client would
// read the reset instead of the reason.
type conn struct {
	*net.TCPConn
	from *listener
	// Both are set and read by the connection's own goroutine.
	spoken, linger bool
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	if !c.spoken {
		c.spoken = true
		c.from.heard(c)
	}
	return n, err
}

const (
	lingerFor   = 3 * time.Second
	lingerBytes = 128 << 20
)

// Close half-closes and reads on for a while when the answer was a refusal.
func (c *conn) Close() error {
	if c.linger {
		c.linger = false
		if c.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerFor)) == nil {
			_, _ = io.CopyN(io.Discard, c.TCPConn, lingerBytes)
		}
	}
	return c.TCPConn.Close()
}

// linger has the connection of c closed only after the client has had its say.
func linger(c *fiber.Ctx) {
	if tcp, ok := c.Context().Conn().(*conn); ok {
		tcp.linger = true
	}
}
