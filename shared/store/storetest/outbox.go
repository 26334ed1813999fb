package storetest

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/store"
)

// A fact is what an outbox holds.
type fact struct {
	ID   string    `bson:"id"`
	Seq  int64     `bson:"seq"`
	At   time.Time `bson:"at"`
	Data string    `bson:"data"`
}

type carrier struct {
	ID       string `bson:"_id"`
	Revision int64  `bson:"revision"`
	Outbox   []fact `bson:"outbox"`
}

// outbox tests that a fact and its event are one write, and that exactly what
// was told is taken out again.
func (s *suite) outbox(t *testing.T) {
	t.Parallel()
	at := time.Date(2013, 10, 17, 8, 0, 0, 5e6, time.UTC)
	facts := []fact{{"a", 1, at, `{"from":"09:00"}`}, {"b", 2, at, "Ж"}, {"c", 3, at, ""}}
	t.Run("facts are pushed in order with the change they belong to", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, carrier{ID: "m", Revision: 1})
		for i, part := range [][]fact{facts[:2], facts[2:]} {
			want(t, c.Update(t.Context(), "m", bson.M{"revision": int64(i + 1)}, bson.M{
				"$set": bson.M{"revision": int64(i + 2)}, "$push": bson.M{"outbox": bson.M{"$each": part}},
			}), nil)
		}
		expectOutbox(t, c, 3, facts)
	})
	t.Run("a push to a missing list makes it", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "m", "revision": int64(1)})
		want(t, c.Update(t.Context(), "m", nil, bson.M{"$push": bson.M{"outbox": facts[0]}}), nil)
		expectOutbox(t, c, 1, facts[:1])
	})
	t.Run("$pullAll takes out exactly what was read", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, carrier{"m", 1, facts})
		var read carrier
		want(t, c.Get(t.Context(), "m", &read), nil)
		late := fact{"d", 4, at, "late"}
		want(t, c.Update(t.Context(), "m", nil, bson.M{"$push": bson.M{"outbox": late}}), nil)
		want(t, c.Update(t.Context(), "m", nil, bson.M{"$pullAll": bson.M{"outbox": read.Outbox}}), nil)
		expectOutbox(t, c, 1, []fact{late})
		want(t, c.Update(t.Context(), "m", nil, bson.M{"$pullAll": bson.M{"outbox": read.Outbox}}), nil)
		expectOutbox(t, c, 1, []fact{late})
	})
	t.Run("$pullAll leaves what differs in one field", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, carrier{"m", 1, facts[:1]})
		other := facts[0]
		other.At = at.Add(time.Millisecond)
		want(t, c.Update(t.Context(), "m", nil, bson.M{"$pullAll": bson.M{"outbox": []fact{other}}}), nil)
		expectOutbox(t, c, 1, facts[:1])
	})
	t.Run("pushing and pulling side by side loses and doubles nothing", func(t *testing.T) {
		t.Parallel()
		const writers, each = 4, 15
		c := s.with(t, carrier{ID: "m"})
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					f := fact{ID: fmt.Sprintf("%d/%d", w, i), At: at}
					if err := c.Update(t.Context(), "m", nil, bson.M{
						"$inc": bson.M{"revision": int64(1)}, "$push": bson.M{"outbox": f},
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		told := map[string]int{}
		for len(told) < writers*each && !t.Failed() {
			var read carrier
			want(t, c.Get(t.Context(), "m", &read), nil)
			if len(read.Outbox) == 0 {
				continue
			}
			want(t, c.Update(t.Context(), "m", nil, bson.M{"$pullAll": bson.M{"outbox": read.Outbox}}), nil)
			for _, f := range read.Outbox {
				if told[f.ID]++; told[f.ID] > 1 {
					t.Errorf("fact %s was read again after it was pulled", f.ID)
				}
			}
		}
		wg.Wait()
		expectOutbox(t, c, writers*each, nil)
	})
}

func expectOutbox(t *testing.T, c *store.Collection, revision int64, facts []fact) {
	t.Helper()
	var got carrier
	want(t, c.Get(t.Context(), "m", &got), nil)
	if got.Revision != revision || len(got.Outbox) != len(facts) || len(facts) > 0 && !reflect.DeepEqual(got.Outbox, facts) {
		t.Errorf("revision %d, outbox %+v\nwant %d, %+v", got.Revision, got.Outbox, revision, facts)
	}
}
