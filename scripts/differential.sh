#!/usr/bin/env bash
# The tables of Precomputed against AWS-LC and RustCrypto, as an optimised program for long runs;
# fuzz/src/differential.rs says what is compared. Prints a table of all cases, and fails at the
# first verdict that is not the same.
#
#   scripts/differential.sh [--seconds N] [--comparisons N] [--seed N] [--algorithms A,B]
#                               one minute unless it is told otherwise
#   scripts/differential.sh --smoke
#                               a few seconds from one seed, as a part of scripts/test.sh
set -euo pipefail
. "$(dirname "$0")/lib.sh"

OUT=$ROOT/fuzz/target

scripts/setup.sh fuzz
say 'Building the program'
(
    cd fuzz
    unset CARGO_TARGET_DIR
    RUSTFLAGS='--cfg fuzzing' cargo build --locked --quiet --profile differential \
        --features program --bin differential --target-dir "$OUT"
)
if [ "${1:-}" != --smoke ]; then exec "$OUT/differential/differential" "$@"; fi

status=0
"$OUT/differential/differential" --seed 1 --comparisons 2500 || status=1
tally $((1 - status)) "$status" 0
exit "$status"
