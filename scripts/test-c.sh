#!/usr/bin/env bash
# The C interface with a real compiler and linker: installs the library, compiles the header, the
# example and the tests by several standards, links shared and static through pkg-config, and runs
# them, also under a memory checker. Closes with `N passed, N failed, N skipped`.
#
#   scripts/test-c.sh           PROFILE=dev builds the library faster, for work on the tests
set -euo pipefail
. "$(dirname "$0")/lib.sh"

passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)) && printf 'ok      %s\n' "$1"; }
bad() { failed=$((failed + 1)) && printf 'FAILED  %s\n' "$1"; }
skip() { skipped=$((skipped + 1)) && printf 'SKIPPED %s: %s\n' "$1" "$2"; }

check() { # name, command...
    local name=$1
    shift
    if "$@" >"$work/log" 2>&1; then ok "$name"; else
        bad "$name"
        sed 's/^/        | /' "$work/log" | head -n 40
    fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

scripts/setup.sh rust c
say 'Building and installing'
prefix=$work/prefix
PREFIX=$prefix scripts/install.sh
build_for_tests
issuer=${CARGO_TARGET_DIR:-target}/debug/issuer
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
export LD_LIBRARY_PATH=$prefix/lib

# --- The library as it is installed
say 'The library'
exported() { nm -D --defined-only "$prefix/lib/libjwtverify.so" | awk '{ print $3 }' | LC_ALL=C sort; }
version=$(pkg-config --modversion jwtverify)
IFS=. read -r major minor _ <<<"$version"
abi=$major
[ "$major" != 0 ] || abi=0.$minor
# Never grep -q: it may end before the writer, whose broken pipe would count as a failure.
soname() { readelf -d "$prefix/lib/libjwtverify.so" | grep SONAME | grep -F "[libjwtverify.so.$abi]"; }
check 'exports exactly the listed symbols' diff ffi-c/symbols.txt <(exported)
check "is called libjwtverify.so.$abi" soname
stays_loaded() { readelf -d "$prefix/lib/libjwtverify.so" | grep NODELETE; }
check 'stays loaded after dlclose' stays_loaded
check 'has its symbolic links' test "$prefix/lib/libjwtverify.so" -ef "$prefix/lib/libjwtverify.so.$version"
check 'packages do not name the staging directory' bash -c \
    "DESTDIR='$work/stage' PREFIX=/opt/x scripts/install.sh >/dev/null &&
     grep -q '^prefix=/opt/x$' '$work/stage/opt/x/lib/pkgconfig/jwtverify.pc' &&
     ! grep -qr '$work' '$work/stage/opt/x/lib/pkgconfig'"

# --- The header by several standards, twice in each of two files
say 'The header'
strict=(-Wall -Wextra -Wpedantic -Werror)
read -ra cflags <<<"$(pkg-config --cflags jwtverify)"
read -ra shared <<<"$(pkg-config --libs jwtverify)"
read -ra static <<<"$(pkg-config --libs jwtverify-static)"
double_include() { # compiler and options
    "$@" "${strict[@]}" "${cflags[@]}" -c ffi-c/tests/double-include-a.c -o "$work/a.o" &&
        "$@" "${strict[@]}" "${cflags[@]}" -c ffi-c/tests/double-include-b.c -o "$work/b.o" &&
        "$1" "$work/a.o" "$work/b.o" "${shared[@]}" -o "$work/double" && "$work/double"
}
for standard in c99 c11 c17 c2x; do check "$standard" double_include cc "-std=$standard"; done
for standard in c++11 c++17 c++20; do
    # -x applies to the sources; the objects are linked in a call of their own.
    check "$standard" double_include g++ "-std=$standard" -xc++
done

# --- The programs: example and tests
say 'Compiling and linking'
example=ffi-c/examples/verify.c
check 'example as C99, shared' cc -std=c99 "${strict[@]}" "${cflags[@]}" "$example" "${shared[@]}" -o "$work/verify"
check 'example as C99, static' cc -std=c99 "${strict[@]}" "${cflags[@]}" "$example" "${static[@]}" -o "$work/verify-static"
check 'example as C++17, shared' g++ -std=c++17 "${strict[@]}" "${cflags[@]}" -xc++ "$example" -xnone "${shared[@]}" -o "$work/verify-c++"
# Not fork with sanitizers: the allocator of AddressSanitizer has locks that a child inherits as they
# are, held by threads that it does not have, and then waits for them for ever.
for name in verdicts misuse threads remote fork; do
    check "$name, shared" cc -std=c11 -g "${strict[@]}" "${cflags[@]}" "ffi-c/tests/$name.c" "${shared[@]}" -pthread -o "$work/$name"
    [ "$name" != fork ] || continue
    check "$name, static, with sanitizers" cc -std=c11 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
        "${strict[@]}" "${cflags[@]}" "ffi-c/tests/$name.c" "${static[@]}" -pthread -o "$work/$name-asan"
done
needs_the_library() { readelf -d "$1" | grep -F "[libjwtverify.so.$abi]"; }
check 'shared programs need the library by its ABI name' needs_the_library "$work/verify"
check 'static programs do not need it' bash -c "! readelf -d '$work/verify-static' | grep libjwtverify"

# --- The example on files
say 'The example'
coproc ISSUER { exec "$issuer" ES256 RS256; }
issuer_pid=$ISSUER_PID
exec 3>&"${ISSUER[1]}" 4<&"${ISSUER[0]}" # the coprocess's own are closed in subshells
ask() { # command; prints the answer
    local answer
    printf '%s\n' "$1" >&3
    IFS= read -r answer <&4
    printf '%s\n' "$answer"
}
token() { # command, file
    ask "$1" | sed -nE 's/.*"token":"([^"]*)".*/\1/p' >"$2"
    [ -s "$2" ] || die "the issuer gives no token for: $1"
}
IFS= read -r first <&4
grep -q '"ok":true' <<<"$first" || die "the issuer says: $first"
files=$work/files
mkdir "$files"
ask jwks | sed -E 's/^\{"jwks":(.*),"ok":true\}$/\1/' >"$files/keys.json"
claims='{"iss":"me","aud":"you","sub":"anna","exp":9999999999}'
token "mint ES256 $claims" "$files/good"
token 'mint ES256 {"iss":"me","aud":"you","sub":"anna","exp":1}' "$files/expired"
token "mint RS256 $claims" "$files/other-algorithm"
token "forge tampered ES256 $claims" "$files/tampered"
token "forge none $claims" "$files/none"
token "forge unknown-kid ES256 $claims" "$files/unknown-kid"
printf '' >"$files/empty"
printf '\0\377\376%%s%%n..' >"$files/bytes"
head -c 300000 /dev/zero | tr '\0' a >"$files/long"
printf '{"keys":[' >"$files/broken.json"
ask quit >/dev/null
exec 3>&- 4<&-
wait "$issuer_pid" || true

exits() { # wanted status, text that must be in the output, command...
    local wanted=$1 text=$2 status=0 output
    shift 2
    output=$("$@" 2>&1) || status=$?
    printf '%s\n' "$output"
    [ "$status" = "$wanted" ] && [[ $output = *"$text"* ]]
}
for program in verify verify-static verify-c++; do
    run() { exits "$2" "$3" "$work/$program" "$files/${5:-keys.json}" "$files/$1" "${4:-ES256}" me you; }
    check "$program: good" run good 0 'valid, sub: anna'
    check "$program: expired" run expired 1 'exp'
    check "$program: other algorithm" run other-algorithm 1 'alg'
    check "$program: tampered" run tampered 1 'signature'
    check "$program: alg none" run none 1 ''
    check "$program: unknown kid, with the kids there are" run unknown-kid 1 'es256-1'
    check "$program: empty" run empty 1 'segments'
    check "$program: bytes" run bytes 1 ''
    check "$program: too long for its buffer" run long 1 ''
    check "$program: no such algorithm" run good 2 'algorithm' es256
    check "$program: broken key set" run good 2 'JSON' ES256 broken.json
    check "$program: no key set" run good 2 '' ES256 missing.json
    check "$program: usage" exits 2 'usage' "$work/$program"
done

# --- The test programs, each with an issuer of its own on its standard input and output
say 'The tests'
with_issuer() { # command...
    local pid status=0
    coproc TALK { exec "$issuer" ES256 RS256 2>/dev/null; }
    pid=$TALK_PID
    "$@" <&"${TALK[0]}" >&"${TALK[1]}" || status=$?
    { printf 'quit\n' >&"${TALK[1]}"; } 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    return "$status"
}
# What the test program counted itself.
count() { sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/        \1 checks passed, \2 failed/p' "$work/log"; }
for name in verdicts misuse threads remote fork; do
    check "$name" with_issuer "$work/$name"
    count
    [ "$name" != fork ] || continue
    check "$name, static, with sanitizers" with_issuer "$work/$name-asan"
done
sanitized() { nm "$work/verdicts-asan" | grep __asan_init >/dev/null; }
check 'the sanitizers are really on' sanitized

say 'Memory'
if have valgrind; then
    memcheck=(valgrind --quiet --leak-check=full "--show-leak-kinds=definite,indirect,possible"
        "--errors-for-leak-kinds=definite,indirect" --error-exitcode=9)
    check 'example, good token' "${memcheck[@]}" "$work/verify" "$files/keys.json" "$files/good" ES256 me you
    for name in expired tampered none unknown-kid bytes long; do
        check "example, $name" exits 1 '' "${memcheck[@]}" "$work/verify" "$files/keys.json" "$files/$name" ES256 me you
    done
    # Not fork: in a child the memory of the threads that it lacks would count as lost.
    for name in verdicts misuse threads remote; do
        check "$name" with_issuer "${memcheck[@]}" "$work/$name"
    done
    leak() { # the checker must see a leak, or it sees nothing
        printf '#include <jwtverify.h>\nint main(void){jwtverify_verifier_builder*b=0;return jwtverify_verifier_builder_new(&b);}\n' >"$work/leak.c"
        cc "${cflags[@]}" "$work/leak.c" "${shared[@]}" -o "$work/leak" && exits 9 'definitely lost' "${memcheck[@]}" "$work/leak"
    }
    check 'a leak would be seen' leak
else
    skip 'valgrind' 'not installed'
    if in_ci; then bad 'valgrind is missing under CI=true'; fi
fi

tally "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
