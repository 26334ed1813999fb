package storetest

import (
	"reflect"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/store"
)

func (s *suite) update(t *testing.T) {
	t.Parallel()
	before := bson.M{
		"_id": "d", "n": int64(1), "text": "a", "list": bson.A{"x"},
		"in": bson.M{"er": bson.M{"most": int32(1)}, "side": "kept"},
	}
	cases := []struct {
		name   string
		update bson.M
		want   bson.M // fields that differ afterwards; nil means gone
	}{
		{"$set of a field", bson.M{"$set": bson.M{"text": "b"}}, bson.M{"text": "b"}},
		{"$set of a new field", bson.M{"$set": bson.M{"new": bson.M{"a": "b"}}}, bson.M{"new": bson.M{"a": "b"}}},
		{
			"$set of a nested field",
			bson.M{"$set": bson.M{"in.er.most": int32(2)}},
			bson.M{"in": bson.M{"er": bson.M{"most": int32(2)}, "side": "kept"}},
		},
		{
			"$set of a nested field whose parents are missing",
			bson.M{"$set": bson.M{"told.en.at": "now"}},
			bson.M{"told": bson.M{"en": bson.M{"at": "now"}}},
		},
		{"$set of a list", bson.M{"$set": bson.M{"list": bson.A{"y", "z"}}}, bson.M{"list": bson.A{"y", "z"}}},
		{"$set of null", bson.M{"$set": bson.M{"text": nil}}, bson.M{"text": bson.Null{}}},
		{"$unset", bson.M{"$unset": bson.M{"text": ""}}, bson.M{"text": nil}},
		{"$unset of a nested field", bson.M{"$unset": bson.M{"in.er": ""}}, bson.M{"in": bson.M{"side": "kept"}}},
		{"$unset of a missing field", bson.M{"$unset": bson.M{"ghost": ""}}, bson.M{}},
		{"$inc", bson.M{"$inc": bson.M{"n": int64(41)}}, bson.M{"n": int64(42)}},
		{"$inc below zero", bson.M{"$inc": bson.M{"n": int64(-2)}}, bson.M{"n": int64(-1)}},
		{"$inc of a missing field", bson.M{"$inc": bson.M{"m": int64(5)}}, bson.M{"m": int64(5)}},
		{"$inc of a nested field", bson.M{"$inc": bson.M{"in.er.most": int32(1)}}, bson.M{"in": bson.M{"er": bson.M{"most": int32(2)}, "side": "kept"}}},
		{"$inc beyond 32 bits", bson.M{"$inc": bson.M{"n": int64(1) << 33}}, bson.M{"n": int64(1)<<33 + 1}},
		{
			"$set, $inc, $unset and $push at once",
			bson.M{"$set": bson.M{"text": "c"}, "$inc": bson.M{"n": int64(1)}, "$unset": bson.M{"in.side": ""}, "$push": bson.M{"list": "y"}},
			bson.M{"text": "c", "n": int64(2), "in": bson.M{"er": bson.M{"most": int32(1)}}, "list": bson.A{"x", "y"}},
		},
		{"what is so already", bson.M{"$set": bson.M{"text": "a"}}, bson.M{}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := s.with(t, before, bson.M{"_id": "other", "n": int64(1)})
			want(t, c.Update(t.Context(), "d", bson.M{"n": int64(1)}, tc.update), nil)
			expected := bson.M{}
			for k, v := range before {
				expected[k] = v
			}
			for k, v := range tc.want {
				if expected[k] = v; v == nil {
					delete(expected, k)
				} else if v == (bson.Null{}) {
					expected[k] = nil
				}
			}
			if got := get(t, c, "d"); !reflect.DeepEqual(plain(got), plain(expected)) {
				t.Errorf("document = %v\nwant       %v", got, expected)
			}
			if got := get(t, c, "other"); len(got) != 2 {
				t.Errorf("another document became %v", got)
			}
		})
	}
	t.Run("an update of nothing known is refused", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, before)
		if err := c.Update(t.Context(), "d", nil, bson.M{"$frobnicate": bson.M{"n": 1}}); err == nil {
			t.Error("an unknown operator was accepted")
		}
		if err := c.Update(t.Context(), "d", nil, bson.M{"n": 1}); err == nil {
			t.Error("an update without an operator was accepted")
		}
	})
}

// plain turns what a driver decodes into what a test writes.
func plain(v any) any {
	switch v := v.(type) {
	case bson.D:
		m := map[string]any{}
		for _, e := range v {
			m[e.Key] = plain(e.Value)
		}
		return m
	case bson.M:
		m := map[string]any{}
		for k, e := range v {
			m[k] = plain(e)
		}
		return m
	case bson.A:
		list := []any{}
		for _, e := range v {
			list = append(list, plain(e))
		}
		return list
	}
	return v
}

func (s *suite) replace(t *testing.T) {
	t.Parallel()
	t.Run("a replacement leaves nothing of the old document", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "d", "revision": int64(1), "old": true})
		want(t, c.Replace(t.Context(), "d", bson.M{"revision": int64(1)}, bson.M{"_id": "d", "revision": int64(2)}), nil)
		if doc := get(t, c, "d"); len(doc) != 2 || doc["revision"] != int64(2) {
			t.Errorf("document = %v", doc)
		}
	})
	t.Run("a stale replacement changes nothing", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "d", "revision": int64(2)})
		want(t, c.Replace(t.Context(), "d", bson.M{"revision": int64(1)}, bson.M{"_id": "d", "revision": int64(2), "late": true}), store.ErrStale)
		if doc := get(t, c, "d"); doc["late"] != nil {
			t.Errorf("document = %v", doc)
		}
	})
	t.Run("a replacement never creates", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "d"})
		want(t, c.Replace(t.Context(), "ghost", nil, bson.M{"_id": "ghost"}), store.ErrStale)
		var ghost bson.M
		want(t, c.Get(t.Context(), "ghost", &ghost), store.ErrMissing)
	})
	t.Run("a replacement keeps the _id, and cannot have another", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "d", "n": int32(1)})
		want(t, c.Replace(t.Context(), "d", nil, bson.M{"n": int32(2)}), nil)
		if err := c.Replace(t.Context(), "d", nil, bson.M{"_id": "e", "n": int32(3)}); err == nil {
			t.Error("the _id was changed")
		}
		if doc := get(t, c, "d"); doc["n"] != int32(2) {
			t.Errorf("document = %v", doc)
		}
	})
}
