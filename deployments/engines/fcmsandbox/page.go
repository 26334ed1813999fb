package fcmsandbox

import (
	_ "embed" // the page
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"time"
)

//go:embed page.html
var page []byte

// shownAtOnce is how many phones a page shows; with 2,100 of them the ones that
// received something last are the interesting ones.
const shownAtOnce = 60

// tick is how often a live page hears of changes: often enough to look
// immediate, seldom enough that 2,100 pushes are a dozen updates.
const tick = 150 * time.Millisecond

// Handler serves the page and its JSON: /, /phones, /phones/{token}, /events
// (SSE), /stats and /faults (GET, PUT, DELETE). All addresses in the page are
// relative, so it may be mounted below any path with http.StripPrefix.
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showPage)
	mux.HandleFunc("GET /phones", s.showPhones)
	mux.HandleFunc("GET /phones/{token}", s.showPhone)
	mux.HandleFunc("GET /events", s.streamPhones)
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, s.Stats()) })
	mux.HandleFunc("GET /faults", s.showFaults)
	mux.HandleFunc("PUT /faults", s.putFaults)
	mux.HandleFunc("DELETE /faults", s.clearFaults)
	return mux
}

func (s *Sandbox) showPage(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(page)
}

func (s *Sandbox) showPhones(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.Atoi(r.FormValue("limit"))
	if err != nil || limit < 1 || limit > 1000 {
		limit = shownAtOnce
	}
	writeJSON(w, 200, s.Phones(limit, r.FormValue("q"), 0))
}

// showPhone answers with the phone as it looks and all it received, newest
// first.
func (s *Sandbox) showPhone(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	s.clerk.mu.RLock()
	p, ok := s.clerk.book.phones[token]
	var answer struct {
		Phone
		Received []Received `json:"received"`
	}
	if ok {
		answer.Phone, answer.Received = p.view(1000), all(p.records)
	}
	s.clerk.mu.RUnlock()
	if !ok {
		writeJSON(w, 404, map[string]string{"error": "no phone has this token"})
		return
	}
	for i, j := 0, len(answer.Received)-1; i < j; i, j = i+1, j-1 {
		answer.Received[i], answer.Received[j] = answer.Received[j], answer.Received[i]
	}
	writeJSON(w, 200, answer)
}

// streamPhones sends the phones that received something, as they do, until the
// page is closed or the sandbox stops.
func (s *Sandbox) streamPhones(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	t := time.NewTicker(tick)
	defer t.Stop()
	q := r.FormValue("q")
	since, _ := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64)
	quiet := time.Now()
	for first := true; ; first = false {
		if found := s.Phones(shownAtOnce, q, since); len(found) > 0 || first {
			for _, p := range found {
				since = max(since, p.N)
			}
			b, err := json.Marshal(map[string]any{"phones": found, "stats": s.Stats()})
			if err != nil {
				return
			}
			if _, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", since, b); err != nil {
				return
			}
			quiet = time.Now()
		} else if time.Since(quiet) > 15*time.Second {
			if _, err := w.Write([]byte(": still here\n\n")); err != nil {
				return
			}
			quiet = time.Now()
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-t.C:
		case <-r.Context().Done():
			return
		case <-s.over:
			return
		}
	}
}

// faultsDocument is the body of /faults; durations are Go's text ("80ms").
type faultsDocument struct {
	Latency string      `json:"latency,omitempty"`
	Quota   float64     `json:"quota,omitempty"` // sends a second
	Faults  []faultText `json:"faults"`
}

type faultText struct {
	Fault
	RetryAfter string `json:"retryAfter,omitempty"`
}

func (s *Sandbox) showFaults(w http.ResponseWriter, _ *http.Request) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	d := faultsDocument{Latency: time.Duration(s.latency.Load()).String(), Quota: s.faults.quota, Faults: []faultText{}}
	for _, f := range s.faults.rules {
		d.Faults = append(d.Faults, faultText{Fault: f, RetryAfter: f.RetryAfter.String()})
	}
	writeJSON(w, 200, d)
}

// putFaults replaces everything. It insists on JSON, so that a foreign page in
// the same browser cannot send it unasked.
func (s *Sandbox) putFaults(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		writeJSON(w, 415, map[string]string{"error": "send application/json"})
		return
	}
	var d faultsDocument
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, biggest))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		writeJSON(w, 400, map[string]string{"error": err.Error()})
		return
	}
	latency, err := duration(d.Latency)
	rules := make([]Fault, len(d.Faults))
	for i, f := range d.Faults {
		rules[i] = f.Fault
		if err == nil {
			rules[i].RetryAfter, err = duration(f.RetryAfter)
		}
		if err == nil {
			err = rules[i].check()
		}
	}
	if err != nil {
		writeJSON(w, 400, map[string]string{"error": err.Error()})
		return
	}
	s.SetLatency(latency)
	s.SetQuota(d.Quota)
	s.SetFaults(rules...)
	s.showFaults(w, r)
}

func (s *Sandbox) clearFaults(w http.ResponseWriter, r *http.Request) {
	s.SetLatency(s.cfg.Latency)
	s.SetQuota(0)
	s.SetFaults()
	s.showFaults(w, r)
}

func duration(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	return time.ParseDuration(text)
}
