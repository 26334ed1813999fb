# What is made from the specification. The root Makefile includes this file, so
# the commands below run in the root. Each step can be called alone; `make spec`
# runs all of them. Everything they write that others need is committed: a
# machine without Node builds and tests what is there.

SPEC := api-spec
SPEC_TMP := $(CURDIR)/.cache/spec
SPEC_BIN := $(SPEC_TMP)/bin
SPEC_SERVICES := delegates agenda notifications
SPEC_NODE := $(SPEC)/node_modules/.package-lock.json
# Redocly talks even when all is well: it is heard only when something is not.
REDOCLY = redocly() { local said; said=$$(REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true node_modules/.bin/redocly "$$@" 2>&1) || { echo "$$said"; return 1; }; }; redocly

.PHONY: spec
spec: spec-lint spec-bundle spec-generate spec-events spec-breaking spec-types spec-docs spec-tools ## Check the specification, make everything that follows from it

# What is generated, and where.
SPEC_MADE := $(SPEC)/dist shared/client/client.gen.go shared/client/openapi.gen.yaml \
  $(SPEC_SERVICES:%=services/%/internal/rest/api) deployments/standalone/internal/docs/site

.PHONY: spec-check
spec-check: spec ## Fail if what is committed is not what the specification makes
	@git diff --exit-code --stat -- $(SPEC_MADE) || { echo 'make spec changed the files above: commit them'; exit 1; }
	@new=$$(git ls-files --others --exclude-standard -- $(SPEC_MADE)); [ -z "$$new" ] || { echo "make spec made files nobody committed:"; echo "$$new"; exit 1; }

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

# Events and pushes: one document, and examples that are what it says.
.PHONY: spec-events
spec-events: $(SPEC_NODE) spec-bin
	@cd $(SPEC) && $(REDOCLY) bundle asyncapi/plenary.yaml -o dist/asyncapi.yaml
	@cd $(SPEC) && $(SPEC_BIN)/golden dist/asyncapi.yaml
	@cd $(SPEC) && node --no-warnings push/sealed/open.mjs

# An app written against the last release goes on working. Releasing is copying
# dist/openapi.yaml over released/openapi.yaml.
.PHONY: spec-breaking
spec-breaking: spec-bundle
	@cd $(SPEC) && $(SPEC_BIN)/breaking released/openapi.yaml dist/openapi.yaml

# The types of app developers, and a file that uses them.
.PHONY: spec-types
spec-types: spec-bundle
	@cd $(SPEC)/types && ../node_modules/.bin/openapi-typescript ../dist/openapi.yaml -o ../dist/openapi.d.ts --default-non-nullable=false --alphabetize >/dev/null
	@cd $(SPEC) && node_modules/.bin/tsc -p types

# The pages the standalone binary carries.
.PHONY: spec-docs
spec-docs: spec-bundle spec-events
	@site=deployments/standalone/internal/docs/site; rm -rf $$site; mkdir -p $$site; \
	cp $(SPEC)/docs/index.html $(SPEC)/docs/guide.html $(SPEC)/docs/init.js $(SPEC)/docs/scalar.js.gz $(SPEC)/docs/scalar.NOTICE \
	  $(SPEC)/dist/openapi.yaml $(SPEC)/dist/openapi.json $(SPEC)/dist/asyncapi.yaml $$site/

# What the standalone binary answers to good and bad requests of every kind.
SEED ?= 1
REQUESTS ?= 40
.PHONY: spec-fuzz
spec-fuzz: spec-bin ## Send a fresh server what the specification allows and forbids (SEED, REQUESTS per operation)
	@mkdir -p bin && go build -o bin/standalone ./deployments/standalone
	@$(SPEC)/fuzz.sh $(CURDIR)/bin/standalone $(SPEC_BIN)/apifuzz $(SEED) $(REQUESTS)

# Only to take another version of what draws the API: it is committed.
SCALAR := 1.72.1
.PHONY: spec-scalar
spec-scalar:
	@tmp=$$(mktemp -d); cd $$tmp && npm pack --silent @scalar/api-reference@$(SCALAR) >/dev/null && \
	tar xzf *.tgz package/dist/browser/standalone.js && gzip -9nc package/dist/browser/standalone.js >$(CURDIR)/$(SPEC)/docs/scalar.js.gz; rm -rf $$tmp

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
