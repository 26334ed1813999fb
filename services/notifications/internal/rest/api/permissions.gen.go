// Code generated from api-spec by permissions. DO NOT EDIT.

package api

// Permissions says who may call each operation.
var Permissions = map[string]string{
	"listDevices":    "delegate",
	"readInbox":      "delegate",
	"registerDevice": "delegate",
	"removeDevice":   "delegate",
}

// Routes names the operation behind each route.
var Routes = map[string]string{
	"GET /v1/me/devices":                  "listDevices",
	"GET /v1/me/inbox":                    "readInbox",
	"PUT /v1/me/devices/:installation":    "registerDevice",
	"DELETE /v1/me/devices/:installation": "removeDevice",
}

// MediaTypes lists what each operation that takes a body reads.
var MediaTypes = map[string][]string{
	"registerDevice": {"application/json"},
}
