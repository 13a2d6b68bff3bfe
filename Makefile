# Each target is one line over scripts/, where the reasons are.

.PHONY: run demo build test check bench prepare clean

run: ## set up, build, and serve the dashboard on http://127.0.0.1:3000
	@scripts/setup run && scripts/build && exec target/debug/latchkey serve

demo: ## the same with a sandbox and sample data; no real key needed
	@scripts/setup run && scripts/build && exec target/debug/latchkey demo

build: ## set up and build
	@scripts/setup run && scripts/build

test: ## set up, and every check and test, browser tests included
	@scripts/setup test && scripts/test

check: ## the fast inner loop: formatting, lints, unit tests
	@scripts/setup test && scripts/lint && scripts/unit-tests

bench: ## measure a release build, the gateway beside nginx
	@scripts/setup bench && scripts/build --release && scripts/bench

prepare: ## renew .sqlx after a change of queries or migrations
	@scripts/setup run && scripts/prepare-queries

clean: ## remove what was built, but not the tools
	rm -rf target end2end/test-results end2end/playwright-report
