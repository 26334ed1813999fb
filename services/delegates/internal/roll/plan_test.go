package roll_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/roll"
	"plenary.example/services/delegates/internal/sheet"
	"plenary.example/shared/event"
)

const seoul = "seoul-2013"

// present is a small conference: two delegations that take part and one that is
// removed, and a person of each status.
func present() roll.Present {
	p := roll.Present{Conference: seoul}
	for _, g := range []delegate.Delegation{
		{ID: "kr", ExternalID: "KR", Designation: map[string]string{"en": "Korea", "ko": "대한민국"}, Kind: "host", Head: "kim", Status: event.Accredited},
		{ID: "hu", ExternalID: "HU", Designation: map[string]string{"en": "Hungary"}, Kind: "state", Precedence: 3, Code: "HU", Status: event.Accredited},
		{ID: "gone", ExternalID: "GONE", Designation: map[string]string{"en": "Gone"}, Kind: "media", Status: event.Removed},
	} {
		g.Conference = seoul
		p.Delegations = append(p.Delegations, g)
	}
	for _, d := range []delegate.Delegate{
		{ID: "kim", ExternalID: "P1", Delegation: "kr", Accreditation: "A-1", Name: "Kim Min-jun", Function: "Director", Roles: []string{"delegate", "liaison"}, Languages: []string{"ko"}, Consent: delegate.Consent{Public: true}, Status: event.Accredited},
		{ID: "nagy", ExternalID: "P2", Delegation: "hu", Accreditation: "A-2", Name: "Nagy Éva", Roles: []string{"delegate"}, Status: event.Accredited},
		{ID: "left", ExternalID: "P3", Delegation: "hu", Accreditation: "A-3", Name: "Left", Roles: []string{"delegate"}, Status: event.Removed},
		{ID: "away", ExternalID: "P4", Delegation: "hu", Accreditation: "A-4", Name: "Away", Roles: []string{"delegate"}, Status: event.Substituted},
		{ID: delegate.IDFor(seoul, delegate.KindDelegate, "P5"), Delegation: "hu", Status: event.Erased},
		{ID: "hand", Delegation: "kr", Accreditation: "A-6", Name: "Kim Min-jun", Roles: []string{"delegate", "desk"}, Status: event.Accredited},
	} {
		d.Conference = seoul
		p.Delegates = append(p.Delegates, d)
	}
	return p
}

func plan(t *testing.T, form sheet.Form, text string, change ...func(*roll.Present)) *roll.Plan {
	t.Helper()
	table, err := sheet.Read([]byte(text), form, nil, "en")
	if err != nil {
		t.Fatal(err)
	}
	p := present()
	for _, c := range change {
		c(&p)
	}
	if table.Has(sheet.Kind) {
		return roll.PlanDelegations(table, p)
	}
	return roll.PlanDelegates(table, p)
}

// said is what becomes of each row: its outcome, and what differs or is wrong.
func said(p *roll.Plan) []string {
	var all []string
	for _, r := range p.Rows {
		var faults []string
		for _, f := range r.Faults {
			faults = append(faults, f.Column+"!"+f.Code)
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Number, r.Outcome, strings.Join(append(slices.Clone(r.Fields), faults...), " "))))
	}
	return all
}

