package storetest

import (
	"errors"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/store"
)

// guards tests what an expected field may be, in a guarded update and in a
// guarded delete.
func (s *suite) guards(t *testing.T) {
	t.Parallel()
	at := time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)
	doc := func(id string) bson.M {
		return bson.M{
			"_id": id, "revision": int64(7), "small": int32(7), "state": "open", "held": false, "at": at, "part": 0.5, "nothing": nil,
			"attempt": bson.M{"id": "a1", "deadline": at}, "tags": bson.A{"one", "two"}, "empty": bson.A{},
			"outbox": bson.A{bson.M{"seq": int64(1)}},
		}
	}
	cases := []struct {
		name   string
		expect bson.M
		met    bool
	}{
		{"no condition", nil, true},
		{"a revision", bson.M{"revision": int64(7)}, true},
		{"another revision", bson.M{"revision": int64(6)}, false},
		{"a whole number of another size", bson.M{"revision": int32(7), "small": int64(7)}, true},
		{"a whole number as a fraction", bson.M{"revision": 7.0}, true},
		{"a fraction", bson.M{"part": 0.5}, true},
		{"another fraction", bson.M{"part": bson.M{"$gt": 0.5}}, false},
		{"text", bson.M{"state": "open"}, true},
		{"other text", bson.M{"state": "Open"}, false},
		{"text where a number is", bson.M{"revision": "7"}, false},
		{"a truth value", bson.M{"held": false}, true},
		{"the other truth value", bson.M{"held": true}, false},
		{"an instant", bson.M{"at": at.In(time.FixedZone("KST", 9*3600))}, true},
		{"a later instant", bson.M{"at": bson.M{"$gte": at.Add(time.Millisecond)}}, false},
		{"two conditions", bson.M{"revision": int64(7), "state": "open"}, true},
		{"two conditions, one unmet", bson.M{"revision": int64(7), "state": "closed"}, false},
		{"null where a field is null", bson.M{"nothing": nil}, true},
		{"null where a field is missing", bson.M{"missing": nil}, true},
		{"null where a field is set", bson.M{"state": nil}, false},
		{"a value where a field is missing", bson.M{"missing": "x"}, false},
		{"$exists where it does", bson.M{"nothing": bson.M{"$exists": true}}, true},
		{"$exists where it does not", bson.M{"missing": bson.M{"$exists": true}}, false},
		{"$exists false where it does not", bson.M{"missing": bson.M{"$exists": false}}, true},
		{"$lt", bson.M{"revision": bson.M{"$lt": int64(8)}}, true},
		{"$lt of itself", bson.M{"revision": bson.M{"$lt": int64(7)}}, false},
		{"$lte of itself", bson.M{"revision": bson.M{"$lte": int64(7)}}, true},
		{"$gt", bson.M{"revision": bson.M{"$gt": int64(7)}}, false},
		{"a range", bson.M{"revision": bson.M{"$gte": int64(7), "$lt": int64(9)}}, true},
		{"$lt where a field is missing", bson.M{"missing": bson.M{"$lt": int64(9)}}, false},
		{"$ne", bson.M{"state": bson.M{"$ne": "closed"}}, true},
		{"$ne of itself", bson.M{"state": bson.M{"$ne": "open"}}, false},
		{"$ne where a field is missing", bson.M{"missing": bson.M{"$ne": "x"}}, true},
		{"$in", bson.M{"state": bson.M{"$in": bson.A{"held", "open"}}}, true},
		{"$in without it", bson.M{"state": bson.M{"$in": bson.A{"held", "closed"}}}, false},
		{"$nin", bson.M{"state": bson.M{"$nin": bson.A{"held", "closed"}}}, true},
		{"a nested field", bson.M{"attempt.id": "a1"}, true},
		{"another nested field", bson.M{"attempt.id": "a2"}, false},
		{"a nested field of nothing", bson.M{"nothing.id": "a1"}, false},
		{"a nested field of text", bson.M{"state.id": nil}, true},
		{"a member of a list", bson.M{"tags": "two"}, true},
		{"no member of a list", bson.M{"tags": "three"}, false},
		{"$ne of a member", bson.M{"tags": bson.M{"$ne": "two"}}, false},
		{"$ne of no member", bson.M{"tags": bson.M{"$ne": "three"}}, true},
		{"a field of a list's members", bson.M{"outbox.seq": int64(1)}, true},
		{"the first place of a list", bson.M{"outbox.0": bson.M{"$exists": true}}, true},
		{"the second place of a list", bson.M{"outbox.1": bson.M{"$exists": true}}, false},
		{"the first place of an empty list", bson.M{"empty.0": bson.M{"$exists": false}}, true},
		{"the size of a list", bson.M{"tags": bson.M{"$size": int32(2)}}, true},
		{"$or", bson.M{"$or": bson.A{bson.M{"state": "closed"}, bson.M{"revision": int64(7)}}}, true},
	}
	t.Run("an update happens when its conditions are met, else it is stale and changes nothing", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "other", "revision": int64(6), "state": "closed"})
		for _, tc := range cases {
			want(t, c.Insert(t.Context(), doc(tc.name)), nil)
			err := c.Update(t.Context(), tc.name, tc.expect, bson.M{"$set": bson.M{"changed": true}})
			changed := get(t, c, tc.name)["changed"] == true
			if promised := outcome(tc.met); !errors.Is(err, promised) || changed != tc.met {
				t.Errorf("%s: error %v, changed %v, want %v", tc.name, err, changed, promised)
			}
			want(t, c.Delete(t.Context(), tc.name, nil), nil)
		}
		if get(t, c, "other")["changed"] != nil {
			t.Error("another document was changed")
		}
	})
	t.Run("a delete likewise", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "other", "revision": int64(6), "state": "closed"})
		for _, tc := range cases {
			if tc.expect == nil {
				continue
			}
			want(t, c.Insert(t.Context(), doc(tc.name)), nil)
			err := c.Delete(t.Context(), tc.name, tc.expect)
			gone := errors.Is(c.Get(t.Context(), tc.name, &bson.M{}), store.ErrMissing)
			if promised := outcome(tc.met); !errors.Is(err, promised) || gone != tc.met {
				t.Errorf("%s: error %v, gone %v, want %v", tc.name, err, gone, promised)
			}
			want(t, c.Delete(t.Context(), tc.name, nil), nil)
		}
		get(t, c, "other")
	})
	t.Run("nothing is met by a document that is not there", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, doc("m"))
		set := bson.M{"$set": bson.M{"changed": true}}
		for _, expect := range []bson.M{nil, {"revision": int64(7)}, {"missing": nil}, {"missing": bson.M{"$exists": false}}} {
			want(t, c.Update(t.Context(), "ghost", expect, set), store.ErrStale)
			want(t, c.Get(t.Context(), "ghost", &bson.M{}), store.ErrMissing)
		}
		want(t, s.collection().Update(t.Context(), "ghost", nil, set), store.ErrStale)
	})
}

// outcome is the error of a guarded write whose conditions are met, or not.
func outcome(met bool) error {
	if met {
		return nil
	}
	return store.ErrStale
}
