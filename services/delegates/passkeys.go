package delegates

import (
	"fmt"
	"strings"

	"plenary.example/services/delegates/internal/passkey"
)

// Passkeys are the second step of signing in for the secretariat. The zero
// Passkeys turns them off: nobody is asked for one, whoever has some.
type Passkeys struct {
	RPID   string // the domain they are made for, "conference.example"; never change it: they would be lost
	RPName string // what people are shown; empty = Plenary
	// Origins are where they may be used: "https://office.conference.example", or
	// "android:apk-key-hash:…" for an app.
	Origins []string
}

// Read takes PASSKEY_DOMAIN, PASSKEY_ORIGINS and PASSKEY_NAME from the
// environment. A domain without origins is its own, over https.
func (p *Passkeys) Read(getenv func(string) string) error {
	*p = Passkeys{
		RPID: getenv("PASSKEY_DOMAIN"), RPName: getenv("PASSKEY_NAME"),
		Origins: strings.Fields(strings.ReplaceAll(getenv("PASSKEY_ORIGINS"), ",", " ")),
	}
	switch {
	case p.RPID == "" && (p.RPName != "" || len(p.Origins) > 0):
		return fmt.Errorf("PASSKEY_DOMAIN: without it PASSKEY_ORIGINS and PASSKEY_NAME mean nothing")
	case p.RPID == "":
		return nil
	case len(p.Origins) == 0:
		p.Origins = []string{"https://" + p.RPID}
	}
	if err := passkey.Config(*p).Check(); err != nil {
		return fmt.Errorf("PASSKEY_DOMAIN: %w", err)
	}
	return nil
}
