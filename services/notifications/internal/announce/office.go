package announce

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/roster"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

// An Agenda is what is known of the conferences and their sessions.
type Agenda interface {
	Facts(conference string) event.ConferenceState
	Sessions(conference string) []event.SessionState
	// Attend are who picked a session and who has a part in it, some of them twice.
	Attend(conference, session string) []string
}

// Config is what an office works with. All of it must be given.
type Config struct {
	Roster *roster.Roster
	Agenda Agenda
	// Wake has Ring called for an announcement at a time, on the wall clock, by any
	// replica; another time replaces the first. Sleep takes that back.
	Wake  func(ctx context.Context, id string, at time.Time) error
	Sleep func(ctx context.Context, id string) error
	// Sync waits until roster and agenda hold everything published before the call.
	Sync func(context.Context) error
	// Tell files a notice for people and has it sent; a repeat changes nothing.
	Tell func(context.Context, push.Notice, []string) error
	// Told are the people for whom the notice under key was filed.
	Told func(ctx context.Context, key string) ([]string, error)
	// Phones are those of a delegate.
	Phones func(delegate string) []push.Device
	// Compose puts a notice into the words of a phone.
	Compose func(push.Notice, push.Device) push.Message
	// Changed hears of every write, to tell the siblings.
	Changed func(Announcement)
	Now     func() time.Time // wall clock
	Log     *slog.Logger
}

// An Office keeps the announcements of all conferences. Its methods may be
// called side by side, on any number of replicas.
type Office struct {
	cfg  Config
	docs *store.Collection
	mu   sync.RWMutex
	all  map[string]Announcement // for lists; decisions read the store
}

// Open loads the announcements.
func Open(ctx context.Context, st *store.Store, cfg Config) (*Office, error) {
	o := &Office{cfg: cfg, docs: st.Collection("announcements"), all: map[string]Announcement{}}
	all, err := store.All[Announcement](ctx, o.docs, nil)
	if err != nil {
		return nil, fmt.Errorf("load the announcements: %w", err)
	}
	for _, a := range all {
		o.keep(a)
	}
	return o, nil
}

func (o *Office) keep(a Announcement) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.all[a.ID].Revision < a.Revision {
		o.all[a.ID] = a
	}
}

// Refresh takes a newer revision that a sibling wrote.
func (o *Office) Refresh(ctx context.Context, id string, revision int64) error {
	o.mu.RLock()
	known := o.all[id].Revision
	o.mu.RUnlock()
	if known >= revision {
		return nil
	}
	if _, err := o.read(ctx, id); !errors.Is(err, store.ErrMissing) {
		return err
	}
	return nil // the hint outlived the store
}

func (o *Office) read(ctx context.Context, id string) (Announcement, error) {
	var a Announcement
	if err := o.docs.Get(ctx, id, &a); err != nil {
		return a, fmt.Errorf("announcement %s: %w", id, err)
	}
	o.keep(a)
	return a, nil
}

// Of is an announcement of a conference as the store has it.
func (o *Office) Of(ctx context.Context, conference, id string) (Announcement, error) {
	a, err := o.read(ctx, id)
	if errors.Is(err, store.ErrMissing) || err == nil && a.Conference != conference {
		return Announcement{}, problem.Hidden()
	}
	return a, err
}

// List are those of a conference that stand so, or all when it is empty; the
// newest first.
func (o *Office) List(conference string, only Status) []Announcement {
	o.mu.RLock()
	defer o.mu.RUnlock()
	var list []Announcement
	for _, a := range o.all {
		if a.Conference == conference && (only == "" || a.Status == only) {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b Announcement) int {
		return cmp.Or(b.MadeAt.Compare(a.MadeAt), strings.Compare(a.ID, b.ID))
	})
	return list
}

// MadeBy are those that somebody made.
func (o *Office) MadeBy(conference, delegate string) []Announcement {
	return slices.DeleteFunc(o.List(conference, ""), func(a Announcement) bool { return a.By != delegate })
}

// Preview counts whom d would reach, and shows what their phones would.
func (o *Office) Preview(ctx context.Context, conference string, d Draft) (Reach, error) {
	a, who, err := o.made(ctx, conference, d)
	if err != nil {
		return Reach{}, err
	}
	r := o.reach(conference, who)
	r.Cards = o.cards(a, who, o.cfg.Now())
	return r, nil
}

