package rest

import (
	"testing"
	"time"
)

// TestCodesForALargeConferenceHaveTheTimeTheyTake: 11,600 of them took a minute on
// a machine that had other things to do.
func TestCodesForALargeConferenceHaveTheTimeTheyTake(t *testing.T) {
	t.Parallel()
	if need := 16_000 * time.Second / 200; deadlines["issueCodes"] < 2*need {
		t.Errorf("%v, where a slow machine takes %v", deadlines["issueCodes"], need)
	}
}
