package notifications_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications"
	"plenary.example/shared/bus"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

const (
	seoul = "seoul-2013"
	panel = "0190a3c2-7b1e-7c4d-9a51-00000000c001" // its one session
)

var quiet = slog.New(slog.DiscardHandler)

// A stage is a store, a bus and a carrier, with the two other services played by
// the test.
type stage struct {
	testing.TB
	dir      string // of the engines
	engines  *engines.Engines
	carrier  *fcmsandbox.Sandbox
	bus      *bus.Bus
	key      ed25519.PrivateKey
	start    time.Time // of the session
	rev      map[string]int64
	events   int
	windows  notifications.Windows
	patience time.Duration    // until what is waited for will never come
	now      func() time.Time // of the replicas; nil is the time it is
}

func newStage(t testing.TB) *stage {
	t.Helper()
	dir := enginestest.Folder(t)
	s := &stage{
		TB: t, dir: dir, engines: enginestest.Start(t, engines.Config{Dir: dir}), patience: 30 * time.Second, carrier: fcmsandbox.New(fcmsandbox.Config{Seed: 1}),
		key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), rev: map[string]int64{}, windows: notifications.WindowsOff,
		start: time.Now().Add(2 * time.Hour).UTC().Truncate(time.Second),
	}
	if err := s.carrier.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.carrier.Stop(context.Background()) })
	var err error
	if s.bus, err = bus.Connect(t.Context(), bus.Config{Options: s.engines.Bus()}, quiet); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.bus.Close)
	x := base64.RawURLEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))
	jwks := fmt.Appendf(nil, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":%q,"use":"sig","alg":"EdDSA"}]}`, x)
	if err := s.bus.PutState(t.Context(), event.SigningKeysState, 1, jwks); err != nil {
		t.Fatal(err)
	}
	return s
}

// open starts a replica and stops it when the test is over.
func (s *stage) open() *notifications.Service {
	s.Helper()
	n := notifications.New(notifications.Config{
		Listen: "127.0.0.1:0", FCM: notifications.FCM{Endpoint: s.carrier.Endpoint()},
		Store:   store.Config{URI: s.engines.StoreURI(), Dialer: s.engines.Dialer(), Database: "plenary_notifications"},
		Bus:     bus.Config{Options: s.engines.Bus()},
		Windows: s.windows, Now: s.now,
	}, quiet)
	if err := n.Start(s.Context()); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { s.stop(n) })
	return n
}

func (s *stage) stop(n *notifications.Service) {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := n.Stop(ctx); err != nil {
		s.Error(err)
	}
}

// as is a client of n, signed in as a delegate of a conference with a sign-in.
func (s *stage) as(n *notifications.Service, conference, delegate, signIn string) *client.ClientWithResponses {
	s.Helper()
	return s.holding(n, conference, delegate, signIn, "kr", "delegate")
}

// holding is as, of a delegation and with roles.
func (s *stage) holding(n *notifications.Service, conference, delegate, signIn, delegation string, roles ...string) *client.ClientWithResponses {
	s.Helper()
	return client.NewChecked(s, "http://"+n.Addr(), s.tokenOf(conference, delegate, signIn, delegation, roles...))
}

// token is an access token of somebody who is a delegate, and has more roles.
func (s *stage) token(conference, delegate, signIn string, roles ...string) string {
	s.Helper()
	return s.tokenOf(conference, delegate, signIn, "kr", append([]string{"delegate"}, roles...)...)
}

// tokenOf is an access token of somebody of a delegation, with these roles.
func (s *stage) tokenOf(conference, delegate, signIn, delegation string, roles ...string) string {
	s.Helper()
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			s.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(map[string]string{"alg": "EdDSA", "typ": "JWT", "kid": "k"}) + "." + part(map[string]any{
		"iss": "plenary", "aud": "plenary", "sub": delegate, "conference": conference, "delegation": delegation, "sid": signIn,
		"roles": roles, "iat": time.Now().Unix(), "exp": time.Now().Add(15 * time.Minute).Unix(),
	})
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.key, []byte(text)))
}

// installation is the id of a phone by its name.
func installation(name string) string {
	return fmt.Sprintf("0190a3c2-7b1e-7c4d-9a51-%012x", []byte(fmt.Sprintf("%-6.6s", name)))
}

// register registers a phone, whose token is its name.
func (s *stage) register(c *client.ClientWithResponses, phone, token string) int {
	s.Helper()
	got, err := c.RegisterDeviceWithResponse(s.Context(), installation(phone), client.Registration{Token: token, Platform: "android", Locale: "en"})
	if err != nil {
		s.Fatal(err)
	}
	return got.StatusCode()
}

