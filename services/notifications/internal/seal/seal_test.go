package seal

import (
	"bytes"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
)

const goldens = "../../../../api-spec/push/sealed"

// A recipient is the key pair of the examples: of a phone that does not exist.
type recipient struct {
	Suite      string `json:"suite"`
	Info       string `json:"info"`
	PrivateKey string `json:"privateKey"`
	PublicKey  string `json:"publicKey"`
	KeyID      string `json:"kid"`
}

func theRecipient(t *testing.T) (recipient, hpke.PrivateKey) {
	t.Helper()
	seed := sha256.Sum256([]byte("plenary/push/v1: the key of the examples"))
	key, err := kem.NewPrivateKey(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	public := base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes())
	return recipient{
		Suite: "DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM", Info: Info,
		PrivateKey: base64.RawURLEncoding.EncodeToString(private), PublicKey: public, KeyID: KeyID(public),
	}, key
}

// opened is the reference in Go of what an app does with a sealed push.
func opened(t *testing.T, key hpke.PrivateKey, data map[string]string) map[string]string {
	t.Helper()
	enc, err := base64.RawURLEncoding.DecodeString(data["enc"])
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := base64.RawURLEncoding.DecodeString(data["sealed"])
	if err != nil {
		t.Fatal(err)
	}
	r, err := hpke.NewRecipient(enc, key, hpke.HKDFSHA256(), hpke.AES128GCM(), []byte(Info))
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.Open(nil, sealed)
	if err != nil {
		t.Fatal(err)
	}
	var inside map[string]string
	if err := json.Unmarshal(text, &inside); err != nil { // spaces at the end are nothing to JSON
		t.Fatal(err)
	}
	return inside
}

func example(d push.Device) push.Message {
	at := time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)
	s := push.Subject{Kind: push.Session, ID: "0190a3c2-7b1e-7c4d-9a51-2f6e8d3b4c5a"}
	key := push.Key("seoul-2013", s, 12, 13)
	n := push.Notice{
		Key: key, ID: push.NoticeID(key), Conference: "seoul-2013", Subject: s, From: 12, To: 13, Seq: 42,
		Urgency: push.Urgent, Category: "session.moved", At: at, ExpiresAt: at.Add(5 * time.Hour),
	}
	return push.Compose(n, d, "New room: International security", "Now in Hall C, not Hall B. 14:00 to 15:00, Seoul time.", at)
}

var outside = push.Text{Title: "There is news for you", Body: "Open the app."}

func TestASealedPushOpensToAllThatAnOpenOneCarries(t *testing.T) {
	t.Parallel()
	who, key := theRecipient(t)
	m := example(push.Device{Token: "token", Platform: push.IOS, SealKey: who.PublicKey})
	sealed, err := Seal(m, outside)
	if err != nil {
		t.Fatal(err)
	}
	inside := opened(t, key, sealed.Data)
	want := maps.Clone(m.Data)
	want["title"], want["body"], want["channel"], want["tag"] = m.Title, m.Body, "urgent", sealed.Tag
	if !maps.Equal(inside, want) {
		t.Errorf("inside %v\nwant %v", inside, want)
	}
	if again, err := Seal(m, outside); err != nil || again.Data["sealed"] == sealed.Data["sealed"] || again.Tag != sealed.Tag {
		t.Error("two seals of one push are the same, or go on two cards")
	}
}

// An app shows its owner by the name of the key that their pushes are sealed.
func TestNoKeyHasNoName(t *testing.T) {
	t.Parallel()
	who, _ := theRecipient(t)
	if KeyID("") != "" || KeyID(who.PublicKey) != who.KeyID {
		t.Errorf("no key is called %q, and one %q, which is %q", KeyID(""), KeyID(who.PublicKey), who.KeyID)
	}
}

