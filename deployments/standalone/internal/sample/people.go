package sample

import (
	"cmp"
	"fmt"
	"slices"
)

// people adds the delegations and everybody in them.
func (e *edition) people(m maker) {
	e.delegations(m)
	total := e.participants * m.times
	names := nameOrder(m, total)
	sizes := e.sizes(m, total)
	n := 0
	for i, delegation := range e.Delegations {
		for place := range sizes[i] {
			n++
			accreditation := fmt.Sprintf("%s-%05d", e.prefix, n)
			d := Delegate{
				ID: m.id("delegate", accreditation), Delegation: delegation.ID,
				Accreditation: accreditation, ActivationCode: m.code(accreditation),
				Name: "Delegate " + names[n-1], Roles: []string{"delegate"},
				Languages: e.tongues(i == 0),
			}
			e.place(m, &d, i, place)
			e.Delegates = append(e.Delegates, d)
		}
	}
}

// delegations adds the host, the other states and the organisations.
func (e *edition) delegations(m maker) {
	nations, total := e.states, e.states+e.organisations
	if grown := m.times - 1; grown > 0 { // ten times the people are 300 delegations instead of 105
		added := total * grown * 13 / 63
		total, nations = total+added, min(len(states), nations+added*8/15)
	}
	others := make([]Text, 0, len(states))
	for _, s := range states {
		if s["en"] == e.host {
			e.delegation(m, s, "host")
		} else {
			others = append(others, s)
		}
	}
	m.dice("states").Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	guests := others[:nations-1]
	slices.SortFunc(guests, func(a, b Text) int { return cmp.Compare(a["en"], b["en"]) })
	for _, s := range guests {
		e.delegation(m, s, "state")
	}
	for i := range total - nations {
		e.delegation(m, organisation(i), "intergovernmental")
	}
}

func (e *edition) delegation(m maker, designation Text, kind string) {
	e.Delegations = append(e.Delegations, Delegation{
		ID: m.id("delegation", designation["en"]), Designation: only(designation, e.Languages), Kind: kind,
	})
}

// sizes deals total people out to the delegations: the host sends an eighth
// and the people who run the conference, a few states many, most states few.
func (e *edition) sizes(m maker, total int) []int {
	sizes := make([]int, len(e.Delegations))
	for i := range sizes {
		sizes[i] = 2 // a head and a liaison
	}
	sizes[0] += e.crew(m) + total/8
	dice, left := m.dice("sizes"), total
	for _, s := range sizes {
		left -= s
	}
	for range max(0, left) {
		at := int(float64(len(sizes)) * dice.Float64() * dice.Float64()) // the earlier, the larger
		sizes[at]++
	}
	return sizes
}

// crew is how many people run the conference.
func (e *edition) crew(m maker) int { return e.secretariat + e.desk*m.times }

// place gives a delegate function, rank and roles by the place in the list of
// their delegation; the host's list begins with those who run the conference.
func (e *edition) place(m maker, d *Delegate, delegation, place int) {
	if delegation == 0 {
		switch {
		case place < e.secretariat:
			d.Function, d.Roles = "Conference secretariat", append(d.Roles, "secretariat")
			return
		case place < e.crew(m):
			d.Function, d.Roles = "Rooms desk", append(d.Roles, "desk")
			return
		}
		place -= e.crew(m)
	}
	switch {
	case place == 0 && delegation < e.ministers:
		d.Function, d.Rank = "Minister", "minister"
		if delegation%3 == 2 {
			d.Function, d.Rank = "Vice-Minister", "vice_minister"
		}
	case place == 0:
		d.Function, d.Rank = "Head of delegation", "senior_official"
	case place == 1:
		d.Function, d.Rank = "Delegation liaison", "senior_official"
		d.Roles = append(d.Roles, "liaison")
	case place < 5:
		d.Function, d.Rank = "Adviser", "senior_official"
	default:
		d.Function, d.Rank = "Expert", "expert"
	}
}

// tongues are what a delegate reads.
func (e *edition) tongues(host bool) []string {
	if last := e.Languages[len(e.Languages)-1]; host && last != "en" {
		return []string{last, "en"}
	}
	return []string{"en"}
}

// only keeps the wordings in the given languages; one that is missing falls
// back to English, which every sample has.
func only(t Text, languages []string) Text {
	kept := make(Text, len(languages))
	for _, l := range languages {
		kept[l] = cmp.Or(t[l], t["en"])
	}
	return kept
}
