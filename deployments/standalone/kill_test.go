package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/shared/client"
)

// How often each of the engines, the agenda, the delegates and the notifications is
// killed, and how often each course goes on around each time.
const (
	kills, soakKills = 3, 13
	acts             = 1
)

// TestNothingAcknowledgedIsLost kills every process of a fleet at random moments
// while sessions and meetings are moved and reminders come due. Afterwards it holds
// the agenda, the inboxes and what a model of the phones saw to the test's own log of
// what was acknowledged.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	n := kills
	if os.Getenv("PLENARY_SOAK") != "" {
		n = soakKills
	}
	s := newStorm(t)
	victims := s.victims(n)
	for i, victim := range victims {
		var all sync.WaitGroup
		for _, c := range s.courses {
			all.Go(func() { s.goOn(c, acts) })
		}
		if i%(len(victims)/4) == 1 && len(s.starting) > 0 {
			c := s.starting[0]
			s.starting, s.begun = s.starting[1:], append(s.begun, c)
			all.Go(func() { s.goOn(c, 1) })
		}
		<-time.After(time.Duration(s.rnd.IntN(60_000)) * time.Microsecond) // somewhere in the middle
		s.kill(victim)
		s.await(victim)
		all.Wait()
	}
	s.last()
	s.judge()
}

// A storm is an office that changes things, and all that is known of them.
type storm struct {
	*fleet
	rnd      *rand.Rand
	courses  []*course
	starting []*course     // of sessions that are yet to be put close before their start
	begun    []*course     // and those that were
	ahead    time.Duration // of the wall clock, the clock of the conference

	before map[string]int64 // the revision of each subject before the storm
	hands  hands
}

// A course is the way of one thing through the storm. One goroutine at a time
// changes it.
type course struct {
	subject string   // kind and id with a slash between
	from    int64    // the revision before the storm
	rev     int64    // the last
	facts   []int64  // every revision since the storm began
	who     []string // delegates who are to hear of each
	n       int      // changes tried
	refused bool     // for a reason that no killing explains
	read    func() (rev int64, ok bool)
	change  func(c *course) (rev int64, ok bool) // not ok when nobody knows
}

