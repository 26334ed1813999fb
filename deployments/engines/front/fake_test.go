package front

import (
	"bufio"
	"context"
	"encoding/binary"
	"net"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// A fake is a server behind the front that answers when the test says so.
type fake struct {
	t    *testing.T
	asks chan *ask // commands that wait for an answer
}

// An ask is a command that has come through the front.
type ask struct {
	command
	req    message
	answer func(bson.D)
}

// newFake returns a front and the server behind it.
func newFake(t *testing.T, cfg Config) (*Front, *fake) {
	t.Helper()
	b := &fake{t, make(chan *ask, 1000)}
	cfg.Dial = func(context.Context) (net.Conn, error) {
		near, far := net.Pipe()
		go b.serve(far)
		return near, nil
	}
	f := New(cfg)
	t.Cleanup(f.Close)
	return f, b
}

func (b *fake) serve(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	for {
		req, err := readMessage(r, nil)
		if err != nil {
			return
		}
		cmd, err := parse(req)
		if err != nil {
			b.t.Errorf("the server was sent what the front should refuse: %v", err)
			return
		}
		answered := make(chan struct{})
		b.asks <- &ask{cmd, req, func(doc bson.D) {
			_, _ = c.Write(newMessage(req, true, encode(b.t, doc)))
			close(answered)
		}}
		<-answered
	}
}

// next waits for the next command that reaches the server.
func (b *fake) next() *ask {
	b.t.Helper()
	select {
	case a := <-b.asks:
		return a
	case <-time.After(10 * time.Second):
		b.t.Fatal("no command has come")
		return nil
	}
}

// none checks that no command has come by the time the front has served
// another client from end to end.
func (b *fake) none(f *Front) {
	b.t.Helper()
	go b.marker(f)
	a := b.next()
	if a.name != "ping" {
		b.t.Fatalf("%s of %s has come before its turn", a.name, a.db)
	}
	a.answer(fine)
}

func (b *fake) marker(f *Front) {
	newClient(b.t, f).ask(bson.D{{Key: "ping", Value: 1}, {Key: "$db", Value: "x"}})
}

var fine = bson.D{{Key: "ok", Value: 1.0}}

// A client speaks the wire protocol by hand.
type client struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func newClient(t *testing.T, f *Front) *client {
	t.Helper()
	c, err := f.DialContext(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &client{t, c, bufio.NewReader(c)}
}

func (c *client) send(doc bson.D) {
	_, _ = c.Write(newMessage(make(message, headerSize), false, encode(c.t, doc))) // a test that closes the front sees it by the answer
}

// silently sends what expects no answer.
func (c *client) silently(doc bson.D) {
	m := newMessage(make(message, headerSize), false, encode(c.t, doc))
	binary.LittleEndian.PutUint32(m[headerSize:], flagMoreToCome)
	_, _ = c.Write(m)
}

// answer reads the next answer, nil when the connection is over.
func (c *client) answer() bson.Raw {
	m, err := readMessage(c.r, nil)
	if err != nil {
		return nil
	}
	return m.answer()
}

func (c *client) ask(doc bson.D) bson.Raw {
	c.send(doc)
	return c.answer()
}

// later asks now, so that the front has the command when it returns, and waits
// for the answer on a goroutine of its own.
func (c *client) later(doc bson.D) <-chan bson.Raw {
	c.send(doc)
	answer := make(chan bson.Raw, 1)
	go func() { answer <- c.answer() }()
	return answer
}

func encode(t *testing.T, doc bson.D) bson.Raw {
	raw, err := bson.Marshal(doc)
	if err != nil {
		t.Error(err)
	}
	return raw
}
