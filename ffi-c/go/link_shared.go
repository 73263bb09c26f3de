//go:build !jwtverify_static

package jwtverify

// #cgo pkg-config: jwtverify
import "C"
