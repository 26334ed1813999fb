// Package directory lets a service show people by name without keeping names.
//
// Names never travel in events and lie in no database but the delegates
// service's. Whoever renders one asks for it over the bus and keeps the answer
// in memory only, until an event says that it is out of date. Agenda and
// notifications need the same care with it: drop on change, drop on erasure,
// never wait long and never fail because a name is missing. That is why this is
// a room of its own and not ten lines in each.
//
// A name that cannot be had is no error. The caller then shows the designation
// of the delegation, or the id: half an agenda in time beats a whole one late.
package directory

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"plenary.example/shared/event"
)

const (
	// remembered is how many people one service keeps: a large conference, with
	// designations in more than one language. Full, they take some 10 MB.
	remembered = 20_000
	// quiet is how long nobody is asked for after an answer did not come: a
	// service that is away must not cost every reader the patience of the bus.
	quiet = time.Second
	// settle is how far behind the replica that answers may be: an answer that
	// comes sooner than that after a change may be from before it, so it is
	// shown and not kept.
	settle = 5 * time.Second
)

// An asker puts a question about a conference to another service; bus.Bus is one.
type asker interface {
	Ask(ctx context.Context, conference, what string, question, reply any) error
}

// A Directory knows who is who, for one service. Its methods may be called
// side by side.
type Directory struct {
	ask asker
	now func() time.Time

	mu    sync.Mutex
	known *lru.Cache[key, entry]
	// dropped is when something was last dropped of each conference.
	dropped map[string]time.Time
	silent  time.Time // until when nobody is asked
}

type key struct{ conference, delegate string }

// entry is one person, with the designation in each wish for languages.
type entry struct{ in map[string]event.Person }

// New makes an empty directory. A nil now is time.Now.
func New(ask asker, now func() time.Time) *Directory {
	if now == nil {
		now = time.Now
	}
	known, err := lru.New[key, entry](remembered)
	if err != nil {
		panic(err) // the size is ours
	}
	return &Directory{ask: ask, now: now, known: known, dropped: make(map[string]time.Time)}
}

// People says who these delegates are, by id. Purpose is one of event's. Whoever
// is missing from the answer is not accredited any more, or cannot be asked
// after now; which of the two is not told. Languages, best first, are for the
// designations.
func (d *Directory) People(ctx context.Context, conference, purpose string, languages []string, delegates ...string) map[string]event.Person {
	found, missing := d.remembered(conference, languages, delegates)
	for part := range slices.Chunk(missing, event.MaxLookup) {
		var answer event.LookupAnswer
		err := d.ask.Ask(ctx, conference, event.AskDirectory, event.Lookup{Purpose: purpose, Delegates: part, Languages: languages}, &answer)
		if err != nil {
			d.fail(ctx)
			break
		}
		d.learn(conference, languages, answer.People)
		for _, p := range answer.People {
			found[p.Delegate] = p
		}
	}
	return found
}

// remembered is who is known and who is to be asked for.
func (d *Directory) remembered(conference string, languages, delegates []string) (found map[string]event.Person, missing []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	found = make(map[string]event.Person, len(delegates))
	asked := make(map[string]bool, len(delegates))
	for _, id := range delegates {
		if id == "" || asked[id] {
			continue
		}
		asked[id] = true
		if e, ok := d.known.Get(key{conference, id}); ok {
			if p, ok := e.in[wish(languages)]; ok {
				found[id] = p
				continue
			}
		}
		missing = append(missing, id)
	}
	if d.now().Before(d.silent) {
		missing = nil
	}
	return found, missing
}

func (d *Directory) learn(conference string, languages []string, people []event.Person) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at, ok := d.dropped[conference]; ok && d.now().Before(at.Add(settle)) {
		return
	}
	for _, p := range people {
		k := key{conference, p.Delegate}
		in := map[string]event.Person{wish(languages): p}
		if e, ok := d.known.Peek(k); ok && len(e.in) < 8 { // more wishes than a conference has languages begin anew
			for w, q := range e.in {
				if w != wish(languages) {
					in[w] = q
				}
			}
		}
		d.known.Add(k, entry{in})
	}
}

func (d *Directory) fail(ctx context.Context) {
	if ctx.Err() != nil {
		return // the caller left; that says nothing about the other side
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silent = d.now().Add(quiet)
}

// Drop forgets whom an event of the delegates service is about. Every replica
// has to hand in all of them, also those of other types, which do nothing.
func (d *Directory) Drop(e event.Envelope) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch e.Type {
	case event.DelegateChanged{}.Type(), event.DelegateErased{}.Type(), event.DelegateSubstituted{}.Type():
		d.dropped[e.Conference] = d.now()
		d.known.Remove(key{e.Conference, e.Subject})
	case event.DelegationChanged{}.Type(), event.PeopleImported{}.Type():
		// A designation, or anybody's record: which people is not said.
		d.dropped[e.Conference] = d.now()
		for _, k := range d.known.Keys() {
			if k.conference == e.Conference {
				d.known.Remove(k)
			}
		}
	}
}

func wish(languages []string) string { return strings.Join(languages, ",") }
