#!/usr/bin/env bash
# A service that runs for ten minutes as if for long: rotations, faults, floods, a background
# refresh. It fails if memory grows: tests/examples/soak.rs says by how much it may.
#
#   scripts/soak.sh     SOAK_SECONDS=N   so many seconds instead
set -euo pipefail
. "$(dirname "$0")/lib.sh"

scripts/setup.sh rust
cargo build --quiet --profile scenarios -p jwtverify-tests --example soak
"$TARGET/scenarios/examples/soak"
