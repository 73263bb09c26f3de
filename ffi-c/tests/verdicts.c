/* Good, bad and hostile tokens through the C interface, and what a valid one says. */
#include "support.h"

#define NOW 1700000000
#define GOOD_CLAIMS "{\"iss\":\"me\",\"aud\":\"you\",\"sub\":\"anna\",\"exp\":1700000100}"
#define NEVER ((void *)1)

static jwtverify_key_set *keys;
static jwtverify_verifier *verifier;

/* Verifies, and checks that a refusal writes no output and a detail that agrees. */
static void expect(const char *token, int32_t code, const char *claim) {
    jwtverify_verified *verified = NEVER;
    jwtverify_error *error = NEVER;
    GIVES(jwtverify_verifier_verify(verifier, token, strlen(token), keys, NOW, &verified, &error),
          code);
    if (code == JWTVERIFY_OK) {
        CHECK(verified != NEVER && error == NEVER);
        jwtverify_verified_free(verified);
        return;
    }
    CHECK(verified == NEVER && error != NEVER);
    CHECK(jwtverify_error_code(error) == code);
    CHECK(strcmp(jwtverify_error_name(error), jwtverify_result_name(code)) == 0);
    CHECK(strncmp(jwtverify_error_message(error), jwtverify_result_message(code),
                  strlen(jwtverify_result_message(code))) == 0);
    CHECK(strstr(jwtverify_error_text(error), jwtverify_error_message(error)) != NULL);
    CHECK(jwtverify_error_http_status(error) == 401);
    CHECK(jwtverify_result_http_status(code) == 401);
    CHECK(jwtverify_result_family(code) == JWTVERIFY_FAMILY_TOKEN);
    CHECK(strstr(jwtverify_error_www_authenticate(error), "invalid_token") != NULL);
    CHECK(strcmp(jwtverify_result_www_authenticate(code),
                 jwtverify_error_www_authenticate(error)) == 0);
    CHECK(jwtverify_error_retry_after(error) == -1);
    if (claim)
        CHECK(strcmp(jwtverify_error_claim(error), claim) == 0);
    else
        CHECK(jwtverify_error_claim(error) == NULL);
    /* Nothing of the token is in the texts. */
    if (strlen(token) > 40) CHECK(strstr(jwtverify_error_text(error), token + 20) == NULL);
    jwtverify_error_free(error);
    /* The verdict is the same when nobody asks for the detail. */
    GIVES(jwtverify_verifier_verify(verifier, token, strlen(token), keys, NOW, &verified, NULL),
          code);
    CHECK(verified == NEVER);
}

static void expect_command(const char *command, int32_t code, const char *claim) {
    char *token = token_of(command);
    expect(token, code, claim);
    free(token);
}

static void good_and_bad_tokens(void) {
    expect_command("mint ES256 " GOOD_CLAIMS, JWTVERIFY_OK, NULL);
    expect_command("mint ES256 {\"iss\":\"me\",\"aud\":\"you\",\"exp\":1700000000}",
                   JWTVERIFY_ERROR_EXPIRED, "exp");
    expect_command("mint ES256 {\"iss\":\"me\",\"aud\":\"you\"}", JWTVERIFY_ERROR_CLAIM_MISSING,
                   "exp");
    expect_command("mint ES256 {\"iss\":\"me\",\"aud\":\"you\",\"exp\":\"1700000100\"}",
                   JWTVERIFY_ERROR_CLAIM_TYPE, "exp");
    expect_command("mint ES256 {\"iss\":\"me\",\"aud\":\"you\",\"exp\":1700000100,"
                   "\"nbf\":1700000001}",
                   JWTVERIFY_ERROR_NOT_YET_VALID, "nbf");
    expect_command("mint ES256 {\"iss\":\"you\",\"aud\":\"you\",\"exp\":1700000100}",
                   JWTVERIFY_ERROR_ISSUER_MISMATCH, "iss");
    expect_command("mint ES256 {\"iss\":\"me\",\"aud\":[\"them\"],\"exp\":1700000100}",
                   JWTVERIFY_ERROR_AUDIENCE_MISMATCH, "aud");
    expect_command("mint RS256 " GOOD_CLAIMS, JWTVERIFY_ERROR_ALGORITHM_NOT_ALLOWED, NULL);
    expect_command("mint ES256 " GOOD_CLAIMS " {\"crit\":[\"exp\"]}",
                   JWTVERIFY_ERROR_CRITICAL_HEADER, NULL);
    expect_command("mint ES256 " GOOD_CLAIMS " {\"kid\":null}", JWTVERIFY_OK, NULL);
    expect_command("mint ES256 " GOOD_CLAIMS " {\"kid\":7}", JWTVERIFY_ERROR_HEADER_MEMBER_TYPE,
                   NULL);
    expect_command("forge none " GOOD_CLAIMS, JWTVERIFY_ERROR_SIGNATURE_EMPTY, NULL);
    expect_command("forge tampered ES256 " GOOD_CLAIMS, JWTVERIFY_ERROR_SIGNATURE_INVALID, NULL);
    expect_command("forge wrong-key ES256 " GOOD_CLAIMS, JWTVERIFY_ERROR_SIGNATURE_INVALID, NULL);
    expect_command("forge unknown-kid ES256 " GOOD_CLAIMS, JWTVERIFY_ERROR_KEY_NOT_FOUND, NULL);
    expect_command("forge der ES256 " GOOD_CLAIMS, JWTVERIFY_ERROR_SIGNATURE_INVALID, NULL);
    expect_command("forge confused ES256 " GOOD_CLAIMS, JWTVERIFY_ERROR_ALGORITHM_NOT_ALLOWED,
                   NULL);
}

