package main

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/shared/client"
)

// BenchmarkMoveUntilTheLastPush moves a session that everybody picked and waits
// until the carrier has accepted the push for the last of 2,100 or 21,000 phones,
// each send taking 80 ms. What it prints is the time from the secretariat's request
// to that moment, in milliseconds.
//
//	go test -run - -bench MoveUntilTheLastPush/phones=2100 -benchtime 100x ./deployments/standalone
//	go test -run - -bench MoveUntilTheLastPush/phones=21000 -benchtime 10x ./deployments/standalone
func BenchmarkMoveUntilTheLastPush(b *testing.B) {
	for _, times := range []int{1, 10} {
		b.Run(fmt.Sprintf("phones=%d", 2100*times), func(b *testing.B) { moveUntilTheLastPush(b, times) })
	}
}

func moveUntilTheLastPush(b *testing.B, times int) {
	c, err := sample.Make("seoul-2013", 1, times)
	if err != nil {
		b.Fatal(err)
	}
	session := c.Sessions[slices.IndexFunc(c.Sessions, func(s sample.Session) bool { return s.Kind == "reception" })]
	c.Sessions, c.Meetings, c.Windows, c.Picks = []sample.Session{session}, nil, nil, nil
	for _, d := range c.Delegates {
		c.Picks = append(c.Picks, sample.Pick{Delegate: d.ID, Session: session.ID})
	}
	h := emptyHouse(b)
	if err := h.load(b.Context(), c); err != nil {
		b.Fatal(err)
	}
	h.sandbox.SetLatency(80 * time.Millisecond)
	secretariat := h.secretariat(b, c)
	phones, revision, n := int64(len(c.Devices)), int64(1), 0
	var took []time.Duration
	apart := time.NewTicker(350 * time.Millisecond) // or the carrier's limit of a phone is met
	defer apart.Stop()
	for b.Loop() {
		<-apart.C
		n++
		end := session.End.Add(time.Duration(1+n%2) * time.Minute)
		began := time.Now()
		res, err := secretariat.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(b.Context(), c.ID, session.ID,
			&client.ChangeSessionParams{IfMatch: fmt.Sprintf(`"%d"`, revision)}, client.SessionPatch{EndsAt: &end})
		if err != nil || res.StatusCode() != http.StatusOK {
			b.Fatalf("moving: %v %s", err, res.Body)
		}
		revision = res.JSON200.Revision
		if err := h.sandbox.Wait(b.Context(), func(s fcmsandbox.Stats) bool { return s.Received >= int64(n)*phones }); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(0, "ns/op")
	for _, q := range []int{50, 95, 99} {
		b.ReportMetric(float64(quantile(took, float64(q)/100).Milliseconds()), fmt.Sprintf("ms-p%d", q))
	}
}

// emptyHouse opens a house without a conference.
func emptyHouse(b *testing.B) *house {
	b.Helper()
	s, err := readSettings(env("PORT", "0", "METRICS_LISTEN", "off", "PLENARY_DATA", enginestest.Folder(b), "CONFERENCE", "none", "RATE_LIMIT", "off"))
	if err != nil {
		b.Fatal(err)
	}
	h, err := open(b.Context(), s, quiet)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := h.close(); err != nil {
			b.Error(err)
		}
	})
	return h
}

// secretariat is a client of the house, signed in for the secretariat.
func (h *house) secretariat(b *testing.B, c sample.Conference) *client.ClientWithResponses {
	b.Helper()
	url, d := "http://"+h.door.Addr(), oneOf(c, "secretariat")
	in, err := client.NewChecked(b, url, "").SignInWithResponse(b.Context(), client.SignInJSONRequestBody{
		Conference: c.ID, Accreditation: d.Accreditation, ActivationCode: d.ActivationCode,
	})
	if err != nil || in.JSON201 == nil {
		b.Fatalf("signing in: %v", err)
	}
	return client.NewChecked(b, url, in.JSON201.AccessToken)
}

// quantile is the part q, below 1, of sorted durations.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[int(q*float64(len(sorted)))]
}
