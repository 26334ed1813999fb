package sample

import "fmt"

// london is the first conference of the series. Names, themes and numbers are
// facts, so are the names of the centre's rooms; which held what is not.
func london(m maker) edition {
	e := newEdition(m, Conference{
		Name:      Text{"en": "London Conference on Cyberspace 2011"},
		Venue:     "Queen Elizabeth II Conference Centre, London",
		Zone:      "Europe/London",
		Days:      []string{"2011-11-01", "2011-11-02"},
		Languages: []string{"en"},
		Themes: []Theme{
			{"economic-growth", Text{"en": "Economic growth and development"}},
			{"social-benefits", Text{"en": "Social benefits"}},
			{"safe-access", Text{"en": "Safe and reliable access"}},
			{"international-security", Text{"en": "International security"}},
			{"cyber-crime", Text{"en": "Cyber crime"}},
		},
	})
	e.prefix, e.host = "LON", "United Kingdom"
	e.participants, e.states, e.organisations, e.ministers = 700, 60, 17, 20
	e.secretariat, e.desk, e.devices = 16, 4, 919

	churchill := e.room("Churchill Auditorium", "hall", 700, "ground")
	fleming := e.room("Fleming Room", "panel", 500, "third")
	whittle := e.room("Whittle Room", "panel", 400, "third")
	gallery := e.room("Cambridge Gallery", "other", 700, "fifth")
	museum := e.room("Science Museum", "other", 700, "South Kensington")
	press := e.room("Media Centre", "press", 200, "ground")
	side := []string{e.room("Moore Room", "side", 100, "fourth"), e.room("Rutherford Room", "side", 100, "fourth")}
	for i := range 8 {
		e.room(fmt.Sprintf("Bilateral Room %d", i+1), "bilateral", 12, "sixth")
	}

	e.session("registration", "break", gallery, "1 08:00", 75, 0, "", Text{"en": "Registration and coffee"})
	e.session("opening", "ceremony", churchill, "1 09:30", 60, 960, "", Text{"en": "Opening"}, "Host of the conference")
	e.session("plenary 1", "plenary", churchill, "1 10:30", 75, everyone, "", Text{"en": "Plenary 1: The vision, the hopes, the fears"})
	e.session("lunch 1", "break", gallery, "1 12:00", 75, 0, "", Text{"en": "Lunch"})
	e.session("panel 1", "panel", fleming, "1 13:30", 90, 430, "economic-growth", Text{"en": "Economic growth and development"})
	e.session("panel 2", "panel", whittle, "1 13:30", 90, 380, "social-benefits", Text{"en": "Social benefits"})
	e.session("coffee 1", "break", gallery, "1 15:00", 30, 0, "", Text{"en": "Coffee"})
	e.session("panel 3", "panel", fleming, "1 15:30", 90, 450, "safe-access", Text{"en": "Safe and reliable access"})
	e.session("briefing", "press", press, "1 17:15", 30, 20, "", Text{"en": "Press briefing"})
	e.session("reception", "reception", museum, "1 19:00", 150, 640, "", Text{"en": "Reception at the Science Museum"})

	e.session("plenary 2", "plenary", churchill, "2 09:00", 75, 880, "", Text{"en": "Plenary 2: Behaviour in cyberspace"})
	e.session("coffee 2", "break", gallery, "2 10:15", 30, 0, "", Text{"en": "Coffee"})
	e.session("panel 4", "panel", fleming, "2 10:45", 90, 420, "cyber-crime", Text{"en": "Cyber crime"})
	e.session("panel 5", "panel", whittle, "2 10:45", 90, 240, "international-security", Text{"en": "International security (closed)"})
	e.session("lunch 2", "break", gallery, "2 12:15", 75, 0, "", Text{"en": "Lunch"})
	e.session("plenary 3", "plenary", churchill, "2 13:45", 75, 850, "", Text{"en": "Plenary 3: What the discussions found"})
	e.session("closing", "ceremony", churchill, "2 15:15", 45, 820, "", Text{"en": "Closing and chair's statement"}, "Chair of the conference")
	e.session("press conference", "press", press, "2 16:15", 45, 30, "", Text{"en": "Closing press conference"})

	e.sideEvents(side, "1 12:15", "1 13:30", "1 15:30", "2 10:45", "2 12:30")
	return e
}
