package notifications

import (
	"context"
	"time"

	"plenary.example/services/notifications/internal/dispatch"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/reminders"
)

// reminding is how many sessions and meetings this replica reminds of side by side.
const reminding = 8

// startReminders begins to remind people of what they are about to go to.
func (s *Service) startReminders(ctx context.Context) error {
	r := &reminders.Reminders{
		Plan: s.plan, Ledger: s.ledger, Set: s.alarms.Set, Cancel: s.alarms.Cancel,
		Leads: s.prefs.Leads, AllLeads: s.prefs.AllLeads, Hears: s.gate.Hears, Again: s.replan, Now: s.cfg.Now, Log: s.log,
	}
	stop, err := r.Start(ctx)
	if err != nil {
		return err
	}
	s.stack.Until("reminders", stop)
	hush, err := s.alarms.Ring(ctx, reminders.Kind, reminding, r.Ring)
	if err != nil {
		return err
	}
	s.stack.Until("reminder alarms", hush)
	return nil
}

// replanAfter has the reminders planned anew after a state message of a kind on
// which they depend.
func (s *Service) replanAfter(kind string) {
	switch kind {
	case "agenda.conference", "agenda.session", "agenda.meeting", "notice.preferences":
		select {
		case s.replan <- struct{}{}:
		default: // they will be
		}
	}
}

// dropUnpicked says that a push was dropped because its reader took back their pick.
const dropUnpicked = "unpicked"

// verdict is whether a phone is to have n now: as its reader prefers; of a session,
// unless they took back their pick while it waited; and of a reminder, as long as
// what it reminds of is as it says. People hear of a change only when its window is
// over, and of one they do not want to hear of never.
func (s *Service) verdict(n push.Notice, d push.Device) push.Verdict {
	if n.Reminds() && !s.plan.Stands(n, d.Delegate) {
		return push.Verdict{Drop: dispatch.Superseded}
	}
	if n.Subject.Kind == push.Session && s.mirror.TookBack(n.Conference, d.Delegate, n.Subject.ID, n.To) {
		return push.Verdict{Drop: dropUnpicked}
	}
	return s.gate.Verdict(n, d)
}

// stillLeft is n with the time that is left until what it reminds of begins: it
// may have waited since it was filed.
func (s *Service) stillLeft(n push.Notice) push.Notice {
	if n.Reminds() {
		left := n.After.Start.Sub(s.mirror.Now(n.Conference, s.cfg.Now()))
		n.Lead = max(left.Round(time.Minute), time.Minute)
		n.Key += "/" + n.Lead.String() // by which its words are kept
	}
	return n
}
