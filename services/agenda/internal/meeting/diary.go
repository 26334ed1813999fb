package meeting

// A Diary is who and what is taken when, as far as one replica knows. It is for
// reading: whoever decides by it claims before believing it. Its methods may be
// called side by side.
type Diary struct{}
