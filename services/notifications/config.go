package notifications

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/shared/bus"
	"plenary.example/shared/httpd"
	"plenary.example/shared/store"
)

// Config is what the service needs to know. FCM must be
// given; the zero value of every other field is safe.
type Config struct {
	// Listen is the host:port of the API; empty when another app mounts it.
	Listen string
	// Metrics is the host:port of /metrics; empty for none of its own.
	Metrics string
	// OperatorToken is what operators show at the door beside /metrics. Without one
	// it opens to this machine alone, and only where Metrics is a loopback address.
	OperatorToken string
	// HTTP is how the edge meets the clients when the service listens; who
	// mounts has an edge of its own.
	HTTP httpd.Settings
	// Registry takes the metrics; nil makes one.
	Registry *prometheus.Registry
	Store    store.Config
	Bus      bus.Config
	FCM      FCM
	// PushRate is this replica's share of the carrier's quota, in pushes a
	// second; 0 is 9,000.
	PushRate float64
	// Windows says how long changes of a session are gathered.
	Windows Windows
	// Now is the wall clock; nil is time.Now.
	Now func() time.Time
}

// FCM says who carries the pushes. There is no default: without an endpoint and
// without credentials a service does not start.
type FCM struct {
	// Endpoint is a sandbox's, with scheme and /v1. With one, nothing goes to
	// Google.
	Endpoint string
	// Project and Credentials (a service account's file) are the real carrier's.
	Project, Credentials string
}
