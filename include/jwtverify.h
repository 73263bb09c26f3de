/*
 * jwtverify: verifies JSON Web Tokens. One question: may I trust this token?
 *
 * Written by `cargo run -p jwtverify-ffi --example header -- --write`: change the Rust sources.
 *
 * Conventions
 *
 * - A function that can fail returns a result code: JWTVERIFY_OK (0), or a positive number that
 *   says what is wrong, the same in every language and version. Compare with JWTVERIFY_OK: new
 *   codes may come.
 * - The object comes first, then inputs, then outputs. Outputs are written only if the call
 *   succeeds, and they need not be initialised. The last parameter of some functions,
 *   `jwtverify_error **error`, is the other way round: it is written only if the call fails; pass
 *   NULL if the code is enough.
 * - What a function ending in _new, _build, _clone, or any other hands out through a `T **` belongs
 *   to the caller, who frees it once, with the _free function of its type. _free(NULL) does
 *   nothing. Freeing twice, or use after that, is undefined.
 * - Views (jwtverify_text, jwtverify_bytes) and strings from an error are not freed: they live as
 *   long as the handle they came from.
 * - Bytes and tokens are a pointer and a length, and need no NUL at the end; for the length 0 the
 *   pointer may be NULL. Names and settings are NUL-terminated UTF-8. Any other NULL gives
 *   JWTVERIFY_ERROR_MISUSE_NULL, or the value that the function's comment names.
 * - Handles are immutable, and any number of threads may use one at once; builders are not, and
 *   belong to one thread at a time. A handle must not be freed while another thread uses it
 *   *through the same pointer*: give each thread its own with _clone. No thread-local state.
 * - No panic crosses into C: a bug in the library shows as JWTVERIFY_ERROR_INTERNAL_PANIC. Where
 *   memory runs out the process aborts; what a call may use is bounded by its limits, a few times
 *   the size of token and key set.
 * - Before 1.0 each 0.x has an ABI of its own, and the shared library's name says which.
 */

#ifndef JWTVERIFY_H
#define JWTVERIFY_H

#include <stddef.h>
#include <stdint.h>

/** The version of this header; jwtverify_version() tells that of the library. */
#define JWTVERIFY_VERSION "0.1.0"
#define JWTVERIFY_VERSION_MAJOR 0
#define JWTVERIFY_VERSION_MINOR 1
#define JWTVERIFY_VERSION_PATCH 0
/** The version as one number for #if: major * 1000000 + minor * 1000 + patch. */
#define JWTVERIFY_VERSION_NUMBER 1000

/** Marks functions whose result must be looked at. */
#if defined(JWTVERIFY_MUST_USE)
/* the program has its own */
#elif (defined(__cplusplus) && __cplusplus >= 201703L) || \
    (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 202311L)
#define JWTVERIFY_MUST_USE [[nodiscard]]
#elif defined(__GNUC__)
#define JWTVERIFY_MUST_USE __attribute__((warn_unused_result))
#else
#define JWTVERIFY_MUST_USE
#endif

/**
 * Result codes. Functions return them as int32_t, since later versions may have more.
 *
 * 1xx to 5xx: the token is at fault, answer 401. 6xx and 8xx: a key set or the program is at
 * fault. 7xx: keys cannot be had now, answer 503. 9xx: a bug in the library.
 *
 * @since 0.1.0
 */
