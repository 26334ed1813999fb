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
	"syscall"
	"time"

	"plenary.example/services/notifications"
	"plenary.example/shared/bus"
	"plenary.example/shared/store"
)

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
	s := notifications.New(cfg, slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	if err := s.Start(ctx); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "notifications listens on", s.Addr())
	<-ctx.Done()
	ending, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	return s.Stop(ending)
}

// configFromEnv reads the settings; every one that is missing is in the error.
func configFromEnv(getenv func(string) string) (notifications.Config, error) {
	var missing error
	need := func(name string) string {
		v := getenv(name)
		if v == "" {
			missing = errors.Join(missing, fmt.Errorf("%s is not set", name))
		}
		return v
	}
	cfg := notifications.Config{
		Listen: getenv("LISTEN"), Metrics: getenv("METRICS_LISTEN"),
		Store: store.Config{URI: need("MONGODB_URI"), Database: "plenary_notifications"},
		Bus:   bus.Config{URL: need("NATS_URL")},
		FCM: notifications.FCM{
			Endpoint: getenv("FCM_ENDPOINT"), Project: getenv("FIREBASE_PROJECT_ID"),
			Credentials: getenv("GOOGLE_APPLICATION_CREDENTIALS"),
		},
	}
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:8083"
	}
	if cfg.FCM.Endpoint == "" && cfg.FCM.Credentials == "" {
		missing = errors.Join(missing, errors.New("neither FCM_ENDPOINT (a sandbox) nor FIREBASE_PROJECT_ID with GOOGLE_APPLICATION_CREDENTIALS is set"))
	}
	return cfg, missing
}
