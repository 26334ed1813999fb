package audit

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"

	"plenary.example/shared/problem"
)

// A Filter says which acts somebody wants to see; empty members let all pass.
type Filter struct {
	Actor     string
	Principal string
	// Subject also finds acts that touched the thing among others.
	Subject string
	Since   time.Time
}

func (f Filter) fits(a Act) bool {
	return (f.Actor == "" || a.Actor == f.Actor) &&
		(f.Principal == "" || a.Principal == f.Principal) &&
		(f.Subject == "" || a.Subject == f.Subject || slices.Contains(a.Touched, f.Subject)) &&
		!a.At.Before(f.Since)
}

// sum binds a cursor to the filter and the conference it was given out for.
func (f Filter) sum(conference string) []byte {
	h := sha256.New()
	for _, part := range []string{conference, f.Actor, f.Principal, f.Subject, f.Since.UTC().Format(time.RFC3339Nano)} {
		h.Write(append([]byte(part), 0))
	}
	return h.Sum(nil)[:8]
}

var errCursor = problem.New(problem.Malformed, "bad_cursor", "This cursor does not belong to this list. Begin again without it.").
	With(problem.Field{Parameter: "cursor", Code: "bad_cursor", Detail: "Not given out for these filters."})

// Read lists up to limit acts of a conference that fit, the newest first, from
// behind cursor on, which a Read with the same filter gave out or is empty. The
// next cursor is empty when there is no more. Acts that come meanwhile do not
// shift the pages.
func (l *Log) Read(conference string, f Filter, limit int, cursor string) (page []Act, next string, err error) {
	until, err := readCursor(cursor, f.sum(conference))
	if err != nil {
		return nil, "", err
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	c, ok := l.conferences[conference]
	if !ok {
		return nil, "", nil
	}
	for _, a := range slices.Backward(c.inOrder) {
		if a.At.Before(f.Since) {
			break
		}
		if until.ID != "" && a.before(until) >= 0 || !f.fits(a) {
			continue
		}
		if len(page) == limit {
			return page, writeCursor(page[limit-1], f.sum(conference)), nil
		}
		page = append(page, a)
	}
	return page, "", nil
}

// Of lists every act of the delegate, and every one done to them or for them.
func (l *Log) Of(conference, delegate string) (all []Act) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if c, ok := l.conferences[conference]; ok {
		for _, a := range c.inOrder {
			if a.Actor == delegate || a.about(delegate) {
				all = append(all, a)
			}
		}
	}
	return all
}

func writeCursor(last Act, sum []byte) string {
	b := binary.BigEndian.AppendUint64(slices.Clone(sum), uint64(last.At.UnixNano()))
	return base64.RawURLEncoding.EncodeToString(append(b, last.ID...))
}

// readCursor finds the act that ended the page before; none for no cursor.
func readCursor(cursor string, sum []byte) (Act, error) {
	if cursor == "" {
		return Act{}, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(b) <= len(sum)+8 || !slices.Equal(b[:len(sum)], sum) {
		return Act{}, errCursor
	}
	b = b[len(sum):]
	return Act{At: time.Unix(0, int64(binary.BigEndian.Uint64(b))).UTC(), ID: string(b[8:])}, nil
}
