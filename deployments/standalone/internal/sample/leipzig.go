package sample

// leipzig has days and a handful of people but no programme: it is there for
// schedule files to be imported into, and takes the days of one that is
// published in many versions.
func leipzig(m maker) edition {
	e := newEdition(m, Conference{
		Name:      Text{"en": "Leipzig Conference 2019", "de": "Leipziger Konferenz 2019"},
		Venue:     "Leipzig",
		Zone:      "Europe/Berlin",
		Days:      []string{"2019-12-27", "2019-12-28", "2019-12-29", "2019-12-30"},
		Languages: []string{"en", "de"},
	})
	e.prefix, e.host = "LEI", "Germany"
	e.participants, e.states, e.organisations = 24, 3, 1
	e.secretariat, e.desk, e.devices = 2, 1, 30
	return e
}
