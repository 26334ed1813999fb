package wording

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// A catalogue is one language: how it says what happened. A new language is a
// new value in catalogues and nothing else.
type catalogue struct {
	tag        language.Tag
	labels     map[string]string // by category
	onlyRoom   string            // the label of what moved and kept its time
	day        func(time.Time) string
	zone       func(iana string) string
	reason     func(string) string
	cancelled  func(slot, room string) string
	removed    func(slot, room string) string
	reinstated func(slot, room string) string
	isNow      func(slot, room string) string
	otherRoom  func(room, was, slot string) string
	otherTime  func(slot, was, room string) string
	otherBoth  func(slot, room, wasSlot, wasRoom string) string
	otherTitle func(was string) string
	// What is told of a session that stays when and where it was.
	access, stream map[string]string // by the words of the agenda's events
	admitted       map[string]string // what is said when access stays of its kind
	speakers       string
	spoken         func(language string) string
	interpreted    func(languages string) string // empty for none
	// signInEnded is for a lock screen that anybody may read: it says what
	// happened and what to do, and blames nobody.
	signInEnded card
	// meetingNews is for such a screen too.
	meetingNews card
	meetings    meetings
}

// A card is a whole text: nothing of it depends on the notice.
type card struct{ title, body string }

// catalogues are the languages there are; the first is the one to fall back on.
var catalogues = []catalogue{english, korean}

var matcher = language.NewMatcher([]language.Tag{english.tag, korean.tag})

var english = catalogue{
	tag: language.English,
	labels: map[string]string{
		"session.cancelled": "Cancelled", "session.removed": "Off the programme", "session.reinstated": "Back on",
		"session.moved": "Moved", "session.delayed": "Delayed", "session.changed": "Changed",
		"session.access": "Admission", "session.speakers": "Speakers", "session.language": "Language", "session.stream": "Live stream",
	},
	onlyRoom:   "New room",
	day:        func(t time.Time) string { return t.Format("Mon 2 Jan") },
	zone:       func(iana string) string { return "(" + city(iana) + " time)" },
	reason:     func(s string) string { return "Reason: " + s },
	cancelled:  func(slot, room string) string { return fmt.Sprintf("Will not take place: %s, %s.", slot, room) },
	removed:    func(slot, room string) string { return fmt.Sprintf("No longer in the programme: %s, %s.", slot, room) },
	reinstated: func(slot, room string) string { return fmt.Sprintf("Takes place after all: %s, %s.", slot, room) },
	isNow:      func(slot, room string) string { return fmt.Sprintf("Now %s, %s.", slot, room) },
	otherRoom: func(room, was, slot string) string {
		return fmt.Sprintf("Now in %s instead of %s, %s.", room, was, slot)
	},
	otherTime: func(slot, was, room string) string {
		return fmt.Sprintf("Now %s instead of %s, %s.", slot, was, room)
	},
	otherBoth: func(slot, room, wasSlot, wasRoom string) string {
		return fmt.Sprintf("Now %s in %s, instead of %s in %s.", slot, room, wasSlot, wasRoom)
	},
	otherTitle: func(was string) string { return fmt.Sprintf("Was called “%s”.", was) },
	access: map[string]string{
		"open": "Now open to every delegate.", "seats": "Seats are now given out by delegation.", "invitation": "Now by invitation only.",
	},
	admitted: map[string]string{
		"open": "Who may come has changed.", "seats": "The seats of the delegations have changed.", "invitation": "Who is invited has changed.",
	},
	stream: map[string]string{
		"none": "There is no live stream any more.", "planned": "There will be a live stream.", "started": "The live stream has started.",
	},
	speakers: "Who speaks or presides has changed.",
	spoken:   func(language string) string { return fmt.Sprintf("Now held in %s.", language) },
	interpreted: func(languages string) string {
		if languages == "" {
			return "No longer interpreted."
		}
		return fmt.Sprintf("Now interpreted into %s.", languages)
	},
	signInEnded: card{
		"Signed out on one device",
		"One of your sign-ins was used in two places and has been ended. If you do not know why, please tell the secretariat.",
	},
	meetingNews: card{"Your bilateral schedule has news", "Open the app."},
	meetings:    englishMeetings,
}

