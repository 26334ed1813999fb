package agenda_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
)

func TestAFileThatIsNoScheduleIsRefusedWhole(t *testing.T) {
	t.Parallel()
	_, _, c := leipzig(t, client.AllowBadRequests)
	brought(t, c, key(0), inJSON, file(t, "small.json"))
	releaseDraft(t, c, nil)
	before := wholeAgenda(t, c, "leipzig-2019")
	stages, xml := file(t, "stages.schedule.json.gz"), file(t, "stages.schedule.xml.gz")
	const item = "/schedule/conference/days/0/rooms/Hall 1~1A/0"
	edited := func(name, old, instead string) []byte {
		t.Helper()
		data := file(t, name)
		if !bytes.Contains(data, []byte(old)) {
			t.Fatalf("%s has no %s", name, old)
		}
		return bytes.Replace(data, []byte(old), []byte(instead), 1)
	}
	// Much that is new stands before the item that is wrong.
	late := bytes.LastIndex(stages, []byte(`"date":`))
	halfwrong := append(append([]byte{}, stages[:late]...), bytes.Replace(stages[late:], []byte(`"date":`), []byte(`"when":`), 1)...)

	for _, x := range []struct {
		name, media string
		data        []byte
		code, place string // place is the end of the pointer; line is wanted always
	}{
		{"nothing", inJSON, nil, "not_a_schedule", ""},
		{"another JSON", inJSON, []byte(`{"talks":[]}`), "not_a_schedule", "/schedule/conference"},
		{"a dump that is called a schedule", inJSON, file(t, "pyconfr-2025.schedule.json.gz"), "not_a_schedule", "/schedule/conference"},
		{"a web page", inXML, []byte("<html><body>502 Bad Gateway</body></html>"), "not_a_schedule", "/html"},
		{"a card", inCalendar, []byte("BEGIN:VCARD\r\nEND:VCARD\r\n"), "not_a_schedule", ""},
		{"a calendar that is cut off", inCalendar, file(t, "small.ics")[:300], "truncated", "/VCALENDAR/VEVENT[1]"},
		{"a calendar without zones", inCalendar, edited("small.ics", ";TZID=Asia/Seoul", ";TZID=Nowhere"), "bad_start", "/VCALENDAR/VEVENT[1]/DTSTART"},
		{"an event of 100 hours", inCalendar, edited("small.ics", "20131017T103000", "20131021T130001"), "bad_duration", "/VCALENDAR/VEVENT[1]/DTEND"},
		{"still compressed", inJSON, []byte("\x1f\x8b\x08rubbish"), "not_a_schedule", ""},
		{"cut off", inJSON, stages[:2*len(stages)/3], "truncated", "/"},
		{"cut off XML", inXML, xml[:2*len(xml)/3], "truncated", "/"},
		{"an item without a start", inJSON, edited("small.json", `"date": "2013-10-17T09:00:00+09:00",`, ""), "missing_start", item + "/date"},
		{"an item without a start in XML", inXML, edited("small.xml", "<date>2013-10-17T09:00:00+09:00</date>", ""), "missing_start", "/schedule/day[1]/room[1]/event[1]/date"},
		{"one of 498 items without a start", inJSON, halfwrong, "missing_start", "/date"},
		{"a start without an offset", inJSON, edited("small.json", "00+09:00", "00"), "bad_start", item + "/date"},
		{"a bomb of entities", inXML, []byte(`<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><schedule>&b;</schedule>`), "dtd_refused", ""},
		{"in Latin-1", inJSON, edited("small.json", "Plenary", "Pl\xe9nary"), "not_utf8", ""},
	} {
		for _, edit := range [][]client.RequestEditorFn{nil, {query("dryRun=true")}} {
			got, err := bring(t, c, key(1), x.media, x.data, edit...)
			p := refused(t, got, err, http.StatusBadRequest, "not_a_schedule")
			if len(p.Errors) != 1 || p.Errors[0].Code != x.code || !strings.HasPrefix(p.Errors[0].Pointer, prefixOf(x.place)) || !strings.HasSuffix(p.Errors[0].Pointer, strings.TrimSuffix(x.place, "/")) || p.Errors[0].Params == nil || (*p.Errors[0].Params)["line"] == "" {
				t.Errorf("%s: %+v, want %s at %s", x.name, p.Errors, x.code, x.place)
			}
			spoken(t, p)
		}
	}
	unchanged(t, c, before)
	// What was refused has not used up its key.
	if r, h := brought(t, c, key(1), inJSON, edited("small.json", " Opening ", "Welcome")); len(r.Changed) != 1 || h.Get("Idempotency-Replayed") != "false" {
		t.Errorf("the mended file: %+v, %v", r, h)
	}
}

func prefixOf(place string) string {
	if place == "" {
		return ""
	}
	return "/"
}

