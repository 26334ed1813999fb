// Command delegates runs the delegates service alone, against a MongoDB and a
// NATS that are there already.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"plenary.example/services/delegates"
	"plenary.example/shared/lifecycle"
)

// patience is how long requests under way may take to end.
const patience = 20 * time.Second

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
		return fmt.Errorf("delegates: %w", err)
	}
	cfg.Announce = func(code string) { // to the terminal, and to no log
		fmt.Fprintf(os.Stderr, "conference %s: sign in with accreditation BOOTSTRAP and activation code %s, once\n", cfg.BootstrapConference, code)
	}
	out := lifecycle.NewOutput(os.Stdout)
	s := delegates.New(cfg, slog.New(slog.NewJSONHandler(out, nil)))
	err = s.Start(ctx)
	if err == nil {
		fmt.Fprintln(os.Stderr, "delegates listens on", s.Addr())
		<-ctx.Done()
	}
	last, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return errors.Join(err, s.Stop(last), out.Stop(last))
}

// configFromEnv reads the settings and says at once everything that is wrong
// with them.
func configFromEnv(getenv func(string) string) (delegates.Config, error) {
	var wrong []error
	need := func(name string) string {
		v := getenv(name)
		if v == "" {
			wrong = append(wrong, fmt.Errorf("%s is not set", name))
		}
		return v
	}
	cfg := delegates.Config{Listen: getenv("LISTEN"), Metrics: getenv("METRICS_LISTEN")}
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:8082"
	}
	if text := getenv("SANDBOX"); text != "" {
		var err error
		if cfg.Sandbox, err = strconv.ParseBool(text); err != nil {
			wrong = append(wrong, fmt.Errorf("SANDBOX: %q is neither true nor false", text))
		}
	}
	cfg.Store.URI, cfg.Store.Database = need("MONGODB_URI"), "plenary_delegates"
	cfg.Bus.URL = need("NATS_URL")
	if text := getenv("NATS_REPLICAS"); text != "" {
		var err error
		if cfg.Bus.Replicas, err = strconv.Atoi(text); err != nil || cfg.Bus.Replicas < 1 || cfg.Bus.Replicas > 5 {
			wrong = append(wrong, fmt.Errorf("NATS_REPLICAS: %q is not a number from 1 to 5", text))
		}
	}
	if text := need("PLENARY_SECRET"); text != "" {
		var err error
		if cfg.Secrets, err = delegates.ParseSecrets(text); err != nil {
			wrong = append(wrong, fmt.Errorf("PLENARY_SECRET: %w", err))
		}
	}
	wrong = append(wrong, cfg.HTTP.Read(getenv), cfg.Read(getenv))
	return cfg, errors.Join(wrong...)
}
