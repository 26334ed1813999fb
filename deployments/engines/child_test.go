package engines_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// roles are what a process of this test binary can be other than the tests:
// something that is killed, or a client elsewhere. A role speaks in lines on
// standard output.
var roles = map[string]func(ctx context.Context, arg string) error{
	"increment": increment,
	"store":     writeUntilKilled,
	"bus":       publishUntilKilled,
}

func TestMain(m *testing.M) {
	name, arg, ok := strings.Cut(os.Getenv("ENGINES_TEST_ROLE"), " ")
	if !ok {
		os.Exit(m.Run())
	}
	if err := roles[name](context.Background(), arg); err != nil {
		slog.Error("role failed", "role", name, "err", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A child is another process in one of the roles.
type child struct {
	*exec.Cmd
	lines *bufio.Scanner
}

// start runs a role, until it ends or the test is over.
func start(t *testing.T, role, arg string) *child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "ENGINES_TEST_ROLE="+role+" "+arg)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &child{cmd, bufio.NewScanner(out)}
}

// say writes one line at once, so that a line the reader has is a fact.
func say(format string, v ...any) {
	_, _ = os.Stdout.WriteString(fmt.Sprintf(format, v...) + "\n")
}

// killAfter reads n lines, kills the process as kill -9 does, and reads what
// it had said by then.
func (c *child) killAfter(t *testing.T, n int) (lines []string) {
	t.Helper()
	for len(lines) < n && c.lines.Scan() {
		lines = append(lines, c.lines.Text())
	}
	if len(lines) < n {
		t.Fatalf("the child ended by itself after %d lines: %v", len(lines), c.Wait())
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for c.lines.Scan() {
		lines = append(lines, c.lines.Text())
	}
	_ = c.Wait() // "signal: killed"
	return lines
}
