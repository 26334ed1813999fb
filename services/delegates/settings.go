package delegates

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// retention is how many days after a conference its people are forgotten,
// unless the environment says otherwise.
const retention = 90

// What settings look like. They are read once, so nothing is kept compiled.
const (
	slug    = `^[a-z0-9][a-z0-9-]{0,63}$`
	version = `^\d{1,6}(\.\d{1,6}){0,3}$`
	feature = `^[a-z0-9][a-z0-9_.-]{0,63}$`
)

func looksLike(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }

// Read takes from the environment what an operator may say about the people of
// an installation, whichever program it is: PASSKEY_DOMAIN, PASSKEY_ORIGINS,
// PASSKEY_NAME, BOOTSTRAP_CONFERENCE, BOOTSTRAP_CODE, APP_MIN_VERSION_IOS,
// APP_MIN_VERSION_ANDROID, APP_MIN_VERSION_WEB, APP_FEATURES and
// RETENTION_DAYS. The error names each that is wrong, and never the code.
func (c *Config) Read(getenv func(string) string) error {
	errs := []error{c.Passkeys.Read(getenv), c.readBootstrap(getenv)}
	c.App = App{MinVersions: make(map[string]string)}
	for app, name := range map[string]string{
		"ios": "APP_MIN_VERSION_IOS", "android": "APP_MIN_VERSION_ANDROID", "web": "APP_MIN_VERSION_WEB",
	} {
		text := getenv(name)
		switch {
		case text == "":
		case looksLike(version, text):
			c.App.MinVersions[app] = text
		default:
			errs = append(errs, fmt.Errorf("%s: %q is not a version like 1.4.0", name, text))
		}
	}
	for _, text := range strings.Fields(strings.ReplaceAll(getenv("APP_FEATURES"), ",", " ")) {
		if !looksLike(feature, text) {
			errs = append(errs, fmt.Errorf("APP_FEATURES: %q is not a name in small letters", text))
		}
		c.App.Features = append(c.App.Features, text)
	}
	c.Retention = retention
	if text := getenv("RETENTION_DAYS"); text != "" {
		var err error
		if c.Retention, err = strconv.Atoi(text); err != nil || c.Retention < 0 || c.Retention > 3650 {
			errs = append(errs, fmt.Errorf("RETENTION_DAYS: %q is not a number from 0, for ever, to 3650", text))
		}
	}
	return errors.Join(errs...)
}

func (c *Config) readBootstrap(getenv func(string) string) error {
	c.BootstrapConference, c.BootstrapCode = getenv("BOOTSTRAP_CONFERENCE"), getenv("BOOTSTRAP_CODE")
	switch {
	case c.BootstrapConference == "" && c.BootstrapCode != "":
		return errors.New("BOOTSTRAP_CODE: without BOOTSTRAP_CONFERENCE it opens nothing")
	case c.BootstrapConference != "" && !looksLike(slug, c.BootstrapConference):
		return fmt.Errorf("BOOTSTRAP_CONFERENCE: %q is not a name like seoul-2013", c.BootstrapConference)
	case c.BootstrapCode == "":
		return nil
	}
	if n := len(strings.NewReplacer("-", "", " ", "").Replace(c.BootstrapCode)); n < 10 || len(c.BootstrapCode) > 32 { // what is sent to sign in
		return errors.New("BOOTSTRAP_CODE: it has fewer than 10 or more than 32 characters")
	}
	return nil
}
