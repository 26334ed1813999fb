package agenda_test

import (
	"fmt"
	"time"

	"plenary.example/services/agenda"
)

// rooms is how many rooms a seed has besides the empty one.
const rooms = 10

func sessionID(n int) string { return fmt.Sprintf("0190a3c2-7b1e-7c4d-9a51-%012d", n) }

func roomID(n int) string { return fmt.Sprintf("0190a3c2-7b1e-7c4d-9a52-%012d", n) }

// free is a room in which nothing takes place.
var free = roomID(rooms)

// seed is a conference in Seoul with sessions of one hour from nine o'clock on
// (midnight UTC): session n is in room n%10 and begins n/10 hours later.
func seed(conference string, sessions int) agenda.Seed {
	s := agenda.Seed{
		Conference: conference, Name: agenda.Text{"en": "Seoul Conference", "ko": "서울 회의"}, Timezone: "Asia/Seoul",
		Days: []string{"2013-10-17", "2013-10-18"}, Venue: "COEX", Languages: []string{"en", "ko"},
		Themes: []agenda.Theme{{ID: "security", Name: agenda.Text{"en": "International security", "ko": "국제 안보"}}},
	}
	for n := range rooms + 1 {
		s.Rooms = append(s.Rooms, agenda.Room{ID: roomID(n), Name: fmt.Sprintf("Hall %c", 'A'+n), Kind: "panel", Capacity: 100 + n, Zone: "north"})
	}
	nine := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	for n := range sessions {
		start := nine.Add(time.Duration(n/rooms) * time.Hour)
		s.Sessions = append(s.Sessions, agenda.Session{
			ID: sessionID(n), Kind: "panel", Theme: "security", Room: roomID(n % rooms), Start: start, End: start.Add(time.Hour),
			Status: agenda.Confirmed, People: []agenda.Part{
				{Role: "speaker", Name: fmt.Sprintf("Jade Malachite %d", n)}, {Role: "speaker", Name: "Wren Bunting"}, {Role: "speaker", Name: "Robin Siskin"},
			},
			Title: agenda.Text{"en": fmt.Sprintf("Norms of behaviour in cyberspace, part %d", n), "ko": fmt.Sprintf("사이버공간의 행동 규범 %d", n)},
		})
	}
	return s
}
