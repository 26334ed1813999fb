package roster

import (
	"slices"

	"plenary.example/shared/event"
)

// Everybody are all people of a conference who are accredited, in a fixed order.
func (r *Roster) Everybody(conference string) []string {
	return r.where(conference, func(event.DelegateState) bool { return true })
}

// Members are the accredited people of a conference who are of one of the
// delegations, or of a delegation of one of the kinds, or have one of the roles;
// each once, in a fixed order.
func (r *Roster) Members(conference string, delegations, kinds, roles []string) []string {
	if len(delegations)+len(kinds)+len(roles) == 0 {
		return nil
	}
	return r.where(conference, func(d event.DelegateState) bool {
		return slices.Contains(delegations, d.Delegation) ||
			slices.Contains(kinds, r.delegations[group{conference, d.Delegation}].Kind) ||
			slices.ContainsFunc(d.Roles, func(role string) bool { return slices.Contains(roles, role) })
	})
}

func (r *Roster) where(conference string, f func(event.DelegateState) bool) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var who []string
	for p, d := range r.all {
		if p.conference == conference && d.Status == event.Accredited && f(d) {
			who = append(who, p.delegate)
		}
	}
	slices.Sort(who)
	return who
}

// TakesPart tells whether a delegation takes part in a conference.
func (r *Roster) TakesPart(conference, delegation string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.delegations[group{conference, delegation}].Status == event.Accredited
}
