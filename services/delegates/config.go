package delegates

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/bus"
	"plenary.example/shared/httpd"
	"plenary.example/shared/store"
)

// Config says with what the service works. Store, Bus and Secrets are needed.
type Config struct {
	Listen  string // host:port of the API; empty = do not listen, somebody mounts
	Metrics string // host:port of /metrics; empty = none of its own
	// Registry takes the metrics; nil = one of its own.
	Registry *prometheus.Registry
	Store    store.Config
	Bus      bus.Config
	// Secrets of the installation, newest first; see ParseSecrets. The first
	// signs, all verify. To change it without signing anybody out: put the new
	// one behind the old on every replica, then before it, then drop the old one
	// when the activation codes hashed under it are used or issued anew.
	Secrets [][]byte
	// Sandbox takes the codes of sample conferences.
	Sandbox bool
	// Passkeys says as whom the secretariat's passkeys are asked for.
	Passkeys Passkeys
	// HTTP is how the edge meets the clients when the service listens; who
	// mounts has an edge of its own.
	HTTP httpd.Settings
	// BootstrapConference, unless empty, is a conference that gets a first person
	// with the role secretariat when it has none. They sign in with the
	// accreditation BOOTSTRAP and BootstrapCode, once. Without a BootstrapCode, of
	// ten characters at least, one is made up; Announce is called with it, on one
	// replica and once, and shows it to whoever starts the service, never to a log.
	BootstrapConference, BootstrapCode string
	Announce                           func(code string)
	// App is what apps are told before they sign in.
	App App
	// Retention is how many days after its last day everybody of a conference is
	// forgotten, as if the secretariat had erased them one by one, and its API
	// keys end; nobody before the log has warned of it for a day. The programs take
	// 90 unless they are told otherwise; 0 = never.
	Retention int
	Now       func() time.Time // nil = time.Now
}

// App is what apps are told before they sign in. The zero App lets every version
// in and names no features.
type App struct {
	// MinVersions are the oldest versions of the apps that still work here, by ios,
	// android and web; one that is missing is 0.
	MinVersions map[string]string
	Features    []string // what this installation can do beyond the ordinary
}

// ParseSecrets reads PLENARY_SECRET: base64 of at least 32 bytes, several
// separated by commas, the newest first.
func ParseSecrets(text string) ([][]byte, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("the secret is empty")
	}
	var secrets [][]byte
	for i, part := range strings.Split(text, ",") {
		part = strings.TrimRight(strings.TrimSpace(part), "=")
		s, err := base64.RawStdEncoding.DecodeString(part)
		if err != nil {
			s, err = base64.RawURLEncoding.DecodeString(part)
		}
		if err != nil {
			return nil, fmt.Errorf("secret %d is not base64", i+1) // never quote it
		}
		if len(s) < token.MinSecret {
			return nil, fmt.Errorf("secret %d has %d bytes, fewer than %d", i+1, len(s), token.MinSecret)
		}
		secrets = append(secrets, s)
	}
	return secrets, nil
}
