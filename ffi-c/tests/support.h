/* What the C tests share: counting checks, and talking to the loopback issuer.
 *
 * A test program has the issuer (tests/src/bin/issuer.rs) on its standard input and output, and
 * reports on standard error; scripts/test-c.sh connects them.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <inttypes.h>
#include <jwtverify.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int passed, failed;

#define CHECK(condition)                                                        \
    do {                                                                        \
        if (condition) {                                                        \
            passed++;                                                           \
        } else {                                                                \
            failed++;                                                           \
            fprintf(stderr, "FAILED %s:%d: %s\n", __FILE__, __LINE__, #condition); \
        }                                                                       \
    } while (0)

/* A call that must give one code, which is shown if it gives another. */
#define GIVES(call, code)                                                                   \
    do {                                                                                    \
        int32_t result_ = (call);                                                           \
        if (result_ == (code)) {                                                            \
            passed++;                                                                       \
        } else {                                                                            \
            failed++;                                                                       \
            fprintf(stderr, "FAILED %s:%d: %s\n  gave %d (%s), wanted %d (%s)\n", __FILE__, \
                    __LINE__, #call, (int)result_, jwtverify_result_name(result_),          \
                    (int)(code), jwtverify_result_name(code));                              \
        }                                                                                   \
    } while (0)

#define OK(call) GIVES(call, JWTVERIFY_OK)

static inline int report(void) {
    fprintf(stderr, "%d passed, %d failed\n", passed, failed);
    return failed != 0 || passed == 0;
}

static inline void die(const char *why) {
    fprintf(stderr, "FAILED to run: %s\n", why);
    exit(3);
}

/* Lines from the issuer can be long: it publishes every key it has. */
static char answer[256 * 1024];

static inline void listen_to_issuer(void) {
    if (!fgets(answer, sizeof answer, stdin)) die("the issuer is gone");
    if (!strstr(answer, "\"ok\":true")) die(answer);
}

/* Sends one command and reads the answer. */
static inline void ask(const char *command) {
    printf("%s\n", command);
    fflush(stdout);
    listen_to_issuer();
}

/* A string member of the last answer, which has no escapes. To be freed. */
static inline char *member(const char *name) {
    char pattern[64];
    const char *start, *end;
    char *copy;
    snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
    start = strstr(answer, pattern);
    if (!start) die(answer);
    start += strlen(pattern);
    end = strchr(start, '"');
    copy = calloc(1, (size_t)(end - start) + 1);
    memcpy(copy, start, (size_t)(end - start));
    return copy;
}

/* An object member of the last answer, from brace to brace. To be freed. */
static inline char *object_member(const char *name) {
    char pattern[64];
    const char *start, *end;
    char *copy;
    int depth = 0;
    snprintf(pattern, sizeof pattern, "\"%s\":{", name);
    start = strstr(answer, pattern);
    if (!start) die(answer);
    start += strlen(pattern) - 1;
    for (end = start; *end; end++) {
        depth += *end == '{';
        depth -= *end == '}';
        if (depth == 0) break;
    }
    copy = calloc(1, (size_t)(end - start) + 2);
    memcpy(copy, start, (size_t)(end - start) + 1);
    return copy;
}

/* The token that a command gives. To be freed. */
static inline char *token_of(const char *command) {
    ask(command);
    return member("token");
}

static inline jwtverify_key_set *key_set_of(const char *document, uint32_t flags) {
    jwtverify_key_set *keys = NULL;
    OK(jwtverify_key_set_from_jwks(document, strlen(document), flags, &keys, NULL));
    return keys;
}

/* A verifier for one algorithm, issuer "me" and audience "you" unless they are NULL. */
static inline jwtverify_verifier *verifier_of(const char *algorithm, const char *issuer,
                                              const char *audience) {
    jwtverify_verifier_builder *builder = NULL;
    jwtverify_verifier *verifier = NULL;
    OK(jwtverify_verifier_builder_new(&builder));
    OK(jwtverify_verifier_builder_algorithm(builder, algorithm));
    OK(issuer ? jwtverify_verifier_builder_issuer(builder, issuer)
              : jwtverify_verifier_builder_any_issuer(builder));
    OK(audience ? jwtverify_verifier_builder_audience(builder, audience)
                : jwtverify_verifier_builder_any_audience(builder));
    OK(jwtverify_verifier_builder_build(builder, &verifier, NULL));
    jwtverify_verifier_builder_free(builder);
    return verifier;
}

static inline int text_is(jwtverify_text text, const char *wanted) {
    return text.data && text.len == strlen(wanted) && memcmp(text.data, wanted, text.len) == 0;
}

#endif
