package delegate

import (
	"slices"

	"plenary.example/shared/caller"
)

// Kinds of delegation.
const (
	State             = "state"
	Intergovernmental = "intergovernmental"
	NonGovernmental   = "non_governmental"
	Business          = "business"
	Media             = "media"
	Host              = "host" // the state that holds the conference
)

// Kinds is every kind of delegation there is.
func Kinds() []string {
	return []string{State, Intergovernmental, NonGovernmental, Business, Media, Host}
}

// Ranks is every rank there is, the highest first.
func Ranks() []string {
	return []string{"head_of_state", "head_of_government", "minister", "vice_minister", "senior_official", "expert"}
}

// RankOrder is the place of a rank among Ranks; without one, behind all of them.
func RankOrder(rank string) int {
	if i := slices.Index(Ranks(), rank); i >= 0 {
		return i
	}
	return len(Ranks())
}

// Roles is every role there is.
func Roles() []string {
	return []string{caller.Delegate, caller.Liaison, caller.Secretariat, caller.Desk}
}

// roleOrder orders roles, so that one set is always written the same way.
func roleOrder(a, b string) int { return slices.Index(Roles(), a) - slices.Index(Roles(), b) }
