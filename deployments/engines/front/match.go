package front

import (
	"bytes"
	"cmp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// meets says whether doc, nil when there is none, meets all conditions but the
// one on _id. It is not sure about conditions beyond simple ones: comparisons of
// a field with strings, whole numbers, instants, truth values, ids and null,
// by value or by an operator in compareOps, $eq, $ne, $in, $nin and $exists.
func meets(doc bson.Raw, conditions []bson.RawElement) (met, sure bool) {
	met = doc != nil
	for _, c := range conditions {
		if c.Key() == "_id" {
			continue
		}
		m, sure := meetsOne(doc, c.Key(), c.Value())
		if !sure {
			return false, false
		}
		met = met && m
	}
	return met, true
}

func meetsOne(doc bson.Raw, path string, want bson.RawValue) (met, sure bool) {
	if strings.HasPrefix(path, "$") {
		return false, false
	}
	got, sure := lookup(doc, path)
	if !sure {
		return false, false
	}
	if want.Type != bson.TypeEmbeddedDocument {
		return equal(got, want)
	}
	operators, err := want.Document().Elements()
	if err != nil || len(operators) == 0 || !strings.HasPrefix(operators[0].Key(), "$") {
		return false, false
	}
	met = true
	for _, o := range operators {
		m, sure := operate(got, o.Key(), o.Value())
		if !sure {
			return false, false
		}
		met = met && m
	}
	return met, true
}

// lookup finds a field by its dotted path; a missing one has the zero type. A
// path through an array means each of its members, which we leave to FerretDB.
func lookup(doc bson.Raw, path string) (v bson.RawValue, sure bool) {
	names := strings.Split(path, ".")
	for i, name := range names {
		v, err := doc.LookupErr(name)
		if err != nil {
			return bson.RawValue{}, true
		}
		if i == len(names)-1 {
			return v, true
		}
		switch v.Type {
		case bson.TypeEmbeddedDocument:
			doc = v.Document()
		case bson.TypeArray:
			return bson.RawValue{}, false
		default:
			return bson.RawValue{}, true
		}
	}
	return bson.RawValue{}, false
}

// compareOps are true of the sign of a comparison.
var compareOps = map[string]func(sign int) bool{
	"$lt":  func(sign int) bool { return sign < 0 },
	"$lte": func(sign int) bool { return sign <= 0 },
	"$gt":  func(sign int) bool { return sign > 0 },
	"$gte": func(sign int) bool { return sign >= 0 },
}

func operate(got bson.RawValue, operator string, want bson.RawValue) (met, sure bool) {
	switch operator {
	case "$eq":
		return equal(got, want)
	case "$ne":
		met, sure = equal(got, want)
		return !met, sure
	case "$in":
		return among(got, want)
	case "$nin":
		met, sure = among(got, want)
		return !met, sure
	case "$exists":
		exists, ok := want.BooleanOK()
		return exists == (got.Type != 0), ok
	}
	holds, ok := compareOps[operator]
	if !ok {
		return false, false
	}
	return anyOf(got, func(v bson.RawValue) (bool, bool) {
		sign, comparable, sure := compare(v, want)
		return comparable && holds(sign), sure
	})
}

// equal compares as a filter does: null also means missing, and an array equals
// what one of its members equals.
func equal(got, want bson.RawValue) (met, sure bool) {
	if want.Type == bson.TypeNull && got.Type == 0 {
		return true, true
	}
	return anyOf(got, func(v bson.RawValue) (bool, bool) {
		switch want.Type {
		case bson.TypeNull, bson.TypeBoolean, bson.TypeObjectID:
			return v.Type == want.Type && bytes.Equal(v.Value, want.Value), true
		}
		sign, comparable, sure := compare(v, want)
		return comparable && sign == 0, sure
	})
}

// among tests $in.
func among(got, list bson.RawValue) (met, sure bool) {
	wanted, ok := list.ArrayOK()
	if !ok {
		return false, false
	}
	values, err := wanted.Values()
	if err != nil {
		return false, false
	}
	for _, want := range values {
		m, sure := equal(got, want)
		if !sure {
			return false, false
		}
		met = met || m
	}
	return met, true
}

// anyOf tests a value, or each member when it is an array.
func anyOf(v bson.RawValue, test func(bson.RawValue) (met, sure bool)) (met, sure bool) {
	list, ok := v.ArrayOK()
	if !ok {
		return test(v)
	}
	values, err := list.Values()
	if err != nil {
		return false, false
	}
	for _, v := range values {
		m, sure := test(v)
		if !sure {
			return false, false
		}
		met = met || m
	}
	return met, true
}

// compare orders two values of a like kind. Whole numbers are compared with
// whole numbers only; fractions are left to FerretDB.
func compare(got, want bson.RawValue) (sign int, comparable, sure bool) {
	switch want.Type {
	case bson.TypeInt32, bson.TypeInt64:
		if got.Type == bson.TypeDouble || got.Type == bson.TypeDecimal128 {
			return 0, false, false
		}
		g, ok := got.AsInt64OK()
		return cmp.Compare(g, want.AsInt64()), ok, true
	case bson.TypeString:
		g, ok := got.StringValueOK()
		return strings.Compare(g, want.StringValue()), ok, true
	case bson.TypeDateTime:
		g, ok := got.DateTimeOK()
		return cmp.Compare(g, want.DateTime()), ok, true
	}
	return 0, false, false
}