static void hostile_texts(void) {
    static const struct {
        const char *token;
        int32_t code;
    } cases[] = {
        {"", JWTVERIFY_ERROR_TOKEN_SEGMENTS},
        {".", JWTVERIFY_ERROR_TOKEN_SEGMENTS},
        {"..", JWTVERIFY_ERROR_HEADER_EMPTY},
        {"...", JWTVERIFY_ERROR_TOKEN_SEGMENTS},
        {"a.b.c.d.e", JWTVERIFY_ERROR_TOKEN_ENCRYPTED},
        {"e30.e30.", JWTVERIFY_ERROR_SIGNATURE_EMPTY},
        {"e30.e30.AA", JWTVERIFY_ERROR_ALGORITHM_MISSING},
        {"e31.e30.AA", JWTVERIFY_ERROR_HEADER_BASE64},
        {"e30=.e30.AA", JWTVERIFY_ERROR_HEADER_BASE64},
        {"\xff\xfe.\x80.\xc3", JWTVERIFY_ERROR_HEADER_BASE64},
        {"%n%s%n.%s.%s", JWTVERIFY_ERROR_HEADER_BASE64},
    };
    size_t i;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) expect(cases[i].token, cases[i].code, NULL);
}

/* Every single-byte change of a good token is refused: no position is unprotected. */
static void every_changed_byte_is_refused(void) {
    static const char other[] = {0, '.', '=', 'A', ' ', (char)0xff};
    char *token = token_of("mint ES256 " GOOD_CLAIMS);
    size_t len = strlen(token), i, j, accepted = 0;
    jwtverify_verified *verified = NEVER;
    for (i = 0; i < len; i++) {
        for (j = 0; j < sizeof other; j++) {
            char kept = token[i];
            if (kept == other[j]) continue;
            token[i] = other[j];
            if (jwtverify_verifier_verify(verifier, token, len, keys, NOW, &verified, NULL) ==
                JWTVERIFY_OK)
                accepted++;
            token[i] = kept;
        }
    }
    CHECK(accepted == 0 && verified == NEVER);
    /* Truncations, too; and the token itself is still good. */
    for (i = 0; i < len; i++)
        if (jwtverify_verifier_verify(verifier, token, i, keys, NOW, &verified, NULL) ==
            JWTVERIFY_OK)
            accepted++;
    CHECK(accepted == 0 && verified == NEVER);
    expect(token, JWTVERIFY_OK, NULL);
    free(token);
}

