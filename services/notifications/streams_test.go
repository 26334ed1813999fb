package notifications_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary.example/services/notifications"
	"plenary.example/shared/caller"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// following is an app that follows an inbox.
type following struct {
	*stage
	lines *bufio.Scanner
	last  string // id of the last event
}

type happening struct{ id, name, data string }

func (s *stage) follow(n *notifications.Service, token, after string) *following {
	s.Helper()
	ctx, leave := context.WithTimeout(s.Context(), time.Minute)
	s.Cleanup(leave)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.Addr()+"/v1/me/stream", http.NoBody)
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = res.Body.Close() })
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || kind != "text/event-stream" {
		s.Fatalf("following answers %d %s", res.StatusCode, kind)
	}
	return &following{stage: s, lines: bufio.NewScanner(res.Body)}
}

// next is the next event; ok is false when the stream has ended.
func (f *following) next() (h happening, ok bool) {
	f.Helper()
	for f.lines.Scan() {
		name, value, _ := strings.Cut(f.lines.Text(), ": ")
		switch name {
		case "id":
			h.id, f.last = value, value
		case "event":
			h.name = value
		case "data":
			h.data = value
		case "":
			if h.name != "" {
				return h, true
			}
		}
	}
	return h, false
}

// want reads the next event, which is to have that name.
func (f *following) want(name string, into any) happening {
	f.Helper()
	h, ok := f.next()
	if !ok || h.name != name {
		f.Fatalf("comes %+v, or the end: %t; want %s", h, !ok, name)
	}
	if err := json.Unmarshal([]byte(h.data), into); err != nil {
		f.Fatal(err)
	}
	return h
}

func TestAnAppThatFollowsMissesNothingAndHearsNothingAfterItsSignInEnded(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a, b := s.open(), s.open()
	s.move(seoul)
	s.pick(seoul, "ada")
	s.pick(seoul, "bob")
	var at struct{ Seq int64 }
	var item client.InboxItem
	app := s.follow(a, s.token(seoul, "ada", "of-app"), "")
	app.want("ready", &at)
	for range 2 { // whichever of the replicas tells it
		s.move(seoul)
		if h := app.want("notice", &item); item.Seq <= at.Seq || h.id != fmt.Sprint(item.Seq) || item.State != "delivered" {
			t.Errorf("after %d comes %s: %+v", at.Seq, h.id, item)
		}
		at.Seq = item.Seq
	}
	s.eventually("what was only followed is unread", func() bool {
		return s.readState(s.as(b, seoul, "ada", "of-app")).Unread == 2
	})
	var read client.ReadState
	s.markRead(s.as(b, seoul, "ada", "of-tablet"), at.Seq)
	if app.want("read", &read); read.ReadUpTo != at.Seq || read.Unread != 0 {
		t.Errorf("the other device read up to %d: %+v", at.Seq, read)
	}

	fetched := func(id string) int { return s.reach(s.desk(b, caller.Secretariat), id).Total.Fetched }
	if n := fetched(item.ID); n != 0 {
		t.Errorf("%d have what was only sent to them", n)
	}
	had := item.ID
	s.move(seoul)
	s.move(seoul)
	s.worked()
	again := s.follow(b, s.token(seoul, "ada", "of-other"), app.last)
	for range 2 {
		if again.want("notice", &item); item.Seq <= at.Seq {
			t.Errorf("after %d comes %d", at.Seq, item.Seq)
		}
		at.Seq = item.Seq
	}
	if again.want("read", &read); read.ReadUpTo == 0 {
		t.Errorf("whoever comes back has read %+v", read)
	}
	s.eventually("who goes on after it has it", func() bool { return fetched(had) == 1 })
	other := s.follow(b, s.token(seoul, "bob", "of-bob"), "999999")
	other.want("reset", &at)

	s.publish(seoul, "of-other", 1, event.SignInEnded{Delegate: "ada", SignIn: "of-other", Reason: "signed_out"})
	if h, more := again.next(); more {
		t.Errorf("after its sign-in ended the app hears of %+v", h)
	}
	s.stop(b) // and does not wait for who follows
	if h, more := other.next(); more {
		t.Errorf("at the end comes %+v", h)
	}
}
