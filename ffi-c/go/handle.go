package jwtverify

// #include <jwtverify.h>
// #include <stdlib.h>
import "C"

import (
	"runtime"
	"strings"
	"sync/atomic"
	"unsafe"
)

// handle counts who uses a handle of the C library: its owner, and every call that is running. The
// last one frees it, so Close can neither wait for a call nor pull memory from under it.
type handle struct {
	users   atomic.Int64
	closed  atomic.Bool // the owner has given it up; in here, so that copies of the owner agree
	pointer unsafe.Pointer
	free    func(unsafe.Pointer)
}

func (h *handle) acquire() bool {
	for {
		users := h.users.Load()
		if users <= 0 {
			return false
		}
		if h.users.CompareAndSwap(users, users+1) {
			return true
		}
	}
}

func (h *handle) release() {
	if h.users.Add(-1) == 0 {
		h.free(h.pointer)
	}
}

// close ends the ownership, once.
func (h *handle) close() {
	if !h.closed.Swap(true) {
		h.release()
	}
}

// owner is the part of an exported type that holds its handle.
type owner struct {
	handle  *handle
	cleanup runtime.Cleanup
}

// own makes an owner; it is embedded in the exported value, whose end ends the ownership.
func own[T any](value *T, at func(*T) *owner, pointer unsafe.Pointer, free func(unsafe.Pointer)) *T {
	h := &handle{pointer: pointer, free: free}
	h.users.Store(1)
	o := at(value)
	o.handle = h
	o.cleanup = runtime.AddCleanup(value, (*handle).close, h)
	return value
}

func (o *owner) close() {
	if o.handle != nil {
		o.cleanup.Stop()
		o.handle.close()
	}
}

// use gives the pointer for a call; done must be called after it. The zero value of an exported
// type has no handle, and counts as closed.
func (o *owner) use() (pointer unsafe.Pointer, done func(), err error) {
	if o == nil || o.handle == nil || o.handle.closed.Load() || !o.handle.acquire() {
		return nil, nil, ErrClosed
	}
	return o.handle.pointer, o.handle.release, nil
}

// withString calls with a NUL-terminated copy. A NUL inside would hide what follows it.
func withString(text string, call func(*C.char) C.int32_t) error {
	if strings.IndexByte(text, 0) >= 0 {
		return newError(ErrMisuseArgument)
	}
	copied := C.CString(text)
	defer C.free(unsafe.Pointer(copied))
	return errorOf(call(copied), nil)
}

// textOf copies a view. ok is false where there is no text at all.
func textOf(view C.jwtverify_text) (text string, ok bool) {
	if view.data == nil {
		return "", false
	}
	return string(unsafe.Slice((*byte)(unsafe.Pointer(view.data)), int(view.len))), true
}

// chars is the start of a Go string or slice for C, which reads it during the call only.
func chars(text []byte) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(text))), C.size_t(len(text))
}

func charsOf(text string) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.size_t(len(text))
}
