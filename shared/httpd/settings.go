package httpd

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// Settings are what an operator may say about how the edge of any service meets
// its clients. The zero Settings believe no proxy, let in no page of another
// origin and limit nobody, which is what tests want.
type Settings struct {
	// Proxies are the networks of our own reverse proxies, whose X-Forwarded-For
	// is believed; nobody else's is.
	Proxies []netip.Prefix
	// Origins are those of the web pages that may call the API from a browser.
	Origins []string
	// Limits are how often one caller may call, on each replica.
	Limits Limits
}

// Read takes TRUSTED_PROXIES, CORS_ORIGINS and RATE_LIMIT from the environment,
// with the default limits when nothing is said about them. The error names each
// that is wrong.
func (s *Settings) Read(getenv func(string) string) error {
	var errs []error
	list := func(name string) []string {
		return strings.Fields(strings.ReplaceAll(getenv(name), ",", " "))
	}
	*s = Settings{}
	for _, text := range list("TRUSTED_PROXIES") {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("TRUSTED_PROXIES: %q is not a network like 10.0.0.0/8", text))
		}
		s.Proxies = append(s.Proxies, network)
	}
	for _, text := range list("CORS_ORIGINS") {
		if !isOrigin(text) {
			errs = append(errs, fmt.Errorf("CORS_ORIGINS: %q is not an origin like https://app.example.org", text))
		}
		s.Origins = append(s.Origins, text)
	}
	var err error
	if s.Limits, err = parseLimits(getenv("RATE_LIMIT")); err != nil {
		errs = append(errs, fmt.Errorf("RATE_LIMIT: %w", err))
	}
	return errors.Join(errs...)
}

// isOrigin says whether text is one origin as browsers send it: scheme, host
// and perhaps a port. A pattern would let in whoever gets a name under it.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Hostname() != "" && !strings.Contains(u.Host, "*") && u.Scheme+"://"+u.Host == text && strings.ToLower(text) == text
}
