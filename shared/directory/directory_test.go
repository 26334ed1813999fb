package directory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"plenary.example/shared/directory"
	"plenary.example/shared/event"
)

// office answers like the delegates service, and counts.
type office struct {
	names  map[string]string
	asked  [][]string
	away   bool
	during func() // happens while an answer is under way
}

func (o *office) Ask(_ context.Context, _, what string, question, reply any) error {
	q := question.(event.Lookup)
	o.asked = append(o.asked, q.Delegates)
	if what != event.AskDirectory || q.Purpose == "" || len(q.Delegates) > event.MaxLookup {
		return fmt.Errorf("%s is asked for %d with purpose %q", what, len(q.Delegates), q.Purpose)
	}
	if o.away {
		return errors.New("nobody answers")
	}
	answer := reply.(*event.LookupAnswer)
	for _, id := range q.Delegates {
		if name, ok := o.names[id]; ok {
			designation := "Hungary"
			if len(q.Languages) > 0 && q.Languages[0] == "hu" {
				designation = "Magyarország"
			}
			answer.People = append(answer.People, event.Person{Delegate: id, Name: name, Designation: designation})
		}
	}
	if o.during != nil {
		o.during()
	}
	return nil
}

var english = []string{"en"}

func told(t *testing.T, subject string, p event.Payload) event.Envelope {
	t.Helper()
	e, err := event.New("e", "seoul-2013", subject, 1, "", time.Now(), p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestWhoIsKnownIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	o := &office{names: map[string]string{"a": "Kovács Anna", "b": "Nagy Béla"}}
	d := directory.New(o, nil)
	for range 3 {
		got := d.People(t.Context(), "seoul-2013", event.ForInbox, english, "a", "b", "a", "")
		if len(got) != 2 || got["a"].Name != "Kovács Anna" || got["b"].Designation != "Hungary" {
			t.Fatalf("got %v", got)
		}
	}
	if len(o.asked) != 1 || len(o.asked[0]) != 2 {
		t.Errorf("asked %v, want a and b once", o.asked)
	}
	if got := d.People(t.Context(), "seoul-2013", event.ForInbox, []string{"hu"}, "a"); got["a"].Designation != "Magyarország" {
		t.Errorf("in Hungarian: %v", got)
	}
	if got := d.People(t.Context(), "london-2011", event.ForInbox, english, "a"); len(o.asked) != 3 || got["a"].Name == "" {
		t.Errorf("another conference's answer was used: asked %v", o.asked)
	}
}

func TestAChangeOrAnErasureIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	for _, drop := range []event.Envelope{
		told(t, "a", event.DelegateChanged{Delegate: "a"}), told(t, "a", event.DelegateErased{Delegate: "a"}),
		told(t, "hu", event.DelegationChanged{Delegation: "hu"}), told(t, "import", event.PeopleImported{}),
	} {
		o := &office{names: map[string]string{"a": "Kovács Anna"}}
		d := directory.New(o, nil)
		d.People(t.Context(), "seoul-2013", event.ForInbox, english, "a")
		delete(o.names, "a")
		d.Drop(drop)
		if got := d.People(t.Context(), "seoul-2013", event.ForInbox, english, "a"); len(got) != 0 {
			t.Errorf("after a %s there is still %v", drop.Type, got)
		}
	}
}

func TestAnAnswerFromBeforeAnErasureIsNotKept(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)
	o := &office{names: map[string]string{"a": "Kovács Anna"}}
	d := directory.New(o, func() time.Time { return now })
	erased := told(t, "a", event.DelegateErased{Delegate: "a"})
	o.during = func() { d.Drop(erased) } // while the answer is under way
	d.People(t.Context(), "seoul-2013", event.ForInbox, english, "a")
	o.during = nil
	now = now.Add(4 * time.Second) // a replica that is behind answers
	d.People(t.Context(), "seoul-2013", event.ForInbox, english, "a")
	delete(o.names, "a")
	if got := d.People(t.Context(), "seoul-2013", event.ForInbox, english, "a"); len(got) != 0 {
		t.Errorf("an answer that was overtaken is remembered: %v", got)
	}
	o.names["a"], now = "Kovács Anna", now.Add(time.Second)
	d.People(t.Context(), "seoul-2013", event.ForInbox, english, "a")
	d.People(t.Context(), "seoul-2013", event.ForInbox, english, "a")
	if len(o.asked) != 4 {
		t.Errorf("asked %d times: five seconds after the change answers are kept again", len(o.asked))
	}
}

func TestASilentServiceCostsNobodyALongWait(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)
	o := &office{names: map[string]string{"a": "Kovács Anna"}, away: true}
	d := directory.New(o, func() time.Time { return now })
	for range 5 {
		if got := d.People(t.Context(), "seoul-2013", event.ForInbox, english, "a"); len(got) != 0 {
			t.Errorf("nobody answered, and there is %v", got)
		}
	}
	if len(o.asked) != 1 {
		t.Errorf("asked %d times within a second", len(o.asked))
	}
	o.away, now = false, now.Add(time.Second)
	if got := d.People(t.Context(), "seoul-2013", event.ForInbox, english, "a"); len(got) != 1 {
		t.Error("a second later nobody is asked")
	}
}

func TestManyAreAskedForInParts(t *testing.T) {
	t.Parallel()
	o := &office{names: map[string]string{}}
	var all []string
	for i := range 501 {
		id := fmt.Sprint(i)
		all, o.names[id] = append(all, id), "Person "+id
	}
	if got := directory.New(o, nil).People(t.Context(), "seoul-2013", event.ForInbox, english, all...); len(got) != 501 || len(o.asked) != 3 {
		t.Errorf("%d people in %d questions", len(got), len(o.asked))
	}
}
