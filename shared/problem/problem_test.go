package problem_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"plenary.example/shared/problem"
)

func TestForeignErrorsAreInternalAndKeepTheirTextInside(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("save session x: %w", io.ErrUnexpectedEOF)
	p := problem.From(err)
	if p.Kind != problem.Internal || p.Code != "internal" {
		t.Errorf("From = %v %q, want internal", p.Kind, p.Code)
	}
	if strings.Contains(p.Detail, "EOF") {
		t.Errorf("the driver's text reached the detail: %q", p.Detail)
	}
	if !errors.Is(p, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost to errors.Is")
	}
}

func TestAWrappedFailureKeepsItsKind(t *testing.T) {
	t.Parallel()
	base := problem.New(problem.Conflict, "session_begun", "session %s has begun", "opening")
	err := fmt.Errorf("move: %w", base)
	if !problem.Is(err, problem.Conflict) || problem.Is(err, problem.Internal) {
		t.Errorf("kind of %v is %v, want conflict", err, problem.From(err).Kind)
	}
	if problem.Is(nil, problem.Internal) || problem.From(nil) != nil {
		t.Error("nil counts as a failure")
	}
}

func TestAdditionsLeaveASharedFailureAlone(t *testing.T) {
	t.Parallel()
	shared := problem.New(problem.TooMany, "slow_down", "Too many attempts.")
	one := shared.With(problem.Field{Parameter: "limit", Code: "max"}).After(time.Second).Because(io.EOF)
	if len(shared.Fields) != 0 || shared.RetryAfter != 0 || errors.Is(shared, io.EOF) {
		t.Errorf("the shared failure changed: %+v", shared)
	}
	if len(one.Fields) != 1 || one.RetryAfter != time.Second || !errors.Is(one, io.EOF) {
		t.Errorf("the copy lacks something: %+v", one)
	}
}
