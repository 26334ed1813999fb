package notifications_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/services/notifications"
	"plenary.example/shared/bus"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
)

// A backDoor is the listener of a replica's metrics.
type backDoor struct {
	*stage
	url string
}

func (s *stage) backDoor(n *notifications.Service, listen, token string) backDoor {
	s.Helper()
	m := httpd.MetricsServer(prometheus.NewRegistry(), func(r fiber.Router) { n.MountOperator(r, listen, token) })
	if err := m.Start(s.Context(), "127.0.0.1:0"); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = m.Stop(context.Background()) })
	return backDoor{s, "http://" + m.Addr()}
}

// ask calls the door, with headers as pairs, and reads what it answers.
func (b backDoor) ask(method, path string, into any, headers ...string) int {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, b.url+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	if resp.StatusCode >= 400 && !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") {
		b.Errorf("%s %s answers %d as %s", method, path, resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			b.Fatalf("%s %s: %v: %s", method, path, err, body)
		}
	}
	return resp.StatusCode
}

type carrierView struct {
	Carriers []struct {
		Name, Health, Reason string
		Paused               bool
		Pushes               []struct {
			Outcome, Reason string
			Count           int
		}
	}
	Queue []struct {
		Lane string
		Jobs int
	}
	Budget   struct{ Now, Left float64 }
	Replica  string
	Replicas int
}

// count is how many pushes to a carrier ended in an outcome.
func (v carrierView) count(carrier, outcome string) (n int) {
	for _, c := range v.Carriers {
		for _, p := range c.Pushes {
			if c.Name == carrier && p.Outcome == outcome {
				n += p.Count
			}
		}
	}
	return n
}

// An operator stops a carrier on all replicas and over restarts, and nothing is
// lost; what was put aside is sent again when it can be.
func TestAnOperatorStopsACarrierAndSendsAgainWhatWasPutAside(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	one, other := s.open(), s.open()
	s.stands(seoul, "ada", 1, event.Accredited)
	s.phone(one, "ada", "ada")
	s.pick(seoul, "ada")
	s.move(seoul)
	s.worked()
	door := s.backDoor(one, "127.0.0.1:9090", "")

	if code := door.ask("POST", "/carriers/pigeon/pause", nil); code != http.StatusNotFound {
		t.Errorf("pausing what there is not answers %d", code)
	}
	for range 2 { // repeating it changes nothing
		if code := door.ask("POST", "/carriers/fcm/pause", nil); code != http.StatusOK {
			t.Fatalf("pausing answers %d", code)
		}
	}
	paused := func(n *notifications.Service) bool {
		var v carrierView
		return s.backDoor(n, "localhost:1", "").ask("GET", "/carriers", &v) == http.StatusOK && v.Carriers[0].Paused
	}
	s.eventually("the sibling stops too", func() bool { return paused(other) })
	no := false
	got, err := s.as(one, seoul, "ada", "of-ada").TestPushWithResponse(t.Context(), installation("ada"), client.TestPush{ValidateOnly: &no})
	if err != nil || got.StatusCode() != http.StatusServiceUnavailable {
		t.Errorf("a test push while the carrier is stopped answers %v, %v", got.StatusCode(), err)
	}
	s.move(seoul)
	s.worked()
	s.stop(other)
	third := s.open()
	if !paused(third) {
		t.Error("a restart let the carrier go")
	}
	var v carrierView
	if s.backDoor(third, "localhost:1", "").ask("GET", "/carriers", &v); v.Replicas != 2 || v.Replica == "" {
		t.Errorf("of two that are left one says it is %q of %d", v.Replica, v.Replicas)
	}
	if door.ask("GET", "/carriers", &v); len(s.carrier.All()) != 0 || v.Queue[1].Lane != "important" || v.Queue[1].Jobs != 1 {
		t.Errorf("%d pushes went out, %+v waits", len(s.carrier.All()), v.Queue)
	}

	// The message is called wrong: it is put aside, and sent again when it is right.
	s.carrier.SetFaults(fcmsandbox.Fault{Token: "ada", Status: 400})
	if code := s.backDoor(third, "[::1]:1", "").ask("POST", "/carriers/fcm/resume", nil); code != http.StatusOK {
		t.Fatalf("resuming answers %d", code)
	}
	var letters struct {
		Items []struct {
			ID, From, About string
			Replayable      bool
		}
	}
	s.eventually("the push is put aside", func() bool { door.ask("GET", "/dead-letters", &letters); return len(letters.Items) > 0 })
	l := letters.Items[0]
	if l.From != "push" || !strings.HasPrefix(l.About, seoul+"/session/") || !l.Replayable {
		t.Errorf("put aside is %+v", l)
	}
	s.carrier.SetFaults()
	if code := door.ask("POST", "/dead-letters/"+l.ID+"/replay", nil); code != http.StatusOK {
		t.Fatalf("replaying answers %d", code)
	}
	s.eventually("the phone is told", func() bool { return len(s.carrier.Phone("ada")) == 1 })
	if code := door.ask("POST", "/dead-letters/"+l.ID+"/replay", nil); code != http.StatusNotFound {
		t.Errorf("replaying it twice answers %d", code)
	}
	if door.ask("GET", "/dead-letters", &letters); len(letters.Items) != 0 {
		t.Errorf("left are %+v", letters.Items)
	}
	s.settled()
	accepted, wrong := 0, 0
	for _, n := range []*notifications.Service{one, third} {
		var v carrierView
		s.backDoor(n, "localhost:1", "").ask("GET", "/carriers", &v)
		accepted, wrong = accepted+v.count("android", "accepted"), wrong+v.count("fcm", "bad_payload")
	}
	if accepted != 1 || wrong != 1 {
		t.Errorf("%d are counted as accepted and %d as wrong, want one each", accepted, wrong)
	}
	s.worksThroughAgain(one, door)
}

