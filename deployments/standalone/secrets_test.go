package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
)

// TestNothingSecretLeavesTheStores lives through a conference, with its faults
// and refusals, and then looks everywhere but in the stores and the answers for
// whatever names a person or opens a door: in every line of the log, in the
// numbers, and in every message that the bus has ever kept.
func TestNothingSecretLeavesTheStores(t *testing.T) {
	t.Parallel()
	data, log := enginestest.Folder(t), &kept{}
	s, err := readSettings(env("PLENARY_DATA", data, "CONFERENCE", "london-2011", "PORT", "0", "METRICS_LISTEN", "127.0.0.1:0", "PASSKEY_DOMAIN", "localhost"))
	if err != nil {
		t.Fatal(err)
	}
	h, err := open(context.WithoutCancel(t.Context()), s, slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))) //nolint:sloglint // what it writes is what is tested
	if err != nil {
		t.Fatal(err)
	}
	o := &office{T: t, world: h.world(), secrets: make(map[string]string)}
	o.conference()
	numbers := body(t, get(t, h.place().Metrics))
	if err := h.close(); err != nil { // what is still owed is told first
		t.Errorf("close: %v", err)
	}
	messages := everyMessage(t, data)
	if len(log.String()) < 10_000 || len(numbers) < 10_000 || len(messages) < 100_000 {
		t.Errorf("%d bytes of log, %d of numbers, %d of messages: that cannot be all", len(log.String()), len(numbers), len(messages))
	}
	for what, text := range map[string]string{"the log": log.String(), "the numbers": numbers, "the bus": messages} {
		for secret, is := range o.secrets {
			for _, written := range []string{secret, url.PathEscape(secret), url.QueryEscape(secret), strings.Trim(strconv.QuoteToASCII(secret), `"`)} {
				if at := strings.Index(text, written); at >= 0 {
					t.Errorf("%s has %s, %q: …%s…", what, is, secret, text[max(0, at-200):min(len(text), at+len(written)+100)])
					break
				}
			}
		}
	}
}

// kept is a log that can be read while it is written.
type kept struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (k *kept) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.Write(p)
}

func (k *kept) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.String()
}

// everyMessage is all that lies in the streams of a folder nobody uses any
// more: subjects, headers and data.
func everyMessage(t *testing.T, data string) string {
	t.Helper()
	e := enginestest.Start(t, engines.Config{Dir: data})
	nc, err := nats.Connect("", e.Bus()...)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	streams := js.ListStreams(t.Context())
	for info := range streams.Info() {
		st, err := js.Stream(t.Context(), info.Config.Name)
		if err != nil {
			t.Fatal(err)
		}
		for seq := info.State.FirstSeq; seq <= info.State.LastSeq; {
			m, err := st.GetMsg(t.Context(), seq, jetstream.WithGetMsgSubject(">"))
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&all, "%s %s %v %s\n", info.Config.Name, m.Subject, m.Header, m.Data)
			seq = m.Sequence + 1
		}
	}
	if err := streams.Err(); err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// An office is a conference under way whose secrets are written down.
type office struct {
	*testing.T
	world
	secrets map[string]string // value → what it is
}

// secret writes v down and returns it.
func (o *office) secret(is, v string) string {
	o.Helper()
	if len(v) < 6 {
		o.Fatalf("%s %q would be found by chance", is, v)
	}
	o.secrets[v] = is
	return v
}

// A reply is an answer with its body read.
type reply struct {
	*http.Response
	text string
}

// one is a member of the answer, found by its path: "items", "0", "id".
func (r reply) one(t testing.TB, path ...string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(r.text), &v); err != nil {
		t.Fatalf("%v in %s", err, r.text)
	}
	for _, p := range path {
		switch in := v.(type) {
		case map[string]any:
			v = in[p]
		case []any:
			if len(in) == 0 {
				t.Fatalf("an empty list before %s in %s", p, r.text)
			}
			v = in[0]
		}
	}
	s, ok := v.(string)
	if !ok {
		t.Fatalf("no %v in %s", path, r.text)
	}
	return s
}

// call sends one request and wants the status. "{c}" in the path is the
// conference; with is a list of "Name: value".
func (o *office) call(want int, token, line, text string, with ...string) reply {
	o.Helper()
	r := o.send(token, line, text, with...)
	if r.StatusCode != want {
		o.Fatalf("%s answers %d, want %d: %s", line, r.StatusCode, want, r.text)
	}
	return r
}

// refused sends a request that must not succeed; why it does not, others test.
func (o *office) refused(token, line, text string, with ...string) {
	o.Helper()
	if r := o.send(token, line, text, with...); r.StatusCode < 400 || r.StatusCode >= 500 {
		o.Fatalf("%s answers %d, want a refusal: %s", line, r.StatusCode, r.text)
	}
}

func (o *office) send(token, line, text string, with ...string) reply {
	o.Helper()
	method, path, _ := strings.Cut(line, " ")
	path = strings.ReplaceAll(path, "{c}", "/v1/conferences/"+o.sample.ID)
	req, err := http.NewRequestWithContext(o.Context(), method, o.url+path, strings.NewReader(text))
	if err != nil {
		o.Fatal(err)
	}
	switch {
	case method == http.MethodPatch:
		req.Header.Set("Content-Type", "application/merge-patch+json")
	case text != "":
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for _, h := range with {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		o.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		o.Fatal(err)
	}
	return reply{res, string(b)}
}
