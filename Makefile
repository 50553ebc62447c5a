# greengate. 'make' alone lists the targets.

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GO       := go
LINT     := .tools/golangci-lint-v2.15.0
FUZZTIME ?= 30s

# The same for every target, so that one cache serves them all; only the race detector needs cgo.
export CGO_ENABLED := 0
export GOFLAGS     := $(GOFLAGS) -trimpath -tags=nomsgpack

.DEFAULT_GOAL := help

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the static binary bin/greengate.
	$(GO) build -ldflags "-s -w -X main.version=$(VERSION)" -o bin/greengate ./cmd/greengate

run: build ## Serve with config.yaml.
	bin/greengate serve

demo: build ## Set a profile picture over a simulated WhatsApp; ONCE=1 ends after the answer.
	@bin/greengate demo $(if $(ONCE),--once)

test: check ## Run everything: lint, generated files, tests with the race detector, PostgreSQL, official clients.

check: lint generated race postgres clients ## The same under the name that CI knows.

lint: $(LINT) ## Check style, import rules and formatting.
	$(LINT) run ./...

# SQLite is C turned into Go: that its pointers stay within their objects is checked there at every step, and costs an eighth of the time.
race: ## Run the tests with the race detector.
	CGO_ENABLED=1 $(GO) test -race -gcflags=modernc.org/...=-d=checkptr=0 -timeout 40m ./...

postgres: ## Run the tests again with their databases on PostgreSQL, which is installed if missing and started for them alone.
	tools/postgres.sh $(GO) test -timeout 40m ./store/... ./instance ./handlers ./cmd/greengate

clients: build clients/node_modules ## Run official GREEN-API clients, newman and curl against the built binary; UPDATE=1 records what they called.
	cd clients && $(GO) test -count=1 -parallel 6 . $(if $(UPDATE),-update)

clients/node_modules: clients/package-lock.json
	cd clients && npm ci --ignore-scripts --no-audit --no-fund && touch node_modules

fuzz: ## Run every fuzz target for FUZZTIME (30s).
	@for target in $$(grep -rlE '^func Fuzz' --include=*_test.go . | grep -v /clients/); do \
		for name in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/p' $$target); do \
			$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) ./$$(dirname $$target) || exit 1; \
		done; \
	done

bench: build ## Measure; bench/README.md explains the figures.
	$(MAKE) -C bench

generate: ## Regenerate config.yaml, postman/ and docs/methods.md.
	$(GO) generate ./...

generated: ## Fail if regenerating changes a file.
	@rm -rf .tools/before && mkdir -p .tools/before && cp -r config.yaml docs postman .tools/before
	@$(MAKE) --no-print-directory generate
	@for file in .tools/before/*; do diff -r $$file $$(basename $$file) || \
		{ echo "generated files were out of date; commit what 'make generate' has written"; exit 1; }; done

$(LINT):
	GOBIN=$(CURDIR)/.tools $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(patsubst .tools/golangci-lint-%,%,$(LINT))
	mv .tools/golangci-lint $(LINT)

.PHONY: help build run demo test check lint race postgres clients fuzz bench generate generated