// made is d as an announcement, with whom it would reach: who belongs to its
// audience now, and of rooms whoever is expected there when it is sent.
func (o *Office) made(ctx context.Context, conference string, d Draft) (Announcement, []string, error) {
	facts := o.cfg.Agenda.Facts(conference)
	native := ""
	if len(facts.Languages) > 0 {
		native = facts.Languages[0]
	}
	at := o.now(conference)
	d, err := d.checked(native, at)
	if err != nil {
		return Announcement{}, nil, err
	}
	if d.SendAt.After(at) {
		at = d.SendAt
	}
	who, err := o.who(ctx, conference, d.Audience, at, true)
	return Announcement{
		ID: uuid.Must(uuid.NewV7()).String(), Conference: conference, Revision: 1, Status: Scheduled, Draft: d, First: d.first(native),
		MadeAt: o.cfg.Now().UTC().Truncate(time.Millisecond),
	}, who, err
}

// Make announces d for actor: at once, or when it says. typed is how many people
// a person has confirmed, nil for none. A request that is repeated under its key,
// which may be empty, makes nothing and answers what was made, with replayed set.
func (o *Office) Make(ctx context.Context, conference, actor, key string, d Draft, typed *int) (a Announcement, replayed bool, err error) {
	id, asked, err := named(conference, actor, key, d)
	if err != nil {
		return a, false, err
	}
	if key != "" {
		if a, err = o.repeated(ctx, id, asked); err != nil || a.ID != "" {
			return a, err == nil, err
		}
	}
	a, who, err := o.made(ctx, conference, d)
	if err != nil {
		return a, false, err
	}
	if err := confirms(o.reach(conference, who), typed); err != nil {
		return a, false, err
	}
	a.By, a.Asked = actor, asked
	if key != "" {
		a.ID = id
	}
	if err := o.wake(ctx, a); err != nil { // first, so that it is never forgotten
		return a, false, err
	}
	if err := o.docs.Insert(ctx, a); errors.Is(err, store.ErrExists) {
		a, err = o.repeated(ctx, id, asked)
		return a, err == nil, err
	} else if err != nil {
		return a, false, fmt.Errorf("announcement %s: %w", a.ID, err)
	}
	o.changed(a)
	if o.due(a) {
		a, err = o.deliver(ctx, a)
	}
	return a, false, err
}

// now is the time on the clock of a conference, and wall what that clock shows on
// the wall.
func (o *Office) now(conference string) time.Time { return o.cfg.Now().Add(o.offset(conference)) }

func (o *Office) wall(conference string, at time.Time) time.Time {
	return at.Add(-o.offset(conference))
}

func (o *Office) offset(conference string) time.Duration {
	return time.Duration(o.cfg.Agenda.Facts(conference).ClockOffset) * time.Second
}

// due says whether it is to be sent by now.
func (o *Office) due(a Announcement) bool {
	return !a.SendAt.After(o.now(a.Conference))
}

// named is the id that a request under a key makes its announcement under, and
// what is kept to know the same request again.
func named(conference, actor, key string, d Draft) (id, asked string, err error) {
	data, err := json.Marshal(d)
	if err != nil {
		return "", "", fmt.Errorf("announcement: %w", err)
	}
	sum := sha256.Sum256(data)
	id = uuid.NewSHA1(uuid.NameSpaceURL, []byte("createAnnouncement\x00"+conference+"\x00"+actor+"\x00"+key)).String()
	return id, hex.EncodeToString(sum[:]), nil
}

// repeated is what was made by the same request before; an empty one when none was.
func (o *Office) repeated(ctx context.Context, id, asked string) (Announcement, error) {
	a, err := o.read(ctx, id)
	switch {
	case errors.Is(err, store.ErrMissing):
		return Announcement{}, nil
	case err != nil:
		return Announcement{}, err
	case a.Asked != asked:
		return Announcement{}, problem.New(problem.Invalid, "key_reused", "This Idempotency-Key was used for another request.")
	case o.due(a): // it may have got no further
		return o.deliver(ctx, a)
	}
	return a, nil
}

