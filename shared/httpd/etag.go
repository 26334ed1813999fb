package httpd

import (
	"strconv"
	"strings"

	"plenary.example/shared/problem"
)

var (
	errUnmatched = problem.New(problem.PreconditionRequired, "if_match_required", "Say with If-Match which revision you are changing.")
	errNoIfMatch = errUnmatched.With(problem.Field{Parameter: "If-Match", Code: "required", Detail: "This header is missing."})
	errAnyMatch  = errUnmatched.With(problem.Field{Parameter: "If-Match", Code: "revision_required", Detail: `"*" names no revision. Send the entity tag that you have read.`})
)

// ETag is the strong entity tag of one revision in one language. It is made of
// what is represented, never of who asks.
func ETag(revision int64, language string) string {
	b := make([]byte, 0, 32)
	b = append(b, '"')
	b = strconv.AppendInt(b, revision, 10)
	if language != "" {
		b = append(b, '-')
		b = append(b, language...)
	}
	return string(append(b, '"'))
}

// NotModified says whether an If-None-Match header names etag, so that the
// answer is 304. An empty header never does.
func NotModified(ifNoneMatch, etag string) bool {
	for ifNoneMatch != "" {
		var one string
		one, ifNoneMatch, _ = strings.Cut(ifNoneMatch, ",")
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == etag || one == "*" {
			return true
		}
	}
	return false
}

// IfMatch reads the revision a client means to change. The language behind the
// revision does not matter: a change is to the thing, not to its translation.
// A missing header is PreconditionRequired, and so is "*", which names no
// revision; a weak tag is Stale, because it cannot match; anything else that is
// not one of our tags is Malformed.
func IfMatch(header string) (revision int64, err error) {
	header = strings.TrimSpace(header)
	switch {
	case header == "":
		return 0, errNoIfMatch
	case header == "*":
		return 0, errAnyMatch
	case strings.HasPrefix(header, "W/"):
		return 0, problem.New(problem.Stale, "stale", "A weak entity tag matches no revision.")
	}
	tag, ok := strings.CutPrefix(header, `"`)
	if ok {
		tag, ok = strings.CutSuffix(tag, `"`)
	}
	number, language, _ := strings.Cut(tag, "-")
	revision, convErr := strconv.ParseInt(number, 10, 64)
	if !ok || convErr != nil || number[0] == '+' || strings.ContainsAny(language, `", `) { // a list is not one state
		return 0, badParameter.With(problem.Field{Parameter: "If-Match", Code: "wrong_format", Detail: "This is not an entity tag this API gave out."})
	}
	return revision, nil
}
