package jwtverify

// #include <jwtverify.h>
import "C"

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"time"
	"unsafe"
)

// Verified is a token that is valid. The only way to get one is a verification that succeeded.
type Verified struct{ signed }

// VerifiedJWS is a JWS whose signature is valid. Its claims, if it has any, were not checked.
type VerifiedJWS struct{ signed }

// signed is what both have.
type signed struct {
	header, payload []byte
	algorithm       string
	kid             string
	hasKid          bool
}

// Algorithm is the algorithm that the token was verified with, such as "ES256".
func (s *signed) Algorithm() string { return s.algorithm }

// Kid is the key id in the header; ok is false if there is none.
func (s *signed) Kid() (kid string, ok bool) { return s.kid, s.hasKid }

// Payload is the bytes that were signed. They belong to the caller.
func (s *signed) Payload() []byte { return s.payload }

// HeaderJSON is the header as JSON text: one object without duplicate names. It belongs to the
// caller.
func (s *signed) HeaderJSON() []byte { return s.header }

// Claims are the claims of a token by name. Numbers are json.Number: nothing is rounded.
type Claims map[string]any

// Claims reads all claims.
func (v *Verified) Claims() (Claims, error) {
	var claims Claims
	decoder := json.NewDecoder(bytes.NewReader(v.payload))
	decoder.UseNumber()
	err := decoder.Decode(&claims)
	return claims, err
}

// Decode reads the claims into a struct or a map of the caller, with [json.Unmarshal], which
// matches the names of struct fields without regard to case.
func (v *Verified) Decode(into any) error { return json.Unmarshal(v.payload, into) }

// String gives a claim that is a string, such as "iss", "sub" or "jti".
func (c Claims) String(name string) (value string, ok bool) {
	value, ok = c[name].(string)
	return value, ok
}

// Audience lists the strings in aud, which may be one or an array (RFC 7519 section 4.1.3).
func (c Claims) Audience() []string {
	switch aud := c["aud"].(type) {
	case string:
		return []string{aud}
	case []any:
		audience := make([]string, 0, len(aud))
		for _, one := range aud {
			if text, ok := one.(string); ok {
				audience = append(audience, text)
			}
		}
		return audience
	}
	return nil
}

// Time gives a claim that is a NumericDate, such as "exp", "nbf" or "iat", rounded down to whole
// seconds. A date past the range of int64 seconds is the end of that range.
func (c Claims) Time(name string) (value time.Time, ok bool) {
	number, ok := c[name].(json.Number)
	if !ok {
		return time.Time{}, false
	}
	if seconds, err := number.Int64(); err == nil {
		return time.Unix(seconds, 0), true
	}
	// Fractions and exponents: as a float first, so that 1e999 is refused and not computed.
	if float, err := number.Float64(); err != nil || math.IsInf(float, 0) {
		return time.Time{}, false
	} else if float >= math.MaxInt64 {
		return time.Unix(math.MaxInt64, 0), true
	} else if float <= math.MinInt64 {
		return time.Unix(math.MinInt64, 0), true
	} else if math.Abs(float) < 1 {
		return time.Unix(int64(math.Floor(float)), 0), true
	}
	exact, ok := new(big.Rat).SetString(number.String())
	if !ok {
		return time.Time{}, false
	}
	floor := new(big.Int).Div(exact.Num(), exact.Denom()) // Euclidean: down, as Denom is positive
	return time.Unix(floor.Int64(), 0), true
}

func takeVerified(verified *C.jwtverify_verified) *Verified {
	defer C.jwtverify_verified_free(verified)
	var payload C.jwtverify_bytes
	var header, kid, algorithm C.jwtverify_text
	must(C.jwtverify_verified_payload(verified, &payload))
	must(C.jwtverify_verified_header_json(verified, &header))
	must(C.jwtverify_verified_kid(verified, &kid))
	must(C.jwtverify_verified_algorithm(verified, &algorithm))
	return &Verified{takeSigned(payload, header, kid, algorithm)}
}

func takeVerifiedJWS(verified *C.jwtverify_verified_jws) *VerifiedJWS {
	defer C.jwtverify_verified_jws_free(verified)
	var payload C.jwtverify_bytes
	var header, kid, algorithm C.jwtverify_text
	must(C.jwtverify_verified_jws_payload(verified, &payload))
	must(C.jwtverify_verified_jws_header_json(verified, &header))
	must(C.jwtverify_verified_jws_kid(verified, &kid))
	must(C.jwtverify_verified_jws_algorithm(verified, &algorithm))
	return &VerifiedJWS{takeSigned(payload, header, kid, algorithm)}
}

// takeSigned copies the views before their owner is freed.
func takeSigned(payload C.jwtverify_bytes, header, kid, algorithm C.jwtverify_text) signed {
	var s signed
	s.payload = bytes.Clone(unsafe.Slice((*byte)(payload.data), int(payload.len)))
	text, _ := textOf(header)
	s.header = []byte(text)
	s.kid, s.hasKid = textOf(kid)
	s.algorithm, _ = textOf(algorithm)
	return s
}

// must: reading a valid token with pointers that are not NULL can't fail. If it did, going on
// would make an empty token look verified.
func must(result C.int32_t) {
	if err := errorOf(result, nil); err != nil {
		panic(err)
	}
}
