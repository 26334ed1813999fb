package event

// Questions one service asks another over the bus, where an event will not do:
// names, which events never carry, and what is held about a person.
const (
	AskDirectory = "delegates.directory" // Lookup, answered by LookupAnswer
	// AskAgendaData and AskNoticeData want everything a service holds about one
	// person: PersonalData, answered by a JSON object whose members are its rooms.
	AskAgendaData = "agenda.personal-data"
	AskNoticeData = "notice.personal-data"
	// AskReach wants to know how many phones a notice would reach: ReachQuestion,
	// answered by ReachAnswer.
	AskReach = "notice.reach"
)

// Purposes of a Lookup: why somebody wants to see a name. The set may grow; a
// purpose that is not in it counts as another.
const (
	ForInbox    = "inbox"    // a notice that names somebody
	ForMeeting  = "meeting"  // the people of a bilateral meeting
	ForProgram  = "program"  // speakers and chairs of a session
	ForReach    = "reach"    // who has not been reached by a notice
	ForDelivery = "delivery" // the text of a push
	// ForCalls is whom the desk has to call. It is the only purpose for which
	// telephone numbers are told, of those who agreed.
	ForCalls = "calls"
)

// MaxLookup is how many ids one Lookup may name.
const MaxLookup = 200

// Lookup asks who some delegates are. The answer is for memory only: it is
// dropped when a DelegateChanged or DelegateErased tells of one of them.
type Lookup struct {
	// Purpose is why: it is counted, so that somebody can ask why.
	Purpose   string   `json:"purpose"`
	Delegates []string `json:"delegates"`
	// Languages to give designations in, best first.
	Languages []string `json:"languages,omitempty"`
}

// LookupAnswer has those who are accredited; whoever is missing is unknown,
// removed or erased, which look the same.
type LookupAnswer struct {
	People []Person `json:"people"`
}

// Person is somebody as they are shown to people.
type Person struct {
	Delegate    string `json:"delegate"`
	Name        string `json:"name"`
	Function    string `json:"function"`
	Rank        string `json:"rank"`
	Delegation  string `json:"delegation"`
	Designation string `json:"designation"`
	Telephone   string `json:"telephone,omitempty"` // see ForCalls
}

// PersonalData asks what is held about a delegate.
type PersonalData struct {
	Delegate string `json:"delegate"`
}

// ReachQuestion asks how many phones some people have that a notice of their
// sessions would go to.
type ReachQuestion struct {
	Delegates []string `json:"delegates"`
}

// ReachAnswer is how many phones that is, of all of them together.
type ReachAnswer struct {
	Phones int `json:"phones"`
}
