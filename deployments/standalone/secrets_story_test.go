package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"plenary.example/deployments/standalone/internal/sample"
)

// conference is everything people do, the wrong way too.
func (o *office) conference() {
	for _, d := range o.sample.Delegates {
		o.secret("a name of the sample", d.Name)
		o.secret("a code of the sample", d.ActivationCode)
		o.secret("a code of the sample", strings.ReplaceAll(d.ActivationCode, "-", ""))
	}
	for _, p := range o.sample.Devices {
		o.secret("a carrier's token of the sample", p.Token)
	}
	desk := o.signInWith(oneOf(o.sample, "secretariat"))
	people := o.taking(desk)
	o.badges(desk, people)
	o.looking(desk, people)
	o.changing(desk, people)
	o.systems(desk)
	o.lists(desk)
	o.phones(desk)
	o.calendars()
	o.meeting(desk)
	o.leaving(desk, people)
	o.blunders(desk)
}

// signInWith is an access token of somebody of the sample.
func (o *office) signInWith(d sample.Delegate) string {
	o.Helper()
	return o.signInAs(d.Accreditation, d.ActivationCode)
}

func (o *office) signInAs(accreditation, code string) string {
	o.Helper()
	o.refused("", "POST /v1/sign-ins", fmt.Sprintf(`{"conference":%q,"accreditation":%q,"activationCode":%q}`,
		o.sample.ID, accreditation, o.secret("a wrong code", "WRONG-"+code[:4])))
	pair := o.call(201, "", "POST /v1/sign-ins", fmt.Sprintf(`{"conference":%q,"accreditation":%q,"activationCode":%q,"device":%q}`,
		o.sample.ID, accreditation, code, o.secret("a phone's name", "Phone of "+accreditation+", the red one")))
	o.secret("an access token", pair.one(o, "accessToken"))
	again := o.call(200, "", "POST /v1/sign-ins/refresh", fmt.Sprintf(`{"refreshToken":%q}`, o.secret("a refresh token", pair.one(o, "refreshToken"))))
	o.secret("a refresh token", again.one(o, "refreshToken"))
	return o.secret("an access token", again.one(o, "accessToken"))
}

// An imported person, as the ministry wrote them.
type imported struct {
	id, externalID, name, email, telephone string
	accreditation, code                    string
}

// taking takes in a ministry's table, with rows that are refused.
func (o *office) taking(desk string) []imported {
	people := []imported{
		{externalID: "P-1", name: "ليلى بنت الزبير الأندلسي", email: "leila.al-andalusi@ministry.example", telephone: "+216 71 555 0101"},
		{externalID: "P-2", name: "Szőlősgyörgyi Ödönné", email: "odonne.szolosgyorgyi@ministry.example", telephone: "+36 1 555 0102"},
		{externalID: "P-3", name: "欧阳翡翠青金", email: "ouyang.feicui@ministry.example", telephone: "+86 10 5555 0103"},
	}
	o.call(200, desk, "POST {c}/delegation-imports?language=en", "externalId;kind;designation\r\nTAL-01;state;Talcum Islands\r\n", "Content-Type: text/csv")
	table := "externalId,delegation,accreditation,name,email,telephone,roles,consentParticipants,consentPublic,consentTelephone\r\n"
	for i, p := range people {
		o.secret("an imported name", p.name)
		o.secret("an imported e-mail address", p.email)
		o.secret("an imported telephone number", p.telephone)
		table += fmt.Sprintf("%s,TAL-01,TAL-0000%d,%s,%s,%s,delegate liaison,yes,yes,yes\r\n", p.externalID, i+1, p.name, p.email, p.telephone)
	}
	bad := o.secret("a refused name", "Feldspar Chalcedony Refused")
	table += fmt.Sprintf("P-9,NOWHERE-77,TAL-00009,%s,%s,%s,king,maybe,yes,yes\r\n", bad,
		o.secret("a refused e-mail address", "not-an-address-of-chalcedony"), o.secret("a refused telephone number", "telephone of chalcedony"))
	o.call(200, desk, "POST {c}/delegate-imports?dryRun=true", table, "Content-Type: text/csv")
	report := o.call(200, desk, "POST {c}/delegate-imports", table, "Content-Type: text/csv")
	if strings.Count(report.text, `"created"`) != len(people)+1 {
		o.Fatalf("import: %s", report.text)
	}
	o.call(200, desk, "POST {c}/delegate-imports", strings.Replace(table, people[0].name, o.secret("a corrected name", "ليلى بنت الزبير القرطبي"), 1), "Content-Type: text/csv")
	people[0].name = "ليلى بنت الزبير القرطبي"
	o.refused(desk, "POST {c}/delegate-imports", "\x00\xff"+bad, "Content-Type: text/csv")
	o.refused(desk, "POST {c}/delegate-imports", "name,"+o.secret("a header", "Amtsbezeichnung des Chalzedons")+"\r\nx,y\r\n", "Content-Type: text/csv")
	var told struct {
		Rows []struct{ ID, ExternalID string }
	}
	if err := json.Unmarshal([]byte(report.text), &told); err != nil {
		o.Fatal(err)
	}
	for _, row := range told.Rows {
		if i := slices.IndexFunc(people, func(p imported) bool { return p.externalID == row.ExternalID }); i >= 0 {
			people[i].id = row.ID
		}
	}
	return people
}

