package httpd

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

type fuzzed struct {
	Title string                `json:"title"`
	At    *time.Time            `json:"at,omitempty"`
	Seats map[string]int32      `json:"seats"`
	Notes map[bool]string       `json:"-"`
	Parts []struct{ A, B bool } `json:"parts"`
	Free  any                   `json:"free"`
}

// FuzzDecodeStrictly looks for texts the strict decoder accepts and a decoder
// that refuses unknown members does not, or the two read differently.
func FuzzDecodeStrictly(f *testing.F) {
	for _, seed := range []string{
		`{"title":"Hall","at":"2013-10-17T09:00:00Z","seats":{"a":1},"parts":[{"A":true}],"free":[null,{"x":1.5}]}`,
		`{}`, `null`, `[]`, `{"title":"Hall"} {}`, `{"title":"a","title":"b"}`, `{"Title":"a"}`, `{"parts":[[]]}`, "{\"title\":\"\\ud800\"}", `{"a~/b":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var strict, plain fuzzed
		err := decodeStrictly(text, &strict)
		if err != nil {
			if _, ok := unpack(err.Error()); !ok {
				t.Fatalf("%q: the complaint got lost: %v", text, err)
			}
			return
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&plain); err != nil {
			t.Fatalf("%q is accepted, against %v", text, err)
		}
		a, _ := json.Marshal(strict)
		b, _ := json.Marshal(plain)
		if !bytes.Equal(a, b) {
			t.Fatalf("%q is read as %s and as %s", text, a, b)
		}
	})
}
