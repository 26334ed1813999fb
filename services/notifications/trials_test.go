package notifications_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"

	"plenary.example/shared/client"
)

// Whoever builds an app sees what FCM gets, and FCM gets what they see.
func TestATestPushShowsExactlyWhatTheCarrierGets(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n := s.open()
	me := s.as(n, seoul, "ada", "of-ada")
	if code := s.register(me, "ada", "token-of-the-phone-of-ada"); code != http.StatusOK {
		t.Fatal(code)
	}
	try := func(c *client.ClientWithResponses, body client.TestPush) *client.TestPushResponse {
		t.Helper()
		got, err := c.TestPushWithResponse(t.Context(), installation("ada"), body)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	yes, no := true, false

	checked := try(me, client.TestPush{ValidateOnly: &yes})
	if checked.JSON200 == nil || checked.JSON200.Outcome != "accepted" || checked.JSON200.Request["validate_only"] != true {
		t.Fatalf("a check answers %d %s", checked.StatusCode(), checked.Body)
	}
	if got := s.carrier.Phone("token-of-the-phone-of-ada"); len(got) != 0 {
		t.Errorf("a check reached the phone: %v", got)
	}

	category, urgent := "meeting.requested", client.TestPushUrgencyUrgent
	sent := try(me, client.TestPush{Category: &category, Urgency: &urgent, ValidateOnly: &no})
	if sent.JSON200 == nil || sent.JSON200.Outcome != "accepted" {
		t.Fatalf("a test push answers %d %s", sent.StatusCode(), sent.Body)
	}
	got := s.carrier.Phone("token-of-the-phone-of-ada")
	if len(got) != 1 || got[0].Data["test"] != "true" || got[0].Category != category {
		t.Fatalf("the phone got %+v", got)
	}
	var arrived map[string]any
	if err := json.Unmarshal(got[0].Message, &arrived); err != nil {
		t.Fatal(err)
	}
	shown := sent.JSON200.Request["message"].(map[string]any)
	if shown["token"] != "token-…" {
		t.Errorf("the token is shown as %v", shown["token"])
	}
	delete(shown, "token")
	delete(arrived, "token")
	if !reflect.DeepEqual(shown, arrived) {
		t.Errorf("shown\n%v\narrived\n%v", shown, arrived)
	}

	unknown := "weather.rain"
	if got := try(me, client.TestPush{Category: &unknown}); got.StatusCode() != http.StatusUnprocessableEntity {
		t.Errorf("news of no kind answers %d", got.StatusCode())
	}
	if got := try(s.as(n, seoul, "bob", "of-bob"), client.TestPush{}); got.StatusCode() != http.StatusNotFound {
		t.Errorf("somebody else's phone answers %d", got.StatusCode())
	}
	for range 9 {
		if got := try(me, client.TestPush{ValidateOnly: &no}); got.StatusCode() != http.StatusOK {
			t.Errorf("within the limit: %d", got.StatusCode())
		}
	}
	if got := try(me, client.TestPush{ValidateOnly: &no}); got.StatusCode() != http.StatusTooManyRequests || got.HTTPResponse.Header.Get("Retry-After") == "" {
		t.Errorf("the eleventh buzz answers %d", got.StatusCode())
	}
}
