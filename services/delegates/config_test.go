package delegates_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/services/delegates"
	"plenary.example/shared/client"
)

func TestWhatAnAppIsToldBeforeItSignsIn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, func(c *delegates.Config) {
		c.App = delegates.App{MinVersions: map[string]string{"ios": "1.4"}, Features: []string{"passkeys"}}
	})
	res, err := at(t, s, "").GetConfigWithResponse(t.Context())
	if err != nil || res.JSON200 == nil {
		t.Fatalf("%v %s", err, res.Body)
	}
	if c := *res.JSON200; c.MinVersions.Ios != "1.4" || c.MinVersions.Android != "0" || strings.Join(c.Features, " ") != "passkeys" || !c.ServerTime.Equal(r.clock.Now()) {
		t.Errorf("config %+v", c)
	}
	if cc := res.HTTPResponse.Header.Get("Cache-Control"); cc != "public, max-age=60" {
		t.Errorf("Cache-Control %q", cc)
	}
}

func TestADeviceIsCalledWhatItsPersonCallsIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	begin := func(device *string) client.TokenPair {
		res, err := at(t, s, "").SignInWithResponse(t.Context(), client.SignIn{Conference: seoul, Accreditation: "SEO-00001", ActivationCode: sampleCode, Device: device})
		if err != nil || res.JSON201 == nil {
			t.Fatalf("%v %s", err, res.Body)
		}
		return *res.JSON201
	}
	name := "민준의 전화"
	phone, tablet := begin(&name), begin(nil)
	names := make(map[bool]string)
	for _, l := range signIns(t, s, phone.AccessToken) {
		names[l.Current] = l.Device
	}
	if names[true] != name || names[false] != "" {
		t.Errorf("devices %v", names)
	}
	if got := endSignIn(t, s, phone.AccessToken, "current"); got != 204 {
		t.Fatal(got)
	}
	if left := signIns(t, s, tablet.AccessToken); len(left) != 1 || left[0].Device != "" {
		t.Errorf("left %+v", left)
	}
	if strings.Contains(r.log.String(), name) {
		t.Error("the log holds a device's name")
	}
}

func TestSignInsAndRefreshesAreCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	numbers := prometheus.NewRegistry()
	s := r.start(t, func(c *delegates.Config) { c.Registry = numbers })
	load(t, s, people())
	pair := signedIn(t, s, "SEO-00001", sampleCode)
	signIn(t, s, "SEO-00001", "WRONGCODE2")
	refreshed(t, s, pair.RefreshToken)
	refreshed(t, s, pair.RefreshToken)
	refresh(t, s, "opensesame")
	all, err := numbers.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]float64)
	for _, family := range all {
		for _, m := range family.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "outcome" {
					got[family.GetName()+" "+l.GetValue()] = m.GetCounter().GetValue()
				}
			}
		}
	}
	want := map[string]float64{
		"plenary_sign_ins_total signed_in": 1, "plenary_sign_ins_total refused": 1,
		"plenary_refreshes_total rotated": 1, "plenary_refreshes_total repeated": 1, "plenary_refreshes_total refused": 1,
	}
	for what, n := range want {
		if got[what] != n {
			t.Errorf("%s: %v, want %v", what, got[what], n)
		}
	}
}
