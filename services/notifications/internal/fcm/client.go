// Package fcm carries messages to phones through the Firebase Admin SDK, and is
// the only room that knows it.
//
// The SDK is built for a few messages: it waits and retries inside Send, and
// its client opens one connection more for each hundred sends in flight. A
// conference tells 2,100 phones at once and keeps its own durable retries. So
// the client brings its own transports, warmed by a dry run and each limited
// below the hundred streams FCM allows a connection, and a guard beneath the
// SDK that leaves it nothing to retry. The price: statuses 596 to 599 inside
// this package are our own words, and judge translates them back.
package fcm

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"
	thttp "google.golang.org/api/transport/http"

	"plenary.example/services/notifications/internal/push"
)

// slotsPerTransport stays below the 100 streams of one HTTP/2 connection: above
// them Go's client opens connection after connection.
const slotsPerTransport = 80

// scope is the only right the credentials are used for.
const scope = "https://www.googleapis.com/auth/firebase.messaging"

// Config says which project pushes, and how to prove it.
type Config struct {
	ProjectID       string           // "" = the one the credentials name
	CredentialsFile string           // of a service account; read again when the carrier refuses us
	Endpoint        string           // of a sandbox, with scheme and /v1; then no Google credentials are used
	Transports      int              // connections, 80 sends in flight on each; 0 = 15
	Deadline        time.Duration    // of one send; 0 = 10 s
	Now             func() time.Time // wall clock; nil = time.Now
}

// A Client sends messages. Its methods may be called side by side; sends above
// Slots wait.
type Client struct {
	clients  []*messaging.Client
	rts      []*http.Transport
	creds    *credentials // nil with a sandbox
	slots    chan int
	bodies   *bodies
	deadline time.Duration
	now      func() time.Time
	log      *slog.Logger
	warm     sync.WaitGroup
	cool     context.CancelFunc
}

// New makes a client and begins to warm its connections. It fails when it has
// neither an endpoint nor credentials it can read: a sandbox is asked for, never
// assumed.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*Client, error) {
	c := &Client{bodies: newBodies(), deadline: cfg.Deadline, now: cfg.Now, log: log}
	if c.deadline == 0 {
		c.deadline = 10 * time.Second
	}
	if c.now == nil {
		c.now = time.Now
	}
	n := cfg.Transports
	if n == 0 {
		n = 15
	}
	opts, project, err := c.identity(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("fcm: %w", err)
	}
	for range n {
		m, rt, err := transport(ctx, cfg.Endpoint, project, opts)
		if err != nil {
			return nil, fmt.Errorf("fcm: %w", err)
		}
		c.clients, c.rts = append(c.clients, m), append(c.rts, rt)
	}
	c.slots = make(chan int, n*slotsPerTransport)
	for i := range cap(c.slots) {
		c.slots <- i % n // neighbours on different connections
	}
	c.warmUp()
	return c, nil
}

// identity decides who we are: the sandbox's guest, or a service account.
func (c *Client) identity(ctx context.Context, cfg Config) ([]option.ClientOption, string, error) {
	project := cfg.ProjectID
	if cfg.Endpoint != "" {
		u, err := url.Parse(cfg.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || !strings.HasSuffix(u.Path, "/v1") {
			return nil, "", fmt.Errorf("endpoint %q is not like http://host:port/v1", cfg.Endpoint)
		}
		if project == "" {
			project = "plenary-sandbox"
		}
		return []option.ClientOption{option.WithTokenSource(guest{})}, project, nil
	}
	if cfg.CredentialsFile == "" {
		return nil, "", errors.New("no credentials file and no sandbox endpoint: set GOOGLE_APPLICATION_CREDENTIALS to a service account's file")
	}
	creds, err := readCredentials(ctx, cfg.CredentialsFile)
	if err != nil {
		return nil, "", err
	}
	c.creds = creds
	if project == "" {
		project = creds.project
	}
	if project == "" {
		return nil, "", errors.New("no project: set FIREBASE_PROJECT_ID")
	}
	return []option.ClientOption{option.WithTokenSource(creds)}, project, nil
}

// transport makes one connection's worth of SDK. The credentials go below
// WithHTTPClient, which would silently drop them as an option beside it.
func transport(ctx context.Context, endpoint, project string, opts []option.ClientOption) (*messaging.Client, *http.Transport, error) {
	own := http.DefaultTransport.(*http.Transport).Clone()
	own.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	own.IdleConnTimeout = 0 // between two sessions nobody may need a push
	own.HTTP2 = &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 5 * time.Second}
	own.Protocols = new(http.Protocols)
	if strings.HasPrefix(endpoint, "http://") {
		own.Protocols.SetUnencryptedHTTP2(true)
	} else {
		own.Protocols.SetHTTP1(true) // for a proxy that speaks nothing else
		own.Protocols.SetHTTP2(true)
	}
	rt, err := thttp.NewTransport(ctx, own, append(opts, option.WithScopes(scope), option.WithTelemetryDisabled())...)
	if err != nil {
		return nil, nil, err
	}
	with := []option.ClientOption{option.WithHTTPClient(&http.Client{Transport: guard{rt}, CheckRedirect: noRedirect})}
	if endpoint != "" {
		with = append(with, option.WithEndpoint(endpoint))
	}
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: project}, with...)
	if err != nil {
		return nil, nil, err
	}
	m, err := app.Messaging(ctx)
	return m, own, err
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Slots is how many sends may be in flight.
func (c *Client) Slots() int { return cap(c.slots) }

