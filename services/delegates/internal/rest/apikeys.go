package rest

// Keys is what the operations on passkeys and API keys need.
type Keys struct{}

type keyHandler struct{ room Keys }
