package meeting_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"plenary.example/shared/event"
)

// A verb nobody reads of would leave people untold. The verbs are read from the
// source, because nothing else lists them.
func TestEveryVerbIsToldAndReadByTheOtherServices(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("plan.go")
	if err != nil {
		t.Fatal(err)
	}
	var here []string
	for _, m := range regexp.MustCompile(`(?m)^\tWas\w+ += "(\w+)"`).FindAllSubmatch(source, -1) {
		here = append(here, string(m[1]))
	}
	told := event.MeetingVerbs()
	slices.Sort(here)
	slices.Sort(told)
	if !slices.Equal(here, told) {
		t.Errorf("the rules say %v, and the events %v", here, told)
	}
}
