package fcmsandbox

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// errOver is the answer to a message that comes after Stop.
var errOver = errors.New("the sandbox has stopped")

// A clerk files messages: one goroutine, so that there is one order, and so
// that many messages share one write to the journal.
type clerk struct {
	in     chan *delivery
	quit   chan struct{}
	done   chan struct{} // closed when the goroutine ended
	counts *counts

	mu   sync.RWMutex // of book: the clerk writes, pages read
	book *book

	file  *os.File // nil = memory only
	path  string
	size  int64 // of the journal, up to the last whole batch
	lines int
	buf   []byte
}

type delivery struct {
	token   string
	content []byte // request body less the token
	owner   *Owner // set instead of content when a phone is described
	n       int64
	err     error
	filed   chan struct{} // one message when it is filed
}

var deliveries = sync.Pool{New: func() any { return &delivery{filed: make(chan struct{}, 1)} }}

func newClerk(keep int, c *counts) *clerk {
	return &clerk{
		in: make(chan *delivery, 1024), quit: make(chan struct{}), done: make(chan struct{}),
		counts: c, book: newBook(keep),
	}
}

// open reads the journal and begins filing. An empty path keeps all in memory.
func (c *clerk) open(path string) error {
	c.path = path
	if path != "" {
		if err := c.load(); err != nil {
			return err
		}
	}
	go c.run()
	return nil
}

// close files what waits and closes the journal.
func (c *clerk) close() error {
	close(c.quit)
	<-c.done
	if c.file == nil {
		return nil
	}
	return c.file.Close()
}

// take returns the message's place in the order of arrival after the journal
// has it: from then on a killed process remembers it.
func (c *clerk) take(body []byte, token string) (int64, error) {
	d := deliveries.Get().(*delivery)
	d.token, d.owner, d.content = token, nil, cut(d.content[:0], body, token)
	return c.hand(d)
}

func (c *clerk) describe(token string, o Owner) error {
	d := deliveries.Get().(*delivery)
	d.token, d.owner = token, &o
	_, err := c.hand(d)
	return err
}

func (c *clerk) hand(d *delivery) (int64, error) {
	d.n, d.err = 0, nil
	select {
	case c.in <- d:
	case <-c.quit:
		return 0, errOver
	}
	select {
	case <-d.filed:
	case <-c.done:
		return 0, errOver // d may still be in the channel: not for the pool
	}
	n, err := d.n, d.err
	deliveries.Put(d)
	return n, err
}

func (c *clerk) run() {
	defer close(c.done)
	batch := make([]*delivery, 0, cap(c.in))
	for {
		select {
		case d := <-c.in:
			batch = append(batch[:0], d)
		case <-c.quit:
			return
		}
	more:
		for len(batch) < cap(batch) {
			select {
			case d := <-c.in:
				batch = append(batch, d)
			default:
				break more
			}
		}
		c.fileAll(batch, time.UnixMicro(time.Now().UnixMicro())) // as exact as the journal
	}
}

// fileAll writes the batch to the journal, then to the book, then answers.
func (c *clerk) fileAll(batch []*delivery, now time.Time) {
	c.mu.Lock()
	what := make([]*content, len(batch))
	c.buf = c.buf[:0]
	n, lines := c.book.n, 0
	for i, d := range batch {
		if d.owner != nil {
			c.buf = appendOwner(c.buf, d.token, *d.owner)
			lines++
			continue
		}
		if what[i], d.err = c.book.content(d.content); d.err != nil {
			continue
		}
		if !what[i].filed {
			c.buf = appendContent(c.buf, what[i])
			what[i].filed = true
			lines++
		}
		n++
		d.n = n
		c.buf = appendRecord(c.buf, n, now, d.token, what[i].id)
		lines++
	}
	c.mu.Unlock()
	err := c.write(lines) // outside the lock: pages are read meanwhile
	c.mu.Lock()
	for i, d := range batch {
		switch {
		case d.err != nil:
		case err != nil:
			d.err = err
			if what[i] != nil {
				what[i].filed = what[i].refs > 0 && what[i].filed
			}
		case d.owner != nil:
			c.book.phone(d.token).owner = *d.owner
		default:
			c.book.add(d.n, now, d.token, what[i])
			c.counts.received.Add(1)
		}
	}
	c.mu.Unlock()
	for _, d := range batch {
		d.filed <- struct{}{}
	}
	c.counts.ring()
	if c.file != nil && c.lines > 2*c.book.keep+10_000 {
		_ = c.compact() // the long journal stays: nothing is lost but room
	}
}

// write appends the buffer whole or not at all.
func (c *clerk) write(lines int) error {
	if c.file == nil || len(c.buf) == 0 {
		return nil
	}
	if _, err := c.file.Write(c.buf); err != nil {
		_, seek := c.file.Seek(c.size, io.SeekStart)
		return errors.Join(err, c.file.Truncate(c.size), seek)
	}
	c.size += int64(len(c.buf))
	c.lines += lines
	return nil
}
