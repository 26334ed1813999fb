package delegate

import (
	"maps"
	"slices"
)

// differing names the fields in which two states of one person differ, as the
// API calls them.
func (d Delegate) differing(to Delegate) []string {
	return named(
		field{"delegation", d.Delegation == to.Delegation},
		field{"externalId", d.ExternalID == to.ExternalID},
		field{"accreditation", d.Accreditation == to.Accreditation},
		field{"name", d.Name == to.Name},
		field{"sortName", d.SortName == to.SortName},
		field{"function", d.Function == to.Function},
		field{"rank", d.Rank == to.Rank},
		field{"roles", slices.Equal(d.Roles, to.Roles)},
		field{"languages", slices.Equal(d.Languages, to.Languages)},
		field{"email", d.Email == to.Email},
		field{"telephone", d.Telephone == to.Telephone},
		field{"consent", d.Consent == to.Consent},
		field{"status", d.Status == to.Status},
		field{"deputy", d.Deputy == to.Deputy},
		field{"erasureAskedAt", d.ErasureAskedAt.Equal(to.ErasureAskedAt)},
	)
}

// differing is as Delegate's.
func (d Delegation) differing(to Delegation) []string {
	return named(
		field{"externalId", d.ExternalID == to.ExternalID},
		field{"code", d.Code == to.Code},
		field{"designation", maps.Equal(d.Designation, to.Designation)},
		field{"kind", d.Kind == to.Kind},
		field{"precedence", d.Precedence == to.Precedence},
		field{"head", d.Head == to.Head},
		field{"officer", d.Officer == to.Officer},
		field{"status", d.Status == to.Status},
	)
}

// Differs names the fields in which b is another than a, as the API calls them;
// none when a change from one to the other would write nothing.
func Differs(a, b Delegate) []string { return a.differing(b) }

// DelegationDiffers is Differs for delegations.
func DelegationDiffers(a, b Delegation) []string { return a.differing(b) }

type field struct {
	name string
	same bool
}

func named(fields ...field) []string {
	var names []string
	for _, f := range fields {
		if !f.same {
			names = append(names, f.name)
		}
	}
	return names
}
