package jwtverify

// #include <jwtverify.h>
// #cgo noescape jwtverify_jwks_verifier_verify_at
// #cgo nocallback jwtverify_jwks_verifier_verify_at
import "C"

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unsafe"
)

// RemoteJwks is a key set at a URL, fetched when it is needed and kept while it is good. All that
// use one share its fetches.
type RemoteJwks struct{ owner }

// RemoteConfig holds the settings of a [RemoteJwks]. Either URL or Issuer must be given.
type RemoteConfig struct {
	// URL is where the key set is: https, or http on this machine.
	URL string
	// Issuer is whose discovery document tells where the key set is.
	Issuer string
	// TTL is how long a key set is used without asking again, in whole seconds; 0 for 10 minutes, or
	// the max-age of the answer from 1 minute to 1 hour. One that is set is the most that max-age
	// can give.
	TTL time.Duration
	// MaxStale is how long after that a key set is used while the issuer can't be reached, in
	// whole seconds; 0 for 1 hour, a negative value for not at all.
	MaxStale time.Duration
	// MissInterval is the time in which unknown key ids may cause one more fetch, after the first
	// two, in whole seconds; 0 for 30 seconds.
	MissInterval time.Duration
	// MissSpacing is the least time from any fetch to one that an unknown key id causes, in whole
	// seconds; 0 for 5 seconds, a negative value for none.
	MissSpacing time.Duration
	// ConnectTimeout is the longest time for a connection, TLS included; 0 for 2 seconds.
	ConnectTimeout time.Duration
	// Timeout is the longest time for one fetch, discovery included; 0 for 5 seconds.
	Timeout time.Duration
	// Wait is how long one call waits for keys when there are none; 0 for a little longer than
	// the timeout, a negative value for not at all.
	Wait time.Duration
	// StaleWait is how long one call waits for a due renewal before it goes on with the old keys;
	// 0 for 2 seconds, a negative value for not at all.
	StaleWait time.Duration
	// MaxBytes is the longest document; 0 for 512 KiB.
	MaxBytes int
	// MaxKeys is the most members of "keys"; 0 for 100.
	MaxKeys int
	// RootCertificates are trusted for TLS instead of the public ones, each PEM or DER.
	RootCertificates [][]byte
}

// NewRemoteJwks makes a remote key set with the default settings. Nothing is fetched yet.
func NewRemoteJwks(url string) (*RemoteJwks, error) { return RemoteConfig{URL: url}.New() }

// Discover makes a remote key set whose address the issuer's discovery document tells (OpenID
// Connect Discovery 1.0 section 4), with the default settings. Nothing is fetched yet.
func Discover(issuer string) (*RemoteJwks, error) { return RemoteConfig{Issuer: issuer}.New() }

// New makes a remote key set. Nothing is fetched yet.
func (c RemoteConfig) New() (*RemoteJwks, error) {
	var builder *C.jwtverify_remote_jwks_builder
	if err := errorOf(C.jwtverify_remote_jwks_builder_new(&builder), nil); err != nil {
		return nil, err
	}
	defer C.jwtverify_remote_jwks_builder_free(builder)
	if err := c.apply(builder); err != nil {
		return nil, err
	}
	var remote *C.jwtverify_remote_jwks
	var detail *C.jwtverify_error
	result := C.jwtverify_remote_jwks_builder_build(builder, &remote, &detail)
	if err := errorOf(result, detail); err != nil {
		return nil, err
	}
	return own(&RemoteJwks{}, func(r *RemoteJwks) *owner { return &r.owner }, unsafe.Pointer(remote),
		func(p unsafe.Pointer) { C.jwtverify_remote_jwks_free((*C.jwtverify_remote_jwks)(p)) }), nil
}

