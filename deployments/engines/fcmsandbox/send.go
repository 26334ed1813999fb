package fcmsandbox

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// biggest body read; FCM's own limit on the payload is far below.
const biggest = 64 << 10

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// send answers POST /v1/projects/{project}/messages:send in FCM's order: who
// are you, where to, what, and only then whether it works today.
func (s *Sandbox) send(w http.ResponseWriter, r *http.Request) {
	body := bodies.Get().(*bytes.Buffer)
	defer bodies.Put(body)
	body.Reset()
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, biggest)); err != nil {
		invalid("Request payload size exceeds the limit.").write(w)
		return
	}
	s.counts.begin()
	status := 0
	defer func() { s.counts.end(status) }() // a cut connection panics past the answer
	req, no := s.read(r, body.Bytes())
	token := ""
	if req.Message != nil {
		token = req.Message.Token
	}
	if !s.pause(r) {
		panic(http.ErrAbortHandler)
	}
	fault, struck := Fault{}, false
	if no == nil {
		if fault, struck = s.faults.strike(token, req.ValidateOnly); struck && !fault.Stall && !fault.Drop {
			no = fault.refusal()
		}
	}
	n := s.n.Add(1)
	if no == nil && !struck || fault.Deliver {
		if !req.ValidateOnly && token != "" {
			got, err := s.clerk.take(body.Bytes(), token)
			if err != nil {
				no = &refusal{status: 500, rpc: "INTERNAL", fcm: "INTERNAL", say: err.Error()}
			}
			n = got
		}
	}
	switch {
	case fault.Drop:
		panic(http.ErrAbortHandler)
	case fault.Stall:
		select {
		case <-r.Context().Done():
		case <-s.over:
		}
		panic(http.ErrAbortHandler)
	case no != nil:
		status = no.status
		no.write(w)
	default:
		status = http.StatusOK
		if req.ValidateOnly {
			s.counts.dryRuns.Add(1)
		}
		s.accept(w, r.PathValue("project"), n, req.ValidateOnly)
	}
}

// read judges everything that is in the request itself.
func (s *Sandbox) read(r *http.Request, body []byte) (request, *refusal) {
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || bearer == "" || s.cfg.Access != "" && bearer != s.cfg.Access {
		no := strangerRefusal
		return request{}, &no
	}
	if r.PathValue("call") != "messages:send" || s.cfg.Project != "" && r.PathValue("project") != s.cfg.Project {
		no := projectRefusal
		return request{}, &no
	}
	req, no := decode(body)
	if no == nil {
		no = req.Message.validate()
	}
	return req, no
}

// pause is the way to Google and back. It returns false when the client left:
// then nothing has arrived.
func (s *Sandbox) pause(r *http.Request) bool {
	if gate := s.faults.gate(); gate != nil {
		select {
		case <-gate:
		case <-s.over:
			return false
		case <-r.Context().Done():
			return false
		}
	}
	d := time.Duration(s.latency.Load())
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

func (s *Sandbox) accept(w http.ResponseWriter, project string, n int64, dryRun bool) {
	name := strconv.FormatInt(n, 10)
	if dryRun {
		name = "fake_message_id"
	}
	w.Header()["Content-Type"] = []string{"application/json; charset=UTF-8"}
	var room [128]byte
	b := append(room[:0], `{"name":"projects/`...)
	b = append(b, project...)
	b = append(b, `/messages/`...)
	b = append(b, name...)
	b = append(b, `"}`...)
	_, _ = w.Write(b)
}
