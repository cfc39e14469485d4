# What can be done with Caretaker. `make` alone prints the list.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

TOOLS := $(CURDIR)/.tools
SAM := $(TOOLS)/sam/bin
GO_FOLDERS := functions infra internal
FUNCTIONS := $(patsubst functions/%/main.go,%,$(wildcard functions/*/main.go))
# The region that checks of the template are made for; nothing is looked up in an account.
REGION ?= eu-west-2

.PHONY: help
help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## Running and building

.PHONY: run
run: need-go $(if $(shell command -v npm),console,no-console) $(if $(filter aws,$(STACK)),emulators) ## Run the whole product on this machine (STACK=aws: on emulators of AWS)
	go build -o bin/caretaker-local ./infra/local
	exec bin/caretaker-local

# What functions run on: template.yaml says it too. Tests have them built for the machine that the tests run on, on make's
# command line, so that no variable somebody has set gets into a deployment.
FUNCTION_ARCH := arm64

# lambda.norpc leaves out the protocol of the retired go1.x runtime, nethttpomithttp2 HTTP/2, which functions can do without;
# -s -w drops the symbol tables. All three make functions smaller, and so quicker to start.
BUILD_FUNCTION := CGO_ENABLED=0 GOOS=linux GOARCH=$(FUNCTION_ARCH) go build -tags lambda.norpc,nethttpomithttp2 -trimpath -ldflags "-s -w"

.PHONY: build
build: need-go $(FUNCTIONS:%=build/%) ## Build every function for AWS Lambda (linux/arm64) into dist/<function>/bootstrap

.PHONY: $(FUNCTIONS:%=build/%)
$(FUNCTIONS:%=build/%): build/%: need-go
	$(BUILD_FUNCTION) -o dist/$*/bootstrap ./functions/$*

# `sam build` calls these by logical id: SessionFunction is functions/session.
build-%Function: need-go
	@test -n "$(ARTIFACTS_DIR)" || { echo "$@ is for sam build, which sets ARTIFACTS_DIR; use: make build" >&2; exit 1; }
	$(BUILD_FUNCTION) -o "$(ARTIFACTS_DIR)/bootstrap" ./functions/$(shell echo '$*' | tr '[:upper:]' '[:lower:]')

# The console is part of the programs that serve it, so it is built before them.
build/console build-ConsoleFunction: console

CONSOLE := internal/console/built/index.html
CONSOLE_SOURCES := $(shell find web/src -type f ! -name schema.d.ts) $(wildcard web/*.* web/scripts/*) docs/openapi.yaml

.PHONY: console
console: $(CONSOLE) ## Build the web console into internal/console/built, where the programs embed it

$(CONSOLE): web/node_modules/.stamp $(CONSOLE_SOURCES)
	cd web && npm run --silent build

web/node_modules/.stamp: web/package.json web/package-lock.json | need-node
	cd web && npm ci --ignore-scripts --loglevel=error >/dev/null
	@touch $@

.PHONY: no-console
no-console:
	@echo "npm is missing, so the web console is not built: everything else runs, and Node.js 20 or newer brings it" >&2

.PHONY: clean
clean: ## Remove what was built (not the installed tools: those are in .tools)
	rm -rf bin dist .aws-sam web/dist internal/console/built/assets internal/console/built/early.json internal/console/built/index.html

## Deploying, and looking after a deployment (docs/operating.md)

# `make deploy` asks before it changes anything; a pipeline that must not be asked sets this to --no-confirm-changeset.
SAM_DEPLOY_FLAGS ?=
OPERATE := go run ./infra/operate

.PHONY: need-stage
need-stage:
	@test -n "$(STAGE)" || { echo "say which stage: make deploy STAGE=staging, or STAGE=production (samconfig.toml)" >&2; exit 1; }

.PHONY: preflight
preflight: need-go need-stage ## Look whether the STAGE can be deployed: account, mail, names
	$(OPERATE) preflight -stage "$(STAGE)"

.PHONY: deploy
deploy: preflight sam-cli ## Deploy the STAGE (staging or production) to the AWS account you are signed in to
	"$(SAM)/sam" build --config-env "$(STAGE)" --template-file template.yaml
	"$(SAM)/sam" deploy --config-env "$(STAGE)" $(SAM_DEPLOY_FLAGS)
	$(OPERATE) edge -stage "$(STAGE)"
	$(OPERATE) outputs -stage "$(STAGE)"

.PHONY: rotate-origin-secret
rotate-origin-secret: need-go need-stage ## Give the edge of the STAGE a new secret to show to the API, which knows both meanwhile
	$(OPERATE) rotate-origin-secret -stage "$(STAGE)"

# An installation is a deployment's stack (DEPLOYMENT) or a folder of the embedded one (DATA).
WHERE = $(if $(DEPLOYMENT),-stack "$(DEPLOYMENT)") $(if $(DATA),-data "$(DATA)")

.PHONY: bootstrap
bootstrap: need-go ## Found the platform of DEPLOYMENT or DATA, and show its first OPERATOR's one-time password (AGAIN=1: a further operator)
	$(OPERATE) bootstrap $(WHERE) -operator "$(OPERATOR)" $(if $(AGAIN),-again) $(if $(PASSWORD_FILE),-to "$(PASSWORD_FILE)")

.PHONY: backup
backup: need-go ## Write all records of DEPLOYMENT into a new folder TO, or copy the embedded installation DATA there
	$(OPERATE) backup $(WHERE) -to "$(TO)"

.PHONY: restore
restore: need-go ## Read the backup FROM into DEPLOYMENT, whose table must be empty (or REPLACE=its name), or into a new folder DATA, and verify it
	$(OPERATE) restore $(WHERE) -from "$(FROM)" $(if $(REPLACE),-replace "$(REPLACE)")

.PHONY: verify-backup
verify-backup: need-go ## Look whether all records and passwords of DEPLOYMENT or DATA fit (FROM: and are those of the archive)
	$(OPERATE) verify $(WHERE) $(if $(FROM),-from "$(FROM)")

.PHONY: rotate-key
rotate-key: need-go ## Add a key to the key file of the embedded installation DATA, which seals from the next start on
	$(OPERATE) rotate-key $(WHERE)

.PHONY: cost
cost: need-go ## Print what a deployment is estimated to cost a month
	$(OPERATE) cost

.PHONY: redrive
redrive: need-go ## Put back what the dead-letter queues of the stack DEPLOYMENT hold (DRY_RUN=1: only tell; docs/runbooks)
	@test -n "$(DEPLOYMENT)" || { echo "say which deployment: make redrive DEPLOYMENT=caretaker-staging" >&2; exit 1; }
	go run ./infra/redrive -stack "$(DEPLOYMENT)" $(if $(DRY_RUN),-dry-run)

## Testing and checking

.PHONY: test
test: need-go need-cc emulators browser sam-cli ## Run all tests with the race detector, against the emulators and a browser
	go test -race -shuffle=on -timeout 60m -p 2 ./...
	$(MAKE) --no-print-directory test-console

.PHONY: test-console
test-console: bin/caretaker-local browser emulators ## Test the web console: its logic, its size, and what people do with it in a browser
	cd web && npm run --silent test
	cd web && npm run --silent e2e
	cd web && CONSOLE_STACK=aws npm run --silent e2e -- e2e/round.test.ts

.PHONY: test-console-aws
test-console-aws: bin/caretaker-local browser emulators ## Have people do in a browser on the emulators of AWS all that test-console has them do
	cd web && CONSOLE_STACK=aws npm run --silent e2e

.PHONY: bin/caretaker-local
bin/caretaker-local: need-go console
	go build -o $@ ./infra/local

.PHONY: tablet
tablet: bin/caretaker-local browser ## Measure how soon pages are readable on a slow tablet and a slow line (a minute and a half)
	@cd web && node scripts/tablet.mjs

.PHONY: screens
screens: bin/caretaker-local browser ## Take the pictures of docs/screens anew
	@cd web && node scripts/screens.mjs

.PHONY: bench
bench: build ## Print what operations take without a network, how functions start, what memory they hold, how large they are
	@go test -run '^$$' -bench Operations -benchmem -benchtime 300x -timeout 30m ./internal/app | go run ./infra/bench table
	@echo; go run ./infra/bench start
	@echo; go run ./infra/bench size dist

.PHONY: bench-load
bench-load: need-go tools ## Have vegeta ask the embedded stack, in synced files, for sign-ins, lists and new users (a minute and a half)
	@go run ./infra/bench load "$(TOOLS)/bin/vegeta"

.PHONY: bench-all
bench-all: need-go emulators ## Run every benchmark, those on DynamoDB Local too
	go test -run '^$$' -bench . -benchmem -timeout 30m -p 1 ./...

.PHONY: bench-sweep
bench-sweep: need-go ## Compare sweeps of 10,000 due accounts among 10,000 and among 1,000,000 users (7 GB of disk for some minutes)
	go run ./infra/sweepbench

.PHONY: simulate
simulate: need-go ## Let ten years pass in an organisation of 5,000 (SIMULATE_USERS, SIMULATE_SEED: another size, other people)
	SIMULATE_USERS="$${SIMULATE_USERS:-5000}" go test -count 1 -v -run TestTenYears -timeout 30m ./internal/simulation

.PHONY: check
check: need-go tools web/node_modules/.stamp ## Run every check that is not a test: format, vet, lint, modules, vulnerabilities, template
	@unformatted=$$("$(TOOLS)/bin/gofumpt" -l $(GO_FOLDERS)); \
	  test -z "$$unformatted" || { printf 'not formatted by gofumpt:\n%s\n' "$$unformatted" >&2; exit 1; }
	go vet ./...
	"$(TOOLS)/bin/golangci-lint" run ./...
	go mod tidy -diff
	go mod verify
	infra/tools/vulncheck.sh "$(TOOLS)/bin/govulncheck"
	cd web && npm run --silent lint
	$(MAKE) --no-print-directory sizes
	$(MAKE) --no-print-directory sam-check policy-check

.PHONY: sizes
sizes: build ## Check that no function is larger than it may be
	@go run ./infra/bench size dist

# No account is involved: made-up credentials and no configuration files keep the SAM CLI from looking for real ones.
# Its own settings go to .tools instead of the home folder. Functions are built in place, because SAM would otherwise
# copy the whole tree once per function.
OFFLINE := sam-check sam-build sam-events sam-local
$(OFFLINE): export SAM_CLI_TELEMETRY := 0
$(OFFLINE): export __SAM_CLI_APP_DIR := $(TOOLS)/sam/settings
$(OFFLINE): export AWS_REGION := $(REGION)
$(OFFLINE): export AWS_DEFAULT_REGION := $(REGION)
$(OFFLINE): export AWS_EC2_METADATA_DISABLED := true
$(OFFLINE): export AWS_CONFIG_FILE := /dev/null
$(OFFLINE): export AWS_SHARED_CREDENTIALS_FILE := /dev/null
$(OFFLINE): export AWS_ACCESS_KEY_ID := none
$(OFFLINE): export AWS_SECRET_ACCESS_KEY := none

.PHONY: sam-check
sam-check: need-go sam-cli ## Check template.yaml and infra/edge.yaml with SAM and cfn-lint, and build it as a deployment would
	"$(SAM)/sam" validate --lint --region $(REGION) --template-file template.yaml
	"$(SAM)/cfn-lint" --regions $(REGION) --template template.yaml
	"$(SAM)/sam" validate --lint --region us-east-1 --template-file infra/edge.yaml
	"$(SAM)/cfn-lint" --regions us-east-1 --template infra/edge.yaml
	$(MAKE) --no-print-directory sam-build

# Where sam build puts what it builds, and sam deploy looks for it.
SAM_BUILD := .aws-sam/build

.PHONY: sam-build
sam-build: need-go sam-cli ## Build every function as a deployment does, by sam build
	"$(SAM)/sam" build --build-in-source --region $(REGION) --template-file template.yaml --build-dir "$(SAM_BUILD)"

# SAM_EVENT is what `sam local generate-event` is asked for.
SAM_EVENT := apigateway http-api-proxy

.PHONY: sam-events
sam-events: sam-cli ## Print an event as SAM generates it (SAM_EVENT="dynamodb update": another)
	@"$(SAM)/sam" local generate-event $(SAM_EVENT)

.PHONY: need-docker
need-docker:
	@command -v docker >/dev/null && docker info >/dev/null 2>&1 || \
	  { echo "docker is missing or does not answer: sam local runs functions in containers; make run and make test need none" >&2; exit 1; }

# On Linux, a container reaches the emulators, which listen on the loopback interface, only on the host's own network.
SAM_NETWORK := $(if $(filter Linux,$(shell uname -s)),--docker-network host --add-host host.docker.internal:127.0.0.1)

# sam local finds no function behind an alias, of which there are none in containers.
.PHONY: sam-local-template
sam-local-template:
	sed 's/\(Function\)\.Alias}/\1.Arn}/' "$(SAM_BUILD)/template.yaml" > "$(SAM_BUILD)/local.yaml"

.PHONY: sam-local
sam-local: need-docker emulators sam-build ## Serve the HTTP API by functions in containers, on http://127.0.0.1:3000 (infra/sam-local)
	$(MAKE) --no-print-directory sam-local-template
	go run ./infra/sam-local "$(SAM)/sam" local start-api --config-env local --template-file "$(SAM_BUILD)/local.yaml" $(SAM_NETWORK)

.PHONY: policy-check
policy-check: sam-cli checkov ## Have checkov look at what SAM makes of template.yaml, and at infra/edge.yaml
	infra/tools/policycheck.sh

## Installing what the targets above need (they do it themselves)

.PHONY: emulators
emulators: ## Install DynamoDB Local, moto, the SES emulator and an OpenID provider into .tools/emulators
	@infra/emulators/install.sh

.PHONY: browser
browser: ## Install what drives the browser into .tools/browser, and Chromium where there is none
	@infra/browser/install.sh

.PHONY: tools
tools: $(TOOLS)/bin/.stamp ## Build golangci-lint, gofumpt, govulncheck and vegeta into .tools/bin

$(TOOLS)/bin/.stamp: infra/tools/go.mod infra/tools/go.sum | need-go
	cd infra/tools && GOBIN="$(TOOLS)/bin" go install tool
	@touch $@

.PHONY: sam-cli
sam-cli: $(TOOLS)/sam/.stamp ## Install AWS's SAM CLI and cfn-lint into .tools/sam

$(TOOLS)/sam/.stamp: infra/tools/requirements.txt | need-python
	infra/tools/install-python.sh sam requirements.txt

.PHONY: checkov
checkov: $(TOOLS)/checkov/.stamp ## Install checkov into .tools/checkov

$(TOOLS)/checkov/.stamp: infra/tools/checkov.txt | need-python
	infra/tools/install-python.sh checkov checkov.txt

.PHONY: need-go
need-go:
	@command -v go >/dev/null || { echo "go is missing: install Go 1.26 or newer" >&2; exit 1; }
	@go env GOVERSION 2>/dev/null | awk -F '[.o]' '{ found = 1; old = $$2 == 1 && $$3 < 26 } END { exit !found || old }' || \
	  { echo "Go 1.26 or newer is needed; this is $$(cd / && go version), and GOTOOLCHAIN=$$(cd / && go env GOTOOLCHAIN) does not let it fetch a newer one" >&2; exit 1; }

.PHONY: need-node
need-node:
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer (it builds the web console)" >&2; exit 1; }

.PHONY: need-cc
need-cc:
	@command -v "$$(go env CC | cut -d ' ' -f 1)" >/dev/null || \
	  { echo "a C compiler is missing: Go's race detector needs one; on Debian and Ubuntu: apt-get install gcc libc6-dev" >&2; exit 1; }

.PHONY: need-python
need-python:
	@command -v python3 >/dev/null || { echo "python3 is missing: install Python 3.11 or newer (the SAM CLI runs on it)" >&2; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$$(python3 --version) is too old: the SAM CLI is pinned for 3.11 or newer" >&2; exit 1; }
