#!/usr/bin/env bash
# What a key set promises its service, scenario by scenario: in simulated time, with 100,000 random
# schedules; against a real server, with real threads; and a flood in real time, which takes two
# minutes. Closes with a table.
#
#   scripts/scenarios.sh
#     SCHEDULES=N         so many random schedules
#     SEED=N              that one alone, as a failure names it, and nothing else
#     FLOOD_SECONDS=N     a flood of so many seconds instead of 60
#     ALL=1               also the scenarios that need another language: 10 (Python, C) and 12 (C)
#
# The table of scenarios, with the peers that fail them, is in tests/tests/scenarios_live/main.rs.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log" "$log".*' EXIT

scripts/setup.sh rust
if [ -n "${SEED:-}" ]; then
    exec cargo test --profile scenarios -p jwtverify-tests --test scenarios -- --nocapture schedules::whatever
fi

run() { # what, command...
    say "$1"
    shift
    local status=0
    "$@" 2>&1 | tee "$log" || status=$?
    cat "$log" >>"$log.all"
    return "$status"
}
test_suite() { # what, suite
    local p f s status=0
    run "$1" cargo test --profile scenarios --no-fail-fast -p jwtverify-tests --test "$2" -- --show-output || status=$?
    read -r p f s < <(awk '/^test result: / { p += $4; f += $6; s += $8 } END { print p+0, f+0, s+0 }' "$log")
    if [ "$status" != 0 ] && [ "$f" = 0 ]; then f=1; fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}
count() { # command...
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

export SCHEDULES=${SCHEDULES:-100000}
test_suite "In simulated time, with $SCHEDULES random schedules" scenarios
test_suite 'Against a real server' scenarios_live
flood=ok
run 'A flood in real time' cargo run --quiet --profile scenarios -p jwtverify-tests --example flood || flood=FAILED
count test "$flood" = ok
# The other languages' suites have the promises about processes and pointers.
python='make test' c='make test'
if [ -n "${ALL:-}" ]; then
    python=ok c=ok
    run 'Fork, in Python' scripts/test-py.sh || python=FAILED
    run 'Fork and sanitizers, in C' scripts/test-c.sh || c=FAILED
    count test "$python" = ok
    count test "$c" = ok
fi

# ok if tests of that name ran and passed, FAILED if one failed, missing if there was none.
verdict() { # pattern of a name
    awk -v name="$1" '
        $1 == "test" && $2 ~ name { seen = 1; if ($NF != "ok") bad = 1 }
        END { print bad ? "FAILED" : seen ? "ok" : "missing" }' "$log.all"
}

say 'Scenarios'
printf '%-4s %-10s %-10s %s\n' '' simulated live promise
while IFS='|' read -r _ number promise simulated peers _; do
    number=${number// /} promise=${promise% } peers=${peers% }
    name=$(tr -d ' `' <<<"$simulated")
    live=$(verdict "::s$(printf %02d "$number")_")
    if [ "$name" = - ]; then simulated=-; else simulated=$(verdict "(^|::)$name\$"); fi
    case $number in
        1) [ "$flood" = ok ] || live=FAILED ;;
        10) if [ "$python" = FAILED ] || [ "$c" = FAILED ]; then live=FAILED; else live=$c; fi ;;
        12) live=$c ;;
    esac
    case "$simulated $live" in *missing*) failed=$((failed + 1)) ;; esac
    printf '%-4s %-10s %-10s %s\n' "$number" "$simulated" "$live" "${promise# }"
    printf '%-26s peers that fail it: %s\n' '' "${peers# }"
done < <(sed -nE 's,^//! (\| [0-9]+ \|.*),\1,p' tests/tests/scenarios_live/main.rs)

tally "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
