package main

import (
	"regexp"
	"strings"
	"testing"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/shared/client"
)

// TestTheFirstSecretariatPersonIsPrintedOnce: without a sample somebody has to
// begin, and there is no default password.
func TestTheFirstSecretariatPersonIsPrintedOnce(t *testing.T) {
	t.Parallel()
	settings := []string{"PLENARY_DATA", enginestest.Folder(t), "CONFERENCE", "none", "BOOTSTRAP_CONFERENCE", "oslo-2030"}
	h := openHouse(t, settings...)
	m := regexp.MustCompile(`run oslo-2030 yet\. .* activation code (\S+)\.`).FindStringSubmatch(welcome(h.place()))
	if m == nil {
		t.Fatalf("no code in:\n%s", welcome(h.place()))
	}
	url := h.place().URL
	in := func() *client.SignInResponse {
		res, err := client.NewChecked(t, url, "").SignInWithResponse(t.Context(), client.SignIn{
			Conference: "oslo-2030", Accreditation: "BOOTSTRAP", ActivationCode: m[1],
		})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	h = openHouse(t, settings...) // somebody was slow to copy it
	url = h.place().URL
	if text := welcome(h.place()); strings.Contains(text, "BOOTSTRAP") {
		t.Errorf("printed again:\n%s", text)
	}
	first := in()
	if first.JSON201 == nil {
		t.Fatalf("sign in: %s %s", first.Status(), first.Body)
	}
	if again := in(); again.StatusCode() != 401 {
		t.Errorf("the code a second time: %s", again.Status())
	}
	people, err := client.NewChecked(t, url, first.JSON201.AccessToken).GetMeWithResponse(t.Context())
	if err != nil || people.JSON200 == nil || strings.Join(people.JSON200.Roles, " ") != "delegate secretariat" {
		t.Errorf("me: %+v, %v", people, err)
	}
}
