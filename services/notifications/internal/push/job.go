package push

// A Job is a page of devices that are owed one notice. It carries ids only:
// tokens, rights and text are looked up when it is done, not when it is filed.
type Job struct {
	Notice        string   `json:"notice"` // key
	Conference    string   `json:"conference"`
	Subject       Subject  `json:"subject"`
	Revision      int64    `json:"revision"` // of the subject, as the notice tells it
	Page          int      `json:"page"`
	Attempt       int      `json:"attempt"`               // requests really sent before, for each device of this job
	Round         int      `json:"round"`                 // times this job was put off; with the devices it makes its id unique
	Held          int      `json:"held,omitempty"`        // times it was put off because its reader did not want it yet
	Ambiguous     bool     `json:"ambiguous,omitempty"`   // an earlier attempt may arrive yet
	Overtaken     bool     `json:"overtaken,omitempty"`   // newer news was filed while this was on its way
	OvertakenAt   string   `json:"overtakenAt,omitempty"` // the process on whose way it was
	Replay        int64    `json:"replay,omitempty"`      // which time an operator had the notice sent again; 0 = never
	Installations []string `json:"installations"`
}

// PageSize is how many devices a job holds: large enough that the queue costs
// nothing beside the sending, small enough that a killed worker repeats little.
const PageSize = 100
