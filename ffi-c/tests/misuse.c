/* Every function with NULL, bad lengths, bad text and bad order: a code, never a crash. */
#define _GNU_SOURCE /* mmap with MAP_ANONYMOUS */
#include "support.h"

#include <sys/mman.h>
#include <unistd.h>

#define NOW 1700000000
#define NEVER ((void *)1)
#define MISUSE_NULL JWTVERIFY_ERROR_MISUSE_NULL

static jwtverify_key_set *keys;
static jwtverify_verifier *verifier;
static jwtverify_remote_jwks *remote;
static jwtverify_jwks_verifier *joined;
static jwtverify_token_cache *cache;
static char *good, *jwks;

static void free_of_null_does_nothing(void) {
    jwtverify_error_free(NULL);
    jwtverify_key_set_free(NULL);
    jwtverify_verifier_builder_free(NULL);
    jwtverify_verifier_free(NULL);
    jwtverify_verified_free(NULL);
    jwtverify_verified_jws_free(NULL);
    jwtverify_remote_jwks_builder_free(NULL);
    jwtverify_remote_jwks_free(NULL);
    jwtverify_jwks_verifier_free(NULL);
    jwtverify_token_cache_free(NULL);
    CHECK(1);
}

static void results_as_text(void) {
    static const int32_t none[] = {-1, 1, 100, 999, 65536 + 301, INT32_MIN, INT32_MAX};
    size_t i;
    for (i = 0; i < sizeof none / sizeof *none; i++) {
        CHECK(strcmp(jwtverify_result_name(none[i]), "Unknown") == 0);
        CHECK(jwtverify_result_message(none[i])[0] != '\0');
        CHECK(jwtverify_result_family(none[i]) == JWTVERIFY_FAMILY_INTERNAL);
        CHECK(jwtverify_result_http_status(none[i]) == 500);
        CHECK(jwtverify_result_www_authenticate(none[i]) == NULL);
    }
    CHECK(strcmp(jwtverify_result_name(0), "Ok") == 0);
    CHECK(jwtverify_result_family(0) == JWTVERIFY_FAMILY_OK);
    CHECK(jwtverify_result_http_status(0) == 200);
    CHECK(jwtverify_result_www_authenticate(0) == NULL);
    CHECK(jwtverify_result_www_authenticate(JWTVERIFY_ERROR_UNAVAILABLE_CONNECT) == NULL);
    CHECK(strcmp(jwtverify_result_name(JWTVERIFY_ERROR_KEY_NOT_FOUND), "KeyNotFound") == 0);
    CHECK(jwtverify_result_family(JWTVERIFY_ERROR_KEY_NOT_FOUND) == JWTVERIFY_FAMILY_TOKEN);
    CHECK(jwtverify_result_family(JWTVERIFY_ERROR_KEY_SET_JSON) == JWTVERIFY_FAMILY_CALLER);
    CHECK(jwtverify_result_family(JWTVERIFY_ERROR_UNAVAILABLE_CONNECT) ==
          JWTVERIFY_FAMILY_UNAVAILABLE);
    CHECK(jwtverify_result_http_status(JWTVERIFY_ERROR_UNAVAILABLE_CONNECT) == 503);
    CHECK(jwtverify_result_family(JWTVERIFY_ERROR_INTERNAL_PANIC) == JWTVERIFY_FAMILY_INTERNAL);
    CHECK(strcmp(jwtverify_version(), JWTVERIFY_VERSION) == 0);
    CHECK(jwtverify_version_number() == JWTVERIFY_VERSION_NUMBER);
    CHECK(jwtverify_now() > 1700000000);
}

static void accessors_of_null(void) {
    CHECK(jwtverify_error_code(NULL) == 0);
    CHECK(jwtverify_error_name(NULL) == NULL);
    CHECK(jwtverify_error_message(NULL) == NULL);
    CHECK(jwtverify_error_text(NULL) == NULL);
    CHECK(jwtverify_error_claim(NULL) == NULL);
    CHECK(jwtverify_error_http_status(NULL) == 0);
    CHECK(jwtverify_error_www_authenticate(NULL) == NULL);
    CHECK(jwtverify_error_retry_after(NULL) == -1);
    CHECK(jwtverify_key_set_len(NULL) == 0);
    CHECK(jwtverify_key_set_skipped_len(NULL) == 0);
    CHECK(jwtverify_key_set_warnings_len(NULL) == 0);
    CHECK(jwtverify_verified_audience_len(NULL) == 0);
}

