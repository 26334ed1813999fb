package bounds

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A listed package is what `go list` tells of one package.
type listed struct {
	ImportPath string
	Dir        string
	Name       string
	Standard   bool
	DepOnly    bool
	Imports    []string
	GoFiles    []string
}

// A module is its rooms, everything they import, and their parsed sources.
type module struct {
	rooms    []string
	packages map[string]listed
	files    map[string][]source // by import path
}

type source struct {
	name string
	tree *ast.File
	set  *token.FileSet
}

// read lists the module in dir. It also reads every source file itself:
// `go test` reuses a result as long as the files a test has opened are
// unchanged, and it does not know what `go list` opens. A package that does not
// build is the compiler's to report, hence -e.
func read(ctx context.Context, dir string) (module, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "-deps",
		"-json=ImportPath,Dir,Name,Standard,DepOnly,Imports,GoFiles", "./...")
	cmd.Dir = dir
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return module{}, fmt.Errorf("go list: %w\n%s", err, complaint.Bytes())
	}
	if _, err := os.ReadFile(filepath.Join(dir, "go.mod")); err != nil {
		return module{}, fmt.Errorf("read the module file: %w", err)
	}
	m := module{packages: map[string]listed{}, files: map[string][]source{}}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return module{}, fmt.Errorf("read the answer of go list: %w", err)
		}
		m.packages[p.ImportPath] = p
		if p.DepOnly {
			continue
		}
		m.rooms = append(m.rooms, p.ImportPath)
		for _, name := range p.GoFiles {
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return module{}, fmt.Errorf("parse %s: %w", name, err)
			}
			m.files[p.ImportPath] = append(m.files[p.ImportPath], source{name, tree, set})
		}
	}
	return m, nil
}

// sources lists the breaches that imports do not show.
func (m module) sources() []string {
	var faults []string
	for _, room := range m.rooms {
		if len(m.files[room]) == 0 {
			continue // a room of tests only
		}
		if n := m.comments(room); n != 1 {
			faults = append(faults, fmt.Sprintf("%s has %d package comments, want one that says why the room is as it is", inHouse(room), n))
		}
		for _, f := range m.files[room] {
			if !ast.IsGenerated(f.tree) {
				faults = append(faults, f.faults(room)...)
			}
		}
	}
	return faults
}

// comments counts the package comments of a room. A generator writes its own
// into what it makes; it counts where there is nothing else.
func (m module) comments(room string) int {
	ours, generated := 0, 0
	for _, f := range m.files[room] {
		switch {
		case f.tree.Doc == nil:
		case ast.IsGenerated(f.tree):
			generated++
		default:
			ours++
		}
	}
	if ours == 0 {
		return generated
	}
	return ours
}

// environment lists the ways of asking for a setting behind main's back.
var environment = []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}

// journal lists what a domain type may not do with slog; describing itself in
// a LogValue method needs none of it.
var journal = []string{
	"Logger", "Default", "SetDefault", "New", "With", "Log", "LogAttrs", "Handler",
	"Debug", "DebugContext", "Info", "InfoContext", "Warn", "WarnContext", "Error", "ErrorContext",
}

// faults lists what one file does that its room must not.
func (f source) faults(room string) []string {
	var faults []string
	fault := func(at ast.Node, format string, args ...any) {
		faults = append(faults, fmt.Sprintf("%s/%s:%d %s", inHouse(room), f.name, f.set.Position(at.Pos()).Line, fmt.Sprintf(format, args...)))
	}
	main := f.tree.Name.Name == "main"
	rules := rule{rooms: domain}.covers(room)
	ast.Inspect(f.tree, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		switch {
		case !ok:
		case pkg.Name == "os" && !main && slices.Contains(environment, sel.Sel.Name):
			fault(sel, "asks os.%s: only main reads the environment", sel.Sel.Name)
		case pkg.Name == "slog" && rules && slices.Contains(journal, sel.Sel.Name):
			fault(sel, "uses slog.%s: the domain says what happened, the edge logs it", sel.Sel.Name)
		}
		return true
	})
	doorway := match(house+"services/*", room)
	for _, decl := range f.tree.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				fault(d, "has an init function: what happens at start stands in Start")
			}
		case *ast.GenDecl:
			if doorway && d.Tok == token.VAR {
				for _, name := range names(d) {
					if name != "_" && !strings.HasPrefix(strings.ToLower(name), "err") {
						fault(d, "keeps %s in the package: two services must fit in one process", name)
					}
				}
			}
		}
	}
	return faults
}

func names(d *ast.GenDecl) []string {
	var all []string
	for _, spec := range d.Specs {
		if v, ok := spec.(*ast.ValueSpec); ok {
			for _, id := range v.Names {
				all = append(all, id.Name)
			}
		}
	}
	return all
}
