package delegates_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"plenary.example/services/delegates"
	"plenary.example/shared/client"
)

// The people of everybody besides those of handover.
const (
	observers = "0190a3c2-7b1e-7c4d-9a51-00000000000c"
	london    = "0190a3c2-7b1e-7c4d-9a51-00000000000d"
	ko        = "0190a3c2-7b1e-7c4d-9a51-000000000003" // the desk
	ory       = "0190a3c2-7b1e-7c4d-9a51-000000000004" // listed to participants; Nagy to nobody, but the desk may call
	bob       = "0190a3c2-7b1e-7c4d-9a51-000000000006" // in London
	nobody    = "0190a3c2-7b1e-7c4d-9a51-0000000000ff"
)

// everybody is a conference with each sort of person.
func everybody() delegates.Seed {
	seed := delegates.Seed{
		Conference: seoul,
		Delegations: []delegates.SeedDelegation{
			{ID: korea, Designation: map[string]string{"en": "Republic of Korea", "ko": "대한민국"}, Kind: "host"},
			{ID: hungary, Designation: map[string]string{"en": "Hungary", "ko": "헝가리"}, Kind: "state", ExternalID: "D-2", Head: ory, Officer: kim},
			{ID: observers, Designation: map[string]string{"en": "Ærø Observers"}, Kind: "non_governmental"},
		},
		Delegates: []delegates.SeedDelegate{
			{ID: kim, Delegation: korea, Name: "김민준", Function: "Director", Rank: "senior_official", Languages: []string{"ko", "en"}},
			{ID: ahn, Delegation: korea, Name: "Ahn So-yeon", Roles: []string{"delegate", "secretariat"}},
			{ID: ko, Delegation: korea, Name: "Ko Ara", Roles: []string{"delegate", "desk"}},
			{
				ID: ory, Delegation: hungary, Name: "Őry Ágnes", Function: "Vice-Minister", Rank: "vice_minister", ExternalID: "P-4",
				Email: "ory@example.org", Telephone: "+36 1 100", Consent: delegates.Consent{Participants: true, Public: true},
			},
			{
				ID: nagy, Delegation: hungary, Name: "Nagy", Rank: "expert", Roles: []string{"delegate", "liaison"}, Telephone: "+36 1 200",
				Consent: delegates.Consent{Telephone: true},
			},
		},
	}
	return coded(seed)
}

// coded gives people what a seed has to say and these tests do not care about.
func coded(seed delegates.Seed) delegates.Seed {
	for i := range seed.Delegates {
		d := &seed.Delegates[i]
		d.Accreditation, d.ActivationCode = "SEO-0000"+d.ID[len(d.ID)-1:], sampleCode
		if d.Roles == nil {
			d.Roles = []string{"delegate"}
		}
		if d.Languages == nil {
			d.Languages = []string{"en"}
		}
	}
	return seed
}

// answered is what came back.
type answered struct {
	status int
	header http.Header
	body   []byte
}

func (a answered) json(t testing.TB) (o map[string]any) {
	t.Helper()
	if err := json.Unmarshal(a.body, &o); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return o
}

func (a answered) code(t testing.TB) string {
	t.Helper()
	code, _ := a.json(t)["code"].(string)
	return fmt.Sprint(a.status, " ", code)
}