typedef enum jwtverify_result {
    /** success */
    JWTVERIFY_OK = 0,
    /** the token is longer than the limit */
    JWTVERIFY_ERROR_TOKEN_TOO_LARGE = 101,
    /** a token has exactly three segments separated by two dots */
    JWTVERIFY_ERROR_TOKEN_SEGMENTS = 102,
    /** this is an encrypted token (JWE, five segments), not a signed one */
    JWTVERIFY_ERROR_TOKEN_ENCRYPTED = 103,
    /** the header segment is empty */
    JWTVERIFY_ERROR_HEADER_EMPTY = 104,
    /** the signature segment is empty: unsigned tokens are never accepted */
    JWTVERIFY_ERROR_SIGNATURE_EMPTY = 105,
    /** the header is longer than the limit */
    JWTVERIFY_ERROR_HEADER_TOO_LARGE = 106,
    /** the header segment is not canonical base64url without padding */
    JWTVERIFY_ERROR_HEADER_BASE64 = 110,
    /** the payload segment is not canonical base64url without padding */
    JWTVERIFY_ERROR_PAYLOAD_BASE64 = 111,
    /** the signature segment is not canonical base64url without padding */
    JWTVERIFY_ERROR_SIGNATURE_BASE64 = 112,
    /** the header is not one strict JSON object */
    JWTVERIFY_ERROR_HEADER_JSON = 201,
    /** the header has no alg */
    JWTVERIFY_ERROR_ALGORITHM_MISSING = 202,
    /** a header member is not a string */
    JWTVERIFY_ERROR_HEADER_MEMBER_TYPE = 203,
    /** alg is none: unsigned tokens are never accepted */
    JWTVERIFY_ERROR_ALGORITHM_NONE = 204,
    /** alg is not a known signature algorithm (names are case-sensitive) */
    JWTVERIFY_ERROR_ALGORITHM_UNKNOWN = 205,
    /** alg is not in the verifier's list of allowed algorithms */
    JWTVERIFY_ERROR_ALGORITHM_NOT_ALLOWED = 206,
    /** the header has crit: no critical extension is understood */
    JWTVERIFY_ERROR_CRITICAL_HEADER = 207,
    /** the header has b64: unencoded payloads are not supported */
    JWTVERIFY_ERROR_UNENCODED_PAYLOAD = 208,
    /** the header's kid is longer than the limit */
    JWTVERIFY_ERROR_KID_TOO_LONG = 209,
    /** the header has no typ, and the verifier asks for one */
    JWTVERIFY_ERROR_TYPE_MISSING = 210,
    /** the header's typ is not the one the verifier asks for */
    JWTVERIFY_ERROR_TYPE_MISMATCH = 211,
    /** the key set has no usable key with the token's kid */
    JWTVERIFY_ERROR_KEY_NOT_FOUND = 301,
    /** more than one key of the set fits the token: the choice would be a guess */
    JWTVERIFY_ERROR_KEY_AMBIGUOUS = 302,
    /** the key with the token's kid is not for the token's alg */
    JWTVERIFY_ERROR_KEY_MISMATCH = 303,
    /** the token has no kid, and no key of the set is for its alg */
    JWTVERIFY_ERROR_KEY_NONE_FITS = 304,
    /** the signature does not match the token and the key */
    JWTVERIFY_ERROR_SIGNATURE_INVALID = 401,
    /** the payload is not one strict JSON object */
    JWTVERIFY_ERROR_PAYLOAD_JSON = 501,
    /** a required claim is missing */
    JWTVERIFY_ERROR_CLAIM_MISSING = 502,
    /** a claim has the wrong type */
    JWTVERIFY_ERROR_CLAIM_TYPE = 503,
    /** the token has expired (exp) */
    JWTVERIFY_ERROR_EXPIRED = 504,
    /** the token is not valid yet (nbf) */
    JWTVERIFY_ERROR_NOT_YET_VALID = 505,
    /** the token was issued longer ago than the verifier's maximum age (iat) */
    JWTVERIFY_ERROR_TOO_OLD = 506,
    /** the token is from another issuer (iss) */
    JWTVERIFY_ERROR_ISSUER_MISMATCH = 507,
    /** the token is for another audience (aud) */
    JWTVERIFY_ERROR_AUDIENCE_MISMATCH = 508,
    /** the key set is longer than the limit */
    JWTVERIFY_ERROR_KEY_SET_TOO_LARGE = 601,
    /** the key set is not one strict JSON object */
    JWTVERIFY_ERROR_KEY_SET_JSON = 602,
    /** the key set has no keys array and is not a JWK */
    JWTVERIFY_ERROR_KEY_SET_SHAPE = 603,
    /** the key set has more keys than the limit */
    JWTVERIFY_ERROR_KEY_SET_TOO_MANY_KEYS = 604,
    /** the key set holds no usable key */
    JWTVERIFY_ERROR_KEY_SET_EMPTY = 605,
    /** the JWK is not an object */
    JWTVERIFY_ERROR_JWK_NOT_OBJECT = 620,
    /** the JWK is not one strict JSON object */
    JWTVERIFY_ERROR_JWK_JSON = 621,
    /** the JWK lacks a member */
    JWTVERIFY_ERROR_JWK_MEMBER_MISSING = 622,
    /** a member of the JWK has the wrong type */
    JWTVERIFY_ERROR_JWK_MEMBER_TYPE = 623,
    /** a member of the JWK is not canonical base64url without padding */
    JWTVERIFY_ERROR_JWK_MEMBER_BASE64 = 624,
    /** the JWK's kid is longer than the limit */
    JWTVERIFY_ERROR_JWK_KID_TOO_LONG = 625,
    /** kty is not a type of signature key */
    JWTVERIFY_ERROR_KEY_TYPE_UNKNOWN = 626,
    /** crv is not a curve for signatures */
    JWTVERIFY_ERROR_CURVE_UNKNOWN = 627,
    /** the JWK's alg is not a known signature algorithm */
    JWTVERIFY_ERROR_JWK_ALGORITHM_UNKNOWN = 628,
    /** the JWK's alg is not for its kty and crv */
    JWTVERIFY_ERROR_JWK_ALGORITHM_MISMATCH = 629,
    /** the JWK's use is not sig */
    JWTVERIFY_ERROR_JWK_USE = 630,
    /** the JWK's key_ops do not include verify */
    JWTVERIFY_ERROR_JWK_KEY_OPS = 631,
    /** this build leaves out the algorithms of this key */
    JWTVERIFY_ERROR_KEY_TYPE_DISABLED = 632,
    /** the JWK was published together with its private key */
    JWTVERIFY_ERROR_JWK_PRIVATE = 633,
    /** the RSA modulus must have 2048 to 8192 bits, and has */
    JWTVERIFY_ERROR_RSA_MODULUS_SIZE = 634,
    /** the RSA modulus is even */
    JWTVERIFY_ERROR_RSA_MODULUS_EVEN = 635,
    /** the RSA exponent must be odd and between 3 and 2^33 */
    JWTVERIFY_ERROR_RSA_EXPONENT = 636,
    /** a coordinate does not have the full length of the curve */
    JWTVERIFY_ERROR_EC_COORDINATE_LENGTH = 637,
    /** the point is not on the curve */
    JWTVERIFY_ERROR_EC_POINT = 638,
    /** the Ed25519 key does not have 32 octets */
    JWTVERIFY_ERROR_OKP_KEY_LENGTH = 639,
    /** the Ed25519 key is not a canonical point, or of small order */
    JWTVERIFY_ERROR_OKP_POINT = 640,
    /** symmetric keys are not allowed in this key set */
    JWTVERIFY_ERROR_SYMMETRIC_NOT_ALLOWED = 641,
    /** a symmetric key in a set that also holds public keys */
    JWTVERIFY_ERROR_SYMMETRIC_MIXED = 642,
    /** the secret is shorter than the algorithm's digest; its octets */
    JWTVERIFY_ERROR_SYMMETRIC_TOO_SHORT = 643,
    /** the secret is longer than the limit */
    JWTVERIFY_ERROR_SYMMETRIC_TOO_LONG = 644,
    /** the secret is the encoding of a key (PEM, DER, JWK or ssh), not a secret */
    JWTVERIFY_ERROR_SYMMETRIC_LOOKS_PUBLIC = 645,
    /** pub does not have the length that the JWK's alg fixes */
    JWTVERIFY_ERROR_AKP_KEY_LENGTH = 646,
    /** the issuer could not be reached */
    JWTVERIFY_ERROR_UNAVAILABLE_CONNECT = 701,
    /** the issuer did not answer in time */
    JWTVERIFY_ERROR_UNAVAILABLE_TIMEOUT = 702,
    /** the TLS connection to the issuer failed */
    JWTVERIFY_ERROR_UNAVAILABLE_TLS = 703,
    /** the issuer answered with an error status */
    JWTVERIFY_ERROR_UNAVAILABLE_STATUS = 704,
    /** the issuer answered with a redirect, which is never followed */
    JWTVERIFY_ERROR_UNAVAILABLE_REDIRECT = 705,
    /** the issuer's answer is longer than the limit */
    JWTVERIFY_ERROR_UNAVAILABLE_TOO_LARGE = 706,
    /** the issuer's answer could not be read to its end */
    JWTVERIFY_ERROR_UNAVAILABLE_BODY = 707,
    /** the issuer's answer is not a usable key set */
    JWTVERIFY_ERROR_UNAVAILABLE_KEY_SET = 708,
    /** the keys could not be fetched, and the next attempt is not due yet */
    JWTVERIFY_ERROR_UNAVAILABLE_BACKOFF = 709,
    /** the token's key is unknown, and the issuer may not be asked again yet */
    JWTVERIFY_ERROR_UNAVAILABLE_UNCHECKED = 710,
    /** the issuer's discovery document can't be used */
    JWTVERIFY_ERROR_UNAVAILABLE_DISCOVERY = 711,
    /** the discovery document names another issuer */
    JWTVERIFY_ERROR_UNAVAILABLE_ISSUER = 712,
    /** the verifier needs at least one allowed algorithm */
    JWTVERIFY_ERROR_MISUSE_NO_ALGORITHMS = 801,
    /** the verifier must be told an issuer, or that any will do */
    JWTVERIFY_ERROR_MISUSE_ISSUER_UNSET = 802,
    /** the verifier must be told an audience, or that any will do */
    JWTVERIFY_ERROR_MISUSE_AUDIENCE_UNSET = 803,
    /** an empty list of issuers or audiences accepts nothing */
    JWTVERIFY_ERROR_MISUSE_EMPTY_LIST = 804,
    /** a setting was given twice or contradicts another */
    JWTVERIFY_ERROR_MISUSE_TWICE = 805,
    /** the leeway must be 0 to 300 seconds */
    JWTVERIFY_ERROR_MISUSE_LEEWAY = 806,
    /** a list of settings has too many items */
    JWTVERIFY_ERROR_MISUSE_TOO_MANY = 807,
    /** the allow-list names an algorithm that does not exist */
    JWTVERIFY_ERROR_MISUSE_ALGORITHM_NAME = 808,
    /** the URL must be https, or http to a loopback address */
    JWTVERIFY_ERROR_MISUSE_URL = 809,
    /** a null pointer was passed */
    JWTVERIFY_ERROR_MISUSE_NULL = 810,
    /** a text argument is not UTF-8 */
    JWTVERIFY_ERROR_MISUSE_UTF8 = 811,
    /** the buffer is too small for this token */
    JWTVERIFY_ERROR_MISUSE_SCRATCH = 812,
    /** an argument has the wrong type or value */
    JWTVERIFY_ERROR_MISUSE_ARGUMENT = 813,
    /** internal error: a panic was caught, please report it */
    JWTVERIFY_ERROR_INTERNAL_PANIC = 901,
    /** internal error, please report it */
    JWTVERIFY_ERROR_INTERNAL = 902
} jwtverify_result;

/**
 * jwtverify_result_family(): the call succeeded.
 */
#define JWTVERIFY_FAMILY_OK 0

/**
 * jwtverify_result_family(): the token is at fault; answer 401.
 */
