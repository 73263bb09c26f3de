#!/usr/bin/env bash
# Counts the instructions that one verification takes, path by path, and compares them with
# tests/instructions/baseline.txt. Counts repeat where times do not: a path that takes 2 % more
# than recorded fails, and so does one that takes 2 % less, until the gain is recorded.
# Closes with `N passed, N failed, N skipped`.
#
#   scripts/instructions.sh            counts and compares
#   scripts/instructions.sh --write    counts and records; the commit says why the counts changed
#
# Another compiler makes other code of the same source. The baseline says which one it is from;
# with any other the tolerance is wider, and that is announced. With another kind of processor only
# the promises that hold on each are checked, and the comparison counts as skipped.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

TOLERANCE=20     # per mille, with the compiler of the baseline
WIDE=250         # per mille, with another compiler (two versions make 50), or without AVX2
BASELINE=tests/instructions/baseline.txt

write=false
case ${1:-} in
    '') ;;
    --write) write=true ;;
    *) die 'usage: scripts/instructions.sh [--write]' ;;
esac

passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)) && printf 'ok      %s\n' "$1"; }
bad() { failed=$((failed + 1)) && printf 'FAILED  %s\n' "$1"; }
skip() { skipped=$((skipped + 1)) && printf 'SKIPPED %s: %s\n' "$1" "$2"; }

scripts/setup.sh rust instructions
if ! have valgrind; then
    skip 'instructions' 'valgrind is not installed, or not made for this machine'
    tally "$passed" "$failed" "$skipped"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say 'Building'
# With the features that the workspace has together, so that what the tests have built is used.
CARGO_INCREMENTAL=0 cargo build --quiet --workspace --bin jwtverify-instructions \
    --config tests/instructions/profile.toml
cp "$TARGET/debug/jwtverify-instructions" "$work/program"

# Instructions of the program's own object file, AWS-LC left out. In callgrind's format a line
# `ob=` names the object and `fn=` the function of the cost lines that follow; the line after
# `calls=` is the cost of what was called, which has lines of its own. A name stands once with its
# number, then the number alone.
count() { # path; prints the count
    valgrind --tool=callgrind --quiet --callgrind-out-file="$work/out" --collect-atstart=no \
        --toggle-collect='jwtverify_instructions::counted' "$work/program" "$1" >&2 || return 1
    awk -v own="$work/program" '
        function name(text,   number) {
            number = text
            sub(/\).*/, ")", number)
            sub(/^[^)]*\) ?/, "", text)
            if (text != "") known[kind number] = text
            return known[kind number]
        }
        /^ob=/ { kind = "ob"; ob = name(substr($0, 4)); next }
        /^fn=/ { kind = "fn"; fn = name(substr($0, 4)); next }
        /^cob=/ { kind = "ob"; name(substr($0, 5)); next }
        /^cfn=/ { kind = "fn"; name(substr($0, 5)); next }
        /^calls=/ { getline; next }
        /^[0-9+*-]/ { if (ob == own && fn !~ /^aws_lc_/) sum += $2 }
        END { print sum + 0 }' "$work/out"
}

recorded() { awk -v path="$1" '$1 == path { print $2 }' "$BASELINE"; }

# What the counts depend on, as the baseline has it in its first lines.
made_by() {
    rustc -vV | sed -n 's/^\(rustc .*\)/compiler: \1/p; s/^host: /target: /p'
}

tolerance=$TOLERANCE comparable=true
if [ "$(uname -m)" = x86_64 ] && ! grep -qw avx2 /proc/cpuinfo; then
    note 'This processor has no AVX2: SHA-512 takes other instructions. The tolerance is wide.'
    tolerance=$WIDE
fi
if ! $write; then
    made_by >"$work/now"
    sed -n 's/^# \(compiler: .*\)/\1/p; s/^# \(target: .*\)/\1/p' "$BASELINE" >"$work/then"
    if [ "$(grep ^target "$work/now")" != "$(grep ^target "$work/then")" ]; then
        skip 'comparison' "the baseline is of another $(grep ^target "$work/then")"
        comparable=false
    elif ! cmp -s "$work/now" "$work/then"; then
        note "The baseline is of another $(grep ^compiler "$work/then")"
        note "The tolerance is wide: $((WIDE / 10)) %. To compare closely, use that one, or --write."
        tolerance=$WIDE
    fi
fi

say 'Counting'
judge() { # path, count, recorded
    local line permille
    if [ -z "$3" ]; then
        bad "$1: $2, not recorded: scripts/instructions.sh --write"
        return
    fi
    permille=$((($2 - $3) * 1000 / $3))
    line=$(printf '%-30s %9d  recorded %9d  %+d per mille' "$1" "$2" "$3" "$permille")
    if [ $((($2 - $3) * 1000)) -gt $(($3 * tolerance)) ]; then
        bad "$line: slower. Find out why; if it is worth it, --write and say so"
    elif [ $((($3 - $2) * 1000)) -gt $(($3 * tolerance)) ]; then
        bad "$line: a gain. Record it, so that it stays: scripts/instructions.sh --write"
    else
        ok "$line"
    fi
}
mapfile -t paths < <("$work/program" --list)
declare -A counts
for path in "${paths[@]}"; do
    if ! counts[$path]=$(count "$path" 2>"$work/log") || [ "${counts[$path]}" = 0 ]; then
        bad "$path does not run"
        sed 's/^/        | /' "$work/log"
        counts[$path]=0
    elif $write; then
        ok "$(printf '%-30s %9d' "$path" "${counts[$path]}")"
    elif $comparable; then
        judge "$path" "${counts[$path]}" "$(recorded "$path")"
    else
        note "$(printf '%-30s %9d' "$path" "${counts[$path]}")"
    fi
done

# Nothing is recorded that is not counted any more.
if ! $write; then
    while read -r path _; do
        [ -n "${counts[$path]:-}" ] || bad "$path is recorded, and is no path: --write"
    done < <(grep -v '^#' "$BASELINE")
fi

say 'What holds with every compiler'
at_most() { # what, path, per cent, of path
    local most=$((counts[$4] * $3 / 100))
    local line="$1: ${counts[$2]}, at most $3 % of ${counts[$4]}"
    if [ "${counts[$2]}" -gt 0 ] && [ "${counts[$2]}" -le "$most" ]; then ok "$line"; else bad "$line"; fi
}
at_most 'a key is found as fast among 1,000' lookup-1000-keys 120 lookup-1-key
at_most 'without a heap it takes no longer' beside-the-signature-no-heap 105 beside-the-signature
at_most 'rubbish is refused early' refused-rubbish 20 beside-the-signature
at_most 'a token that names no known key is refused early' refused-unknown-key 50 beside-the-signature

if $write && [ "$failed" = 0 ]; then
    {
        echo '# Instructions of one verification, path by path: scripts/instructions.sh --write'
        made_by | sed 's/^/# /'
        for path in "${paths[@]}"; do printf '%-30s %9d\n' "$path" "${counts[$path]}"; done
    } >"$work/baseline"
    cp "$work/baseline" "$BASELINE"
    note "recorded in $BASELINE"
fi

echo
tally "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
