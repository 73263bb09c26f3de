package jwtverify

// #include <jwtverify.h>
import "C"

import "unsafe"

// KeySet is a set of verification keys (RFC 7517 section 5).
type KeySet struct{ owner }

// KeySetConfig says what a key-set document may hold. The zero value refuses symmetric keys.
type KeySetConfig struct {
	// AllowSymmetric accepts symmetric keys, for HS256, HS384 and HS512. In a set that also holds
	// public keys they are skipped all the same.
	AllowSymmetric bool
	// AllowWeakHMAC accepts symmetric keys shorter than the digest, against RFC 7518 section 3.2.
	AllowWeakHMAC bool
	// MaxBytes is the longest document; 0 for 512 KiB.
	MaxBytes int
	// MaxKeys is the most members of "keys"; 0 for 100.
	MaxKeys int
}

// SkippedKey is a key that was left out of a set.
type SkippedKey struct {
	// Reason says why.
	Reason Code
	// Text says it to people, with the position and the key id.
	Text string
}

// ParseKeySet reads a JWKS document, or one bare JWK, by the zero [KeySetConfig].
func ParseKeySet(document []byte) (*KeySet, error) {
	return KeySetConfig{}.Parse(document)
}

// Parse reads a JWKS document, or one bare JWK. A key that can't be used is left out with its
// reason, see [KeySet.Skipped]; it is an error only if no key is left.
func (c KeySetConfig) Parse(document []byte) (*KeySet, error) {
	if c.MaxBytes < 0 || c.MaxKeys < 0 {
		return nil, newError(ErrMisuseArgument)
	}
	var flags C.uint32_t
	if c.AllowSymmetric {
		flags |= C.JWTVERIFY_KEY_SET_ALLOW_SYMMETRIC
	}
	if c.AllowWeakHMAC {
		flags |= C.JWTVERIFY_KEY_SET_ALLOW_WEAK_HMAC
	}
	var keys *C.jwtverify_key_set
	var detail *C.jwtverify_error
	text, length := chars(document)
	result := C.jwtverify_key_set_from_jwks_limited(text, length, flags,
		C.size_t(c.MaxBytes), C.size_t(c.MaxKeys), &keys, &detail)
	if err := errorOf(result, detail); err != nil {
		return nil, err
	}
	return newKeySet(keys), nil
}

func newKeySet(keys *C.jwtverify_key_set) *KeySet {
	return own(&KeySet{}, func(k *KeySet) *owner { return &k.owner }, unsafe.Pointer(keys),
		func(p unsafe.Pointer) { C.jwtverify_key_set_free((*C.jwtverify_key_set)(p)) })
}

// Close gives the memory back. It never fails; a second Close does nothing.
func (k *KeySet) Close() error {
	k.close()
	return nil
}

// Len is the number of usable keys; 0 after Close.
func (k *KeySet) Len() int {
	p, done, err := k.use()
	if err != nil {
		return 0
	}
	defer done()
	return int(C.jwtverify_key_set_len((*C.jwtverify_key_set)(p)))
}

// Kids lists the key ids, sorted; keys without one are not in it.
func (k *KeySet) Kids() []string {
	p, done, err := k.use()
	if err != nil {
		return nil
	}
	defer done()
	keys := (*C.jwtverify_key_set)(p)
	var kids []string
	for i := range C.jwtverify_key_set_len(keys) {
		var view C.jwtverify_text
		if C.jwtverify_key_set_kid(keys, i, &view) != C.JWTVERIFY_OK {
			break
		}
		if kid, ok := textOf(view); ok {
			kids = append(kids, kid)
		}
	}
	return kids
}

// Skipped lists the keys that were left out.
func (k *KeySet) Skipped() []SkippedKey {
	p, done, err := k.use()
	if err != nil {
		return nil
	}
	defer done()
	keys := (*C.jwtverify_key_set)(p)
	var skipped []SkippedKey
	for i := range C.jwtverify_key_set_skipped_len(keys) {
		var view C.jwtverify_text
		var reason C.int32_t
		if C.jwtverify_key_set_skipped(keys, i, &reason, &view) != C.JWTVERIFY_OK {
			break
		}
		text, _ := textOf(view)
		skipped = append(skipped, SkippedKey{Code(reason), text})
	}
	return skipped
}

// Warnings lists what is wrong with keys that are used all the same, such as a private key that
// was published.
func (k *KeySet) Warnings() []string {
	p, done, err := k.use()
	if err != nil {
		return nil
	}
	defer done()
	keys := (*C.jwtverify_key_set)(p)
	var warnings []string
	for i := range C.jwtverify_key_set_warnings_len(keys) {
		var view C.jwtverify_text
		if C.jwtverify_key_set_warning(keys, i, &view) != C.JWTVERIFY_OK {
			break
		}
		text, _ := textOf(view)
		warnings = append(warnings, text)
	}
	return warnings
}