// Send brings one message to one device and says what became of it. It returns
// within the send deadline once it has a slot, never retries, and never returns
// the zero Outcome.
func (c *Client) Send(ctx context.Context, m push.Message) push.Result {
	if body, known := c.bodies.find(m); known {
		return c.do(instead(ctx, body), &messaging.Message{Token: string(m.Device.Token)}, (*messaging.Client).Send)
	}
	msg, err := build(m, c.now())
	if err != nil {
		return push.Result{Outcome: push.BadPayload, Reason: err.Error(), NotSent: true}
	}
	c.bodies.keep(m, msg)
	return c.do(ctx, msg, (*messaging.Client).Send)
}

// Try sends m as Send does, or with validateOnly has the carrier look at it and
// bring it to nobody.
func (c *Client) Try(ctx context.Context, m push.Message, validateOnly bool) push.Result {
	if !validateOnly {
		return c.Send(ctx, m)
	}
	msg, err := build(m, c.now())
	if err != nil {
		return push.Result{Outcome: push.BadPayload, Reason: err.Error(), NotSent: true}
	}
	return c.do(ctx, msg, (*messaging.Client).SendDryRun)
}

// Show is the body of the request that Try sends for m, with the token cut short:
// whoever has it can make the phone buzz.
func (c *Client) Show(m push.Message, validateOnly bool) (json.RawMessage, error) {
	msg, err := build(m, c.now())
	if err != nil {
		return nil, fmt.Errorf("show a push: %w", err)
	}
	msg.Token = m.Device.Token.String()
	return request(msg, validateOnly)
}

// Probe asks the carrier whether it knows us, without a message to anybody. It
// reads the credentials file again first, so new credentials need no restart.
func (c *Client) Probe(ctx context.Context) push.Result {
	if c.creds != nil {
		if err := c.creds.refresh(); err != nil {
			c.log.WarnContext(ctx, "push credentials cannot be read", "err", err)
		}
	}
	return c.do(ctx, knock(), (*messaging.Client).SendDryRun)
}

// knock is a message to nobody: a topic without subscribers.
func knock() *messaging.Message { return &messaging.Message{Topic: "plenary-knock"} }

type send func(*messaging.Client, context.Context, *messaging.Message) (string, error)

func (c *Client) do(ctx context.Context, msg *messaging.Message, call send) push.Result {
	var slot int
	select {
	case slot = <-c.slots:
	case <-ctx.Done():
		return push.Result{Outcome: push.Unwell, Reason: "cancelled", NotSent: true}
	}
	defer func() { c.slots <- slot }()
	ctx, cancel := context.WithTimeout(ctx, c.deadline)
	defer cancel()
	_, err := call(c.clients[slot], ctx, msg)
	return judge(err, c.now())
}

// warmUp opens every connection ahead of the first urgent notice. A carrier
// that does not answer now is met again by the first send.
func (c *Client) warmUp() {
	ctx, cancel := context.WithTimeout(context.Background(), c.deadline)
	c.cool = cancel
	var once sync.Once // fifteen connections have one reason to fail
	for _, m := range c.clients {
		c.warm.Go(func() {
			if _, err := m.SendDryRun(ctx, knock()); err != nil && ctx.Err() == nil {
				r := judge(err, c.now())
				once.Do(func() {
					c.log.WarnContext(ctx, "push connections not warmed", "outcome", r.Outcome.String(), "reason", r.Reason)
				})
			}
		})
	}
}

// Warmed returns when every connection was tried, at the latest after one send
// deadline.
func (c *Client) Warmed() { c.warm.Wait() }

// Close gives the connections up. No send may be in flight or follow.
func (c *Client) Close() {
	c.cool()
	c.warm.Wait()
	for _, rt := range c.rts {
		rt.CloseIdleConnections()
	}
}
