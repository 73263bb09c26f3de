# Thin targets: the work is in scripts/. Each one sets up what it needs on a fresh machine.
.PHONY: help demo test fuzz lint firmware instructions bench install clean

help: ## say what there is (the default)
	@echo 'make TARGET'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

demo: ## an issuer on this machine, real HTTP, good and forged tokens, a rotation, an outage
	@scripts/setup.sh rust
	cargo run --quiet -p jwtverify-tests --example demo

test: ## every test: Rust, C, Go, Python, firmware, instruction counts, a little fuzzing; ends with a table
	@scripts/test.sh

fuzz: ## ten minutes of fuzzing; SECONDS_EACH=N or RUNS=N for each target instead
	@scripts/fuzz.sh

lint: ## formatting, clippy, docs, dependencies and licences, the C header, shell scripts
	@scripts/lint.sh

firmware: ## the verifier on an emulated Cortex-M4: what it decides, flash, memory, instructions
	@scripts/firmware.sh

instructions: ## counts the instructions of a verification, and compares with those recorded
	@scripts/instructions.sh

bench: ## not yet: measuring comes together with the faster crypto provider
	@echo 'There is nothing to measure with yet, and no claim of speed is made anywhere.'

install: ## the C library, its header and pkg-config file below PREFIX (default /usr/local)
	@scripts/setup.sh rust c
	@scripts/install.sh

clean: ## remove everything that the targets above made in this checkout
	rm -rf target fuzz/target fuzz/artifacts .tools .venv out dist
