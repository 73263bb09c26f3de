#!/usr/bin/env bash
# Looks for panics in the core as compiled. A panic that the optimiser could not rule out leaves
# its place, FILE:LINE, in the program: none may lie in core/src. docs/panics.md says what is left
# in the crates below.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# Its own folder and a plain release build: the workspace's release profile inlines across crates
# for minutes. Overflow checks stay on, so that arithmetic without a check is a panic to be found.
CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=4 \
    CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_DEBUG=false \
    cargo build --quiet --release -p jwtverify-core --features k256,ml-dsa --example verify --target-dir "$TARGET/no-panic"
program=$TARGET/no-panic/release/examples/verify

# The standard library has a core/src too, below its own library/.
places() { grep -aoP '(?<!library/)core/src/[a-z0-9_/]+\.rs' "$program" | sort -u; }

# A check that finds nothing must be able to find something: the libraries below do have places.
grep -aq 'library/core/src/' "$program" || die "no panic places at all in $program: is it stripped?"

found=$(places || true)
if [ -n "$found" ]; then
    printf 'panics can be reached from these files of the core:\n%s\n' "$found"
    exit 1
fi
echo 'no panic place in core/src'
