// Code generated from api-spec by permissions. DO NOT EDIT.

package api

// Permissions says who may call each operation.
var Permissions = map[string]string{
	"cancelSession":  "secretariat",
	"changeSession":  "secretariat",
	"getAgenda":      "delegate",
	"getConference":  "delegate",
	"getSession":     "delegate",
	"importSchedule": "secretariat",
	"listPicks":      "delegate",
	"pickSession":    "delegate",
	"unpickSession":  "delegate",
}

// Owners says whose things each operation reaches.
var Owners = map[string]string{
	"cancelSession":  "conference",
	"changeSession":  "conference",
	"getAgenda":      "conference",
	"getConference":  "conference",
	"getSession":     "conference",
	"importSchedule": "conference",
	"listPicks":      "self",
	"pickSession":    "self",
	"unpickSession":  "self",
}

// Scopes says with which scope an API key may call an operation. One that is not here
// is closed to every key.
var Scopes = map[string]string{
	"cancelSession":  "agenda:write",
	"changeSession":  "agenda:write",
	"getAgenda":      "agenda:read",
	"getConference":  "agenda:read",
	"getSession":     "agenda:read",
	"importSchedule": "agenda:write",
}

// Routes names the operation behind each route.
var Routes = map[string]string{
	"POST /v1/conferences/:conference/sessions/:session/cancel": "cancelSession",
	"PATCH /v1/conferences/:conference/sessions/:session":       "changeSession",
	"GET /v1/conferences/:conference/agenda":                    "getAgenda",
	"GET /v1/conferences/:conference":                           "getConference",
	"GET /v1/conferences/:conference/sessions/:session":         "getSession",
	"POST /v1/conferences/:conference/imports":                  "importSchedule",
	"GET /v1/me/picks":             "listPicks",
	"PUT /v1/me/picks/:session":    "pickSession",
	"DELETE /v1/me/picks/:session": "unpickSession",
}

// MediaTypes lists what each operation that takes a body reads.
var MediaTypes = map[string][]string{
	"cancelSession":  {"application/json"},
	"changeSession":  {"application/merge-patch+json"},
	"importSchedule": {"application/json", "application/xml"},
}
