//go:build jwtverify_static

package jwtverify

// #cgo pkg-config: jwtverify-static
import "C"
