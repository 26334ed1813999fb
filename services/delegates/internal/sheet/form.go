package sheet

import (
	"strings"

	"golang.org/x/text/language"
)

// Fields of both forms.
const (
	ExternalID  Field = "externalId"
	Designation Field = "designation" // in the language the request names; Read returns it with that language
)

// Fields of a file of delegations.
const (
	Kind       Field = "kind"
	Code       Field = "code"
	Precedence Field = "precedence"
	Officer    Field = "officer" // accreditation number
)

// Fields of a file of delegates.
const (
	Delegation          Field = "delegation" // its external id
	Accreditation       Field = "accreditation"
	Name                Field = "name"
	SortName            Field = "sortName"
	Function            Field = "function"
	Rank                Field = "rank"
	Roles               Field = "roles"
	Languages           Field = "languages"
	Email               Field = "email"
	Telephone           Field = "telephone"
	ConsentParticipants Field = "consentParticipants"
	ConsentPublic       Field = "consentPublic"
	ConsentTelephone    Field = "consentTelephone"
	Head                Field = "head"
)

// A Form says which columns a kind of file may have and which it must.
type Form struct {
	fields   []entry
	required []Field
}

// entry is a field and the headers it is known by, each as folded makes it. The
// field's own name is always one of them.
type entry struct {
	field Field
	known []string
}

// Delegations is the form of a file of delegations.
func Delegations() Form {
	return Form{
		required: []Field{ExternalID, Kind, Designation},
		fields: []entry{
			{ExternalID, []string{"id", "extid", "externalreference", "reference", "ref", "delegationid"}},
			{Kind, []string{"type", "category", "delegationkind", "delegationtype", "kindofdelegation", "typeofdelegation"}},
			{Code, []string{"isocode", "iso", "countrycode", "iso3166"}},
			{Precedence, []string{"orderofprecedence", "protocolorder", "order"}},
			{Designation, []string{"name", "delegation", "delegationname", "nameofdelegation", "officialname", "country", "countryname"}},
			{Officer, []string{"liaisonofficer", "liaisonofficeraccreditation", "officeraccreditation"}},
		},
	}
}

// Delegates is the form of a file of delegates.
func Delegates() Form {
	return Form{
		required: []Field{ExternalID, Delegation, Name},
		fields: []entry{
			{ExternalID, []string{"id", "extid", "externalreference", "reference", "ref", "personid", "delegateid", "participantid"}},
			{Delegation, []string{"delegationid", "delegationexternalid", "delegationreference", "delegationref"}},
			{Accreditation, []string{"accreditationnumber", "accreditationno", "accreditationid", "badge", "badgenumber", "badgeno"}},
			{Name, []string{"fullname", "displayname", "nameonbadge", "participantname", "delegatename"}},
			{SortName, []string{"sortingname", "sortas", "sortkey", "nameforsorting"}},
			{Function, []string{"position", "jobtitle", "post", "office", "fonction"}},
			{Rank, []string{"level", "protocolrank", "rang"}},
			{Roles, []string{"role"}},
			{Languages, []string{"language", "preferredlanguage", "preferredlanguages", "spokenlanguages"}},
			{Email, []string{"emailaddress", "mail", "mailaddress", "courriel"}},
			{Telephone, []string{"phone", "tel", "mobile", "mobilephone", "telephonenumber", "phonenumber", "mobilenumber"}},
			{ConsentParticipants, []string{"consenttoparticipants", "listedtoparticipants", "visibletoparticipants"}},
			{ConsentPublic, []string{"publicconsent", "consenttopublic", "listedpublicly", "visibletopublic"}},
			{ConsentTelephone, []string{"consenttotelephone", "telephoneconsent", "phoneconsent"}},
			{Head, []string{"headofdelegation", "hod", "ishead"}},
		},
	}
}

// find is the field that goes by a header; empty when none does. A designation
// without a language is in the given one.
func (f Form) find(header, inLanguage string) Field {
	name := folded(header)
	for _, e := range f.fields {
		if name != folded(string(e.field)) && !contains(e.known, name) {
			continue
		}
		if e.field == Designation {
			return DesignationIn(inLanguage)
		}
		return e.field
	}
	if f.has(Designation) {
		if tag, ok := designationLanguage(header); ok {
			return DesignationIn(tag)
		}
	}
	return ""
}

// named is the field that the API calls by that name; capitals and underscores
// make no difference.
func (f Form) named(name, inLanguage string) (Field, bool) {
	for _, e := range f.fields {
		if folded(name) != folded(string(e.field)) {
			continue
		}
		if e.field == Designation {
			return DesignationIn(inLanguage), true
		}
		return e.field, true
	}
	if tag, ok := designationLanguage(name); ok && f.has(Designation) {
		return DesignationIn(tag), true
	}
	return "", false
}

func (f Form) has(field Field) bool {
	for _, e := range f.fields {
		if e.field == field {
			return true
		}
	}
	return false
}

// DesignationIn is the field of a designation in a BCP 47 language.
func DesignationIn(tag string) Field { return Designation + ":" + Field(tag) }

// LanguageOf is the language of a field made by DesignationIn.
func LanguageOf(f Field) (tag string, ok bool) {
	return strings.CutPrefix(string(f), string(Designation)+":")
}

// designationLanguage reads "designation:ko", "Designation (zh-Hant)", "Name FR".
func designationLanguage(header string) (string, bool) {
	words := strings.FieldsFunc(header, func(r rune) bool { return strings.ContainsRune("_ ()[]:/", r) })
	if len(words) != 2 {
		return "", false
	}
	if first := folded(words[0]); first != "designation" && first != "name" && first != "designationin" {
		return "", false
	}
	tag, err := language.Parse(words[1])
	if err != nil {
		return "", false
	}
	return tag.String(), true
}

func contains(all []string, name string) bool {
	for _, s := range all {
		if s == name {
			return true
		}
	}
	return false
}
