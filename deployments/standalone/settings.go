package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/services/delegates"
	"plenary.example/services/notifications"
	"plenary.example/shared/httpd"
)

// settings are what the environment says, with the defaults of a first run.
// The README's table is the list for people; a test holds the two together.
type settings struct {
	Listen  string // host:port of the API
	Metrics string // host:port of /metrics, "" = none
	// OperatorToken is what operators show at the door beside /metrics; "" = none,
	// and then only this machine gets in.
	OperatorToken string
	Data          string // the folder of all state, absolute
	Conference    string // the sample to load, "" = none
	Seed          uint64
	Size          int
	Sandbox       bool // sample codes and a shifted conference clock are accepted
	Level         slog.Level
	HTTP          httpd.Settings // proxies, pages of other origins, limits of how often one may call

	Windows notifications.Windows // how long changes of a session are gathered

	People delegates.Config // only what an operator says of people

	FCMEndpoint string // "" with a Project = Google's; "" without = a sandbox of our own
	Project     string // FIREBASE_PROJECT_ID
	Credentials string // GOOGLE_APPLICATION_CREDENTIALS, a file

	NATSListen, StoreListen, FCMListen string // of `standalone engines`
	MongoURI, NATSURL, Secret          string // of `standalone load`
}

// Defaults of the settings, where leaving one out is no mistake.
const (
	defaultListen  = "127.0.0.1:8080"
	defaultMetrics = "127.0.0.1:9090"
	defaultData    = ".plenary"
)

// readSettings reports everything that is wrong with the environment at once.
func readSettings(getenv func(string) string) (settings, error) {
	var errs []error
	fault := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
	s := settings{
		Metrics: defaultMetrics, Conference: cmp.Or(getenv("CONFERENCE"), "seoul-2013"), Seed: 1, Size: 1,
		OperatorToken: getenv("OPERATOR_TOKEN"),
		FCMEndpoint:   getenv("FCM_ENDPOINT"), Project: getenv("FIREBASE_PROJECT_ID"), Credentials: getenv("GOOGLE_APPLICATION_CREDENTIALS"),
		NATSListen:  cmp.Or(getenv("NATS_LISTEN"), "127.0.0.1:4222"),
		StoreListen: cmp.Or(getenv("STORE_LISTEN"), "127.0.0.1:27017"),
		FCMListen:   cmp.Or(getenv("FCM_LISTEN"), "127.0.0.1:8090"),
		MongoURI:    getenv("MONGODB_URI"), NATSURL: getenv("NATS_URL"), Secret: getenv("PLENARY_SECRET"),
	}
	var err error
	if s.Listen, err = listen(getenv("LISTEN"), getenv("PORT")); err != nil {
		fault("LISTEN", "%v", err)
	}
	switch m := getenv("METRICS_LISTEN"); m {
	case "":
	case "off":
		s.Metrics = ""
	default:
		if _, _, err := net.SplitHostPort(m); err != nil {
			fault("METRICS_LISTEN", "%q is neither host:port nor off", m)
		}
		s.Metrics = m
	}
	if s.Data, err = filepath.Abs(cmp.Or(getenv("PLENARY_DATA"), defaultData)); err != nil {
		fault("PLENARY_DATA", "%v", err)
	}
	if s.Conference == "none" {
		s.Conference = ""
	} else if !slices.Contains(sample.Names(), s.Conference) {
		fault("CONFERENCE", "%q is not one of %s or none", s.Conference, strings.Join(sample.Names(), ", "))
	}
	if text := getenv("SAMPLE_SEED"); text != "" {
		if s.Seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			fault("SAMPLE_SEED", "%q is not a whole number", text)
		}
	}
	if text := getenv("SAMPLE_SIZE"); text != "" {
		if s.Size, err = strconv.Atoi(text); err != nil || s.Size < 1 || s.Size > 20 {
			fault("SAMPLE_SIZE", "%q is not a number from 1 to 20", text)
		}
	}
	if err := s.Level.UnmarshalText([]byte(cmp.Or(getenv("LOG_LEVEL"), "info"))); err != nil {
		fault("LOG_LEVEL", "%q is none of debug, info, warn, error", getenv("LOG_LEVEL"))
	}
	if (s.Project == "") != (s.Credentials == "") && s.FCMEndpoint == "" {
		fault("FIREBASE_PROJECT_ID", "needs GOOGLE_APPLICATION_CREDENTIALS, and the other way round; without both a sandbox receives the pushes")
	}
	if err := s.HTTP.Read(getenv); err != nil {
		errs = append(errs, err)
	}
	if err := s.People.Read(getenv); err != nil {
		errs = append(errs, err)
	}
	s.Sandbox = s.Project == "" || s.FCMEndpoint != ""
	switch text := getenv("SANDBOX"); text {
	case "":
	case "true", "false":
		s.Sandbox = text == "true"
	default:
		fault("SANDBOX", "%q is neither true nor false", text)
	}
	if s.Windows, err = notifications.ParseWindows(getenv("NOTICE_WINDOWS")); err != nil {
		fault("NOTICE_WINDOWS", "%v", err)
	}
	if s.Windows == "" && s.Sandbox {
		s.Windows = notifications.WindowsQuick // whoever tries it waits for their phone
	}
	if !s.Sandbox { // a sample's codes would be refused and its phones do not exist
		s.Conference = ""
	}
	return s, errors.Join(errs...)
}

// listen joins LISTEN, a host with or without a port, and PORT, which wins.
// Without either only this machine reaches the API.
func listen(address, port string) (string, error) {
	host, own, err := net.SplitHostPort(cmp.Or(address, defaultListen))
	if err != nil { // no port in it
		host, own = strings.Trim(address, "[]"), "8080"
		if strings.ContainsAny(host, " /") {
			return "", fmt.Errorf("%q is neither a host nor host:port", address)
		}
	}
	port = cmp.Or(port, own)
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "", fmt.Errorf("port %q is not a number up to 65535", port)
	}
	return net.JoinHostPort(host, port), nil
}
