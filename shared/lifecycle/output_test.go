package lifecycle_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plenary.example/shared/lifecycle"
)

// pieces remembers each Write as it came.
type pieces struct {
	mu  sync.Mutex
	got []string
}

func (p *pieces) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, string(b))
	return len(b), nil
}

func TestLinesAreGatheredAndNoneIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var to pieces
		o := lifecycle.NewOutput(&to)
		writeTo(t, o, "one\n")
		writeTo(t, o, "two\n")
		time.Sleep(time.Second)
		writeTo(t, o, "three\n")
		if err := o.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		writeTo(t, o, "four\n")
		if want := []string{"one\ntwo\n", "three\n", "four\n"}; !slices.Equal(to.got, want) {
			t.Errorf("pieces %q, want %q", to.got, want)
		}
		if err := o.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestManyWritersWaitRatherThanLoseALine(t *testing.T) {
	t.Parallel()
	var to pieces
	o := lifecycle.NewOutput(&to)
	line := strings.Repeat("x", 1023) + "\n"
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				writeTo(t, o, line)
			}
		})
	}
	wg.Wait()
	if err := o.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(strings.Join(to.got, ""), line); got != 4000 {
		t.Errorf("%d lines, want 4000", got)
	}
}

func writeTo(t *testing.T, w io.Writer, line string) {
	t.Helper()
	if _, err := io.WriteString(w, line); err != nil {
		t.Error(err)
	}
}
