//go:build !golang_jwt

package main

import "errors"

// golangJWT says that it is not here: scripts/bench.sh did not find its source.
func golangJWT(fixture) (once, error) {
	return nil, errors.New("its source could not be had here; Go's own crypto does the same work")
}
