package fcmsandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// A refusal is an answer that is not 200, in FCM's words.
type refusal struct {
	status     int
	rpc        string // google.rpc.Code
	fcm        string // FcmError errorCode; "" = the answer has no FcmError
	say        string
	violations []violation
	info       string        // google.rpc.ErrorInfo reason
	retryAfter time.Duration // rounded up to seconds; < 0 = no header
	html       bool          // a front end's error page, not FCM's own
}

type violation struct {
	Field       string `json:"field,omitempty"`
	Description string `json:"description"`
}

func invalid(say string, v ...violation) *refusal {
	return &refusal{status: 400, rpc: "INVALID_ARGUMENT", fcm: "INVALID_ARGUMENT", say: say, violations: v}
}

var (
	strangerRefusal = refusal{
		status: 401, rpc: "UNAUTHENTICATED", info: "ACCESS_TOKEN_EXPIRED",
		say: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
	}
	projectRefusal = refusal{status: 404, rpc: "NOT_FOUND", say: "Requested entity was not found."}
)

// usual is what FCM says with a status when nothing special is asked for.
func usual(status int) refusal {
	switch status {
	case 400:
		return *invalid("Request contains an invalid argument.", violation{"message.data", "Invalid value"})
	case 401:
		return strangerRefusal
	case 403:
		return refusal{status: 403, rpc: "PERMISSION_DENIED", fcm: "SENDER_ID_MISMATCH", say: "SenderId mismatch"}
	case 404:
		return refusal{status: 404, rpc: "NOT_FOUND", fcm: "UNREGISTERED", say: "Requested entity was not found."}
	case 429:
		return refusal{status: 429, rpc: "RESOURCE_EXHAUSTED", fcm: "QUOTA_EXCEEDED", say: "Quota exceeded for quota metric 'Messages' and limit 'Messages per minute'."}
	case 500:
		return refusal{status: 500, rpc: "INTERNAL", fcm: "INTERNAL", say: "Internal error encountered."}
	case 503:
		return refusal{status: 503, rpc: "UNAVAILABLE", fcm: "UNAVAILABLE", say: "The service is currently unavailable."}
	default:
		return refusal{status: status, html: true}
	}
}

func (r *refusal) write(w http.ResponseWriter) {
	if r.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((r.retryAfter+time.Second-1)/time.Second)))
	}
	if r.html {
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		w.WriteHeader(r.status)
		_, _ = w.Write([]byte("<!DOCTYPE html><html lang=en><title>Error " + strconv.Itoa(r.status) + "</title><p>That’s an error."))
		return
	}
	details := []map[string]any{}
	if r.fcm != "" {
		details = append(details, map[string]any{
			"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": r.fcm,
		})
	}
	if len(r.violations) > 0 {
		details = append(details, map[string]any{
			"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": r.violations,
		})
	}
	if r.info != "" {
		details = append(details, map[string]any{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": r.info, "domain": "googleapis.com",
		})
	}
	e := map[string]any{"code": r.status, "message": r.say, "status": r.rpc}
	if len(details) > 0 {
		e["details"] = details
	}
	if r.status == 401 {
		w.Header().Set("WWW-Authenticate", `Bearer realm="https://accounts.google.com/", error="invalid_token"`)
	}
	writeJSON(w, r.status, map[string]any{"error": e})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that left needs no answer
}
