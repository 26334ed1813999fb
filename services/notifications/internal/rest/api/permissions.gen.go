// Code generated from api-spec by permissions. DO NOT EDIT.

package api

// Permissions says who may call each operation.
var Permissions = map[string]string{
	"getPreferences": "delegate",
	"getReadState":   "delegate",
	"listDevices":    "delegate",
	"markInboxRead":  "delegate",
	"muteSession":    "delegate",
	"readInbox":      "delegate",
	"registerDevice": "delegate",
	"removeDevice":   "delegate",
	"reportReceipts": "delegate",
	"setPreferences": "delegate",
	"testPush":       "delegate",
	"unmuteSession":  "delegate",
}

// Owners says whose things each operation reaches.
var Owners = map[string]string{
	"getPreferences": "self",
	"getReadState":   "self",
	"listDevices":    "self",
	"markInboxRead":  "self",
	"muteSession":    "self",
	"readInbox":      "self",
	"registerDevice": "self",
	"removeDevice":   "self",
	"reportReceipts": "self",
	"setPreferences": "self",
	"testPush":       "self",
	"unmuteSession":  "self",
}

// Scopes says with which scope an API key may call an operation. One that is not here
// is closed to every key.
var Scopes = map[string]string{}

// Routes names the operation behind each route.
var Routes = map[string]string{
	"GET /v1/me/preferences":                        "getPreferences",
	"GET /v1/me/inbox/state":                        "getReadState",
	"GET /v1/me/devices":                            "listDevices",
	"POST /v1/me/inbox/read":                        "markInboxRead",
	"PUT /v1/me/muted-sessions/:session":            "muteSession",
	"GET /v1/me/inbox":                              "readInbox",
	"PUT /v1/me/devices/:installation":              "registerDevice",
	"DELETE /v1/me/devices/:installation":           "removeDevice",
	"POST /v1/me/receipts":                          "reportReceipts",
	"PUT /v1/me/preferences":                        "setPreferences",
	"POST /v1/me/devices/:installation/test-pushes": "testPush",
	"DELETE /v1/me/muted-sessions/:session":         "unmuteSession",
}

// MediaTypes lists what each operation that takes a body reads.
var MediaTypes = map[string][]string{
	"markInboxRead":  {"application/json"},
	"registerDevice": {"application/json"},
	"reportReceipts": {"application/json"},
	"setPreferences": {"application/json"},
	"testPush":       {"application/json"},
}
