package inbox

import (
	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// Categories of notices about bilateral meetings: meetingPrefix and the verb of
// the event, MeetingChanged for what no event that is known here tells, and
// MeetingLeft for whoever has no part in it any more, whatever else happened.
const (
	meetingPrefix  = "meeting."
	MeetingChanged = meetingPrefix + "changed"
	MeetingLeft    = meetingPrefix + "left"
)

// Statuses of a meeting that matter here, as its events say them.
const (
	isAgreed    = "agreed"
	isConfirmed = "confirmed"
	isCancelled = "cancelled"
)

// toWhom are the sides whose liaisons hear of something.
type toWhom uint8

const (
	both    toWhom = iota // sides
	awaited               // those that are to answer
	others                // those that did not do it; both when neither did
)

// A facet is a part of how a meeting stands.
type facet uint8

const (
	status facet = 1 << iota
	slot
	people
	proposal
)

// A meetingRule says who hears of a category, and how soon.
type meetingRule struct {
	to toWhom
	// named tells everybody named on either side too, once there is or was a slot:
	// before, they have nothing to come to.
	named bool
	// left tells those too who had a part in it before that they have none now.
	left bool
	// soon makes it urgent when the slot begins within half an hour: somebody
	// would walk to the wrong place. asks makes it important whenever it begins:
	// somebody is to answer.
	soon, asks bool
	// brings is what the event accounts for. Where more is different from what
	// people know, an event is missing, and the whole of it is told instead.
	brings facet
	// as is the status the meeting has then; empty for several. An event that was
	// told late may say how the meeting stands since, which is another story.
	as string
}

// meetingRules, by the verb of the event. Wherever liaisons are told, a side
// without one is told through its own people who are named; one that names nobody
// through its head, else the host's officer for it, else the meetings desk.
// Whoever did it is not told, and nobody who may be told nothing.
//
//	verb                  liaisons of           everybody named  who has left
//	requested             the side that is asked
//	countered, proposed   the sides awaited
//	agreed, reconfirmed   the other side
//	endorsed              the other side
//	declined, withdrawn   the other side
//	expired, warned       both
//	confirmed, extended   both                  yes
//	evicted               both                  yes
//	unroomed, roomed      both                  yes
//	clashed               both                  yes
//	moved, cancelled      both                  yes              yes
//	substituted           both                  yes              yes
//	changed, any other    both                  yes              yes
var meetingRules = map[string]meetingRule{
	"requested":   {to: awaited, asks: true, brings: status | slot | people | proposal},
	"countered":   {to: awaited, asks: true, brings: people | proposal},
	"proposed":    {to: awaited, asks: true, brings: people | proposal},
	"endorsed":    {to: others, brings: people | proposal},
	"agreed":      {to: others, brings: status | people | proposal, as: isAgreed},
	"reconfirmed": {to: others, as: isConfirmed},
	"declined":    {to: others, brings: status | proposal},
	"withdrawn":   {to: others, brings: status | proposal},
	"expired":     {to: both, brings: status | proposal},
	"warned":      {to: both, asks: true, as: isConfirmed},
	"confirmed":   {to: both, named: true, brings: status | slot | people | proposal, as: isConfirmed},
	"extended":    {to: both, named: true, brings: slot, as: isConfirmed},
	"evicted":     {to: both, named: true, soon: true, brings: status | slot | proposal},
	"unroomed":    {to: both, named: true, soon: true, brings: slot, as: isConfirmed},
	"roomed":      {to: both, named: true, soon: true, brings: slot, as: isConfirmed},
	"clashed":     {to: both, named: true, soon: true, brings: proposal, as: isConfirmed},
	"moved":       {to: both, named: true, left: true, soon: true, brings: slot | people | proposal, as: isConfirmed},
	"cancelled":   {to: both, named: true, left: true, soon: true, brings: status | slot | people | proposal, as: isCancelled},
	"substituted": {to: both, named: true, left: true, brings: status | slot | people | proposal},
}

// changed is the rule of MeetingChanged.
func changed() meetingRule {
	return meetingRule{to: both, named: true, left: true, soon: true, brings: status | slot | people | proposal}
}

// ruleOf is the category of a verb and its rule. A verb nobody here knows is a
// change: its readers are to look.
func ruleOf(verb string) (category string, rule meetingRule) {
	if rule, ok := meetingRules[verb]; ok {
		return meetingPrefix + verb, rule
	}
	return MeetingChanged, changed()
}

// differing are the facets in which two states of a meeting differ.
func differing(before, after event.MeetingState) (f facet) {
	if before.Status != after.Status {
		f |= status
	}
	if !sameSlot(before.Slot, after.Slot) {
		f |= slot
	}
	if !sameNames(named(before.Sides), named(after.Sides)) {
		f |= people
	}
	if before.Proposal != after.Proposal || !before.ExpiresAt.Equal(after.ExpiresAt) || !sameNames(before.Awaits, after.Awaits) {
		f |= proposal
	}
	return f
}

// meetingState turns what is told of a slot into what a notice says.
func meetingState(status string, s *event.MeetingSlot) push.State {
	if s == nil {
		return push.State{Status: status}
	}
	return push.State{Room: s.RoomName, Start: s.Start.UTC(), End: s.End.UTC(), Status: status}
}