/* A failure through a detail: NULL is MisuseNull, and the detail says so. */
#define NULL_IS_REFUSED(call)                                     \
    do {                                                          \
        jwtverify_error *error = NEVER;                           \
        GIVES(call, MISUSE_NULL);                                 \
        CHECK(error != NEVER);                                    \
        CHECK(jwtverify_error_code(error) == MISUSE_NULL);        \
        CHECK(jwtverify_error_http_status(error) == 500);         \
        CHECK(jwtverify_error_www_authenticate(error) == NULL);   \
        CHECK(jwtverify_error_claim(error) == NULL);              \
        jwtverify_error_free(error);                              \
    } while (0)

static void null_objects_inputs_and_outputs(void) {
    jwtverify_key_set *set = NEVER;
    jwtverify_verifier *made = NEVER;
    jwtverify_verified *verified = NEVER;
    jwtverify_verified_jws *jws = NEVER;
    jwtverify_remote_jwks *source = NEVER;
    jwtverify_jwks_verifier *both = NEVER;
    jwtverify_token_cache *cached = NEVER;
    jwtverify_cache_usage usage;
    jwtverify_verifier_builder *builder = NULL;
    jwtverify_remote_jwks_builder *remote_builder = NULL;
    size_t len = strlen(good);

    NULL_IS_REFUSED(jwtverify_key_set_from_jwks(NULL, 1, 0, &set, &error));
    NULL_IS_REFUSED(jwtverify_key_set_from_jwks(jwks, strlen(jwks), 0, NULL, &error));
    NULL_IS_REFUSED(jwtverify_key_set_from_jwks_limited(NULL, 1, 0, 0, 0, &set, &error));
    NULL_IS_REFUSED(jwtverify_key_set_from_jwks_limited(jwks, 1, 0, 0, 0, NULL, &error));
    GIVES(jwtverify_key_set_clone(NULL, &set), MISUSE_NULL);
    GIVES(jwtverify_key_set_clone(keys, NULL), MISUSE_NULL);

    GIVES(jwtverify_verifier_builder_new(NULL), MISUSE_NULL);
    NULL_IS_REFUSED(jwtverify_verifier_builder_build(NULL, &made, &error));
    OK(jwtverify_verifier_builder_new(&builder));
    NULL_IS_REFUSED(jwtverify_verifier_builder_build(builder, NULL, &error));
    GIVES(jwtverify_verifier_clone(NULL, &made), MISUSE_NULL);
    GIVES(jwtverify_verifier_clone(verifier, NULL), MISUSE_NULL);

    NULL_IS_REFUSED(jwtverify_verifier_verify(NULL, good, len, keys, NOW, &verified, &error));
    NULL_IS_REFUSED(jwtverify_verifier_verify(verifier, NULL, len, keys, NOW, &verified, &error));
    NULL_IS_REFUSED(jwtverify_verifier_verify(verifier, good, len, NULL, NOW, &verified, &error));
    NULL_IS_REFUSED(jwtverify_verifier_verify(verifier, good, len, keys, NOW, NULL, &error));
    GIVES(jwtverify_verifier_verify(NULL, NULL, 0, NULL, 0, NULL, NULL), MISUSE_NULL);
    NULL_IS_REFUSED(jwtverify_verifier_verify_jws(NULL, good, len, keys, &jws, &error));
    NULL_IS_REFUSED(jwtverify_verifier_verify_jws(verifier, NULL, len, keys, &jws, &error));
    NULL_IS_REFUSED(jwtverify_verifier_verify_jws(verifier, good, len, NULL, &jws, &error));
    NULL_IS_REFUSED(jwtverify_verifier_verify_jws(verifier, good, len, keys, NULL, &error));

    NULL_IS_REFUSED(jwtverify_signature_verify(NULL, "{}", 2, NULL, 0, NULL, 0, &error));
    NULL_IS_REFUSED(jwtverify_signature_verify("ES256", NULL, 2, NULL, 0, NULL, 0, &error));
    NULL_IS_REFUSED(jwtverify_signature_verify("ES256", "{}", 2, NULL, 1, NULL, 0, &error));
    NULL_IS_REFUSED(jwtverify_signature_verify("ES256", "{}", 2, NULL, 0, NULL, 1, &error));

    NULL_IS_REFUSED(jwtverify_remote_jwks_from_url(NULL, &source, &error));
    NULL_IS_REFUSED(jwtverify_remote_jwks_from_url("https://a.example/", NULL, &error));
    NULL_IS_REFUSED(jwtverify_remote_jwks_discover(NULL, &source, &error));
    NULL_IS_REFUSED(jwtverify_remote_jwks_discover("https://a.example/", NULL, &error));
    NULL_IS_REFUSED(jwtverify_remote_jwks_keys(NULL, &set, &error));
    NULL_IS_REFUSED(jwtverify_remote_jwks_keys(remote, NULL, &error));
    NULL_IS_REFUSED(jwtverify_remote_jwks_refresh(NULL, &error));
    GIVES(jwtverify_remote_jwks_clone(NULL, &source), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_clone(remote, NULL), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_new(NULL), MISUSE_NULL);
    NULL_IS_REFUSED(jwtverify_remote_jwks_builder_build(NULL, &source, &error));
    OK(jwtverify_remote_jwks_builder_new(&remote_builder));
    NULL_IS_REFUSED(jwtverify_remote_jwks_builder_build(remote_builder, NULL, &error));

    NULL_IS_REFUSED(jwtverify_jwks_verifier_new(NULL, remote, &both, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_new(verifier, NULL, &both, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_new(verifier, remote, NULL, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_new_cached(NULL, remote, cache, &both, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_new_cached(verifier, NULL, cache, &both, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_new_cached(verifier, remote, NULL, &both, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_new_cached(verifier, remote, cache, NULL, &error));
    NULL_IS_REFUSED(jwtverify_token_cache_new(1, 1 << 20, 1, NULL, &error));
    GIVES(jwtverify_token_cache_new(65537, 0, 0, &cached, NULL), JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    GIVES(jwtverify_token_cache_new(0, 65535, 0, &cached, NULL), JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    GIVES(jwtverify_token_cache_new(0, 0, 3601, &cached, NULL), JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    GIVES(jwtverify_token_cache_clone(NULL, &cached), MISUSE_NULL);
    GIVES(jwtverify_token_cache_clone(cache, NULL), MISUSE_NULL);
    GIVES(jwtverify_token_cache_read_usage(NULL, &usage), MISUSE_NULL);
    GIVES(jwtverify_token_cache_read_usage(cache, NULL), MISUSE_NULL);
    CHECK(cached == NEVER);
    NULL_IS_REFUSED(jwtverify_jwks_verifier_verify(NULL, good, len, &verified, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_verify(joined, NULL, len, &verified, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_verify(joined, good, len, NULL, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_verify_at(NULL, good, len, 0, &verified, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_verify_at(joined, NULL, len, 0, &verified, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_verify_at(joined, good, len, 0, NULL, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_verify_jws(NULL, good, len, &jws, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_verify_jws(joined, NULL, len, &jws, &error));
    NULL_IS_REFUSED(jwtverify_jwks_verifier_verify_jws(joined, good, len, NULL, &error));
    GIVES(jwtverify_jwks_verifier_clone(NULL, &both), MISUSE_NULL);
    GIVES(jwtverify_jwks_verifier_clone(joined, NULL), MISUSE_NULL);

    /* No output was written. */
    CHECK(set == NEVER && made == NEVER && verified == NEVER && jws == NEVER);
    CHECK(source == NEVER && both == NEVER);
    jwtverify_verifier_builder_free(builder);
    jwtverify_remote_jwks_builder_free(remote_builder);
}

static void null_when_reading_results(void) {
    jwtverify_verified *verified = NULL;
    jwtverify_verified_jws *jws = NULL;
    jwtverify_text text = {"kept", 4};
    jwtverify_bytes bytes = {NULL, 77};
    int64_t number = 77;
    int32_t flag = 77;
    double decimal = 77;
    size_t len = strlen(good);
    OK(jwtverify_verifier_verify(verifier, good, len, keys, NOW, &verified, NULL));
    OK(jwtverify_verifier_verify_jws(verifier, good, len, keys, &jws, NULL));

    GIVES(jwtverify_key_set_kid(NULL, 0, &text), MISUSE_NULL);
    GIVES(jwtverify_key_set_kid(keys, 0, NULL), MISUSE_NULL);
    GIVES(jwtverify_key_set_skipped(NULL, 0, &flag, &text), MISUSE_NULL);
    GIVES(jwtverify_key_set_skipped(keys, 0, NULL, &text), MISUSE_NULL);
    GIVES(jwtverify_key_set_skipped(keys, 0, &flag, NULL), MISUSE_NULL);
    GIVES(jwtverify_key_set_warning(NULL, 0, &text), MISUSE_NULL);
    GIVES(jwtverify_key_set_warning(keys, 0, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_payload(NULL, &bytes), MISUSE_NULL);
    GIVES(jwtverify_verified_payload(verified, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_header_json(NULL, &text), MISUSE_NULL);
    GIVES(jwtverify_verified_header_json(verified, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_claims_json(NULL, &text), MISUSE_NULL);
    GIVES(jwtverify_verified_claims_json(verified, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_kid(NULL, &text), MISUSE_NULL);
    GIVES(jwtverify_verified_kid(verified, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_algorithm(NULL, &text), MISUSE_NULL);
    GIVES(jwtverify_verified_algorithm(verified, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_string(NULL, "sub", &text), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_string(verified, NULL, &text), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_string(verified, "sub", NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_int64(NULL, "exp", &number), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_int64(verified, NULL, &number), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_int64(verified, "exp", NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_double(NULL, "exp", &decimal), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_double(verified, NULL, &decimal), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_double(verified, "exp", NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_bool(NULL, "exp", &flag), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_bool(verified, NULL, &flag), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_bool(verified, "exp", NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_json(NULL, "aud", &text), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_json(verified, NULL, &text), MISUSE_NULL);
    GIVES(jwtverify_verified_claim_json(verified, "aud", NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_audience(NULL, 0, &text), MISUSE_NULL);
    GIVES(jwtverify_verified_audience(verified, 0, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_expiration(NULL, &number), MISUSE_NULL);
    GIVES(jwtverify_verified_expiration(verified, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_not_before(NULL, &number), MISUSE_NULL);
    GIVES(jwtverify_verified_not_before(verified, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_issued_at(NULL, &number), MISUSE_NULL);
    GIVES(jwtverify_verified_issued_at(verified, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_jws_payload(NULL, &bytes), MISUSE_NULL);
    GIVES(jwtverify_verified_jws_payload(jws, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_jws_header_json(NULL, &text), MISUSE_NULL);
    GIVES(jwtverify_verified_jws_header_json(jws, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_jws_kid(NULL, &text), MISUSE_NULL);
    GIVES(jwtverify_verified_jws_kid(jws, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_jws_algorithm(NULL, &text), MISUSE_NULL);
    GIVES(jwtverify_verified_jws_algorithm(jws, NULL), MISUSE_NULL);
    GIVES(jwtverify_verified_not_before(verified, &number), JWTVERIFY_ERROR_CLAIM_MISSING);
    GIVES(jwtverify_verified_issued_at(verified, &number), JWTVERIFY_ERROR_CLAIM_MISSING);

    CHECK(text_is(text, "kept") && bytes.len == 77 && number == 77 && flag == 77 && decimal == 77);
    jwtverify_verified_free(verified);
    jwtverify_verified_jws_free(jws);
}

static void setters_of_verifiers(void) {
    jwtverify_verifier_builder *b = NULL;
    jwtverify_verifier *made = NEVER;
    GIVES(jwtverify_verifier_builder_algorithm(NULL, "ES256"), MISUSE_NULL);
    GIVES(jwtverify_verifier_builder_issuer(NULL, "me"), MISUSE_NULL);
    GIVES(jwtverify_verifier_builder_any_issuer(NULL), MISUSE_NULL);
    GIVES(jwtverify_verifier_builder_audience(NULL, "you"), MISUSE_NULL);
    GIVES(jwtverify_verifier_builder_any_audience(NULL), MISUSE_NULL);
    GIVES(jwtverify_verifier_builder_leeway(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_verifier_builder_required_claim(NULL, "sub"), MISUSE_NULL);
    GIVES(jwtverify_verifier_builder_no_required_claims(NULL), MISUSE_NULL);
    GIVES(jwtverify_verifier_builder_typ(NULL, "JWT"), MISUSE_NULL);
    GIVES(jwtverify_verifier_builder_max_age(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_verifier_builder_allow_padding(NULL), MISUSE_NULL);
    GIVES(jwtverify_verifier_builder_max_token_bytes(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_verifier_builder_max_header_bytes(NULL, 1), MISUSE_NULL);

    /* What is missing. */
    OK(jwtverify_verifier_builder_new(&b));
    GIVES(jwtverify_verifier_builder_build(b, &made, NULL), JWTVERIFY_ERROR_MISUSE_NO_ALGORITHMS);
    OK(jwtverify_verifier_builder_algorithm(b, "ES256"));
    GIVES(jwtverify_verifier_builder_build(b, &made, NULL), JWTVERIFY_ERROR_MISUSE_ISSUER_UNSET);
    OK(jwtverify_verifier_builder_issuer(b, "me"));
    GIVES(jwtverify_verifier_builder_build(b, &made, NULL), JWTVERIFY_ERROR_MISUSE_AUDIENCE_UNSET);
    OK(jwtverify_verifier_builder_audience(b, "you"));
    OK(jwtverify_verifier_builder_typ(b, "JWT"));
    OK(jwtverify_verifier_builder_leeway(b, 0));
    OK(jwtverify_verifier_builder_max_age(b, 60));
    OK(jwtverify_verifier_builder_required_claim(b, "exp"));
    OK(jwtverify_verifier_builder_required_claim(b, "sub"));
    OK(jwtverify_verifier_builder_allow_padding(b));
    OK(jwtverify_verifier_builder_max_token_bytes(b, 4096));
    OK(jwtverify_verifier_builder_max_header_bytes(b, 1024));
    OK(jwtverify_verifier_builder_build(b, &made, NULL));
    CHECK(made != NEVER);
    jwtverify_verifier_free(made);
    made = NEVER;
    /* The builder is still there; a contradiction is remembered, whatever follows. */
    GIVES(jwtverify_verifier_builder_leeway(b, 1), JWTVERIFY_ERROR_MISUSE_TWICE);
    OK(jwtverify_verifier_builder_audience(b, "them"));
    GIVES(jwtverify_verifier_builder_build(b, &made, NULL), JWTVERIFY_ERROR_MISUSE_TWICE);
    jwtverify_verifier_builder_free(b);

#define BROKEN_BY(call, code)                                             \
    do {                                                                  \
        OK(jwtverify_verifier_builder_new(&b));                           \
        OK(jwtverify_verifier_builder_algorithm(b, "ES256"));             \
        OK(jwtverify_verifier_builder_any_issuer(b));                     \
        OK(jwtverify_verifier_builder_any_audience(b));                   \
        (void)(call);                                                     \
        GIVES(jwtverify_verifier_builder_build(b, &made, NULL), code);    \
        jwtverify_verifier_builder_free(b);                               \
    } while (0)
    BROKEN_BY(jwtverify_verifier_builder_algorithm(b, "es256"),
              JWTVERIFY_ERROR_MISUSE_ALGORITHM_NAME);
    BROKEN_BY(jwtverify_verifier_builder_algorithm(b, "none"),
              JWTVERIFY_ERROR_MISUSE_ALGORITHM_NAME);
    BROKEN_BY(jwtverify_verifier_builder_algorithm(b, ""), JWTVERIFY_ERROR_MISUSE_ALGORITHM_NAME);
    BROKEN_BY(jwtverify_verifier_builder_algorithm(b, NULL), MISUSE_NULL);
    BROKEN_BY(jwtverify_verifier_builder_algorithm(b, "\xff"), JWTVERIFY_ERROR_MISUSE_UTF8);
    BROKEN_BY(jwtverify_verifier_builder_issuer(b, NULL), MISUSE_NULL);
    BROKEN_BY(jwtverify_verifier_builder_issuer(b, "\xc3\x28"), JWTVERIFY_ERROR_MISUSE_UTF8);
    BROKEN_BY(jwtverify_verifier_builder_issuer(b, "me"), JWTVERIFY_ERROR_MISUSE_TWICE);
    BROKEN_BY(jwtverify_verifier_builder_audience(b, NULL), MISUSE_NULL);
    BROKEN_BY(jwtverify_verifier_builder_audience(b, "you"), JWTVERIFY_ERROR_MISUSE_TWICE);
    BROKEN_BY(jwtverify_verifier_builder_required_claim(b, NULL), MISUSE_NULL);
    BROKEN_BY(jwtverify_verifier_builder_typ(b, NULL), MISUSE_NULL);
    BROKEN_BY(jwtverify_verifier_builder_leeway(b, 301), JWTVERIFY_ERROR_MISUSE_LEEWAY);
    BROKEN_BY(jwtverify_verifier_builder_leeway(b, UINT64_MAX), JWTVERIFY_ERROR_MISUSE_LEEWAY);
    BROKEN_BY((jwtverify_verifier_builder_typ(b, "a"), jwtverify_verifier_builder_typ(b, "b")),
              JWTVERIFY_ERROR_MISUSE_TWICE);
    BROKEN_BY((jwtverify_verifier_builder_no_required_claims(b),
               jwtverify_verifier_builder_required_claim(b, "sub")),
              JWTVERIFY_ERROR_MISUSE_TWICE);
    BROKEN_BY((jwtverify_verifier_builder_required_claim(b, "sub"),
               jwtverify_verifier_builder_no_required_claims(b)),
              JWTVERIFY_ERROR_MISUSE_TWICE);
    CHECK(made == NEVER);
}

static void setters_of_remote_key_sets(void) {
    jwtverify_remote_jwks_builder *b = NULL;
    jwtverify_remote_jwks *made = NEVER;
    static const uint8_t junk[] = {1, 2, 3};
    GIVES(jwtverify_remote_jwks_builder_url(NULL, "https://a.example/"), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_issuer(NULL, "https://a.example"), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_ttl_seconds(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_max_stale_seconds(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_miss_interval_seconds(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_miss_spacing_seconds(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_connect_timeout_ms(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_timeout_ms(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_wait_ms(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_stale_wait_ms(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_max_bytes(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_max_keys(NULL, 1), MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_builder_root_certificate(NULL, junk, sizeof junk), MISUSE_NULL);

    OK(jwtverify_remote_jwks_builder_new(&b));
    GIVES(jwtverify_remote_jwks_builder_build(b, &made, NULL), JWTVERIFY_ERROR_MISUSE_URL);
    OK(jwtverify_remote_jwks_builder_url(b, "https://a.example/jwks"));
    OK(jwtverify_remote_jwks_builder_ttl_seconds(b, 60));
    OK(jwtverify_remote_jwks_builder_max_stale_seconds(b, 60));
    OK(jwtverify_remote_jwks_builder_miss_interval_seconds(b, 60));
    OK(jwtverify_remote_jwks_builder_miss_spacing_seconds(b, 1));
    OK(jwtverify_remote_jwks_builder_connect_timeout_ms(b, 1000));
    OK(jwtverify_remote_jwks_builder_timeout_ms(b, 2000));
    OK(jwtverify_remote_jwks_builder_wait_ms(b, 1000));
    OK(jwtverify_remote_jwks_builder_stale_wait_ms(b, 1000));
    OK(jwtverify_remote_jwks_builder_max_bytes(b, 1000));
    OK(jwtverify_remote_jwks_builder_max_keys(b, 10));
    OK(jwtverify_remote_jwks_builder_build(b, &made, NULL));
    jwtverify_remote_jwks_free(made);
    made = NEVER;
    GIVES(jwtverify_remote_jwks_builder_url(b, "https://b.example/"), JWTVERIFY_ERROR_MISUSE_TWICE);
    GIVES(jwtverify_remote_jwks_builder_build(b, &made, NULL), JWTVERIFY_ERROR_MISUSE_TWICE);
    jwtverify_remote_jwks_builder_free(b);

    OK(jwtverify_remote_jwks_builder_new(&b));
    OK(jwtverify_remote_jwks_builder_url(b, "https://a.example/jwks"));
    OK(jwtverify_remote_jwks_builder_issuer(b, "https://a.example"));
    GIVES(jwtverify_remote_jwks_builder_build(b, &made, NULL), JWTVERIFY_ERROR_MISUSE_TWICE);
    jwtverify_remote_jwks_builder_free(b);

    OK(jwtverify_remote_jwks_builder_new(&b));
    OK(jwtverify_remote_jwks_builder_url(b, "https://a.example/jwks"));
    OK(jwtverify_remote_jwks_builder_root_certificate(b, junk, sizeof junk));
    GIVES(jwtverify_remote_jwks_builder_build(b, &made, NULL), JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    jwtverify_remote_jwks_builder_free(b);

    OK(jwtverify_remote_jwks_builder_new(&b));
    OK(jwtverify_remote_jwks_builder_url(b, "https://a.example/jwks"));
    OK(jwtverify_remote_jwks_builder_ttl_seconds(b, UINT64_MAX));
    GIVES(jwtverify_remote_jwks_builder_build(b, &made, NULL), JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    jwtverify_remote_jwks_builder_free(b);

    GIVES(jwtverify_remote_jwks_from_url("http://a.example/", &made, NULL),
          JWTVERIFY_ERROR_MISUSE_URL);
    GIVES(jwtverify_remote_jwks_from_url("file:///etc/passwd", &made, NULL),
          JWTVERIFY_ERROR_MISUSE_URL);
    GIVES(jwtverify_remote_jwks_from_url("", &made, NULL), JWTVERIFY_ERROR_MISUSE_URL);
    GIVES(jwtverify_remote_jwks_from_url("\xff", &made, NULL), JWTVERIFY_ERROR_MISUSE_UTF8);
    GIVES(jwtverify_remote_jwks_discover("http://a.example", &made, NULL),
          JWTVERIFY_ERROR_MISUSE_URL);
    CHECK(made == NEVER);
}

static void lengths(void) {
    jwtverify_verified *verified = NEVER;
    jwtverify_key_set *set = NEVER;
    /* An empty array may be NULL: it is an empty token, not a mistake. */
    GIVES(jwtverify_verifier_verify(verifier, NULL, 0, keys, NOW, &verified, NULL),
          JWTVERIFY_ERROR_TOKEN_SEGMENTS);
    GIVES(jwtverify_verifier_verify(verifier, good, 0, keys, NOW, &verified, NULL),
          JWTVERIFY_ERROR_TOKEN_SEGMENTS);
    GIVES(jwtverify_key_set_from_jwks(NULL, 0, 0, &set, NULL), JWTVERIFY_ERROR_KEY_SET_JSON);
    /* A time that was never set is no time: in 1970 no token has expired. */
    GIVES(jwtverify_verifier_verify(verifier, good, strlen(good), keys, 0, &verified, NULL),
          JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    GIVES(jwtverify_verifier_verify(verifier, good, strlen(good), keys, -1, &verified, NULL),
          JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    /* No object is larger than SSIZE_MAX. */
    GIVES(jwtverify_verifier_verify(verifier, good, SIZE_MAX, keys, NOW, &verified, NULL),
          JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    GIVES(jwtverify_verifier_verify(verifier, good, (size_t)PTRDIFF_MAX + 1, keys, NOW, &verified,
                                    NULL),
          JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    GIVES(jwtverify_key_set_from_jwks(jwks, SIZE_MAX, 0, &set, NULL),
          JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    CHECK(verified == NEVER && set == NEVER);
}

/* Nothing behind the length is read: the next byte would end the program. */
static void a_token_at_the_edge_of_a_page(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), len = strlen(good), set_len = strlen(jwks), shift;
    size_t room = ((len > set_len ? len : set_len) / page + 2) * page;
    char *area = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    jwtverify_verified *verified = NULL;
    jwtverify_key_set *set = NULL;
    if (area == MAP_FAILED) die("mmap");
    if (mprotect(area + room, page, PROT_NONE) != 0) die("mprotect");

    memcpy(area + room - len, good, len);
    OK(jwtverify_verifier_verify(verifier, area + room - len, len, keys, NOW, &verified, NULL));
    jwtverify_verified_free(verified);
    /* Every tail of the token, so that each place where a reader could look ahead is at the edge. */
    verified = NEVER;
    for (shift = 1; shift <= len; shift++)
        CHECK(jwtverify_verifier_verify(verifier, area + room - len + shift, len - shift, keys, NOW,
                                        &verified, NULL) != JWTVERIFY_OK);
    /* Every head as well. */
    for (shift = 1; shift < len; shift++) {
        memcpy(area + room - shift, good, shift);
        CHECK(jwtverify_verifier_verify(verifier, area + room - shift, shift, keys, NOW, &verified,
                                        NULL) != JWTVERIFY_OK);
    }
    CHECK(verified == NEVER);
    memcpy(area + room - set_len, jwks, set_len);
    OK(jwtverify_key_set_from_jwks(area + room - set_len, set_len, 0, &set, NULL));
    jwtverify_key_set_free(set);
    munmap(area, room + page);
}

/* Bytes without any sense, the same in every run. */
static void rubbish(void) {
    static char bytes[512];
    uint32_t state = 12345;
    int round, accepted = 0;
    size_t i, len;
    jwtverify_verified *verified = NEVER;
    jwtverify_key_set *set = NEVER;
    for (round = 0; round < 5000; round++) {
        len = (size_t)round % sizeof bytes;
        for (i = 0; i < len; i++) {
            state = state * 1664525 + 1013904223;
            /* Mostly characters that keep a token or a document alive for a while. */
            bytes[i] = round % 2 ? (char)(state >> 24) : "aZ09-_..{}[]\":,k"[state >> 28];
        }
        accepted += jwtverify_verifier_verify(verifier, bytes, len, keys, NOW, &verified, NULL) ==
                    JWTVERIFY_OK;
        accepted += jwtverify_key_set_from_jwks(bytes, len, 3, &set, NULL) == JWTVERIFY_OK;
    }
    CHECK(accepted == 0 && verified == NEVER && set == NEVER);
}

/* Zero and less: a time that was never set. */
static void the_time(void) {
    static const struct {
        int64_t now;
        int32_t code;
    } cases[] = {
        {INT64_MIN, JWTVERIFY_ERROR_MISUSE_ARGUMENT}, {-1, JWTVERIFY_ERROR_MISUSE_ARGUMENT},
        {0, JWTVERIFY_ERROR_MISUSE_ARGUMENT},         {1, JWTVERIFY_OK},
        {1700000099, JWTVERIFY_OK},                   {1700000100, JWTVERIFY_ERROR_EXPIRED},
        {INT64_MAX, JWTVERIFY_ERROR_EXPIRED},
    };
    size_t i;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        jwtverify_verified *verified = NULL;
        GIVES(jwtverify_verifier_verify(verifier, good, strlen(good), keys, cases[i].now, &verified,
                                        NULL),
              cases[i].code);
        CHECK((verified != NULL) == (cases[i].code == JWTVERIFY_OK));
        jwtverify_verified_free(verified);
    }
}

int main(void) {
    jwtverify_error *unread = NULL;
    listen_to_issuer();
    ask("jwks");
    jwks = object_member("jwks");
    keys = key_set_of(jwks, 0);
    good = token_of("mint ES256 {\"iss\":\"me\",\"aud\":\"you\",\"exp\":1700000100}");
    verifier = verifier_of("ES256", "me", "you");
    OK(jwtverify_remote_jwks_from_url("https://a.example/jwks", &remote, &unread));
    OK(jwtverify_jwks_verifier_new(verifier, remote, &joined, &unread));
    OK(jwtverify_token_cache_new(0, 0, 0, &cache, &unread));
    CHECK(unread == NULL);

    free_of_null_does_nothing();
    results_as_text();
    accessors_of_null();
    null_objects_inputs_and_outputs();
    null_when_reading_results();
    setters_of_verifiers();
    setters_of_remote_key_sets();
    lengths();
    a_token_at_the_edge_of_a_page();
    rubbish();
    the_time();

    jwtverify_jwks_verifier_free(joined);
    jwtverify_token_cache_free(cache);
    jwtverify_remote_jwks_free(remote);
    jwtverify_verifier_free(verifier);
    jwtverify_key_set_free(keys);
    free(good);
    free(jwks);
    return report();
}