static void what_a_valid_token_says(void) {
    char *token = token_of(
        "mint ES256 {\"iss\":\"me\",\"aud\":[\"you\",\"\\u0061\\u0000b\"],\"sub\":\"a\\u0000b\","
        "\"exp\":1700000100,\"nbf\":1699999999.75,\"iat\":1699999998,\"quote\":\"say \\\"hi\\\"\","
        "\"empty\":\"\",\"big\":9223372036854775807,\"more\":9223372036854775808,\"pi\":3.25,"
        "\"yes\":true,\"no\":false,\"nothing\":null,\"list\":[1,[2]],\"map\":{\"a\":{}}}");
    jwtverify_verified *verified = NULL;
    jwtverify_text text, again;
    jwtverify_bytes payload;
    int64_t number = 77;
    int32_t flag = 77;
    double decimal = 77;

    OK(jwtverify_verifier_verify(verifier, token, strlen(token), keys, NOW, &verified, NULL));
    free(token); /* The result needs it no more. */

    OK(jwtverify_verified_payload(verified, &payload));
    OK(jwtverify_verified_claims_json(verified, &text));
    CHECK(payload.len == text.len && memcmp(payload.data, text.data, text.len) == 0);
    CHECK(text.data[0] == '{' && text.data[text.len - 1] == '}');
    OK(jwtverify_verified_header_json(verified, &text));
    CHECK(text.data[0] == '{' && text.data[text.len - 1] == '}');
    OK(jwtverify_verified_kid(verified, &text));
    CHECK(text_is(text, "es256-1"));
    OK(jwtverify_verified_algorithm(verified, &text));
    CHECK(text_is(text, "ES256"));

    OK(jwtverify_verified_claim_string(verified, "iss", &text));
    CHECK(text_is(text, "me"));
    OK(jwtverify_verified_claim_string(verified, "sub", &text));
    CHECK(text.len == 3 && memcmp(text.data, "a\0b", 3) == 0); /* embedded NUL kept */
    OK(jwtverify_verified_claim_string(verified, "sub", &again));
    CHECK(again.data == text.data); /* the same view again: nothing piles up */
    OK(jwtverify_verified_claim_string(verified, "quote", &text));
    CHECK(text_is(text, "say \"hi\""));
    OK(jwtverify_verified_claim_string(verified, "empty", &text));
    CHECK(text.data != NULL && text.len == 0);
    CHECK(jwtverify_verified_audience_len(verified) == 2);
    OK(jwtverify_verified_audience(verified, 0, &text));
    CHECK(text_is(text, "you"));
    OK(jwtverify_verified_audience(verified, 1, &text));
    CHECK(text.len == 3 && memcmp(text.data, "a\0b", 3) == 0);
    GIVES(jwtverify_verified_audience(verified, 2, &text), JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    GIVES(jwtverify_verified_audience(verified, SIZE_MAX, &text), JWTVERIFY_ERROR_MISUSE_ARGUMENT);

    OK(jwtverify_verified_expiration(verified, &number));
    CHECK(number == 1700000100);
    OK(jwtverify_verified_not_before(verified, &number));
    CHECK(number == 1699999999);
    OK(jwtverify_verified_issued_at(verified, &number));
    CHECK(number == 1699999998);
    OK(jwtverify_verified_claim_int64(verified, "big", &number));
    CHECK(number == INT64_MAX);
    number = 77;
    GIVES(jwtverify_verified_claim_int64(verified, "more", &number), JWTVERIFY_ERROR_CLAIM_TYPE);
    GIVES(jwtverify_verified_claim_int64(verified, "pi", &number), JWTVERIFY_ERROR_CLAIM_TYPE);
    GIVES(jwtverify_verified_claim_int64(verified, "sub", &number), JWTVERIFY_ERROR_CLAIM_TYPE);
    GIVES(jwtverify_verified_claim_int64(verified, "nothing", &number),
          JWTVERIFY_ERROR_CLAIM_TYPE);
    GIVES(jwtverify_verified_claim_int64(verified, "absent", &number),
          JWTVERIFY_ERROR_CLAIM_MISSING);
    CHECK(number == 77);
    OK(jwtverify_verified_claim_double(verified, "pi", &decimal));
    CHECK(decimal == 3.25);
    GIVES(jwtverify_verified_claim_double(verified, "yes", &decimal), JWTVERIFY_ERROR_CLAIM_TYPE);
    CHECK(decimal == 3.25);
    GIVES(jwtverify_verified_claim_bool(verified, "sub", &flag), JWTVERIFY_ERROR_CLAIM_TYPE);
    CHECK(flag == 77);
    OK(jwtverify_verified_claim_bool(verified, "yes", &flag));
    CHECK(flag == 1);
    OK(jwtverify_verified_claim_bool(verified, "no", &flag));
    CHECK(flag == 0);
    OK(jwtverify_verified_claim_json(verified, "list", &text));
    CHECK(text_is(text, "[1,[2]]"));
    OK(jwtverify_verified_claim_json(verified, "map", &text));
    CHECK(text_is(text, "{\"a\":{}}"));
    GIVES(jwtverify_verified_claim_json(verified, "pi", &text), JWTVERIFY_ERROR_CLAIM_TYPE);
    GIVES(jwtverify_verified_claim_string(verified, "pi", &text), JWTVERIFY_ERROR_CLAIM_TYPE);
    GIVES(jwtverify_verified_claim_string(verified, "s", &text), JWTVERIFY_ERROR_CLAIM_MISSING);
    GIVES(jwtverify_verified_claim_string(verified, "\xff", &text), JWTVERIFY_ERROR_MISUSE_UTF8);
    CHECK(text_is(text, "{\"a\":{}}"));
    jwtverify_verified_free(verified);
}

static void a_jws_of_any_bytes(void) {
    /* {"alg":"ES256"} and the payload bytes 00 ff */
    char *token = token_of("sign ES256 eyJhbGciOiJFUzI1NiJ9 AP8");
    jwtverify_verified_jws *jws = NEVER;
    jwtverify_verified *verified = NEVER;
    jwtverify_bytes payload;
    jwtverify_text text;
    GIVES(jwtverify_verifier_verify(verifier, token, strlen(token), keys, NOW, &verified, NULL),
          JWTVERIFY_ERROR_PAYLOAD_JSON);
    CHECK(verified == NEVER);
    OK(jwtverify_verifier_verify_jws(verifier, token, strlen(token), keys, &jws, NULL));
    OK(jwtverify_verified_jws_payload(jws, &payload));
    CHECK(payload.len == 2 && payload.data[0] == 0 && payload.data[1] == 0xff);
    OK(jwtverify_verified_jws_header_json(jws, &text));
    CHECK(text_is(text, "{\"alg\":\"ES256\"}"));
    OK(jwtverify_verified_jws_algorithm(jws, &text));
    CHECK(text_is(text, "ES256"));
    OK(jwtverify_verified_jws_kid(jws, &text));
    CHECK(text.data == NULL && text.len == 0);
    jwtverify_verified_jws_free(jws);
    /* An empty payload is bytes, too. */
    free(token);
    token = token_of("sign ES256 eyJhbGciOiJFUzI1NiJ9 AA");
    token[strlen(token) - 1] ^= 1;
    jws = NEVER;
    CHECK(jwtverify_verifier_verify_jws(verifier, token, strlen(token), keys, &jws, NULL) !=
          JWTVERIFY_OK);
    CHECK(jws == NEVER);
    free(token);
}

static void a_bare_signature(void) {
    /* A token is signed over its first two segments; its signature serves as an example. */
    char *token = token_of("mint ES256 {}");
    char *jwk, *dot = strrchr(token, '.');
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t signature[64], *message = (uint8_t *)token;
    size_t message_len = (size_t)(dot - token), len = 0, i;
    uint32_t bits = 0;
    int count = 0;
    for (i = 1; dot[i]; i++) {
        bits = bits << 6 | (uint32_t)(strchr(alphabet, dot[i]) - alphabet);
        count += 6;
        if (count >= 8) signature[len++] = (uint8_t)(bits >> (count -= 8));
    }
    ask("jwk ES256");
    jwk = object_member("jwk");
    CHECK(len == sizeof signature);
    OK(jwtverify_signature_verify("ES256", jwk, strlen(jwk), message, message_len, signature, len,
                                  NULL));
    GIVES(jwtverify_signature_verify("ES256", jwk, strlen(jwk), message, message_len - 1,
                                     signature, len, NULL),
          JWTVERIFY_ERROR_SIGNATURE_INVALID);
    GIVES(jwtverify_signature_verify("ES256", jwk, strlen(jwk), message, message_len, NULL, 0,
                                     NULL),
          JWTVERIFY_ERROR_SIGNATURE_INVALID);
    GIVES(jwtverify_signature_verify("ES384", jwk, strlen(jwk), message, message_len, signature,
                                     len, NULL),
          JWTVERIFY_ERROR_KEY_MISMATCH);
    GIVES(jwtverify_signature_verify("none", jwk, strlen(jwk), message, message_len, signature,
                                     len, NULL),
          JWTVERIFY_ERROR_MISUSE_ALGORITHM_NAME);
    GIVES(jwtverify_signature_verify("ES256", "{}", 2, message, message_len, signature, len, NULL),
          JWTVERIFY_ERROR_JWK_MEMBER_MISSING);
    free(jwk);
    free(token);
}

static void key_sets(void) {
    static const char two[] =
        "{\"keys\":[7,{\"kty\":\"RSA\",\"kid\":\"weak\",\"n\":\"AQAB\",\"e\":\"AQAB\"},"
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
        "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}"; /* RFC 8037 appendix A.2 */
    static const char secret[] =
        "{\"kty\":\"oct\",\"kid\":\"s\",\"alg\":\"HS256\","
        "\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
        "Z9CAow\"}"; /* RFC 7515 appendix A.1 */
    jwtverify_key_set *set = NEVER, *same = NULL;
    jwtverify_error *error = NULL;
    jwtverify_text text;
    int32_t reason = 0;

    OK(jwtverify_key_set_from_jwks(two, strlen(two), 0, &set, NULL));
    CHECK(jwtverify_key_set_len(set) == 1);
    OK(jwtverify_key_set_kid(set, 0, &text));
    CHECK(text.data == NULL && text.len == 0);
    GIVES(jwtverify_key_set_kid(set, 1, &text), JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    CHECK(jwtverify_key_set_skipped_len(set) == 2);
    OK(jwtverify_key_set_skipped(set, 0, &reason, &text));
    CHECK(reason == JWTVERIFY_ERROR_JWK_NOT_OBJECT && text.len > 0);
    OK(jwtverify_key_set_skipped(set, 1, &reason, &text));
    CHECK(reason == JWTVERIFY_ERROR_RSA_MODULUS_SIZE && text.len > 0);
    GIVES(jwtverify_key_set_skipped(set, 2, &reason, &text), JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    CHECK(jwtverify_key_set_warnings_len(set) == 0);
    GIVES(jwtverify_key_set_warning(set, 0, &text), JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    OK(jwtverify_key_set_clone(set, &same));
    jwtverify_key_set_free(set);
    CHECK(jwtverify_key_set_len(same) == 1);
    jwtverify_key_set_free(same);

    set = NEVER;
    GIVES(jwtverify_key_set_from_jwks("{\"keys\":[]}", 11, 0, &set, &error),
          JWTVERIFY_ERROR_KEY_SET_EMPTY);
    CHECK(set == NEVER && jwtverify_error_http_status(error) == 500);
    CHECK(jwtverify_error_www_authenticate(error) == NULL);
    jwtverify_error_free(error);
    GIVES(jwtverify_key_set_from_jwks(two, strlen(two) - 1, 0, &set, NULL),
          JWTVERIFY_ERROR_KEY_SET_JSON);
    GIVES(jwtverify_key_set_from_jwks("{}", 2, 0, &set, NULL), JWTVERIFY_ERROR_KEY_SET_SHAPE);
    GIVES(jwtverify_key_set_from_jwks(two, strlen(two), 4, &set, NULL),
          JWTVERIFY_ERROR_MISUSE_ARGUMENT);
    GIVES(jwtverify_key_set_from_jwks_limited(two, strlen(two), 0, 10, 0, &set, NULL),
          JWTVERIFY_ERROR_KEY_SET_TOO_LARGE);
    GIVES(jwtverify_key_set_from_jwks_limited(two, strlen(two), 0, 0, 2, &set, NULL),
          JWTVERIFY_ERROR_KEY_SET_TOO_MANY_KEYS);
    error = NULL;
    GIVES(jwtverify_key_set_from_jwks(secret, strlen(secret), 0, &set, &error),
          JWTVERIFY_ERROR_KEY_SET_EMPTY);
    /* The detail tells why the key was left out, and not the key. */
    CHECK(strstr(jwtverify_error_text(error), "symmetric") != NULL);
    CHECK(strstr(jwtverify_error_text(error), "AyM1SysPpbyD") == NULL);
    jwtverify_error_free(error);
    CHECK(set == NEVER);
    OK(jwtverify_key_set_from_jwks(secret, strlen(secret), JWTVERIFY_KEY_SET_ALLOW_SYMMETRIC, &set,
                                   NULL));
    OK(jwtverify_key_set_kid(set, 0, &text));
    CHECK(text_is(text, "s"));
    jwtverify_key_set_free(set);
}

int main(void) {
    char *jwks;
    listen_to_issuer();
    ask("jwks");
    jwks = object_member("jwks");
    keys = key_set_of(jwks, 0);
    free(jwks);
    verifier = verifier_of("ES256", "me", "you");

    good_and_bad_tokens();
    hostile_texts();
    every_changed_byte_is_refused();
    what_a_valid_token_says();
    a_jws_of_any_bytes();
    a_bare_signature();
    key_sets();

    jwtverify_verifier_free(verifier);
    jwtverify_key_set_free(keys);
    return report();
}
