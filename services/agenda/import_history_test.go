package agenda_test

import (
	"maps"
	"slices"
	"testing"

	"plenary.example/shared/client"
)

// The eleven versions of one feed, published in the course of a day, imported
// over HTTP in order. The rules have a test of their own with the same numbers;
// here it is seen that nothing on the way from the wire to the store and back
// loses or invents a change.
func TestElevenPublishedVersionsOverHTTP(t *testing.T) {
	t.Parallel()
	_, _, c := leipzig(t, client.AllowBadRequests) // they are good; looking at 25 MB again takes time
	var revision int64
	for n, step := range []struct {
		version                               string
		created, changed, unchanged, vanished int
		fields                                map[string]int
	}{
		{version: "130028", created: 1043},
		{version: "131038", created: 4, unchanged: 1043}, // fifty starts are spelled with another offset
		{version: "132055", created: 4, changed: 6, unchanged: 1037, vanished: 4, fields: map[string]int{"abstract": 5, "time": 1, "room": 1}},
		{version: "133028", changed: 53, unchanged: 994, vanished: 4, fields: map[string]int{"time": 50, "end": 1, "speakers": 2, "title": 1, "room": 1}},
		{version: "134043", created: 1, unchanged: 1047, vanished: 4},
		{version: "171035", created: 43, changed: 56, unchanged: 988, vanished: 8, fields: map[string]int{"speakers": 18, "title": 5, "abstract": 28, "room": 9, "time": 10, "end": 6}},
		{version: "190030", created: 26, changed: 16, unchanged: 1071, vanished: 8, fields: map[string]int{"abstract": 9, "language": 3, "title": 2, "end": 2, "time": 2, "room": 1, "speakers": 2}},
		{version: "192214", created: 2, changed: 7, unchanged: 1068, vanished: 46, fields: map[string]int{"abstract": 7}},
		{version: "193028", unchanged: 1115, vanished: 8},
		{version: "195048", created: 1, changed: 1, unchanged: 1114, vanished: 8, fields: map[string]int{"abstract": 1}},
		{version: "205052", created: 11, changed: 17, unchanged: 1098, vanished: 9, fields: map[string]int{"time": 2, "abstract": 12, "end": 2, "speakers": 1}},
	} {
		r, _ := brought(t, c, key(n), inJSON, file(t, "history/2019-12-27T"+step.version+"+0100.schedule.json.gz"))
		fields := map[string]int{}
		for _, x := range r.Changed {
			for _, f := range x.Fields {
				fields[f]++
			}
		}
		if len(r.Created) != step.created || len(r.Changed) != step.changed || r.Unchanged != step.unchanged || len(r.Vanished) != step.vanished || !maps.Equal(fields, step.fields) {
			t.Errorf("%s: %d created, %d changed %v, %d unchanged, %d vanished; want %+v", step.version, len(r.Created), len(r.Changed), fields, r.Unchanged, len(r.Vanished), step)
		}
		if step.created+step.changed > 0 {
			revision++
		}
		if r.Revision != revision {
			t.Errorf("%s: revision %d, want %d", step.version, r.Revision, revision)
		}
	}
	got := wholeAgenda(t, c, "leipzig-2019")
	if len(got.Sessions) != 1126+9 || got.Revision != revision || slices.ContainsFunc(got.Sessions, func(x client.Session) bool { return x.Status != "confirmed" }) {
		t.Errorf("the agenda ends at %d with %d sessions, or one of them is cancelled", got.Revision, len(got.Sessions))
	}
}
