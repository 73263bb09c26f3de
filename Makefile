# Thin targets: the work is in scripts/. Each one sets up what it needs on a fresh machine.
.PHONY: help demo test scenarios soak fuzz differential lint firmware instructions fleet bench install clean

help: ## say what there is (the default)
	@echo 'make TARGET'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

demo: ## an issuer on this machine, real HTTP, good and forged tokens, a rotation, an outage
	@scripts/setup.sh rust
	cargo run --quiet -p jwtverify-tests --example demo

test: ## every test: Rust, C, Go, Python, firmware, instruction counts, a little fuzzing; ends with a table
	@scripts/test.sh

scenarios: ## what a key set promises: in simulated time, against a real server, under a flood; ends with a table
	@scripts/scenarios.sh

soak: ## ten minutes of rotations, faults and floods, in which memory may not grow; SECONDS=N
	@SOAK_SECONDS=$(or $(SECONDS),600) scripts/soak.sh

fuzz: ## ten minutes of fuzzing; SECONDS_EACH=N or RUNS=N for each target instead
	@scripts/fuzz.sh

differential: ## tables against other libraries, one minute; SECONDS_EACH=N for a long run
	@scripts/differential.sh --seconds $(or $(SECONDS_EACH),60)

lint: ## formatting, clippy, docs, dependencies and licences, the C header, shell scripts
	@scripts/lint.sh

firmware: ## the verifier on an emulated Cortex-M4: what it decides, flash, memory, instructions
	@scripts/firmware.sh

instructions: ## counts the instructions of a verification, and compares with those recorded
	@scripts/instructions.sh

fleet: ## a day of 1,000 to 100,000 processes at one issuer, simulated, beside other strategies
	@scripts/fleet.sh

bench: ## times beside those of other libraries, and docs/benchmarks.md; QUICK=1 for a minute alone
	@scripts/bench.sh

install: ## the C library, its header and pkg-config file below PREFIX (default /usr/local)
	@scripts/setup.sh rust c
	@scripts/install.sh

clean: ## remove everything that the targets above made in this checkout
	rm -rf target bench/target fuzz/target fuzz/artifacts .tools .venv out dist