// badges issues codes and signs the new people in.
func (o *office) badges(desk string, people []imported) {
	var ids []string
	for _, p := range people {
		ids = append(ids, fmt.Sprintf("%q", p.id))
	}
	letter := o.call(200, desk, "POST {c}/activation-codes", `{"delegates":[`+strings.Join(ids, ",")+`],"validDays":30}`)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(letter.text, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != len(people)+1 {
		o.Fatalf("codes: %v in %s", err, letter.text)
	}
	number, name, code := slices.Index(rows[0], "accreditation"), slices.Index(rows[0], "name"), slices.Index(rows[0], "activationCode")
	for _, row := range rows[1:] {
		o.secret("an activation code", row[code])
		o.secret("an activation code", strings.ReplaceAll(row[code], "-", ""))
		for i := range people {
			if people[i].name == row[name] {
				people[i].accreditation, people[i].code = row[number], row[code]
			}
		}
	}
}

// looking searches, reads and is refused.
func (o *office) looking(desk string, people []imported) {
	app := o.signInWith(oneOf(o.sample, "delegate"))
	for _, p := range people {
		o.call(200, app, "GET {c}/directory?q="+url.QueryEscape(p.name), "")
		o.call(200, "", "GET {c}/participants?q="+url.QueryEscape(p.name), "")
		o.call(200, desk, "GET {c}/delegates/"+p.id, "")
		o.refused(app, "GET {c}/delegates/"+p.id, "")
		o.refused(app, "GET {c}/delegations/"+url.PathEscape(p.name), "")
	}
	o.call(200, app, "GET /v1/me", "")
	o.call(200, app, "GET /v1/me/sign-ins", "")
	o.call(200, app, "GET /v1/me/data", "")
	o.call(200, "", "GET /v1/config", "")
}

// changing edits people, also too late and the wrong way.
func (o *office) changing(desk string, people []imported) {
	p := people[1]
	app := o.signInAs(p.accreditation, p.code)
	me := o.call(200, app, "GET /v1/me", "")
	tag := "If-Match: " + me.Header.Get("ETag")
	own := o.secret("a telephone number of one's own", "+36 30 555 0199")
	o.call(200, app, "PATCH /v1/me", fmt.Sprintf(`{"telephone":%q,"languages":["hu"],"consent":{"telephone":true}}`, own), tag)
	o.refused(app, "PATCH /v1/me", fmt.Sprintf(`{"telephone":%q}`, o.secret("a telephone number too late", "+36 30 555 0200")), tag)
	o.refused(app, "PATCH /v1/me", fmt.Sprintf(`{%q:true}`, o.secret("a member there is not", "Zeolite Pseudomember")), tag)

	record := o.call(200, desk, "GET {c}/delegates/"+p.id, "")
	tag = "If-Match: " + record.Header.Get("ETag")
	renamed := o.call(200, desk, "PATCH {c}/delegates/"+p.id, fmt.Sprintf(`{"name":%q,"email":%q,"roles":["delegate"]}`,
		o.secret("a new name", "Zircon Malachite Newname"), o.secret("a new address", "newname@ministry.example")), tag)
	o.refused(desk, "PATCH {c}/delegates/"+p.id, fmt.Sprintf(`{"name":%q}`, o.secret("a name too late", "Gneiss Overtaken Latename")), tag)
	o.refused(desk, "PATCH {c}/delegates/"+p.id, fmt.Sprintf(`{"email":%q}`, o.secret("no address", "gneiss without an at")), "If-Match: "+renamed.Header.Get("ETag"))

	home := record.one(o, "delegation", "id")
	create := fmt.Sprintf(`{"name":%q,"delegation":%q,"email":%q,"externalId":"P-4"}`,
		o.secret("a created name", "Tourmaline Hornblende Created"), home, o.secret("a created address", "created@ministry.example"))
	for range 2 {
		o.call(201, desk, "POST {c}/delegates", create, "Idempotency-Key: create-tourmaline-0001")
	}
	o.refused(desk, "POST {c}/delegates", strings.Replace(create, "Created", "Otherwise", 1), "Idempotency-Key: create-tourmaline-0001")
	o.secret("a name under a used key", "Tourmaline Hornblende Otherwise")
	o.refused(desk, "POST {c}/delegates", create, "Idempotency-Key: create-tourmaline-0002")
}

// systems begins a passkey, makes a key for another system, uses it and ends it.
func (o *office) systems(desk string) {
	begun := o.call(201, desk, "POST /v1/me/passkeys/challenges", "")
	o.refused(desk, "POST /v1/me/passkeys", fmt.Sprintf(`{"challenge":%q,"name":%q,"credential":{"id":"AXkQ"}}`,
		o.secret("a challenge", begun.one(o, "challenge")), o.secret("a passkey's name", "Key of Feldspar on the desk")))
	made := o.call(201, desk, "POST {c}/api-keys", `{"name":"Badge printer","scopes":["people:read"]}`)
	key := o.secret("an API key", made.one(o, "key"))
	o.refused("", "POST /v1/sign-ins/api-key", fmt.Sprintf(`{"key":%q}`, o.secret("a wrong API key", key[:len(key)-4]+"zzzz")))
	token := o.secret("an access token of a key", o.call(201, "", "POST /v1/sign-ins/api-key", fmt.Sprintf(`{"key":%q}`, key)).one(o, "accessToken"))
	o.call(200, token, "GET {c}/delegates", "")
	o.refused(token, "GET /v1/me", "")
	o.call(204, desk, "DELETE {c}/api-keys/"+made.one(o, "id"), "")
}

// lists numbers the participants and prints them.
func (o *office) lists(desk string) {
	o.call(201, desk, "POST {c}/participant-lists", "", "Idempotency-Key: list-number-one-0001")
	for _, format := range []string{"json", "csv", "html"} {
		o.call(200, desk, "GET {c}/participant-lists/1?format="+format, "")
	}
	o.call(200, desk, "GET {c}/participant-lists/1/changes", "")
	o.call(200, desk, "GET /v1/audit", "")
}

// calendars follows somebody's schedule by an address that is a secret, the
// wrong way too, until it ends.
func (o *office) calendars() {
	app := o.signInWith(oneOf(o.sample, "delegate"))
	made := o.call(201, app, "POST /v1/me/calendar-feeds", "")
	_, token, _ := strings.Cut(strings.TrimSuffix(made.one(o, "url"), ".ics"), "/v1/calendars/")
	_, key, _ := strings.Cut(token, ".")
	o.secret("a calendar's key", key)
	o.call(200, "", "GET /v1/calendars/"+token+".ics", "")
	o.refused("", "GET /v1/calendars/"+token[:len(token)-4]+"zzzz.ics", "")
	o.call(200, app, "GET /v1/me/calendar-feeds", "")
	o.call(204, app, "DELETE /v1/me/calendar-feeds/"+made.one(o, "id"), "")
	o.refused("", "GET /v1/calendars/"+token, "")
}

// phones registers one and has it told something.
func (o *office) phones(desk string) {
	d := oneOf(o.sample, "delegate")
	app, s := o.signInWith(d), unpicked(o.T, o.sample, d)
	token := o.secret("a carrier's token", fmt.Sprintf("secret-phone:%d", time.Now().UnixNano()))
	o.call(200, app, "PUT /v1/me/devices/0190a3c2-7b1e-7c4d-9a51-2f6e8d3b4c5b", fmt.Sprintf(`{"token":%q,"platform":"ios","locale":"en-GB"}`, token))
	o.call(204, app, "PUT /v1/me/picks/"+s.ID, "")
	read := o.call(200, desk, "GET {c}/sessions/"+s.ID, "")
	o.call(200, desk, "PATCH {c}/sessions/"+s.ID, fmt.Sprintf(`{"startsAt":%q}`, s.Start.Add(15*time.Minute).Format(time.RFC3339)), "If-Match: "+read.Header.Get("ETag"))
	o.phone(o.T, token, 1)
	o.call(200, app, "GET /v1/me/inbox", "")
}

// leaving hands a seat on, signs out, asks to be forgotten and is.
func (o *office) leaving(desk string, people []imported) {
	liaison := o.signInAs(people[2].accreditation, people[2].code)
	o.call(201, liaison, "POST {c}/substitutions", fmt.Sprintf(`{"delegate":%q,"deputy":%q}`, people[1].id, people[2].id), "Idempotency-Key: substitution-0001")
	o.call(202, liaison, "POST /v1/me/erasure", "")
	gone := people[0]
	app := o.signInAs(gone.accreditation, gone.code)
	o.call(204, app, "DELETE /v1/me/sign-ins", "")
	o.call(204, app, "DELETE /v1/me/sign-ins/current", "")
	o.call(204, desk, "DELETE {c}/delegates/"+people[1].id+"/sign-ins", "")
	record := o.call(200, desk, "GET {c}/delegates/"+gone.id, "")
	o.call(204, desk, "POST {c}/delegates/"+gone.id+"/erasure", "", "If-Match: "+record.Header.Get("ETag"))
}

// blunders are requests that put a secret where it does not belong.
func (o *office) blunders(desk string) {
	name := o.secret("a name out of place", "Olivine Basalt Misplaced")
	o.refused(desk, "GET /v1/"+url.PathEscape(name), "")
	o.refused(desk, "GET /v1/conferences/"+url.PathEscape(name)+"/delegates", "")
	o.refused(desk, "GET {c}/delegates?"+url.QueryEscape(name)+"=1", "")
	o.refused("", "POST /v1/sign-ins", fmt.Sprintf(`{"conference":%q,"activationCode":%q`, o.sample.ID, o.secret("a code out of place", "MISPLACED-7")))
	o.refused(o.secret("no token", "misplaced.token.of-olivine"), "GET /v1/me", "")
	o.refused("", "POST /v1/sign-ins/refresh", fmt.Sprintf(`{"refreshToken":%q}`, o.secret("no refresh token", "misplaced-refresh-token-of-olivine")))
	o.refused(desk, "POST {c}/delegates", name, "Content-Type: text/plain")
	o.refused(desk, "POST {c}/delegates", strings.Repeat(name, 100_000))
}
