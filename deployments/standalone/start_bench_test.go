package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
)

// BenchmarkStart starts the binary as a user does, on a folder that holds
// Seoul, and measures until it answers; then how much memory it holds when
// nobody has asked for anything else.
func BenchmarkStart(b *testing.B) {
	binary := program(b, "standalone")
	environment := []string{"PORT=0", "METRICS_LISTEN=off", "PLENARY_DATA=" + enginestest.Folder(b)}
	start := func() (*process, time.Duration) {
		began := time.Now()
		p := startProcess(b, "", nil, environment...)
		answer := get(b, strings.TrimSuffix(p.line(b, "API docs"), "/")+"/readyz")
		if text := body(b, answer); answer.StatusCode != 200 {
			b.Fatalf("ready answers %d: %s", answer.StatusCode, text)
		}
		return p, time.Since(began)
	}
	p, first := start()
	var took, memory []float64
	for b.Loop() {
		if _, err := p.stop(b, syscall.SIGTERM); err != nil {
			b.Fatal(err)
		}
		var again time.Duration
		p, again = start()
		took = append(took, float64(again.Milliseconds()))
		memory = append(memory, resident(b, p.cmd.Process.Pid))
	}
	size, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(first.Milliseconds()), "ms-first-start")
	b.ReportMetric(median(took), "ms-start")
	b.ReportMetric(median(memory), "MB-idle")
	b.ReportMetric(float64(size.Size())/1e6, "MB-binary")
	b.ReportMetric(0, "ns/op")
}

// resident is the memory of a process in megabytes; 0 where the system does
// not tell.
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var kilobytes float64
	if _, err := fmt.Sscanf(rest, "%f kB", &kilobytes); err != nil {
		b.Fatalf("read the memory of %d: %v", pid, err)
	}
	return kilobytes / 1000
}
