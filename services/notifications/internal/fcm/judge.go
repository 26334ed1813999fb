package fcm

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"firebase.google.com/go/v4/errorutils"
	"firebase.google.com/go/v4/messaging"

	"plenary.example/services/notifications/internal/push"
)

// judge is the error table: it turns what the SDK returned, unwrapped, into an
// outcome. Whatever is not clearly about the device leaves the device alone.
func judge(err error, now time.Time) push.Result {
	if err == nil {
		return push.Result{Outcome: push.Accepted}
	}
	resp := errorutils.HTTPResponse(err) //nolint:bodyclose // a copy in memory; it knows the SDK's own type only
	if resp == nil {
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return push.Result{Outcome: push.Ambiguous, Reason: "timeout"}
		}
		// The SDK refused to send it.
		return push.Result{Outcome: push.BadPayload, Reason: "refused by the SDK", NotSent: true}
	}
	d := details(resp)
	r := push.Result{Reason: d.reason(resp.StatusCode)}
	switch {
	case messaging.IsUnregistered(err):
		r.Outcome = push.Unregistered
	case messaging.IsSenderIDMismatch(err):
		r.Outcome = push.SenderMismatch
	case messaging.IsThirdPartyAuthError(err):
		r.Outcome = push.PlatformAuth
	case messaging.IsQuotaExceeded(err), resp.StatusCode == http.StatusTooManyRequests:
		r.Outcome, r.RetryAfter = push.Throttled, retryAfter(resp.Header, now)
	case messaging.IsUnavailable(err), resp.StatusCode == unavailable:
		r.Outcome, r.RetryAfter = push.Ambiguous, retryAfter(resp.Header, now)
	default:
		return byStatus(resp, d, r, now)
	}
	return r
}

func byStatus(resp *http.Response, d detail, r push.Result, now time.Time) push.Result {
	switch code := resp.StatusCode; {
	case code == notSent:
		r.Outcome, r.Reason, r.NotSent = push.Unwell, "no connection", true
	case code == notLetIn:
		r.Outcome, r.Reason, r.NotSent = push.Unauthenticated, "no access token", true
	case code == unknown:
		r.Outcome, r.Reason = push.Ambiguous, "network"
	case code >= 500:
		r.Outcome, r.RetryAfter = push.Unwell, retryAfter(resp.Header, now)
	case code == http.StatusBadRequest && d.aboutToken():
		r.Outcome = push.BadToken
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusProxyAuthRequired:
		r.Outcome = push.Unauthenticated
	case code == http.StatusNotFound:
		r.Outcome = push.WrongProject
	case code == http.StatusRequestTimeout:
		r.Outcome = push.Unwell
	default:
		r.Outcome = push.BadPayload
	}
	return r
}

// detail is what an error answer says, as far as we act on it.
type detail struct {
	Error struct {
		Status  string `json:"status"`
		Message string `json:"message"`
		Details []struct {
			Type       string `json:"@type"`
			ErrorCode  string `json:"errorCode"`
			Violations []struct {
				Field string `json:"field"`
			} `json:"fieldViolations"`
		} `json:"details"`
	} `json:"error"`
}

func details(resp *http.Response) detail {
	var d detail
	body, err := io.ReadAll(resp.Body) // a copy the SDK keeps in memory
	if err != nil || json.Unmarshal(body, &d) != nil {
		return detail{} // an error page says nothing we could act on
	}
	return d
}

// aboutToken tells whether a 400 blames the token alone. FCM names the field,
// or, for a text that never was a token, only says so.
func (d detail) aboutToken() bool {
	token, other := false, false
	for _, f := range d.fields() {
		if f == "message.token" {
			token = true
		} else {
			other = true
		}
	}
	if token || other {
		return token && !other
	}
	return strings.Contains(strings.ToLower(d.Error.Message), "registration token")
}

func (d detail) fields() (all []string) {
	for _, x := range d.Error.Details {
		for _, v := range x.Violations {
			all = append(all, v.Field)
		}
	}
	return all
}

// reason is for logs and labels: codes and field names, never FCM's sentences,
// which quote what we sent.
func (d detail) reason(status int) string {
	words := d.Error.Status
	for _, x := range d.Error.Details {
		if strings.HasSuffix(x.Type, ".FcmError") && x.ErrorCode != "" {
			words = x.ErrorCode
		}
	}
	if words == "" {
		words = "HTTP " + strconv.Itoa(status)
	}
	for _, f := range d.fields() {
		words += " " + f
	}
	return words[:min(len(words), 200)]
}

// longest is the most a carrier may make us wait with one word.
const longest = time.Hour

// retryAfter reads the header's two forms: seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if s, err := strconv.ParseInt(text, 10, 32); err == nil {
		return min(max(time.Duration(s)*time.Second, 0), longest)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), longest)
	}
	return 0
}
