package inbox

import (
	"slices"

	"plenary.example/shared/event"
)

// Sessions are all sessions of a conference as they stand, also those that are in
// the agenda no more.
func (m *Mirror) Sessions(conference string) []event.SessionState { return m.sessions(conference) }

// Duties are the people who have a part in a session, each as often as they do.
func (m *Mirror) Duties(conference, session string) []string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if r, ok := m.all[conference]; ok {
		return slices.Clone(r.sessions[session].Duties)
	}
	return nil
}

// Attend are the people of a session, in no fixed order and some of them twice:
// who picked it, and who has a part in it.
func (m *Mirror) Attend(conference, session string) []string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r, ok := m.all[conference]
	if !ok {
		return nil
	}
	who := slices.Clone(r.sessions[session].Duties)
	for delegate := range r.pickers[session] {
		who = append(who, delegate)
	}
	return who
}
