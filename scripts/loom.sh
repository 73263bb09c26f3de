#!/usr/bin/env bash
# The concurrent parts of std-jwks in every order in which threads can come: tests/loom/src/main.rs.
# Closes with `N passed, N failed, N skipped`.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

scripts/setup.sh rust
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
cargo run --quiet --locked --manifest-path tests/loom/Cargo.toml --target-dir "$TARGET/loom" 2>&1 | tee "$log" || status=$?
tally "$(grep -c '^ok ' "$log")" "$((status != 0))" 0
[ "$status" = 0 ]
