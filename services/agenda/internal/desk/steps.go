package desk

// The steps before which a replica can be made to die, in a test; see Options.
// Each is one write, or one batch of writes that is not atomic.
const (
	stepInsert    = "insert"     // a new meeting, with its attempt
	stepAttempt   = "attempt"    // into the meeting
	stepClaim     = "claim"      // all of an attempt
	stepClaimHalf = "claim-half" // when it fails, the first half is claimed
	stepConfirm   = "confirm"    // an attempt, or a new meeting
	stepWrite     = "write"      // a meeting that claims nothing
	stepDrop      = "drop"       // an attempt that did not get its claims
	stepEnd       = "end"        // an attempt that took too long
	stepRelease   = "release"    // one claim that is given up
	stepClear     = "clear"      // what is released from the meeting
	stepPage      = "page"       // of a history
	stepTell      = "tell"       // state, events and the mark in the meeting

	stepRoom         = "room"          // one cell for a session
	stepBlockInsert  = "block-insert"  // a block, open
	stepBlockConfirm = "block-confirm" // it stands
	stepBlockLift    = "block-lift"    // it does not any more
	stepBlockForget  = "block-forget"  // it is deleted

	stepActInsert = "act-insert" // the act, open
	stepActMark   = "act-mark"   // one meeting
	stepActCommit = "act-commit" // from here on it is true
	stepActMove   = "act-move"   // the claims that one meeting gets of others
	stepActNext   = "act-next"   // one meeting becomes what it is to be
	stepActDone   = "act-done"   // the act is deleted
	stepActUndo   = "act-undo"   // or undone
	stepUnmark    = "unmark"     // one meeting of an act that was undone

	stepPlanPages = "plan-pages" // of an allocation
	stepPlan      = "plan"       // the allocation they are of
	stepApplied   = "applied"    // a page, with what became of its meetings
	stepProgress  = "progress"   // of an allocation
	stepShed      = "shed"       // its pages and itself are deleted
)