#define JWTVERIFY_FAMILY_TOKEN 1

/**
 * jwtverify_result_family(): the program or its configuration is at fault; answer 500.
 */
#define JWTVERIFY_FAMILY_CALLER 2

/**
 * jwtverify_result_family(): not known now, keys could not be fetched; answer 503.
 */
#define JWTVERIFY_FAMILY_UNAVAILABLE 3

/**
 * jwtverify_result_family(): a bug in the library; please report it.
 */
#define JWTVERIFY_FAMILY_INTERNAL 4

/**
 * jwtverify_key_set_from_jwks(): accept symmetric keys ("oct"), for HS256, HS384 and HS512. A set
 * that also holds public keys skips them all the same, since a public key must never be usable
 * as a shared secret.
 */
#define JWTVERIFY_KEY_SET_ALLOW_SYMMETRIC 1

/**
 * jwtverify_key_set_from_jwks(): accept symmetric keys that are shorter than the digest, against
 * RFC 7518 section 3.2. Without JWTVERIFY_KEY_SET_ALLOW_SYMMETRIC it changes nothing.
 */
#define JWTVERIFY_KEY_SET_ALLOW_WEAK_HMAC 2

/**
 * The detail of a failed call: code, message, diagnosis, and what an HTTP service should answer.
 *
 * It never holds token bytes, claim values or secrets; it may name key ids, issuers and URLs.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_error jwtverify_error;

/**
 * A verifier that fetches its keys. Many threads may use one at once.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_jwks_verifier jwtverify_jwks_verifier;

/**
 * A set of verification keys (RFC 7517 section 5). Immutable: many threads may use one at once.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_key_set jwtverify_key_set;

/**
 * A key set at a URL, fetched when it is needed and kept while it is good. Many threads may use
 * one at once; they share its fetches.
 *
 * A call that needs the network waits for it, for no longer than the settings allow. A fetch runs
 * on a thread of its own, which ends with the fetch. After fork() the child keeps the keys, and
 * fetches for itself.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_remote_jwks jwtverify_remote_jwks;

/**
 * Collects the settings of a remote key set. One thread at a time may use it.
 *
 * Either a URL or an issuer must be given; the rest has defaults. A setter that fails makes
 * jwtverify_remote_jwks_builder_build() fail with the same code.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_remote_jwks_builder jwtverify_remote_jwks_builder;

/**
 * Remembers tokens that were verified, so that the same token costs a SHA-256 the next time. A
 * verifier uses one only if it was made with jwtverify_jwks_verifier_new_cached(). Many threads
 * may use one at once, and so may several verifiers; none of them sees a result of another.
 *
 * The verdict is the same with and without it. Only successes are kept. The times in the token
 * are checked at each use, and the key that verified it must still be the one that the held key
 * set has for it: a key that was withdrawn ends the tokens that it signed.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_token_cache jwtverify_token_cache;

/**
 * A token that is valid: its header and its claims. Immutable: many threads may read one at once.
 *
 * There is no way to get one without a verification that succeeded. What the functions below
 * return as jwtverify_text or jwtverify_bytes belongs to it and is gone when it is freed.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_verified jwtverify_verified;

/**
 * A JWS whose signature is valid: its header and its payload; **claims were not checked**.
 * Immutable: many threads may read one at once.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_verified_jws jwtverify_verified_jws;

/**
 * Rules for tokens. Immutable: many threads may use one at once.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_verifier jwtverify_verifier;

/**
 * Collects the rules for a verifier. One thread at a time may use it.
 *
 * Algorithms, issuer and audience have no default: each must be given, if only as "any". A
 * setter that fails makes jwtverify_verifier_builder_build() fail with the same code, so a
 * program may leave the setters unchecked and look at the build alone.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_verifier_builder jwtverify_verifier_builder;

/**
 * UTF-8 text that belongs to a handle: `len` bytes at `data`, **not** NUL-terminated.
 *
 * A claim may hold the character U+0000, so only `len` tells where the text ends. `data` is NULL
 * where there is no text at all (a key without a `kid`); empty text has `len` 0 and a `data`
 * that is not NULL. Valid until the handle that it came from is freed.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_text {
    /**
     * The first byte, or NULL.
     */
    const char *data;
    /**
     * The number of bytes.
     */
    size_t len;
} jwtverify_text;

/**
 * Bytes that belong to a handle: `len` bytes at `data`.
 *
 * Valid until the handle that they came from is freed.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_bytes {
    /**
     * The first byte; not NULL.
     */
    const uint8_t *data;
    /**
     * The number of bytes.
     */
    size_t len;
} jwtverify_bytes;

/**
 * How full a cache of tokens is and how much it is used.
 *
 * @since 0.1.0
 */
typedef struct jwtverify_cache_usage {
    /**
     * Tokens that are kept.
     */
    uint64_t entries;
    /**
     * Bytes of memory that they take.
     */
    uint64_t bytes;
    /**
     * Tokens that were answered.
     */
    uint64_t hits;
    /**
     * Tokens that were verified: unknown ones, and known ones that no longer held.
     */
    uint64_t misses;
    /**
     * Tokens that were pushed out by others.
     */
    uint64_t evicted;
} jwtverify_cache_usage;

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/* --- Result codes, version, clock ------------------------------------------------------------ */

/**
 * The name of a result code, such as "KeyNotFound"; "Ok" for 0.
 *
 * @param code  what a function returned
 * @return NUL-terminated, valid for ever, never NULL; "Unknown" for a number that is no code
 * @since 0.1.0
 */
const char *jwtverify_result_name(int32_t code);

/**
 * One line that says what a result code means.
 *
 * @param code  what a function returned
 * @return NUL-terminated, valid for ever, never NULL; "Unknown" for a number that is no code
 * @since 0.1.0
 */
const char *jwtverify_result_message(int32_t code);

/**
 * Whose fault a result code is: one of the JWTVERIFY_FAMILY_ numbers.
 *
 * @param code  what a function returned
 * @return the family; JWTVERIFY_FAMILY_INTERNAL for a number that is no code
 * @since 0.1.0
 */
int32_t jwtverify_result_family(int32_t code);

/**
 * What an HTTP service should answer to a result code: 200, 401, 500 or 503.
 *
 * @param code  what a function returned
 * @return the status; 500 for a number that is no code
 * @since 0.1.0
 */
int32_t jwtverify_result_http_status(int32_t code);

/**
 * The value of the WWW-Authenticate header that goes with a 401 (RFC 6750 section 3), for a result
 * code without a jwtverify_error. It tells the client no more than that the token was not accepted.
 *
 * @param code  what a function returned
 * @return NUL-terminated, valid for ever; NULL if the answer needs no such header
 * @since 0.1.0
 */
const char *jwtverify_result_www_authenticate(int32_t code);

/**
 * The version of the library that is running, such as "0.1.0"; compare with JWTVERIFY_VERSION,
 * which is the version that the program was compiled against.
 *
 * @return NUL-terminated, valid for ever
 * @since 0.1.0
 */
const char *jwtverify_version(void);

/**
 * The version of the library that is running, as one number like JWTVERIFY_VERSION_NUMBER.
 *
 * @since 0.1.0
 */
uint32_t jwtverify_version_number(void);

/**
 * The seconds since 1970-01-01 UTC by the system's clock: the usual `now` for
 * jwtverify_verifier_verify(). Leap seconds do not count (RFC 7519 section 2, NumericDate).
 *
 * @since 0.1.0
 */
int64_t jwtverify_now(void);

/* --- Errors: the detail of a failed call ----------------------------------------------------- */

/**
 * The result code, the same that the failed call returned.
 *
 * @param error  the detail; NULL gives 0
 * @since 0.1.0
 */
