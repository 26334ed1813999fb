package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestEveryCommandOfTheReadmeWorks pastes what the page tells a newcomer to
// paste, block after block into one shell, and wants to see in what it prints
// what the page says about it.
func TestEveryCommandOfTheReadmeWorks(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	page, _, found := strings.Cut(string(readme), "## For app developers")
	blocks := regexp.MustCompile("(?s)```bash\n(.*?)```").FindAllStringSubmatch(page, -1)
	if !found || len(blocks) < 5 {
		t.Fatalf("found %d blocks of commands", len(blocks))
	}
	h := openHouse(t, "NOTICE_WINDOWS", "") // with the sample and the windows that make run brings
	var commands strings.Builder
	for _, b := range blocks {
		commands.WriteString(strings.ReplaceAll(b[1], "http://"+defaultListen, h.place().URL))
	}
	shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", commands.String())
	shell.Dir = t.TempDir()
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Errorf("the shell ends with %v:\n%s", err, out)
	}
	for _, want := range []string{"session.moved", `"participants":1601`, `"note":"With the press"`, "What was agreed", `"roomName":"Bilateral Room`, `"code":"slot_taken"`, `"needsConfirmation":true`, `"status":"sent"`, `"status":"scheduled"`, `"status":"recalled"`, `{"items":[]}`, `"rooms":14`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("nothing says %s in\n%s", want, out)
		}
	}
	for _, file := range []string{"list.html", "schedule.xml", "agenda.ics", "grid.html"} {
		if made, err := os.Stat(shell.Dir + "/" + file); err != nil || made.Size() < 1000 {
			t.Errorf("%s: %v", file, err)
		}
	}
}
