package rest

// Privacy is what the operations on substitutions, erasure and the audit need.
type Privacy struct{}

type privacyHandler struct{ room Privacy }
