package agenda_test

import (
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"plenary.example/shared/client"
)

// versions are the eleven versions of one feed, published in the course of a
// day, and what each of them changes when it is imported in order.
var versions = []struct {
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
}

// Each version is imported over HTTP and released, on the eve and then half an
// hour after it was published. The rules have a test of their own with the same
// numbers and all versions; here it is seen that nothing on the way from the wire
// to the store and back loses or invents a change. The first four hold one of
// each kind: new ones, other spellings, edits, and a shift that is held.
func TestElevenPublishedVersionsOverHTTP(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		t.Run(map[bool]string{false: "on the eve", true: "half an hour late"}[late], func(t *testing.T) {
			t.Parallel()
			if !late && os.Getenv("PLENARY_SOAK") == "" {
				t.Skip("the rules' own test has this one; make soak runs both")
			}
			s, a, c := leipzig(t, client.AllowBadRequests) // they are good; looking at 25 MB again takes time
			who := secretary("leipzig-2019")
			who["sub"] = "desk-2"
			second := s.as(t, a, who, client.AllowBadRequests)
			var revision int64
			states := map[string]client.Session{}
			steps := versions
			if os.Getenv("PLENARY_SOAK") == "" {
				steps = versions[:4]
			}
			for n, step := range steps {
				if late {
					published, err := time.Parse("20060102T150405Z07:00", "20191227T"+step.version+"+01:00")
					if err != nil {
						t.Fatal(err)
					}
					s.clock.set(published.Add(30 * time.Minute))
				}
				r, _ := brought(t, c, key(n), inJSON, file(t, "history/2019-12-27T"+step.version+"+0100.schedule.json.gz"))
				fields := map[string]int{}
				for _, x := range r.Changed {
					for _, f := range x.Fields {
						fields[f]++
					}
				}
				if r.Revision != revision || len(r.Created) != step.created || len(r.Vanished) != step.vanished || r.Review != step.vanished {
					t.Errorf("%s: compared with %d, %d created, %d vanished, %d to review; want %d and %+v", step.version, r.Revision, len(r.Created), len(r.Vanished), r.Review, revision, step)
				}
				// What has begun keeps its time and room, so late there is less.
				if !late && (len(r.Changed) != step.changed || r.Unchanged != step.unchanged || !maps.Equal(fields, step.fields)) {
					t.Errorf("%s: %d changed %v, %d unchanged; want %+v", step.version, len(r.Changed), fields, r.Unchanged, step)
				}
				if late && (len(r.Changed) > step.changed || len(r.Changed)+r.Unchanged != step.changed+step.unchanged) {
					t.Errorf("%s: %d changed, %d unchanged; want %+v", step.version, len(r.Changed), r.Unchanged, step)
				}
				if d, _ := theDraft(t, c); len(d.Sessions) != len(r.Created)+len(r.Changed) || len(d.Removed) > 0 {
					t.Errorf("%s: the draft has %d sessions and removes %d, the report %d and %d", step.version, len(d.Sessions), len(d.Removed), len(r.Created), len(r.Changed))
				}
				var held *client.HeldRelease
				if len(r.Created)+len(r.Changed) > 0 {
					revision++
					var at int64
					if at, held = releaseDraft(t, c, second); at != revision {
						t.Errorf("%s: released as %d, want %d", step.version, at, revision)
					}
				}
				// The source that was an hour off corrects itself; nothing else trips.
				if (held != nil) != (step.version == "133028") {
					t.Errorf("%s: held %+v", step.version, held)
				}
				got := wholeAgenda(t, c, "leipzig-2019")
				now := map[string]client.Session{}
				for _, x := range got.Sessions {
					now[x.ID] = x
				}
				if got.Revision != revision || slices.ContainsFunc(got.Sessions, func(x client.Session) bool { return x.Status == "cancelled" }) {
					t.Errorf("%s: the agenda is at %d, or a session is cancelled", step.version, got.Revision)
				}
				for _, x := range r.Vanished {
					if was, is := states[x.SessionID], now[x.SessionID]; is.Revision != was.Revision {
						t.Errorf("%s: %s vanished and went from revision %d to %d", step.version, x.SessionID, was.Revision, is.Revision)
					}
				}
				for id, was := range states {
					if is, still := now[id]; !still || step.version == "193028" && is.Revision != was.Revision {
						t.Errorf("%s: %s is gone, or came back as another", step.version, id)
					}
				}
				states = now
			}
			if len(steps) == len(versions) && len(states) != 1126+9 {
				t.Errorf("the agenda ends with %d sessions", len(states))
			}
		})
	}
}
