package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/shared/client"
)

// TestABurstOnThreeProcessesGivesEachSlotToOne has 200 clients accept at once, on
// three agendas over one store, requests for the same ten slots of one person.
// Of each slot one gets it; the others are told of other slots, and nobody is
// answered with a fault of the server.
func TestABurstOnThreeProcessesGivesEachSlotToOne(t *testing.T) {
	t.Parallel()
	const slots, rivals = 10, 20
	c, agendas, url := severalAgendas(t, 3)
	office := oneOf(c, "secretariat")
	in, err := client.NewChecked(t, url, "").SignInWithResponse(t.Context(), client.SignIn{
		Conference: c.ID, Accreditation: office.Accreditation, ActivationCode: office.ActivationCode,
	})
	if err != nil || in.JSON201 == nil {
		t.Fatalf("signing in: %v %s", err, in.GetBody())
	}
	b := &burst{t: t, token: in.JSON201.AccessToken, agendas: agendas, path: "/v1/conferences/" + c.ID + "/meetings"}

	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		t.Fatal(err)
	}
	day, err := time.ParseInLocation(time.DateOnly, c.Days[len(c.Days)-1], zone)
	if err != nil {
		t.Fatal(err)
	}
	others := slices.DeleteFunc(slices.Clone(c.Delegations), func(d sample.Delegation) bool { return d.ID == office.Delegation })
	var ids []string
	for n := range slots * rivals {
		start := day.Add(9*time.Hour + time.Duration(n%slots)*30*time.Minute)
		ids = append(ids, b.asks(n, map[string]any{
			"delegation": others[n/slots].ID, "level": "expert", "place": "Outside", "principals": []string{office.ID},
			"slots": []map[string]any{{"startsAt": start}},
		}))
	}

	answers := make([]answered, len(ids))
	var wg sync.WaitGroup
	began := time.Now()
	for n, id := range ids {
		wg.Go(func() { answers[n] = b.send(n, "POST", b.path+"/"+id+"/accept", map[string]any{}, `"1"`) })
	}
	wg.Wait()
	t.Logf("answered within %v", time.Since(began).Round(time.Millisecond))
	won := map[int]int{}
	for n, a := range answers {
		switch {
		case a.status == http.StatusOK:
			won[n%slots]++
		case a.status != http.StatusConflict || !strings.Contains(a.body, `"slot_taken"`) || !strings.Contains(a.body, `"alternative"`):
			t.Errorf("client %d is answered %d: %s", n, a.status, a.body)
		}
	}
	for n := range slots {
		if won[n] != 1 {
			t.Errorf("slot %d was given to %d", n, won[n])
		}
	}
}

// A burst is many requests of one person to several agendas.
type burst struct {
	t       *testing.T
	token   string
	agendas []string
	path    string
}

type answered struct {
	status int
	body   string
}

// asks brings a request for a meeting, and answers its id.
func (b *burst) asks(n int, body map[string]any) string {
	b.t.Helper()
	a := b.send(n, "POST", b.path, body, "")
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(a.body), &made); err != nil || a.status != http.StatusCreated {
		b.t.Fatalf("asking is answered %d: %s", a.status, a.body)
	}
	return made.ID
}

// send sends the n-th request, to one agenda after another.
func (b *burst) send(n int, method, path string, body any, ifMatch string) answered {
	data, err := json.Marshal(body)
	if err != nil {
		return answered{body: err.Error()}
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.agendas[n%len(b.agendas)]+path, bytes.NewReader(data))
	if err != nil {
		return answered{body: err.Error()}
	}
	r.Header.Set("Authorization", "Bearer "+b.token)
	r.Header.Set("Content-Type", "application/json")
	if ifMatch != "" {
		r.Header.Set("If-Match", ifMatch)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return answered{body: err.Error()}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return answered{body: err.Error()}
	}
	return answered{res.StatusCode, string(text)}
}

// severalAgendas starts the engines, one delegates service and n agendas, each a
// process of its own, and answers the agendas' addresses and where to sign in.
func severalAgendas(t *testing.T, n int) (c sample.Conference, agendas []string, signIn string) {
	t.Helper()
	_, settings := enginesOnly(t, enginestest.Folder(t))
	settings["RATE_LIMIT"] = "off"
	c, environment := loads(t, settings)
	delegates := startProcess(t, "delegates", nil, environment...)
	var running []*process
	for range n {
		running = append(running, startProcess(t, "agenda", nil, environment...))
	}
	for _, p := range running {
		agendas = append(agendas, address(p.line(t, "agenda listens on")))
	}
	return c, agendas, address(delegates.line(t, "delegates listens on"))
}

// address is where a command says that it listens, as a URL.
func address(said string) string { return fmt.Sprint("http://", strings.TrimPrefix(said, "http://")) }