func unchanged(t testing.TB, c *client.ClientWithResponses, before *client.Agenda) {
	t.Helper()
	if after := wholeAgenda(t, c, "leipzig-2019"); after.Revision != before.Revision || len(after.Sessions) != len(before.Sessions) || len(after.Rooms) != len(before.Rooms) {
		t.Errorf("the agenda went from revision %d to %d, from %d sessions to %d", before.Revision, after.Revision, len(before.Sessions), len(after.Sessions))
	}
	if d, _ := theDraft(t, c); len(d.Sessions)+len(d.Rooms)+len(d.Review) > 0 {
		t.Errorf("the draft has %d sessions and %d rooms", len(d.Sessions), len(d.Rooms))
	}
}

func TestAnImportThatIsAskedWronglyIsRefused(t *testing.T) {
	t.Parallel()
	_, _, c := leipzig(t, client.AllowBadRequests)
	small := file(t, "small.json")
	for _, x := range []struct {
		name   string
		media  string
		edit   client.RequestEditorFn
		status int
		code   string
		place  string
	}{
		{"no key", inJSON, with("Idempotency-Key", ""), 400, "bad_parameter", "Idempotency-Key"},
		{"a short key", inJSON, with("Idempotency-Key", "short"), 400, "bad_parameter", "Idempotency-Key"},
		{"a long key", inJSON, with("Idempotency-Key", strings.Repeat("k", 129)), 400, "bad_parameter", "Idempotency-Key"},
		{"half a dry run", inJSON, query("dryRun=" + privateQuery), 400, "bad_parameter", "dryRun"},
		{"an unknown parameter", inJSON, query("dryRun=true&" + privateQuery + "=1"), 400, "bad_parameter", privateQuery},
		{"text", "text/plain", nil, 415, "unsupported_media_type", ""},
		{"no media type", inJSON, with("Content-Type", ""), 415, "unsupported_media_type", ""},
		{"a form", "multipart/form-data; boundary=x", nil, 415, "unsupported_media_type", ""},
		{"other JSON", "application/merge-patch+json", nil, 415, "unsupported_media_type", ""},
		{"other XML", "text/xml", nil, 415, "unsupported_media_type", ""},
		{"compressed", inJSON, with("Content-Encoding", "gzip"), 415, "unsupported_media_type", ""},
	} {
		var edit []client.RequestEditorFn
		if x.edit != nil {
			edit = append(edit, x.edit)
		}
		got, err := bring(t, c, key(1), x.media, small, edit...)
		p := refused(t, got, err, x.status, x.code)
		if x.place != "" && (len(p.Errors) != 1 || p.Errors[0].Parameter != x.place) {
			t.Errorf("%s: %+v", x.name, p.Errors)
		}
		spoken(t, p)
	}
	unchanged(t, c, &client.Agenda{})
}

func TestAFileThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	s, a, c := leipzig(t)
	brought(t, c, key(0), inJSON, file(t, "small.json"))
	releaseDraft(t, c, nil)
	before := wholeAgenda(t, c, "leipzig-2019")
	bearer := "Bearer " + s.signer.token(secretary("leipzig-2019"))
	for name, x := range map[string]struct {
		megabytes int64
		told      bool // in Content-Length
		media     string
	}{
		"17 MB":            {17, true, inJSON},
		"17 MB in chunks":  {17, false, inJSON},
		"50 MB":            {50, true, inJSON},
		"50 MB of XML":     {50, true, inXML},
		"50 MB in chunks":  {50, false, inXML},
		"2 GB of calendar": {2 << 10, true, inCalendar},
		"far more than is": {1 << 20, true, inJSON},
	} {
		status, kind, body := pour(t, a, bearer, x.media, x.megabytes<<20, x.told)
		if status != http.StatusRequestEntityTooLarge || kind != "application/problem+json" || !strings.Contains(body, `"code":"too_large"`) {
			t.Errorf("%s: %d %s %s", name, status, kind, body)
		}
	}
	unchanged(t, c, before)
	// Just under the limit the file is read, and judged as a file.
	blank := append(bytes.Repeat([]byte(" "), 16<<20-1), '{')
	got, err := bring(t, s.as(t, a, secretary("leipzig-2019"), client.AllowBadRequests), key(1), inJSON, blank)
	if p := refused(t, got, err, http.StatusBadRequest, "not_a_schedule"); p.Errors[0].Code != "truncated" {
		t.Errorf("16 MB: %+v", p.Errors)
	}
}

// pour sends an import of so many bytes and reads the answer even when the
// server does not care to read all of it: a client whose write fails looks
// whether it has been told why.
func pour(t testing.TB, a *agenda.Service, bearer, media string, size int64, told bool) (status int, kind, body string) {
	t.Helper()
	c, err := net.Dial("tcp", a.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+a.Addr()+"/v1/conferences/leipzig-2019/imports", io.LimitReader(blanks{}, size))
	if err != nil {
		t.Fatal(err)
	}
	if told {
		req.ContentLength = size
	}
	for name, value := range map[string]string{"Authorization": bearer, "Content-Type": media, "Idempotency-Key": key(1)} {
		req.Header.Set(name, value)
	}
	poured := make(chan struct{})
	go func() {
		defer close(poured)
		_ = req.Write(c) // it may well be cut short
	}()
	res, err := http.ReadResponse(bufio.NewReader(c), req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	<-poured
	return res.StatusCode, res.Header.Get("Content-Type"), string(b)
}

// blanks is white space without end.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
