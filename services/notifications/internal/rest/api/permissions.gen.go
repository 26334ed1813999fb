// Code generated from api-spec by permissions. DO NOT EDIT.

package api

// Permissions says who may call each operation.
var Permissions = map[string]string{
	"getReadState":   "delegate",
	"listDevices":    "delegate",
	"markInboxRead":  "delegate",
	"readInbox":      "delegate",
	"registerDevice": "delegate",
	"removeDevice":   "delegate",
	"reportReceipts": "delegate",
	"testPush":       "delegate",
}

// Owners says whose things each operation reaches.
var Owners = map[string]string{
	"getReadState":   "self",
	"listDevices":    "self",
	"markInboxRead":  "self",
	"readInbox":      "self",
	"registerDevice": "self",
	"removeDevice":   "self",
	"reportReceipts": "self",
	"testPush":       "self",
}

// Scopes says with which scope an API key may call an operation. One that is not here
// is closed to every key.
var Scopes = map[string]string{}

// Routes names the operation behind each route.
var Routes = map[string]string{
	"GET /v1/me/inbox/state":                        "getReadState",
	"GET /v1/me/devices":                            "listDevices",
	"POST /v1/me/inbox/read":                        "markInboxRead",
	"GET /v1/me/inbox":                              "readInbox",
	"PUT /v1/me/devices/:installation":              "registerDevice",
	"DELETE /v1/me/devices/:installation":           "removeDevice",
	"POST /v1/me/receipts":                          "reportReceipts",
	"POST /v1/me/devices/:installation/test-pushes": "testPush",
}

// MediaTypes lists what each operation that takes a body reads.
var MediaTypes = map[string][]string{
	"markInboxRead":  {"application/json"},
	"registerDevice": {"application/json"},
	"reportReceipts": {"application/json"},
	"testPush":       {"application/json"},
}
