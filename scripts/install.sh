#!/usr/bin/env bash
# Builds the C library and installs it with its header and its pkg-config files.
#
#   PREFIX=/usr/local DESTDIR= scripts/install.sh
#
#   PREFIX    where it will be used from; /usr/local by default
#   LIBDIR    where libraries go; $PREFIX/lib by default
#   DESTDIR   put in front of every path that is written, for packages; empty by default
#   PROFILE   the Cargo profile: release by default; dev builds faster
set -euo pipefail
. "$(dirname "$0")/lib.sh"

PREFIX=${PREFIX:-/usr/local}
LIBDIR=${LIBDIR:-$PREFIX/lib}
DESTDIR=${DESTDIR:-}
PROFILE=${PROFILE:-release}
case $PREFIX in /*) ;; *) die "PREFIX must be an absolute path, not '$PREFIX'" ;; esac
case $LIBDIR in /*) ;; *) die "LIBDIR must be an absolute path, not '$LIBDIR'" ;; esac

version=$(sed -nE 's/^version = "([0-9.]+)"$/\1/p' Cargo.toml | head -n 1)
IFS=. read -r major minor _ <<<"$version"
abi=$major
[ "$major" != 0 ] || abi=0.$minor # as in ffi-c/build.rs

# Which system libraries a program needs that links libjwtverify.a: the compiler knows.
build_log=$(mktemp)
trap 'rm -f "$build_log"' EXIT
cargo rustc --quiet -p jwtverify-ffi --lib --profile "$PROFILE" --color never \
    -- --print native-static-libs 2>"$build_log" || {
    cat "$build_log" >&2
    exit 1
}
private=$(sed -nE 's/.*native-static-libs: (.*)$/\1/p' "$build_log" | head -n 1)
[ -n "$private" ] || die "the compiler did not say which system libraries libjwtverify.a needs"

built=${CARGO_TARGET_DIR:-target}/$PROFILE
[ "$PROFILE" != dev ] || built=${CARGO_TARGET_DIR:-target}/debug
lib=$DESTDIR$LIBDIR
include=$DESTDIR$PREFIX/include
install -d "$lib/pkgconfig" "$include"
case $(uname -s) in
    Darwin)
        install -m 755 "$built/libjwtverify.dylib" "$lib/libjwtverify.$version.dylib"
        ln -sf "libjwtverify.$version.dylib" "$lib/libjwtverify.$abi.dylib"
        ln -sf "libjwtverify.$abi.dylib" "$lib/libjwtverify.dylib"
        ;;
    *)
        install -m 755 "$built/libjwtverify.so" "$lib/libjwtverify.so.$version"
        ln -sf "libjwtverify.so.$version" "$lib/libjwtverify.so.$abi"
        ln -sf "libjwtverify.so.$abi" "$lib/libjwtverify.so"
        ;;
esac
install -m 644 "$built/libjwtverify.a" "$lib/libjwtverify.a"
install -m 644 include/jwtverify.h "$include/jwtverify.h"

pkg_config() { # name, description, Libs, Libs.private
    cat >"$lib/pkgconfig/$1.pc" <<EOF
prefix=$PREFIX
libdir=$LIBDIR
includedir=\${prefix}/include

Name: $1
Description: $2
Version: $version
Cflags: -I\${includedir}
Libs: $3
EOF
    [ -z "$4" ] || echo "Libs.private: $4" >>"$lib/pkgconfig/$1.pc"
}

pkg_config jwtverify 'Verifies JSON Web Tokens' "-L\${libdir} -ljwtverify" "$private"
# Where both libraries are installed, -ljwtverify means the shared one even with --static; this
# one names the archive, so that a program can choose.
pkg_config jwtverify-static 'Verifies JSON Web Tokens (linked statically)' \
    "\${libdir}/libjwtverify.a $private" ''

printf 'installed libjwtverify %s in %s\n' "$version" "$DESTDIR$PREFIX"
