/* Keys that are fetched from a real HTTP server: first use, rotation, outage, discovery. */
#include "support.h"

static char *issuer;

static int32_t verify(const jwtverify_jwks_verifier *verifier, const char *token,
                      jwtverify_error **error) {
    jwtverify_verified *verified = NULL;
    int32_t result = jwtverify_jwks_verifier_verify(verifier, token, strlen(token), &verified,
                                                    error);
    CHECK((result == JWTVERIFY_OK) == (verified != NULL));
    jwtverify_verified_free(verified);
    return result;
}

static char *mint(const char *claims) {
    char command[512];
    snprintf(command, sizeof command, "mint ES256 {\"iss\":\"%s\",\"aud\":\"you\",%s}", issuer,
             claims);
    return token_of(command);
}

static int requests(void) {
    const char *count;
    ask("count");
    count = strstr(answer, "\"jwks\":");
    return count ? atoi(count + strlen("\"jwks\":")) : -1;
}

static void fetched_on_first_use_and_kept(const char *url) {
    jwtverify_verifier *rules = verifier_of("ES256", issuer, "you");
    jwtverify_remote_jwks *remote = NULL;
    jwtverify_jwks_verifier *verifier = NULL, *clone = NULL;
    jwtverify_verified *verified = NULL;
    jwtverify_verified_jws *jws = NULL;
    jwtverify_key_set *keys = NULL;
    jwtverify_error *error = NULL;
    char *token = mint("\"exp\":9999999999"), *expired = mint("\"exp\":1");
    char *old = mint("\"exp\":1700000000");
    int before = requests();
    OK(jwtverify_remote_jwks_from_url(url, &remote, NULL));
    OK(jwtverify_jwks_verifier_new(rules, remote, &verifier, NULL));
    jwtverify_verifier_free(rules);
    CHECK(requests() == before);
    /* Rubbish causes no fetch. */
    GIVES(verify(verifier, "rubbish", NULL), JWTVERIFY_ERROR_TOKEN_SEGMENTS);
    CHECK(requests() == before);
    OK(verify(verifier, token, NULL));
    OK(verify(verifier, token, NULL));
    GIVES(verify(verifier, expired, &error), JWTVERIFY_ERROR_EXPIRED);
    CHECK(strcmp(jwtverify_error_claim(error), "exp") == 0);
    jwtverify_error_free(error);
    OK(jwtverify_jwks_verifier_verify_at(verifier, old, strlen(old), 1699999999, &verified, NULL));
    jwtverify_verified_free(verified);
    verified = NULL;
    GIVES(jwtverify_jwks_verifier_verify_at(verifier, old, strlen(old), 1700000000, &verified, NULL),
          JWTVERIFY_ERROR_EXPIRED);
    OK(jwtverify_jwks_verifier_verify_jws(verifier, expired, strlen(expired), &jws, NULL));
    jwtverify_verified_jws_free(jws);
    CHECK(requests() == before + 1);
    /* The joined verifier holds what it needs. */
    OK(jwtverify_remote_jwks_keys(remote, &keys, NULL));
    jwtverify_remote_jwks_free(remote);
    OK(jwtverify_jwks_verifier_clone(verifier, &clone));
    jwtverify_jwks_verifier_free(verifier);
    OK(verify(clone, token, NULL));
    jwtverify_jwks_verifier_free(clone);
    /* The keys that were handed out outlive their source. */
    CHECK(jwtverify_key_set_len(keys) == 2);
    rules = verifier_of("ES256", issuer, "you");
    OK(jwtverify_verifier_verify(rules, token, strlen(token), keys, jwtverify_now(), &verified,
                                 NULL));
    jwtverify_verified_free(verified);
    jwtverify_verifier_free(rules);
    jwtverify_key_set_free(keys);
    CHECK(requests() == before + 1);
    free(token);
    free(expired);
    free(old);
}

