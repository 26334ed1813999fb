# The commands of the house. `make help` lists them.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# FerretDB's PostgreSQL backend is left out of every build; a binary without it
# is smaller and asks for nothing.
TAGS := ferretdb_no_postgresql
export GOFLAGS := -tags=$(TAGS) $(filter-out -tags=%,$(GOFLAGS))

# Tools are built here from the Go module proxy, at the versions pinned in this
# file, and nowhere else: the machine's own tools never decide a result.
TOOLS := $(CURDIR)/.cache/bin
GOLANGCI_VERSION := v2.15.0
GOLANGCI := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)

# Every module of the workspace, as paths below this folder.
MODULES := $(shell go list -m -f '{{.Dir}}' | sed 's|^$(CURDIR)/||')

CONFERENCE ?= seoul-2013
FUZZTIME ?= 20s

.PHONY: help
help: ## Print this list
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: build
build: ## Build the programs into bin/
	@mkdir -p bin
	@go build -o bin/ ./deployments/standalone ./services/*/cmd/*

.PHONY: run
run: ## Start everything in one process; CONFERENCE=london-2011 takes the other sample
	@mkdir -p bin
	@go build -o bin/ ./deployments/standalone
	@CONFERENCE=$(CONFERENCE) exec bin/standalone

# The embedded SQLite and its libc are C put into Go: they have locks of their
# own, and looking for races in them takes two fifths of what all tests take.
# Everything else is watched.
UNRACED := -gcflags='modernc.org/sqlite/lib=-race=false' -gcflags='modernc.org/libc=-race=false'

# Tests that make thousands of calls, one after the other: there is nothing to
# race in them, and looking for it takes them ten times as long. What they call is
# watched where it is called side by side. And the randomised histories of desks, of
# which a few are watched under a name of their own.
WALKS := ^(TestAnyHistoryOnThreeReplicasLeavesEveryCellWithOneHolder|TestNobodyActsOutsideTheirConferenceDelegationOrRole|TestEveryCommandOfTheReadmeWorks|TestNothingSecretLeavesTheStores|TestWhoWasAwayForTooLongReadsTheWhole|TestARealScheduleIsImported)$$
WALKED := ./deployments/standalone ./services/agenda ./services/agenda/internal/desk

.PHONY: test
test: ## Run every test of every module in random order, with the race detector
	go test -race -shuffle=on -timeout=20m $(UNRACED) -skip='$(WALKS)' work
	GOGC=400 go test -shuffle=on -timeout=20m -run='$(WALKS)' $(WALKED) # memory for a fifth of the time

.PHONY: soak
soak: ## Run the randomised tests at their full counts (hours)
	PLENARY_SOAK=1 go test -race -shuffle=on -timeout=6h $(UNRACED) -skip='$(WALKS)' work
	PLENARY_SOAK=1 GOGC=400 go test -shuffle=on -timeout=6h -run='$(WALKS)' $(WALKED)

.PHONY: bench
bench: ## Print the figures: agenda reads against a bare handler, a move until the last push
	go test -run='^$$' -bench=. -benchmem work

.PHONY: fuzz
fuzz: ## Give each fuzz target FUZZTIME (20s) of fresh inputs
	@for m in $(MODULES); do \
	  { grep -rlE '^func Fuzz[A-Z]' --include='*_test.go' $$m || true; } | while read -r file; do \
	    grep -oE '^func Fuzz[A-Za-z0-9_]+' $$file | awk '{print $$2}' | while read -r target; do \
	      echo "$$target in $$(dirname $$file)"; \
	      go test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) ./$$(dirname $$file) </dev/null; \
	    done; \
	  done; \
	done

.PHONY: lint
lint: $(GOLANGCI) ## Check style and the faults a compiler does not see
	$(GOLANGCI) run --config=$(CURDIR)/.golangci.yml $(foreach m,$(MODULES),./$(m)/...)

.PHONY: fmt
fmt: $(GOLANGCI) ## Rewrite the source as the linter wants it
	$(GOLANGCI) fmt --config=$(CURDIR)/.golangci.yml $(foreach m,$(MODULES),./$(m)/...)

$(GOLANGCI):
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS) GOWORK=off GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv $(TOOLS)/golangci-lint $@

.PHONY: alone
alone: ## Prove that each module stands without the workspace
	@failed=""; for m in $(MODULES); do \
	  echo "$$m"; \
	  (cd $$m && GOWORK=off go mod tidy -diff && GOWORK=off go build ./...) || failed="$$failed $$m"; \
	done; \
	[ -z "$$failed" ] || { echo "do not stand alone:$$failed"; exit 1; }

-include api-spec/spec.mk
