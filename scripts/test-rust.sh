#!/usr/bin/env bash
# The Rust tests: the workspace with everything on, documentation examples included, then the core
# with nothing on and with each algorithm alone, and the key sets without AWS-LC. Closes with
# `N passed, N failed, N skipped`.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Runs cargo test and adds up what the test binaries say. A run that dies before any of them could
# speak (it does not compile, a binary aborts) is one failure.
cargo_test() { # arguments of cargo test
    say "cargo test $*"
    local status=0 p f s
    cargo test --no-fail-fast "$@" 2>&1 | tee "$log" || status=$?
    read -r p f s < <(awk '/^test result: / { p += $4; f += $6; s += $8 } END { print p+0, f+0, s+0 }' "$log")
    if [ "$status" != 0 ] && [ "$f" = 0 ]; then f=1; fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

scripts/setup.sh rust
cargo_test --workspace

# A feature adds API and never changes a verdict, so the core's own tests pass under each, and
# those of the key sets with the portable provider alone.
core=(-p jwtverify-core --lib --no-default-features)
cargo_test "${core[@]}"
for features in alloc {rsa,p256,p384,p521,k256,ed25519,ml-dsa,hmac,thumbprint}{,\,alloc}; do
    cargo_test "${core[@]}" --features "$features"
done
cargo_test "${core[@]}" --features rsa,p256,p384,p521,k256,ed25519,ml-dsa,hmac
cargo_test -p jwtverify-jwks --lib --no-default-features

# What is published of `make bench` is what was measured; the peers are not built for this.
cargo_test --locked --lib --manifest-path bench/Cargo.toml --target-dir "$TARGET/bench"

tally "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