func (c *RemoteConfig) apply(b *C.jwtverify_remote_jwks_builder) error {
	if c.URL != "" {
		set := func(s *C.char) C.int32_t { return C.jwtverify_remote_jwks_builder_url(b, s) }
		if err := withString(c.URL, set); err != nil {
			return err
		}
	}
	if c.Issuer != "" {
		set := func(s *C.char) C.int32_t { return C.jwtverify_remote_jwks_builder_issuer(b, s) }
		if err := withString(c.Issuer, set); err != nil {
			return err
		}
	}
	ttl, ttlOK := wholeSeconds(c.TTL)
	miss, missOK := wholeSeconds(c.MissInterval)
	spacing, spacingOK := wholeSeconds(max(c.MissSpacing, 0))
	stale, staleOK := wholeSeconds(max(c.MaxStale, 0))
	if !ttlOK || !missOK || !spacingOK || !staleOK || c.ConnectTimeout < 0 || c.Timeout < 0 || c.MaxBytes < 0 || c.MaxKeys < 0 {
		return newError(ErrMisuseArgument)
	}
	// The builder remembers what fails.
	if ttl != 0 {
		C.jwtverify_remote_jwks_builder_ttl_seconds(b, ttl)
	}
	if c.MaxStale != 0 {
		C.jwtverify_remote_jwks_builder_max_stale_seconds(b, stale)
	}
	if miss != 0 {
		C.jwtverify_remote_jwks_builder_miss_interval_seconds(b, miss)
	}
	if c.MissSpacing != 0 {
		C.jwtverify_remote_jwks_builder_miss_spacing_seconds(b, spacing)
	}
	if c.ConnectTimeout != 0 {
		C.jwtverify_remote_jwks_builder_connect_timeout_ms(b, milliseconds(c.ConnectTimeout))
	}
	if c.Timeout != 0 {
		C.jwtverify_remote_jwks_builder_timeout_ms(b, milliseconds(c.Timeout))
	}
	if c.Wait != 0 {
		C.jwtverify_remote_jwks_builder_wait_ms(b, milliseconds(c.Wait))
	}
	if c.StaleWait != 0 {
		C.jwtverify_remote_jwks_builder_stale_wait_ms(b, milliseconds(c.StaleWait))
	}
	if c.MaxBytes != 0 {
		C.jwtverify_remote_jwks_builder_max_bytes(b, C.size_t(c.MaxBytes))
	}
	if c.MaxKeys != 0 {
		C.jwtverify_remote_jwks_builder_max_keys(b, C.size_t(c.MaxKeys))
	}
	if c.RootCertificates != nil && len(c.RootCertificates) == 0 {
		// Somebody meant to trust only these, and found none: that is not "trust the usual ones".
		return newError(ErrMisuseEmptyList)
	}
	for _, certificate := range c.RootCertificates {
		text, length := chars(certificate)
		C.jwtverify_remote_jwks_builder_root_certificate(b, (*C.uint8_t)(unsafe.Pointer(text)), length)
	}
	return nil
}

// milliseconds rounds up: a timeout that is set never becomes none. A negative time is none.
func milliseconds(d time.Duration) C.uint64_t {
	d = max(d, 0)
	const unit = time.Millisecond
	return C.uint64_t(d/unit + min(d%unit, 1))
}

// Close gives the memory back. It never fails; a second Close does nothing.
func (r *RemoteJwks) Close() error {
	r.close()
	return nil
}

// Keys gives the keys as they are now; fetches them first if that is due. They stay what they are,
// whatever is fetched later.
func (r *RemoteJwks) Keys(ctx context.Context) (*KeySet, error) {
	return await(ctx, func() (*KeySet, error) {
		p, done, err := r.use()
		if err != nil {
			return nil, err
		}
		defer done()
		var keys *C.jwtverify_key_set
		var detail *C.jwtverify_error
		result := C.jwtverify_remote_jwks_keys((*C.jwtverify_remote_jwks)(p), &keys, &detail)
		if err := errorOf(result, detail); err != nil {
			return nil, err
		}
		return newKeySet(keys), nil
	})
}

