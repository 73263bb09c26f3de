#!/usr/bin/env bash
# Everything that can be said about the sources without running the tests. All steps run, then one
# table says how each ended; any failure fails the whole.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

export PATH="$ROOT/.tools/bin:$PATH" # the cargo-deny that scripts/setup.sh installs

table=()
verdict=0

step() { # name, command...
    local name=$1 how=ok
    shift
    say "$name: $*"
    "$@" || { how=FAILED verdict=1; }
    table+=("$(printf '%-28s %s' "$name" "$how")")
}

clippy() { cargo clippy --quiet "$@" -- -D warnings; }

rustdoc() {
    local RUSTDOCFLAGS='-D warnings'
    export RUSTDOCFLAGS
    cargo doc --quiet --workspace --no-deps --document-private-items &&
        cargo doc --quiet -p jwtverify-jwks --all-features --no-deps --document-private-items
}

c_header() { build_for_tests && "${CARGO_TARGET_DIR:-target}/debug/examples/header" --check; }

# The advisory database is a public git repository. Where it cannot be reached the check cannot be
# made: the table says so, and nothing fails, since nothing was found.
advisories() {
    say 'advisories: cargo deny check advisories'
    local how=ok reason
    if ! reason=$(timeout 120 cargo deny fetch db 2>&1); then
        printf '%s\n' "$reason"
        how='not checked (database unreachable)'
    elif ! cargo deny check --disable-fetch advisories; then
        how=FAILED verdict=1
    fi
    echo "advisories: $how"
    table+=("$(printf '%-28s %s' advisories "$how")")
}

shell_scripts() {
    local scripts=(.ci/run) file bad=0
    mapfile -t -O 1 scripts < <(git ls-files --cached --others --exclude-standard '*.sh')
    for file in "${scripts[@]}"; do bash -n "$file" || bad=1; done
    if have shellcheck; then
        shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning "${scripts[@]}" || bad=1
    else
        note 'shellcheck is not installed: syntax only'
    fi
    return "$bad"
}

# Five workspaces, five lock files: a dependency that is new in core changes all of them.
lock_files() {
    local manifest bad=0
    for manifest in Cargo.toml bench/Cargo.toml fuzz/Cargo.toml tests/firmware/Cargo.toml tests/loom/Cargo.toml; do
        cargo metadata --locked --format-version 1 --manifest-path "$manifest" >/dev/null || bad=1
    done
    return "$bad"
}

scripts/setup.sh lint
step 'lock files' lock_files
step 'formatting' cargo fmt --all --check
step 'clippy' clippy --workspace --all-targets
step 'clippy, core alone' clippy -p jwtverify-core --no-default-features
step 'clippy, core with a heap' clippy -p jwtverify-core --no-default-features --features alloc
step 'clippy, key sets without AWS-LC' clippy -p jwtverify-jwks --no-default-features
step 'clippy, key sets with all' clippy -p jwtverify-jwks --all-features --all-targets
step 'formatting of fuzz' cargo fmt --manifest-path fuzz/Cargo.toml --check
step 'formatting of bench' cargo fmt --manifest-path bench/Cargo.toml --check
step 'formatting of loom' cargo fmt --manifest-path tests/loom/Cargo.toml --check
step 'no panic in core' scripts/no-panic.sh
step 'documentation' rustdoc
step 'C header' c_header
step 'bans, licences, sources' cargo deny --log-level warn check bans licenses sources
advisories
step 'shell scripts' shell_scripts

say 'How it ended'
printf '%s\n' "${table[@]}"
exit "$verdict"
