package preferences

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// Every kind of news that the contract lists is switched off by one group and no
// other, but for those that nobody may switch off.
func TestEveryCategoryIsSilencedByOneGroup(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../../api-spec/push/data.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	listed := append(regexp.MustCompile(`(session|meeting|sign_in|announcement|escalation)\.[a-z_]+`).FindAllString(string(text), -1), "announcement", "digest")
	if len(listed) < 40 {
		t.Fatalf("only %v are listed", listed)
	}
	groups := []Group{Sessions, Meetings, Reminders, Announcements, Documents}
	silences := map[Group]int{}
	for _, category := range listed {
		kind, _, _ := strings.Cut(category, ".")
		n := push.Notice{Subject: push.Subject{Kind: kind, ID: "x"}, Category: category, Urgency: push.Important}
		var by []Group
		for _, g := range groups {
			p := Preferences{Choice: Choice{Off: []Group{g}}}
			if p.Verdict(n, time.Time{}, func(string) *time.Location { return time.UTC }).Drop == Off {
				by = append(by, g)
				silences[g]++
			}
		}
		want := 1
		if slices.Contains([]string{"sign_in", "escalation", "digest"}, kind) {
			want = 0
		}
		if len(by) != want {
			t.Errorf("%s is silenced by %v, want %d", category, by, want)
		}
	}
	for _, g := range groups {
		if silences[g] == 0 {
			t.Errorf("%s silences nothing", g)
		}
	}
}
