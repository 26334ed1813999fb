package delegates_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates"
	"plenary.example/shared/client"
)

// crowdTable is a table of n people in 300 delegations.
func crowdTable(n int, function string) (groups, people string) {
	var g, p strings.Builder
	g.WriteString("externalId;kind;designation;designation_ko\n")
	for i := range 300 {
		fmt.Fprintf(&g, "G-%03d;state;Delegation %03d;대표단 %03d\n", i, i, i)
	}
	p.WriteString("externalId;delegation;accreditation;name;function;rank;roles;languages;email;consentParticipants\n")
	for i := range n {
		fmt.Fprintf(&p, "P-%05d;G-%03d;B-%05d;김민준 Kim Min-jun %d;%s;expert;delegate;ko, en;person%d@mofa.example;yes\n", i, i%300, i, i, function, i)
	}
	return g.String(), p.String()
}

// BenchmarkImport takes 10,000 people in, again, changes each of them, and
// numbers and prints a list of them; it says how long each takes, and how much
// memory the process, engines and all, holds afterwards.
//
//	go test -run '^$' -bench Import -benchtime 1x ./services/delegates
func BenchmarkImport(b *testing.B) {
	for b.Loop() {
		r := newRig(b)
		s := r.start(b, nil)
		load(b, s, people())
		token := secretariat(b, s)
		groups, table := crowdTable(10_000, "Director")
		_, changed := crowdTable(10_000, "Counsellor")
		importGroups(b, s, token, groups)
		before := held()
		measure(b, "dry", func() { expect(b, importPeople(b, s, token, table, dry).Created) })
		measure(b, "new", func() { expect(b, importPeople(b, s, token, table).Created) })
		measure(b, "again", func() { expect(b, importPeople(b, s, token, table).Left) })
		measure(b, "list", func() { number(b, s, token, 10_002) })
		measure(b, "html", func() { printList(b, s, token) })
		measure(b, "changed", func() { persist(b, s, token, changed) })
		b.ReportMetric(float64(held()-before)/(1<<20), "MB-held")
	}
	b.ReportMetric(0, "ns/op")
}

func measure(b *testing.B, what string, do func()) {
	b.Helper()
	begin := time.Now()
	do()
	b.ReportMetric(time.Since(begin).Seconds(), what+"-s")
	b.Logf("%s: %v", what, time.Since(begin))
}

// held is the memory in use when nothing is left to collect.
func held() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

func expect(b *testing.B, n int) {
	b.Helper()
	if n != 10_000 {
		b.Fatalf("%d rows", n)
	}
}

// persist sends a table until it is taken in, as a client does that is told to
// come again.
func persist(b *testing.B, s *delegates.Service, token, text string) {
	b.Helper()
	for {
		res, err := at(b, s, token).ImportDelegatesWithBodyWithResponse(b.Context(), seoul, &client.ImportDelegatesParams{}, table, strings.NewReader(text))
		if err != nil {
			b.Fatal(err)
		}
		if res.JSON200 != nil {
			expect(b, res.JSON200.Changed+res.JSON200.Left)
			return
		}
		if code := res.StatusCode(); code != 409 && code != 503 {
			b.Fatalf("import: %d %s", code, res.Body)
		}
		select {
		case <-time.After(time.Second):
		case <-b.Context().Done():
		}
	}
}

func number(t testing.TB, s *delegates.Service, token string, people int) {
	t.Helper()
	res, err := at(t, s, token).CreateParticipantListWithResponse(t.Context(), seoul, &client.CreateParticipantListParams{})
	if err != nil || res.JSON201 == nil || res.JSON201.Participants != people {
		t.Fatalf("number a list: %v %s", err, res.Body)
	}
}

func printList(t testing.TB, s *delegates.Service, token string) {
	t.Helper()
	res, err := at(t, s, token).GetParticipantListWithResponse(t.Context(), seoul, 1, &client.GetParticipantListParams{Format: new(client.GetParticipantListParamsFormatHTML)})
	if err != nil || res.StatusCode() != 200 {
		t.Fatalf("print a list: %v %s", err, res.Body)
	}
}
