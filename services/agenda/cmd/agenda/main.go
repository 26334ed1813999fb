// Command agenda runs one replica of the agenda service against a MongoDB and
// a NATS server that are there already.
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

	"plenary.example/services/agenda"
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
		return fmt.Errorf("agenda: %w", err)
	}
	s := agenda.New(cfg, slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	if err := s.Start(ctx); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "agenda listens on", s.Addr())
	<-ctx.Done()
	ending, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	return s.Stop(ending)
}

// configFromEnv reads the settings; every one that is missing is in the error.
func configFromEnv(getenv func(string) string) (agenda.Config, error) {
	var missing error
	need := func(name string) string {
		v := getenv(name)
		if v == "" {
			missing = errors.Join(missing, fmt.Errorf("%s is not set", name))
		}
		return v
	}
	listen := getenv("LISTEN")
	if listen == "" {
		listen = "127.0.0.1:8081"
	}
	return agenda.Config{
		Listen: listen, Metrics: getenv("METRICS_LISTEN"), Sandbox: getenv("SANDBOX") != "",
		Store: store.Config{URI: need("MONGODB_URI"), Database: "plenary_agenda"},
		Bus:   bus.Config{URL: need("NATS_URL")},
	}, missing
}