// korean is a machine-made translation that no native speaker has read yet.
var korean = catalogue{
	tag: language.Korean,
	labels: map[string]string{
		"session.cancelled": "취소", "session.removed": "일정 제외", "session.reinstated": "재개",
		"session.moved": "일정 변경", "session.delayed": "지연", "session.changed": "변경",
		"session.access": "참석 안내", "session.speakers": "연사 변경", "session.language": "언어 변경", "session.stream": "생중계",
	},
	onlyRoom: "장소 변경",
	day: func(t time.Time) string {
		return fmt.Sprintf("%d월 %d일(%s)", int(t.Month()), t.Day(), []string{"일", "월", "화", "수", "목", "금", "토"}[t.Weekday()])
	},
	zone:   func(iana string) string { return "(" + city(iana) + " 현지 시각)" },
	reason: func(s string) string { return "사유: " + s },
	cancelled: func(slot, room string) string {
		return fmt.Sprintf("%s, %s 일정이 취소되었습니다.", slot, room)
	},
	removed: func(slot, room string) string {
		return fmt.Sprintf("%s, %s 일정이 프로그램에서 제외되었습니다.", slot, room)
	},
	reinstated: func(slot, room string) string {
		return fmt.Sprintf("예정대로 진행됩니다: %s, %s.", slot, room)
	},
	isNow: func(slot, room string) string { return fmt.Sprintf("%s, %s.", slot, room) },
	otherRoom: func(room, was, slot string) string {
		return fmt.Sprintf("장소: %s → %s, %s.", was, room, slot)
	},
	otherTime: func(slot, was, room string) string {
		return fmt.Sprintf("시간: %s → %s, %s.", was, slot, room)
	},
	otherBoth: func(slot, room, wasSlot, wasRoom string) string {
		return fmt.Sprintf("%s, %s → %s, %s.", wasSlot, wasRoom, slot, room)
	},
	otherTitle: func(was string) string { return fmt.Sprintf("이전 제목: “%s”.", was) },
	access: map[string]string{
		"open": "모든 참가자가 참석할 수 있습니다.", "seats": "좌석이 대표단별로 배정됩니다.", "invitation": "초청받은 분만 참석할 수 있습니다.",
	},
	admitted: map[string]string{
		"open": "참석 대상이 변경되었습니다.", "seats": "대표단별 좌석 배정이 변경되었습니다.", "invitation": "초청 대상이 변경되었습니다.",
	},
	stream: map[string]string{
		"none": "생중계가 제공되지 않습니다.", "planned": "생중계가 제공될 예정입니다.", "started": "생중계가 시작되었습니다.",
	},
	speakers: "연사 또는 진행자가 변경되었습니다.",
	spoken:   func(language string) string { return fmt.Sprintf("진행 언어: %s.", language) },
	interpreted: func(languages string) string {
		if languages == "" {
			return "통역이 제공되지 않습니다."
		}
		return fmt.Sprintf("통역 언어: %s.", languages)
	},
	signInEnded: card{
		"한 기기에서 로그아웃되었습니다",
		"로그인 하나가 두 곳에서 사용되어 종료되었습니다. 이유를 모르시면 사무국에 알려 주십시오.",
	},
	meetingNews: card{"양자 회담 일정에 새 소식이 있습니다", "앱에서 확인해 주십시오."},
	meetings:    koreanMeetings,
}

// city is what people call a zone: the last part of its IANA name.
func city(iana string) string {
	return strings.ReplaceAll(iana[strings.LastIndex(iana, "/")+1:], "_", " ")
}
