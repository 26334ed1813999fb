package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/standalone/internal/sample"
)

// TestServicesAsSeparateProcesses walks the same story through the services as
// they run in production: three commands, the engines as a fourth process, and
// a door that routes by the table of deployments/compose.
func TestServicesAsSeparateProcesses(t *testing.T) {
	t.Parallel()
	commands := build(t, "agenda", "delegates", "notifications")
	t.Run("each names every setting that is missing", func(t *testing.T) {
		t.Parallel()
		for name, path := range commands {
			namesMissing(t, name, path)
		}
	})
	t.Run("together they tell the story", func(t *testing.T) {
		t.Parallel()
		together(t, commands)
	})
}

func together(t *testing.T, commands map[string]string) {
	t.Helper()
	data := enginestest.Folder(t)
	engines := startProcess(t, "", []string{"engines"}, "PLENARY_DATA="+data,
		"NATS_LISTEN=127.0.0.1:0", "STORE_LISTEN=127.0.0.1:0", "FCM_LISTEN=127.0.0.1:0")
	environment := []string{"SANDBOX=true", "LISTEN=127.0.0.1:0"}
	for _, name := range []string{"MONGODB_URI", "NATS_URL", "FCM_ENDPOINT"} {
		environment = append(environment, name+"="+engines.line(t, "export "+name+"="))
	}
	endpoint := strings.TrimPrefix(environment[len(environment)-1], "FCM_ENDPOINT=")
	secret, err := os.ReadFile(filepath.Join(data, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	environment = append(environment, "PLENARY_SECRET="+strings.TrimSpace(string(secret)))

	loading := startProcess(t, "", []string{"load", "london-2011"}, environment...)
	if <-loading.ended; loading.err != nil {
		t.Fatalf("load: %v", loading.err)
	}
	c, err := sample.Make("london-2011", 1, 1)
	if err != nil {
		t.Fatal(err)
	}

	running, addresses := map[string]*process{}, map[string]string{}
	for name, path := range commands {
		running[name] = startProcess(t, path, nil, environment...)
	}
	for name, p := range running {
		addresses[name] = p.line(t, name+" listens on")
	}
	w := world{url: proxy(t, addresses), phones: strings.TrimSuffix(endpoint, "/v1"), sample: c}
	kept := story(t, w)

	for name, p := range running {
		if took, err := p.stop(t, syscall.SIGTERM); err != nil || took > 20*time.Second {
			t.Errorf("%s ended after %v with %v, want nil within 20 s", name, took, err)
		}
	}
	for name, path := range commands {
		addresses[name] = startProcess(t, path, nil, environment...).line(t, name+" listens on")
	}
	w.url = proxy(t, addresses)
	w.remembers(t, kept)
}

// namesMissing holds a command to telling an operator all at once.
func namesMissing(t *testing.T, name, path string) {
	t.Helper()
	p := startProcess(t, path, nil)
	<-p.ended
	want := []string{"MONGODB_URI", "NATS_URL"}
	switch name {
	case "delegates":
		want = append(want, "PLENARY_SECRET")
	case "notifications":
		want = append(want, "FCM_ENDPOINT", "GOOGLE_APPLICATION_CREDENTIALS")
	}
	for _, setting := range want {
		if p.err == nil || !strings.Contains(p.text(), setting) {
			t.Errorf("%s without settings ends with %v and does not name %s:\n%s", name, p.err, setting, p.text())
		}
	}
}

// build builds the services' commands and returns their paths by name.
func build(t *testing.T, services ...string) map[string]string {
	t.Helper()
	dir, paths, packages := t.TempDir(), map[string]string{}, []string{}
	for _, name := range services {
		packages = append(packages, "plenary.example/services/"+name+"/cmd/"+name)
		paths[name] = filepath.Join(dir, name)
	}
	buildInto(t, dir, packages...)
	return paths
}

func buildInto(t testing.TB, dir string, packages ...string) {
	t.Helper()
	arguments := append([]string{"build", "-o", dir + string(filepath.Separator)}, packages...)
	if out, err := exec.CommandContext(t.Context(), "go", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}
