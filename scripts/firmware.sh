#!/usr/bin/env bash
# The firmware of tests/firmware: one image for each set of algorithms, run on an emulated
# Cortex-M4F, and beside each one the bare signature check for comparison. Checks what the device
# says, that images without an allocator link, and the limits that docs/embedding.md promises.
# Closes with `N passed, N failed, N skipped`.
#
#   scripts/firmware.sh            builds, runs, prints the table
#   scripts/firmware.sh --write    and puts the table into docs/embedding.md
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# What the whole verifier may add to the bare check: octets of flash, and instructions in percent.
MOST_FLASH=24576
MOST_INSTRUCTIONS=5

DEVICE=thumbv7em-none-eabihf
# No floating point and no atomic read-modify-write: the core must compile there too.
OTHERS=(thumbv6m-none-eabi riscv32imc-unknown-none-elf)

SETS=(es256 eddsa hs256 rs256 'es256,eddsa,rs256')

passed=0 failed=0
ok() { passed=$((passed + 1)) && printf 'ok      %s\n' "$1"; }
bad() { failed=$((failed + 1)) && printf 'FAILED  %s\n' "$1"; }
check() { # what, command...
    local what=$1
    shift
    if "$@"; then ok "$what"; else bad "$what"; fi
}

scripts/setup.sh rust firmware
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CARGO_TARGET_DIR=$TARGET/firmware

# The standard library is built along with the image: with the prebuilt one, copying memory alone
# nearly doubles the instructions of ES256.
read -ra cargo <<<"$(device_cargo)"
std=('-Zbuild-std=core,alloc')
linker=$(device_linker)

build_image() { # bin, features
    (
        cd tests/firmware
        export RUSTFLAGS="-Clinker=$linker -Clinker-flavor=ld.lld -Clink-arg=-Tlink.x -Dwarnings"
        "${cargo[@]}" build --quiet --locked "${std[@]}" --target "$DEVICE" --release --bin "$1" \
            --no-default-features --features "$2"
    )
}

# Runs an image: 1 ns an instruction, so that the system timer counts instructions.
run_image() { # bin; prints what it says
    timeout 120 qemu-system-arm -machine mps2-an386 -display none -monitor none -serial none \
        -icount shift=0 -semihosting-config enable=on,target=native \
        -kernel "$CARGO_TARGET_DIR/$DEVICE/release/$1" 2>&1
}

value() { awk -v name="$2" -v detail="$3" '$1 == name && $2 == detail { print $3 }' "$work/$1"; }

thousands() { printf '%d' "$1" | sed -E ':a; s/([0-9])([0-9]{3})($| )/\1 \2\3/; ta'; }

# A secret is also held against every form that public keys come in, and against its namesakes
# with every digest.
most_flash() { if [ "$1" = hs256 ]; then echo 32768; else echo "$MOST_FLASH"; fi; }

rows=()
measure() { # features
    local set=$1 names name bare whole features bin flash more_flash more_instructions instructions='' bare_instructions=''
    names=$(tr ',' ' ' <<<"$set" | tr '[:lower:]' '[:upper:]' | sed 's/EDDSA/EdDSA/')
    say "$names"
    for bin in raw verify; do
        features=$set
        if [[ $bin = raw && $set = *rs256* ]]; then features+=,bare-rsa; fi
        if ! build_image "$bin" "$features"; then bad "$names: $bin builds" && return; fi
        if run_image "$bin" >"$work/$bin"; then ok "$names: $bin runs"; else
            bad "$names: $bin runs"
            sed 's/^/        | /' "$work/$bin"
            return
        fi
    done
    sed 's/^/        | /' "$work/verify"
    passed=$((passed + $(grep -c '^ok ' "$work/verify"))) || true
    flash=$(value verify flash octets)
    # Without the tokens and keys that the images are tested with.
    more_flash=$((flash - $(value verify data octets) - $(value raw flash octets) + $(value raw data octets)))
    for name in $names; do
        whole=$(value verify verify "$name")
        bare=$(value raw raw "$name")
        more_instructions=$((whole > bare ? (whole - bare) * 1000 / bare : 0))
        instructions+="${instructions:+, }$(thousands "$((whole / 1000))")"
        bare_instructions+="${bare_instructions:+, }$(thousands "$((bare / 1000))")"
        # An HMAC costs less than reading the token: there is no signature to be compared with.
        if [ "$name" != HS256 ]; then
            check "$name: $((more_instructions / 10)).$((more_instructions % 10)) % more instructions than the bare check" \
                test "$more_instructions" -le $((MOST_INSTRUCTIONS * 10))
        fi
    done
    check "$names: $more_flash octets more flash than the bare check" test "$more_flash" -le "$(most_flash "$set")"
    rows+=("$(printf '| %s | %s | %s | %s | %s | %s | %s | %s |' "${names// /, }" \
        "$(thousands "$flash")" "$(thousands "$more_flash")" "$(thousands "$(value verify static octets)")" \
        "$(thousands "$(value verify stack octets)")" "$(thousands "$(value verify heap octets)")" \
        "$instructions" "$bare_instructions")")
}

for set in "${SETS[@]}"; do measure "$set"; done

say 'Other targets'
compiles() { # target, features
    (cd tests/firmware && "${cargo[@]}" build --quiet --locked "${std[@]}" --target "$1" --release --lib \
        --manifest-path ../../core/Cargo.toml --no-default-features --features "$2")
}
for target in "${OTHERS[@]}"; do
    check "$target: without a heap" compiles "$target" rsa,p256,p384,p521,ed25519,hmac
    check "$target: with a heap" compiles "$target" alloc,rsa,p256,p384,p521,ed25519,hmac
done

{
    echo '| algorithms | flash | more than the bare check | static RAM | peak stack | peak heap | instructions a token, in thousands | bare check |'
    echo '| --- | --- | --- | --- | --- | --- | --- | --- |'
    [ "${#rows[@]}" = 0 ] || printf '%s\n' "${rows[@]}"
} >"$work/table"
say 'What it takes (octets, instructions)'
cat "$work/table"
if [ "${1:-}" = --write ]; then
    awk -v table="$work/table" '
        /^<!-- table: / { print; while ((getline row < table) > 0) print row; inside = 1; next }
        /^<!-- end of table -->/ { inside = 0 }
        !inside { print }' docs/embedding.md >"$work/page"
    cp "$work/page" docs/embedding.md
fi

echo
tally "$passed" "$failed" 0
[ "$failed" = 0 ]
