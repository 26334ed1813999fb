package httpd

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/go-playground/validator/v10"
	"github.com/gofiber/fiber/v2"

	"plenary.example/shared/problem"
)

// plan is how the request objects of one type are checked. The constraints are
// those of the spec, which the generator has turned into validator tags.
type plan struct {
	validate *validator.Validate // nil when the type constrains nothing
	query    map[string]bool     // the query parameters there are
}

var plans sync.Map // reflect.Type → *plan

func planFor(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := &plan{query: make(map[string]bool)}
	if params, ok := t.FieldByName("Params"); ok && params.Type.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(params.Type) {
			if name, _, _ := strings.Cut(f.Tag.Get("form"), ","); name != "" {
				p.query[name] = true
			}
		}
	}
	v := newValidator()
	if tagged := prepare(v, t, make(map[reflect.Type]bool)); tagged {
		p.validate = v
	}
	actual, _ := plans.LoadOrStore(t, p)
	return actual.(*plan)
}

func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	return v
}

// prepare walks t, teaches v every nullable type it meets (without that, their
// constraints would silently check nothing) and says whether t has any tag.
func prepare(v *validator.Validate, t reflect.Type, seen map[reflect.Type]bool) (tagged bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		if isNullable(t) {
			v.RegisterCustomTypeFunc(insideNullable, reflect.Zero(t).Interface())
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return false
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		_, has := f.Tag.Lookup("validate")
		tagged = prepare(v, f.Type, seen) || has || tagged
	}
	return tagged
}

// insideNullable gives the value of a nullable.Nullable[T], nil for null and absent.
func insideNullable(v reflect.Value) any {
	if inner := v.MapIndex(reflect.ValueOf(true)); inner.IsValid() {
		return inner.Interface()
	}
	return nil
}

// check holds a parsed request object to the constraints of the spec. Broken
// parameters are Malformed, broken bodies Invalid; the first wins, because a
// request with a bad parameter has not been understood.
func check(c *fiber.Ctx, args any) error {
	p := planFor(reflect.TypeOf(args))
	if err := p.checkQuery(c); err != nil {
		return err
	}
	if p.validate == nil {
		return nil
	}
	err := p.validate.Struct(args)
	if err == nil {
		return nil
	}
	broken, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		return fmt.Errorf("validate %T: %w", args, err)
	}
	var parameters, body []problem.Field
	for _, b := range broken {
		_, path, _ := strings.Cut(b.Namespace(), ".")
		f := complaint(b)
		if head, rest, _ := strings.Cut(path, "."); strings.HasSuffix(head, "Body") {
			f.Pointer = pointer(rest)
			body = append(body, f)
		} else {
			f.Parameter = b.Field()
			parameters = append(parameters, f)
		}
	}
	if len(parameters) > 0 {
		return badParameter.With(parameters...)
	}
	return invalid.With(body...)
}

var invalid = problem.New(problem.Invalid, "validation_failed", "A field breaks its rules.")

func (p *plan) checkQuery(c *fiber.Ctx) error {
	if len(c.Request().URI().QueryString()) == 0 {
		return nil
	}
	var fields []problem.Field
	seen := make(map[string]bool)
	c.Request().URI().QueryArgs().VisitAll(func(key, value []byte) {
		name := string(key)
		switch {
		case seen[name] || len(fields) >= maxComplaint:
		case !p.query[name]:
			fields = append(fields, problem.Field{Parameter: name, Code: "unknown_parameter", Detail: "There is no such parameter."})
		case len(value) == 0: // some are taken for absent by the generated parser
			fields = append(fields, problem.Field{Parameter: name, Code: "wrong_format", Detail: "This parameter is empty."})
		}
		seen[name] = true
	})
	if len(fields) > 0 {
		return badParameter.With(fields...)
	}
	return nil
}

// pointer turns a validator's path ("title[ko].text", "items[3]") into a JSON pointer.
func pointer(path string) string {
	if path == "" {
		return ""
	}
	return "/" + strings.NewReplacer("~", "~0", "/", "~1", ".", "/", "[", "/", "]", "").Replace(path)
}

// complaint words one broken rule. It never repeats the value: answers are
// logged on phones, and the value may be a secret.
func complaint(b validator.FieldError) problem.Field {
	text := b.Kind() == reflect.String
	amount := " " + b.Param()
	unit := map[bool]string{true: " characters", false: " entries"}[text]
	number := b.Kind() >= reflect.Int && b.Kind() <= reflect.Float64
	f := problem.Field{Code: b.Tag(), Detail: "This does not follow its rule."}
	if b.Param() != "" {
		f.Params = map[string]string{b.Tag(): b.Param()}
	}
	switch b.Tag() {
	case "required":
		f.Detail = "This is required."
	case "min", "gte":
		f.Detail = "This must be at least" + amount
		if !number {
			f.Detail = "This must have at least" + amount + unit
		}
		f.Detail += "."
	case "max", "lte":
		f.Detail = "This must be at most" + amount
		if !number {
			f.Detail = "This must have at most" + amount + unit
		}
		f.Detail += "."
	case "oneof":
		f.Detail = "This must be one of: " + strings.ReplaceAll(b.Param(), " ", ", ") + "."
	case "uuid", "email", "uri", "datetime", "bcp47_language_tag":
		f.Detail = "This does not have the format it should."
	case "unique":
		f.Detail = "Entries must differ."
	}
	return f
}
