package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	model "plenary.example/deployments/engines/phone"
	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/shared/client"
)

// judge waits for what must come true and then holds it to the log.
func (s *storm) judge() {
	s.Helper()
	all := slices.Concat(s.courses, s.begun)
	owed := map[string]map[string]int{} // by delegate: each fact, once
	wanted := map[string]map[string]int64{}
	facts := 0
	for _, c := range all {
		if now, ok := c.read(); !ok || now != c.rev {
			s.Errorf("%s is at revision %d (%v), and %d was acknowledged", c.subject, now, ok, c.rev)
		}
		facts += len(c.facts)
		s.before[c.subject] = c.from
		for _, who := range c.who {
			if owed[who] == nil {
				owed[who], wanted[who] = map[string]int{}, map[string]int64{}
			}
			wanted[who][c.subject] = c.rev
			for _, rev := range c.facts {
				owed[who][fmt.Sprint(c.subject, "@", rev)] = 1
			}
		}
	}
	readers := map[string]*client.ClientWithResponses{}
	for _, d := range s.sample.Delegates {
		if owed[d.ID] != nil {
			readers[d.ID] = s.as(d)
			s.judgeInbox(d, readers[d.ID], owed[d.ID])
		}
	}
	s.settled()
	inboxes := map[string]map[string]client.InboxItem{} // by delegate and notice
	for who, reader := range readers {
		inboxes[who] = map[string]client.InboxItem{}
		for _, x := range s.inbox(reader) { // a reminder that need not have come may have
			inboxes[who][x.ID] = x
		}
	}
	pushes, relapses := s.judgePhones(inboxes, wanted)
	reminders := 0
	for _, items := range inboxes {
		for _, x := range items {
			if reminds(x) {
				reminders++
			}
		}
	}
	s.Logf("%d acknowledged changes and %d reminders of %d people; %d pushes, of which %d put old news on a screen that the system draws",
		facts, reminders, len(owed), pushes, relapses)
}

// judgeInbox demands every fact in somebody's inbox, once, and reminders of what
// they had been told of in time.
func (s *storm) judgeInbox(d sample.Delegate, reader *client.ClientWithResponses, owed map[string]int) {
	s.Helper()
	var got map[string]int
	var items map[string]client.InboxItem
	s.eventually(d.Accreditation+" is told everything", func() bool {
		got, items = map[string]int{}, map[string]client.InboxItem{}
		for _, x := range s.inbox(reader) {
			items[x.ID] = x
			subject := subjectOf(x)
			if from, is := s.before[subject]; is && x.Subject.Revision > from && !reminds(x) {
				got[fmt.Sprint(subject, "@", x.Subject.Revision)]++
			}
		}
		return len(got) >= len(owed) && len(s.reminded(items)) == 0
	})
	for _, fault := range s.reminded(items) {
		s.Errorf("%s %s", d.Accreditation, fault)
	}
	if !maps.Equal(got, owed) {
		s.Errorf("%s reads\n%v, was to read\n%v", d.Accreditation, got, owed)
	}
	if s.Failed() { // whatever one lacks, a hundred others wait for in vain
		s.FailNow()
	}
}

func reminds(x client.InboxItem) bool { return strings.HasSuffix(x.Category, ".reminder") }

func subjectOf(x client.InboxItem) string { return fmt.Sprint(x.Subject.Kind, "/", x.Subject.ID) }

// reminded says what is wrong with the reminders in an inbox. Who was told that
// something is about to begin before they were to be reminded of it is reminded, once;
// who was told later has been reminded by that. Who was told while the reminders were
// being made ready, in the last seconds before the time, may or may not be.
func (s *storm) reminded(items map[string]client.InboxItem) (faults []string) {
	times, told := map[string]int{}, map[string]client.InboxItem{}
	for _, x := range items {
		subject := subjectOf(x)
		if reminds(x) {
			times[subject]++
		} else if x.After != nil && x.After.StartsAt != nil {
			told[subject] = x
		}
	}
	for _, c := range s.begun {
		change, heard := told[c.subject]
		if !heard {
			continue // or was not to
		}
		spare := change.After.StartsAt.Add(-15 * time.Minute).Sub(change.At.Add(s.ahead))
		if n := times[c.subject]; n > 1 || n == 0 && spare > 3*time.Second || n == 1 && spare < -time.Second {
			faults = append(faults, fmt.Sprintf("is reminded %d times of %s, of which they heard %s before the time", n, c.subject, spare))
		}
	}
	return faults
}

// inbox is all that somebody reads; less when they are not let in.
func (s *storm) inbox(reader *client.ClientWithResponses) (items []client.InboxItem) {
	limit := 100
	for after := int64(0); ; {
		res, err := reader.ReadInboxWithResponse(s.Context(), &client.ReadInboxParams{After: &after, Limit: &limit})
		if err != nil || res.JSON200 == nil {
			return items
		}
		for _, x := range res.JSON200.Items {
			items, after = append(items, x), x.Seq
		}
		if !res.JSON200.Page.HasMore {
			return items
		}
	}
}

// judgePhones has the model say what was wrong with each phone. What it was sent must
// be in its owner's inbox.
func (s *storm) judgePhones(inboxes map[string]map[string]client.InboxItem, wanted map[string]map[string]int64) (pushes, relapses int) {
	s.Helper()
	for _, d := range s.sample.Devices {
		if wanted[d.Delegate] == nil {
			continue
		}
		var sent []model.Push
		got := map[string]bool{}
		for _, m := range s.carrier.Phone(d.Token) {
			if _, theirs := inboxes[d.Delegate][m.NoticeID]; !theirs {
				s.Errorf("phone %s got %s, which is in no inbox of its owner", d.Installation, m.Data)
			}
			got[m.NoticeID] = true
			sent = append(sent, model.Push{Message: m.Message, At: m.At})
		}
		for id, x := range inboxes[d.Delegate] {
			if reminds(x) && !got[id] {
				s.Errorf("phone %s got no reminder of %s", d.Installation, x.Subject.ID)
			}
		}
		faults, back := model.Judge(sent, wanted[d.Delegate], s.rnd)
		for _, fault := range faults {
			s.Errorf("phone %s %s", d.Installation, fault)
		}
		pushes, relapses = pushes+len(sent), relapses+back
	}
	return pushes, relapses
}

// settled waits until nothing is queued for phones, for now or for later.
func (s *storm) settled() {
	s.Helper()
	nc, err := nats.Connect(s.bus)
	if err != nil {
		s.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		s.Fatal(err)
	}
	empty := 0 // looks in a row: one may fall between a schedule and its job
	s.eventually("the queue is empty", func() bool {
		ctx, cancel := context.WithTimeout(s.Context(), 5*time.Second)
		defer cancel()
		queue, err := js.Stream(ctx, "PUSH")
		if empty++; err != nil || queue.CachedInfo().State.Msgs > 0 {
			empty = 0
		}
		return empty == 5
	})
}

// eventually waits for something the processes do in their own time.
func (s *storm) eventually(what string, done func() bool) {
	s.Helper()
	patience := time.After(2 * time.Minute)
	for !done() {
		select {
		case <-time.After(50 * time.Millisecond):
		case <-patience:
			s.Errorf("two minutes have passed, and it is not true that %s", what)
			return
		}
	}
}
