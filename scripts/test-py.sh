#!/usr/bin/env bash
# The Python tests: builds the wheel, installs it into two virtual environments (alone, and beside
# PyJWT), checks types and stubs, and runs pytest in both. Closes with
# `N passed, N failed, N skipped`.
#
# The wheel is built with the profile that the Rust tests use, which shares their build: what is
# shipped has the release profile, and differs in nothing but speed.
# PYTHON names the interpreter, python3 by default.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

scripts/setup.sh rust python
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || die "$python is older than 3.10"

# A virtual environment whose interpreter has gone is made anew.
environment() { # name, requirement files...
    local at=$ROOT/.venv/$1 file
    shift
    "$at/bin/python" -c '' 2>/dev/null || "$python" -m venv --clear "$at"
    for file; do "$at/bin/pip" install --quiet --disable-pip-version-check -r "$file"; done
}

say 'Virtual environments'
environment py py/requirements-test.txt
environment py-pyjwt py/requirements-test.txt py/requirements-pyjwt.txt

say 'The issuer and the wheel'
build_for_tests
# A native module that `maturin develop` left in the source tree would go into the wheel.
rm -f py/python/jwtverify/*.so
wheels=target/wheels-test
rm -rf "$wheels"
# Without build isolation: the pinned maturin is used, and nothing but what has changed is built.
env -u PKG_CONFIG_PATH PATH="$ROOT/.venv/py/bin:$PATH" MATURIN_PEP517_ARGS='--profile dev' \
    .venv/py/bin/pip wheel --quiet --no-deps --no-build-isolation -w "$wheels" ./py
for name in py py-pyjwt; do
    ".venv/$name/bin/pip" install --quiet --no-deps --force-reinstall "$wheels"/jwtverify-*.whl
done

# The verdicts to compare with. They are there after the Rust tests.
[ -f target/attacks-rust.json ] || cargo test --quiet --workspace --test attacks

step() { # name, command...
    say "$1"
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

run_pytest() { # environment
    say "pytest, environment $1"
    local status=0 summary p f e s
    (cd py && "../.venv/$1/bin/python" -m pytest -q tests) 2>&1 | tee "$log" || status=$?
    summary=$(grep -E '^[0-9]+ (passed|failed|error|skipped|deselected).* in [0-9.]+s' "$log" | tail -n 1 || true)
    count() { grep -oE "[0-9]+ $1" <<<"$summary" | grep -oE '^[0-9]+' || echo 0; }
    p=$(count passed) f=$(count failed) e=$(count 'errors?') s=$(count skipped)
    f=$((f + e))
    if [ "$status" != 0 ] && [ "$f" = 0 ]; then f=1; fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

cd py
step 'mypy --strict' ../.venv/py-pyjwt/bin/mypy python tests
step 'stubtest' ../.venv/py-pyjwt/bin/python -m mypy.stubtest jwtverify --mypy-config-file pyproject.toml
cd ..
run_pytest py
run_pytest py-pyjwt

tally "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