static void rotation_and_outage(void) {
    jwtverify_remote_jwks_builder *builder = NULL;
    jwtverify_verifier *rules = verifier_of("ES256", issuer, "you");
    jwtverify_remote_jwks *remote = NULL, *clone = NULL;
    jwtverify_jwks_verifier *verifier = NULL;
    jwtverify_error *error = NULL;
    jwtverify_key_set *keys = NULL;
    char *token = mint("\"exp\":9999999999"), *newer, *unknown, command[512];
    OK(jwtverify_remote_jwks_builder_new(&builder));
    OK(jwtverify_remote_jwks_builder_issuer(builder, issuer));
    OK(jwtverify_remote_jwks_builder_miss_spacing_seconds(builder, 0));
    OK(jwtverify_remote_jwks_builder_build(builder, &remote, NULL));
    jwtverify_remote_jwks_builder_free(builder);
    OK(jwtverify_remote_jwks_clone(remote, &clone));
    jwtverify_remote_jwks_free(remote);
    remote = clone;
    OK(jwtverify_jwks_verifier_new(rules, remote, &verifier, NULL));
    OK(jwtverify_remote_jwks_refresh(remote, NULL));
    OK(verify(verifier, token, NULL));
    /* The key changes; the first token that names the new one fetches it. */
    ask("rotate");
    newer = mint("\"exp\":9999999999");
    OK(verify(verifier, newer, NULL));
    /* The old one is gone. */
    GIVES(verify(verifier, token, &error), JWTVERIFY_ERROR_KEY_NOT_FOUND);
    CHECK(strstr(jwtverify_error_text(error), "es256-1") != NULL);
    CHECK(strstr(jwtverify_error_text(error), "es256-2") != NULL);
    jwtverify_error_free(error);
    /* A third kid may not be asked for so soon: not known now. */
    snprintf(command, sizeof command,
             "forge unknown-kid ES256 {\"iss\":\"%s\",\"aud\":\"you\",\"exp\":9999999999}", issuer);
    unknown = token_of(command);
    error = NULL;
    GIVES(verify(verifier, unknown, &error), JWTVERIFY_ERROR_UNAVAILABLE_UNCHECKED);
    CHECK(jwtverify_error_http_status(error) == 503);
    CHECK(jwtverify_error_retry_after(error) > 0 && jwtverify_error_retry_after(error) <= 30);
    CHECK(jwtverify_error_www_authenticate(error) == NULL);
    jwtverify_error_free(error);
    /* The issuer fails: what is held goes on. */
    ask("fail 500");
    error = NULL;
    GIVES(jwtverify_remote_jwks_refresh(remote, &error), JWTVERIFY_ERROR_UNAVAILABLE_STATUS);
    CHECK(jwtverify_error_http_status(error) == 503);
    jwtverify_error_free(error);
    OK(verify(verifier, newer, NULL));
    OK(jwtverify_remote_jwks_keys(remote, &keys, NULL));
    jwtverify_key_set_free(keys);
    ask("stop");
    OK(verify(verifier, newer, NULL));
    ask("start");
    ask("ok");
    /* An unknown kid never gets through. */
    CHECK(jwtverify_result_family(verify(verifier, unknown, NULL)) != JWTVERIFY_FAMILY_OK);
    jwtverify_jwks_verifier_free(verifier);
    jwtverify_remote_jwks_free(remote);
    jwtverify_verifier_free(rules);
    free(token);
    free(newer);
    free(unknown);
}

static jwtverify_cache_usage usage_of(const jwtverify_token_cache *cache) {
    jwtverify_cache_usage usage;
    OK(jwtverify_token_cache_read_usage(cache, &usage));
    return usage;
}

static void a_token_that_comes_back(const char *url) {
    jwtverify_verifier *rules = verifier_of("ES256", issuer, "you");
    jwtverify_remote_jwks *remote = NULL;
    jwtverify_token_cache *cache = NULL, *clone = NULL;
    jwtverify_jwks_verifier *verifier = NULL;
    jwtverify_verified *verified = NULL;
    char *token = mint("\"exp\":4000000000");
    int32_t result;
    OK(jwtverify_remote_jwks_from_url(url, &remote, NULL));
    OK(jwtverify_token_cache_new(0, 0, 0, &cache, NULL));
    OK(jwtverify_jwks_verifier_new_cached(rules, remote, cache, &verifier, NULL));
    OK(jwtverify_token_cache_clone(cache, &clone));
    jwtverify_token_cache_free(cache);
    cache = clone;
    OK(verify(verifier, token, NULL));
    OK(verify(verifier, token, NULL));
    CHECK(usage_of(cache).entries == 1 && usage_of(cache).bytes > 0);
    CHECK(usage_of(cache).hits == 1 && usage_of(cache).misses == 1);
    CHECK(usage_of(cache).evicted == 0);
    /* Its time is looked at again. */
    GIVES(jwtverify_jwks_verifier_verify_at(verifier, token, strlen(token), 4000000000, &verified,
                                            NULL),
          JWTVERIFY_ERROR_EXPIRED);
    OK(verify(verifier, token, NULL));
    OK(verify(verifier, token, NULL));
    CHECK(usage_of(cache).hits == 2);
    /* So is its key. */
    ask("rotate");
    OK(jwtverify_remote_jwks_refresh(remote, NULL));
    result = verify(verifier, token, NULL);
    CHECK(result == JWTVERIFY_ERROR_KEY_NOT_FOUND ||
          result == JWTVERIFY_ERROR_UNAVAILABLE_UNCHECKED);
    CHECK(usage_of(cache).entries == 0);
    /* The verifier keeps its cache. */
    jwtverify_token_cache_free(cache);
    free(token);
    token = mint("\"exp\":4000000000");
    OK(verify(verifier, token, NULL));
    OK(verify(verifier, token, NULL));
    jwtverify_jwks_verifier_free(verifier);
    jwtverify_remote_jwks_free(remote);
    jwtverify_verifier_free(rules);
    free(token);
}

