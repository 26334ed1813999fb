package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
)

// programs are the binaries as a user has them, built once for all tests.
// The test binary itself would do, but the race detector makes its store forty
// times slower, and what is tested with processes is the killing of them.
var programs struct {
	once  sync.Once
	dir   string
	built bool
}

func TestMain(m *testing.M) {
	code := m.Run()
	if programs.dir != "" {
		_ = os.RemoveAll(programs.dir)
	}
	os.Exit(code)
}

// program is the path of the standalone binary or of a service's command.
func program(t testing.TB, name string) string {
	t.Helper()
	programs.once.Do(func() {
		dir, err := os.MkdirTemp("", "plenary-programs-") //nolint:usetesting // it outlives the test that needs it first
		if err != nil {
			t.Fatal(err)
		}
		programs.dir = dir
		packages := []string{"build", "-o", dir + string(filepath.Separator), "plenary.example/deployments/standalone"}
		for _, s := range []string{"agenda", "delegates", "notifications"} {
			packages = append(packages, "plenary.example/services/"+s+"/cmd/"+s)
		}
		if out, err := exec.CommandContext(t.Context(), "go", packages...).CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
		programs.built = true
	})
	if !programs.built {
		t.Fatal("the programs were not built")
	}
	return filepath.Join(programs.dir, name)
}

// A process is a program under test, with what it printed so far.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has been waited for
	err   error         // of waiting; read after ended
	lines chan string   // of both outputs, closed at the end

	mu      sync.Mutex
	printed strings.Builder
}

// startProcess runs a service's command, or the standalone binary if name is empty,
// with exactly the given environment beside what every program needs. It is killed
// after the test.
func startProcess(t testing.TB, name string, args []string, environment ...string) *process {
	t.Helper()
	name = cmp.Or(name, "standalone")
	p := &process{cmd: exec.Command(program(t, name), args...), ended: make(chan struct{}), lines: make(chan string, 10_000)}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir(), "NOTICE_WINDOWS=off"}, environment...)
	p.cmd.Dir = t.TempDir()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = in, in
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = in.Close() // the process has its own
	go p.read(out)
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended
		<-p.ended
		if t.Failed() {
			t.Logf("%s %v printed:\n%s", name, args, p.text())
		}
	})
	return p
}

// read keeps what the process prints and waits for its end.
func (p *process) read(out *os.File) {
	scan := bufio.NewScanner(out)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		p.mu.Lock()
		p.printed.WriteString(scan.Text() + "\n")
		p.mu.Unlock()
		select {
		case p.lines <- scan.Text():
		default: // nobody waits for lines any more
		}
	}
	p.err = errors.Join(p.cmd.Wait(), out.Close())
	close(p.lines)
	close(p.ended)
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.printed.String()
}

// line returns the rest of the first line that begins with start.
func (p *process) line(t testing.TB, start string) string {
	t.Helper()
	patience := time.After(3 * time.Minute) // under the race detector on a busy machine
	for {
		select {
		case l, ok := <-p.lines:
			if !ok {
				t.Fatalf("the process ended (%v) without printing %q", p.err, start)
			}
			if rest, found := strings.CutPrefix(strings.TrimSpace(l), start); found {
				return strings.TrimSpace(rest)
			}
		case <-patience:
			t.Fatalf("the process has not printed %q in time", start)
		}
	}
}

// stop sends the signal and returns how long the process took to end, and how
// it ended.
func (p *process) stop(t testing.TB, s os.Signal) (time.Duration, error) {
	t.Helper()
	began := time.Now()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(3 * time.Minute):
		t.Fatal("the process is still there after three minutes")
	}
	return time.Since(began), p.err
}

func TestTheProcessStopsInTimeAndStartsAgain(t *testing.T) {
	t.Parallel()
	environment := []string{"PORT=0", "METRICS_LISTEN=127.0.0.1:0", "PLENARY_DATA=" + enginestest.Folder(t), "CONFERENCE=leipzig-2019"}
	var printed string
	for round := range 2 {
		p := startProcess(t, "", nil, environment...)
		url := strings.TrimSuffix(p.line(t, "API docs"), "/")
		if answer := get(t, url+"/readyz"); answer.StatusCode != 200 {
			t.Errorf("start %d: ready answers %d: %s", round+1, answer.StatusCode, body(t, answer))
		}
		p.line(t, "curl -fsS $HERE/agenda") // the last one
		_, printedStory, _ := strings.Cut(p.text(), "Bring a schedule")
		pasted(t, printedStory, "The one and only")
		second := startProcess(t, "", nil, environment...)
		<-second.ended
		if second.err == nil {
			t.Errorf("start %d: a second process took the same folder", round+1)
		}
		took, err := p.stop(t, syscall.SIGTERM)
		if err != nil || took > 20*time.Second {
			t.Errorf("start %d: it ended after %v with %v, want nil within 20 s", round+1, took, err)
		}
		codes := p.text()[strings.Index(p.text(), "Accreditation"):]
		codes = codes[:strings.Index(codes, "\n\n")]
		if round > 0 && codes != printed {
			t.Errorf("start %d prints other codes:\n%s\nwant\n%s", round+1, codes, printed)
		}
		printed = codes
	}
}

func TestAPortThatIsTakenIsSaid(t *testing.T) {
	t.Parallel()
	s, err := readSettings(env("PORT", "0", "METRICS_LISTEN", "off", "PLENARY_DATA", enginestest.Folder(t), "CONFERENCE", "none"))
	if err != nil {
		t.Fatal(err)
	}
	h, err := open(t.Context(), s, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	s.Listen, s.Data = h.door.Addr(), enginestest.Folder(t)
	second, err := open(context.WithoutCancel(t.Context()), s, quiet)
	if err == nil {
		_ = second.close()
		t.Fatal("two processes listen on one port")
	}
	if !strings.Contains(err.Error(), "PORT") {
		t.Errorf("the error does not say what to do: %v", err)
	}
}
