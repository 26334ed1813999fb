package live

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// abandoned is how old an unfinished command must be before a repeat takes it
// over: longer than any request is allowed to run.
const abandoned = time.Minute

// A Command is a request that may be repeated under its key for a day.
type Command struct {
	ID   string `bson:"_id"`
	Body string `bson:"body"` // hash of what was asked
	// Since is the agenda's revision when it began: its release comes after.
	Since  int64     `bson:"since"`
	At     time.Time `bson:"at"` // wall clock
	Done   bool      `bson:"done"`
	Answer []byte    `bson:"answer,omitempty"`
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Once runs a command of a conference at most once to its end. do is given
// the revision at which the command first began, and whether that was an
// earlier attempt that may have got as far as a release. A repeat of a
// finished command gets the stored answer, with replayed set; a key that comes
// with another body is refused, and so is one whose first request still runs.
func (l *Conferences) Once(ctx context.Context, id, commandID string, body []byte, do func(since int64, again bool) ([]byte, error)) (answer []byte, replayed bool, err error) {
	_, agenda, _ := l.Conference(id) // one that is not there yet begins at 0
	cmd := Command{ID: commandID, Body: hash(body), Since: agenda.Revision, At: l.now().UTC().Truncate(time.Millisecond)}
	again := false
	if err := l.commands.Insert(ctx, cmd); errors.Is(err, store.ErrExists) {
		if again, err = l.resume(ctx, &cmd); err != nil {
			return nil, false, err
		}
		if cmd.Done {
			return cmd.Answer, true, nil
		}
	} else if err != nil {
		return nil, false, fmt.Errorf("command: %w", err)
	}
	answer, err = do(cmd.Since, again)
	if err != nil {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if problem.Is(err, problem.Internal) || problem.Is(err, problem.Unavailable) {
			// It may have taken effect. A repeat will find out, and need not wait.
			back := cmd.At.Add(-abandoned)
			l.spent.add(stamp{cmd.ID, back})
			return nil, false, errors.Join(err, l.commands.Update(after, cmd.ID, bson.M{"at": cmd.At}, bson.M{"$set": bson.M{"at": back}}))
		}
		// Refused is not done: the same key may be tried again, mended or not.
		return nil, false, errors.Join(err, l.commands.Delete(after, cmd.ID, nil))
	}
	l.spent.add(stamp{cmd.ID, cmd.At})
	err = l.commands.Update(ctx, cmd.ID, nil, bson.M{"$set": bson.M{"done": true, "answer": answer}})
	if err != nil {
		l.log.Warn("an answer is not kept for repeats", "err", err)
	}
	return answer, false, nil
}

// resume looks at a command that is already there and takes it over when the
// process that ran it must be gone.
func (l *Conferences) resume(ctx context.Context, cmd *Command) (again bool, err error) {
	var old Command
	if err := l.commands.Get(ctx, cmd.ID, &old); err != nil {
		return false, fmt.Errorf("command: %w", err)
	}
	switch {
	case old.Body != cmd.Body:
		return false, problem.New(problem.Invalid, "key_reused", "This Idempotency-Key was used for another request.")
	case old.Done:
		*cmd = old
		return true, nil
	case l.now().Sub(old.At) < abandoned:
		return false, problem.New(problem.Conflict, "in_progress", "The first request with this Idempotency-Key is still running.")
	}
	if err := l.commands.Update(ctx, cmd.ID, bson.M{"at": old.At}, bson.M{"$set": bson.M{"at": cmd.At}}); err != nil {
		return false, problem.New(problem.Conflict, "in_progress", "The first request with this Idempotency-Key is still running.").Because(err)
	}
	cmd.Since = old.Since
	return true, nil
}

// forgetCommands drops the ones nobody may repeat any more. It reads them all:
// it is for the start, and for what replicas that are gone have left.
func (l *Conferences) forgetCommands(ctx context.Context) error {
	all, err := store.All[Command](ctx, l.commands, nil)
	if err != nil {
		return err
	}
	for _, c := range all {
		l.spent.add(stamp{c.ID, c.At})
	}
	return l.forgetSpent(ctx)
}

// forgetSpent drops what this replica has written, or found at its start, and
// nobody may repeat any more. One that was taken over since is left to whoever did.
func (l *Conferences) forgetSpent(ctx context.Context) error {
	old := l.spent.until(l.now().Add(-commandsKept))
	for i, c := range old {
		if err := l.commands.Delete(ctx, c.id, bson.M{"at": c.at}); err != nil && !errors.Is(err, store.ErrStale) {
			l.spent.add(old[i:]...)
			return fmt.Errorf("forget a command: %w", err)
		}
	}
	return nil
}

// A spent is what has been written under keys and is to be forgotten one day.
type spent struct {
	mu  sync.Mutex
	all []stamp
}

type stamp struct {
	id string
	at time.Time
}

func (s *spent) add(x ...stamp) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, x...)
}

// until takes out those of before a moment.
func (s *spent) until(moment time.Time) []stamp {
	s.mu.Lock()
	defer s.mu.Unlock()
	var old []stamp
	s.all = slices.DeleteFunc(s.all, func(x stamp) bool {
		if x.at.Before(moment) {
			old = append(old, x)
			return true
		}
		return false
	})
	return old
}