int32_t jwtverify_error_code(const struct jwtverify_error *error);

/**
 * The name of the code, such as "KeyNotFound": stable, the same in every language.
 *
 * @return NUL-terminated, valid until the error is freed; NULL if `error` is NULL
 * @since 0.1.0
 */
const char *jwtverify_error_name(const struct jwtverify_error *error);

/**
 * One line that says what is wrong, without the diagnosis.
 *
 * @return NUL-terminated UTF-8, valid until the error is freed; NULL if `error` is NULL
 * @since 0.1.0
 */
const char *jwtverify_error_message(const struct jwtverify_error *error);

/**
 * The message and, on further lines, the diagnosis: the key ids there are, the closest one, the
 * keys left out and why, the last fetch, what to do next. For logs and people, not for clients.
 *
 * @return NUL-terminated UTF-8, valid until the error is freed; NULL if `error` is NULL
 * @since 0.1.0
 */
const char *jwtverify_error_text(const struct jwtverify_error *error);

/**
 * The claim at fault, such as "aud".
 *
 * @return NUL-terminated UTF-8, valid until the error is freed; NULL if no claim is at fault or
 *         `error` is NULL
 * @since 0.1.0
 */
const char *jwtverify_error_claim(const struct jwtverify_error *error);

/**
 * What an HTTP service should answer: 401 for a bad token, 503 while keys cannot be fetched,
 * 500 for a mistake of the program.
 *
 * @return the status; 0 if `error` is NULL
 * @since 0.1.0
 */
int32_t jwtverify_error_http_status(const struct jwtverify_error *error);

/**
 * The value of the WWW-Authenticate header for the answer (RFC 6750 section 3). It tells the
 * client no more than that the token was not accepted.
 *
 * @return NUL-terminated, valid until the error is freed; NULL if the answer needs no such header
 *         or `error` is NULL
 * @since 0.1.0
 */
const char *jwtverify_error_www_authenticate(const struct jwtverify_error *error);

/**
 * The seconds for the Retry-After header of a 503 answer.
 *
 * @return at least 0, or -1 if there is nothing to wait for or `error` is NULL
 * @since 0.1.0
 */
int64_t jwtverify_error_retry_after(const struct jwtverify_error *error);

/**
 * Frees an error. NULL is allowed. The texts that came from it are gone with it.
 *
 * @since 0.1.0
 */
void jwtverify_error_free(struct jwtverify_error *error);

/* --- Key sets -------------------------------------------------------------------------------- */

/**
 * Reads a JWKS document, or one bare JWK (RFC 7517 sections 4 and 5).
 *
 * A key that cannot be used is left out with its reason, see jwtverify_key_set_skipped(); the
 * call fails only if no key is left. Copies what it needs: the document may be freed afterwards.
 * The limits are 512 KiB and 100 keys; jwtverify_key_set_from_jwks_limited() sets others.
 *
 * Thread-safe.
 *
 * @param document      UTF-8, need not be NUL-terminated
 * @param document_len  its length in bytes
 * @param flags         0, or a sum of JWTVERIFY_KEY_SET_ flags
 * @param keys          receives the key set, to be freed with jwtverify_key_set_free()
 * @param error         NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK; a 6xx code for what is wrong with the document;
 *         JWTVERIFY_ERROR_MISUSE_ARGUMENT for an unknown flag
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_key_set_from_jwks(const char *document,
                                    size_t document_len,
                                    uint32_t flags,
                                    struct jwtverify_key_set **keys,
                                    struct jwtverify_error **error);

/**
 * Like jwtverify_key_set_from_jwks(), with limits of your own.
 *
 * Thread-safe.
 *
 * @param document      UTF-8, need not be NUL-terminated
 * @param document_len  its length in bytes
 * @param flags         0, or a sum of JWTVERIFY_KEY_SET_ flags
 * @param max_bytes     the longest document; 0 for the default of 512 KiB
 * @param max_keys      the most members of "keys"; 0 for the default of 100
 * @param keys          receives the key set, to be freed with jwtverify_key_set_free()
 * @param error         NULL, or receives the detail of a failure
 * @return as jwtverify_key_set_from_jwks()
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_key_set_from_jwks_limited(const char *document,
                                            size_t document_len,
                                            uint32_t flags,
                                            size_t max_bytes,
                                            size_t max_keys,
                                            struct jwtverify_key_set **keys,
                                            struct jwtverify_error **error);

/**
 * A second reference to the same key set, for another thread or owner: neither needs to know
 * when the other frees its own. Costs one atomic increment.
 *
 * Thread-safe.
 *
 * @param keys   the key set
 * @param clone  receives the reference, to be freed with jwtverify_key_set_free()
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_key_set_clone(const struct jwtverify_key_set *keys,
                                struct jwtverify_key_set **clone);

/**
 * The number of usable keys.
 *
 * Thread-safe.
 *
 * @return 0 if `keys` is NULL; a key set is never empty
 * @since 0.1.0
 */
size_t jwtverify_key_set_len(const struct jwtverify_key_set *keys);

/**
 * The key id of one key (RFC 7517 section 4.5).
 *
 * Thread-safe.
 *
 * @param keys   the key set
 * @param index  from 0 to jwtverify_key_set_len() - 1; keys are sorted by key id, those without one first
 * @param kid    receives the text, valid until the key set is freed; its `data` is NULL if the
 *               key has no "kid"
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_ARGUMENT if there is no such key
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_key_set_kid(const struct jwtverify_key_set *keys,
                              size_t index,
                              struct jwtverify_text *kid);

/**
 * The number of keys that were left out of the set.
 *
 * Thread-safe.
 *
 * @return 0 if `keys` is NULL
 * @since 0.1.0
 */
size_t jwtverify_key_set_skipped_len(const struct jwtverify_key_set *keys);

/**
 * Why a key was left out.
 *
 * Thread-safe.
 *
 * @param keys    the key set
 * @param index   from 0 to jwtverify_key_set_skipped_len() - 1
 * @param reason  receives the result code
 * @param text    receives a line for people that names position, "kid" and reason, valid until
 *                the key set is freed
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_ARGUMENT if there is no such key
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_key_set_skipped(const struct jwtverify_key_set *keys,
                                  size_t index,
                                  int32_t *reason,
                                  struct jwtverify_text *text);

/**
 * The number of warnings: keys that are used although something is wrong with them, such as a
 * private key that was published.
 *
 * Thread-safe.
 *
 * @return 0 if `keys` is NULL
 * @since 0.1.0
 */
size_t jwtverify_key_set_warnings_len(const struct jwtverify_key_set *keys);

/**
 * One warning.
 *
 * Thread-safe.
 *
 * @param keys   the key set
 * @param index  from 0 to jwtverify_key_set_warnings_len() - 1
 * @param text   receives a line for people, valid until the key set is freed
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_ARGUMENT if there is no such warning
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_key_set_warning(const struct jwtverify_key_set *keys,
                                  size_t index,
                                  struct jwtverify_text *text);

/**
 * Frees a reference to a key set; the keys go with the last one. NULL is allowed.
 *
 * @since 0.1.0
 */
void jwtverify_key_set_free(struct jwtverify_key_set *keys);

/* --- Verifiers: the rules, one call at a time ------------------------------------------------ */

