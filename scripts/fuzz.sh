#!/usr/bin/env bash
# Fuzzing. Builds the targets of fuzz/ with the compiler alone (they have the layout of cargo-fuzz,
# which is not needed) and runs them; each states its oracle in fuzz/fuzz_targets/.
#
#   scripts/fuzz.sh [TARGET...]     a long run: 10 minutes shared by the targets, one at a time
#     SECONDS_EACH=N                so many seconds for each target instead
#     RUNS=N                        so many executions for each target instead
#     SANITIZER=address             with that sanitizer (nightly, or a stable that has its runtime)
#   scripts/fuzz.sh --smoke         20 seconds for each target, two at a time; a part of `make test`
#
# What a run finds is in fuzz/artifacts/TARGET/; what it learns stays in fuzz/target/corpus/TARGET.
# An input may take 50 ms of processor time, which the targets measure themselves (fuzz/src/time.rs):
# libFuzzer's -timeout counts seconds on the wall, which only tells hanging from not hanging.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ALL=(token header json jwk keyset claims verify provider precomputed mutate)
OUT=$ROOT/fuzz/target
VECTORS=${JWTVERIFY_VECTORS:-$ROOT/../shared/vectors}

smoke=false
if [ "${1:-}" = --smoke ]; then smoke=true && shift; fi
targets=("$@")
[ $# -gt 0 ] || targets=("${ALL[@]}")

host=$(rustc -vV | sed -n 's/^host: //p')

# Instrumentation is a nightly feature of the compiler and works in a stable one that is told so:
# for tests, whose verdict does not depend on promises about the compiler.
build() {
    local flags=(--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1
        -Cllvm-args=-sanitizer-coverage-level=4
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
        -Cllvm-args=-sanitizer-coverage-pc-table
        -Cllvm-args=-sanitizer-coverage-trace-compares)
    # Core forbids unsafe code: without a sanitizer the fuzzer sees twice as many inputs.
    if [ -n "${SANITIZER:-}" ]; then
        flags+=("-Zsanitizer=$SANITIZER")
        export FUZZ_LIMIT_MS=${FUZZ_LIMIT_MS:-500}
    fi
    (
        cd fuzz
        unset CARGO_TARGET_DIR
        CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f' "${flags[@]}" | sed 's/\x1f$//')
        export CARGO_ENCODED_RUSTFLAGS RUSTC_BOOTSTRAP=1
        cargo build --locked --quiet --release --bins --target "$host" --target-dir "$OUT"
    )
}

# Leaves the closing line of libFuzzer's statistics in LOG, and fails if the target found something.
fuzz() { # target, log, arguments of libFuzzer...
    local target=$1 log=$2 corpora
    shift 2
    mkdir -p "$OUT/corpus/$target" "fuzz/artifacts/$target"
    corpora=("$OUT/corpus/$target" "fuzz/corpus/$target")
    # Third-party test data is read where it is; a folder that is not there is no loss.
    [ "$target" != json ] || [ ! -d "$VECTORS/json-test-suite" ] || corpora+=("$VECTORS/json-test-suite")
    [ ! -d "$OUT/third-party/$target" ] || corpora+=("$OUT/third-party/$target")
    FUZZ_SLOWEST=$OUT/$target.slowest "$OUT/$host/release/$target" \
        -dict=fuzz/jose.dict "-artifact_prefix=fuzz/artifacts/$target/" -max_len=8192 \
        -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 "$@" "${corpora[@]}" >"$log" 2>&1
}

# One line of figures, or the end of the log of a target that found something.
report() { # target, log, status
    local runs slowest
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$2")
    slowest=$(cat "$OUT/$1.slowest" 2>/dev/null || echo '?')
    if [ "$3" = 0 ]; then
        note "$(printf '%-11s %10s executions, slowest %s microseconds' "$1" "$runs" "$slowest")"
    else
        note "$1: FOUND SOMETHING, see fuzz/artifacts/$1/"
        tail -n 40 "$2"
    fi
}

scripts/setup.sh fuzz
say 'Building the fuzz targets'
build
rm -f "$OUT"/*.slowest

if $smoke; then
    # Two at a time beside whatever else the machine does: the first use of a page counts as well.
    export FUZZ_LIMIT_MS=${FUZZ_LIMIT_MS:-250}
    arguments=(-seed=1 "-max_total_time=${SECONDS_EACH:-20}")
elif [ -n "${RUNS:-}" ]; then
    arguments=("-runs=$RUNS")
else
    arguments=("-max_total_time=${SECONDS_EACH:-$((600 / ${#targets[@]}))}")
fi
if ! $smoke && [ -d "$VECTORS/wycheproof" ] && [ ! -d "$OUT/third-party" ]; then
    cargo run --quiet -p jwtverify-tests --bin fuzz-seeds -- --third-party "$OUT/third-party"
fi

passed=0 failed=0
say "Fuzzing: ${targets[*]} (${arguments[*]})"
lanes=1
if $smoke; then lanes=2; fi
pids=() running=()
settle() { # waits for the first of those that run
    local status=0
    wait "${pids[0]}" || status=$?
    report "${running[0]}" "$OUT/${running[0]}.log" "$status"
    if [ "$status" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    pids=("${pids[@]:1}") running=("${running[@]:1}")
}
for target in "${targets[@]}"; do
    if [ "${#pids[@]}" = "$lanes" ]; then settle; fi
    fuzz "$target" "$OUT/$target.log" "${arguments[@]}" &
    pids+=($!) running+=("$target")
done
while [ "${#pids[@]}" -gt 0 ]; do settle; done

tally "$passed" "$failed" 0
[ "$failed" = 0 ]
