package notifications

import (
	"cmp"

	"plenary.example/services/notifications/internal/push"
)

// compose puts a notice into the message for one device: in the language its
// reader chose, else in its own, and as much of it as they want on a lock screen.
func (s *Service) compose(n push.Notice, d push.Device) push.Message {
	p := s.prefs.Of(n.Conference, d.Delegate)
	reader := s.reader(n.Conference, cmp.Or(p.Language, d.Locale))
	reader.Neutral, reader.Quiet = p.Neutral, s.gate.Despite(n, d)
	title, body := s.words.Render(n, reader)
	m := push.Compose(n, d, title, body, s.cfg.Now())
	m.Labels = s.words.Labels(m.Buttons, reader)
	return m
}
