package main

import (
	"os"
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
	commands := []string{"agenda", "delegates", "notifications"}
	t.Run("each names every setting that is missing", func(t *testing.T) {
		t.Parallel()
		for _, name := range commands {
			namesMissing(t, name)
		}
	})
	t.Run("together they tell the story", func(t *testing.T) {
		t.Parallel()
		together(t, commands)
	})
}

// enginesOnly starts the engines on a folder as a process of their own, and returns
// the settings that it gives to services, by name.
func enginesOnly(t testing.TB, data string) (engines *process, settings map[string]string) {
	t.Helper()
	engines = startProcess(t, "", []string{"engines"}, "PLENARY_DATA="+data,
		"NATS_LISTEN=127.0.0.1:0", "STORE_LISTEN=127.0.0.1:0", "FCM_LISTEN=127.0.0.1:0")
	settings = map[string]string{"SANDBOX": "true", "LISTEN": "127.0.0.1:0"}
	for _, name := range []string{"MONGODB_URI", "NATS_URL", "FCM_ENDPOINT"} {
		settings[name] = engines.line(t, "export "+name+"=")
	}
	secret, err := os.ReadFile(filepath.Join(data, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	settings["PLENARY_SECRET"] = strings.TrimSpace(string(secret))
	return engines, settings
}

// loads brings London into engines that run alone, and returns the environment of
// their services.
func loads(t testing.TB, settings map[string]string) (c sample.Conference, environment []string) {
	t.Helper()
	for name, value := range settings {
		environment = append(environment, name+"="+value)
	}
	loading := startProcess(t, "", []string{"load", "london-2011"}, environment...)
	if <-loading.ended; loading.err != nil {
		t.Fatalf("load: %v", loading.err)
	}
	c, err := sample.Make("london-2011", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	return c, environment
}

func together(t *testing.T, commands []string) {
	t.Helper()
	_, settings := enginesOnly(t, enginestest.Folder(t))
	c, environment := loads(t, settings)

	running, addresses := map[string]*process{}, map[string]string{}
	for _, name := range commands {
		running[name] = startProcess(t, name, nil, environment...)
	}
	for name, p := range running {
		addresses[name] = p.line(t, name+" listens on")
	}
	w := world{url: proxy(t, addresses), phones: strings.TrimSuffix(settings["FCM_ENDPOINT"], "/v1"), sample: c}
	kept := story(t, w)

	for name, p := range running {
		if took, err := p.stop(t, syscall.SIGTERM); err != nil || took > 20*time.Second {
			t.Errorf("%s ended after %v with %v, want nil within 20 s", name, took, err)
		}
	}
	for _, name := range commands {
		addresses[name] = startProcess(t, name, nil, environment...).line(t, name+" listens on")
	}
	w.url = proxy(t, addresses)
	w.remembers(t, kept)
}

// namesMissing holds a command to telling an operator all at once.
func namesMissing(t *testing.T, name string) {
	t.Helper()
	p := startProcess(t, name, nil)
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
