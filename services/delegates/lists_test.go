package delegates_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"plenary.example/services/delegates"
	"plenary.example/shared/client"
)

const table = "text/csv; charset=utf-8"

// secretariat is the token of Ahn, who may do everything. The code is single use.
func secretariat(t testing.TB, s *delegates.Service) string {
	t.Helper()
	return signedIn(t, s, "SEO-00002", singleCode).AccessToken
}

func importGroups(t testing.TB, s *delegates.Service, token, text string, change ...func(*client.ImportDelegationsParams)) client.PeopleImportReport {
	t.Helper()
	p := &client.ImportDelegationsParams{}
	for _, c := range change {
		c(p)
	}
	res, err := at(t, s, token).ImportDelegationsWithBodyWithResponse(t.Context(), seoul, p, table, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if res.JSON200 == nil {
		t.Fatalf("import: %d %s", res.StatusCode(), res.Body)
	}
	return *res.JSON200
}

func importPeople(t testing.TB, s *delegates.Service, token, text string, change ...func(*client.ImportDelegatesParams)) client.PeopleImportReport {
	t.Helper()
	p := &client.ImportDelegatesParams{}
	for _, c := range change {
		c(p)
	}
	res, err := at(t, s, token).ImportDelegatesWithBodyWithResponse(t.Context(), seoul, p, table, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if res.JSON200 == nil {
		t.Fatalf("import: %d %s", res.StatusCode(), res.Body)
	}
	return *res.JSON200
}

const (
	groupsTable = "\ufeffexternal_id;kind;designation;designation_ko\r\nkr;state;Korea, Republic of;대한민국\r\nhu;state;Hungary;헝가리\r\nun;intergovernmental;United Nations;\r\n"
	peopleTable = "external_id,delegation,accreditation,name,function,rank,head,consent_participants,Remarks\n" +
		"p1,kr,A-1,김민준,\"=HYPERLINK(\"\"http://x\"\")\",minister,yes,x,vip\n" +
		"p2,hu,A-2,Ötvös Árpád,'+1,senior_official,,yes,\n" +
		"p3,un,A-3,محمد بن سلمان,Envoy,expert,no,no,\n" +
		"p4,xx,A-4,Nobody,,,,,\n"
)

func outcomes(r client.PeopleImportReport) string {
	var all []string
	for _, row := range r.Rows {
		codes := ""
		for _, e := range row.Errors {
			codes += ":" + e.Code
		}
		all = append(all, fmt.Sprintf("%d %s %s%s", row.Row, row.ExternalID, row.Outcome, codes))
	}
	return strings.Join(all, ", ")
}

func dry(p *client.ImportDelegatesParams) { p.DryRun = new(true) }

func TestATableIsTakenInOnceHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	token := secretariat(t, s)

	if got := outcomes(importGroups(t, s, token, groupsTable)); got != "2 kr created, 3 hu created, 4 un created" {
		t.Fatalf("delegations: %s", got)
	}
	const want = "2 p1 created, 3 p2 created, 4 p3 created, 5 p4 refused:delegation_unknown"
	for _, step := range []struct {
		change func(*client.ImportDelegatesParams)
		want   string
	}{
		{dry, want},
		{dry, want},
		{func(*client.ImportDelegatesParams) {}, want},
		{func(*client.ImportDelegatesParams) {}, "2 p1 left, 3 p2 left, 4 p3 left, 5 p4 refused:delegation_unknown"},
		{dry, "2 p1 left, 3 p2 left, 4 p3 left, 5 p4 refused:delegation_unknown"},
	} {
		if got := outcomes(importPeople(t, s, token, peopleTable, step.change)); got != step.want {
			t.Errorf("people: %s, want %s", got, step.want)
		}
	}
	if got := outcomes(importGroups(t, s, token, groupsTable)); got != "2 kr left, 3 hu left, 4 un left" {
		t.Errorf("delegations again: %s", got)
	}
	report := importPeople(t, s, token, strings.ReplaceAll(peopleTable, "Envoy", "Special Envoy"))
	if report.Changed != 1 || report.Left != 2 || report.Refused != 1 || !slices.Equal(report.Rows[2].Fields, []string{"function"}) {
		t.Errorf("after a change: %+v", report)
	}
	if last := report.Columns[len(report.Columns)-1]; last.Header != "Remarks" || !last.Field.IsNull() {
		t.Errorf("the unknown column is %+v", last)
	}
}

func TestAListCanBePrintedAgainAsItWas(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	token := secretariat(t, s)
	importGroups(t, s, token, groupsTable)
	importPeople(t, s, token, peopleTable)
	c := at(t, s, token)

	number := func(key *string) *client.CreateParticipantListResponse {
		t.Helper()
		res, err := c.CreateParticipantListWithResponse(t.Context(), seoul, &client.CreateParticipantListParams{IdempotencyKey: key})
		if err != nil || res.JSON201 == nil {
			t.Fatalf("number a list: %v %s", err, res.Body)
		}
		return res
	}
	read := func(n int, p client.GetParticipantListParams) []byte {
		t.Helper()
		res, err := c.GetParticipantListWithResponse(t.Context(), seoul, n, &p)
		if err != nil || res.StatusCode() != 200 {
			t.Fatalf("read list %d: %v %s", n, err, res.Body)
		}
		return res.Body
	}
	page, err := c.GetParticipantListWithResponse(t.Context(), seoul, 1, &client.GetParticipantListParams{})
	if err != nil || page.StatusCode() != 404 {
		t.Errorf("a list that is not there: %v %s", err, page.Body)
	}
	one := number(new("0190a3c2-7b1e-7c4d-9a51-00000000f001")).JSON201
	if one.Number != 1 || one.Participants != 5 || one.Added != 5 {
		t.Errorf("the first list is %+v", one)
	}
	if again := number(new("0190a3c2-7b1e-7c4d-9a51-00000000f001")); again.JSON201.Number != 1 {
		t.Errorf("the same request made another list: %+v", again.JSON201)
	}
	csv := client.GetParticipantListParams{Format: new(client.GetParticipantListParamsFormatCsv)}
	html := client.GetParticipantListParams{Format: new(client.GetParticipantListParamsFormatHTML), Language: new("ko")}
	before := [][]byte{read(1, csv), read(1, html), read(1, client.GetParticipantListParams{})}
	for _, name := range []string{"김민준", "Ötvös Árpád", "محمد بن سلمان"} {
		for _, b := range before {
			if !bytes.Contains(b, []byte(name)) {
				t.Errorf("%q is not in %s", name, b)
			}
		}
	}
	if !bytes.Contains(before[0], []byte(`"'=HYPERLINK(""http://x"")"`)) || !bytes.Contains(before[0], []byte("'+1")) {
		t.Errorf("a formula runs: %s", before[0])
	}

	importPeople(t, s, token, strings.ReplaceAll(strings.ReplaceAll(peopleTable, "Envoy", "Special Envoy"), "p4,xx", "p4,un"))
	two := number(nil).JSON201
	if two.Number != 2 || two.Participants != 6 || two.Added != 1 || two.Changed != 1 || two.Removed != 0 {
		t.Errorf("the second list is %+v", two)
	}
	for i, p := range []client.GetParticipantListParams{csv, html, {}} {
		if now := read(1, p); !bytes.Equal(now, before[i]) {
			t.Errorf("no. 1 was\n%s\nand is now\n%s", before[i], now)
		}
	}
	changes, err := c.GetParticipantListChangesWithResponse(t.Context(), seoul, 2)
	if err != nil || changes.JSON200 == nil {
		t.Fatalf("changes: %v %s", err, changes.Body)
	}
	if got := changes.JSON200; got.Since != 1 || len(got.Added) != 1 || len(got.Changed) != 1 || !slices.Equal(got.Changed[0].Fields, []string{"function"}) {
		t.Errorf("changes %+v", got)
	}
	all, err := c.ListParticipantListsWithResponse(t.Context(), seoul)
	if err != nil || all.JSON200 == nil || len(all.JSON200.Items) != 2 || all.JSON200.Items[0].Number != 2 {
		t.Errorf("lists: %v %s", err, all.Body)
	}
	consenting := read(2, client.GetParticipantListParams{Audience: new(client.GetParticipantListParamsAudienceParticipants)})
	if !bytes.Contains(consenting, []byte("김민준")) || bytes.Contains(consenting, []byte("محمد")) {
		t.Errorf("participants see %s", consenting)
	}
}

func TestATableThatIsTakenInTwiceAtOnceMakesNobodyTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := r.start(t, nil)
	load(t, a, people())
	b := r.start(t, nil)
	token := secretariat(t, a)
	groups, table := crowdTable(300, "Envoy")
	var wg sync.WaitGroup
	both := [2]client.PeopleImportReport{}
	for i, s := range []*delegates.Service{a, b} {
		wg.Go(func() {
			importGroups(t, s, token, groups)
			both[i] = importPeople(t, s, token, table)
		})
	}
	wg.Wait()
	for i, report := range both {
		if report.Refused > 0 || report.Created+report.Left != 300 {
			t.Errorf("replica %d: %d created, %d changed, %d left, %d refused", i, report.Created, report.Changed, report.Left, report.Refused)
		}
	}
	fresh := r.start(t, nil) // knows what the store holds
	if again := importPeople(t, fresh, token, table); again.Left != 300 {
		t.Errorf("again: %d created, %d changed, %d refused", again.Created, again.Changed, again.Refused)
	}
	number(t, fresh, token, 302)
}

func TestATableThatCannotBeReadIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	token := secretariat(t, s)
	c := client.NewChecked(t, "http://"+s.Addr(), token, client.AllowBadRequests)
	for name, test := range map[string]struct {
		text, columns string
		status        int
		want          string
	}{
		"Windows-1252":        {"externalId,delegation,name\np1,kr,Ren\xe9\n", "", 422, `"code":"not_utf8"`},
		"a column missing":    {"externalId,name\np1,x\n", "", 422, `"column":"delegation"`},
		"nothing":             {"", "", 422, `"code":"empty_file"`},
		"an unknown field":    {"externalId,delegation,name\np1,kr,x\n", "shoe=Size", 400, `"parameter":"columns"`},
		"more than is taken":  {strings.Repeat("x", 16<<20+1), "", 413, `too_large`},
		"a quote not closed":  {"externalId,delegation,name\np1,kr,\"x\np2,kr,y\n", "", 422, `"row":"2"`},
		"a cell of a million": {"externalId,delegation,name\np1,kr," + strings.Repeat("x", 1<<20) + "\n", "", 422, `"code":"cell_too_long"`},
	} {
		p := &client.ImportDelegatesParams{}
		if test.columns != "" {
			p.Columns = &[]string{test.columns}
		}
		res, err := c.ImportDelegatesWithBodyWithResponse(t.Context(), seoul, p, table, strings.NewReader(test.text))
		if err != nil || res.StatusCode() != test.status || !strings.Contains(string(res.Body), test.want) {
			t.Errorf("%s: %v %d %s", name, err, res.StatusCode(), res.Body)
		}
	}
	if got := importPeople(t, s, token, "externalId,delegation,name\n"); len(got.Rows) != 0 {
		t.Errorf("a header alone: %+v", got)
	}
}
