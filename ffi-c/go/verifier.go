package jwtverify

// #include <jwtverify.h>
// #cgo noescape jwtverify_verifier_verify
// #cgo nocallback jwtverify_verifier_verify
// #cgo noescape jwtverify_verifier_verify_jws
// #cgo nocallback jwtverify_verifier_verify_jws
import "C"

import (
	"time"
	"unsafe"
)

// Verifier is a set of rules for tokens.
type Verifier struct{ owner }

// VerifierConfig holds the rules for a [Verifier]. Algorithms, issuer and audience have no
// default: each must be given, if only as "any".
type VerifierConfig struct {
	// Algorithms is the list of allowed algorithms, such as "RS256" and "ES256" (RFC 8725 section
	// 3.1). Names are case-sensitive.
	Algorithms []string
	// Issuers lists the values that the claim iss may have.
	Issuers []string
	// AnyIssuer leaves the issuer unchecked.
	AnyIssuer bool
	// Audiences lists the values of which the claim aud must have one.
	Audiences []string
	// AnyAudience leaves the audience unchecked.
	AnyAudience bool
	// Leeway stretches exp and nbf, for clocks that differ: whole seconds, at most 5 minutes.
	Leeway time.Duration
	// RequiredClaims lists the claims that must be present; nil for exp alone, an empty slice that
	// is not nil for none.
	RequiredClaims []string
	// Type is the typ that the header must have, such as "at+jwt"; empty for no check.
	Type string
	// MaxAge refuses tokens that were issued longer ago, in whole seconds; 0 for no limit.
	MaxAge time.Duration
	// AllowPadding accepts segments with correct trailing "=", as AWS load balancers write them.
	AllowPadding bool
	// MaxTokenBytes is the longest token; 0 for 256 KiB.
	MaxTokenBytes int
	// MaxHeaderBytes is the longest header, decoded; 0 for 8 KiB.
	MaxHeaderBytes int
}

// NewVerifier makes a verifier of the rules. What is missing or contradictory is an error of the
// family [ErrMisuse].
func NewVerifier(config VerifierConfig) (*Verifier, error) {
	var builder *C.jwtverify_verifier_builder
	if err := errorOf(C.jwtverify_verifier_builder_new(&builder), nil); err != nil {
		return nil, err
	}
	defer C.jwtverify_verifier_builder_free(builder)
	if err := config.apply(builder); err != nil {
		return nil, err
	}
	var verifier *C.jwtverify_verifier
	var detail *C.jwtverify_error
	result := C.jwtverify_verifier_builder_build(builder, &verifier, &detail)
	if err := errorOf(result, detail); err != nil {
		return nil, err
	}
	return own(&Verifier{}, func(v *Verifier) *owner { return &v.owner }, unsafe.Pointer(verifier),
		func(p unsafe.Pointer) { C.jwtverify_verifier_free((*C.jwtverify_verifier)(p)) }), nil
}

func (config *VerifierConfig) apply(b *C.jwtverify_verifier_builder) error {
	for _, list := range []struct {
		values []string
		set    func(*C.char) C.int32_t
	}{
		{config.Algorithms, func(s *C.char) C.int32_t { return C.jwtverify_verifier_builder_algorithm(b, s) }},
		{config.Issuers, func(s *C.char) C.int32_t { return C.jwtverify_verifier_builder_issuer(b, s) }},
		{config.Audiences, func(s *C.char) C.int32_t { return C.jwtverify_verifier_builder_audience(b, s) }},
		{config.RequiredClaims, func(s *C.char) C.int32_t { return C.jwtverify_verifier_builder_required_claim(b, s) }},
	} {
		for _, value := range list.values {
			if err := withString(value, list.set); err != nil {
				return err
			}
		}
	}
	// A list that was made and left empty is a mistake of whoever made it.
	if isEmptyList(config.Issuers) || isEmptyList(config.Audiences) {
		return newError(ErrMisuseEmptyList)
	}
	if config.Type != "" {
		err := withString(config.Type, func(s *C.char) C.int32_t { return C.jwtverify_verifier_builder_typ(b, s) })
		if err != nil {
			return err
		}
	}
	leeway, leewayOK := wholeSeconds(config.Leeway)
	age, ageOK := wholeSeconds(config.MaxAge)
	if !leewayOK || !ageOK || config.MaxTokenBytes < 0 || config.MaxHeaderBytes < 0 {
		return newError(ErrMisuseArgument)
	}
	// The builder remembers what fails.
	if config.AnyIssuer {
		C.jwtverify_verifier_builder_any_issuer(b)
	}
	if config.AnyAudience {
		C.jwtverify_verifier_builder_any_audience(b)
	}
	if isEmptyList(config.RequiredClaims) {
		C.jwtverify_verifier_builder_no_required_claims(b)
	}
	if leeway != 0 {
		C.jwtverify_verifier_builder_leeway(b, leeway)
	}
	if age != 0 {
		C.jwtverify_verifier_builder_max_age(b, age)
	}
	if config.AllowPadding {
		C.jwtverify_verifier_builder_allow_padding(b)
	}
	if config.MaxTokenBytes != 0 {
		C.jwtverify_verifier_builder_max_token_bytes(b, C.size_t(config.MaxTokenBytes))
	}
	if config.MaxHeaderBytes != 0 {
		C.jwtverify_verifier_builder_max_header_bytes(b, C.size_t(config.MaxHeaderBytes))
	}
	return nil
}

