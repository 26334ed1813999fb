// Command notifications runs one replica of the notifications service against
// a MongoDB, a NATS server and FCM, or an FCM sandbox when one is named.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"plenary.example/services/notifications"
	"plenary.example/shared/lifecycle"
)

// patience is how long what is under way may take to end.
const patience = 15 * time.Second

func main() {
	if err := run(os.Getenv); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(getenv func(string) string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg, err := configFromEnv(getenv)
	if err != nil {
		return fmt.Errorf("notifications: %w", err)
	}
	collectLess(getenv)
	out := lifecycle.NewOutput(os.Stdout)
	s := notifications.New(cfg, slog.New(slog.NewJSONHandler(out, nil)))
	err = s.Start(ctx)
	if err == nil {
		fmt.Fprintln(os.Stderr, "notifications listens on", s.Addr())
		<-ctx.Done()
	}
	last, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return errors.Join(err, s.Stop(last), out.Stop(last))
}

// collectLess trades memory for the processor time of a burst of pushes, within
// a gigabyte, unless Go's own settings say otherwise.
func collectLess(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(1 << 30)
	}
}

// configFromEnv reads the settings and says at once everything that is wrong
// with them.
func configFromEnv(getenv func(string) string) (notifications.Config, error) {
	var wrong []error
	need := func(name string) string {
		v := getenv(name)
		if v == "" {
			wrong = append(wrong, fmt.Errorf("%s is not set", name))
		}
		return v
	}
	cfg := notifications.Config{Listen: getenv("LISTEN"), Metrics: getenv("METRICS_LISTEN"), OperatorToken: getenv("OPERATOR_TOKEN")}
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:8083"
	}
	cfg.FCM.Endpoint = getenv("FCM_ENDPOINT")
	cfg.FCM.Project, cfg.FCM.Credentials = getenv("FIREBASE_PROJECT_ID"), getenv("GOOGLE_APPLICATION_CREDENTIALS")
	if cfg.FCM.Endpoint == "" && (cfg.FCM.Project == "" || cfg.FCM.Credentials == "") {
		wrong = append(wrong, errors.New("neither FCM_ENDPOINT (a sandbox) nor FIREBASE_PROJECT_ID with GOOGLE_APPLICATION_CREDENTIALS is set"))
	}
	cfg.Store.URI, cfg.Store.Database = need("MONGODB_URI"), "plenary_notifications"
	cfg.Bus.URL = need("NATS_URL")
	if text := getenv("NATS_REPLICAS"); text != "" {
		var err error
		if cfg.Bus.Replicas, err = strconv.Atoi(text); err != nil || cfg.Bus.Replicas < 1 || cfg.Bus.Replicas > 5 {
			wrong = append(wrong, fmt.Errorf("NATS_REPLICAS: %q is not a number from 1 to 5", text))
		}
	}
	var err error
	if cfg.Windows, err = notifications.ParseWindows(getenv("NOTICE_WINDOWS")); err != nil {
		wrong = append(wrong, fmt.Errorf("NOTICE_WINDOWS: %w", err))
	}
	wrong = append(wrong, cfg.HTTP.Read(getenv))
	return cfg, errors.Join(wrong...)
}
