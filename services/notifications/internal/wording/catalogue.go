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
	label      func(category string, onlyRoom bool) string
	day        func(time.Time) string
	zone       func(iana string) string
	reason     func(string) string
	cancelled  func(slot, room string) string
	reinstated func(slot, room string) string
	isNow      func(slot, room string) string
	otherRoom  func(room, was, slot string) string
	otherTime  func(slot, was, room string) string
	otherBoth  func(slot, room, wasSlot, wasRoom string) string
	otherTitle func(was string) string
	// signInEnded is for a lock screen that anybody may read: it says what
	// happened and what to do, and blames nobody.
	signInEnded card
}

// A card is a whole text: nothing of it depends on the notice.
type card struct{ title, body string }

// catalogues are the languages there are; the first is the one to fall back on.
var catalogues = []catalogue{english, korean}

var matcher = language.NewMatcher([]language.Tag{english.tag, korean.tag})

var english = catalogue{
	tag: language.English,
	label: func(category string, onlyRoom bool) string {
		switch {
		case category == "session.cancelled":
			return "Cancelled"
		case category == "session.reinstated":
			return "Back on"
		case category == "session.moved" && onlyRoom:
			return "New room"
		case category == "session.moved":
			return "Moved"
		}
		return "Changed"
	},
	day:        func(t time.Time) string { return t.Format("Mon 2 Jan") },
	zone:       func(iana string) string { return "(" + city(iana) + " time)" },
	reason:     func(s string) string { return "Reason: " + s },
	cancelled:  func(slot, room string) string { return fmt.Sprintf("Will not take place: %s, %s.", slot, room) },
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
	signInEnded: card{
		"Signed out on one device",
		"One of your sign-ins was used in two places and has been ended. If you do not know why, please tell the secretariat.",
	},
}

// korean is a machine-made translation that no native speaker has read yet.
var korean = catalogue{
	tag: language.Korean,
	label: func(category string, onlyRoom bool) string {
		switch {
		case category == "session.cancelled":
			return "취소"
		case category == "session.reinstated":
			return "재개"
		case category == "session.moved" && onlyRoom:
			return "장소 변경"
		case category == "session.moved":
			return "일정 변경"
		}
		return "변경"
	},
	day: func(t time.Time) string {
		return fmt.Sprintf("%d월 %d일(%s)", int(t.Month()), t.Day(), []string{"일", "월", "화", "수", "목", "금", "토"}[t.Weekday()])
	},
	zone:   func(iana string) string { return "(" + city(iana) + " 현지 시각)" },
	reason: func(s string) string { return "사유: " + s },
	cancelled: func(slot, room string) string {
		return fmt.Sprintf("%s, %s 일정이 취소되었습니다.", slot, room)
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
	signInEnded: card{
		"한 기기에서 로그아웃되었습니다",
		"로그인 하나가 두 곳에서 사용되어 종료되었습니다. 이유를 모르시면 사무국에 알려 주십시오.",
	},
}

// city is what people call a zone: the last part of its IANA name.
func city(iana string) string {
	return strings.ReplaceAll(iana[strings.LastIndex(iana, "/")+1:], "_", " ")
}
