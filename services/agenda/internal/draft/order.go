package draft

import "plenary.example/services/agenda/internal/programme"

// An Order is somebody's wish to release something.
type Order struct {
	Actor string
	// Machine is an API key. It confirms nothing, neither its own release by a
	// count nor another's.
	Machine bool
	Note    string
	// Count is how many notices the actor was shown, typed; nil for not typed.
	Count *int
	// Acknowledged are the ids of conflicts the actor has seen.
	Acknowledged []string
}

// An Outcome is a release, or one that is held until a person confirms it.
type Outcome struct {
	Release programme.Release
	Held    *Hold
	Draft   Draft // with the hold, when it is held
}
