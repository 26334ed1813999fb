// Package devices knows which phones a delegate has: in memory for every
// lookup, one small document per delegate in the store.
//
// A phone belongs to whoever registered it last, and so does its FCM token.
// When either turns up with somebody else it is taken from its former holder
// first and given to the new one second: a crash between the two leaves a
// phone that must register again, never one that buzzes for two people.
package devices

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/store"
)

// most is how many phones one delegate may have; the one registered longest
// ago makes way.
const most = 20

// A Holder is the document of one delegate. It stays when the last phone has
// gone, so that its revision never begins again.
type Holder struct {
	Delegate   string        `bson:"_id"`
	Conference string        `bson:"conference"`
	Revision   int64         `bson:"revision"`
	Devices    []push.Device `bson:"devices"`
	// Ended are the delegate's sign-ins that ended lately. They are kept here,
	// where registering has to write, because a phone may be on its way to
	// register while its sign-in ends: one of the two is first.
	Ended []Ended `bson:"ended,omitempty"`
}

// Devices is the register. Its methods may be called side by side.
type Devices struct {
	now  func() time.Time
	docs *store.Collection
	// changed hears of every write, to tell the siblings.
	changed func(Holder)

	writing sync.Mutex // a phone changing hands touches two documents
	mu      sync.RWMutex
	holders map[string]Holder // by delegate
	byPhone map[string]string // installation -> delegate
	byToken map[push.Token]string
	silent  map[string]time.Time // sign-ins that ended, when we heard of it
	tidied  time.Time            // when silent was last rid of old ones
}

// Open loads the register. changed is called after every write of this replica.
func Open(ctx context.Context, st *store.Store, now func() time.Time, changed func(Holder)) (*Devices, error) {
	d := &Devices{
		now: now, docs: st.Collection("devices"), changed: changed,
		holders: map[string]Holder{}, byPhone: map[string]string{}, byToken: map[push.Token]string{},
		silent: map[string]time.Time{},
	}
	all, err := store.All[Holder](ctx, d.docs, nil)
	if err != nil {
		return nil, fmt.Errorf("load the devices: %w", err)
	}
	for _, h := range all {
		d.keep(h)
	}
	return d, nil
}

// Register gives a phone to its delegate, with its current token. Registering
// again replaces what was known of it. With a sign-in that has ended nothing is
// registered; the error is Unauthenticated.
func (d *Devices) Register(ctx context.Context, dev push.Device) (push.Device, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	dev.RegisteredAt = d.now().UTC().Truncate(time.Millisecond)
	if d.over(dev) {
		return push.Device{}, errSignInEnded
	}
	if err := d.takeFromOthers(ctx, dev); err != nil {
		return push.Device{}, err
	}
	return dev, d.change(ctx, dev.Conference, dev.Delegate, func(h *Holder) error {
		if h.hasEnded(dev.SignIn) {
			return errSignInEnded
		}
		have := slices.DeleteFunc(h.Devices, func(x push.Device) bool {
			return x.Installation == dev.Installation || x.Token == dev.Token
		})
		if len(have) >= most {
			slices.SortFunc(have, func(a, b push.Device) int { return a.RegisteredAt.Compare(b.RegisteredAt) })
			have = have[len(have)-most+1:]
		}
		h.Devices = append(have, dev)
		return nil
	})
}

func (d *Devices) takeFromOthers(ctx context.Context, dev push.Device) error {
	d.mu.RLock()
	former := []string{d.byPhone[dev.Installation], d.byToken[dev.Token]}
	d.mu.RUnlock()
	for _, delegate := range slices.Compact(former) {
		if delegate == "" || delegate == dev.Delegate {
			continue
		}
		if err := d.drop(ctx, delegate, func(x push.Device) bool {
			return x.Installation == dev.Installation || x.Token == dev.Token
		}); err != nil {
			return err
		}
	}
	return nil
}

// Remove takes a phone from a delegate; one that is not theirs is no error.
func (d *Devices) Remove(ctx context.Context, delegate, installation string) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	return d.drop(ctx, delegate, func(x push.Device) bool { return x.Installation == installation })
}

// drop takes the phones that match from a delegate, under the writing lock.
func (d *Devices) drop(ctx context.Context, delegate string, match func(push.Device) bool) error {
	return d.change(ctx, "", delegate, func(h *Holder) error {
		h.Devices = slices.DeleteFunc(h.Devices, match)
		return nil
	})
}

// Forget drops a phone whose token the carrier says is dead, unless it has
// registered anew since the push was sent. It answers whether it did: of any number
// of calls for one token, on any number of replicas, one does.
func (d *Devices) Forget(ctx context.Context, installation, token string, sentAt time.Time) (gone bool, err error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	d.mu.RLock()
	delegate := d.byPhone[installation]
	d.mu.RUnlock()
	err = d.change(ctx, "", delegate, func(h *Holder) error {
		had := len(h.Devices)
		h.Devices = slices.DeleteFunc(h.Devices, func(x push.Device) bool {
			return x.Installation == installation && string(x.Token) == token && !x.RegisteredAt.After(sentAt)
		})
		gone = len(h.Devices) < had
		return nil
	})
	return gone && err == nil, err
}

// Device finds a phone by its installation, with its present holder. One whose
// sign-in is known to have ended is not found, though its document may still
// hold it; nor is one whose token somebody else registered since.
func (d *Devices) Device(installation string) (push.Device, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	dev, ok := d.find(d.byPhone[installation], installation)
	if _, ended := d.silent[dev.SignIn]; ended && dev.SignIn != "" || d.byToken[dev.Token] != dev.Delegate {
		return push.Device{}, false
	}
	return dev, ok
}

