// Plenary in one process: the engines, the three services on one port, and a
// sandbox that shows what each phone receives. It is a newcomer's first run,
// the bed of the end-to-end tests, and a true small deployment.
//
// It holds no rule of its own. The order of starting is all it knows: engines,
// secret, sandbox, services, door; stopping is the same list read backwards, so
// that requests end before the services do and the services before the engines.
// The services are the ones that also run alone, and they do not know that
// their store and bus live next door.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // conferences have time zones, machines not always

	"plenary.example/shared/lifecycle"
)

// patience is how long stopping may take; whoever sent SIGTERM waits 20 s.
const patience = 17 * time.Second

func main() {
	if err := run(os.Getenv, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "standalone:", err)
		os.Exit(1)
	}
}

// run does what the arguments say until a signal comes. The first signal ends
// it in order, a second one at once.
func run(getenv func(string) string, args []string, out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal is the system's again
	s, err := readSettings(getenv)
	if err != nil {
		return err
	}
	lines := lifecycle.NewOutput(os.Stderr)
	defer func() {
		last, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = lines.Stop(last) // where lines cannot be written, nor can this
	}()
	log := slog.New(slog.NewJSONHandler(lines, &slog.HandlerOptions{Level: s.Level}))
	switch {
	case len(args) == 0:
		return serve(ctx, s, log, out)
	case len(args) == 1 && args[0] == "engines":
		return serveEngines(ctx, s, log, out)
	case len(args) == 2 && args[0] == "load":
		return load(ctx, s, args[1], log, out)
	}
	return fmt.Errorf("%q is none of the ways to call me:\n%s", args, usage)
}

const usage = `  standalone                     everything in one process
  standalone engines             only the engines and the FCM sandbox, for services run alone
  standalone load <conference>   a sample conference into the stores of services run alone
`