// names of the items of a list.
func (a answered) names(t testing.TB) string {
	t.Helper()
	var names []string
	items, _ := a.json(t)["items"].([]any)
	for _, item := range items {
		o, _ := item.(map[string]any)
		name, ok := o["name"].(string)
		if !ok {
			name, _ = o["designation"].(string)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// ask sends a request and holds both sides to the specification. header are
// names and values.
func ask(t testing.TB, s *delegates.Service, token, method, path, body string, header ...string) answered {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.Addr()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case method == http.MethodPatch:
		req.Header.Set("Content-Type", "application/merge-patch+json")
	case body != "":
		req.Header.Set("Content-Type", "application/json")
	default:
		req.Body = http.NoBody
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] != "" {
			req.Header.Set(header[i], header[i+1])
		}
	}
	res, err := (&http.Client{Transport: &client.Checker{Report: t, Base: http.DefaultTransport, AllowBad: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{res.StatusCode, res.Header, got}
}

const root = "/v1/conferences/" + seoul

// A staff is the tokens of everybody's people.
type staff struct {
	s                       *delegates.Service
	kim, ahn, ko, ory, nagy string
}

func staffed(t testing.TB) (*rig, staff) {
	t.Helper()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, everybody())
	load(t, s, coded(delegates.Seed{
		Conference:  "london-2011",
		Delegations: []delegates.SeedDelegation{{ID: london, Designation: map[string]string{"en": "United Kingdom"}, Kind: "host"}},
		Delegates:   []delegates.SeedDelegate{{ID: bob, Delegation: london, Name: "Bob", Consent: delegates.Consent{Participants: true, Public: true}}},
	}))
	in := func(number string) string { return signedIn(t, s, number, sampleCode).AccessToken }
	return r, staff{s, in("SEO-00001"), in("SEO-00002"), in("SEO-00003"), in("SEO-00004"), in("SEO-00005")}
}

func TestTheOfficeAccreditsEditsRemovesAndReinstates(t *testing.T) {
	t.Parallel()
	_, x := staffed(t)
	made := ask(t, x.s, x.ahn, "POST", root+"/delegates", `{"name": " محمد بن سلمان ", "delegation": "`+hungary+`", "rank": "minister", "languages": ["AR", "en-us"],
		"email": "m@example.org", "telephone": "+966 11 123", "externalId": "P-77", "consent": {"participants": true}}`)
	o := made.json(t)
	if made.status != 201 || o["name"] != "محمد بن سلمان" || o["accreditation"] != "SEO-00006" || fmt.Sprint(o["languages"]) != "[ar en-US]" || o["telephone"] != nil {
		t.Fatalf("made: %d %s", made.status, made.body)
	}
	path, tag := root+"/delegates/"+o["id"].(string), made.header.Get("ETag")
	for _, refused := range []struct{ patch, tag, want string }{
		{`{"name": "x"}`, "", "428 if_match_required"},
		{`{"name": "x"}`, `"7-en"`, "412 stale"},
		{`{"name": "a\u202eb"}`, tag, "422 validation_failed"},
		{`{"name": " \u200f "}`, tag, "422 validation_failed"},
		{`{"email": "nonsense"}`, tag, "422 validation_failed"},
		{`{"delegation": "` + london + `"}`, tag, "422 delegation_unknown"},
		{`{"accreditation": "seo-00001"}`, tag, "409 accreditation_taken"},
		{`{"id": "x"}`, tag, "400 malformed_body"},
		{`{"name": null}`, tag, "400 malformed_body"},
	} {
		if got := ask(t, x.s, x.ahn, "PATCH", path, refused.patch, "If-Match", refused.tag).code(t); got != refused.want {
			t.Errorf("%s under %s: %s, want %s", refused.patch, refused.tag, got, refused.want)
		}
	}
	edited := ask(t, x.s, x.ahn, "PATCH", path, `{"name": "a \u2068محمد\u2069 b", "email": null, "accreditation": "VIP-1"}`, "If-Match", tag)
	if o := edited.json(t); edited.status != 200 || o["name"] != "a \u2068محمد\u2069 b" || o["email"] != nil || o["accreditation"] != "VIP-1" || o["revision"] != 2.0 {
		t.Errorf("edited: %d %s", edited.status, edited.body)
	}
	if got := ask(t, x.s, x.ahn, "DELETE", path, "", "If-Match", tag).code(t); got != "412 stale" {
		t.Errorf("removed at an older revision: %s", got)
	}
	if got := ask(t, x.s, x.ahn, "DELETE", path, "", "If-Match", edited.header.Get("ETag")).status; got != 204 {
		t.Errorf("removed: %d", got)
	}
	if got := ask(t, x.s, x.ory, "GET", root+"/directory?q=a", "").names(t); strings.Contains(got, "محمد") {
		t.Errorf("removed, and found: %s", got)
	}
	back := ask(t, x.s, x.ahn, "PATCH", path, `{"status": "accredited"}`, "If-Match", `"3"`)
	if back.status != 200 || back.json(t)["status"] != "accredited" {
		t.Errorf("reinstated: %d %s", back.status, back.body)
	}
	if got := ask(t, x.s, x.ahn, "POST", root+"/delegates", `{"name": "Other", "delegation": "`+hungary+`", "externalId": "P-77"}`).code(t); got != "409 external_id_taken" {
		t.Errorf("the external id again: %s", got)
	}
	if got := ask(t, x.s, x.ahn, "POST", root+"/delegates", `{"name": "Other", "delegation": "`+hungary+`", "accreditation": "SEO-00006"}`).status; got != 201 {
		t.Errorf("a number that was given up: %d", got)
	}
}

func TestTheOfficeKeepsDelegations(t *testing.T) {
	t.Parallel()
	_, x := staffed(t)
	made := ask(t, x.s, x.ahn, "POST", root+"/delegations", `{"designation": {"EN": "Aland"}, "kind": "state", "code": "ax", "officer": "`+kim+`"}`)
	o := made.json(t)
	if made.status != 201 || o["designation"] != "Aland" || o["code"] != "AX" || o["officer"].(map[string]any)["name"] != "김민준" {
		t.Fatalf("made: %d %s", made.status, made.body)
	}
	path, tag := root+"/delegations/"+o["id"].(string), made.header.Get("ETag")
	for patch, want := range map[string]string{
		`{"head": "` + kim + `"}`: "422 head_unknown", `{"officer": "` + ory + `"}`: "422 officer_unknown", `{"officer": "` + bob + `"}`: "422 officer_unknown",
		`{"designation": {"en": null}}`: "422 designation_missing", `{"designation": {"xx-nonsense-tag-that-is-far-too-long": "x"}}`: "422 validation_failed",
		`{"code": "no!"}`: "422 validation_failed",
	} {
		if got := ask(t, x.s, x.ahn, "PATCH", path, patch, "If-Match", tag).code(t); got != want {
			t.Errorf("%s: %s, want %s", patch, got, want)
		}
	}
	edited := ask(t, x.s, x.ahn, "PATCH", path, `{"designation": {"en": "Åland", "ko": "올란드"}, "code": null, "officer": null, "precedence": 7}`, "If-Match", tag)
	if o := edited.json(t); edited.status != 200 || o["designation"] != "Åland" || o["code"] != nil || o["officer"] != nil || o["precedence"] != 7.0 {
		t.Errorf("edited: %d %s", edited.status, edited.body)
	}
	if got := ask(t, x.s, x.ahn, "DELETE", root+"/delegations/"+hungary, "", "If-Match", `"1"`).code(t); got != "409 delegation_not_empty" {
		t.Errorf("removed with people in it: %s", got)
	}
	if got := ask(t, x.s, x.ahn, "DELETE", path, "", "If-Match", edited.header.Get("ETag")).status; got != 204 {
		t.Errorf("removed: %d", got)
	}
	if got := ask(t, x.s, x.kim, "GET", path, "").code(t); got != "404 not_found" {
		t.Errorf("a participant reads it: %s", got)
	}
	if got := ask(t, x.s, x.ahn, "GET", root+"/delegations", "").names(t); got != "Ærø Observers, Åland, Hungary, Republic of Korea" {
		t.Errorf("the office lists %s", got)
	}
	if got := ask(t, x.s, x.kim, "GET", root+"/delegations?kind=state", "").names(t); got != "Hungary" {
		t.Errorf("a participant lists %s", got)
	}
}

func TestTheLastOfTheSecretariatStays(t *testing.T) {
	t.Parallel()
	_, x := staffed(t)
	path := root + "/delegates/" + ahn
	for _, got := range []answered{
		ask(t, x.s, x.ahn, "DELETE", path, "", "If-Match", `"1"`),
		ask(t, x.s, x.ahn, "PATCH", path, `{"roles": ["delegate"]}`, "If-Match", `"1"`),
		ask(t, x.s, x.ahn, "PATCH", path, `{"status": "removed"}`, "If-Match", `"1"`),
	} {
		if got.code(t) != "409 last_secretariat" {
			t.Errorf("%s", got.code(t))
		}
	}
	if got := ask(t, x.s, x.ahn, "PATCH", root+"/delegates/"+kim, `{"roles": ["secretariat", "delegate"]}`, "If-Match", `"1"`); fmt.Sprint(got.json(t)["roles"]) != "[delegate secretariat]" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := ask(t, x.s, x.ahn, "DELETE", path, "", "If-Match", `"1"`).status; got != 204 {
		t.Errorf("with another there: %d", got)
	}
}

func TestAKeyTouchesNobodyOfTheSecretariatOrTheDesk(t *testing.T) {
	t.Parallel()
	_, x := staffed(t)
	key := withKey(t, x.s, createKey(t, x.s, x.ahn, "people:read", "people:write").Key)
	if key.JSON201 == nil {
		t.Fatalf("sign in with the key: %d %s", key.StatusCode(), key.Body)
	}
	token := key.JSON201.AccessToken
	for want, got := range map[string]answered{
		"403 made one":   ask(t, x.s, token, "POST", root+"/delegates", `{"name": "X", "delegation": "`+korea+`", "roles": ["desk"]}`),
		"403 changed":    ask(t, x.s, token, "PATCH", root+"/delegates/"+ahn, `{"function": "x"}`, "If-Match", `"1"`),
		"403 raised one": ask(t, x.s, token, "PATCH", root+"/delegates/"+kim, `{"roles": ["secretariat"]}`, "If-Match", `"1"`),
		"403 removed":    ask(t, x.s, token, "DELETE", root+"/delegates/"+ko, "", "If-Match", `"1"`),
		"200 changed":    ask(t, x.s, token, "PATCH", root+"/delegates/"+kim, `{"function": "x"}`, "If-Match", `"1"`),
		"200 read":       ask(t, x.s, token, "GET", root+"/delegations/"+hungary, ""),
	} {
		if !strings.HasPrefix(want, fmt.Sprint(got.status)) {
			t.Errorf("%s: %d %s", want, got.status, got.body)
		}
	}
}

func TestARepeatedCreationMakesOnePerson(t *testing.T) {
	t.Parallel()
	r, x := staffed(t)
	other := r.start(t, nil)
	body := `{"name": "Once", "delegation": "` + hungary + `"}`
	answers := side(10, func(i int) string {
		a := ask(t, []*delegates.Service{x.s, other}[i%2], x.ahn, "POST", root+"/delegates", body, "Idempotency-Key", "0123456789abcdef")
		if a.status != 201 {
			return a.code(t)
		}
		return "made " + a.json(t)["id"].(string)
	})
	again := ask(t, other, x.ahn, "POST", root+"/delegates", body, "Idempotency-Key", "0123456789abcdef")
	if again.status != 201 || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("again: %d %s %v", again.status, again.body, again.header)
	}
	made := 0
	for answer := range answers {
		if strings.HasPrefix(answer, "made") {
			made++
		} else if answer != "409 in_progress" {
			t.Error(answer)
		}
	}
	if made > 1 || !strings.Contains(ask(t, x.s, x.ahn, "GET", root+"/delegates?q=once", "").names(t), "Once") {
		t.Errorf("answers %v", answers)
	}
	if got := ask(t, x.s, x.ahn, "POST", root+"/delegates", strings.Replace(body, "Once", "Twice", 1), "Idempotency-Key", "0123456789abcdef").code(t); got != "422 key_reused" {
		t.Errorf("another body: %s", got)
	}
}

func TestOfAHundredEditsUnderOneTagOneWins(t *testing.T) {
	t.Parallel()
	r, x := staffed(t)
	replicas := []*delegates.Service{x.s, r.start(t, nil)}
	counts := side(100, func(i int) int {
		return ask(t, replicas[i%2], x.ahn, "PATCH", root+"/delegates/"+kim, fmt.Sprintf(`{"function": "Director %d"}`, i), "If-Match", `"1-en"`).status
	})
	if counts[200] != 1 || counts[412] != 99 {
		t.Errorf("%v, want one 200 and 99 times 412", counts)
	}
}

func TestTwoPeopleOfOneNameAreTwoPeople(t *testing.T) {
	t.Parallel()
	_, x := staffed(t)
	var ids []string
	for range 2 {
		a := ask(t, x.s, x.ahn, "POST", root+"/delegates", `{"name": "김민준", "delegation": "`+hungary+`", "consent": {"participants": true}}`)
		ids = append(ids, a.json(t)["id"].(string))
	}
	if ids[0] == ids[1] || ask(t, x.s, x.ory, "GET", root+"/directory?q=김민", "").names(t) != "김민준, 김민준" {
		t.Errorf("%v", ids)
	}
	if !slices.IsSorted(ids) {
		t.Errorf("ids are not in the order of making: %v", ids)
	}
}
