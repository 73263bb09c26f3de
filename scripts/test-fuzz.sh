#!/usr/bin/env bash
# The smoke run of the fuzz targets; closes with `N passed, N failed, N skipped`.
exec "$(dirname "$0")/fuzz.sh" --smoke
