# What is made from the specification. The root Makefile includes this file, so
# the commands below run in the root. Each step can be called alone; `make spec`
# runs all of them. Everything they write that others need is committed: a
# machine without Node builds and tests what is there.

SPEC := api-spec
SPEC_TMP := $(CURDIR)/.cache/spec
SPEC_BIN := $(SPEC_TMP)/bin
SPEC_SERVICES := delegates agenda notifications
SPEC_NODE := $(SPEC)/node_modules/.package-lock.json
REDOCLY := REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true node_modules/.bin/redocly

.PHONY: spec
spec: spec-lint spec-bundle spec-generate spec-tools ## Check the specification and make everything that follows from it

.PHONY: spec-lint
spec-lint: $(SPEC_NODE)
	@cd $(SPEC) && $(REDOCLY) lint

# The documents of the services, and the one for app developers.
.PHONY: spec-bundle
spec-bundle: $(SPEC_NODE) spec-bin
	@mkdir -p $(SPEC)/dist
	@cd $(SPEC) && for s in $(SPEC_SERVICES); do $(REDOCLY) bundle openapi/$$s.yaml -o $(SPEC_TMP)/$$s.yaml; done
	@cd $(SPEC) && $(SPEC_BIN)/merge openapi/head.yaml dist/openapi.yaml dist/openapi.json $(SPEC_SERVICES:%=$(SPEC_TMP)/%.yaml)
	@cd $(SPEC) && $(REDOCLY) lint dist/openapi.yaml

.PHONY: spec-generate
spec-generate: spec-bundle
	@cd $(SPEC) && for s in $(SPEC_SERVICES); do \
	  out=../services/$$s/internal/rest/api; mkdir -p $$out; \
	  $(SPEC_BIN)/tagger $(SPEC_TMP)/$$s.yaml $(SPEC_TMP)/$$s.tagged.yaml; \
	  $(SPEC_BIN)/oapi-codegen -config generate/server.yaml -o $$out/api.gen.go $(SPEC_TMP)/$$s.tagged.yaml; \
	  $(SPEC_BIN)/permissions $(SPEC_TMP)/$$s.yaml $$out/permissions.gen.go; \
	done
	@mkdir -p shared/client
	@cd $(SPEC) && $(SPEC_BIN)/tagger dist/openapi.yaml $(SPEC_TMP)/client.tagged.yaml
	@cd $(SPEC) && $(SPEC_BIN)/oapi-codegen -config generate/client.yaml -o ../shared/client/client.gen.go $(SPEC_TMP)/client.tagged.yaml
	@cp $(SPEC)/dist/openapi.yaml shared/client/openapi.gen.yaml

.PHONY: spec-bin
spec-bin:
	@mkdir -p $(SPEC_BIN)
	@cd $(SPEC)/tools && GOWORK=off go build -o $(SPEC_BIN)/ ./... github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen

.PHONY: spec-tools
spec-tools:
	@cd $(SPEC)/tools && GOWORK=off go mod tidy -diff && GOWORK=off go vet ./... && GOWORK=off go test ./...

# npm takes exactly what the lock names, from whatever registry the machine has.
$(SPEC_NODE): $(SPEC)/package.json $(SPEC)/package-lock.json
	@cd $(SPEC) && npm ci --no-audit --no-fund --loglevel=error
