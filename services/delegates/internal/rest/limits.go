package rest

import "time"

// tableLimit is how large an imported table may be, in bytes: 10,000 rows with
// everything a ministry may write into them have some four million.
const tableLimit = 16 << 20

// BodyLimits are the routes that take more than an app's usual body.
func BodyLimits() map[string]int {
	return map[string]int{
		"POST /v1/conferences/:conference/delegation-imports": tableLimit,
		"POST /v1/conferences/:conference/delegate-imports":   tableLimit,
	}
}

// patience is what is given to an operation on thousands of people at once.
const patience = time.Minute

// longPatience is for the making of codes: each is a write of its own, an embedded
// store on a busy machine does two hundred a second, and half of them are worth
// nothing, because only the answer has them.
const longPatience = 5 * time.Minute

var deadlines = map[string]time.Duration{
	"importDelegations": patience, "importDelegates": patience, "issueCodes": longPatience,
	"createParticipantList": patience, "getParticipantList": patience,
}
