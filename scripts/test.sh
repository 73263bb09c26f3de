#!/usr/bin/env bash
# Every test of every language, then one table and one closing line. Fails if anything failed, and
# under CI=true also if anything was skipped.
#
#   scripts/test.sh [PART...]      rust, loom, c, go, python, firmware, examples, instructions,
#                                  fuzz; all of them by default. On request also differential:
#                                  what it compares, the fuzz target `precomputed` does too
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -gt 0 ] || set -- rust loom c go python firmware examples instructions fuzz
table=()
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

script_of() {
    case $1 in
        rust) echo scripts/test-rust.sh ;;
        loom) echo scripts/loom.sh ;;
        c) echo scripts/test-c.sh ;;
        go) echo scripts/test-go.sh ;;
        python) echo scripts/test-py.sh ;;
        firmware) echo scripts/firmware.sh ;;
        examples) echo scripts/test-examples.sh ;;
        instructions) echo scripts/instructions.sh ;;
        fuzz) echo scripts/test-fuzz.sh ;;
        differential) echo scripts/differential.sh --smoke ;;
        *) die "unknown part: $1" ;;
    esac
}

# The last line `N passed, N failed[, N skipped]` of the log as three numbers; nothing if there is none.
read_tally() {
    sed -nE 's/^([A-Za-z]+: )?([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\2 \3 \5/p' "$log" |
        tail -n 1 | awk '{ print $1, $2, $3 + 0 }'
}

run() { # part
    local script status=0 remark='' started=$SECONDS p f s
    script=$(script_of "$1")
    say "$1: $script"
    # shellcheck disable=SC2086 # a script and its arguments
    bash $script 2>&1 | tee "$log" || status=$?
    read -r p f s < <(read_tally; echo) || true
    if [ -z "${p:-}" ]; then
        p=0 f=1 s=0 remark='said nothing of what it ran'
    elif [ "$status" != 0 ] && [ "$f" = 0 ]; then
        f=1 remark="ended with status $status"
    elif [ "$status" = 0 ] && [ "$p" = 0 ]; then
        f=$((f + 1)) remark='ran no test'
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    table+=("$(printf '%-12s %8d %8d %8d %7ds  %s' "$1" "$p" "$f" "$s" $((SECONDS - started)) "$remark")")
}

for part in "$@"; do run "$part"; done

say 'What ran'
printf '%-12s %8s %8s %8s %8s\n' '' passed failed skipped took
printf '%s\n' "${table[@]}"
verdict=0
if [ "$failed" -gt 0 ]; then verdict=1; fi
if [ "$skipped" -gt 0 ] && in_ci; then
    echo 'Something was skipped: that is a failure under CI=true.'
    verdict=1
fi
echo
tally "$passed" "$failed" "$skipped"
exit "$verdict"
