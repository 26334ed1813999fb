package httpd

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

func TestALazyDeadlineIsADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &lazyDeadline{at: time.Now().Add(time.Minute)}
		child, cancel := context.WithTimeout(l, time.Hour)
		defer cancel()
		time.Sleep(time.Minute - 1)
		if l.Err() != nil || child.Err() != nil {
			t.Errorf("over too early: %v, %v", l.Err(), child.Err())
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if !errors.Is(l.Err(), context.DeadlineExceeded) || !errors.Is(child.Err(), context.DeadlineExceeded) {
			t.Errorf("at the deadline: %v, %v", l.Err(), child.Err())
		}
	})
}

func TestALazyDeadlineEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	waited, not := &lazyDeadline{at: time.Now().Add(time.Hour)}, &lazyDeadline{at: time.Now().Add(time.Hour)}
	child, cancel := context.WithCancel(waited)
	defer cancel()
	waited.over()
	not.over()
	<-child.Done()
	for _, l := range []*lazyDeadline{waited, not} {
		if !errors.Is(l.Err(), context.Canceled) {
			t.Errorf("after the request: %v", l.Err())
		}
	}
}

// Not parallel: it counts goroutines.
func TestDerivedContextsNeedNoGoroutine(t *testing.T) {
	l := &lazyDeadline{at: time.Now().Add(time.Hour)}
	defer l.over()
	before := runtime.NumGoroutine()
	for range 100 {
		_, cancel := context.WithCancel(l)
		defer cancel()
	}
	if after := runtime.NumGoroutine(); after > before+50 {
		t.Errorf("%d goroutines for 100 derived contexts", after-before)
	}
}