// Refresh fetches the keys now, at a start of the program or at an operator's wish. If it fails,
// the keys stay as they were.
func (r *RemoteJwks) Refresh(ctx context.Context) error {
	_, err := await(ctx, func() (struct{}, error) {
		p, done, err := r.use()
		if err != nil {
			return struct{}{}, err
		}
		defer done()
		var detail *C.jwtverify_error
		result := C.jwtverify_remote_jwks_refresh((*C.jwtverify_remote_jwks)(p), &detail)
		return struct{}{}, errorOf(result, detail)
	})
	return err
}

// RemoteStatus is what a [RemoteJwks] holds at one moment.
type RemoteStatus struct {
	// State is "cold" (nothing fetched yet), "fresh", "due" (in use, and renewed beside its users),
	// "stale" (in use past its time, because it could not be renewed) or "expired".
	State string `json:"state"`
	// URL and Issuer are where the keys come from; empty if not known or not configured.
	URL    string `json:"url"`
	Issuer string `json:"issuer"`
	// Generation counts the changes of the set.
	Generation uint64 `json:"generation"`
	// Kids are the key ids; Skipped says for people which keys were left out, and why.
	Kids    []string `json:"kids"`
	Skipped []string `json:"skipped"`
	// AgeSeconds is the time since the issuer last confirmed the set; nil without a set.
	AgeSeconds *uint64 `json:"age_seconds"`
	// LastFetch is the last fetch that ended; nil if there was none.
	LastFetch *struct {
		AgoSeconds uint64 `json:"ago_seconds"`
		// Error is 0 for success.
		Error Code   `json:"error"`
		Text  string `json:"text"`
	} `json:"last_fetch"`
	// Failures counts fetches that failed since the last success, Attempts those that began.
	Failures uint32 `json:"failures"`
	Attempts uint64 `json:"attempts"`
	// Fetching says whether a fetch is on its way.
	Fetching bool `json:"fetching"`
	// When a fetch is allowed again: after a failure, and for an unknown key id.
	NextFetchInSeconds           uint64 `json:"next_fetch_in_seconds"`
	NextUnknownKidFetchInSeconds uint64 `json:"next_unknown_kid_fetch_in_seconds"`
}

// Status says what is held now, for logs and health pages. It needs no network.
func (r *RemoteJwks) Status() (RemoteStatus, error) {
	var status RemoteStatus
	p, done, err := r.use()
	if err != nil {
		return status, err
	}
	defer done()
	// The text may grow between two calls, so ask until it fits.
	for room := C.size_t(1024); ; {
		buffer := make([]byte, room)
		result := C.jwtverify_remote_jwks_status((*C.jwtverify_remote_jwks)(p),
			(*C.char)(unsafe.Pointer(unsafe.SliceData(buffer))), C.size_t(len(buffer)), &room)
		if Code(result) == ErrMisuseScratch {
			continue
		}
		if err := errorOf(result, nil); err != nil {
			return status, err
		}
		return status, json.Unmarshal(buffer[:room-1], &status) // without the NUL
	}
}

// JwksVerifier is a verifier that fetches its keys.
type JwksVerifier struct{ owner }

// NewJwksVerifier joins rules and a remote key set. Both may be closed afterwards, or be used for
// other verifiers as well. Nothing is fetched yet.
func NewJwksVerifier(verifier *Verifier, remote *RemoteJwks) (*JwksVerifier, error) {
	return join(verifier, remote, nil)
}

// NewCachedJwksVerifier is NewJwksVerifier with a cache of verified tokens, which serves Verify and
// VerifyAt. It may be closed afterwards, too.
func NewCachedJwksVerifier(verifier *Verifier, remote *RemoteJwks, cache *TokenCache) (*JwksVerifier, error) {
	if cache == nil {
		return nil, newError(ErrMisuseNull)
	}
	return join(verifier, remote, cache)
}

