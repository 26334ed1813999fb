package engines_test

import (
	"testing"

	"plenary.example/shared/bounds"
)

func TestBounds(t *testing.T) {
	t.Parallel()
	bounds.Check(t)
}
