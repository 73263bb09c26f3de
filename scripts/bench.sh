#!/usr/bin/env bash
# Measures this library beside its peers, in one run, and prints the table. Sets up what it needs:
# the peers in Rust are built with the program; those in Python, Node, Go and C are prepared here,
# below bench/target. What can't be had is announced, and stands in the table with the reason.
#
#   scripts/bench.sh             less than ten minutes once it is built; writes bench/results.json,
#                                docs/benchmarks.md, its plots and the table in README.md
#     QUICK=1                    less than one minute, with few rounds; writes below bench/target/quick
#   scripts/bench.sh --render    writes page, plots and README anew from bench/results.json
set -euo pipefail
. "$(dirname "$0")/lib.sh"

OUT=$ROOT/bench/target
PEERS=$OUT/peers
GOLANG_JWT=v4.5.2 # the version that is asked of a module proxy; Debian's has the same interface

if [ "${1:-}" = --render ]; then
    cd bench # its tests share what this builds
    exec cargo run --quiet --locked --target-dir "$TARGET/bench" --bin jwtverify-bench-render -- "$ROOT"
fi

say 'The program and the peers in Rust'
scripts/setup.sh rust c
(
    unset CARGO_TARGET_DIR
    cargo build --quiet --locked --release --manifest-path bench/Cargo.toml --target-dir "$OUT" \
        --features measure --bins
)
bench=$OUT/release/jwtverify-bench

rm -rf "$PEERS"
mkdir -p "$PEERS"
absent() { # peer, reason
    note "absent: $1: $2"
    printf '%s\n' "$2" >"$PEERS/$1.absent"
}

# What is installed in a folder is kept; its stamp says for which list of packages.
is_current() { [ -f "$1/stamp" ] && cmp -s "$1/stamp" "$2"; } # folder, list
# A program that the measuring one starts.
launcher() { # peer, command...
    local at=$PEERS/$1
    shift
    printf '#!/bin/sh\nexec %s "$@"\n' "$*" >"$at"
    chmod +x "$at"
}

prepare_c() {
    install_for_tests
    cc -std=c99 -O2 -Wall -Wextra -D_POSIX_C_SOURCE=200809L -o "$PEERS/c" bench/peers/c.c \
        -I "$INSTALLED/include" -L "$INSTALLED/lib" -ljwtverify "-Wl,-rpath,$INSTALLED/lib"
}

prepare_python() {
    local at=$OUT/python
    if ! is_current "$at" bench/peers/requirements.txt || ! "$at/bin/python" -c ''; then
        rm -rf "$at"
        "${PYTHON:-python3}" -m venv "$at"
        "$at/bin/pip" install --quiet --disable-pip-version-check -r bench/peers/requirements.txt
        cp bench/peers/requirements.txt "$at/stamp"
    fi
}

build_wheel() {
    local at=$OUT/python wheels=$OUT/wheels
    rm -rf "$wheels" py/python/jwtverify/*.so
    PATH="$at/bin:$PATH" "$at/bin/pip" wheel --quiet --disable-pip-version-check --no-deps \
        --no-build-isolation -w "$wheels" ./py
    "$at/bin/pip" install --quiet --disable-pip-version-check --no-deps --force-reinstall \
        "$wheels"/jwtverify-*.whl
    launcher python "'$at/bin/python' -W ignore" "'$ROOT/bench/peers/python.py'"
}

prepare_node() {
    local at=$OUT/node
    if ! is_current "$at" bench/peers/package.json; then
        rm -rf "$at"
        mkdir -p "$at"
        cp bench/peers/package.json "$at/package.json"
        (cd "$at" && npm install --silent --no-audit --no-fund --no-package-lock)
        cp bench/peers/package.json "$at/stamp"
    fi
    launcher node "env 'BENCH_NODE=$at' node" "'$ROOT/bench/peers/node.mjs'"
}

# The source of golang-jwt: from a module proxy, else from Debian. Prints its folder.
find_golang_jwt() { # go
    local at
    if at=$(cd "$OUT" && GO111MODULE=on GOFLAGS=-mod=mod timeout 60 "$1" mod download -json \
        "github.com/golang-jwt/jwt/v4@$GOLANG_JWT" 2>/dev/null); then
        sed -nE 's/^\t"Dir": "(.*)",?$/\1/p' <<<"$at"
        return
    fi
    at=/usr/share/gocode/src/github.com/golang-jwt/jwt
    if [ ! -d "$at" ] && have apt-get && [ "$(id -u)" = 0 ]; then
        { apt-get update -qq || true; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
            --no-install-recommends golang-github-golang-jwt-jwt-dev; } >/dev/null 2>&1 || true
    fi
    grep -q '^module github.com/golang-jwt/jwt/v4$' "$at/go.mod" 2>/dev/null && echo "$at"
}

# Debian's folder has no version in its name.
version_of() { # folder
    case $1 in
        *@v*) echo "${1##*@v}" ;;
        *) dpkg-query -W -f '${Version}' golang-github-golang-jwt-jwt-dev | sed 's/-.*//' ;;
    esac
}

prepare_go() {
    scripts/setup.sh go
    scripts/find-go.sh >"$OUT/go"
}

build_go() {
    local go theirs tags=() source=bench/peers/go modfile=$OUT/go.mod
    go=$(cat "$OUT/go")
    cp "$source/go.mod" "$modfile"
    : >"$OUT/go.sum"
    if theirs=$(find_golang_jwt "$go") && [ -n "$theirs" ]; then
        "$go" mod edit -require=github.com/golang-jwt/jwt/v4@v4.0.0 \
            "-replace=github.com/golang-jwt/jwt/v4=$theirs" "$modfile"
        tags=(-tags golang_jwt -ldflags "-X main.golangJWTVersion=$(version_of "$theirs")")
    else
        note 'absent: golang-jwt: neither a module proxy nor Debian has it here'
    fi
    (
        cd "$source"
        export GOFLAGS=-mod=mod GOTOOLCHAIN=local GOPROXY=off CGO_ENABLED=1
        export PKG_CONFIG_PATH=$INSTALLED/lib/pkgconfig
        "$go" build "-modfile=$modfile" "${tags[@]}" -o "$OUT/go-peer" .
    )
    launcher go "env 'LD_LIBRARY_PATH=$INSTALLED/lib' '$OUT/go-peer'"
}

# Does it, or else the peer is absent for that reason. A call of its own, never in a condition:
# there the first failure would not end what is tried.
try() { # peer, reason, command
    local status
    set +e
    (
        set -e
        "$3"
    )
    status=$?
    set -e
    [ "$status" = 0 ] || absent "$1" "$2"
}
is_absent() { [ -f "$PEERS/$1.absent" ]; }

say 'C: the library as it is installed'
prepare_c
say 'Python: our wheel, PyJWT, joserfc'
try python 'Python or its packages could not be installed' prepare_python
is_absent python || build_wheel
say 'Node: fast-jwt, jose'
if have node && have npm; then
    try node 'its packages could not be installed' prepare_node
else
    absent node 'Node is not installed'
fi
say 'Go: our package, golang-jwt'
try go 'Go could not be installed' prepare_go
is_absent go || build_go

say 'Measuring'
if [ -n "${QUICK:-}" ]; then
    "$bench" --quick "$PEERS" "$OUT/quick"
    note "quick: few rounds, nothing in the repository was changed; see $OUT/quick"
else
    "$bench" "$PEERS" "$ROOT"
    note 'written: bench/results.json, docs/benchmarks.md, docs/benchmarks/, README.md'
fi
