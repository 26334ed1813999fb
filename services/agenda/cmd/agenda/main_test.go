package main

import (
	"strings"
	"testing"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestEverythingMissingIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	_, err := configFromEnv(env(map[string]string{"SANDBOX": "perhaps", "CORS_ORIGINS": "*", "RATE_LIMIT": "some"}))
	if err == nil {
		t.Fatal("an empty environment is enough")
	}
	for _, name := range []string{"MONGODB_URI", "NATS_URL", "SANDBOX", "CORS_ORIGINS", "RATE_LIMIT"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

func TestAFullEnvironment(t *testing.T) {
	t.Parallel()
	cfg, err := configFromEnv(env(map[string]string{
		"MONGODB_URI": "mongodb://db", "NATS_URL": "nats://bus", "LISTEN": "0.0.0.0:80", "METRICS_LISTEN": "0.0.0.0:90", "SANDBOX": "true",
		"CORS_ORIGINS": "https://desk.example.org",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Store.URI != "mongodb://db" || cfg.Store.Database != "plenary_agenda" || cfg.Bus.URL != "nats://bus" ||
		cfg.Listen != "0.0.0.0:80" || cfg.Metrics != "0.0.0.0:90" || !cfg.Sandbox ||
		len(cfg.HTTP.Origins) != 1 || cfg.HTTP.Limits.Device.Burst == 0 {
		t.Errorf("config %+v", cfg)
	}
}
