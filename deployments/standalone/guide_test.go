package main

import (
	"html"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestTheGuideWorksAsItStands pastes every command of the guide for app
// developers into one shell, from top to bottom, as the guide says one can.
func TestTheGuideWorksAsItStands(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("internal/docs/site/guide.html")
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for _, block := range regexp.MustCompile(`(?s)<pre><code>(.*?)</code></pre>`).FindAllSubmatch(guide, -1) {
		commands = append(commands, html.UnescapeString(string(block[1])))
	}
	h := openHouse(t, "CONFERENCE", "seoul-2013", "NOTICE_WINDOWS", "")
	shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", strings.Join(commands, "\n"))
	shell.Dir, shell.Env = t.TempDir(), append(os.Environ(), "API="+h.place().URL)
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("the guide ends with %v:\n%s", err, out)
	}
	for _, want := range []string{
		`"accreditation":"SEO-00286"`, `"rendering":"app"`, "\n304\n", `"pickedAt"`, `"status":"cancelled"`, `"category":"session.cancelled"`,
		`"participants":true`, `"nextCursor"`, `"designation"`, `"current":true`, `"code":"token_revoked"`,
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the guide's commands print no %s:\n%s", want, out)
		}
	}
}
