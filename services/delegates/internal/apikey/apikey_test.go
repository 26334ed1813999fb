package apikey_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/delegates/internal/apikey"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

const seoul, london = "seoul-2013", "london-2011"

var opening = time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)

// A rig is one office with its store, and everything it has told.
type rig struct {
	open  *store.Store
	kept  *mongostore.APIKeys
	keys  *apikey.Keys
	waits map[string]time.Duration // by address

	mu     sync.Mutex
	at     time.Time
	failed []string // addresses
	told   []event.Envelope
	owed   []store.Owed
	claims []apikey.Claim
}

func newRig(t *testing.T) *rig {
	t.Helper()
	e := enginestest.Test(t)
	s, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "plenary_delegates"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	r := &rig{open: s, kept: mongostore.NewAPIKeys(s), at: opening, waits: map[string]time.Duration{}}
	r.keys = r.replica()
	return r
}

func (r *rig) replica() *apikey.Keys { return apikey.New(r.kept, r, r, r.sign, r, r.now) }

func (r *rig) now() time.Time { return r.at }

func (r *rig) Push(o store.Owed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.owed = append(r.owed, o)
}

func (r *rig) Publish(_ context.Context, e event.Envelope) error {
	r.told = append(r.told, e)
	return nil
}

func (r *rig) sign(c apikey.Claim) (string, error) {
	r.claims = append(r.claims, c)
	return "signed", nil
}

func (r *rig) WaitAddress(_ context.Context, address string) (time.Duration, error) {
	return r.waits[address], nil
}

func (r *rig) CountAddress(_ context.Context, address string) error {
	r.failed = append(r.failed, address)
	return nil
}

