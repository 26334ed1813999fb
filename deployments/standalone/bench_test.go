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
// until the carrier has accepted the push for the last of 2,100 phones, each
// send taking 80 ms. What it prints is the time from the secretariat's request
// to that moment, in milliseconds.
func BenchmarkMoveUntilTheLastPush(b *testing.B) {
	c, err := sample.Make("seoul-2013", 1, 1)
	if err != nil {
		b.Fatal(err)
	}
	session := c.Sessions[slices.IndexFunc(c.Sessions, func(s sample.Session) bool { return s.Kind == "reception" })]
	c.Picks = nil
	for _, d := range c.Delegates {
		c.Picks = append(c.Picks, sample.Pick{Delegate: d.ID, Session: session.ID})
	}
	s, err := readSettings(env("PORT", "0", "METRICS_LISTEN", "off", "PLENARY_DATA", enginestest.Folder(b), "CONFERENCE", "none"))
	if err != nil {
		b.Fatal(err)
	}
	h, err := open(b.Context(), s, quiet)
	if err != nil {
		b.Fatal(err)
	}
	defer h.close()
	if err := h.load(b.Context(), c); err != nil {
		b.Fatal(err)
	}
	h.sandbox.SetLatency(80 * time.Millisecond)
	url := "http://" + h.door.Addr()
	d := oneOf(c, "secretariat")
	in, err := client.NewChecked(b, url, "").SignInWithResponse(b.Context(), client.SignInJSONRequestBody{
		Conference: c.ID, Accreditation: d.Accreditation, ActivationCode: d.ActivationCode,
	})
	if err != nil || in.JSON201 == nil {
		b.Fatalf("signing in: %v", err)
	}
	secretariat := client.NewChecked(b, url, in.JSON201.AccessToken)
	phones, revision, n := int64(len(c.Devices)), int64(1), 0
	var took []time.Duration
	for b.Loop() {
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
	b.ReportMetric(float64(phones), "phones")
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms-p50")
	b.ReportMetric(float64(took[len(took)*95/100].Milliseconds()), "ms-p95")
}
