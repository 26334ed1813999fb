package programme

import "maps"

// Removed finds a session that a person has taken out of the agenda, as it last
// was.
func (a Agenda) Removed(id string) (Session, bool) { s, ok := a.removed[id]; return s, ok }

// forgetting is what a remembers of removed sessions after r: a file may go on
// having them and must not bring back what a person took out. A roll-back takes
// out what had not come yet at that time: the next file may bring it, perhaps
// put right.
func (a Agenda) forgetting(r Release) map[string]Session {
	removed := maps.Clone(a.removed)
	for _, s := range r.After {
		delete(removed, s.ID)
	}
	if r.Kind == RollBack {
		return removed
	}
	for _, s := range r.Removed {
		if removed == nil {
			removed = map[string]Session{}
		}
		removed[s.ID] = s
	}
	return removed
}
