package delegates_test

import (
	"testing"
	"time"

	"plenary.example/shared/client"
)

// TestWhoLosesRightsIsOutWhileALargeTableIsTold: thousands of changed records are
// told one by one, and a sign-out does not wait for them.
func TestWhoLosesRightsIsOutWhileALargeTableIsTold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.start(t, nil), r.start(t, nil)
	load(t, one, people())
	token := signedIn(t, one, "SEO-00002", singleCode).AccessToken
	office, kim := at(t, one, token), people().Delegates[0].ID
	key := createKey(t, one, token, "people:read")
	system := withKey(t, other, key.Key).JSON201.AccessToken
	phone, tablet := signedIn(t, one, "SEO-00001", sampleCode), signedIn(t, one, "SEO-00001", sampleCode)

	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	one.Busy(done)

	if res, err := at(t, one, phone.AccessToken).EndSignInWithResponse(t.Context(), "current"); err != nil || res.StatusCode() != 204 {
		t.Fatalf("sign out: %v %s", err, res.Body)
	}
	refusedSoon(t, other, phone.AccessToken)
	if res, err := office.EndAPIKeyWithResponse(t.Context(), seoul, key.ID); err != nil || res.StatusCode() != 204 {
		t.Fatalf("end the key: %v %s", err, res.Body)
	}
	within(t, 5*time.Second, "the key's token is refused", func() bool { return me(t, other, system).StatusCode() == 401 })

	record, err := office.GetDelegateWithResponse(t.Context(), seoul, kim, nil)
	if err != nil || record.JSON200 == nil {
		t.Fatalf("%v %s", err, record.Body)
	}
	changed, err := office.UpdateDelegateWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), seoul, kim,
		&client.UpdateDelegateParams{IfMatch: record.HTTPResponse.Header.Get("ETag")}, client.DelegatePatch{Roles: &[]client.Role{"delegate", "liaison"}})
	if err != nil || changed.JSON200 == nil {
		t.Fatalf("%v %s", err, changed.Body)
	}
	refusedSoon(t, other, tablet.AccessToken)
	tablet = refreshed(t, one, tablet.RefreshToken)
	if res, err := office.RemoveDelegateWithResponse(t.Context(), seoul, kim, &client.RemoveDelegateParams{IfMatch: changed.HTTPResponse.Header.Get("ETag")}); err != nil || res.StatusCode() != 204 {
		t.Fatalf("remove: %v %s", err, res.Body)
	}
	refusedSoon(t, other, tablet.AccessToken)
}
