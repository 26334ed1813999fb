// Package push holds the words between a piece of news and a phone, and the
// rules that need no technology: what a notice, a device, a job and a message
// are, which tag makes a repeat invisible, and which outcomes a send can have.
//
// It is a room of its own because everybody beside it speaks it: the inbox
// makes notices, dispatch turns them into jobs, fcm carries messages and
// answers with outcomes, mongostore files notices and devices. It imports none
// of them and no technology.
package push