// worksThroughAgain has events put aside: one that was told, one that nobody ever
// worked through, twice, and what is none. It wants ada to be told once.
func (s *stage) worksThroughAgain(n *notifications.Service, door backDoor) {
	s.Helper()
	s.phone(n, "ada", "second")
	st, err := s.bus.JS().Stream(s.Context(), bus.StreamAgenda)
	if err != nil {
		s.Fatal(err)
	}
	told, err := st.GetMsg(s.Context(), st.CachedInfo().State.LastSeq)
	if err != nil {
		s.Fatal(err)
	}
	e, err := event.New("never-heard-of", seoul, "ada", 2, "", time.Now(), event.SignInEnded{Delegate: "ada", SignIn: "of-ada", Reason: event.EndedReuse})
	if err != nil {
		s.Fatal(err)
	}
	ended, err := json.Marshal(e)
	if err != nil {
		s.Fatal(err)
	}
	for i, letter := range []struct {
		from  string
		data  []byte
		code  int
		count int // events that are worked through
	}{
		{"notifications-agenda", told.Data, http.StatusOK, 1},
		{"notifications-delegates", ended, http.StatusOK, 1},
		{"notifications-delegates", ended, http.StatusOK, 1},
		{"notifications-agenda", []byte("{"), http.StatusConflict, 0},
		{"agenda-delegates", ended, http.StatusConflict, 0},
	} {
		if err := s.bus.DeadLetter(s.Context(), letter.from, fmt.Sprint("event-", i), "for a test", letter.data); err != nil {
			s.Fatal(err)
		}
		var letters struct {
			Items []struct{ ID string }
		}
		door.ask("GET", "/dead-letters", &letters)
		var done notifications.Replayed
		if code := door.ask("POST", "/dead-letters/"+letters.Items[0].ID+"/replay", &done); code != letter.code || done.Events != letter.count {
			s.Errorf("letter %d: replaying it answers %d, %+v", i, code, done)
		}
	}
	s.settled()
	s.wantPushes("ada", "session.moved") // its sign-in is the one that ended
	s.wantPushes("second", "sign_in.ended")
}

// The door opens to operators, and to no page in the browser of one.
func TestTheOperatorsDoorIsShutToEverybodyElse(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n := s.open()
	for _, row := range []struct {
		what, listen, token string
		headers             []string
		want                int
	}{
		{"this machine", "127.0.0.1:9090", "", nil, 200},
		{"this machine by name", "localhost:9090", "", []string{"Host", "localhost:9090"}, 200},
		{"a page of another site", "127.0.0.1:9090", "", []string{"Origin", "https://evil.example"}, 403},
		{"a name that leads here", "127.0.0.1:9090", "", []string{"Host", "evil.example:9090", "X-Forwarded-Host", "localhost"}, 403},
		{"anybody on the net", "0.0.0.0:9090", "", nil, 403},
		{"anybody on all addresses", ":9090", "", nil, 403},
		{"no token", "0.0.0.0:9090", "s3cret", nil, 401},
		{"another token", "127.0.0.1:9090", "s3cret", []string{"Authorization", "Bearer s3cre"}, 401},
		{"the token", "0.0.0.0:9090", "s3cret", []string{"Authorization", "Bearer s3cret"}, 200},
	} {
		t.Run(row.what, func(t *testing.T) {
			door := s.backDoor(n, row.listen, row.token)
			for method, path := range map[string]string{"GET": "/carriers", "POST": "/carriers/ios/resume"} {
				if got := door.ask(method, path, nil, row.headers...); got != row.want {
					t.Errorf("%s %s answers %d, want %d", method, path, got, row.want)
				}
			}
			if got := door.ask("GET", "/metrics", nil, row.headers...); got != 200 {
				t.Errorf("the metrics answer %d", got)
			}
		})
	}
}
