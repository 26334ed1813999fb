package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// env is a getenv over pairs of name and value. Unless they say otherwise every
// change is told at once: what waits makes tests wait.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		if name == "NOTICE_WINDOWS" {
			return "off"
		}
		return ""
	}
}

func TestListen(t *testing.T) {
	t.Parallel()
	tests := []struct{ listen, port, want string }{
		{"", "", "127.0.0.1:8080"},
		{"", "9000", "127.0.0.1:9000"},
		{"", "0", "127.0.0.1:0"},
		{"0.0.0.0", "", "0.0.0.0:8080"},
		{"0.0.0.0", "80", "0.0.0.0:80"},
		{"0.0.0.0:81", "", "0.0.0.0:81"},
		{"0.0.0.0:81", "82", "0.0.0.0:82"},
		{"::1", "", "[::1]:8080"},
		{"[::1]:81", "", "[::1]:81"},
		{":8081", "", ":8081"},
	}
	for _, tt := range tests {
		s, err := readSettings(env("LISTEN", tt.listen, "PORT", tt.port))
		if err != nil || s.Listen != tt.want {
			t.Errorf("LISTEN=%q PORT=%q: %q, %v, want %q", tt.listen, tt.port, s.Listen, err, tt.want)
		}
	}
}

func TestAllFaultsOfTheEnvironmentAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	wrong := []string{
		"PORT", "65536", "METRICS_LISTEN", "everywhere", "CONFERENCE", "atlantis-1999", "SAMPLE_SEED", "-1",
		"SAMPLE_SIZE", "21", "LOG_LEVEL", "loud", "FIREBASE_PROJECT_ID", "alone", "SANDBOX", "maybe", "TRUSTED_PROXIES", "10.0.0.300/8",
		"CORS_ORIGINS", "https://*.example.org", "RATE_LIMIT", "none", "NOTICE_WINDOWS", "open",
		"BOOTSTRAP_CODE", "K7MPX-2RQ9D", "RETENTION_DAYS", "-1", "APP_MIN_VERSION_WEB", "new", "APP_FEATURES", "Fax", "PASSKEY_DOMAIN", "https://desk.example.org",
	}
	_, err := readSettings(env(wrong...))
	if err == nil {
		t.Fatal("readSettings took nonsense")
	}
	for i := 0; i < len(wrong); i += 2 {
		if name := strings.Replace(wrong[i], "PORT", "LISTEN", 1); !strings.Contains(err.Error(), name+":") {
			t.Errorf("the error does not speak of %s:\n%v", name, err)
		}
	}
}

// TestRealCarriersGetNoSample: with credentials for Google the phones are real
// and codes that everybody can compute are not for them.
func TestRealCarriersGetNoSample(t *testing.T) {
	t.Parallel()
	google := []string{"FIREBASE_PROJECT_ID", "p", "GOOGLE_APPLICATION_CREDENTIALS", "/k.json"}
	s, err := readSettings(env(google...))
	if err != nil || s.Sandbox || s.Conference != "" {
		t.Errorf("with Google: sandbox %v, sample %q, %v", s.Sandbox, s.Conference, err)
	}
	s, err = readSettings(env(append(google, "SANDBOX", "true")...))
	if err != nil || !s.Sandbox || s.Conference == "" {
		t.Errorf("with Google and SANDBOX=true: sandbox %v, sample %q, %v", s.Sandbox, s.Conference, err)
	}
}

// TestReadmeNamesEverySetting keeps the tables for people and the code together.
func TestReadmeNamesEverySetting(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	mains, err := filepath.Glob("../../services/*/cmd/*/main.go")
	if err != nil || len(mains) == 0 {
		t.Fatalf("no commands found: %v", err)
	}
	found := 0
	for _, path := range append(mains, "settings.go", "../../shared/httpd/settings.go", "../../services/delegates/passkeys.go", "../../services/delegates/settings.go") {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:getenv|need|list)\("([A-Z_]+)"\)|"([A-Z]+(?:_[A-Z]+)+)"`).FindAllStringSubmatch(string(source), -1) {
			found++
			if name := m[1] + m[2]; !strings.Contains(string(readme), "`"+name+"`") {
				t.Errorf("README.md does not name %s, which %s reads", name, path)
			}
		}
	}
	if found < 30 {
		t.Errorf("found only %d settings, so this test looks in the wrong place", found)
	}
}
