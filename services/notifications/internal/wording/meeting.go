package wording

import (
	"cmp"
	"fmt"
	"strings"

	"plenary.example/services/notifications/internal/push"
)

// meetings is how a language speaks of bilateral meetings.
type meetings struct {
	cards map[string]card // by category: what happened
	// stands are what is said instead when the meeting itself stays: it was
	// another proposal of which nothing became. open is said of one that has no
	// slot yet.
	stands    map[string]card
	open      string
	otherRoom string // what is said of an eviction that left the time as it was
	now       func(slot string) string
	instead   func(slot, was string) string
	was       func(slot string) string
	offered   func(slots string) string
	until     func(at string) string
}

// Statuses of a meeting that is still to come, as its events say them.
const (
	confirmed = "confirmed"
	agreed    = "agreed" // and has no slot
)

func (t telling) meetingCard() card {
	if c, stays := t.c.meetings.stands[t.n.Category]; stays {
		switch t.n.After.Status {
		case confirmed:
			return c
		case agreed:
			return card{c.title, t.c.meetings.open}
		}
	}
	if c, known := t.c.meetings.cards[t.n.Category]; known {
		return c
	}
	return t.c.meetings.cards["meeting.changed"]
}

func (t telling) meetingTitle() string { return t.meetingCard().title }

// meetingBody says what happened, then when and where it is, or would have been,
// then what waits for an answer.
func (t telling) meetingBody() string {
	m, before, after := t.c.meetings, t.n.Before, t.n.After
	said := []string{t.meetingCard().body}
	if t.n.Category == "meeting.evicted" && after.Status == confirmed && !after.Start.IsZero() {
		said[0] = m.otherRoom
	}
	is, was := t.place(after), t.place(before)
	switch {
	case after.Status == "cancelled" && is+was != "":
		said = append(said, m.was(cmp.Or(is, was)))
	case is != "" && was != "" && is != was:
		said = append(said, m.instead(is, was))
	case is != "":
		said = append(said, m.now(is))
	case was != "":
		said = append(said, m.was(was))
	}
	if len(after.Offered) > 0 {
		slots := make([]string, 0, len(after.Offered))
		for _, s := range after.Offered {
			slots = append(slots, t.slot(push.State{Start: s.Start, End: s.End}))
		}
		said = append(said, m.offered(strings.Join(slots, "; ")))
	}
	if !after.Until.IsZero() {
		at := after.Until.In(t.loc)
		said = append(said, m.until(t.c.day(at)+" "+at.Format("15:04")))
	}
	if len(said) > 1 {
		said = append(said, t.c.zone(t.n.Zone))
	}
	return strings.Join(said, " ")
}

// place is when and where, as far as there is any; empty for no slot.
func (t telling) place(s push.State) string {
	if s.Start.IsZero() {
		return ""
	}
	if s.Room == "" {
		return t.slot(s)
	}
	return t.slot(s) + ", " + clean(s.Room)
}

var englishMeetings = meetings{
	cards: map[string]card{
		"meeting.requested":   {"A bilateral meeting is requested", "Another delegation asks to meet yours."},
		"meeting.countered":   {"Other times for a bilateral meeting", "The other side offers other times."},
		"meeting.agreed":      {"A bilateral meeting is agreed", "Both sides want to meet. The meetings desk looks for a time."},
		"meeting.confirmed":   {"A bilateral meeting is confirmed", "The meeting takes place."},
		"meeting.declined":    {"A bilateral meeting is declined", "There will be no meeting."},
		"meeting.proposed":    {"A change to a bilateral meeting is proposed", "Until you answer, the meeting stands as it is."},
		"meeting.endorsed":    {"A change to a bilateral meeting has been agreed to in part", "One side has agreed. Nothing changes until all have."},
		"meeting.moved":       {"A bilateral meeting has moved", "It has another time or another room."},
		"meeting.extended":    {"A bilateral meeting ends later", "It has been extended."},
		"meeting.withdrawn":   {"A bilateral meeting is no longer asked for", "There will be no meeting."},
		"meeting.expired":     {"A request for a bilateral meeting has expired", "Nobody answered it in time."},
		"meeting.cancelled":   {"A bilateral meeting is cancelled", "It will not take place."},
		"meeting.evicted":     {"A bilateral meeting had to give way", "Its time was needed. The meetings desk offers others, or is looking for one."},
		"meeting.substituted": {"Other people take part in a bilateral meeting", "Who takes part has changed."},
		"meeting.reconfirmed": {"A bilateral meeting is reconfirmed", "The other side means to come."},
		"meeting.warned":      {"Please reconfirm a bilateral meeting", "Its room will be given away unless both sides reconfirm."},
		"meeting.unroomed":    {"A bilateral meeting has lost its room", "It was not reconfirmed in time, or its room was needed. The time stands."},
		"meeting.roomed":      {"A bilateral meeting has a room", "It has a room now."},
		"meeting.clashed":     {"A session clashes with a bilateral meeting", "A session was moved onto somebody who takes part. The meeting stands as it is."},
		"meeting.left":        {"You no longer take part in a bilateral meeting", "What becomes of it is no longer told to you."},
		"meeting.changed":     {"A bilateral meeting has changed", "Please look at it again."},
	},
	stands: map[string]card{
		"meeting.declined":  {"A change to a bilateral meeting is declined", "The meeting stands as it is."},
		"meeting.withdrawn": {"A change to a bilateral meeting is withdrawn", "The meeting stands as it is."},
		"meeting.expired":   {"A change to a bilateral meeting was not answered", "The meeting stands as it is."},
	},
	open:      "Both sides still want to meet. The meetings desk looks for a time.",
	otherRoom: "Its room was needed. The time stands.",
	now:       func(slot string) string { return slot + "." },
	instead:   func(slot, was string) string { return fmt.Sprintf("Now %s instead of %s.", slot, was) },
	was:       func(slot string) string { return fmt.Sprintf("It was to be %s.", slot) },
	offered:   func(slots string) string { return fmt.Sprintf("Offered: %s.", slots) },
	until:     func(at string) string { return fmt.Sprintf("Please answer before %s.", at) },
}