func newStorm(t *testing.T) *storm {
	t.Helper()
	seed := uint64(1)
	if text := os.Getenv("PLENARY_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	s := &storm{fleet: newFleet(t), rnd: rand.New(rand.NewPCG(20131017, seed)), before: map[string]int64{}}
	s.courses = append(s.moving(3), s.meeting(2)...)
	s.starting = s.remindable(4)
	for _, c := range slices.Concat(s.courses, s.starting) {
		var ok bool
		if c.from, ok = c.read(); !ok {
			t.Fatalf("%s cannot be read", c.subject)
		}
		c.rev = c.from
	}
	res, err := s.by("secretariat").GetConferenceWithResponse(t.Context(), s.sample.ID, nil)
	if err != nil || res.JSON200 == nil {
		t.Fatalf("reading the conference: %v", err)
	}
	s.ahead = time.Duration(res.JSON200.ClockOffset) * time.Second
	return s
}

// victims is who is killed, each service and the engines n times.
func (s *storm) victims(n int) (all []string) {
	for range n {
		replicas := ofService("notifications")
		all = append(all, "engines", "agenda", "delegates", replicas[s.rnd.IntN(len(replicas))])
	}
	s.rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// last kills all replicas of the notifications at once while the last changes are on
// their way to the phones: nothing comes after that would make up for what is lost.
func (s *storm) last() {
	s.Helper()
	s.carrier.SetFaults(fcmsandbox.Fault{Status: http.StatusServiceUnavailable, Share: 0.5}) // what arrives, arrives
	defer s.carrier.SetFaults()
	var all sync.WaitGroup
	for _, c := range s.courses {
		all.Go(func() { s.goOn(c, 1) })
	}
	some, cancel := context.WithTimeout(s.Context(), 10*time.Second)
	defer cancel()
	if err := s.carrier.Wait(some, func(st fcmsandbox.Stats) bool { return st.InFlight > 5 }); err != nil {
		s.Errorf("nothing is on its way to the phones: %v", err)
	}
	replicas := ofService("notifications")
	for _, victim := range replicas {
		_ = s.running[victim].cmd.Process.Kill() // all before any is begun anew
	}
	for _, victim := range replicas {
		<-s.running[victim].ended
		s.begin(victim)
	}
	for _, victim := range replicas {
		s.await(victim)
	}
	all.Wait()
}

// goOn changes a thing so many times. A change of which nobody knows whether it
// happened is looked for, and tried again if it did not.
func (s *storm) goOn(c *course, times int) {
	over := time.After(2 * time.Minute)
	for times > 0 {
		c.n++
		rev, ok := c.change(c)
		if !ok {
			rev, ok = c.read()
		}
		if ok && rev > c.rev {
			c.rev, c.facts, times = rev, append(c.facts, rev), times-1
			continue
		}
		if c.refused {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-over:
			s.Errorf("%s cannot be changed any more", c.subject)
			return
		}
	}
}

// A deaf reporter hears nothing: while processes are killed a client may be answered
// anything.
type deaf struct{}

func (deaf) Helper()               {}
func (deaf) Errorf(string, ...any) {}

// hands are clients of the host's people, by role, as long as their tokens hold.
type hands struct {
	mu    sync.Mutex
	of    map[string]*client.ClientWithResponses
	until time.Time
}

// by is a client of somebody with a role.
func (s *storm) by(role string) *client.ClientWithResponses {
	s.hands.mu.Lock()
	defer s.hands.mu.Unlock()
	if time.Now().After(s.hands.until) {
		s.hands.of, s.hands.until = map[string]*client.ClientWithResponses{}, time.Now().Add(5*time.Minute)
	}
	if s.hands.of[role] == nil {
		s.hands.of[role] = s.as(oneOf(s.sample, role))
	}
	return s.hands.of[role]
}

// as is a client signed in as the delegate.
func (s *storm) as(d sample.Delegate) *client.ClientWithResponses {
	over := time.After(time.Minute)
	for {
		res, err := client.NewChecked(deaf{}, s.url, "").SignInWithResponse(s.Context(), client.SignInJSONRequestBody{
			Conference: s.sample.ID, Accreditation: d.Accreditation, ActivationCode: d.ActivationCode,
		})
		if err == nil && res.JSON201 != nil {
			return client.NewChecked(deaf{}, s.url, res.JSON201.AccessToken)
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-over:
			s.Errorf("%s cannot sign in: %v", d.Accreditation, err)
			return client.NewChecked(deaf{}, s.url, "")
		}
	}
}

// session is the course of a session; its change puts it somewhere.
func (s *storm) session(x sample.Session, who []string, to func(c *course) client.SessionPatch) *course {
	return &course{
		subject: "session/" + x.ID, who: who,
		read: func() (int64, bool) {
			res, err := s.by("secretariat").GetSessionWithResponse(s.Context(), s.sample.ID, x.ID, nil)
			if err != nil || res.JSON200 == nil {
				return 0, false
			}
			return res.JSON200.Revision, true
		},
		change: func(c *course) (int64, bool) {
			res, err := s.by("secretariat").ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(s.Context(), s.sample.ID, x.ID,
				&client.ChangeSessionParams{IfMatch: fmt.Sprintf(`"%d"`, c.rev)}, to(c))
			if err != nil || res.JSON200 == nil {
				s.unanswered(c, err, res.GetBody(), res.StatusCode())
				return 0, false
			}
			return res.JSON200.Revision, true
		},
	}
}

// unanswered fails on an answer that no killing explains.
func (s *storm) unanswered(c *course, err error, body []byte, status int) {
	passes := status >= http.StatusInternalServerError || status == http.StatusPreconditionFailed || bytes.Contains(body, []byte(`"meeting_busy"`))
	if c.refused = err == nil && !passes; c.refused {
		s.Errorf("changing %s answers %d: %s", c.subject, status, body)
	}
}