/**
 * A new builder without any rules.
 *
 * @param builder  receives the builder, to be freed with jwtverify_verifier_builder_free()
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verifier_builder_new(struct jwtverify_verifier_builder **builder);

/**
 * Allows one algorithm; call it once for each. At least one must be allowed (RFC 8725 section
 * 3.1).
 *
 * @param builder  the builder
 * @param name     "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
 *                 "ES512", "ES256K", "EdDSA", "Ed25519", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87",
 *                 "HS256", "HS384" or "HS512"; case-sensitive
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_ALGORITHM_NAME for any other name
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_algorithm(struct jwtverify_verifier_builder *builder,
                                             const char *name);

/**
 * Accepts tokens of one issuer; call it once for each. The claim "iss" must equal one of them,
 * byte for byte (RFC 7519 section 4.1.1).
 *
 * @param builder  the builder
 * @param issuer   NUL-terminated UTF-8, copied
 * @return JWTVERIFY_OK or a misuse code
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_issuer(struct jwtverify_verifier_builder *builder,
                                          const char *issuer);

/**
 * Leaves the issuer unchecked. Safe only where the keys belong to one issuer alone, or where the
 * program checks "iss" itself.
 *
 * @param builder  the builder
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_any_issuer(struct jwtverify_verifier_builder *builder);

/**
 * Accepts tokens for one audience; call it once for each. One value of the claim "aud" must equal
 * one of them, byte for byte (RFC 7519 section 4.1.3).
 *
 * @param builder   the builder
 * @param audience  NUL-terminated UTF-8, copied
 * @return JWTVERIFY_OK or a misuse code
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_audience(struct jwtverify_verifier_builder *builder,
                                            const char *audience);

/**
 * Leaves the audience unchecked. Another service's token from the same issuer is then accepted.
 *
 * @param builder  the builder
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_any_audience(struct jwtverify_verifier_builder *builder);

/**
 * Allows for clocks that differ: "exp" and "nbf" are stretched by so many seconds. Default 0.
 *
 * @param builder  the builder
 * @param seconds  at most 300; more makes the build fail with JWTVERIFY_ERROR_MISUSE_LEEWAY
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_leeway(struct jwtverify_verifier_builder *builder,
                                          uint64_t seconds);

/**
 * Requires a claim to be present; call it once for each. The first call replaces the default,
 * which is "exp" alone: name "exp" again to keep it.
 *
 * @param builder  the builder
 * @param name     NUL-terminated UTF-8, copied
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE after
 *         jwtverify_verifier_builder_no_required_claims(); another misuse code
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_required_claim(struct jwtverify_verifier_builder *builder,
                                                  const char *name);

/**
 * Requires no claim to be present, not even "exp": tokens without it never expire. Claims that
 * are present are checked all the same.
 *
 * @param builder  the builder
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE after a required claim was named
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_no_required_claims(struct jwtverify_verifier_builder *builder);

/**
 * Requires the header's "typ", such as "at+jwt" (RFC 8725 section 3.11). Compared without regard
 * to case and to a leading "application/".
 *
 * @param builder  the builder
 * @param typ      NUL-terminated UTF-8, copied
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_typ(struct jwtverify_verifier_builder *builder, const char *typ);

/**
 * Refuses tokens that were issued longer ago than this, by their "iat". Default: no such limit.
 *
 * @param builder  the builder
 * @param seconds  the oldest age
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_max_age(struct jwtverify_verifier_builder *builder,
                                           uint64_t seconds);

/**
 * Accepts segments with correct trailing "=", against RFC 7515 section 2. The load balancer of
 * AWS (ALB) writes such tokens.
 *
 * @param builder  the builder
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_allow_padding(struct jwtverify_verifier_builder *builder);

/**
 * Sets the longest token. Default 256 KiB.
 *
 * @param builder  the builder
 * @param bytes    the limit
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_max_token_bytes(struct jwtverify_verifier_builder *builder,
                                                   size_t bytes);

/**
 * Sets the longest header, decoded. Default 8 KiB.
 *
 * @param builder  the builder
 * @param bytes    the limit
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_verifier_builder_max_header_bytes(struct jwtverify_verifier_builder *builder,
                                                    size_t bytes);

/**
 * Makes a verifier of the rules. The builder stays as it is and can build another one.
 *
 * @param builder   the builder; only read
 * @param verifier  receives the verifier, to be freed with jwtverify_verifier_free()
 * @param error     NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK; the code of the first setter that failed; else an 8xx code, such as
 *         JWTVERIFY_ERROR_MISUSE_NO_ALGORITHMS, JWTVERIFY_ERROR_MISUSE_ISSUER_UNSET or
 *         JWTVERIFY_ERROR_MISUSE_AUDIENCE_UNSET
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verifier_builder_build(const struct jwtverify_verifier_builder *builder,
                                         struct jwtverify_verifier **verifier,
                                         struct jwtverify_error **error);

/**
 * Frees a builder. NULL is allowed. The verifiers it built stay.
 *
 * @since 0.1.0
 */
void jwtverify_verifier_builder_free(struct jwtverify_verifier_builder *builder);

/* --- Verifiers: verification ----------------------------------------------------------------- */

/**
 * Verifies a token: structure, header, key, signature, then claims at the time `now` (RFC 7515
 * section 5.2, RFC 7519 section 7.2). The first thing that is wrong ends it.
 *
 * Thread-safe. Needs no network and reads no clock.
 *
 * @param verifier   the rules
 * @param token      three segments with dots between; need not be NUL-terminated
 * @param token_len  its length in bytes
 * @param keys       the keys to choose from
 * @param now        seconds since 1970-01-01 UTC, usually jwtverify_now(). Zero and less are
 *                   JWTVERIFY_ERROR_MISUSE_ARGUMENT: that is no time but a variable that was
 *                   never set, and no token would have expired then
 * @param verified   receives header and claims, to be freed with jwtverify_verified_free(); it
 *                   needs neither token, keys nor verifier to stay
 * @param error      NULL, or receives the detail of a failure; a refusal is faster without
 * @return JWTVERIFY_OK if, and only if, the token is valid
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verifier_verify(const struct jwtverify_verifier *verifier,
                                  const char *token,
                                  size_t token_len,
                                  const struct jwtverify_key_set *keys,
                                  int64_t now,
                                  struct jwtverify_verified **verified,
                                  struct jwtverify_error **error);

/**
 * Verifies the signature of a token whose payload is any bytes (a JWS, RFC 7515 section 5.2).
 * **Claims are not looked at**: such a token may have expired or be meant for somebody else.
 *
 * Thread-safe. Needs no network and reads no clock.
 *
 * @param verifier   the rules; those for the header apply
 * @param token      three segments with dots between; need not be NUL-terminated
 * @param token_len  its length in bytes
 * @param keys       the keys to choose from
 * @param verified   receives header and payload, to be freed with jwtverify_verified_jws_free()
 * @param error      NULL, or receives the detail of a failure; a refusal is faster without
 * @return JWTVERIFY_OK if, and only if, the signature is valid
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verifier_verify_jws(const struct jwtverify_verifier *verifier,
                                      const char *token,
                                      size_t token_len,
                                      const struct jwtverify_key_set *keys,
                                      struct jwtverify_verified_jws **verified,
                                      struct jwtverify_error **error);

/**
 * A second reference to the same verifier, for another thread or owner: neither needs to know
 * when the other frees its own. Costs one atomic increment.
 *
 * Thread-safe.
 *
 * @param verifier  the verifier
 * @param clone     receives the reference, to be freed with jwtverify_verifier_free()
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verifier_clone(const struct jwtverify_verifier *verifier,
                                 struct jwtverify_verifier **clone);

/**
 * Frees a reference to a verifier. NULL is allowed.
 *
 * @since 0.1.0
 */
void jwtverify_verifier_free(struct jwtverify_verifier *verifier);

/* --- What a valid token says ----------------------------------------------------------------- */