func join(verifier *Verifier, remote *RemoteJwks, cache *TokenCache) (*JwksVerifier, error) {
	if verifier == nil || remote == nil {
		return nil, newError(ErrMisuseNull)
	}
	rules, doneRules, err := verifier.use()
	if err != nil {
		return nil, err
	}
	defer doneRules()
	keys, doneKeys, err := remote.use()
	if err != nil {
		return nil, err
	}
	defer doneKeys()
	var joined *C.jwtverify_jwks_verifier
	var detail *C.jwtverify_error
	var result C.int32_t
	if cache == nil {
		result = C.jwtverify_jwks_verifier_new((*C.jwtverify_verifier)(rules),
			(*C.jwtverify_remote_jwks)(keys), &joined, &detail)
	} else {
		tokens, doneTokens, err := cache.use()
		if err != nil {
			return nil, err
		}
		defer doneTokens()
		result = C.jwtverify_jwks_verifier_new_cached((*C.jwtverify_verifier)(rules),
			(*C.jwtverify_remote_jwks)(keys), (*C.jwtverify_token_cache)(tokens), &joined, &detail)
	}
	if err := errorOf(result, detail); err != nil {
		return nil, err
	}
	return own(&JwksVerifier{}, func(v *JwksVerifier) *owner { return &v.owner }, unsafe.Pointer(joined),
		func(p unsafe.Pointer) { C.jwtverify_jwks_verifier_free((*C.jwtverify_jwks_verifier)(p)) }), nil
}

// Close gives the memory back. It never fails; a second Close does nothing.
func (v *JwksVerifier) Close() error {
	v.close()
	return nil
}

// Verify verifies a token with the keys of the remote set, at the time of the system's clock. Keys
// are fetched when there are none yet, when they are too old, or when the token names an unknown
// one.
//
// When the context ends first, Verify returns its error; a fetch that is running goes on in the
// background, for whoever comes next, and ends by its own timeout.
func (v *JwksVerifier) Verify(ctx context.Context, token string) (*Verified, error) {
	return v.VerifyAt(ctx, token, time.Now())
}

// VerifyAt is Verify at the time now, which is time.Now() if it is the zero Time.
func (v *JwksVerifier) VerifyAt(ctx context.Context, token string, now time.Time) (*Verified, error) {
	if now.IsZero() {
		now = time.Now()
	}
	return await(ctx, func() (*Verified, error) {
		p, done, err := v.use()
		if err != nil {
			return nil, err
		}
		defer done()
		var verified *C.jwtverify_verified
		var detail *C.jwtverify_error
		text, length := charsOf(token)
		result := C.jwtverify_jwks_verifier_verify_at((*C.jwtverify_jwks_verifier)(p), text, length,
			C.int64_t(now.Unix()), &verified, &detail)
		if err := errorOf(result, detail); err != nil {
			return nil, err
		}
		return takeVerified(verified), nil
	})
}

// VerifyJWS is [Verifier.VerifyJWS] with the keys of the remote set: claims are not looked at.
func (v *JwksVerifier) VerifyJWS(ctx context.Context, token string) (*VerifiedJWS, error) {
	return await(ctx, func() (*VerifiedJWS, error) {
		p, done, err := v.use()
		if err != nil {
			return nil, err
		}
		defer done()
		var verified *C.jwtverify_verified_jws
		var detail *C.jwtverify_error
		text, length := charsOf(token)
		result := C.jwtverify_jwks_verifier_verify_jws((*C.jwtverify_jwks_verifier)(p), text, length,
			&verified, &detail)
		if err := errorOf(result, detail); err != nil {
			return nil, err
		}
		return takeVerifiedJWS(verified), nil
	})
}

// await runs work that may block, and stops waiting when the context ends.
func await[T any](ctx context.Context, work func() (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, fmt.Errorf("jwtverify: %w", err)
	}
	if ctx.Done() == nil {
		return work()
	}
	type outcome struct {
		value T
		err   error
	}
	outcomes := make(chan outcome, 1)
	go func() {
		value, err := work()
		outcomes <- outcome{value, err}
	}()
	select {
	case o := <-outcomes:
		return o.value, o.err
	case <-ctx.Done():
		return none, fmt.Errorf("jwtverify: %w", ctx.Err())
	}
}
