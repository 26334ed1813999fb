package sample

import (
	"fmt"
	"strings"
)

// contacts adds what an office keeps about everybody: what another system calls
// them, how they are reached, to what they agreed, who leads a delegation and who
// of the host looks after it. Each thing comes from the accreditation alone, so
// none of it changes an id or a code.
func (e *edition) contacts(m maker) {
	members := map[string][]int{} // of each delegation, in their order
	for i := range e.Delegates {
		d := &e.Delegates[i]
		b := m.digest("contact", d.Accreditation)
		d.ExternalID = "P-" + d.Accreditation
		d.Email = strings.ToLower(strings.ReplaceAll(d.Name, " ", ".")) + "@example.org"
		d.Consent.Participants = b[0]%10 != 0
		d.Consent.Public = d.Consent.Participants && b[1]%4 == 0
		if b[2]%3 == 0 {
			d.Telephone = fmt.Sprintf("+1 202 555 01%02d", b[3]%100) // numbers that are kept for stories
			d.Consent.Telephone = b[4]%2 == 0
		}
		members[d.Delegation] = append(members[d.Delegation], i)
	}
	host := members[e.Delegations[0].ID][e.crew(m):]
	for i := range e.Delegations {
		g := &e.Delegations[i]
		g.ExternalID = fmt.Sprintf("D-%03d", i+1)
		if i == 0 {
			g.Head = e.Delegates[host[0]].ID
			continue
		}
		g.Head = e.Delegates[members[g.ID][0]].ID
		g.Officer = e.Delegates[host[min(2, len(host)-1):][i%max(1, len(host)-2)]].ID
	}
}
