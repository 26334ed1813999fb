package event

// NoticeCreated tells that a notice is in its inboxes. The services that run
// beside the one that wrote it fetch it by its key.
type NoticeCreated struct {
	Key string `json:"key"`
	// Number is the notice's place in its conference; inboxes are read by it.
	Number  int64  `json:"number"`
	Urgency string `json:"urgency"`
	// Recipients counts delegates, not devices.
	Recipients int `json:"recipients"`
}

// Type implements Payload.
func (NoticeCreated) Type() string { return "notice.notice.created.v1" }
