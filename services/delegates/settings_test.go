package delegates_test

import (
	"strings"
	"testing"

	"plenary.example/services/delegates"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestWhatAnOperatorSaysOfPeople(t *testing.T) {
	t.Parallel()
	var c delegates.Config
	if err := c.Read(env(nil)); err != nil || c.Retention != 90 || c.BootstrapConference != "" || len(c.App.MinVersions)+len(c.App.Features) != 0 {
		t.Errorf("of an empty environment: %+v, %v", c, err)
	}
	err := c.Read(env(map[string]string{
		"BOOTSTRAP_CONFERENCE": "seoul-2013", "BOOTSTRAP_CODE": "k7mpx-2rq9d", "RETENTION_DAYS": "0", "PASSKEY_DOMAIN": "conference.example",
		"APP_MIN_VERSION_IOS": "1.4.0", "APP_MIN_VERSION_WEB": "12", "APP_FEATURES": "bilaterals, shuttle-bus",
	}))
	if err != nil || c.BootstrapConference != "seoul-2013" || c.BootstrapCode != "k7mpx-2rq9d" || c.Retention != 0 || c.Passkeys.RPID != "conference.example" ||
		c.App.MinVersions["ios"] != "1.4.0" || c.App.MinVersions["web"] != "12" || c.App.MinVersions["android"] != "" || strings.Join(c.App.Features, " ") != "bilaterals shuttle-bus" {
		t.Errorf("config %+v, %v", c, err)
	}
	for name, text := range map[string]string{
		"BOOTSTRAP_CONFERENCE": "Seoul *", "RETENTION_DAYS": "for ever", "PASSKEY_DOMAIN": "https://conference.example",
		"APP_MIN_VERSION_IOS": "v1", "APP_MIN_VERSION_ANDROID": "1..2", "APP_MIN_VERSION_WEB": "latest", "APP_FEATURES": "Fax",
	} {
		if err := c.Read(env(map[string]string{name: text})); err == nil || !strings.Contains(err.Error(), name+":") {
			t.Errorf("%s=%s: %v", name, text, err)
		}
	}
}

func TestABootstrapCodeIsLongEnoughAndNeverQuoted(t *testing.T) {
	t.Parallel()
	for name, pairs := range map[string]map[string]string{
		"short":         {"BOOTSTRAP_CONFERENCE": "seoul-2013", "BOOTSTRAP_CODE": "SHORT-12"},
		"only dashes":   {"BOOTSTRAP_CONFERENCE": "seoul-2013", "BOOTSTRAP_CODE": "S-H-O-R-T-1-2"},
		"too long":      {"BOOTSTRAP_CONFERENCE": "seoul-2013", "BOOTSTRAP_CODE": strings.Repeat("SHORT", 7)},
		"for no reason": {"BOOTSTRAP_CODE": "SHORT-12-SHORT"},
	} {
		var c delegates.Config
		if err := c.Read(env(pairs)); err == nil || !strings.Contains(err.Error(), "BOOTSTRAP_CODE") || strings.Contains(err.Error(), "SHORT") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
