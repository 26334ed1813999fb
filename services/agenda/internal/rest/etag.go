package rest

import (
	"strconv"
	"strings"
)

// newest is the highest revision among the entity tags of an If-None-Match
// header; 0 when none is ours. It may be one this replica has yet to hear of.
func newest(ifNoneMatch string) int64 {
	var highest int64
	for ifNoneMatch != "" {
		var tag string
		tag, ifNoneMatch, _ = strings.Cut(ifNoneMatch, ",")
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		number, _, _ := strings.Cut(strings.Trim(tag, `"`), "-")
		if r, err := strconv.ParseInt(number, 10, 64); err == nil {
			highest = max(highest, r)
		}
	}
	return highest
}
