package agenda_test

import (
	"fmt"
	"testing"
	"time"

	"plenary.example/shared/client"
)

// BenchmarkImport brings the largest real file over HTTP into the draft: into an
// empty one, again when nothing is new, and as the next version of what has just
// been released, while others are still being told of that. A second is the second of whoever waits for the answer.
//
//	go test -run '^$' -bench Import -benchtime 3x ./services/agenda
func BenchmarkImport(b *testing.B) {
	last := file(b, "history/2019-12-27T205052+0100.schedule.json.gz")
	earlier := file(b, "history/2019-12-27T195048+0100.schedule.json.gz")
	for _, x := range []struct {
		name   string
		before func(b *testing.B, c *client.ClientWithResponses)
	}{
		{"first", func(*testing.B, *client.ClientWithResponses) {}},
		{"again", func(b *testing.B, c *client.ClientWithResponses) { brought(b, c, key(0), inJSON, last) }},
		{"next", func(b *testing.B, c *client.ClientWithResponses) {
			brought(b, c, key(0), inJSON, earlier)
			releaseDraft(b, c, nil)
		}},
	} {
		b.Run(x.name, func(b *testing.B) {
			var took time.Duration
			for n := 0; b.Loop(); n++ {
				_, _, c := leipzig(b, client.AllowBadRequests)
				x.before(b, c)
				began := time.Now()
				r, _ := brought(b, c, fmt.Sprintf("bench-%012d", n), inJSON, last)
				took += time.Since(began)
				if got := len(r.Created) + len(r.Changed) + r.Unchanged; got != 1126 {
					b.Fatalf("%d items", got)
				}
			}
			b.ReportMetric(took.Seconds()/float64(b.N), "s/import")
			b.ReportMetric(0, "ns/op") // with the engines' start
		})
	}
}