// tell tells what is owed.
func (r *rig) tell(t *testing.T) {
	t.Helper()
	for _, o := range r.owed {
		if err := o.Tell(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.owed = nil
}

func (r *rig) create(t *testing.T, d apikey.Draft) (apikey.Key, string) {
	t.Helper()
	k, text, err := r.keys.Create(t.Context(), seoul, "ahn", d)
	if err != nil {
		t.Fatal(err)
	}
	return k, text
}

var caterer = apikey.Draft{Name: " Caterer ", Scopes: []string{apikey.PeopleRead, apikey.AgendaRead, apikey.PeopleRead}}

func TestAKeyIsShownOnceAndHashedAtRest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	k, text := r.create(t, caterer)
	if !strings.HasPrefix(text, "plk_"+k.ID+"_") {
		t.Fatalf("text %q", text)
	}
	if k.Name != "Caterer" || !slices.Equal(k.Scopes, []string{"agenda:read", "people:read"}) || !k.ExpiresAt.Equal(opening.AddDate(1, 0, 0)) {
		t.Errorf("made %+v", k)
	}
	encoded := strings.TrimPrefix(text, "plk_"+k.ID+"_")
	secret, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(secret) != 32 {
		t.Fatalf("secret of %d bytes, %v", len(secret), err)
	}
	plain := sha256.Sum256(secret)
	for _, name := range []string{"api-keys", "api-key-rings"} {
		docs, err := store.All[bson.Raw](t.Context(), r.open.Collection(name), nil)
		if err != nil || len(docs) != 1 {
			t.Fatalf("%s: %d documents, %v", name, len(docs), err)
		}
		for _, hidden := range [][]byte{secret, []byte(encoded), plain[:]} {
			if bytes.Contains(docs[0], hidden) {
				t.Errorf("%s hold the secret", name)
			}
		}
	}
	list, err := r.keys.List(t.Context(), seoul)
	if err != nil || len(list) != 1 || list[0].CreatedBy != "ahn" || !list[0].LastUsedAt.IsZero() || list[0].Ended {
		t.Errorf("list %+v, %v", list, err)
	}
	if list, err := r.keys.List(t.Context(), london); err != nil || len(list) != 0 {
		t.Errorf("elsewhere %+v, %v", list, err)
	}
}

func TestAKeyIsExchangedUntilItEndsOrExpires(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	draft := caterer
	draft.ExpiresAt = opening.Add(time.Hour)
	k, text := r.create(t, draft)
	in := func() (apikey.Token, error) { return r.keys.SignIn(t.Context(), text, "192.0.2.1") }
	used := func() time.Time {
		t.Helper()
		list, err := r.keys.List(t.Context(), seoul)
		if err != nil {
			t.Fatal(err)
		}
		return list[0].LastUsedAt
	}
	got, err := in()
	if err != nil || got.ExpiresIn != 15*time.Minute || !slices.Equal(got.Scopes, k.Scopes) {
		t.Fatalf("token %+v, %v", got, err)
	}
	if c := r.claims[0]; c.Subject != "key:"+k.ID || c.Conference != seoul || !c.ExpiresAt.Equal(opening.Add(15*time.Minute)) {
		t.Errorf("claim %+v", c)
	}
	for _, step := range []struct{ after, want time.Duration }{{30 * time.Second, 0}, {time.Minute, time.Minute}, {61 * time.Second, time.Minute}} {
		r.at = opening.Add(step.after)
		if _, err := in(); err != nil || !used().Equal(opening.Add(step.want)) {
			t.Errorf("after %v: used %v, %v", step.after, used(), err)
		}
	}
	r.at = opening.Add(50 * time.Minute)
	if got, err := in(); err != nil || got.ExpiresIn != 10*time.Minute {
		t.Errorf("the token outlives its key: %v, %v", got.ExpiresIn, err)
	}
	r.at = opening.Add(time.Hour)
	if _, err := in(); problem.From(err).Code != "key_refused" {
		t.Errorf("expired: %v", err)
	}
	_, text = r.create(t, caterer)
	list, _ := r.keys.List(t.Context(), seoul)
	if err := r.keys.End(t.Context(), seoul, list[0].ID, "ahn"); err != nil {
		t.Fatal(err)
	}
	if _, err := in(); problem.From(err).Code != "key_refused" {
		t.Errorf("ended: %v", err)
	}
}

func TestEveryBadKeyIsRefusedInTheSameWordsAndCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, text := r.create(t, caterer)
	_, other := r.create(t, caterer)
	mixed := text[:len("plk_")+36+1] + other[len("plk_")+36+1:]
	bad := []string{
		"", "plk_", "plk__", text[:len(text)-1], text + "A", text + "=", strings.ToUpper(text), strings.TrimPrefix(text, "plk_"), " " + text,
		mixed, strings.Replace(text, text[4:8], "ffff", 1),
	}
	for i, b := range bad {
		_, err := r.keys.SignIn(t.Context(), b, "192.0.2.1")
		p := problem.From(err)
		if p == nil || p.Kind != problem.Unauthenticated || p.Code != "key_refused" || p.Error() != "key_refused: This key is not good, or not any more." {
			t.Errorf("%.12s…: %v", b, err)
		}
		if len(r.failed) != i+1 || r.failed[i] != "192.0.2.1" {
			t.Errorf("%.12s…: counted %v", b, r.failed)
		}
	}
	r.waits["192.0.2.1"] = 3 * time.Second
	if _, err := r.keys.SignIn(t.Context(), text, "192.0.2.1"); problem.From(err).RetryAfter != 3*time.Second {
		t.Errorf("too early: %v", err)
	}
	if _, err := r.keys.SignIn(t.Context(), text, "192.0.2.2"); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
}

func TestWhatIsDoneToAKeyIsToldOnceAndInOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	k, _ := r.create(t, caterer)
	r.tell(t)
	r.at = opening.Add(time.Minute)
	if err := r.keys.End(t.Context(), london, k.ID, "mallory"); !problem.Is(err, problem.NotFound) {
		t.Errorf("ended from another conference: %v", err)
	}
	for range 2 {
		if err := r.keys.End(t.Context(), seoul, k.ID, "bae"); err != nil {
			t.Fatal(err)
		}
	}
	r.owed = nil // the replica dies before it has told
	pending, err := r.kept.Pending(t.Context())
	if err != nil || len(pending) != 1 {
		t.Fatalf("pending %v, %v", pending, err)
	}
	next := r.replica()
	next.Remember(pending)
	r.tell(t)
	next.Remember(pending) // and another does the same
	r.tell(t)

	types := func(e event.Envelope) string {
		return fmt.Sprintf("%s by %s at revision %d of %s", e.Type, e.Actor, e.Revision, e.Conference)
	}
	want := []string{
		"delegates.api-key.changed.v1 by ahn at revision 1 of seoul-2013",
		"delegates.api-key.changed.v1 by bae at revision 2 of seoul-2013",
	}
	for i, e := range r.told[:2] {
		if types(e) != want[i] || e.Subject != k.ID {
			t.Errorf("event %d is %s, want %s", i, types(e), want[i])
		}
	}
	if len(r.told) != 3 || r.told[2].ID != r.told[1].ID || r.told[1].ID == r.told[0].ID {
		t.Errorf("%d events; a repeat has its own id", len(r.told))
	}
	var made, ended event.APIKeyChanged
	if err := errors.Join(r.told[0].Into(&made), r.told[1].Into(&ended)); err != nil || made.Ended || !ended.Ended || ended.Key != k.ID {
		t.Errorf("made %+v, ended %+v, %v", made, ended, err)
	}
	if pending, err := r.kept.Pending(t.Context()); err != nil || len(pending) != 0 {
		t.Errorf("still pending: %v, %v", pending, err)
	}
}