// Carriers see whose phone it is, how long to keep it, and nothing that differs
// from one piece of news to another.
func TestOutsideStandsNothingOfTheNews(t *testing.T) {
	t.Parallel()
	who, _ := theRecipient(t)
	m := example(push.Device{Token: "token", Platform: push.IOS, SealKey: who.PublicKey})
	sealed, err := Seal(m, outside)
	if err != nil {
		t.Fatal(err)
	}
	keys := slices.Sorted(maps.Keys(sealed.Data))
	if !slices.Equal(keys, []string{"enc", "kid", "sealed", "v"}) {
		t.Errorf("outside are %v", keys)
	}
	sealed.Device, sealed.NoticeID = push.Device{}, "" // ours, and not sent
	text, err := json.Marshal(sealed)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{m.Title, m.Tag, m.NoticeID, "seoul", "session", "SESSION", "urgent", m.Data["subjectId"], who.PublicKey} {
		if bytes.Contains(text, []byte(word)) {
			t.Errorf("outside stands %q: %s", word, text)
		}
	}
}

func TestALongBodyIsCutAndTwoLengthsLeaveTheHouse(t *testing.T) {
	t.Parallel()
	who, key := theRecipient(t)
	seen := map[int]bool{}
	for _, body := range []string{"", "Short.", strings.Repeat("a", 300), strings.Repeat("🌏", 5000), strings.Repeat("<\x01\"", 4000)} {
		m := example(push.Device{SealKey: who.PublicKey})
		m.Body, m.Title = body, strings.Repeat(body, 2)
		sealed, err := Seal(m, outside)
		if err != nil {
			t.Fatal(err)
		}
		seen[len(sealed.Data["sealed"])] = true
		if inside := opened(t, key, sealed.Data); inside["noticeId"] != m.NoticeID || len(body) > 1000 && !strings.HasSuffix(inside["body"], "…") {
			t.Errorf("a body of %d bytes became %q", len(body), inside["body"])
		}
	}
	if len(seen) != len(lengths) {
		t.Errorf("lengths %v", seen)
	}
}

func TestWhatCannotBeSealedIsNotSentOpen(t *testing.T) {
	t.Parallel()
	none := base64.RawURLEncoding.EncodeToString(make([]byte, 32)) // every secret with it is the same
	for _, key := range []string{none, "short", "!", ""} {
		if Check(key) == nil {
			t.Errorf("%q is a key", key)
		}
		m, err := Seal(example(push.Device{SealKey: key}), outside)
		if err == nil || m.Title != outside.Title || len(m.Data) != 1 {
			t.Errorf("sealed to %q: %v, %v", key, m, err)
		}
	}
	huge := example(push.Device{SealKey: mustKey(t)})
	huge.Data["conference"] = strings.Repeat("x", 3000)
	if m, err := Seal(huge, outside); err == nil || len(m.Data) != 1 {
		t.Errorf("data over the length: %v, %v", m, err)
	}
}

func mustKey(t *testing.T) string {
	t.Helper()
	who, _ := theRecipient(t)
	return who.PublicKey
}

// The vectors lie in api-spec/push/sealed, where open.mjs opens them too. A seal
// differs each time, so they are opened rather than made again. UPDATE_GOLDEN=1
// writes them anew.
func TestTheVectorsOpenToWhatTheyShow(t *testing.T) {
	t.Parallel()
	who, key := theRecipient(t)
	m := example(push.Device{Token: "token", Platform: push.IOS, SealKey: who.PublicKey})
	sealed, err := Seal(m, outside)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{"recipient": who, "data": sealed.Data, "opened": opened(t, key, sealed.Data)} {
		file := filepath.Join(goldens, name+".json")
		text, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, '\n')
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		golden, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if name != "data" {
			if !bytes.Equal(golden, text) {
				t.Errorf("%s.json shows\n%s\nwant\n%s", name, golden, text)
			}
			continue
		}
		var data map[string]string
		if err := json.Unmarshal(golden, &data); err != nil {
			t.Fatal(err)
		}
		if data["kid"] != who.KeyID || data["v"] != Version || !maps.Equal(opened(t, key, data), opened(t, key, sealed.Data)) {
			t.Errorf("the vector opens to %v", opened(t, key, data))
		}
	}
}