// phone registers one for a delegate of Seoul, with a sign-in of the same name.
func (s *stage) phone(n *notifications.Service, delegate, name string) {
	s.Helper()
	if code := s.register(s.as(n, seoul, delegate, "of-"+name), name, name); code != http.StatusOK {
		s.Fatalf("registering %s answers %d", name, code)
	}
}

func (s *stage) put(subject string, revision int64, state any) {
	s.Helper()
	data, err := json.Marshal(state)
	if err == nil {
		err = s.bus.PutState(s.Context(), subject, revision, data)
	}
	if err != nil {
		s.Fatal(err)
	}
}

func (s *stage) publish(conference, subject string, revision int64, p event.Payload) {
	s.Helper()
	s.events++
	e, err := event.New(fmt.Sprint("event-", s.events), conference, subject, revision, "", time.Now(), p)
	if err == nil {
		err = s.bus.Publish(s.Context(), e)
	}
	if err != nil {
		s.Fatal(err)
	}
}

// pick has a delegate pick the one session of the conference.
func (s *stage) pick(conference, delegate string) {
	s.Helper()
	s.put(event.PicksStateSubject(conference, delegate), 1, event.PicksState{
		Delegate: delegate, Revision: 1, Picks: []event.Pick{{Session: panel, AgendaRevision: 1}},
	})
}

// move releases the conference's session in another room; the first time it is
// released as new.
func (s *stage) move(conference string) {
	s.Helper()
	state := func(rev int64) event.SessionState {
		room := fmt.Sprint("Hall ", rev)
		return event.SessionState{
			Session: panel, Revision: rev, Title: map[string]string{"en": "Panel"}, Room: room, RoomName: room,
			Start: s.start, End: s.start.Add(time.Hour), Status: event.SessionConfirmed,
		}
	}
	s.rev[conference]++
	rev := s.rev[conference]
	change := event.SessionChange{Session: panel, Fields: []string{"room"}, After: state(rev)}
	if rev > 1 {
		before := state(rev - 1)
		change.Before = &before
	} else {
		s.put(event.ConferenceStateSubject(conference), 1, event.ConferenceState{Conference: conference, Revision: 1, Timezone: "Asia/Seoul"})
	}
	s.put(event.SessionStateSubject(conference, panel), rev, change.After)
	s.put(event.AgendaHeadSubject(conference), rev, event.AgendaHead{Conference: conference, Revision: rev})
	s.publish(conference, conference, rev, event.AgendaReleased{Revision: rev, Part: 1, Parts: 1, Changes: []event.SessionChange{change}})
}

// stands puts how somebody stands.
func (s *stage) stands(conference, delegate string, revision int64, status string) {
	s.Helper()
	s.put(event.DelegateStateSubject(conference, delegate), revision, event.DelegateState{Delegate: delegate, Delegation: "kr", Revision: revision, Status: status})
}

// eventually waits until enough says so.
func (s *stage) eventually(what string, enough func() bool) {
	s.Helper()
	s.wait(what, s.patience, enough)
}

// wait is eventually, for at most so long.
func (s *stage) wait(what string, most time.Duration, enough func() bool) {
	s.Helper()
	tick, over := time.NewTicker(10*time.Millisecond), time.After(most)
	defer tick.Stop()
	for !enough() {
		select {
		case <-tick.C:
		case <-over:
			s.Fatalf("never: %s; %+v", what, s.carrier.Stats())
		}
	}
}

// settled waits until both consumers have worked through everything, and nothing
// is queued, for now or for later.
func (s *stage) settled() {
	s.Helper()
	s.worked()
	empty := 0 // looks in a row: one may fall between a schedule and its job
	s.eventually("the queue is empty", func() bool {
		st, err := s.bus.JS().Stream(s.Context(), "PUSH")
		if empty++; err != nil || st.CachedInfo().State.Msgs > 0 {
			empty = 0
		}
		return empty == 5
	})
}

func (s *stage) worked() {
	s.Helper()
	for stream, durable := range map[string]string{bus.StreamAgenda: "notifications-agenda", bus.StreamDelegates: "notifications-delegates"} {
		s.eventually(durable+" is done", func() bool {
			last, err := s.bus.LastSequence(s.Context(), stream)
			if err != nil {
				s.Fatal(err)
			}
			done, err := s.bus.Worked(s.Context(), stream, durable)
			return err == nil && done >= last
		})
	}
}

// wantPushes compares what phones got, as categories.
func (s *stage) wantPushes(token string, want ...string) {
	s.Helper()
	got := []string{}
	for _, m := range s.carrier.Phone(token) {
		got = append(got, m.Category)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.Errorf("phone %s got %v, want %v", token, got, want)
	}
}
