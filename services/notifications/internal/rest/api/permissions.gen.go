// Code generated from api-spec by permissions. DO NOT EDIT.

package api

// Permissions says who may call each operation.
var Permissions = map[string]string{
	"cancelAnnouncement":  "secretariat",
	"createAnnouncement":  "secretariat",
	"followInbox":         "delegate",
	"getAnnouncement":     "secretariat",
	"getCallList":         "desk",
	"getPreferences":      "delegate",
	"getReach":            "secretariat",
	"getReadState":        "delegate",
	"listAnnouncements":   "secretariat",
	"listDevices":         "delegate",
	"listNotices":         "secretariat",
	"listUnreached":       "secretariat",
	"markInboxRead":       "delegate",
	"muteSession":         "delegate",
	"previewAnnouncement": "secretariat",
	"readInbox":           "delegate",
	"recallAnnouncement":  "secretariat",
	"registerDevice":      "delegate",
	"removeDevice":        "delegate",
	"reportCalls":         "desk",
	"reportReceipts":      "delegate",
	"setPreferences":      "delegate",
	"testPush":            "delegate",
	"unmuteSession":       "delegate",
	"updateAnnouncement":  "secretariat",
}

// Owners says whose things each operation reaches.
var Owners = map[string]string{
	"cancelAnnouncement":  "conference",
	"createAnnouncement":  "conference",
	"followInbox":         "self",
	"getAnnouncement":     "conference",
	"getCallList":         "conference",
	"getPreferences":      "self",
	"getReach":            "conference",
	"getReadState":        "self",
	"listAnnouncements":   "conference",
	"listDevices":         "self",
	"listNotices":         "conference",
	"listUnreached":       "conference",
	"markInboxRead":       "self",
	"muteSession":         "self",
	"previewAnnouncement": "conference",
	"readInbox":           "self",
	"recallAnnouncement":  "conference",
	"registerDevice":      "self",
	"removeDevice":        "self",
	"reportCalls":         "conference",
	"reportReceipts":      "self",
	"setPreferences":      "self",
	"testPush":            "self",
	"unmuteSession":       "self",
	"updateAnnouncement":  "conference",
}

// Scopes says with which scope an API key may call an operation. One that is not here
// is closed to every key.
var Scopes = map[string]string{}

// Routes names the operation behind each route.
var Routes = map[string]string{
	"DELETE /v1/conferences/:conference/announcements/:announcement": "cancelAnnouncement",
	"POST /v1/conferences/:conference/announcements":                 "createAnnouncement",
	"GET /v1/me/stream": "followInbox",
	"GET /v1/conferences/:conference/announcements/:announcement":         "getAnnouncement",
	"GET /v1/conferences/:conference/call-list":                           "getCallList",
	"GET /v1/me/preferences":                                              "getPreferences",
	"GET /v1/conferences/:conference/notices/:notice/reach":               "getReach",
	"GET /v1/me/inbox/state":                                              "getReadState",
	"GET /v1/conferences/:conference/announcements":                       "listAnnouncements",
	"GET /v1/me/devices":                                                  "listDevices",
	"GET /v1/conferences/:conference/notices":                             "listNotices",
	"GET /v1/conferences/:conference/unreached":                           "listUnreached",
	"POST /v1/me/inbox/read":                                              "markInboxRead",
	"PUT /v1/me/muted-sessions/:session":                                  "muteSession",
	"POST /v1/conferences/:conference/announcement-previews":              "previewAnnouncement",
	"GET /v1/me/inbox":                                                    "readInbox",
	"POST /v1/conferences/:conference/announcements/:announcement/recall": "recallAnnouncement",
	"PUT /v1/me/devices/:installation":                                    "registerDevice",
	"DELETE /v1/me/devices/:installation":                                 "removeDevice",
	"POST /v1/conferences/:conference/call-list/made":                     "reportCalls",
	"POST /v1/me/receipts":                                                "reportReceipts",
	"PUT /v1/me/preferences":                                              "setPreferences",
	"POST /v1/me/devices/:installation/test-pushes":                       "testPush",
	"DELETE /v1/me/muted-sessions/:session":                               "unmuteSession",
	"PATCH /v1/conferences/:conference/announcements/:announcement":       "updateAnnouncement",
}

// MediaTypes lists what each operation that takes a body reads.
var MediaTypes = map[string][]string{
	"createAnnouncement":  {"application/json"},
	"markInboxRead":       {"application/json"},
	"previewAnnouncement": {"application/json"},
	"recallAnnouncement":  {"application/json"},
	"registerDevice":      {"application/json"},
	"reportCalls":         {"application/json"},
	"reportReceipts":      {"application/json"},
	"setPreferences":      {"application/json"},
	"testPush":            {"application/json"},
	"updateAnnouncement":  {"application/merge-patch+json"},
}
