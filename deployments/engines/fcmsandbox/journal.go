package fcmsandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// line is one line of the journal: a content, a message or the owner of a
// phone. The short names keep a message under 150 bytes.
type line struct {
	C     int64           `json:"c,omitempty"`     // content
	M     json.RawMessage `json:"m,omitempty"`     // its message, less the token
	N     int64           `json:"n,omitempty"`     // place in the order of arrival
	T     int64           `json:"t,omitempty"`     // when, Unix microseconds
	Token string          `json:"token,omitempty"` // phone
	Owner *Owner          `json:"owner,omitempty"` // who has it
}

func appendContent(b []byte, c *content) []byte {
	b = append(b, `{"c":`...)
	b = strconv.AppendInt(b, c.id, 10)
	b = append(b, `,"m":`...)
	b = append(b, c.raw...)
	return append(b, "}\n"...)
}

// appendRecord needs no escaping: a plausible token has nothing to escape.
func appendRecord(b []byte, n int64, at time.Time, token string, what int64) []byte {
	b = append(b, `{"n":`...)
	b = strconv.AppendInt(b, n, 10)
	b = append(b, `,"t":`...)
	b = strconv.AppendInt(b, at.UnixMicro(), 10)
	b = append(b, `,"token":"`...)
	b = append(b, token...)
	b = append(b, `","c":`...)
	b = strconv.AppendInt(b, what, 10)
	return append(b, "}\n"...)
}

func appendOwner(b []byte, token string, o Owner) []byte {
	l, _ := json.Marshal(line{Token: token, Owner: &o}) // strings always marshal
	return append(append(b, l...), '\n')
}

// load fills the book from the journal and opens it for appending.
func (c *clerk) load() error {
	f, err := os.OpenFile(c.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := c.read(f); err != nil {
		return errors.Join(fmt.Errorf("journal %s: %w", c.path, err), f.Close())
	}
	if err := f.Truncate(c.size); err != nil { // a torn last line
		return errors.Join(err, f.Close())
	}
	if _, err := f.Seek(c.size, io.SeekStart); err != nil {
		return errors.Join(err, f.Close())
	}
	c.file = f
	return nil
}

func (c *clerk) read(f io.Reader) error {
	contents := map[int64]*content{}
	r := bufio.NewReaderSize(f, 1<<20)
	for {
		text, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return fmt.Errorf("line %d: %w", c.lines+1, err)
		}
		switch {
		case l.Owner != nil:
			c.book.phone(l.Token).owner = *l.Owner
		case l.M != nil:
			body := bytes.Join([][]byte{[]byte(`{"message":`), l.M, []byte(`}`)}, nil)
			what, err := newContent(l.C, body)
			if err != nil {
				return fmt.Errorf("line %d: %w", c.lines+1, err)
			}
			what.filed = true
			contents[l.C], c.book.contents[what.key] = what, what
			c.book.nextID = max(c.book.nextID, l.C)
		case contents[l.C] != nil:
			c.book.add(l.N, time.UnixMicro(l.T), l.Token, contents[l.C])
		default:
			return fmt.Errorf("line %d: unknown content %d", c.lines+1, l.C)
		}
		c.size += int64(len(text))
		c.lines++
	}
}

// compact writes what the book still keeps to a new journal and puts it in the
// old one's place.
func (c *clerk) compact() (err error) {
	next, err := os.CreateTemp(filepath.Dir(c.path), "fcm-*.jsonl")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, next.Close(), os.Remove(next.Name()))
		}
	}()
	w := bufio.NewWriterSize(next, 1<<20)
	size, lines := int64(0), 0
	put := func(b []byte) {
		n, _ := w.Write(b) // Flush tells
		size, lines = size+int64(n), lines+1
	}
	for _, p := range c.book.phones {
		if p.owner != (Owner{}) {
			put(appendOwner(nil, p.token, p.owner))
		}
	}
	written := map[*content]bool{}
	var b []byte
	for _, r := range c.book.records {
		if !written[r.what] {
			written[r.what] = true
			put(appendContent(nil, r.what))
		}
		b = appendRecord(b[:0], r.n, r.at, r.phone.token, r.what.id)
		put(b)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := os.Rename(next.Name(), c.path); err != nil {
		return err
	}
	old := c.file
	c.file, c.size, c.lines = next, size, lines
	return old.Close()
}