/**
 * The payload: the bytes that were signed, the JSON text of the claims.
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param payload   receives the bytes, valid until `verified` is freed
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_payload(const struct jwtverify_verified *verified,
                                   struct jwtverify_bytes *payload);

/**
 * The header as JSON text. It was found to be one object without duplicate names.
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param json      receives the text, valid until `verified` is freed
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_header_json(const struct jwtverify_verified *verified,
                                       struct jwtverify_text *json);

/**
 * The key id in the header (RFC 7515 section 4.1.4).
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param kid       receives the text, valid until `verified` is freed; its `data` is NULL if the
 *                  header has no "kid"
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_kid(const struct jwtverify_verified *verified,
                               struct jwtverify_text *kid);

/**
 * The algorithm that the token was verified with, such as "ES256".
 *
 * Thread-safe.
 *
 * @param verified   the token
 * @param algorithm  receives the name
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_algorithm(const struct jwtverify_verified *verified,
                                     struct jwtverify_text *algorithm);

/**
 * Frees a verified token and everything that came from it. NULL is allowed.
 *
 * @since 0.1.0
 */
void jwtverify_verified_free(struct jwtverify_verified *verified);

/**
 * The payload of a JWS: the bytes that were signed.
 *
 * Thread-safe.
 *
 * @param verified  the JWS
 * @param payload   receives the bytes, valid until `verified` is freed
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_jws_payload(const struct jwtverify_verified_jws *verified,
                                       struct jwtverify_bytes *payload);

/**
 * The header of a JWS as JSON text. It was found to be one object without duplicate names.
 *
 * Thread-safe.
 *
 * @param verified  the JWS
 * @param json      receives the text, valid until `verified` is freed
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_jws_header_json(const struct jwtverify_verified_jws *verified,
                                           struct jwtverify_text *json);

/**
 * The key id in the header of a JWS (RFC 7515 section 4.1.4).
 *
 * Thread-safe.
 *
 * @param verified  the JWS
 * @param kid       receives the text, valid until `verified` is freed; its `data` is NULL if the
 *                  header has no "kid"
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_jws_kid(const struct jwtverify_verified_jws *verified,
                                   struct jwtverify_text *kid);

/**
 * The algorithm that the JWS was verified with, such as "ES256".
 *
 * Thread-safe.
 *
 * @param verified   the JWS
 * @param algorithm  receives the name
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_jws_algorithm(const struct jwtverify_verified_jws *verified,
                                         struct jwtverify_text *algorithm);

/**
 * Frees a verified JWS and everything that came from it. NULL is allowed.
 *
 * @since 0.1.0
 */
void jwtverify_verified_jws_free(struct jwtverify_verified_jws *verified);

/* --- Claims of a valid token ----------------------------------------------------------------- */

/**
 * The claims as JSON text. It was found to be one object without duplicate names at any depth.
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param json      receives the text, valid until `verified` is freed
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_claims_json(const struct jwtverify_verified *verified,
                                       struct jwtverify_text *json);

/**
 * A claim that is a string, such as "iss", "sub" or "jti", unescaped.
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param name      the claim, NUL-terminated UTF-8
 * @param text      receives the string, valid until `verified` is freed; it may hold U+0000, so
 *                  go by its length
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING; JWTVERIFY_ERROR_CLAIM_TYPE if it is no
 *         string
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_claim_string(const struct jwtverify_verified *verified,
                                        const char *name,
                                        struct jwtverify_text *text);

/**
 * A claim that is an integer.
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param name      the claim, NUL-terminated UTF-8
 * @param number    receives the integer
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING; JWTVERIFY_ERROR_CLAIM_TYPE if it is no
 *         number, was written with a fraction or an exponent, or does not fit
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_claim_int64(const struct jwtverify_verified *verified,
                                       const char *name,
                                       int64_t *number);

/**
 * A claim that is a number, rounded to the nearest double.
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param name      the claim, NUL-terminated UTF-8
 * @param number    receives the number
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING; JWTVERIFY_ERROR_CLAIM_TYPE if it is no
 *         number or not finite as a double
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_claim_double(const struct jwtverify_verified *verified,
                                        const char *name,
                                        double *number);

/**
 * A claim that is true or false, such as "email_verified".
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param name      the claim, NUL-terminated UTF-8
 * @param flag      receives 1 or 0
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING; JWTVERIFY_ERROR_CLAIM_TYPE if it is
 *         neither: the string "true" is not true
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_claim_bool(const struct jwtverify_verified *verified,
                                      const char *name,
                                      int32_t *flag);

/**
 * A claim that is an array or an object, as JSON text for the program's own reader.
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param name      the claim, NUL-terminated UTF-8
 * @param json      receives the text, valid until `verified` is freed
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING; JWTVERIFY_ERROR_CLAIM_TYPE if it is
 *         neither
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_claim_json(const struct jwtverify_verified *verified,
                                      const char *name,
                                      struct jwtverify_text *json);

/**
 * The number of audiences: of strings in "aud" (RFC 7519 section 4.1.3).
 *
 * Thread-safe.
 *
 * @return 0 if there is no "aud" or `verified` is NULL
 * @since 0.1.0
 */
size_t jwtverify_verified_audience_len(const struct jwtverify_verified *verified);

/**
 * One audience.
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param index     from 0 to jwtverify_verified_audience_len() - 1
 * @param text      receives the string, valid until `verified` is freed
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_ARGUMENT if there is no such audience
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_audience(const struct jwtverify_verified *verified,
                                    size_t index,
                                    struct jwtverify_text *text);

/**
 * When the token expires: "exp" (RFC 7519 section 4.1.4) in whole seconds since 1970, rounded
 * down.
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param seconds   receives the time; one past the range of int64_t is its end
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_expiration(const struct jwtverify_verified *verified,
                                      int64_t *seconds);

/**
 * When the token begins to be valid: "nbf" (RFC 7519 section 4.1.5), as
 * jwtverify_verified_expiration().
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param seconds   receives the time
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_not_before(const struct jwtverify_verified *verified,
                                      int64_t *seconds);

/**
 * When the token was issued: "iat" (RFC 7519 section 4.1.6), as
 * jwtverify_verified_expiration().
 *
 * Thread-safe.
 *
 * @param verified  the token
 * @param seconds   receives the time
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_CLAIM_MISSING
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_verified_issued_at(const struct jwtverify_verified *verified,
                                     int64_t *seconds);

/* --- Remote key sets ------------------------------------------------------------------------- */

