package storetest

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// A record has one field of each kind that the services store.
type record struct {
	ID     string             `bson:"_id"`
	Text   string             `bson:"text"`
	Whole  int64              `bson:"whole"`
	Small  int32              `bson:"small"`
	Plain  int                `bson:"plain"`
	Part   float64            `bson:"part"`
	Yes    bool               `bson:"yes"`
	At     time.Time          `bson:"at"`
	Wait   time.Duration      `bson:"wait"`
	Bytes  []byte             `bson:"bytes"`
	List   []string           `bson:"list"`
	Titles map[string]string  `bson:"titles"`
	Inner  inner              `bson:"inner"`
	Many   []inner            `bson:"many"`
	Maybe  *inner             `bson:"maybe"`
	Absent string             `bson:"absent,omitempty"`
	Deep   map[string][]inner `bson:"deep"`
}

type inner struct {
	Name string    `bson:"name"`
	N    int       `bson:"n"`
	At   time.Time `bson:"at"`
}

func (s *suite) values(t *testing.T) {
	t.Parallel()
	at := time.Date(2013, 10, 17, 8, 0, 0, 123_000_000, time.UTC)
	full := record{
		ID: "full", Text: "Séance plénière – 개회식 👋\u0000end", Whole: math.MaxInt64, Small: math.MinInt32, Plain: 1 << 40,
		Part: 0.1, Yes: true, At: at, Wait: 90 * time.Second, Bytes: []byte{0, 1, 254, 255},
		List: []string{"b", "a", ""}, Titles: map[string]string{"en": "Opening", "ko": "개회식", "": "none"},
		Inner: inner{"in", 1, at}, Many: []inner{{"one", 1, at}, {}}, Maybe: &inner{Name: "there"},
		Deep: map[string][]inner{"x": {{Name: "deep", N: -1}}},
	}
	t.Run("a document comes back as it was written", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, full)
		var got record
		want(t, c.Get(t.Context(), "full", &got), nil)
		if !reflect.DeepEqual(got, full) {
			t.Errorf("got  %+v\nwant %+v", got, full)
		}
	})
	t.Run("extremes of numbers survive an update of another field", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.M{"_id": "n", "numbers": bson.A{
			int64(math.MinInt64), int64(1) << 53, int64(1)<<53 + 1, int32(-1), 0.0, -1.5, math.MaxFloat64, math.SmallestNonzeroFloat64, 1e300,
		}})
		before := get(t, c, "n")["numbers"]
		want(t, c.Update(t.Context(), "n", nil, bson.M{"$set": bson.M{"touched": true}}), nil)
		if after := get(t, c, "n")["numbers"]; !reflect.DeepEqual(after, before) {
			t.Errorf("numbers = %v, want %v", after, before)
		}
	})
	t.Run("instants keep milliseconds, lose the rest and their zone", func(t *testing.T) {
		t.Parallel()
		seoul := time.FixedZone("KST", 9*3600)
		for _, in := range []time.Time{
			at.Add(456_789), at.In(seoul), time.Date(1969, 7, 20, 20, 17, 0, 1e6, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), {},
		} {
			c := s.with(t, record{ID: "t", At: in})
			var got record
			want(t, c.Get(t.Context(), "t", &got), nil)
			if !got.At.Equal(in.Truncate(time.Millisecond)) || got.At.Location() != time.UTC {
				t.Errorf("%v came back as %v", in, got.At)
			}
		}
	})
	t.Run("nil lists and maps are written as empty ones, so that $push and dotted $set work on them", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, record{ID: "zero"})
		doc := get(t, c, "zero")
		if list, ok := doc["list"].(bson.A); !ok || len(list) != 0 {
			t.Errorf("nil list is %#v, want an empty one", doc["list"])
		}
		if doc["maybe"] != nil {
			t.Errorf("nil pointer is %v, want null", doc["maybe"])
		}
		if _, there := doc["absent"]; there {
			t.Error("an omitted field is there")
		}
		want(t, c.Update(t.Context(), "zero", nil, bson.M{
			"$push": bson.M{"list": "first"}, "$set": bson.M{"titles.en": "Opening"},
		}), nil)
		var got record
		want(t, c.Get(t.Context(), "zero", &got), nil)
		if len(got.List) != 1 || got.Titles["en"] != "Opening" {
			t.Errorf("list %v, titles %v", got.List, got.Titles)
		}
	})
	t.Run("text is kept byte by byte", func(t *testing.T) {
		t.Parallel()
		for name, text := range map[string]string{
			"composed and decomposed": "é e\u0301", "right to left": "الجلسة العامة", "controls": "\x01\x1f\x7f\u2028\ufeff",
			"quotes": `"'\/` + "`", "a dollar": "$set", "long": strings.Repeat("漢", 100_000),
		} {
			c := s.with(t, bson.M{"_id": "t", "text": text})
			if got := get(t, c, "t")["text"]; got != text {
				t.Errorf("%s: %q came back as %q", name, text, got)
			}
		}
	})
	t.Run("the order of fields in nested documents is kept", func(t *testing.T) {
		t.Parallel()
		c := s.with(t, bson.D{{Key: "_id", Value: "o"}, {Key: "inner", Value: bson.D{{Key: "z", Value: int32(1)}, {Key: "a", Value: int32(2)}}}})
		var got struct{ Inner bson.D }
		want(t, c.Get(t.Context(), "o", &got), nil)
		if len(got.Inner) != 2 || got.Inner[0].Key != "z" {
			t.Errorf("inner = %v", got.Inner)
		}
	})
}
