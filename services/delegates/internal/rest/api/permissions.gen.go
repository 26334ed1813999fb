// Code generated from api-spec by permissions. DO NOT EDIT.

package api

// Permissions says who may call each operation.
var Permissions = map[string]string{
	"getJwks":       "public",
	"getMe":         "delegate",
	"refreshSignIn": "public",
	"signIn":        "public",
}

// Routes names the operation behind each route.
var Routes = map[string]string{
	"GET /.well-known/jwks.json": "getJwks",
	"GET /v1/me":                 "getMe",
	"POST /v1/sign-ins/refresh":  "refreshSignIn",
	"POST /v1/sign-ins":          "signIn",
}

// MediaTypes lists what each operation that takes a body reads.
var MediaTypes = map[string][]string{
	"refreshSignIn": {"application/json"},
	"signIn":        {"application/json"},
}