static void an_issuer_that_fails_from_the_start(const char *url) {
    static const struct {
        const char *command;
        int32_t code;
    } cases[] = {
        {"fail 503", JWTVERIFY_ERROR_UNAVAILABLE_STATUS},
        {"close", JWTVERIFY_ERROR_UNAVAILABLE_BODY},
        {"lie html", JWTVERIFY_ERROR_UNAVAILABLE_KEY_SET},
        {"lie keys", JWTVERIFY_ERROR_UNAVAILABLE_KEY_SET},
        {"lie huge", JWTVERIFY_ERROR_UNAVAILABLE_TOO_LARGE},
        {"lie truncated", JWTVERIFY_ERROR_UNAVAILABLE_BODY},
        {"redirect", JWTVERIFY_ERROR_UNAVAILABLE_REDIRECT},
    };
    jwtverify_remote_jwks *remote = NULL;
    size_t i;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        jwtverify_key_set *keys = (void *)1;
        jwtverify_error *error = NULL;
        ask(cases[i].command);
        OK(jwtverify_remote_jwks_from_url(url, &remote, NULL));
        GIVES(jwtverify_remote_jwks_keys(remote, &keys, &error), cases[i].code);
        CHECK(keys == (void *)1);
        CHECK(jwtverify_error_http_status(error) == 503);
        CHECK(strlen(jwtverify_error_text(error)) > strlen(jwtverify_error_message(error)));
        jwtverify_error_free(error);
        jwtverify_remote_jwks_free(remote);
    }
    ask("stop");
    OK(jwtverify_remote_jwks_from_url(url, &remote, NULL));
    GIVES(jwtverify_remote_jwks_refresh(remote, NULL), JWTVERIFY_ERROR_UNAVAILABLE_CONNECT);
    jwtverify_remote_jwks_free(remote);
    ask("start");
    ask("ok");
}

static void a_status_in_a_buffer(const char *url) {
    jwtverify_remote_jwks *remote = NULL;
    char buffer[4096], *exact;
    size_t needed = 0, again = 77;
    OK(jwtverify_remote_jwks_from_url(url, &remote, NULL));
    GIVES(jwtverify_remote_jwks_status(remote, NULL, 0, &needed), JWTVERIFY_ERROR_MISUSE_SCRATCH);
    CHECK(needed > 1 && needed < sizeof buffer);
    GIVES(jwtverify_remote_jwks_status(NULL, buffer, sizeof buffer, &again),
          JWTVERIFY_ERROR_MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_status(remote, NULL, sizeof buffer, &again),
          JWTVERIFY_ERROR_MISUSE_NULL);
    GIVES(jwtverify_remote_jwks_status(remote, buffer, sizeof buffer, NULL),
          JWTVERIFY_ERROR_MISUSE_NULL);
    CHECK(again == 77);
    /* One byte short: the buffer stays as it was. */
    memset(buffer, 'x', sizeof buffer);
    GIVES(jwtverify_remote_jwks_status(remote, buffer, needed - 1, &again),
          JWTVERIFY_ERROR_MISUSE_SCRATCH);
    CHECK(buffer[0] == 'x' && again == needed);
    exact = malloc(needed); /* a memory checker sees a byte too many */
    OK(jwtverify_remote_jwks_status(remote, exact, needed, &again));
    CHECK(again == needed && strlen(exact) == needed - 1);
    CHECK(strstr(exact, "\"state\":\"cold\"") != NULL);
    free(exact);
    OK(jwtverify_remote_jwks_refresh(remote, NULL));
    OK(jwtverify_remote_jwks_status(remote, buffer, sizeof buffer, &needed));
    CHECK(strstr(buffer, "\"state\":\"fresh\"") != NULL);
    CHECK(strstr(buffer, "es256-") != NULL);
    jwtverify_remote_jwks_free(remote);
}

int main(void) {
    char *url;
    listen_to_issuer();
    issuer = member("issuer");
    url = member("jwks");
    fetched_on_first_use_and_kept(url);
    rotation_and_outage();
    a_token_that_comes_back(url);
    an_issuer_that_fails_from_the_start(url);
    a_status_in_a_buffer(url);
    free(url);
    free(issuer);
    return report();
}
