package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// keep is how many values of a name are remembered besides the known ones.
const keep = 8

// opening are members that other operations take as they were given.
var opening = []string{"refreshToken", "key", "challenge"}

// learn remembers what an answer gives that other operations take: what opens
// something, and the id of something made, for the operations upon one of its
// kind.
func (f *fuzzer) learn(o operation, status int, body []byte) {
	var members map[string]json.RawMessage
	if status >= 300 || json.Unmarshal(body, &members) != nil {
		return
	}
	remember := func(name, member string) {
		var text string
		if json.Unmarshal(members[member], &text) != nil || text == "" {
			return
		}
		f.learnt[name] = append(f.learnt[name], text)
		if n := len(f.learnt[name]); n > keep {
			f.learnt[name] = slices.Delete(f.learnt[name], 0, n-keep)
		}
	}
	for _, name := range opening {
		remember(name, name)
	}
	if o.method != http.MethodPost {
		return
	}
	var address string
	if json.Unmarshal(members["url"], &address) == nil && address != "" { // it ends with a secret
		f.learnt["token"] = []string{address[strings.LastIndex(address, "/")+1:]}
	}
	for _, other := range f.operations {
		if rest, ok := strings.CutPrefix(other.path, o.path+"/{"); ok && strings.HasSuffix(rest, "}") && !strings.Contains(rest, "/") {
			remember(strings.TrimSuffix(rest, "}"), "id")
			return
		}
	}
}
