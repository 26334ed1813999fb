package sample

import "fmt"

// seoul is the third conference of the series. Its names, themes and numbers
// are facts; the hours, the rooms and the titles of single items are not.
func seoul(m maker) edition {
	e := newEdition(m, Conference{
		Name:      Text{"en": "Seoul Conference on Cyberspace 2013", "ko": "2013 세계사이버스페이스총회"},
		Venue:     "COEX, Seoul",
		Zone:      "Asia/Seoul",
		Days:      []string{"2013-10-17", "2013-10-18"},
		Languages: []string{"en", "ko"},
		Themes: []Theme{
			{"economic-growth", Text{"en": "Economic growth and development", "ko": "경제성장과 발전"}},
			{"social-benefits", Text{"en": "Social and cultural benefits", "ko": "사회문화적 혜택"}},
			{"cyber-security", Text{"en": "Cyber security", "ko": "사이버 보안"}},
			{"international-security", Text{"en": "International security", "ko": "국제안보"}},
			{"cyber-crime", Text{"en": "Cyber crime", "ko": "사이버 범죄"}},
			{"capacity-building", Text{"en": "Capacity building", "ko": "역량강화"}},
		},
	})
	e.prefix, e.host = "SEO", "Republic of Korea"
	e.participants, e.states, e.organisations, e.ministers = 1600, 87, 18, 43
	e.secretariat, e.desk, e.devices = 24, 6, 2100

	hall := e.room("Grand Ballroom", "hall", 1800, "north")
	auditorium := e.room("Auditorium", "panel", 1000, "south")
	conference := e.room("Conference Room 300", "panel", 400, "south")
	banquet := e.room("Banquet Hall", "other", 1600, "north")
	lobby := e.room("Lobby", "other", 1600, "north")
	press := e.room("Press Centre", "press", 150, "south")
	side := make([]string, 0, 4)
	for i := range 4 {
		side = append(side, e.room(fmt.Sprintf("Conference Room %d", 201+i), "side", 80, "south"))
	}
	for i := range 14 {
		e.room(fmt.Sprintf("Bilateral Room %d", i+1), "bilateral", 12, "east")
	}

	e.session("registration", "break", lobby, "1 08:00", 55, 0, "", Text{"en": "Registration and coffee", "ko": "등록 및 커피"})
	e.session("opening", "ceremony", hall, "1 09:00", 50, 970, "", Text{"en": "Public opening", "ko": "공개 개회식"}, "Host of the conference")
	e.session("photo", "photo", lobby, "1 09:55", 20, 60, "", Text{"en": "Photograph of the heads of delegation", "ko": "수석대표 기념촬영"}, "Heads of delegation")
	e.session("plenary 1", "plenary", hall, "1 10:20", 70, everyone, "",
		Text{"en": "Plenary 1: Global prosperity through an open and secure cyberspace", "ko": "전체회의 1: 개방되고 안전한 사이버공간을 통한 글로벌 번영"}, "Chair of the conference")
	e.session("coffee 1", "break", lobby, "1 11:30", 25, 0, "", Text{"en": "Coffee", "ko": "휴식"})
	e.session("plenary 2", "plenary", hall, "1 12:00", 60, 900, "", Text{"en": "Plenary 2: Opportunities", "ko": "전체회의 2: 기회"})
	e.session("lunch 1", "break", banquet, "1 13:00", 70, 0, "", Text{"en": "Lunch", "ko": "오찬"})
	e.session("panel 1", "panel", auditorium, "1 14:15", 90, 420, "economic-growth", Text{"en": "Panel 1: Economic growth and development", "ko": "패널 1: 경제성장과 발전"})
	e.session("panel 2", "panel", conference, "1 14:15", 90, 260, "social-benefits", Text{"en": "Panel 2: Social and cultural benefits", "ko": "패널 2: 사회문화적 혜택"})
	e.session("coffee 2", "break", lobby, "1 15:45", 30, 0, "", Text{"en": "Coffee", "ko": "휴식"})
	e.session("panel 3", "panel", auditorium, "1 16:15", 90, 460, "cyber-security", Text{"en": "Panel 3: Cyber security", "ko": "패널 3: 사이버 보안"})
	e.session("panel 4", "panel", conference, "1 16:15", 90, 310, "international-security", Text{"en": "Panel 4: International security", "ko": "패널 4: 국제안보"})
	e.session("briefing", "press", press, "1 18:00", 30, 15, "", Text{"en": "Press briefing of the first day", "ko": "첫날 언론 브리핑"})
	e.session("welcome", "reception", banquet, "1 19:00", 120, 620, "", Text{"en": "Welcome reception", "ko": "환영 리셉션"})

	e.session("plenary 3", "plenary", hall, "2 09:00", 75, 880, "", Text{"en": "Plenary 3: Threats", "ko": "전체회의 3: 위협"})
	e.session("coffee 3", "break", lobby, "2 10:15", 30, 0, "", Text{"en": "Coffee", "ko": "휴식"})
	e.session("panel 5", "panel", auditorium, "2 10:45", 90, 380, "cyber-crime", Text{"en": "Panel 5: Cyber crime", "ko": "패널 5: 사이버 범죄"})
	e.session("panel 6", "panel", conference, "2 10:45", 90, 390, "capacity-building", Text{"en": "Panel 6: Capacity building", "ko": "패널 6: 역량강화"})
	e.session("lunch 2", "break", banquet, "2 12:15", 75, 0, "", Text{"en": "Lunch", "ko": "오찬"})
	e.session("plenary 4", "plenary", hall, "2 14:00", 75, 860, "", Text{"en": "Plenary 4: Cooperation", "ko": "전체회의 4: 협력"})
	e.session("coffee 4", "break", lobby, "2 15:15", 30, 0, "", Text{"en": "Coffee", "ko": "휴식"})
	e.session("closing", "ceremony", hall, "2 15:45", 60, 830, "", Text{"en": "Public closing and chair's summary", "ko": "공개 폐회식 및 의장 요약문"}, "Chair of the conference")
	e.session("press conference", "press", press, "2 17:00", 45, 20, "", Text{"en": "Closing press conference", "ko": "폐막 기자회견"})
	e.session("farewell", "reception", banquet, "2 18:00", 90, 350, "", Text{"en": "Farewell reception", "ko": "환송 리셉션"})

	e.sideEvents(side, "1 13:10", "1 14:15", "1 16:15", "1 18:00", "2 10:45", "2 12:20")
	return e
}

// sideEvents gives each room one side event at each of the times, an hour long.
func (e *edition) sideEvents(rooms []string, times ...string) {
	n := 0
	for _, from := range times {
		for _, room := range rooms {
			title := Text{"en": "Side event: " + topics[n]["en"], "ko": "부대행사: " + topics[n]["ko"]}
			e.session(fmt.Sprintf("side event %d", n+1), "side_event", room, from, 60, 45, e.themeFor(n), only(title, e.Languages))
			n++
		}
	}
}
