package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/shared/bus"
	"plenary.example/shared/client"
)

// Values that can be nobody else's.
const (
	zsName      = "Zsófia Erzsébet Őrülten-Felismerhető"
	zsSort      = "Felismerhető-Zsófia"
	zsFunction  = "Különleges megbízott 4711"
	zsEmail     = "zsofia.felismerheto@kulugy.example"
	zsTelephone = "+36 1 555 4711"
	zsNumber    = "ZSOFIA-4711"
	zsExternal  = "KUM/4711/zsofia"
	zsToken     = "zsofia-device-token-4711"
	zsPhone     = "0190a3c2-7b1e-7c4d-9a51-4711feedbeef"
)

// said is what a house logs.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// TestWhoIsForgottenIsNowhereAnyMore: somebody with unmistakable values does
// whatever leaves traces, is erased, and then nothing of them is in any document
// or message of the house; the counts stay. What was held before was shown to
// them, and neither the log nor the numbers ever said any of it.
func TestWhoIsForgottenIsNowhereAnyMore(t *testing.T) {
	t.Parallel()
	log := &said{}
	folder := enginestest.Folder(t)
	h := openLogged(t, slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		"PLENARY_DATA", folder, "CONFERENCE", "london-2011")
	w := h.world()
	desk := w.signIn(t, oneOf(w.sample, "secretariat"))
	z := w.zsofia(t, desk)
	z.leavesTraces(t, h, desk)
	feed, followed := z.followed(t)

	before := h.dump(t)
	values := []string{zsName, zsSort, zsFunction, zsEmail, zsTelephone, zsNumber, zsExternal, zsToken, zsPhone, feed}
	for _, value := range values {
		if len(before.has(value)) == 0 {
			t.Errorf("%q lies nowhere before the erasure: the search does not find what it should", value)
		}
	}
	data, err := z.app.GetMyDataWithResponse(t.Context())
	if err != nil || data.JSON200 == nil {
		t.Fatalf("what is held: %v %s", err, data.Body)
	}
	for _, value := range values {
		if value != zsToken && !strings.Contains(string(data.Body), value) { // whoever has the token can make the phone buzz
			t.Errorf("%q is held and was not shown: %s", value, data.Body)
		}
	}
	lists, told := w.listed(t, desk), recipients(before)

	if calendar := get(t, followed); calendar.StatusCode != http.StatusOK || !strings.Contains(body(t, calendar), "BEGIN:VEVENT") {
		t.Errorf("the calendar answers %d", calendar.StatusCode)
	}
	w.erase(t, desk, z.ID)
	soon(t, "the calendar is gone", func() bool { return get(t, followed).StatusCode == http.StatusNotFound })
	js := h.js(t)
	soon(t, "everybody has worked through the erasure", func() bool {
		return z.out(t) && workedOff(t, js, bus.StreamDelegates) && len(h.collection(t, "plenary_delegates", "erasures").has(zsNumber)) == 0
	})
	after := h.dump(t)
	for _, value := range append(values, z.ActivationCode) {
		if where := after.has(value); len(where) > 0 {
			t.Errorf("%q is still in %v", value, where)
		}
		if strings.Contains(log.String(), value) {
			t.Errorf("%q is in the log", value)
		}
		if numbers := get(t, h.place().Metrics); strings.Contains(body(t, numbers), value) {
			t.Errorf("%q is among the numbers", value)
		}
	}
	if now := w.listed(t, desk); !slices.Equal(now, lists) {
		t.Errorf("the lists counted %v, and now %v", lists, now)
	}
	if now := recipients(after); now != told || told == "" {
		t.Errorf("the notices counted %s, and now %s", told, now)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	for _, value := range values {
		if where := inFiles(t, folder, value); len(where) > 0 {
			t.Errorf("%q is still in the files %v", value, where)
		}
	}
}

// inFiles says which files of a folder have a value in them, wherever in the
// file: also where a database has only given up the place. The sandbox's journal
// is what the phones have received, and lies outside the house in real life.
func inFiles(t *testing.T, folder, value string) (where []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "phones.jsonl" {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil && bytes.Contains(content, []byte(value)) {
			where = append(where, entry.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return where
}

// zsofia takes part from now on: the office makes the record, sends the code,
// corrects the record with a table, and the person signs in.
func (w world) zsofia(t *testing.T, desk *client.ClientWithResponses) person {
	t.Helper()
	d := sample.Delegate{Accreditation: zsNumber, Delegation: w.sample.Delegations[1].ID, Name: zsName}
	made, err := desk.CreateDelegateWithResponse(t.Context(), w.sample.ID, nil, client.NewDelegate{
		Accreditation: new(zsNumber), Delegation: d.Delegation, Email: new(zsEmail), ExternalID: new(zsExternal), Function: new("Attaché"),
		Languages: &[]string{"hu", "en"}, Name: zsName, SortName: new(zsSort), Telephone: new(zsTelephone),
		Consent: &client.ConsentPatch{Participants: new(true), Public: new(true), Telephone: new(true)},
	})
	if err != nil || made.JSON201 == nil {
		t.Fatalf("make the record: %v %s", err, made.Body)
	}
	d.ID = made.JSON201.ID
	table := "externalId,delegation,name,function\n" + zsExternal + "," + w.sample.Delegations[1].ExternalID + "," + zsName + "," + zsFunction + "\n"
	taken, err := desk.ImportDelegatesWithBodyWithResponse(t.Context(), w.sample.ID, nil, "text/csv", strings.NewReader(table))
	if err != nil || taken.JSON200 == nil || taken.JSON200.Changed != 1 {
		t.Fatalf("correct the record: %v %s", err, taken.Body)
	}
	codes, err := desk.IssueCodesWithResponse(t.Context(), w.sample.ID, client.NewCodes{Delegates: &[]string{d.ID}})
	if err != nil || codes.StatusCode() != http.StatusOK {
		t.Fatalf("issue a code: %v %s", err, codes.Body)
	}
	d.ActivationCode = codeIn(t, codes.Body)
	z := person{d, w.signIn(t, d), zsToken}
	wrong, err := client.NewChecked(t, w.url, "").SignInWithResponse(t.Context(), client.SignIn{
		Conference: w.sample.ID, Accreditation: zsNumber, ActivationCode: "WRONGWRONG",
	})
	if err != nil || wrong.StatusCode() != http.StatusUnauthorized {
		t.Fatalf("a wrong code: %v %s", err, wrong.Body)
	}
	return z
}

// codeIn reads the only code of a table.
func codeIn(t *testing.T, table []byte) string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(table, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("codes: %v %q", err, table)
	}
	i := slices.IndexFunc(rows[0], func(header string) bool { return strings.Contains(strings.ToLower(header), "code") })
	if i < 0 {
		t.Fatalf("codes: no column in %v", rows[0])
	}
	return rows[1][i]
}

// leavesTraces: a phone, a pick, notices and their pushes, places on numbered
// lists, a seat taken and another that is to be left tomorrow.
func (z person) leavesTraces(t *testing.T, h *house, desk *client.ClientWithResponses) {
	t.Helper()
	w := h.world()
	phone := client.Registration{Token: z.token, Platform: client.RegistrationPlatform("ios"), Locale: "hu-HU"}
	if got, err := z.app.RegisterDeviceWithResponse(t.Context(), zsPhone, phone); err != nil || got.JSON200 == nil {
		t.Fatalf("register a phone: %v %+v", err, got)
	}
	s := unpicked(t, w.sample, z.Delegate)
	if got, err := z.app.PickSessionWithResponse(t.Context(), s.ID, nil); err != nil || got.StatusCode() != http.StatusNoContent {
		t.Fatalf("pick: %v %+v", err, got)
	}
	for range 2 {
		w.shift(t, desk, s.ID)
		if got, err := desk.CreateParticipantListWithResponse(t.Context(), w.sample.ID, nil); err != nil || got.JSON201 == nil {
			t.Fatalf("number a list: %v %s", err, got.Body)
		}
	}
	soon(t, "the phone buzzes", func() bool { return z.pushes(h) > 0 })
	soon(t, "the inbox has it", func() bool {
		inbox, err := z.app.ReadInboxWithResponse(t.Context(), nil)
		return err == nil && inbox.JSON200 != nil && len(inbox.JSON200.Items) == 2
	})
	z.takesASeat(t, w, desk)
	if got, err := z.app.AskErasureWithResponse(t.Context()); err != nil || got.StatusCode() != http.StatusAccepted {
		t.Fatalf("ask: %v %+v", err, got)
	}
}

// followed makes a feed of what is before the person: its id, and where a
// calendar reads it.
func (z person) followed(t *testing.T) (id, url string) {
	t.Helper()
	got, err := z.app.CreateCalendarFeedWithResponse(t.Context(), nil)
	if err != nil || got.JSON201 == nil {
		t.Fatalf("follow: %v %s", err, got.Body)
	}
	return got.JSON201.ID, strings.Replace(got.JSON201.URL, "webcal://", "http://", 1)
}

// takesASeat of somebody in the delegation, who is of no importance here.
func (z person) takesASeat(t *testing.T, w world, desk *client.ClientWithResponses) {
	t.Helper()
	var others []string
	for _, d := range w.sample.Delegates {
		if d.Delegation == z.Delegation && len(d.Roles) == 1 {
			others = append(others, d.ID)
		}
	}
	if len(others) < 2 {
		t.Fatal("the sample has no delegation for the story")
	}
	tomorrow := w.sample.Opens().Add(24 * time.Hour)
	for _, o := range []client.NewSubstitution{{Delegate: others[0], Deputy: z.ID}, {Delegate: z.ID, Deputy: others[1], From: &tomorrow}} {
		if got, err := desk.SubstituteWithResponse(t.Context(), w.sample.ID, nil, o); err != nil || got.JSON201 == nil {
			t.Fatalf("substitute: %v %s", err, got.Body)
		}
	}
}

// erase does what the office does with such a wish.
func (w world) erase(t *testing.T, desk *client.ClientWithResponses, id string) {
	t.Helper()
	asked, err := desk.ListDelegatesWithResponse(t.Context(), w.sample.ID, &client.ListDelegatesParams{ErasureAsked: new(true)})
	if err != nil || asked.JSON200 == nil || len(asked.JSON200.Items) != 1 || asked.JSON200.Items[0].ID != id {
		t.Fatalf("who asked: %v %s", err, asked.Body)
	}
	read, err := desk.GetDelegateWithResponse(t.Context(), w.sample.ID, id, nil)
	if err != nil || read.JSON200 == nil {
		t.Fatalf("read the record: %v %s", err, read.Body)
	}
	got, err := desk.EraseDelegateWithResponse(t.Context(), w.sample.ID, id, &client.EraseDelegateParams{IfMatch: read.HTTPResponse.Header.Get("ETag")})
	if err != nil || got.StatusCode() != http.StatusNoContent {
		t.Fatalf("erase: %v %s", err, got.Body)
	}
}

// listed is how many people each numbered list counts.
func (w world) listed(t *testing.T, desk *client.ClientWithResponses) (counts []int) {
	t.Helper()
	lists, err := desk.ListParticipantListsWithResponse(t.Context(), w.sample.ID)
	if err != nil || lists.JSON200 == nil || len(lists.JSON200.Items) != 2 {
		t.Fatalf("lists: %v %s", err, lists.Body)
	}
	for _, l := range lists.JSON200.Items {
		counts = append(counts, l.Participants)
	}
	return counts
}

// recipients is what the notices' events say of how many were told.
func recipients(d dump) string {
	var counts []string
	for _, m := range d["stream "+bus.StreamNotice] {
		_, count, _ := strings.Cut(m, `"recipients":`)
		count, _, _ = strings.Cut(count, "}")
		counts = append(counts, count)
	}
	return strings.Join(counts, " ")
}

// openLogged is openHouse with a log that is read.
func openLogged(t *testing.T, log *slog.Logger, pairs ...string) *house {
	t.Helper()
	s, err := readSettings(env(append(pairs, "PORT", "0", "METRICS_LISTEN", "127.0.0.1:0")...))
	if err != nil {
		t.Fatal(err)
	}
	h, err := open(context.WithoutCancel(t.Context()), s, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return h
}
