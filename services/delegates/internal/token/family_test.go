package token

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"plenary.example/shared/event"
)

var d1 = Who{Conference: "seoul-2013", Delegate: "d1"}

var opening = time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)

func keysOf(t *testing.T, seeds ...byte) *Keys {
	t.Helper()
	var secrets [][]byte
	for _, b := range seeds {
		secrets = append(secrets, bytes.Repeat([]byte{b}, MinSecret))
	}
	k, err := Derive(secrets)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func presented(t *testing.T, token string) Presented {
	t.Helper()
	p, ok := Read(token)
	if !ok {
		t.Fatalf("cannot read %q", token)
	}
	return p
}

func TestWhatBecomesOfARefreshToken(t *testing.T) {
	t.Parallel()
	k := keysOf(t, 1)
	begun, first := k.NewFamily("family", d1, opening)
	rotated, second := k.next(begun, opening.Add(time.Hour))
	twice, third := k.next(rotated, opening.Add(2*time.Hour))
	ended := rotated
	ended.Ended = event.EndedReuse
	_, strangers := keysOf(t, 9).NewFamily("family", d1, opening)
	_, others := k.NewFamily("other", d1, opening)
	asOther := strings.Replace(others, "other", "family", 1)
	asThird := strings.Replace(first, ".1.", ".3.", 1)

	for _, test := range []struct {
		name   string
		family Family
		token  string
		after  time.Duration // since the opening
		want   Verdict
	}{
		{"the current token", begun, first, time.Hour, Rotate},
		{"the current token on its last day", begun, first, FamilyLife - time.Millisecond, Rotate},
		{"the current token a month later", begun, first, FamilyLife, Refuse},
		{"the one before, at once", rotated, first, time.Hour, Repeat},
		{"the one before, 30 s later", rotated, first, time.Hour + Grace, Repeat},
		{"the one before, a moment after that", rotated, first, time.Hour + Grace + time.Millisecond, End},
		{"the one before, once its successor is used", twice, first, 2 * time.Hour, End},
		{"the one before the current, after another rotation", twice, second, 2 * time.Hour, Repeat},
		{"the current one after another rotation", twice, third, 3 * time.Hour, Rotate},
		{"an ended family's current token", ended, second, time.Hour, Refuse},
		{"a token under a stranger's key", rotated, strangers, time.Hour, Refuse},
		{"a token of another family", rotated, asOther, time.Hour, Refuse},
		{"a token that claims another generation", rotated, asThird, time.Hour, Refuse},
		{"a token the store has not heard of yet", begun, third, 3 * time.Hour, Refuse},
	} {
		if got := k.Judge(test.family, presented(t, test.token), opening.Add(test.after)); got != test.want {
			t.Errorf("%s: verdict %d, want %d", test.name, got, test.want)
		}
	}
}

func TestALostAnswerCanBeComputedAgain(t *testing.T) {
	t.Parallel()
	f, first := keysOf(t, 1).NewFamily("family", d1, opening)
	if again, ok := keysOf(t, 2, 1).Again(f); !ok || again != first {
		t.Errorf("with a newer secret before the old: %q, %v", again, ok)
	}
	if _, ok := keysOf(t, 2).Again(f); ok {
		t.Error("computed without the secret")
	}
	if bytes.Contains(f.Hash, presented(t, first).secret) || strings.Contains(first, string(f.Hash)) {
		t.Error("what is stored gives the token away")
	}
}

func TestSecretsOverlap(t *testing.T) {
	t.Parallel()
	older, both, newer := keysOf(t, 1), keysOf(t, 2, 1), keysOf(t, 2)
	f, token := older.NewFamily("family", d1, opening)
	if got := both.Judge(f, presented(t, token), opening); got != Rotate {
		t.Errorf("while both are in force: %d, want rotate", got)
	}
	g, next := both.next(f, opening)
	if got := newer.Judge(g, presented(t, next), opening); got != Rotate {
		t.Errorf("its successor after the old secret is gone: %d, want rotate", got)
	}
	if got := newer.Judge(f, presented(t, token), opening); got != Refuse {
		t.Errorf("the old one after its secret is gone: %d, want refuse, not an ended family", got)
	}
	if a, b := both.JWKS().Keys, older.JWKS().Keys; len(a) != 2 || a[1] != b[0] || a[0].ID == a[1].ID {
		t.Errorf("key sets %v and %v", a, b)
	}
}

func TestOnlyWellFormedTokensAreRead(t *testing.T) {
	t.Parallel()
	_, good := keysOf(t, 1).NewFamily("family", d1, opening)
	for _, bad := range []string{
		"", ".", "..", "opensesame", "family.1.", "family..x", strings.Replace(good, ".1.", ".0.", 1), strings.Replace(good, ".1.", ".01.", 1),
		strings.Replace(good, ".1.", ".-1.", 1), good + "=", good + "A", good[:len(good)-1], "." + good, strings.Repeat("f", 65) + good[len("family"):],
	} {
		if _, ok := Read(bad); ok {
			t.Errorf("read %q", bad)
		}
	}
}

func TestASecretMustBeLongEnough(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][][]byte{nil, {make([]byte, MinSecret-1)}, {make([]byte, MinSecret), {}}} {
		if _, err := Derive(secrets); err == nil {
			t.Errorf("%d secrets were accepted", len(secrets))
		}
	}
}
