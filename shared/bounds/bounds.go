// Package bounds holds the house to its own walls: which room may know which
// technology, who may read the environment, and that every room says in one
// package comment why it is as it is.
//
// The rules stand in one table (rules.go) and go by the names of folders, so a
// new service or a new room is checked from its first commit without an edit
// here. Each module runs them from its bounds_test.go, because `go list` sees
// one module at a time when the module stands alone. No program imports this
// package: it imports testing, which the rules forbid in every program.
package bounds

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Check reports every breach of the house rules in the module whose root
// folder is the test's working folder, each with the chain of imports that
// leads to it and the reason for the rule.
func Check(t *testing.T) {
	t.Helper()
	m, err := read(t.Context(), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range slices.Concat(m.imports(rules), m.sources()) {
		t.Error(fault)
	}
}

// imports lists the breaches of the given rules, one line each.
func (m module) imports(rules []rule) []string {
	var faults []string
	for _, room := range m.rooms {
		for _, r := range rules {
			if !r.covers(room) {
				continue
			}
			if chain := m.breach(room, r); chain != nil {
				faults = append(faults, fmt.Sprintf("%s imports %s: %s",
					inHouse(room), strings.Join(chain[1:], " → "), r.because))
			}
		}
	}
	return faults
}

// breach returns the shortest chain of imports from room to a package the rule
// forbids, or nil.
func (m module) breach(room string, r rule) []string {
	before := map[string]string{room: ""}
	for queue := []string{room}; len(queue) > 0; queue = queue[1:] {
		for _, next := range m.packages[queue[0]].Imports {
			if _, seen := before[next]; seen {
				continue
			}
			before[next] = queue[0]
			if r.forbids(next, m.packages[next].Standard) {
				chain := []string{next}
				for at := queue[0]; at != ""; at = before[at] {
					chain = append(chain, at)
				}
				slices.Reverse(chain)
				return chain
			}
			if r.reach == everywhere || r.reach == throughUs && strings.HasPrefix(next, house) {
				queue = append(queue, next)
			}
		}
	}
	return nil
}

// inHouse shortens one of our import paths to its folder.
func inHouse(path string) string { return strings.TrimPrefix(path, house) }
