package delegate

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// A herald carries to the other services what is told; the bus is one.
type herald interface {
	// PutState makes data the state of subject, unless there is one as new.
	PutState(ctx context.Context, subject string, revision int64, data []byte) error
	// PutStates puts many at once.
	PutStates(ctx context.Context, states []StateMessage) error
	// Publish hands over an event; a repeat under its id is dropped.
	Publish(ctx context.Context, e event.Envelope) error
}

// A StateMessage says how one record stands.
type StateMessage struct {
	Subject  string
	Revision int64
	Data     []byte
}

// A Keeper is where the records are.
type Keeper struct {
	Delegates   Records[Delegate]
	Delegations Records[Delegation]
	Numbers     Numbers
}

// A Book is everybody who takes part: read from memory, written one guarded
// record at a time together with the events that tell of it. Its methods may be
// called side by side.
type Book struct {
	// Conferences are the facts of the conferences the people are at.
	Conferences *Conferences

	memory *memory
	people shelf[Delegate]
	groups shelf[Delegation]
	number Numbers
	herald herald
	owe    lane
	first  lane // of who lost rights
	now    func() time.Time
	ended  atomic.Pointer[func(context.Context, Delegate) error]

	mu    sync.Mutex
	begun bool
	told  map[string]int64     // by state subject, until Begin
	watch map[string]time.Time // records somebody else owes for, by kind and id
	// rankless are the revisions of people told of without a rank, until Begin.
	rankless map[string]int64

	strangers      int // that siblings told of since
	strangersSince time.Time
}

// NewBook makes an empty book. owe is given what a written record still has to
// tell; it must call tell in that order, until it succeeds. now is the wall clock.
func NewBook(k Keeper, h herald, owe func(name string, tell func(context.Context) error), now func() time.Time) *Book {
	b := &Book{
		Conferences: newConferences(now), memory: newMemory(), number: k.Numbers, herald: h, owe: owe, first: owe, now: now,
		told: map[string]int64{}, watch: map[string]time.Time{}, rankless: map[string]int64{},
	}
	b.people = shelf[Delegate]{name: KindDelegate, kept: k.Delegates, read: b.memory.delegate, keep: b.memory.keepDelegate}
	b.groups = shelf[Delegation]{name: KindDelegation, kept: k.Delegations, read: b.memory.delegation, keep: b.memory.keepDelegation}
	return b
}

// OnEnded has end called whenever somebody is no longer accredited, before
// anybody else hears of it; when it fails it is called again. It is set before
// Begin, and not changed after.
func (b *Book) OnEnded(end func(ctx context.Context, d Delegate) error) { b.ended.Store(&end) }

// OweFirst has owe given, instead of NewBook's, what takes rights away from
// somebody: it must not wait until a table of ten thousand people is told. It is
// set before Begin, and not changed after.
func (b *Book) OweFirst(owe lane) { b.first = owe }

// Delegate finds a person of conference, of any status. Somebody of another
// conference is Hidden like somebody who is not there. Whom memory does not know
// a sibling may have added, so the store is asked.
func (b *Book) Delegate(ctx context.Context, conference, id string) (Delegate, error) {
	return find(ctx, b.people, conference, id)
}

// Accredited is Delegate for those who take part; others are Hidden.
func (b *Book) Accredited(ctx context.Context, conference, id string) (Delegate, error) {
	d, err := b.Delegate(ctx, conference, id)
	if err == nil && !d.Accredited() {
		return Delegate{}, problem.Hidden()
	}
	return d, err
}

// Fresh is Accredited as the store has it now, for what cannot wait until a hint
// from a sibling has come.
func (b *Book) Fresh(ctx context.Context, conference, id string) (Delegate, error) {
	d, err := b.people.fetch(ctx, id)
	switch {
	case problem.Is(err, problem.NotFound), err == nil && (d.Conference != conference || !d.Accredited()):
		return Delegate{}, problem.Hidden()
	case err != nil:
		return Delegate{}, err
	}
	return d, nil
}

