#!/usr/bin/env bash
# The scenarios of tests/tests/scenarios with many random schedules, optimised and with all checks
# on. `make test` runs the same with a thousand.
#
#   scripts/scenarios.sh     SCHEDULES=N   how many schedules, 100,000 by default
#                            SEED=N        that one alone, as a failure names it
set -euo pipefail
. "$(dirname "$0")/lib.sh"

scripts/setup.sh rust
export SCHEDULES=${SCHEDULES:-100000}
cargo test --profile scenarios -p jwtverify-tests --test scenarios -- --nocapture
