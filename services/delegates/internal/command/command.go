// Package command lets a request that makes something be repeated under its
// Idempotency-Key for a day without making it twice.
//
// Of a request only hashes are kept: of who asked for what under which key, and
// of the body. What it makes gets its id before anything is written, so a repeat
// after a crash makes the same thing or finds it made; the answer is not kept
// but rendered anew from what it made. So no name lies here, and somebody who is
// forgotten is forgotten here too.
package command

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"plenary.example/shared/problem"
)

const (
	// kept is how long a request can be repeated under its key.
	kept = 24 * time.Hour
	// abandoned is how old an unfinished command must be before a repeat takes it
	// over: longer than any request is allowed to run.
	abandoned = time.Minute
	patience  = 5 * time.Second
)

// Errors of whoever keeps the commands.
var (
	ErrExists = errors.New("there is a command of that id")
	ErrStale  = errors.New("the command is not as expected")
)

// keeper keeps the commands.
type keeper interface {
	// InsertCommand fails with ErrExists when the id is taken.
	InsertCommand(ctx context.Context, c Command) error
	// Command fails with ErrStale when there is none.
	Command(ctx context.Context, id string) (Command, error)
	// ReplaceCommand writes c over the one that began at that moment, or fails
	// with ErrStale.
	ReplaceCommand(ctx context.Context, c Command, began time.Time) error
	DeleteCommand(ctx context.Context, id string) error
	// SweepCommands drops those that began before.
	SweepCommands(ctx context.Context, before time.Time) (int, error)
}

// A Command is a request that may be repeated.
type Command struct {
	ID   string    `bson:"_id"`
	Body string    `bson:"body"` // hash of what was asked
	Made string    `bson:"made"` // id of what it makes
	At   time.Time `bson:"at"`   // when it began, or was taken over; wall clock
	Done bool      `bson:"done"`
}

// A Request names a command: nobody else's key is the same.
type Request struct {
	Caller string // caller.Caller.Actor
	Route  string // operation and conference
	Key    string // the Idempotency-Key; empty = none, nothing is kept
	Body   any    // as it was read; hashed as JSON
}

// Commands runs each at most once to its end.
type Commands struct {
	kept keeper
	now  func() time.Time
}

// New makes Commands on a store. now is the wall clock.
func New(k keeper, now func() time.Time) *Commands { return &Commands{kept: k, now: now} }

// Once has do make something, and returns the id of what was made. A repeat of a
// request that came to its end makes nothing and returns the same id, with
// replayed set; a key that comes with another body is Invalid, and one whose
// first request still runs a Conflict.
//
// do is given the id to make something under, and whether an earlier attempt may
// have got as far as making it: then finding it made is success. It returns the
// id, or another that counts from then on.
func (c *Commands) Once(ctx context.Context, r Request, choose func() string, do func(id string, again bool) (string, error)) (id string, replayed bool, err error) {
	if r.Key == "" {
		id, err = do(choose(), false)
		return id, false, err
	}
	body, err := json.Marshal(r.Body)
	if err != nil {
		return "", false, fmt.Errorf("command: %w", err)
	}
	cmd := Command{
		ID: hash(r.Caller, r.Route, r.Key), Body: hash(string(body)), Made: choose(), At: c.now().UTC().Truncate(time.Millisecond),
	}
	again := false
	switch err := c.kept.InsertCommand(ctx, cmd); {
	case errors.Is(err, ErrExists):
		if again, err = c.resume(ctx, &cmd); err != nil || cmd.Done {
			return cmd.Made, err == nil, err
		}
	case err != nil:
		return "", false, fmt.Errorf("command: %w", err)
	}
	made, err := do(cmd.Made, again)
	return made, false, c.finish(ctx, cmd, made, err)
}

// finish notes how do ended. What was made is made, whether the note is kept or
// not: a repeat finds it.
func (c *Commands) finish(ctx context.Context, cmd Command, made string, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	began := cmd.At
	switch {
	case err == nil:
		cmd.Done, cmd.Made = true, made
		_ = c.kept.ReplaceCommand(ctx, cmd, began)
		return nil
	case problem.Is(err, problem.Internal) || problem.Is(err, problem.Unavailable):
		// It may have taken effect. A repeat will find out, and need not wait.
		cmd.At = began.Add(-abandoned)
		return errors.Join(err, c.kept.ReplaceCommand(ctx, cmd, began))
	}
	// Refused is not done: the same key may be tried again, mended or not.
	return errors.Join(err, c.kept.DeleteCommand(ctx, cmd.ID))
}

var (
	errReused  = problem.New(problem.Invalid, "key_reused", "This Idempotency-Key was used for another request.")
	errRunning = problem.New(problem.Conflict, "in_progress", "The first request with this Idempotency-Key is still running.").After(time.Second)
)

// resume looks at a command that is already there and takes it over when the
// process that ran it must be gone.
func (c *Commands) resume(ctx context.Context, cmd *Command) (again bool, err error) {
	old, err := c.kept.Command(ctx, cmd.ID)
	switch {
	case errors.Is(err, ErrStale): // refused a moment ago; the repeat may come again
		return false, errRunning
	case err != nil:
		return false, fmt.Errorf("command: %w", err)
	case old.Body != cmd.Body:
		return false, errReused
	case old.Done:
		*cmd = old
		return false, nil
	case c.now().Sub(old.At) < abandoned:
		return false, errRunning
	}
	began := cmd.At
	*cmd = old
	cmd.At = began
	if err := c.kept.ReplaceCommand(ctx, *cmd, old.At); errors.Is(err, ErrStale) {
		return false, errRunning
	} else if err != nil {
		return false, fmt.Errorf("command: %w", err)
	}
	return true, nil
}

// Sweep drops the ones nobody may repeat any more, and says how many.
func (c *Commands) Sweep(ctx context.Context, now time.Time) (int, error) {
	return c.kept.SweepCommands(ctx, now.Add(-kept))
}

func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}
