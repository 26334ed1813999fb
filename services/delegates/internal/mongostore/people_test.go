package mongostore_test

import (
	"errors"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

func TestARecordIsReplacedByOneOnlyAndSettledAtItsRevision(t *testing.T) {
	t.Parallel()
	records := mongostore.NewDelegates(open(t))
	act, err := delegate.NewAct("d", 1, "office", "", time.Now(), event.DelegateChanged{Delegate: "d", Fields: []string{"name"}})
	if err != nil {
		t.Fatal(err)
	}
	d := delegate.Delegate{ID: "d", Conference: "seoul-2013", Revision: 1, Pending: true, Owed: []delegate.Act{act}, Roles: []string{"delegate"}}
	if err := records.Insert(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := records.Insert(t.Context(), d); !errors.Is(err, delegate.ErrExists) {
		t.Errorf("inserted again: %v", err)
	}
	d.Revision, d.Name, d.ErasureAskedAt = 2, "Ahn", opening
	if err := records.Replace(t.Context(), "d", 1, d); err != nil {
		t.Fatal(err)
	}
	if err := records.Replace(t.Context(), "d", 1, d); !errors.Is(err, delegate.ErrStale) {
		t.Errorf("replaced again: %v", err)
	}
	if err := records.Settle(t.Context(), "d", 1, d.Owed); !errors.Is(err, delegate.ErrStale) {
		t.Errorf("settled an older revision: %v", err)
	}
	read, err := records.Get(t.Context(), "d")
	if err != nil || len(read.Owed) != 1 || read.Owed[0] != act || !read.ErasureAskedAt.Equal(opening) {
		t.Fatalf("read %+v, %v", read, err)
	}
	if err := records.Settle(t.Context(), "d", 2, read.Owed); err != nil {
		t.Fatal(err)
	}
	if read, err = records.Get(t.Context(), "d"); err != nil || read.Pending || len(read.Owed) != 0 {
		t.Errorf("settled %+v, %v", read, err)
	}
	if _, err := records.Get(t.Context(), "nobody"); !problem.Is(err, problem.NotFound) {
		t.Errorf("nobody: %v", err)
	}
}

func TestADocumentWithoutARevisionIsAtTheFirst(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.Collection("delegates").Insert(t.Context(), bson.M{"_id": "d", "conference": "seoul-2013", "name": "Old", "roles": bson.A{"delegate"}}); err != nil {
		t.Fatal(err)
	}
	records := mongostore.NewDelegates(s)
	d, err := records.Get(t.Context(), "d")
	if err != nil || d.Name != "Old" {
		t.Fatalf("read %+v, %v", d, err)
	}
	if err := records.Settle(t.Context(), "d", 1, nil); err != nil {
		t.Errorf("settle: %v", err)
	}
	d.Revision = 2
	if err := records.Replace(t.Context(), "d", 1, d); err != nil {
		t.Errorf("replace: %v", err)
	}
}

func TestANumberIsClaimedByOne(t *testing.T) {
	t.Parallel()
	s := open(t)
	numbers, badges := mongostore.NewNumbers(s), mongostore.NewBadges(s, []byte{1})
	const conference = "seoul-2013"
	for _, holder := range []string{"d1", "d1"} {
		if _, _, err := numbers.Claim(t.Context(), conference, "SEO-1", holder, opening); err != nil {
			t.Fatal(err)
		}
	}
	if holder, since, err := numbers.Claim(t.Context(), conference, "seo -1", "d2", opening); !errors.Is(err, delegate.ErrExists) || holder != "d1" || !since.Equal(opening) {
		t.Errorf("claimed by another: %s since %v, %v", holder, since, err)
	}
	taken, err := numbers.ClaimAll(t.Context(), conference, map[string]string{"d2": "SEO-1", "d3": "SEO-3", "d1": "SEO-1"}, opening)
	if err != nil || len(taken) != 1 || taken[0] != "d2" {
		t.Errorf("taken %v, %v", taken, err)
	}
	if err := numbers.Take(t.Context(), conference, "SEO-3", "d9", "d4", opening); !errors.Is(err, delegate.ErrStale) {
		t.Errorf("taken from somebody who does not hold it: %v", err)
	}
	if err := numbers.Release(t.Context(), conference, "SEO-1", "d2"); err != nil {
		t.Fatal(err)
	}
	a, err := badges.Accreditation(t.Context(), accreditation.ID(conference, "SEO-1"))
	if err != nil || a.Delegate != "d1" || len(a.Hash) != 0 {
		t.Errorf("badge %+v, %v", a, err)
	}
	if err := numbers.Release(t.Context(), conference, "SEO-1", "d1"); err != nil {
		t.Fatal(err)
	}
	if a, err := badges.Accreditation(t.Context(), a.ID); err != nil || a.ID != "" {
		t.Errorf("given up, and still there: %+v, %v", a, err)
	}
}
