package notifications

import (
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/wording"
)

// compose puts a notice into the message for one device, in its language.
func (s *Service) compose(n push.Notice, d push.Device) push.Message {
	title, body := wording.Render(n, d.Locale)
	m := push.Compose(n, d, title, body, s.cfg.Now())
	m.Labels = wording.Labels(m.Buttons, d.Locale)
	return m
}
