package notifications

import "plenary.example/services/notifications/internal/push"

// compose puts a notice into the message for one device, in its language.
func (s *Service) compose(n push.Notice, d push.Device) push.Message {
	reader := s.reader(n.Conference, d.Locale)
	title, body := s.words.Render(n, reader)
	m := push.Compose(n, d, title, body, s.cfg.Now())
	m.Labels = s.words.Labels(m.Buttons, reader)
	return m
}
