package rest

// Lists is what the operations on imports and numbered lists need.
type Lists struct{}

type listHandler struct{ room Lists }