// koreanMeetings, like korean, no native speaker has read yet.
var koreanMeetings = meetings{
	cards: map[string]card{
		"meeting.requested":   {"양자 회담 요청", "다른 대표단이 회담을 요청하였습니다."},
		"meeting.countered":   {"양자 회담의 다른 시간 제안", "상대측이 다른 시간을 제안하였습니다."},
		"meeting.agreed":      {"양자 회담 합의", "양측이 회담에 동의하였습니다. 회담 담당 데스크가 시간을 정합니다."},
		"meeting.confirmed":   {"양자 회담 확정", "회담이 진행됩니다."},
		"meeting.declined":    {"양자 회담 거절", "회담이 진행되지 않습니다."},
		"meeting.proposed":    {"양자 회담 변경 제안", "답변하실 때까지 회담은 그대로 유지됩니다."},
		"meeting.endorsed":    {"양자 회담 변경 제안 일부 동의", "한쪽이 동의하였습니다. 모두 동의할 때까지 변경되지 않습니다."},
		"meeting.moved":       {"양자 회담 일정 변경", "시간 또는 장소가 변경되었습니다."},
		"meeting.extended":    {"양자 회담 연장", "회담이 더 늦게 끝납니다."},
		"meeting.withdrawn":   {"양자 회담 요청 철회", "회담이 진행되지 않습니다."},
		"meeting.expired":     {"양자 회담 요청 만료", "기한 내에 답변이 없었습니다."},
		"meeting.cancelled":   {"양자 회담 취소", "회담이 취소되었습니다."},
		"meeting.evicted":     {"양자 회담 조정", "해당 시간이 다른 용도로 필요합니다. 회담 담당 데스크가 다른 시간을 제안하거나 찾고 있습니다."},
		"meeting.substituted": {"양자 회담 참석자 변경", "참석자가 변경되었습니다."},
		"meeting.reconfirmed": {"양자 회담 재확인", "상대측이 참석을 재확인하였습니다."},
		"meeting.warned":      {"양자 회담을 재확인해 주십시오", "양측이 재확인하지 않으면 회의실 배정이 취소됩니다."},
		"meeting.unroomed":    {"양자 회담 회의실 배정 취소", "기한 내에 재확인되지 않았거나 회의실이 필요하게 되었습니다. 시간은 유지됩니다."},
		"meeting.roomed":      {"양자 회담 회의실 배정", "회의실이 배정되었습니다."},
		"meeting.clashed":     {"양자 회담과 겹치는 세션", "참석자의 세션이 회담과 겹치게 되었습니다. 회담은 그대로 유지됩니다."},
		"meeting.left":        {"양자 회담 참석 종료", "더 이상 이 회담의 참석자가 아니며, 이후의 변경 사항은 안내되지 않습니다."},
		"meeting.changed":     {"양자 회담 변경", "회담 내용을 다시 확인해 주십시오."},
	},
	stands: map[string]card{
		"meeting.declined":  {"양자 회담 변경 제안 거절", "회담은 그대로 유지됩니다."},
		"meeting.withdrawn": {"양자 회담 변경 제안 철회", "회담은 그대로 유지됩니다."},
		"meeting.expired":   {"양자 회담 변경 제안 만료", "기한 내에 답변이 없었습니다. 회담은 그대로 유지됩니다."},
	},
	open:      "양측은 여전히 회담을 원합니다. 회담 담당 데스크가 시간을 정합니다.",
	otherRoom: "회의실이 필요하게 되었습니다. 시간은 유지됩니다.",
	now:       func(slot string) string { return slot + "." },
	instead:   func(slot, was string) string { return fmt.Sprintf("%s → %s.", was, slot) },
	was:       func(slot string) string { return fmt.Sprintf("예정: %s.", slot) },
	offered:   func(slots string) string { return fmt.Sprintf("제안된 시간: %s.", slots) },
	until:     func(at string) string { return fmt.Sprintf("답변 기한: %s.", at) },
}