/**
 * A remote key set at an address, with the default settings. Nothing is fetched yet.
 *
 * Thread-safe.
 *
 * @param url     "https://..."; "http://..." only for this machine (localhost). NUL-terminated
 * @param remote  receives the remote key set, to be freed with jwtverify_remote_jwks_free()
 * @param error   NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_URL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_remote_jwks_from_url(const char *url,
                                       struct jwtverify_remote_jwks **remote,
                                       struct jwtverify_error **error);

/**
 * A remote key set whose address the issuer's discovery document tells (OpenID Connect Discovery
 * 1.0 section 4), with the default settings. Nothing is fetched yet.
 *
 * Thread-safe.
 *
 * @param issuer  the issuer, such as "https://idp.example". NUL-terminated
 * @param remote  receives the remote key set, to be freed with jwtverify_remote_jwks_free()
 * @param error   NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_URL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_remote_jwks_discover(const char *issuer,
                                       struct jwtverify_remote_jwks **remote,
                                       struct jwtverify_error **error);

/**
 * The keys as they are now; fetches them first if that is due. Good for a program that verifies
 * with jwtverify_verifier_verify() and decides itself when to ask again.
 *
 * Thread-safe. May block for the network.
 *
 * @param remote  the remote key set
 * @param keys    receives the keys, to be freed with jwtverify_key_set_free(); they stay what
 *                they are, whatever is fetched later
 * @param error   NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK, also with older keys if a renewal failed and they may still be used; a
 *         7xx code if there are none
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_remote_jwks_keys(const struct jwtverify_remote_jwks *remote,
                                   struct jwtverify_key_set **keys,
                                   struct jwtverify_error **error);

/**
 * Fetches the keys now, at a start of the program or at an operator's wish.
 *
 * Thread-safe. Blocks for the network.
 *
 * @param remote  the remote key set
 * @param error   NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK; a 7xx code, and the keys stay as they were
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_remote_jwks_refresh(const struct jwtverify_remote_jwks *remote,
                                      struct jwtverify_error **error);

/**
 * What is held now, for logs and health pages, as a JSON object:
 *
 * - "state": "cold" (nothing fetched yet), "fresh", "due" (in use, and renewed beside its users),
 *   "stale" (in use past its time, because it could not be renewed) or "expired"
 * - "url", "issuer": where the keys come from; null if not known or not configured
 * - "generation": how often the content of the set has changed
 * - "kids", "skipped": arrays of strings
 * - "age_seconds": since the issuer last confirmed the set; "ttl_seconds": how long it is good for;
 *   null without a set
 * - "last_fetch": null, or "ago_seconds", "error" (a result code or null) and "text"
 * - "failures": fetches that failed since the last success; "attempts": fetches started
 * - "fetching": whether a fetch is on its way
 * - "next_fetch_in_seconds", "next_unknown_kid_fetch_in_seconds": when one is allowed again
 *
 * Later versions may have more members.
 *
 * Thread-safe. Needs no network.
 *
 * @param remote    the remote key set
 * @param text      receives the text with a NUL at its end; NULL if `text_len` is 0
 * @param text_len  the room at `text` in bytes
 * @param needed    receives the room that the whole text with its NUL needs, also if the room is
 *                  too small; then nothing is written to `text`
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_SCRATCH if the room is too small
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_remote_jwks_status(const struct jwtverify_remote_jwks *remote,
                                     char *text,
                                     size_t text_len,
                                     size_t *needed);

/**
 * A second reference to the same remote key set, for another thread or owner. Costs one atomic
 * increment.
 *
 * Thread-safe.
 *
 * @param remote  the remote key set
 * @param clone   receives the reference, to be freed with jwtverify_remote_jwks_free()
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_remote_jwks_clone(const struct jwtverify_remote_jwks *remote,
                                    struct jwtverify_remote_jwks **clone);

/**
 * Frees a reference to a remote key set. NULL is allowed.
 *
 * @since 0.1.0
 */
void jwtverify_remote_jwks_free(struct jwtverify_remote_jwks *remote);

/* --- Remote key sets: settings of your own --------------------------------------------------- */

/**
 * A new builder without any settings.
 *
 * @param builder  receives the builder, to be freed with jwtverify_remote_jwks_builder_free()
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_remote_jwks_builder_new(struct jwtverify_remote_jwks_builder **builder);

/**
 * Fetches the key set from this address, as jwtverify_remote_jwks_from_url().
 *
 * @param builder  the builder
 * @param url      NUL-terminated, copied
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_url(struct jwtverify_remote_jwks_builder *builder,
                                          const char *url);

/**
 * Asks this issuer's discovery document where the key set is, as
 * jwtverify_remote_jwks_discover().
 *
 * @param builder  the builder
 * @param issuer   NUL-terminated, copied
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_issuer(struct jwtverify_remote_jwks_builder *builder,
                                             const char *issuer);

/**
 * How long a key set is used without asking again, where the answer has no `max-age`: 600 seconds
 * by default. If it is set, it is also the most that `max-age` can give, which else is from 1
 * minute to 1 hour.
 *
 * @param builder  the builder
 * @param seconds  from 1 to 86400
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_ttl_seconds(struct jwtverify_remote_jwks_builder *builder,
                                                  uint64_t seconds);

/**
 * How long after that a key set is used while the issuer cannot be reached. Default 3600 seconds.
 *
 * @param builder  the builder
 * @param seconds  at most 604800; 0 means that an issuer which is down takes its verifiers down
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_max_stale_seconds(struct jwtverify_remote_jwks_builder *builder,
                                                        uint64_t seconds);

/**
 * The time in which one more fetch may be caused by unknown key ids, after the first two: whatever
 * ids an attacker invents, the issuer is asked no more often. Default 30 seconds.
 *
 * @param builder  the builder
 * @param seconds  from 1 to 86400
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_miss_interval_seconds(struct jwtverify_remote_jwks_builder *builder,
                                                            uint64_t seconds);

/**
 * The least time from any fetch to one that is caused by an unknown key id. Default 5 seconds.
 *
 * @param builder  the builder
 * @param seconds  at most 3600; 0 means that a new key is asked for at once
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_miss_spacing_seconds(struct jwtverify_remote_jwks_builder *builder,
                                                           uint64_t seconds);

/**
 * The longest time for a connection, TLS included. Default 2000 milliseconds.
 *
 * @param builder       the builder
 * @param milliseconds  at most 60000
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_connect_timeout_ms(struct jwtverify_remote_jwks_builder *builder,
                                                         uint64_t milliseconds);

/**
 * The longest time for one fetch, discovery included. Default 5000 milliseconds.
 *
 * @param builder       the builder
 * @param milliseconds  at most 60000
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_timeout_ms(struct jwtverify_remote_jwks_builder *builder,
                                                 uint64_t milliseconds);

/**
 * How long one call waits for keys when there are none. Default: a little longer than the timeout.
 *
 * @param builder       the builder
 * @param milliseconds  0 means that no call waits: it starts a fetch and fails until that ended
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_wait_ms(struct jwtverify_remote_jwks_builder *builder,
                                              uint64_t milliseconds);

/**
 * How long one call waits for a due renewal before it goes on with the old keys. Default 2000
 * milliseconds.
 *
 * @param builder       the builder
 * @param milliseconds  0 means that no call waits, and the first ones after an idle time see the
 *                      old keys
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_stale_wait_ms(struct jwtverify_remote_jwks_builder *builder,
                                                    uint64_t milliseconds);

/**
 * The longest document that is read. Default 512 KiB.
 *
 * @param builder  the builder
 * @param bytes    at most 16 MiB
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_max_bytes(struct jwtverify_remote_jwks_builder *builder,
                                                size_t bytes);

/**
 * The most members of "keys". Default 100.
 *
 * @param builder  the builder
 * @param keys     at most 10000
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_max_keys(struct jwtverify_remote_jwks_builder *builder,
                                               size_t keys);

/**
 * Trusts this root for TLS, for an issuer behind a company's own authority; call it once for each.
 * The public authorities are then not trusted.
 *
 * @param builder          the builder
 * @param certificate      PEM or DER, copied
 * @param certificate_len  its length in bytes
 * @return JWTVERIFY_OK or a misuse code; what is no certificate makes the build fail
 * @since 0.1.0
 */
int32_t jwtverify_remote_jwks_builder_root_certificate(struct jwtverify_remote_jwks_builder *builder,
                                                       const uint8_t *certificate,
                                                       size_t certificate_len);

/**
 * Makes a remote key set of the settings. The builder stays as it is and can build another one.
 * Nothing is fetched yet.
 *
 * @param builder  the builder; only read
 * @param remote   receives the remote key set, to be freed with jwtverify_remote_jwks_free()
 * @param error    NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK; the code of the first setter that failed; else an 8xx code, such as
 *         JWTVERIFY_ERROR_MISUSE_URL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_remote_jwks_builder_build(const struct jwtverify_remote_jwks_builder *builder,
                                            struct jwtverify_remote_jwks **remote,
                                            struct jwtverify_error **error);

/**
 * Frees a builder. NULL is allowed. The remote key sets it built stay.
 *
 * @since 0.1.0
 */
void jwtverify_remote_jwks_builder_free(struct jwtverify_remote_jwks_builder *builder);

/* --- Tokens that were verified before -------------------------------------------------------- */

