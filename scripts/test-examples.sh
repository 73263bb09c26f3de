#!/usr/bin/env bash
# The programs of README.md, in every language, against an issuer on this machine: a good token, two
# forged ones, and an issuer that has gone. Closes with `N passed, N failed, N skipped`.
#
# It uses what the tests of the languages have built: run it after them.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

passed=0 failed=0
ok() { passed=$((passed + 1)) && printf 'ok      %s\n' "$1"; }
bad() { failed=$((failed + 1)) && printf 'FAILED  %s\n' "$1"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

scripts/setup.sh rust c go python

say 'Building'
build_for_tests
install_for_tests
export LD_LIBRARY_PATH=$INSTALLED/lib
read -ra flags <<<"$(pkg-config --cflags --libs jwtverify)"
cc -std=c99 -Wall -Wextra -Wpedantic -Werror docs/examples/verify.c "${flags[@]}" -o "$work/verify-c"
[ -x .venv/py/bin/python ] || die 'run scripts/test-py.sh first: it builds the Python package'
go=.tools/go/bin/go
[ -x "$go" ] || go=$(command -v go) || die 'run scripts/test-go.sh first: it installs Go'
case $go in /*) ;; *) go=$ROOT/$go ;; esac
mkdir "$work/go"
cp docs/examples/verify.go "$work/go/"
(
    cd "$work/go"
    export GOTOOLCHAIN=local GOPROXY=off GOFLAGS=-mod=mod # no module but the project's own is needed
    "$go" mod init example >/dev/null 2>&1
    "$go" mod edit -require github.com/jwtverify/jwtverify/ffi-c/go@v0.0.0 \
        -replace "github.com/jwtverify/jwtverify/ffi-c/go=$ROOT/ffi-c/go"
    "$go" build -o "$work/verify-go" .
)

say 'Asking the issuer'
coproc ISSUER { exec "$TARGET/debug/issuer" RS256; }
exec 7<&"${ISSUER[0]}" 8>&"${ISSUER[1]}" # subshells don't have the descriptors of a coprocess
ask() { # command; prints the answer
    local answer
    printf '%s\n' "$1" >&8
    IFS= read -r answer <&7
    printf '%s\n' "$answer"
}
member() { sed -nE "s/.*\"$1\":\"([^\"]*)\".*/\1/p"; }
IFS= read -r first <&7
issuer=$(member issuer <<<"$first")
[ -n "$issuer" ] || die "the issuer says: $first"
claims="{\"iss\":\"$issuer\",\"aud\":\"my-api\",\"sub\":\"anna\",\"exp\":9999999999}"
good=$(ask "mint RS256 $claims" | member token)
tampered=$(ask "forge tampered RS256 $claims" | member token)
unknown=$(ask "forge unknown-kid RS256 $claims" | member token)

languages=(rust python c go)
example() { # language, token
    case $1 in
        rust) "$TARGET/debug/examples/readme" "$issuer" "$2" ;;
        python) .venv/py/bin/python docs/examples/verify.py "$issuer" "$2" ;;
        c) "$work/verify-c" "$issuer" "$2" ;;
        go) "$work/verify-go" "$issuer" "$2" ;;
    esac
}
expect() { # what, language, token, start of the output, text in it
    local output
    output=$(example "$2" "$3" 2>&1) || true
    if [[ $output = "$4"* && $output = *"$5"* ]]; then ok "$2: $1"; else
        bad "$2: $1"
        printf '%s\n' "$output" | sed 's/^/        | /'
    fi
}

say 'Verifying'
for language in "${languages[@]}"; do
    expect 'a good token' "$language" "$good" 'valid: ' anna
    expect 'a changed token' "$language" "$tampered" '401: ' signature
    expect 'an unknown key' "$language" "$unknown" '401: ' rs256-1
done
ask stop >/dev/null
for language in "${languages[@]}"; do
    expect 'an issuer that has gone' "$language" "$good" '503: ' 'could not be reached'
done
printf 'quit\n' >&8

tally "$passed" "$failed" 0
[ "$failed" = 0 ]