func TestWhatBecomesOfEachPerson(t *testing.T) {
	t.Parallel()
	const all = "externalId,delegation,accreditation,name,"
	for name, test := range map[string]struct{ text, want string }{
		"the same again":              {all + "function,roles,languages,consentPublic\nP1,KR,a-1,Kim Min-jun,Director,Liaison; Delegate,KO,x\n", "2 left"},
		"a column it does not have":   {"externalId,delegation,name\nP1,KR,Kim Min-jun\n", "2 left"},
		"another function and name":   {all + "function\nP1,KR,A-1,Kim M.,Minister\n", "2 changed name function"},
		"empty cells that may be":     {all + "function,languages,consentPublic,email\nP1,KR,,Kim Min-jun,,,,\n", "2 changed function languages consent"},
		"an empty roles cell":         {all + "roles\nP1,KR,A-1,Kim Min-jun,\n", "2 changed roles"},
		"empty cells that may not be": {all + "function\nP1,,A-1,,x\n", "2 refused delegation!required name!required"},
		"somebody of the same name":   {all + "\nP9,KR,A-9,Kim Min-jun\n", "2 created delegation accreditation name"},
		"no external id":              {all + "\n,KR,A-9,Kim\n", "2 refused externalId!required"},
		"one external id twice":       {all + "\nP9,KR,A-9,One\nP9,KR,A-10,Two\n", "2 created delegation accreditation name, 3 refused externalId!duplicate_row"},
		"removed":                     {all + "\nP3,HU,A-3,Left\n", "2 refused !removed"},
		"substituted":                 {all + "\nP4,HU,A-4,Away\n", "2 refused !substituted"},
		"erased":                      {all + "\nP5,HU,A-5,Back\n", "2 refused !erased"},
		"an unknown delegation":       {all + "\nP9,FR,A-9,Nouveau\n", "2 refused delegation!delegation_unknown"},
		"a removed delegation":        {all + "\nP9,GONE,A-9,New\n", "2 refused delegation!delegation_removed"},
		"another's number":            {all + "\nP9,KR,a-2,New\nP1,KR,A-6,Kim Min-jun\n", "2 refused accreditation!accreditation_taken, 3 refused accreditation!accreditation_taken"},
		"one number twice":            {all + "\nP8,KR,A-9,New\nP9,KR,A-9,New\n", "2 created delegation accreditation name, 3 refused accreditation!accreditation_taken"},
		"words as people write them":  {all + "rank,roles,languages\nP2,HU,A-2,Nagy Éva,Head of State,DELEGATE|Liaison,\"hu, EN\"\n", "2 changed rank roles languages"},
		"words nobody knows":          {all + "rank,roles,languages,email,consentPublic,telephone\nP2,HU,A-2,Nagy Éva,king,boss,klingonese,nagy,perhaps,1\n", "2 refused consentPublic!not_yes_or_no email!email telephone!wrong_format rank!oneof roles!oneof languages!bcp47_language_tag"},
		"a name read backwards":       {all + "\nP9,KR,A-9,\u202eNew\n", "2 refused name!forbidden_character"},
		"more than fits":              {all + "function\nP2,HU,A-2,Nagy Éva," + strings.Repeat("é", 201) + "\n", "2 refused function!max"},
		"another head":                {all + "head\nP1,KR,A-1,Kim Min-jun,no\nP9,KR,A-9,New,yes\n", "2 changed head, 3 created delegation accreditation name head"},
		"the same head":               {all + "head\nP1,KR,A-1,Kim Min-jun,yes\n", "2 left"},
		"two heads":                   {all + "head\nP8,KR,A-8,New,yes\nP9,KR,A-9,New,yes\n", "2 created delegation accreditation name head, 3 refused head!second_head"},
		"a damaged row":               {all + "\nP9,KR,A-9,Ren\ufffd\n", "2 refused name!damaged_text"},
	} {
		if got := strings.Join(said(plan(t, sheet.Delegates(), test.text)), ", "); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestWhatBecomesOfEachDelegation(t *testing.T) {
	t.Parallel()
	const all = "externalId,kind,designation"
	for name, test := range map[string]struct{ text, want string }{
		"the same again":           {all + ",precedence,code\nHU,State,Hungary,3,hu\n", "2 left"},
		"languages it has not":     {all + ",designation_hu\nHU,state,Hungary,Magyarország\n", "2 changed designation"},
		"a language taken away":    {all + ",designation_ko\nKR,host,Korea,\n", "2 changed designation"},
		"all languages taken away": {all + "\nHU,state,\n", "2 refused designation!designation_missing"},
		"cleared":                  {all + ",precedence,code\nHU,state,Hungary,,\n", "2 changed code precedence"},
		"an officer":               {all + ",officer\nHU,state,Hungary,a-6\n", "2 changed officer"},
		"an officer who has left":  {all + ",officer\nHU,state,Hungary,A-3\n", "2 refused officer!officer_unknown"},
		"no kind":                  {all + "\nHU,,Hungary\n", "2 refused kind!oneof"},
		"no code, of two words":    {all + "\nNGO,Non-Governmental,Friends\n", "2 created designation kind"},
		"no code, out of place":    {all + ",precedence,code\nX,state,X,10000,1234\n", "2 refused code!wrong_format precedence!out_of_range"},
		"no place, no code":        {all + ",precedence,code\nX,state,X,first,1234\n", "2 refused precedence!not_a_number code!wrong_format"},
		"removed":                  {all + "\nGONE,media,Gone\n", "2 refused !removed"},
	} {
		if got := strings.Join(said(plan(t, sheet.Delegations(), test.text)), ", "); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestAKeyGivesNobodyTheRightsOfTheOffice(t *testing.T) {
	t.Parallel()
	const text = "externalId,delegation,name,roles\nP1,KR,Kim Min-jun,secretariat\nP2,HU,Nagy Éva,liaison\nP9,KR,New,desk\n"
	key := func(p *roll.Present) { p.ByKey = true }
	if got, want := strings.Join(said(plan(t, sheet.Delegates(), text, key)), ", "), "2 refused roles!not_for_keys, 3 changed roles, 4 refused roles!not_for_keys"; got != want {
		t.Errorf("a key: %s, want %s", got, want)
	}
	if got := said(plan(t, sheet.Delegates(), text)); got[0] != "2 changed roles" {
		t.Errorf("the secretariat: %v", got)
	}
}

func TestSomebodyOfTheSecretariatRemains(t *testing.T) {
	t.Parallel()
	office := func(p *roll.Present) {
		p.Delegates[0].Roles, p.Delegates[1].Roles = []string{"secretariat"}, []string{"delegate", "secretariat"}
	}
	const text = "externalId,delegation,name,roles\nP1,KR,Kim Min-jun,delegate\nP2,HU,Nagy Éva,delegate\n"
	if got := strings.Join(said(plan(t, sheet.Delegates(), text, office)), ", "); got != "2 changed roles, 3 refused roles!last_secretariat" {
		t.Error(got)
	}
}

func TestAPlanLeavesThePresentAlone(t *testing.T) {
	t.Parallel()
	p := present()
	before := fmt.Sprint(p)
	table, err := sheet.Read([]byte("externalId,kind,designation,designation_ko,officer\nKR,host,K,,A-6\n"), sheet.Delegations(), nil, "en")
	if err != nil {
		t.Fatal(err)
	}
	if got := said(roll.PlanDelegations(table, p)); got[0] != "2 changed designation officer" || fmt.Sprint(p) != before {
		t.Errorf("%v, and now there is %v", got, p)
	}
}