// Delegation finds a delegation of conference as Delegate finds a person.
func (b *Book) Delegation(ctx context.Context, conference, id string) (Delegation, error) {
	return find(ctx, b.groups, conference, id)
}

func find[T record[T]](ctx context.Context, s shelf[T], conference, id string) (T, error) {
	var none T
	doc, ok := s.read(id)
	if !ok {
		var err error
		if doc, err = s.fetch(ctx, id); problem.Is(err, problem.NotFound) {
			return none, problem.Hidden()
		} else if err != nil {
			return none, err
		}
	}
	if doc.key().conference != conference {
		return none, problem.Hidden()
	}
	return doc, nil
}

// DelegatesOf is everybody of a conference, of any status, in no order.
func (b *Book) DelegatesOf(conference string) []Delegate {
	b.memory.mu.RLock()
	defer b.memory.mu.RUnlock()
	r, ok := b.memory.rolls[conference]
	if !ok {
		return nil
	}
	all := make([]Delegate, 0, len(r.delegates))
	for _, d := range r.delegates {
		all = append(all, *d)
	}
	return all
}

// DelegationsOf is every delegation of a conference, of any status, in no order.
func (b *Book) DelegationsOf(conference string) []Delegation {
	b.memory.mu.RLock()
	defer b.memory.mu.RUnlock()
	r, ok := b.memory.rolls[conference]
	if !ok {
		return nil
	}
	all := make([]Delegation, 0, len(r.delegations))
	for _, g := range r.delegations {
		all = append(all, *g)
	}
	return all
}

// Members are the people of a delegation, of any status, in no order.
func (b *Book) Members(conference, delegation string) []Delegate {
	b.memory.mu.RLock()
	defer b.memory.mu.RUnlock()
	r, ok := b.memory.rolls[conference]
	if !ok {
		return nil
	}
	all := make([]Delegate, 0, len(r.members[delegation]))
	for _, d := range r.members[delegation] {
		all = append(all, *d)
	}
	return all
}

// ByExternal is the id of the record that an external system calls externalID,
// or "". kind is KindDelegate or KindDelegation.
func (b *Book) ByExternal(conference, kind, externalID string) string {
	return b.indexed(conference, func(r *roll) string { return r.external[externalKey(kind, externalID)] })
}

// ByAccreditation is the id of the delegate with that number, or "".
func (b *Book) ByAccreditation(conference, number string) string {
	return b.indexed(conference, func(r *roll) string { return r.numbers[Number(number)] })
}

func (b *Book) indexed(conference string, in func(*roll) string) string {
	b.memory.mu.RLock()
	defer b.memory.mu.RUnlock()
	if r, ok := b.memory.rolls[conference]; ok {
		return in(r)
	}
	return ""
}

// Everybody is every person of every conference, of any status, in no order.
func (b *Book) Everybody() []Delegate {
	b.memory.mu.RLock()
	defer b.memory.mu.RUnlock()
	all := make([]Delegate, 0, len(b.memory.delegates))
	for _, d := range b.memory.delegates {
		all = append(all, *d)
	}
	return all
}

// Status of a person as far as this replica knows; "" of somebody it does not.
func (b *Book) Status(id string) string {
	d, _ := b.memory.delegate(id)
	return d.Status
}

// Holds says whether anybody at all takes part, or took part, in conference.
func (b *Book) Holds(conference string) bool {
	b.memory.mu.RLock()
	defer b.memory.mu.RUnlock()
	_, ok := b.memory.rolls[conference]
	return ok
}

// any says whether fits holds for anybody of a conference.
func (b *Book) any(conference string, fits func(*Delegate) bool) bool {
	b.memory.mu.RLock()
	defer b.memory.mu.RUnlock()
	if r, ok := b.memory.rolls[conference]; ok {
		for _, d := range r.delegates {
			if fits(d) {
				return true
			}
		}
	}
	return false
}
