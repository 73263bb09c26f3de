/* Contestants in C: this library alone, through its interface. What is said over the pipe is in
 * bench/src/measure/child.rs. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jwtverify.h>

enum { ALGORITHMS = 7, MOST = 2 * ALGORITHMS };

static const char *const algorithms[ALGORITHMS] = {"RS256", "PS256", "ES256", "ES384",
                                                   "ES512", "EdDSA", "HS256"};

struct contestant {
    const jwtverify_verifier *verifier;
    const jwtverify_key_set *keys;
    const jwtverify_jwks_verifier *cached; /* instead of the two above */
    char *token;
    size_t length;
};

static void must(int32_t result, const char *what) {
    if (result == JWTVERIFY_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, jwtverify_result_name(result));
    exit(1);
}

static char *read_file(const char *folder, const char *name, const char *end, size_t *length) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s%s", folder, name, end);
    FILE *file = fopen(path, "rb");
    char *text = malloc(1 << 16);
    if (!file || !text) {
        perror(path);
        exit(1);
    }
    *length = fread(text, 1, 1 << 16, file);
    fclose(file);
    return text;
}

static jwtverify_verifier *verifier_for(const char *algorithm, char **argv) {
    jwtverify_verifier_builder *builder = NULL;
    jwtverify_verifier *verifier = NULL;
    must(jwtverify_verifier_builder_new(&builder), "builder");
    must(jwtverify_verifier_builder_algorithm(builder, algorithm), algorithm);
    must(jwtverify_verifier_builder_issuer(builder, argv[2]), "issuer");
    must(jwtverify_verifier_builder_audience(builder, argv[3]), "audience");
    must(jwtverify_verifier_builder_build(builder, &verifier, NULL), "verifier");
    jwtverify_verifier_builder_free(builder);
    return verifier;
}

static void once(const struct contestant *c) {
    jwtverify_verified *verified = NULL;
    int32_t result;
    if (c->cached)
        result = jwtverify_jwks_verifier_verify(c->cached, c->token, c->length, &verified, NULL);
    else
        result = jwtverify_verifier_verify(c->verifier, c->token, c->length, c->keys,
                                           jwtverify_now(), &verified, NULL);
    must(result, "token");
    jwtverify_verified_free(verified);
}

static double nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: c FOLDER ISSUER AUDIENCE JWKS-URL\n");
        return 2;
    }
    struct contestant contestants[MOST] = {{0}};
    size_t count = 0;
    jwtverify_remote_jwks *remote = NULL;
    jwtverify_token_cache *cache = NULL;
    must(jwtverify_remote_jwks_from_url(argv[4], &remote, NULL), "remote key set");
    must(jwtverify_token_cache_new(0, 0, 0, &cache, NULL), "token cache");
    for (size_t i = 0; i < ALGORITHMS; i++) {
        const char *name = algorithms[i];
        struct contestant *c = &contestants[count++];
        jwtverify_key_set *keys = NULL;
        size_t length = 0;
        char *jwks = read_file(argv[1], name, ".jwks.json", &length);
        must(jwtverify_key_set_from_jwks(jwks, length, JWTVERIFY_KEY_SET_ALLOW_SYMMETRIC, &keys,
                                         NULL),
             "key set");
        free(jwks);
        jwtverify_verifier *verifier = verifier_for(name, argv);
        c->verifier = verifier;
        c->keys = keys;
        c->token = read_file(argv[1], name, ".jwt", &c->length);
        printf("can\t%s\tjwtverify in C\n", name);
        if (strcmp(name, "HS256") == 0) /* a secret is never fetched */
            continue;
        jwtverify_jwks_verifier *cached = NULL;
        must(jwtverify_jwks_verifier_new_cached(verifier, remote, cache, &cached, NULL), "joined");
        contestants[count] = *c;
        contestants[count++].cached = cached;
        printf("can\t%s\tjwtverify in C, cached token\n", name);
    }
    printf("ready\n");
    fflush(stdout);

    size_t number;
    unsigned long times;
    while (scanf("%zu %lu", &number, &times) == 2) {
        if (number >= count)
            return 1;
        double start = nanoseconds();
        for (unsigned long i = 0; i < times; i++)
            once(&contestants[number]);
        printf("%.0f\n", nanoseconds() - start);
        fflush(stdout);
    }
    return 0; /* what the contestants hold goes with the process */
}
