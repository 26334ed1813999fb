package inbox

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// What is told has a category that apps can know of.
func TestEveryCategoryIsInTheContract(t *testing.T) {
	t.Parallel()
	all := []string{
		Moved, Delayed, Cancelled, Removed, Reinstated, Restored, Changed, Admission, Speakers, Spoken, Streamed, Documents,
		MeetingChanged, MeetingLeft, SignInEnded,
	}
	for verb := range meetingRules {
		category, _ := ruleOf(verb)
		all = append(all, category)
	}
	for _, contract := range []string{"push/data.schema.json", "openapi/notifications.yaml"} {
		text, err := os.ReadFile("../../../../api-spec/" + contract)
		if err != nil {
			t.Fatal(err)
		}
		listed := regexp.MustCompile(`[a-z_]+\.[a-z_]+`).FindAllString(string(text), -1)
		for _, category := range all {
			if !slices.Contains(listed, category) {
				t.Errorf("%s does not know %s", contract, category)
			}
		}
	}
}
