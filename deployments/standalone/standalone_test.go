package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/standalone/internal/sample"
)

// openHouse starts the whole of Plenary in this process, as `standalone` does; in
// a folder of its own unless the pairs name one.
func openHouse(t *testing.T, pairs ...string) *house {
	t.Helper()
	if !slices.Contains(pairs, "PLENARY_DATA") {
		pairs = append(pairs, "PLENARY_DATA", enginestest.Folder(t))
	}
	s, err := readSettings(env(append(pairs, "PORT", "0", "METRICS_LISTEN", "127.0.0.1:0")...))
	if err != nil {
		t.Fatal(err)
	}
	h, err := open(context.WithoutCancel(t.Context()), s, quiet) // it is closed after the test's context has ended
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return h
}

func (h *house) world() world {
	return world{url: h.place().URL, phones: h.place().URL + "/sandbox", sample: h.sample}
}

// TestFromAMoveToABuzzingPhone is the story the house is built for, and what a
// restart keeps of it.
func TestFromAMoveToABuzzingPhone(t *testing.T) {
	t.Parallel()
	data := enginestest.Folder(t)
	h := openHouse(t, "PLENARY_DATA", data, "CONFERENCE", "london-2011")
	pasted(t, buzzStory(h.place()), "session.moved")
	kept := story(t, h.world())
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	openHouse(t, "PLENARY_DATA", data, "CONFERENCE", "london-2011").world().remembers(t, kept)
}

// TestAFirstStartThatWasCutGoesOn: loading a sample takes a while, and somebody
// presses Ctrl-C. However far it got, the next start completes it.
func TestAFirstStartThatWasCutGoesOn(t *testing.T) {
	t.Parallel()
	data := enginestest.Folder(t)
	s, err := readSettings(env("PLENARY_DATA", data, "CONFERENCE", "london-2011", "PORT", "0", "METRICS_LISTEN", "off"))
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range []time.Duration{200 * time.Millisecond, 500 * time.Millisecond, time.Second} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		if h, err := open(ctx, s, quiet); err == nil { // a fast machine
			err = h.close()
			if err != nil {
				t.Fatal(err)
			}
		}
		cancel()
	}
	story(t, openHouse(t, "PLENARY_DATA", data, "CONFERENCE", "london-2011").world())
}

// pasted runs the commands that a newcomer is told to paste, in the shell they
// are meant for, and wants to see something in what they print.
func pasted(t *testing.T, story, want string) {
	t.Helper()
	_, commands, found := strings.Cut(story, "  API=")
	if !found {
		t.Fatalf("no commands in %q", story)
	}
	shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", "API="+commands)
	shell.Dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(shell.Dir, "schedule.json"), []byte(schedule), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := shell.CombinedOutput()
	if err != nil || !strings.Contains(string(out), want) {
		t.Errorf("pasting\n%s\nprints\n%s\nand ends with %v, want %q in it", story, out, err, want)
	}
}

// schedule is the smallest schedule file that has a session, on the first day
// of the empty sample.
const schedule = `{"schedule":{"version":"1","conference":{"title":"T","start":"2019-12-27","end":"2019-12-30","days":[{
	"index":1,"date":"2019-12-27","rooms":{"Hall":[{"guid":"2b1c6a8e-4f0e-4d3c-9a55-0d6a3f1e7b21","id":1,
	"date":"2019-12-27T11:00:00+01:00","start":"11:00","duration":"00:45","room":"Hall","title":"The one and only"}]}}]}}}`

// TestReadmeShowsWhatIsPrinted: the commands of the page are those that the
// first start prints, so they are tried whenever the tests run.
func TestReadmeShowsWhatIsPrinted(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	c, err := sample.Make("seoul-2013", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, commands, _ := strings.Cut(buzzStory(place{URL: "http://" + defaultListen, Sample: c, Now: c.Opens()}), "  API=")
	for line := range strings.Lines("API=" + commands) {
		if line = strings.TrimPrefix(line, "  "); !strings.Contains(string(readme), "\n"+line) {
			t.Errorf("README.md has no line %q", line)
		}
	}
}

func TestTheDoorTellsHowItIs(t *testing.T) {
	t.Parallel()
	h := openHouse(t, "CONFERENCE", "none")
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 404, "/v1/me": 401, "/nowhere": 404} {
		answer := get(t, h.place().URL+path)
		if text := body(t, answer); answer.StatusCode != want {
			t.Errorf("%s answers %d: %s, want %d", path, answer.StatusCode, text, want)
		}
	}
	if answer := get(t, h.place().Metrics); answer.StatusCode != http.StatusOK {
		t.Errorf("the metrics answer %d", answer.StatusCode)
	} else if text := body(t, answer); len(text) < 1000 {
		t.Errorf("the metrics are %d bytes", len(text))
	}
}

// TestReadmePathsExist: a page that describes folders which are not there is
// worse than none.
func TestReadmePathsExist(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	rooms := regexp.MustCompile("`((?:api-spec|shared|services|deployments|\\.ci)/[\\w./-]*)`")
	found := rooms.FindAllStringSubmatch(string(readme), -1)
	for _, m := range found {
		if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
			t.Errorf("README.md speaks of %s: %v", m[1], err)
		}
	}
	if len(found) < 15 {
		t.Errorf("found only %d paths, so this test looks for the wrong thing", len(found))
	}
}
