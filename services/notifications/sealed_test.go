package notifications_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"

	"plenary.example/shared/client"
)

// A phone that registered a key is told as every other, and only it can read what.
func TestAPhoneWithAKeyIsToldWhatNoCarrierCanRead(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n := s.open()
	key, err := hpke.DHKEM(ecdh.X25519()).GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	public := base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes())
	me := s.as(n, seoul, "ada", "of-ada")
	register := func(sealKey string) *client.RegisterDeviceResponse {
		t.Helper()
		got, err := me.RegisterDeviceWithResponse(t.Context(), installation("ada"), client.Registration{Token: "ada", Platform: "ios", Locale: "fr", SealKey: &sealKey})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := register(base64.RawURLEncoding.EncodeToString(make([]byte, 32))); got.StatusCode() != http.StatusUnprocessableEntity || !bytes.Contains(got.Body, []byte("bad_seal_key")) {
		t.Errorf("a key that hides nothing answers %d %s", got.StatusCode(), got.Body)
	}
	registered := register(public)
	if registered.JSON200 == nil {
		t.Fatalf("%d %s", registered.StatusCode(), registered.Body)
	}

	s.stands(seoul, "ada", 1, "accredited")
	s.pick(seoul, "ada")
	s.move(seoul)
	s.move(seoul)
	s.eventually("the phone is told", func() bool { return len(s.carrier.Phone("ada")) == 1 })
	push := s.carrier.Phone("ada")[0]
	for _, word := range []string{"Panel", "Hall", seoul, "session", "panel"} {
		if bytes.Contains(push.Message, []byte(word)) {
			t.Errorf("the carrier reads %q: %s", word, push.Message)
		}
	}
	if push.Data["kid"] != registered.JSON200.SealKeyID {
		t.Errorf("sealed to %q, registered %q", push.Data["kid"], registered.JSON200.SealKeyID)
	}
	enc, _ := base64.RawURLEncoding.DecodeString(push.Data["enc"])
	sealed, _ := base64.RawURLEncoding.DecodeString(push.Data["sealed"])
	text, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES128GCM(), []byte("plenary/push/v1"), append(enc, sealed...))
	if err != nil {
		t.Fatal(err)
	}
	var inside map[string]string
	if err := json.Unmarshal(text, &inside); err != nil {
		t.Fatal(err)
	}
	if inside["category"] != "session.moved" || inside["subjectKind"] != "session" || inside["title"] == "" || inside["tag"] != push.Tag {
		t.Errorf("inside is %v", inside)
	}
}