func TestAConferenceHasFiftyGoodKeys(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var first apikey.Key
	for i := range apikey.MaxLive - 3 {
		k, _ := r.create(t, caterer)
		if i == 0 {
			first = k
		}
	}
	other := r.replica()
	var wg sync.WaitGroup
	errs := make(chan error, 12)
	for i := range 12 {
		wg.Go(func() {
			_, _, err := []*apikey.Keys{r.keys, other}[i%2].Create(t.Context(), seoul, "ahn", caterer)
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	made := 0
	for err := range errs {
		switch {
		case err == nil:
			made++
		case problem.From(err).Code != "keys_full":
			t.Error(err)
		}
	}
	if made != 3 {
		t.Fatalf("%d of 12 got the last 3 places", made)
	}
	if _, _, err := r.keys.Create(t.Context(), london, "ahn", caterer); err != nil {
		t.Errorf("another conference: %v", err)
	}
	if err := r.keys.End(t.Context(), seoul, first.ID, "ahn"); err != nil {
		t.Fatal(err)
	}
	r.create(t, caterer)
	if _, _, err := r.keys.Create(t.Context(), seoul, "ahn", caterer); problem.From(err).Code != "keys_full" {
		t.Errorf("one more than was ended: %v", err)
	}
	r.at = opening.AddDate(1, 0, 1)
	r.create(t, caterer) // all have expired
}

func TestADraftIsHeldToItsRules(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	good := []string{apikey.AuditRead}
	for _, test := range []struct {
		draft apikey.Draft
		want  string
	}{
		{apikey.Draft{Scopes: good}, "/name required"},
		{apikey.Draft{Name: " \t", Scopes: good}, "/name required"},
		{apikey.Draft{Name: strings.Repeat("키", 101), Scopes: good}, "/name too_long"},
		{apikey.Draft{Name: "a\nb", Scopes: good}, "/name invalid_characters"},
		{apikey.Draft{Name: "a"}, "/scopes required"},
		{apikey.Draft{Name: "a", Scopes: []string{apikey.AgendaRead, "everything"}}, "/scopes/1 unknown_scope"},
		{apikey.Draft{Name: "a", Scopes: good, ExpiresAt: opening}, "/expiresAt in_the_past"},
		{apikey.Draft{Name: "a", Scopes: good, ExpiresAt: opening.AddDate(2, 0, 0).Add(time.Second)}, "/expiresAt too_late"},
	} {
		_, _, err := r.keys.Create(t.Context(), seoul, "ahn", test.draft)
		p := problem.From(err)
		if p == nil || p.Kind != problem.Invalid || len(p.Fields) != 1 || p.Fields[0].Pointer+" "+p.Fields[0].Code != test.want {
			t.Errorf("%+v: %v, want %s", test.draft, err, test.want)
		}
	}
	r.create(t, apikey.Draft{Name: strings.Repeat("키", 100), Scopes: good, ExpiresAt: opening.AddDate(2, 0, 0)})
	if list, err := r.keys.List(t.Context(), seoul); err != nil || len(list) != 1 {
		t.Errorf("%d keys, %v", len(list), err)
	}
}

func TestKeysLongOverAreForgotten(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ended, _ := r.create(t, caterer)
	kept, _ := r.create(t, caterer)
	if err := r.keys.End(t.Context(), seoul, ended.ID, "ahn"); err != nil {
		t.Fatal(err)
	}
	later := opening.AddDate(0, 0, 90)
	if n, err := r.kept.Sweep(t.Context(), later); n != 0 || err != nil {
		t.Errorf("swept %d that still owe, %v", n, err)
	}
	r.tell(t)
	if n, err := r.kept.Sweep(t.Context(), later.Add(-time.Second)); n != 0 || err != nil {
		t.Errorf("swept %d too early, %v", n, err)
	}
	if n, err := r.kept.Sweep(t.Context(), later); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if list, err := r.keys.List(t.Context(), seoul); err != nil || len(list) != 1 || list[0].ID != kept.ID {
		t.Errorf("list %+v, %v", list, err)
	}
}
