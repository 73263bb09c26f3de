#!/usr/bin/env bash
# The Go package over the C library: installs the library, then formats, vets and tests, linked
# shared and static, with the race detector and the address sanitizer, and compares the verdicts on
# the catalogue of attacks with those of Rust. Closes with `N passed, N failed, N skipped`.
#
#   scripts/test-go.sh          PROFILE=dev builds the library faster, for work on the tests
set -euo pipefail
. "$(dirname "$0")/lib.sh"

GO_MINIMUM=$(sed -nE 's/^go ([0-9.]+)$/\1/p' ffi-c/go/go.mod)

passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)) && printf 'ok      %s\n' "$1"; }
bad() { failed=$((failed + 1)) && printf 'FAILED  %s\n' "$1"; }
skip() {
    skipped=$((skipped + 1))
    printf 'SKIPPED %s: %s\n' "$1" "$2"
    if in_ci; then bad "$1 must not be skipped under CI=true"; fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOFLAGS=-mod=mod GOTOOLCHAIN=local GOPROXY=off # no module but this one is needed

scripts/setup.sh rust c go
go=$(scripts/find-go.sh)
gofmt=$("$go" env GOROOT)/bin/gofmt
note "$("$go" version)"
say 'Building and installing the C library'
install_for_tests

# Runs go test and counts its tests; a run that dies before one could speak is a failure.
go_test() { # name, arguments of go test
    local name=$1 status=0 p f s
    shift
    say "go test: $name"
    (cd ffi-c/go && "$go" test -count=1 -json "$@" ./...) >"$work/log" || status=$?
    p=$(grep -c '"Action":"pass".*"Test":' "$work/log") || true
    f=$(grep -c '"Action":"fail".*"Test":' "$work/log") || true
    s=$(grep -c '"Action":"skip".*"Test":' "$work/log") || true
    if [ "$status" != 0 ]; then
        [ "$f" != 0 ] || f=1
        sed -nE 's/.*"Output":"(.*)".*/\1/p' "$work/log" | sed -E 's/\\n$//; s/\\t/  /g; s/\\"/"/g' |
            grep -v '^=== ' | grep -v '^ *--- PASS' | tail -n 100
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    printf '%s: %d passed, %d failed, %d skipped here\n' "$name" "$p" "$f" "$s"
}

say 'gofmt, vet'
unformatted=$("$gofmt" -l ffi-c/go bench/peers/go)
if [ -z "$unformatted" ]; then ok 'gofmt'; else bad "gofmt: $unformatted"; fi
if (cd ffi-c/go && "$go" vet ./...); then ok 'vet'; else bad 'vet'; fi

export LD_LIBRARY_PATH=$INSTALLED/lib
verdicts=$TARGET/attacks-go.json
rm -f "$verdicts"
JWTVERIFY_VERDICTS=$verdicts go_test 'shared'
go_test 'shared, race detector' -race
if "$go" env GOOS GOARCH | tr '\n' ' ' | grep -E '^linux (amd64|arm64) ' >/dev/null; then
    # Also finds leaks: memory of the C library that neither side can reach any more.
    go_test 'shared, address sanitizer' -asan
    mkdir "$work/leak"
    printf 'module leak\n\ngo %s\n' "$GO_MINIMUM" >"$work/leak/go.mod"
    cat >"$work/leak/main.go" <<'EOF'
package main

// #cgo pkg-config: jwtverify
// #include <jwtverify.h>
import "C"

func leak() {
	var builder *C.jwtverify_verifier_builder
	C.jwtverify_verifier_builder_new(&builder)
	builder = nil // Go's heap counts as reachable until it is collected
}

func main() {
	for range 10 {
		leak()
	}
}
EOF
    (cd "$work/leak" && "$go" build -asan -o leak .)
    if ("$work/leak/leak" || true) 2>&1 | grep 'LeakSanitizer: detected' >/dev/null; then
        ok 'a leak would be seen'
    else
        bad 'the address sanitizer does not see a leak'
    fi
else
    skip 'address sanitizer' 'not supported on this platform'
fi
unset LD_LIBRARY_PATH
go_test 'static' -tags jwtverify_static

say 'The same verdicts as Rust'
rust=$TARGET/attacks-rust.json
if [ ! -s "$verdicts" ]; then
    skip 'comparison' 'the catalogue of attacks is not there'
else
    [ -s "$rust" ] || cargo test --quiet --workspace --test attacks
    build_for_tests
    if "$TARGET/debug/compare-verdicts" "$rust" "$verdicts"; then
        ok 'comparison'
    else
        bad 'comparison'
    fi
fi

tally "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
