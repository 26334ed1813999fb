package delegates_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates"
)

func TestADelegationsPageShowsWhoAgreed(t *testing.T) {
	t.Parallel()
	_, x := staffed(t)
	members := func(token string) string {
		a := ask(t, x.s, token, "GET", root+"/delegations/"+hungary, "")
		o := a.json(t)
		var names []string
		for _, m := range o["members"].([]any) {
			names = append(names, m.(map[string]any)["name"].(string))
		}
		head, _ := o["head"].(map[string]any)
		return fmt.Sprintf("%s %v %v %v", strings.Join(names, ","), head["name"], o["officer"] != nil, o["externalId"])
	}
	for token, want := range map[string]string{
		x.kim: "Őry Ágnes Őry Ágnes false <nil>", x.nagy: "Őry Ágnes,Nagy Őry Ágnes false <nil>", x.ahn: "Őry Ágnes,Nagy Őry Ágnes true D-2",
	} {
		if got := members(token); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	withdraw := ask(t, x.s, x.ory, "PATCH", "/v1/me", `{"consent": {"participants": false}}`, "If-Match", `"1"`)
	if withdraw.status != 200 {
		t.Fatalf("%d %s", withdraw.status, withdraw.body)
	}
	if got := members(x.kim); got != " <nil> false <nil>" {
		t.Errorf("after she withdrew: %s", got)
	}
}

func TestPeopleChooseForThemselvesAndItShowsAtOnce(t *testing.T) {
	t.Parallel()
	_, x := staffed(t)
	me := ask(t, x.s, x.nagy, "GET", "/v1/me", "")
	if o := me.json(t); o["telephone"] != "+36 1 200" || me.header.Get("ETag") != `"1"` {
		t.Errorf("me: %s %s", me.header.Get("ETag"), me.body)
	}
	find := func() string { return ask(t, x.s, x.kim, "GET", root+"/directory?q=nagy", "").names(t) }
	if find() != "" {
		t.Error("found without consent")
	}
	changed := ask(t, x.s, x.nagy, "PATCH", "/v1/me", `{"consent": {"participants": true, "telephone": false}, "languages": ["HU", "hu", "en"], "telephone": "+36 (1) 201"}`, "If-Match", `"1"`)
	if o := changed.json(t); changed.status != 200 || fmt.Sprint(o["languages"]) != "[hu en]" || o["telephone"] != "+36 (1) 201" || changed.header.Get("ETag") != `"2"` {
		t.Errorf("changed: %d %s", changed.status, changed.body)
	}
	if find() != "Nagy" {
		t.Error("not found with consent")
	}
	if o := ask(t, x.s, x.ko, "GET", root+"/delegates/"+nagy, "").json(t); o["telephone"] != nil {
		t.Errorf("the desk sees %s", o["telephone"])
	}
	for _, refused := range []struct{ patch, tag, want string }{
		{`{"name": "x"}`, `"2"`, "400 malformed_body"},
		{`{"languages": []}`, `"2"`, "422 validation_failed"},
		{`{"telephone": "call me"}`, `"2"`, "422 validation_failed"},
		{`{"consent": {"public": true}}`, `"1"`, "412 stale"},
	} {
		if got := ask(t, x.s, x.nagy, "PATCH", "/v1/me", refused.patch, "If-Match", refused.tag).code(t); got != refused.want {
			t.Errorf("%s: %s, want %s", refused.patch, got, refused.want)
		}
	}
	if o := ask(t, x.s, x.nagy, "PATCH", "/v1/me", `{"telephone": null}`, "If-Match", `"2"`).json(t); o["telephone"] != nil || o["revision"] != 3.0 {
		t.Errorf("without a telephone: %v", o)
	}
}

func TestTheDirectoryAnswersInTheCallersLanguageAndInPages(t *testing.T) {
	t.Parallel()
	_, x := staffed(t)
	for query, want := range map[string]string{"": "Őry Ágnes", "?q=agnes+vice": "Őry Ágnes", "?q=hungar": "Őry Ágnes", "?q=헝가": "Őry Ágnes", "?q=ry": "", "?delegation=" + korea: ""} {
		if got := ask(t, x.s, x.kim, "GET", root+"/directory"+query, "").names(t); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if got := ask(t, x.s, "", "GET", root+"/participants", "").names(t); got != "Őry Ágnes" {
		t.Errorf("in public: %s", got)
	}
	var seen []string
	next := root + "/delegates?limit=2"
	for pages := 0; next != ""; pages++ {
		page := ask(t, x.s, x.ko, "GET", next, "")
		seen = append(seen, page.names(t))
		link := page.header.Get("Link")
		next, _, _ = strings.Cut(strings.TrimPrefix(link, "<"), ">")
		if pages == 0 {
			if got := ask(t, x.s, x.ko, "GET", next+"&q=x", "").code(t); got != "400 bad_cursor" {
				t.Errorf("the cursor with another filter: %s", got)
			}
		}
	}
	if got := strings.Join(seen, " | "); got != "Ahn So-yeon, Ko Ara | Nagy, Őry Ágnes | 김민준" {
		t.Errorf("the desk's pages: %s", got)
	}
	if o := ask(t, x.s, x.ko, "GET", root+"/delegates/"+nagy, "").json(t); o["telephone"] != "+36 1 200" {
		t.Errorf("the desk sees %v", o)
	}
	if o := ask(t, x.s, x.ko, "GET", root+"/delegates/"+ory, "").json(t); o["telephone"] != nil || o["email"] != "ory@example.org" {
		t.Errorf("the desk sees %v", o)
	}
}

func TestWhatIsHiddenLooksLikeWhatIsNotThere(t *testing.T) {
	t.Parallel()
	_, x := staffed(t)
	bare := func(a answered) string {
		o := a.json(t)
		delete(o, "instance")
		delete(o, "requestId")
		b, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(a.status, string(b))
	}
	for _, same := range [][]string{
		{x.kim, root + "/delegations/" + nobody, root + "/delegations/" + london, "/v1/conferences/london-2011/delegations/" + london, "/v1/conferences/nowhere/delegations/" + london},
		{x.ahn, root + "/delegates/" + nobody, root + "/delegates/" + bob, "/v1/conferences/london-2011/delegates/" + bob, "/v1/conferences/nowhere/delegates/" + bob},
		{"", "/v1/conferences/nowhere/participants", "/v1/conferences/elsewhere/participants?q=x"},
	} {
		want := bare(ask(t, x.s, same[0], "GET", same[1], ""))
		for _, path := range same[2:] {
			if got := bare(ask(t, x.s, same[0], "GET", path, "")); got != want || !strings.HasPrefix(got, "404") {
				t.Errorf("%s: %s, want %s", path, got, want)
			}
		}
	}
	none, hidden := ask(t, x.s, x.kim, "GET", root+"/directory?q=zzz", ""), ask(t, x.s, x.kim, "GET", root+"/directory?q=nagy", "")
	if !bytes.Equal(none.body, hidden.body) {
		t.Errorf("who did not agree: %s, nobody: %s", hidden.body, none.body)
	}
}

func TestReplicasFollowEachOtherInTheDirectory(t *testing.T) {
	t.Parallel()
	r, x := staffed(t)
	other := r.start(t, nil)
	changed := ask(t, x.s, x.nagy, "PATCH", "/v1/me", `{"consent": {"participants": true}}`, "If-Match", `"1"`)
	if changed.status != 200 {
		t.Fatalf("%d %s", changed.status, changed.body)
	}
	made := ask(t, other, x.ahn, "POST", root+"/delegates", `{"name": "Newcomer", "delegation": "`+hungary+`", "consent": {"participants": true}}`)
	if made.status != 201 {
		t.Fatalf("%d %s", made.status, made.body)
	}
	for _, s := range []*delegates.Service{x.s, other} {
		within(t, 10*time.Second, "a replica shows who agreed and who is new", func() bool {
			return ask(t, s, x.kim, "GET", root+"/directory?delegation="+hungary, "").names(t) == "Nagy, Newcomer, Őry Ágnes"
		})
	}
	stale := ask(t, other, x.nagy, "PATCH", "/v1/me", `{"consent": {"participants": false}}`, "If-Match", `"1"`)
	if stale.status != 412 {
		t.Errorf("an older revision at the other replica: %d", stale.status)
	}
}
