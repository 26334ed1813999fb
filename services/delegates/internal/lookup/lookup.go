// Package lookup answers the other services when they need to know who somebody
// is: the one way on which a name leaves this service other than to a person.
//
// It is a question and not an event, because an event is kept for days and
// copied into every store that consumes it. Each question says what it is for
// and is counted by that, so that somebody can ask why names are wanted.
package lookup

import (
	"context"
	"encoding/json"

	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// people knows who takes part, from memory. Its errors for whoever does not are
// problems of kind NotFound.
type people interface {
	Delegate(ctx context.Context, conference, id string) (delegate.Delegate, error)
	Delegation(ctx context.Context, conference, id string) (delegate.Delegation, error)
}

// A Desk answers event.AskDirectory.
type Desk struct {
	people people
	asked  *prometheus.CounterVec
}

// New opens a desk. Asked counts the people asked for, by purpose; see NewCounter.
func New(p people, asked *prometheus.CounterVec) *Desk { return &Desk{people: p, asked: asked} }

// NewCounter makes what a desk counts with.
func NewCounter() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "plenary_directory_lookups_total", Help: "People other services asked the names of, by purpose.",
	}, []string{"purpose"})
}

// Answer says who the accredited delegates among those asked for are. Somebody
// of another conference, removed, erased or unknown is missing from the answer,
// and nothing tells which.
func (d *Desk) Answer(ctx context.Context, conference string, question []byte) (any, error) {
	var q event.Lookup
	if err := json.Unmarshal(question, &q); err != nil {
		return nil, problem.New(problem.Malformed, "bad_lookup", "The question cannot be read.").Because(err)
	}
	if q.Purpose == "" || len(q.Delegates) > event.MaxLookup {
		return nil, problem.New(problem.Invalid, "bad_lookup", "A lookup needs a purpose and names at most %d people.", event.MaxLookup)
	}
	d.asked.WithLabelValues(purpose(q.Purpose)).Add(float64(len(q.Delegates)))
	answer := event.LookupAnswer{People: make([]event.Person, 0, len(q.Delegates))}
	for _, id := range q.Delegates {
		p, err := d.person(ctx, conference, id, q)
		if problem.Is(err, problem.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		answer.People = append(answer.People, p)
	}
	return answer, nil
}

func (d *Desk) person(ctx context.Context, conference, id string, q event.Lookup) (event.Person, error) {
	p, err := d.people.Delegate(ctx, conference, id)
	if err != nil {
		return event.Person{}, err
	}
	if p.Status != event.Accredited {
		return event.Person{}, problem.Hidden()
	}
	g, err := d.people.Delegation(ctx, conference, p.Delegation)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return event.Person{}, err
	}
	number := ""
	if q.Purpose == event.ForCalls && p.Consent.Telephone {
		number = p.Telephone
	}
	return event.Person{
		Telephone: number,
		Delegate:  p.ID, Name: p.Name, Function: p.Function, Rank: p.Rank,
		Delegation: p.Delegation, Designation: g.DesignationIn(q.Languages),
	}, nil
}

// purpose is what a purpose is counted as: a label must not grow with what
// somebody writes into a question.
func purpose(p string) string {
	switch p {
	case event.ForInbox, event.ForMeeting, event.ForProgram, event.ForReach, event.ForDelivery, event.ForCalls:
		return p
	}
	return "other"
}
