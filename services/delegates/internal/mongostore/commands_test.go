package mongostore_test

import (
	"errors"
	"testing"
	"time"

	"plenary.example/services/delegates/internal/command"
	"plenary.example/services/delegates/internal/mongostore"
)

func TestACommandIsTakenOverByOne(t *testing.T) {
	t.Parallel()
	s := mongostore.NewCommands(open(t))
	c := command.Command{ID: "c", Body: "b", Made: "id", At: opening}
	if err := s.InsertCommand(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := s.InsertCommand(t.Context(), c); !errors.Is(err, command.ErrExists) {
		t.Errorf("inserted again: %v", err)
	}
	next := c
	next.At, next.Done = opening.Add(time.Minute), true
	if err := s.ReplaceCommand(t.Context(), next, opening); err != nil {
		t.Fatal(err)
	}
	if err := s.ReplaceCommand(t.Context(), next, opening); !errors.Is(err, command.ErrStale) {
		t.Errorf("taken over again: %v", err)
	}
	if got, err := s.Command(t.Context(), "c"); err != nil || !got.Done || !got.At.Equal(next.At) {
		t.Errorf("%+v, %v", got, err)
	}
	if n, err := s.SweepCommands(t.Context(), next.At); n != 0 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if n, err := s.SweepCommands(t.Context(), next.At.Add(time.Second)); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if _, err := s.Command(t.Context(), "c"); !errors.Is(err, command.ErrStale) {
		t.Errorf("swept, and there: %v", err)
	}
}
