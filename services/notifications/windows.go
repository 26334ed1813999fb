package notifications

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/services/notifications/internal/inbox"
	"plenary.example/services/notifications/internal/schedule"
)

// windowAlarm is the kind of the alarms at the end of a window.
const windowAlarm schedule.Kind = "window"

// Windows says how long the changes of one session are gathered before its people
// are told what came of them. The empty value is WindowsStandard.
type Windows string

// The windows there are.
const (
	// WindowsStandard gathers for ten minutes while the start is more than a day
	// away, for three while it is more than four hours away, and for one while it
	// is more than half an hour away; then all is told at once.
	WindowsStandard Windows = "standard"
	// WindowsQuick gathers for two seconds, one, and half of one: for samples.
	WindowsQuick Windows = "quick"
	// WindowsOff tells every change at once.
	WindowsOff Windows = "off"
)

// ParseWindows reads a setting; empty is the empty value.
func ParseWindows(text string) (Windows, error) {
	switch w := Windows(text); w {
	case "", WindowsStandard, WindowsQuick, WindowsOff:
		return w, nil
	}
	return "", fmt.Errorf("%q is none of standard, quick, off", text)
}

func (w Windows) lengths() inbox.Windows {
	switch w {
	case WindowsOff:
		return inbox.Windows{}
	case WindowsQuick:
		return inbox.Windows{Far: 2 * time.Second, Near: time.Second, Soon: 500 * time.Millisecond}
	case WindowsStandard:
	}
	return inbox.Windows{Far: 10 * time.Minute, Near: 3 * time.Minute, Soon: time.Minute}
}

// A windowKey is whose window an alarm is for.
type windowKey struct {
	Conference string `json:"conference"`
	Session    string `json:"session"`
}

// startWindows begins to tell what windows gathered, on whichever replica is up
// when one ends. It listens also when windows are off: some may be open yet.
func (s *Service) startWindows(ctx context.Context) error {
	s.plan.Windows = s.cfg.Windows.lengths()
	s.plan.Wake = func(ctx context.Context, conference, session string, at time.Time) error {
		data, err := json.Marshal(windowKey{conference, session})
		if err != nil {
			return fmt.Errorf("window of %s: %w", session, err)
		}
		return s.alarms.Set(ctx, schedule.Alarm{Kind: windowAlarm, Key: conference + "/" + session, At: at, Data: data})
	}
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "plenary_windows_open", Help: "Sessions whose changes are gathered and not told yet, as far as this replica knows.",
		ConstLabels: prometheus.Labels{"service": "notifications"},
	}, func() float64 { return float64(len(s.ledger.OpenWindows())) })
	if err := s.show(open); err != nil {
		return err
	}
	if err := s.plan.Resume(ctx); err != nil {
		return err
	}
	stop, err := s.alarms.Ring(ctx, windowAlarm, 1, func(ctx context.Context, a schedule.Alarm) error { // the planner does one thing at a time
		var of windowKey
		if err := json.Unmarshal(a.Data, &of); err != nil {
			s.log.Error("alarm of a window not understood", "err", err)
			return nil
		}
		return s.plan.Ring(ctx, of.Conference, of.Session, a.At)
	})
	if err != nil {
		return err
	}
	s.stack.Until("windows", stop)
	return nil
}