/**
 * A cache of verified tokens. 0 for any of the three numbers stands for its default.
 *
 * Thread-safe.
 *
 * @param entries    the most tokens that are kept: 1,024; from 1 to 65,536
 * @param max_bytes  the most memory for them: 4 MiB; from 64 KiB to 1 GiB
 * @param lifetime   how long a token is remembered, in seconds: 60; from 1 to 3,600, and never
 *                   past the token's own expiry
 * @param cache      receives the cache, to be freed with jwtverify_token_cache_free()
 * @param error      NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_ARGUMENT for a number out of its range
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_token_cache_new(size_t entries,
                                  size_t max_bytes,
                                  uint32_t lifetime,
                                  struct jwtverify_token_cache **cache,
                                  struct jwtverify_error **error);

/**
 * How full a cache is and how much it is used. The numbers are those of one moment each; where
 * threads compete, a few uses are not counted.
 *
 * Thread-safe.
 *
 * @param cache  the cache
 * @param usage  receives the numbers
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_token_cache_read_usage(const struct jwtverify_token_cache *cache,
                                         struct jwtverify_cache_usage *usage);

/**
 * A second reference to the same cache, for another thread or owner. Costs one atomic increment.
 *
 * Thread-safe.
 *
 * @param cache  the cache
 * @param clone  receives the reference, to be freed with jwtverify_token_cache_free()
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_token_cache_clone(const struct jwtverify_token_cache *cache,
                                    struct jwtverify_token_cache **clone);

/**
 * Frees a reference to a cache. NULL is allowed. Verifiers that use it keep it.
 *
 * @since 0.1.0
 */
void jwtverify_token_cache_free(struct jwtverify_token_cache *cache);

/* --- Verifiers that fetch their keys --------------------------------------------------------- */

/**
 * Joins a verifier and a remote key set. Both handles may be freed afterwards, or be used for
 * others as well: a remote key set that several verifiers share is fetched once.
 *
 * Thread-safe. Nothing is fetched yet.
 *
 * @param verifier  the rules
 * @param remote    the keys
 * @param joined    receives the verifier, to be freed with jwtverify_jwks_verifier_free()
 * @param error     NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK or a misuse code
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_jwks_verifier_new(const struct jwtverify_verifier *verifier,
                                    const struct jwtverify_remote_jwks *remote,
                                    struct jwtverify_jwks_verifier **joined,
                                    struct jwtverify_error **error);

/**
 * Like jwtverify_jwks_verifier_new(), with a cache of verified tokens, which may be freed afterwards
 * as well. It serves jwtverify_jwks_verifier_verify() and jwtverify_jwks_verifier_verify_at().
 *
 * Thread-safe. Nothing is fetched yet.
 *
 * @param verifier  the rules
 * @param remote    the keys
 * @param cache     the cache
 * @param joined    receives the verifier, to be freed with jwtverify_jwks_verifier_free()
 * @param error     NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK or a misuse code
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_jwks_verifier_new_cached(const struct jwtverify_verifier *verifier,
                                           const struct jwtverify_remote_jwks *remote,
                                           const struct jwtverify_token_cache *cache,
                                           struct jwtverify_jwks_verifier **joined,
                                           struct jwtverify_error **error);

/**
 * Verifies a token with the keys of the remote set, at the time of the system's clock. Keys are
 * fetched when there are none yet, when they are too old, or when the token names an unknown
 * one; the last no more often than the set allows.
 *
 * Thread-safe. May wait for the network, no longer and no more often than the settings of the
 * remote key set allow.
 *
 * @param verifier   the verifier
 * @param token      three segments with dots between; need not be NUL-terminated
 * @param token_len  its length in bytes
 * @param verified   receives header and claims, to be freed with jwtverify_verified_free()
 * @param error      NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK if, and only if, the token is valid; a 7xx code if that cannot be known
 *         now: answer 503, not 401
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_jwks_verifier_verify(const struct jwtverify_jwks_verifier *verifier,
                                       const char *token,
                                       size_t token_len,
                                       struct jwtverify_verified **verified,
                                       struct jwtverify_error **error);

/**
 * Like jwtverify_jwks_verifier_verify(), at the time `now`.
 *
 * Thread-safe. May wait for the network, as above.
 *
 * @param verifier   the verifier
 * @param token      three segments with dots between; need not be NUL-terminated
 * @param token_len  its length in bytes
 * @param now        seconds since 1970-01-01 UTC, after that moment
 * @param verified   receives header and claims, to be freed with jwtverify_verified_free()
 * @param error      NULL, or receives the detail of a failure
 * @return as jwtverify_jwks_verifier_verify()
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_jwks_verifier_verify_at(const struct jwtverify_jwks_verifier *verifier,
                                          const char *token,
                                          size_t token_len,
                                          int64_t now,
                                          struct jwtverify_verified **verified,
                                          struct jwtverify_error **error);

/**
 * Like jwtverify_verifier_verify_jws(), with the keys of the remote set: **claims are not looked
 * at**.
 *
 * Thread-safe. May wait for the network, as above.
 *
 * @param verifier   the verifier
 * @param token      three segments with dots between; need not be NUL-terminated
 * @param token_len  its length in bytes
 * @param verified   receives header and payload, to be freed with jwtverify_verified_jws_free()
 * @param error      NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK if, and only if, the signature is valid; a 7xx code if that cannot be known
 *         now
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_jwks_verifier_verify_jws(const struct jwtverify_jwks_verifier *verifier,
                                           const char *token,
                                           size_t token_len,
                                           struct jwtverify_verified_jws **verified,
                                           struct jwtverify_error **error);

/**
 * A second reference to the same verifier, for another thread or owner. Costs one atomic
 * increment.
 *
 * Thread-safe.
 *
 * @param verifier  the verifier
 * @param clone     receives the reference, to be freed with jwtverify_jwks_verifier_free()
 * @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_jwks_verifier_clone(const struct jwtverify_jwks_verifier *verifier,
                                      struct jwtverify_jwks_verifier **clone);

/**
 * Frees a reference to a verifier. NULL is allowed.
 *
 * @since 0.1.0
 */
void jwtverify_jwks_verifier_free(struct jwtverify_jwks_verifier *verifier);

/* --- Signatures without a token -------------------------------------------------------------- */

/**
 * Verifies a signature over a message with one public key: the primitive below tokens (RFC 7518
 * section 3). For tokens use jwtverify_verifier_verify(), which also checks what they say.
 *
 * Thread-safe. Reads the key anew each time; a key set is faster for many messages.
 *
 * @param algorithm      a name as in jwtverify_verifier_builder_algorithm(), NUL-terminated
 * @param jwk            one public key as a JWK (RFC 7517 section 4), not NUL-terminated
 * @param jwk_len        its length in bytes
 * @param message        the bytes that were signed
 * @param message_len    their number
 * @param signature      the signature as in a JWS: for ECDSA, r and s of fixed length
 * @param signature_len  its length in bytes
 * @param error          NULL, or receives the detail of a failure
 * @return JWTVERIFY_OK if, and only if, the signature is valid;
 *         JWTVERIFY_ERROR_SIGNATURE_INVALID; a 6xx code for what is wrong with the key;
 *         JWTVERIFY_ERROR_KEY_MISMATCH if the key is not for this algorithm
 * @since 0.1.0
 */
JWTVERIFY_MUST_USE
int32_t jwtverify_signature_verify(const char *algorithm,
                                   const char *jwk,
                                   size_t jwk_len,
                                   const uint8_t *message,
                                   size_t message_len,
                                   const uint8_t *signature,
                                   size_t signature_len,
                                   struct jwtverify_error **error);

#ifdef __cplusplus
}  /* extern "C" */
#endif  /* __cplusplus */

#endif  /* JWTVERIFY_H */
