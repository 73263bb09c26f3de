# shellcheck shell=bash
# Shared by the scripts beside it; sourced, never run.

# All scripts work from the root of the checkout, wherever they were started.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1

say() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
# Where cargo builds. Programs that link the C library find it at one place below it in every test:
# Go's cache does not notice that pkg-config now names another directory.
TARGET=${CARGO_TARGET_DIR:-target}
case $TARGET in /*) ;; *) TARGET=$ROOT/$TARGET ;; esac
INSTALLED=$TARGET/installed
install_for_tests() {
    rm -rf "$INSTALLED"
    PREFIX=$INSTALLED scripts/install.sh
    export PKG_CONFIG_PATH=$INSTALLED/lib/pkgconfig
}
# AWS-LC is built anew when this variable changes, and so is all that uses it: cargo never hears
# where the tests find the C library.
cargo() { env -u PKG_CONFIG_PATH cargo "$@"; }
have() { command -v "$1" >/dev/null 2>&1; }
in_ci() { [ "${CI:-}" = true ]; }

# What a test script reports: one closing line, `N passed, N failed, N skipped`.
tally() { printf '%d passed, %d failed, %d skipped\n' "$1" "$2" "$3"; }

# The programs and examples that tests use, built exactly as `cargo test` builds them. Asked for
# one by one, they would have other features, and everything below them would be built again.
build_for_tests() { cargo test --quiet --workspace --no-run; }

# Cargo that can build the standard library for a device, or failure: the usual toolchain if it has
# the source, else Debian's. The flag is unstable, the library is the one that belongs to the compiler.
device_cargo() {
    if [ -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
        echo env RUSTC_BOOTSTRAP=1 cargo
    elif [ -x /usr/bin/cargo ] && [ -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
        echo env RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 /usr/bin/cargo
    else
        return 1
    fi
}

# A linker for devices: the one that comes with the Rust toolchain, else LLVM's.
device_linker() {
    local found
    found=$(find "$(rustc --print sysroot)/lib/rustlib" -name rust-lld -print -quit 2>/dev/null) || true
    [ -n "$found" ] || found=$(command -v ld.lld) || return 1
    printf '%s\n' "$found"
}
