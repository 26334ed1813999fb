package inbox

import (
	"context"
	"slices"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// closed is how long the news is news that a meeting for which there is no slot
// will not be.
const closed = 24 * time.Hour

// met works an event of a bilateral meeting through. One that comes twice, or
// after a newer one, finds that its news is told.
func (p *Planner) met(ctx context.Context, e event.Envelope) error {
	m, err := event.ReadMeeting(e)
	if err != nil || m.Meeting == "" || m.Revision < 1 {
		return problem.New(problem.Malformed, "bad_payload", "event %s of a meeting: %v", e.ID, err)
	}
	if err := p.Sync(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok, err := p.Ledger.Met(ctx, e.Conference, m.Meeting)
	if err != nil {
		return err
	}
	if ok && known.Revision >= m.Revision {
		return nil
	}
	now := stateOf(m)
	category, rule := ruleOf(m.Verb)
	if ok && differing(known, now)&^rule.brings != 0 || rule.as != "" && rule.as != m.Status {
		category, rule = MeetingChanged, changed()
		m.ReconfirmBy = time.Time{} // it may be for a slot that is another now
	}
	return p.tellMeeting(ctx, meetingNews{
		conference: e.Conference, category: category, rule: rule, actor: e.Actor, at: e.Time,
		known: known, now: now, was: m.Was, offered: m.Proposed, left: m.Left, reconfirmBy: m.ReconfirmBy,
	})
}

// stateOf is how an event says that its meeting stands.
func stateOf(m event.MeetingTold) event.MeetingState {
	return event.MeetingState{
		Meeting: m.Meeting, Revision: m.Revision, Status: m.Status, Sides: m.Sides, Slot: m.Slot,
		Proposal: m.Proposal, Awaits: m.Awaits, ExpiresAt: m.ExpiresAt, Verb: m.Verb, By: m.By,
	}
}

// meetingNews is a step of a meeting that is to be told.
type meetingNews struct {
	conference, category string
	rule                 meetingRule
	actor                string
	at                   time.Time          // wall clock
	known, now           event.MeetingState // known is zero when nobody knew of it
	was                  *event.MeetingSlot // as the event says; nil when it does not
	offered              []event.MeetingSlot
	left                 []string
	reconfirmBy          time.Time // zero where nobody is to reconfirm
}

// before is when and where it would have been; nil when there was no slot.
func (n meetingNews) before() *event.MeetingSlot {
	if n.was != nil {
		return n.was
	}
	return n.known.Slot
}

// tellMeeting files the notices of the news and has them sent, and notes that it
// is told. News that nobody is to hear, or that helps nobody any more, is noted
// only.
func (p *Planner) tellMeeting(ctx context.Context, n meetingNews) error {
	who, left := p.meetingAudience(n)
	if err := p.fileMeeting(ctx, n, who); err != nil {
		return err
	}
	if err := p.fileMeeting(ctx, n.ended(), left); err != nil {
		return err
	}
	return p.Ledger.SetMet(ctx, n.conference, n.now)
}

// ended is the news for who has no part in the meeting any more. How it stands now
// is not for them: they read when and where it was, as far as they were told.
func (n meetingNews) ended() meetingNews {
	if n.known.Revision > 0 {
		n.was = nil
	}
	n.category, n.rule, n.offered, n.reconfirmBy = MeetingLeft, meetingRule{soon: true}, nil, time.Time{}
	n.now = event.MeetingState{Meeting: n.now.Meeting, Revision: n.now.Revision}
	return n
}

// fileMeeting files the notice of the news for an audience.
func (p *Planner) fileMeeting(ctx context.Context, n meetingNews, who []string) error {
	facts := p.Mirror.Facts(n.conference)
	wall := p.Now()
	now := clock(facts, wall)
	stale := n.stale(clock(facts, n.at))
	if len(who) == 0 || !now.Before(stale) {
		return nil
	}
	about := push.Subject{Kind: push.Meeting, ID: n.now.Meeting}
	key := push.Key(n.conference, about, n.known.Revision, n.now.Revision)
	if n.category == MeetingLeft {
		key += "/left" // others are told of the same step
	}
	after := meetingState(n.now.Status, n.now.Slot)
	after.ReconfirmBy = n.reconfirmBy
	if len(n.now.Awaits) > 0 && !n.now.ExpiresAt.IsZero() { // where nobody is awaited, nobody is to answer
		after.Until = n.now.ExpiresAt.UTC()
	}
	for _, s := range n.offered {
		after.Offered = append(after.Offered, push.Span{Start: s.Start.UTC(), End: s.End.UTC()})
	}
	return p.file(ctx, push.Notice{
		Key:        key,
		Conference: n.conference, Subject: about, From: n.known.Revision, To: n.now.Revision,
		Urgency: n.urgency(now), Category: n.category, Before: meetingState(n.known.Status, n.before()), After: after,
		Zone: facts.Timezone, ExpiresAt: wall.Add(stale.Sub(now)).UTC(),
	}, who)
}

// meetingAudience are those who are to hear of it, and those others who are to
// hear that they have no part in it any more: each once, in a fixed order.
func (p *Planner) meetingAudience(n meetingNews) (who, left []string) {
	for _, side := range n.now.Sides {
		if n.concerns(side.Delegation) {
			who = append(who, p.voices(n.conference, side)...)
		}
	}
	planned := n.now.Slot != nil || n.before() != nil
	still := named(n.now.Sides)
	if n.rule.named && planned {
		who = append(who, still...)
	}
	if n.rule.left && planned {
		left = slices.Concat(n.left, dropped(n.known.Sides, n.now.Sides))
	}
	who = p.readers(n, who)
	return who, slices.DeleteFunc(p.readers(n, left), func(d string) bool {
		return slices.Contains(who, d) || slices.Contains(still, d)
	})
}

// readers are those of who may be told, but for whoever did it: each once, in a
// fixed order.
func (p *Planner) readers(n meetingNews, who []string) []string {
	slices.Sort(who)
	who = slices.DeleteFunc(slices.Compact(who), func(d string) bool { return d == "" || d == n.actor })
	return p.present(n.conference, who)
}

// concerns says whether the liaisons of a delegation are to hear of it.
func (n meetingNews) concerns(delegation string) bool {
	switch {
	case n.rule.to == awaited && len(n.now.Awaits) > 0:
		return slices.Contains(n.now.Awaits, delegation)
	case n.rule.to == both:
		return true
	}
	return delegation != n.now.By
}

// voices are a side's liaisons; without any, those of its own people who are
// named; and where nobody of these may be told, whoever stands in for it, so that
// no delegation is asked anything that nobody hears.
func (p *Planner) voices(conference string, side event.MeetingSide) []string {
	if liaisons := p.Roster.Liaisons(conference, side.Delegation); len(liaisons) > 0 {
		return liaisons
	}
	own := slices.DeleteFunc(slices.Clone(side.People), func(delegate string) bool {
		d, _ := p.Roster.Of(conference, delegate)
		return d.Status != event.Accredited || d.Delegation != side.Delegation
	})
	if len(own) > 0 {
		return own
	}
	return p.Roster.StandIns(conference, side.Delegation)
}

// stale is when the news is of no use any more, on the conference clock: when
// what is offered cannot be accepted any more, else when the later of both slots
// is over. at is when it happened.
func (n meetingNews) stale(at time.Time) time.Time {
	var end time.Time
	for _, s := range []*event.MeetingSlot{n.now.Slot, n.before()} {
		if s != nil && s.End.After(end) {
			end = s.End
		}
	}
	switch {
	case n.rule.asks && !n.now.ExpiresAt.IsZero():
		return n.now.ExpiresAt
	case n.now.ExpiresAt.After(end):
		return n.now.ExpiresAt
	case end.IsZero():
		return at.Add(closed)
	}
	return end
}

// urgency is a matter of how soon the earlier of both slots begins, and of whether
// somebody would walk to the wrong place.
func (n meetingNews) urgency(now time.Time) push.Lane {
	soon := n.rule.soon || n.before() != nil && (n.now.Slot == nil ||
		!n.now.Slot.Start.Equal(n.before().Start) || n.now.Slot.RoomName != n.before().RoomName)
	lead := time.Duration(1<<63 - 1)
	for _, s := range []*event.MeetingSlot{n.now.Slot, n.before()} {
		if s != nil {
			lead = min(lead, s.Start.Sub(now))
		}
	}
	switch {
	case soon && lead <= 30*time.Minute:
		return push.Urgent
	case n.rule.asks, lead <= 24*time.Hour:
		return push.Important
	}
	return push.Routine
}

// named are everybody named on the sides, each once.
func named(sides []event.MeetingSide) []string {
	var who []string
	for _, s := range sides {
		who = append(who, s.People...)
	}
	slices.Sort(who)
	return slices.Compact(who)
}

// dropped are those named before who are not named after.
func dropped(before, after []event.MeetingSide) []string {
	still := named(after)
	return slices.DeleteFunc(named(before), func(d string) bool { return slices.Contains(still, d) })
}

func sameNames(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

func sameSlot(a, b *event.MeetingSlot) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.RoomName == b.RoomName
}
