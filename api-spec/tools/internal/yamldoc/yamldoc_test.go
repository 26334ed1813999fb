package yamldoc_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

func TestReferencesLeadToWhatTheyName(t *testing.T) {
	t.Parallel()
	doc, err := yamldoc.Parse("a: {$ref: '#/x~1y/b'}\nx/y: {b: {$ref: '#/c'}}\nc: {here: true}\nloop: {$ref: '#/loop'}")
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.Resolve(doc.Root["a"].(yamldoc.Map)); got["here"] != true {
		t.Errorf("a leads to %v", got)
	}
	if got := doc.Resolve(yamldoc.Map{"$ref": "#/nowhere/at/all"}); got != nil {
		t.Errorf("nowhere leads to %v", got)
	}
	doc.Resolve(doc.Root["loop"].(yamldoc.Map)) // comes back
}

func TestADocumentIsWrittenTheSameWayEachTime(t *testing.T) {
	t.Parallel()
	doc, err := yamldoc.Parse("zebra: 1\npaths: {}\ninfo: {title: T}\nopenapi: 3.1.0\nant: 2")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "doc.yaml")
	if err := doc.Write(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(strings.Fields(string(b)), " "); got != "openapi: 3.1.0 info: title: T paths: {} ant: 2 zebra: 1" {
		t.Errorf("written as %q", got)
	}
}
