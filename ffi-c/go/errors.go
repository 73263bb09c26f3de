package jwtverify

// #include <jwtverify.h>
import "C"

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrClosed says that a method was called on a value after its Close.
var ErrClosed = errors.New("jwtverify: used after Close")

// Code is a result code: a number that says what is wrong, the same in every language.
//
// It is an error itself, for errors.Is and errors.As; what the functions return is an [*Error],
// which wraps it.
type Code int32

// Family says who has to act on an error. It is an error itself, for errors.Is.
type Family string

// The families of errors. Which one a code is in decides what a service answers.
const (
	// ErrInvalidToken: the token is at fault; answer 401.
	ErrInvalidToken Family = "jwtverify: invalid token"
	// ErrMisuse: a setting, an argument or a key set can't be used; answer 500.
	ErrMisuse Family = "jwtverify: misuse"
	// ErrUnavailable: keys can't be had now; answer 503.
	ErrUnavailable Family = "jwtverify: keys unavailable"
	// ErrBug: a bug in the library; please report it.
	ErrBug Family = "jwtverify: internal error"
)

// Error is the detail of a failed call. It never holds token bytes, claim values or secrets.
type Error struct {
	// Code says what is wrong.
	Code Code
	// Name is the name of the code, such as "KeyNotFound", the same in every language.
	Name string
	// Message is one line.
	Message string
	// Diagnosis is what a person needs in order to act, on zero or more lines: the key ids there
	// are, the closest one, the last fetch. For logs, not for clients.
	Diagnosis string
	// Claim is the claim at fault, such as "aud", or empty.
	Claim string
	// HTTPStatus is what an HTTP service should answer: 401, 500 or 503.
	HTTPStatus int
	// WWWAuthenticate is the header that goes with a 401 (RFC 6750 section 3), or empty.
	WWWAuthenticate string
	// RetryAfter is for the header of that name of a 503; negative if there is nothing to wait
	// for.
	RetryAfter time.Duration
}

// Error gives the message.
func (e *Error) Error() string { return "jwtverify: " + e.Message }

// Unwrap gives the Code, so that errors.Is(err, ErrExpired) and errors.Is(err, ErrInvalidToken)
// tell what happened.
func (e *Error) Unwrap() error { return e.Code }

// Error gives the message of the code.
func (c Code) Error() string { return "jwtverify: " + c.row().message }

// Name gives the name of the code, such as "KeyNotFound"; "Unknown" for a number that is none.
func (c Code) Name() string { return c.row().name }

// Family tells who has to act.
func (c Code) Family() Family { return c.row().family }

// Is makes a code match its [Family].
func (c Code) Is(target error) bool {
	family, ok := target.(Family)
	return ok && c.row().family == family
}

// Error gives the text of the family.
func (f Family) Error() string { return string(f) }

type codeRow struct {
	code    Code
	name    string
	family  Family
	message string
}

var rowOfCode = func() map[Code]codeRow {
	rows := make(map[Code]codeRow, len(allCodes))
	for _, row := range allCodes {
		rows[row.code] = row
	}
	return rows
}()

// A newer library may have codes that this package does not know.
func (c Code) row() codeRow {
	if row, ok := rowOfCode[c]; ok {
		return row
	}
	return codeRow{c, "Unknown", ErrBug, fmt.Sprintf("unknown result code %d", int32(c))}
}

// newError is an error that was found on this side of the border.
func newError(code Code) *Error {
	number := C.int32_t(code)
	return &Error{
		Code:            code,
		Name:            C.GoString(C.jwtverify_result_name(number)),
		Message:         C.GoString(C.jwtverify_result_message(number)),
		HTTPStatus:      int(C.jwtverify_result_http_status(number)),
		WWWAuthenticate: C.GoString(C.jwtverify_result_www_authenticate(number)), // "" for NULL
		RetryAfter:      -1,
	}
}

// errorOf turns a result into an error, or nil, and frees the detail.
func errorOf(result C.int32_t, detail *C.jwtverify_error) error {
	if result == C.JWTVERIFY_OK {
		return nil
	}
	if detail == nil {
		return newError(Code(result))
	}
	defer C.jwtverify_error_free(detail)
	message := C.GoString(C.jwtverify_error_message(detail))
	diagnosis := strings.TrimPrefix(C.GoString(C.jwtverify_error_text(detail)), message)
	wait := time.Duration(-1)
	if seconds := int64(C.jwtverify_error_retry_after(detail)); seconds >= 0 {
		wait = seconds2duration(seconds)
	}
	return &Error{
		Code:            Code(C.jwtverify_error_code(detail)),
		Name:            C.GoString(C.jwtverify_error_name(detail)),
		Message:         message,
		Diagnosis:       strings.TrimPrefix(diagnosis, "\n"),
		Claim:           C.GoString(C.jwtverify_error_claim(detail)), // "" for NULL
		HTTPStatus:      int(C.jwtverify_error_http_status(detail)),
		WWWAuthenticate: C.GoString(C.jwtverify_error_www_authenticate(detail)),
		RetryAfter:      wait,
	}
}

// seconds2duration does not overflow: a Duration ends after 292 years.
func seconds2duration(seconds int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Second)
	return time.Duration(min(seconds, most)) * time.Second
}