// Edit changes what is scheduled, from the revision somebody has read. typed is
// as for Make; it is asked for when the audience is another, which that of rooms is
// at another time.
func (o *Office) Edit(ctx context.Context, conference, id string, revision int64, typed *int, change func(*Draft)) (Announcement, error) {
	a, err := o.scheduled(ctx, conference, id, revision)
	if err != nil {
		return a, err
	}
	d := a.Draft
	d.Texts = map[string]push.Text{}
	for tag, t := range a.Texts {
		d.Texts[tag] = t
	}
	change(&d)
	next, who, err := o.made(ctx, conference, d)
	if err != nil {
		return a, err
	}
	if !d.Audience.same(a.Audience) || len(d.Audience.Rooms) > 0 && !d.SendAt.Equal(a.SendAt) {
		if err := confirms(o.reach(conference, who), typed); err != nil {
			return a, err
		}
	}
	old := a
	a.Draft, a.First = next.Draft, next.First
	if err := o.wake(ctx, a); err != nil { // whoever is woken too early looks, and waits for the old time
		return a, err
	}
	return o.write(ctx, old, a)
}

// Cancel takes back what is scheduled. What is cancelled stays so.
func (o *Office) Cancel(ctx context.Context, conference, id string, revision int64) error {
	if a, err := o.Of(ctx, conference, id); err != nil || a.Status == Cancelled {
		return err
	}
	a, err := o.scheduled(ctx, conference, id, revision)
	if err != nil {
		return err
	}
	old := a
	a.Status = Cancelled
	if _, err = o.write(ctx, old, a); err != nil {
		return err
	}
	if err := o.cfg.Sleep(ctx, a.ID); err != nil {
		o.cfg.Log.Warn("an alarm stays, and will find nothing to do", "err", err)
	}
	return nil
}

// Recall tells everybody who was told that it does not hold.
func (o *Office) Recall(ctx context.Context, conference, id, reason string) (Announcement, error) {
	if deceives(reason) {
		return Announcement{}, invalid("/reason", "forbidden_character", "Control characters and direction overrides are not accepted here.")
	}
	for {
		a, err := o.Of(ctx, conference, id)
		switch {
		case err != nil:
			return a, err
		case a.Status == TakenBack:
			return a, o.tellRecall(ctx, a) // the first attempt may not have got so far
		case a.Status == Sending: // it is told first, and taken back then
			if a, err = o.deliver(ctx, a); err != nil {
				return a, err
			}
		case a.Status != Sent:
			return a, problem.New(problem.Conflict, "not_sent", "This has not been sent. Cancel it.")
		}
		old := a
		a.Status, a.Reason, a.RecalledAt = TakenBack, reason, o.cfg.Now().UTC().Truncate(time.Millisecond)
		if err := o.cfg.Wake(ctx, a.ID, o.cfg.Now().Add(net)); err != nil {
			return a, err
		}
		if a, err = o.write(ctx, old, a); problem.Is(err, problem.Stale) {
			continue // somebody else has recalled it
		} else if err != nil {
			return a, err
		}
		return a, o.tellRecall(ctx, a)
	}
}

// scheduled is an announcement that can be changed by who has read its revision.
func (o *Office) scheduled(ctx context.Context, conference, id string, revision int64) (Announcement, error) {
	a, err := o.Of(ctx, conference, id)
	switch {
	case err != nil:
		return a, err
	case a.Status == Cancelled:
		return a, problem.New(problem.Conflict, "cancelled", "This was cancelled.")
	case a.Status != Scheduled:
		return a, problem.New(problem.Conflict, "already_sent", "This has been sent. It can be recalled.")
	case a.Revision != revision:
		return a, errStale
	}
	return a, nil
}

var errStale = problem.New(problem.Stale, "stale", "The announcement has changed since you read it.")

// write makes next of old, unless somebody was faster.
func (o *Office) write(ctx context.Context, old, next Announcement) (Announcement, error) {
	next.Revision = old.Revision + 1
	err := o.docs.Replace(ctx, old.ID, bson.M{"revision": old.Revision}, next)
	if errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrMissing) {
		return old, errStale.Because(err)
	}
	if err != nil {
		return old, fmt.Errorf("announcement %s: %w", old.ID, err)
	}
	o.changed(next)
	return next, nil
}

func (o *Office) changed(a Announcement) {
	o.keep(a)
	o.cfg.Changed(a)
}
