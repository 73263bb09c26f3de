#!/usr/bin/env bash
# A day of fleets of 1,000, 10,000 and 100,000 processes at one issuer, simulated: this library
# beside other strategies of fetching key sets. Prints the tables of docs/fleet.md.
#
#   scripts/fleet.sh [PROCESSES...]      other sizes
#   scripts/fleet.sh --write             and puts tables and picture into docs/
set -euo pipefail
. "$(dirname "$0")/lib.sh"

scripts/setup.sh rust
arguments=()
for argument in "$@"; do
    case $argument in
        --write) arguments+=(--write docs) ;;
        *) arguments+=("$argument") ;;
    esac
done
exec cargo run --quiet --release -p jwtverify-fleet -- ${arguments[@]+"${arguments[@]}"}
