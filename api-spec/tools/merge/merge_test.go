package main

import (
	"strings"
	"testing"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

const (
	first  = "tags: [{name: A}]\npaths: {/a: {get: {operationId: a}}}\ncomponents: {schemas: {Shared: {type: string}, A: {type: object}}}"
	second = "tags: [{name: B}]\npaths: {/b: {get: {operationId: b}}}\ncomponents: {schemas: {Shared: {type: string}}, headers: {H: {}}}"
)

func merged(t *testing.T, texts ...string) (yamldoc.Map, error) {
	t.Helper()
	whole := yamldoc.Map{"openapi": "3.1.0"}
	for _, text := range texts {
		doc, err := yamldoc.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := add(whole, doc.Root); err != nil {
			return nil, err
		}
	}
	return whole, nil
}

func TestServicesBecomeOneDocument(t *testing.T) {
	t.Parallel()
	whole, err := merged(t, first, second)
	if err != nil {
		t.Fatal(err)
	}
	components := child(whole, "components")
	if len(child(whole, "paths")) != 2 || len(child(components, "schemas")) != 2 || len(child(components, "headers")) != 1 || len(whole["tags"].([]any)) != 2 {
		t.Errorf("merged to %v", whole)
	}
}

func TestOneNameIsOneThing(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]string{
		"another schema of that name": strings.Replace(second, "Shared: {type: string}", "Shared: {type: integer}", 1),
		"a path of two services":      strings.Replace(second, "/b", "/a", 1),
	} {
		if whole, err := merged(t, first, other); err == nil {
			t.Errorf("%s: merged to %v", name, whole)
		}
	}
}