func isEmptyList(list []string) bool { return list != nil && len(list) == 0 }

// wholeSeconds refuses what would be rounded silently.
func wholeSeconds(d time.Duration) (C.uint64_t, bool) {
	return C.uint64_t(max(d, 0) / time.Second), d >= 0 && d%time.Second == 0
}

// Close gives the memory back. It never fails; a second Close does nothing.
func (v *Verifier) Close() error {
	v.close()
	return nil
}

// Verify verifies a token: structure, header, key, signature, then claims at the time now, which
// is time.Now() if it is the zero Time. An error is an [*Error], or [ErrClosed].
func (v *Verifier) Verify(token string, keys *KeySet, now time.Time) (*Verified, error) {
	verifier, keySet, done, err := both(v, keys)
	if err != nil {
		return nil, err
	}
	defer done()
	if now.IsZero() {
		now = time.Now()
	}
	var verified *C.jwtverify_verified
	var detail *C.jwtverify_error
	text, length := charsOf(token)
	result := C.jwtverify_verifier_verify(verifier, text, length, keySet,
		C.int64_t(now.Unix()), &verified, &detail)
	if err := errorOf(result, detail); err != nil {
		return nil, err
	}
	return takeVerified(verified), nil
}

// VerifyJWS verifies the signature of a token whose payload is any bytes. Claims are not looked
// at: such a token may have expired or be meant for somebody else.
func (v *Verifier) VerifyJWS(token string, keys *KeySet) (*VerifiedJWS, error) {
	verifier, keySet, done, err := both(v, keys)
	if err != nil {
		return nil, err
	}
	defer done()
	var verified *C.jwtverify_verified_jws
	var detail *C.jwtverify_error
	text, length := charsOf(token)
	result := C.jwtverify_verifier_verify_jws(verifier, text, length, keySet, &verified, &detail)
	if err := errorOf(result, detail); err != nil {
		return nil, err
	}
	return takeVerifiedJWS(verified), nil
}

func both(v *Verifier, k *KeySet) (*C.jwtverify_verifier, *C.jwtverify_key_set, func(), error) {
	if v == nil || k == nil {
		return nil, nil, nil, newError(ErrMisuseNull)
	}
	verifier, doneVerifier, err := v.use()
	if err != nil {
		return nil, nil, nil, err
	}
	keys, doneKeys, err := k.use()
	if err != nil {
		doneVerifier()
		return nil, nil, nil, err
	}
	done := func() {
		doneKeys()
		doneVerifier()
	}
	return (*C.jwtverify_verifier)(verifier), (*C.jwtverify_key_set)(keys), done, nil
}

// VerifySignature verifies a signature over a message with one public key as a JWK: the primitive
// below tokens (RFC 7518 section 3).
func VerifySignature(algorithm string, jwk, message, signature []byte) error {
	keyText, keyLength := chars(jwk)
	messageText, messageLength := chars(message)
	signatureText, signatureLength := chars(signature)
	var detail *C.jwtverify_error
	var result C.int32_t
	err := withString(algorithm, func(name *C.char) C.int32_t {
		result = C.jwtverify_signature_verify(name, keyText, keyLength,
			(*C.uint8_t)(unsafe.Pointer(messageText)), messageLength,
			(*C.uint8_t)(unsafe.Pointer(signatureText)), signatureLength, &detail)
		return C.JWTVERIFY_OK
	})
	if err != nil {
		return err
	}
	return errorOf(result, detail)
}