// find is a delegate's phone; the lock is held.
func (d *Devices) find(delegate, installation string) (push.Device, bool) {
	for _, x := range d.holders[delegate].Devices {
		if x.Installation == installation {
			return x, true
		}
	}
	return push.Device{}, false
}

// Of lists the phones of a delegate.
func (d *Devices) Of(delegate string) []push.Device {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.holders[delegate].Devices)
}

// Phones are the installations of the phones of delegates, in their order.
func (d *Devices) Phones(delegates []string) (installations []string) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, delegate := range delegates {
		for _, x := range d.holders[delegate].Devices {
			installations = append(installations, x.Installation)
		}
	}
	return installations
}

// Stored lists the phones of a delegate as the store has them now.
func (d *Devices) Stored(ctx context.Context, delegate string) ([]push.Device, error) {
	if err := d.read(ctx, delegate); err != nil && !errors.Is(err, store.ErrMissing) {
		return nil, err
	}
	return d.Of(delegate), nil
}

// Refresh takes a newer document that a sibling wrote.
func (d *Devices) Refresh(ctx context.Context, delegate string, revision int64) error {
	d.mu.RLock()
	known := d.holders[delegate].Revision
	d.mu.RUnlock()
	if known >= revision {
		return nil
	}
	if err := d.read(ctx, delegate); !errors.Is(err, store.ErrMissing) {
		return err
	}
	return nil // the hint outlived the store
}

// Add writes the phones of a sample at once.
func (d *Devices) Add(ctx context.Context, conference string, phones []push.Device) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	holders := map[string]Holder{}
	for _, x := range phones {
		x.RegisteredAt = d.now().UTC().Truncate(time.Millisecond)
		h := holders[x.Delegate]
		h.Delegate, h.Conference, h.Revision = x.Delegate, conference, 1
		h.Devices = append(h.Devices, x)
		holders[x.Delegate] = h
	}
	docs := make([]any, 0, len(holders))
	for delegate, h := range holders {
		d.mu.RLock()
		_, there := d.holders[delegate]
		d.mu.RUnlock()
		if !there {
			docs = append(docs, h)
		}
	}
	if err := d.docs.InsertAll(ctx, docs); err != nil && !errors.Is(err, store.ErrExists) {
		return fmt.Errorf("add the devices: %w", err)
	}
	for _, doc := range docs {
		h := doc.(Holder)
		d.keep(h)
		d.changed(h)
	}
	return nil
}

// change writes what f makes of a delegate's document, under the writing lock;
// when f fails, nothing is written.
//
// That nothing changes is only believed of what the store holds: a sibling may
// have registered the phone a moment ago.
func (d *Devices) change(ctx context.Context, conference, delegate string, f func(*Holder) error) error {
	for asked := false; ; {
		d.mu.RLock()
		h, known := d.holders[delegate]
		d.mu.RUnlock()
		was := h
		if !known {
			h = Holder{Delegate: delegate, Conference: conference}
		}
		h.Devices, h.Ended = slices.Clone(h.Devices), slices.Clone(h.Ended)
		if err := f(&h); err != nil {
			return err
		}
		if slices.Equal(h.Devices, was.Devices) && slices.Equal(h.Ended, was.Ended) {
			if asked || delegate == "" {
				return nil
			}
			if err := d.read(ctx, delegate); err != nil && !errors.Is(err, store.ErrMissing) {
				return err
			}
			asked = true
			continue
		}
		h.Revision++
		switch err := d.docs.Put(ctx, delegate, was.Revision, h); {
		case err == nil:
			d.keep(h)
			d.changed(h)
			return nil
		case errors.Is(err, store.ErrStale):
			if err := d.read(ctx, delegate); err != nil {
				return err
			}
		default:
			return fmt.Errorf("devices of %s: %w", delegate, err)
		}
	}
}

func (d *Devices) read(ctx context.Context, delegate string) error {
	var h Holder
	if err := d.docs.Get(ctx, delegate, &h); err != nil {
		return fmt.Errorf("devices of %s: %w", delegate, err)
	}
	d.keep(h)
	return nil
}

// keep makes h what memory knows of its delegate, unless memory is newer.
func (d *Devices) keep(h Holder) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.holders[h.Delegate]
	if old.Revision >= h.Revision {
		return
	}
	for _, x := range old.Devices {
		if d.byPhone[x.Installation] == h.Delegate {
			delete(d.byPhone, x.Installation)
		}
		if d.byToken[x.Token] == h.Delegate {
			delete(d.byToken, x.Token)
		}
	}
	d.holders[h.Delegate] = h
	for _, x := range h.Devices {
		// Two replicas may have given it away at the same time: the later one holds.
		if other, ok := d.find(d.byPhone[x.Installation], x.Installation); ok && other.RegisteredAt.After(x.RegisteredAt) {
			continue
		}
		d.byPhone[x.Installation] = h.Delegate
		if d.heldSince(d.byToken[x.Token], x.Token).After(x.RegisteredAt) {
			continue // and the token, under another installation
		}
		d.byToken[x.Token] = h.Delegate
	}
}

// heldSince is when a delegate registered a token; zero for one they do not have.
// The lock is held.
func (d *Devices) heldSince(delegate string, token push.Token) time.Time {
	for _, x := range d.holders[delegate].Devices {
		if x.Token == token {
			return x.RegisteredAt
		}
	}
	return time.Time{}
}
