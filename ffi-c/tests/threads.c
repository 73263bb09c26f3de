/* Handles that many threads use at once, and that are freed while others still verify. */
#include "support.h"

#include <pthread.h>

#define NOW 1700000000
#define THREADS 8
#define ROUNDS 50

static char *good, *bad;

struct work {
    pthread_t thread;
    /* This thread's own references; it frees them. */
    jwtverify_verifier *verifier;
    jwtverify_key_set *keys;
    jwtverify_verified *shared;
    int wrong;
};

static void *run(void *argument) {
    struct work *work = argument;
    int round;
    for (round = 0; round < ROUNDS; round++) {
        jwtverify_verified *verified = NULL;
        jwtverify_error *error = NULL;
        jwtverify_text text;
        if (jwtverify_verifier_verify(work->verifier, good, strlen(good), work->keys, NOW,
                                      &verified, &error) != JWTVERIFY_OK)
            work->wrong++;
        jwtverify_verified_free(verified);
        if (jwtverify_verifier_verify(work->verifier, bad, strlen(bad), work->keys, NOW, &verified,
                                      &error) != JWTVERIFY_ERROR_SIGNATURE_INVALID)
            work->wrong++;
        if (jwtverify_error_code(error) != JWTVERIFY_ERROR_SIGNATURE_INVALID) work->wrong++;
        jwtverify_error_free(error);
        /* One result read by all: its unescaped texts are made by whoever comes first. */
        if (jwtverify_verified_claim_string(work->shared, "sub", &text) != JWTVERIFY_OK ||
            text.len != 3 || memcmp(text.data, "a\0b", 3) != 0)
            work->wrong++;
    }
    jwtverify_verifier_free(work->verifier);
    jwtverify_key_set_free(work->keys);
    return NULL;
}

int main(void) {
    static struct work works[THREADS];
    jwtverify_key_set *keys;
    jwtverify_verifier *verifier;
    jwtverify_verified *shared = NULL;
    char *jwks;
    int i;

    listen_to_issuer();
    ask("jwks");
    jwks = object_member("jwks");
    keys = key_set_of(jwks, 0);
    verifier = verifier_of("ES256", "me", "you");
    good = token_of(
        "mint ES256 {\"iss\":\"me\",\"aud\":\"you\",\"sub\":\"a\\u0000b\",\"exp\":1700000100}");
    bad = token_of("forge wrong-key ES256 {\"iss\":\"me\",\"aud\":\"you\",\"exp\":1700000100}");
    OK(jwtverify_verifier_verify(verifier, good, strlen(good), keys, NOW, &shared, NULL));

    for (i = 0; i < THREADS; i++) {
        OK(jwtverify_verifier_clone(verifier, &works[i].verifier));
        OK(jwtverify_key_set_clone(keys, &works[i].keys));
        works[i].shared = shared;
        if (pthread_create(&works[i].thread, NULL, run, &works[i]) != 0) die("pthread_create");
    }
    /* The first references go while the threads are verifying with theirs. */
    jwtverify_verifier_free(verifier);
    jwtverify_key_set_free(keys);
    for (i = 0; i < THREADS; i++) {
        pthread_join(works[i].thread, NULL);
        CHECK(works[i].wrong == 0);
    }
    jwtverify_verified_free(shared);
    free(good);
    free(bad);
    free(jwks);
    return report();
}
