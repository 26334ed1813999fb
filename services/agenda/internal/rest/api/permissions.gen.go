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
