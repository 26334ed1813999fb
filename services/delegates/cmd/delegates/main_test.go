package main

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestEverythingMissingIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	_, err := configFromEnv(env(map[string]string{
		"SANDBOX": "perhaps", "TRUSTED_PROXIES": "10.0.0.0/8, proxy", "CORS_ORIGINS": "*",
		"RETENTION_DAYS": "soon", "PASSKEY_ORIGINS": "https://desk.example",
	}))
	if err == nil {
		t.Fatal("an empty environment is enough")
	}
	for _, name := range []string{"MONGODB_URI", "NATS_URL", "PLENARY_SECRET", "SANDBOX", "TRUSTED_PROXIES", "CORS_ORIGINS", "PASSKEY_DOMAIN", "RETENTION_DAYS"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

func TestASecretIsNeverQuoted(t *testing.T) {
	t.Parallel()
	_, err := configFromEnv(env(map[string]string{"MONGODB_URI": "m", "NATS_URL": "n", "PLENARY_SECRET": "hunter2!"}))
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "PLENARY_SECRET") {
		t.Errorf("error %v", err)
	}
}

func TestAFullEnvironment(t *testing.T) {
	t.Parallel()
	secret := base64.StdEncoding.EncodeToString(make([]byte, 32))
	cfg, err := configFromEnv(env(map[string]string{
		"MONGODB_URI": "mongodb://db", "NATS_URL": "nats://bus", "PLENARY_SECRET": secret + ", " + secret,
		"LISTEN": "0.0.0.0:80", "METRICS_LISTEN": "0.0.0.0:90", "SANDBOX": "true", "TRUSTED_PROXIES": "10.0.0.0/8",
		"RATE_LIMIT": "off", "BOOTSTRAP_CONFERENCE": "seoul-2013", "PASSKEY_DOMAIN": "conference.example",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Store.URI != "mongodb://db" || cfg.Store.Database != "plenary_delegates" || cfg.Bus.URL != "nats://bus" || len(cfg.Secrets) != 2 ||
		cfg.Listen != "0.0.0.0:80" || cfg.Metrics != "0.0.0.0:90" || !cfg.Sandbox || len(cfg.HTTP.Proxies) != 1 || cfg.HTTP.Limits.Device.Burst != 0 ||
		cfg.BootstrapConference != "seoul-2013" || cfg.Retention != 90 || cfg.Passkeys.RPID != "conference.example" || !slices.Equal(cfg.Passkeys.Origins, []string{"https://conference.example"}) {
		t.Errorf("config %+v", cfg)
	}
}
