package jwtverify

// #include <jwtverify.h>
import "C"

import (
	"math"
	"time"
	"unsafe"
)

// TokenCacheConfig says how much a [TokenCache] keeps. The zero value is good: every field has a
// default.
type TokenCacheConfig struct {
	// Entries is the most tokens that are kept: 1,024 unless set; at most 65,536.
	Entries int
	// MaxBytes is the most memory for them: 4 MiB unless set; from 64 KiB to 1 GiB.
	MaxBytes int
	// Lifetime is how long a token is remembered, in whole seconds: 60 unless set; at most one
	// hour, and never past the token's own expiry.
	Lifetime time.Duration
}

// TokenCache remembers tokens that were verified, so that the same token costs a SHA-256 the next
// time. The verdict is the same with and without it: only successes are kept, times are checked at
// each use, and the key that verified the token must still be the one that the held key set has
// for it. It may be used by many goroutines, and by several verifiers.
type TokenCache struct{ owner }

// TokenCacheUsage says how full a [TokenCache] is and how much it is used.
type TokenCacheUsage struct {
	Entries uint64 // tokens that are kept
	Bytes   uint64 // bytes of memory that they take
	Hits    uint64 // tokens that were answered
	Misses  uint64 // tokens that were verified
	Evicted uint64 // tokens that were pushed out by others
}

// New makes the cache. It fails with [ErrMisuseArgument] if a number is out of its range.
func (c TokenCacheConfig) New() (*TokenCache, error) {
	seconds := c.Lifetime / time.Second
	if c.Entries < 0 || c.MaxBytes < 0 || seconds < 0 || seconds > math.MaxUint32 ||
		c.Lifetime != seconds*time.Second {
		return nil, newError(ErrMisuseArgument)
	}
	var cache *C.jwtverify_token_cache
	var detail *C.jwtverify_error
	result := C.jwtverify_token_cache_new(C.size_t(c.Entries), C.size_t(c.MaxBytes),
		C.uint32_t(seconds), &cache, &detail)
	if err := errorOf(result, detail); err != nil {
		return nil, err
	}
	return own(&TokenCache{}, func(c *TokenCache) *owner { return &c.owner }, unsafe.Pointer(cache),
		func(p unsafe.Pointer) { C.jwtverify_token_cache_free((*C.jwtverify_token_cache)(p)) }), nil
}

// Close gives the memory back once no verifier uses the cache. It never fails; a second Close does
// nothing.
func (c *TokenCache) Close() error {
	c.close()
	return nil
}

// Usage says how full the cache is and how much it is used.
func (c *TokenCache) Usage() (TokenCacheUsage, error) {
	p, done, err := c.use()
	if err != nil {
		return TokenCacheUsage{}, err
	}
	defer done()
	var usage C.jwtverify_cache_usage
	result := C.jwtverify_token_cache_read_usage((*C.jwtverify_token_cache)(p), &usage)
	return TokenCacheUsage{
		Entries: uint64(usage.entries),
		Bytes:   uint64(usage.bytes),
		Hits:    uint64(usage.hits),
		Misses:  uint64(usage.misses),
		Evicted: uint64(usage.evicted),
	}, errorOf(result, nil)
}
