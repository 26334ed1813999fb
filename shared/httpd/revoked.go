package httpd

import (
	"container/list"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// Access tokens live a quarter of an hour; what is said of them is kept a
	// little longer, for clocks that differ.
	revokedFor = 20 * time.Minute
	// Ten times a conference of 16,000 people with a phone each would have to
	// be signed out within those minutes; the list then takes some 30 MB.
	mostRevoked = 1 << 17
)

// revoked is what is known of tokens that were good when they were made. Asking
// is cheap while nothing is added: a token looked up once need not be looked up
// again before changed says something else.
type revoked struct {
	changed atomic.Uint64

	mu      sync.RWMutex
	most    int
	entries map[string]*list.Element // by sign-in or by delegate, told apart by their prefix
	oldest  list.List                // of entry, in the order they were added
	// floor is when the last entry was added that had to make room. Tokens made
	// before are refused altogether: nobody can tell any more whether they are
	// good, and those who are can refresh.
	floor time.Time
}

type entry struct {
	of     string
	rights int64 // the least that is good; not used of a sign-in
	added  time.Time
}

const ofSignIn, ofDelegate = "s", "d"

// add notes an entry, which replaces the one about the same.
func (r *revoked) add(e entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, ok := r.entries[e.of]; ok {
		e.rights = max(e.rights, old.Value.(entry).rights)
		r.drop(old)
	}
	if r.entries == nil {
		r.entries = make(map[string]*list.Element)
	}
	r.entries[e.of] = r.oldest.PushBack(e)
	for first := r.oldest.Front(); ; first = r.oldest.Front() {
		was := first.Value.(entry)
		full := len(r.entries) > r.most
		if !full && e.added.Sub(was.added) < revokedFor {
			break
		}
		if full {
			r.floor = was.added
		}
		r.drop(first)
	}
	r.changed.Add(1) // last: who saw the old number looks again
}

func (r *revoked) drop(e *list.Element) {
	r.oldest.Remove(e)
	delete(r.entries, e.Value.(entry).of)
}

// covers says whether v is no good any more.
func (r *revoked) covers(v *verified) bool {
	seen := r.changed.Load()
	if v.looked.Load() == seen {
		return false
	}
	r.mu.RLock()
	_, ended := r.entries[ofSignIn+v.caller.SignIn]
	person, known := r.entries[ofDelegate+v.caller.Delegate]
	over := ended || known && v.caller.Rights < person.Value.(entry).rights || !r.floor.IsZero() && !v.issued.After(r.floor)
	r.mu.RUnlock()
	if !over {
		v.looked.Store(seen)
	}
	return over
}

// EndSignIn has every access token of a sign-in refused from now on, for longer
// than such a token lives. An API key is ended by its caller.Actor.
func (k *Keys) EndSignIn(signIn string) {
	k.revoked.add(entry{of: ofSignIn + signIn, added: k.now()})
}

// Outdate has every access token of a delegate refused that was made under
// fewer rights than these (see event.DelegateChanged), for longer than such a
// token lives. A lower number than one already known changes nothing.
func (k *Keys) Outdate(delegate string, rights int64) {
	if delegate == "" {
		return
	}
	k.revoked.add(entry{of: ofDelegate + delegate, rights: rights, added: k.now()})
}
