package inbox

import (
	"time"

	"plenary.example/services/notifications/internal/escalation"
	"plenary.example/services/notifications/internal/push"
)

// deadline is when n must have been acknowledged: where it does not say so, that
// is for urgent news of sessions and meetings, and a matter of how soon they begin.
func (p *Planner) deadline(n push.Notice) time.Time {
	if !n.AckBy.IsZero() || n.Urgency != push.Urgent || n.Subject.Kind != push.Session && n.Subject.Kind != push.Meeting {
		return n.AckBy
	}
	wall := p.Now()
	now := p.Mirror.Now(n.Conference, wall)
	var lead time.Duration
	for _, at := range []time.Time{n.After.Start, n.Before.Start} {
		if in := at.Sub(now); in > 0 && (lead == 0 || in < lead) {
			lead = in
		}
	}
	return escalation.AckBy(wall, lead).Truncate(time.Millisecond)
}
