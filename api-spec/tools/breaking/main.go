// Breaking compares two OpenAPI documents and fails when an app written against
// the first could stop working with the second. Additions are fine; /v1 only
// ever grows.
//
//	breaking released.yaml now.yaml
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: breaking released.yaml now.yaml")
		os.Exit(2)
	}
	broken, err := run(os.Args[1], os.Args[2], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "breaking:", err)
		os.Exit(2)
	}
	if broken {
		os.Exit(1)
	}
}

// run writes what it finds to w. Broken means that at least one finding breaks
// apps for sure; the others are printed for people to judge.
func run(released, now string, w io.Writer) (broken bool, err error) {
	loader := openapi3.NewLoader()
	old, err := load.NewSpecInfo(loader, load.NewSource(released))
	if err != nil {
		return false, fmt.Errorf("read %s: %w", released, err)
	}
	next, err := load.NewSpecInfo(loader, load.NewSource(now))
	if err != nil {
		return false, fmt.Errorf("read %s: %w", now, err)
	}
	d, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), old, next)
	if err != nil {
		return false, err
	}
	found := checker.CheckBackwardCompatibilityUntilLevel(checker.NewConfig(checker.GetAllChecks()), d, sources, checker.WARN)
	words := checker.NewDefaultLocalizer()
	for _, f := range found {
		fmt.Fprintln(w, f.SingleLineError(words, checker.ColorNever))
	}
	return found.HasLevelOrHigher(checker.ERR), nil
}
