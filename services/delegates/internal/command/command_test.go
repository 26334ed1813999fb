package command_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"plenary.example/services/delegates/internal/command"
	"plenary.example/shared/problem"
)

var opening = time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)

// kept is a store in memory.
type kept struct {
	mu   sync.Mutex
	docs map[string]command.Command
}

func (k *kept) InsertCommand(_ context.Context, c command.Command) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.docs[c.ID]; ok {
		return command.ErrExists
	}
	k.docs[c.ID] = c
	return nil
}

func (k *kept) Command(_ context.Context, id string) (command.Command, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, ok := k.docs[id]
	if !ok {
		return c, command.ErrStale
	}
	return c, nil
}

func (k *kept) ReplaceCommand(_ context.Context, c command.Command, began time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if old, ok := k.docs[c.ID]; !ok || !old.At.Equal(began) {
		return command.ErrStale
	}
	k.docs[c.ID] = c
	return nil
}

func (k *kept) DeleteCommand(_ context.Context, id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.docs, id)
	return nil
}

func (k *kept) SweepCommands(_ context.Context, before time.Time) (n int, _ error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, c := range k.docs {
		if c.At.Before(before) {
			delete(k.docs, id)
			n++
		}
	}
	return n, nil
}

type rig struct {
	*command.Commands
	kept *kept
	at   time.Time
	n    int
	made []string
}

func newRig() *rig {
	r := &rig{kept: &kept{docs: map[string]command.Command{}}, at: opening}
	r.Commands = command.New(r.kept, func() time.Time { return r.at })
	return r
}

func (r *rig) choose() string {
	r.n++
	return fmt.Sprint("id", r.n)
}

func (r *rig) make(id string, again bool) (string, error) {
	r.made = append(r.made, fmt.Sprint(id, " ", again))
	return id, nil
}

var request = command.Request{Caller: "ahn", Route: "createDelegate seoul-2013", Key: "0123456789abcdef", Body: map[string]string{"name": "Kim"}}

func TestARepeatMakesNothingAndSaysWhatWasMade(t *testing.T) {
	t.Parallel()
	r := newRig()
	for i := range 3 {
		id, replayed, err := r.Once(t.Context(), request, r.choose, r.make)
		if id != "id1" || replayed != (i > 0) || err != nil {
			t.Errorf("attempt %d: %s %v %v", i, id, replayed, err)
		}
	}
	other := request
	other.Body = map[string]string{"name": "Lee"}
	if _, _, err := r.Once(t.Context(), other, r.choose, r.make); problem.From(err).Code != "key_reused" {
		t.Errorf("another body: %v", err)
	}
	for _, change := range []func(*command.Request){
		func(r *command.Request) { r.Caller = "lee" }, func(r *command.Request) { r.Route = "createDelegate london-2011" },
		func(r *command.Request) { r.Key = "another key of mine" },
	} {
		other := request
		change(&other)
		if _, replayed, err := r.Once(t.Context(), other, r.choose, r.make); replayed || err != nil {
			t.Errorf("%+v: %v %v", other, replayed, err)
		}
	}
	if len(r.made) != 4 {
		t.Errorf("made %v", r.made)
	}
}

func TestWithoutAKeyNothingIsKept(t *testing.T) {
	t.Parallel()
	r := newRig()
	plain := request
	plain.Key = ""
	for i := range 2 {
		if id, replayed, err := r.Once(t.Context(), plain, r.choose, r.make); id != fmt.Sprint("id", i+1) || replayed || err != nil {
			t.Errorf("%s %v %v", id, replayed, err)
		}
	}
	if len(r.kept.docs) != 0 {
		t.Errorf("kept %v", r.kept.docs)
	}
}

func TestWhatWasRefusedMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig()
	refuse := func(string, bool) (string, error) {
		return "", problem.New(problem.Conflict, "accreditation_taken", "Taken.")
	}
	if _, _, err := r.Once(t.Context(), request, r.choose, refuse); !problem.Is(err, problem.Conflict) {
		t.Fatal(err)
	}
	mended := request
	mended.Body = "mended"
	if _, replayed, err := r.Once(t.Context(), mended, r.choose, r.make); replayed || err != nil {
		t.Errorf("%v %v", replayed, err)
	}
}

func TestACrashInBetweenIsFinishedUnderTheSameID(t *testing.T) {
	t.Parallel()
	r := newRig()
	func() {
		defer func() { _ = recover() }()
		_, _, _ = r.Once(t.Context(), request, r.choose, func(string, bool) (string, error) { panic("the power fails") })
	}()
	if _, _, err := r.Once(t.Context(), request, r.choose, r.make); problem.From(err).Code != "in_progress" {
		t.Errorf("while it may be running: %v", err)
	}
	r.at = r.at.Add(2 * time.Minute)
	id, replayed, err := r.Once(t.Context(), request, r.choose, r.make)
	if id != "id1" || replayed || err != nil || len(r.made) != 1 || r.made[0] != "id1 true" {
		t.Errorf("%s %v %v, made %v", id, replayed, err, r.made)
	}
}

func TestAfterWeatherARepeatNeedNotWait(t *testing.T) {
	t.Parallel()
	r := newRig()
	if _, _, err := r.Once(t.Context(), request, r.choose, func(string, bool) (string, error) { return "", errors.New("the store is away") }); err == nil {
		t.Fatal("no error")
	}
	if id, _, err := r.Once(t.Context(), request, r.choose, r.make); id != "id1" || err != nil {
		t.Errorf("%s %v", id, err)
	}
}

func TestCommandsAreForgottenAfterADay(t *testing.T) {
	t.Parallel()
	r := newRig()
	if _, _, err := r.Once(t.Context(), request, r.choose, r.make); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{24 * time.Hour, 0}, {24*time.Hour + time.Second, 1}} {
		if n, err := r.Sweep(t.Context(), opening.Add(step.after)); n != step.want || err != nil {
			t.Errorf("after %v swept %d, %v", step.after, n, err)
		}
	}
}
