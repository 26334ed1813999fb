package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"golang.org/x/text/language"
)

// document is the specification, ready to be asked.
type document struct {
	operations []operation
	readable   map[string]bool // paths, as the document has them, with a GET
	router     routers.Router
}

// operation is one of the document, in the document's order of paths.
type operation struct {
	path, method string
	*openapi3.Operation
	parameters openapi3.Parameters
	secured    bool
}

// teach tells the validator, which keeps such things for the whole process,
// what it does not know by itself.
var teach = sync.OnceFunc(func() {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`))
	openapi3.DefineStringFormatValidator("email", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForEmail))
	openapi3.DefineStringFormatValidator("bcp47", openapi3.NewCallbackValidator(func(s string) error {
		_, err := language.Parse(s)
		return err
	}))
	openapi3filter.RegisterBodyDecoder("application/merge-patch+json", openapi3filter.JSONBodyDecoder)
	// Tables and pages are text; the validator would take a table apart.
	for _, media := range []string{"application/xml", "text/calendar", "text/csv", "text/html"} {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.FileBodyDecoder)
	}
})

func load(path, base string) (*document, error) {
	teach()
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if err := doc.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	doc.Servers = openapi3.Servers{{URL: base}}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, err
	}
	d := &document{readable: make(map[string]bool), router: router}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		all := item.Operations()
		for _, method := range slices.Sorted(maps.Keys(all)) {
			op := all[method]
			d.readable[path] = d.readable[path] || method == http.MethodGet
			security := doc.Security
			if op.Security != nil {
				security = *op.Security
			}
			d.operations = append(d.operations, operation{
				path: path, method: method, Operation: op, secured: len(security) > 0,
				parameters: append(slices.Clone(item.Parameters), op.Parameters...),
			})
		}
	}
	return d, nil
}

// streams says whether the answer has no end.
func (o operation) streams() bool {
	ok := o.Responses.Status(200)
	return ok != nil && ok.Value.Content.Get("text/event-stream") != nil
}
