/* Children of a process that fetches keys: each keeps the set, refreshes by itself, and waits for
 * no lock and no fetch of its parent. */
#define _POSIX_C_SOURCE 200809L
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define CHILDREN 12
/* A child that hangs ends by a signal, and is seen to. A memory checker is slow. */
#define PATIENCE_SECONDS 120

static char *good, *unknown;
static jwtverify_remote_jwks *remote;
static jwtverify_jwks_verifier *verifier;
static atomic_int ended;

static int32_t verify(const char *token) {
    jwtverify_verified *verified = NULL;
    int32_t result = jwtverify_jwks_verifier_verify(verifier, token, strlen(token), &verified, NULL);
    jwtverify_verified_free(verified);
    return result;
}

/* Keeps every lock of the library busy: the set, the desk, the cache of tokens. */
static void *use(void *argument) {
    int *wrong = argument;
    while (!ended) {
        if (verify(good) != JWTVERIFY_OK) ++*wrong;
        if (verify(unknown) == JWTVERIFY_OK) ++*wrong;
    }
    return NULL;
}

static void *refresh(void *argument) {
    int32_t *result = argument;
    *result = jwtverify_remote_jwks_refresh(remote, NULL);
    return NULL;
}

/* What a child must be able to do; it says the first thing that failed. */
static int live(void) {
    jwtverify_key_set *keys = NULL;
    if (verify(good) != JWTVERIFY_OK) return 2;
    if (verify(unknown) == JWTVERIFY_OK) return 3;
    if (jwtverify_remote_jwks_refresh(remote, NULL) != JWTVERIFY_OK) return 4;
    if (verify(good) != JWTVERIFY_OK) return 5;
    if (jwtverify_remote_jwks_keys(remote, &keys, NULL) != JWTVERIFY_OK) return 6;
    jwtverify_key_set_free(keys);
    return 0;
}

static pid_t fork_to(int (*work)(void)) {
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
        alarm(PATIENCE_SECONDS);
        _exit(work());
    }
    return child;
}

/* The exit code, or 100 and the signal. */
static int end_of(pid_t child) {
    int status = 0;
    if (waitpid(child, &status, 0) != child) die("waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static void children_of_a_busy_parent(void) {
    static int wrong[THREADS];
    pthread_t threads[THREADS];
    int i;
    for (i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, use, &wrong[i]) != 0) die("pthread_create");
    for (i = 0; i < CHILDREN; i++) {
        int end = end_of(fork_to(live));
        if (end != 0) fprintf(stderr, "child %d ended with %d\n", i, end);
        CHECK(end == 0);
    }
    ended = 1;
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK(wrong[i] == 0);
    }
}

static int go_on[2];

/* The parent's fetch hangs for ever in this process. */
static int live_without_its_fetch(void) {
    char word;
    if (verify(good) != JWTVERIFY_OK) return 7;
    if (read(go_on[0], &word, 1) != 1) return 8;
    return live();
}

static void a_child_of_a_parent_that_fetches(void) {
    pthread_t thread;
    pid_t child;
    int32_t result = -1;
    char status[4096];
    size_t needed;
    ask("hang");
    if (pipe(go_on) != 0) die("pipe");
    if (pthread_create(&thread, NULL, refresh, &result) != 0) die("pthread_create");
    do OK(jwtverify_remote_jwks_status(remote, status, sizeof status, &needed));
    while (!strstr(status, "\"fetching\":true"));
    child = fork_to(live_without_its_fetch);
    ask("ok");
    if (write(go_on[1], "!", 1) != 1) die("write");
    CHECK(end_of(child) == 0);
    pthread_join(thread, NULL);
    CHECK(result == JWTVERIFY_OK);
    CHECK(verify(good) == JWTVERIFY_OK);
    close(go_on[0]);
    close(go_on[1]);
}

int main(void) {
    char *issuer, *url, command[512];
    jwtverify_verifier *rules;
    jwtverify_token_cache *cache = NULL;
    jwtverify_remote_jwks_builder *builder = NULL;
    listen_to_issuer();
    issuer = member("issuer");
    url = member("jwks");
    rules = verifier_of("ES256", issuer, "you");
    OK(jwtverify_remote_jwks_builder_new(&builder));
    OK(jwtverify_remote_jwks_builder_url(builder, url));
    OK(jwtverify_remote_jwks_builder_timeout_ms(builder, 60000));
    OK(jwtverify_remote_jwks_builder_build(builder, &remote, NULL));
    jwtverify_remote_jwks_builder_free(builder);
    OK(jwtverify_token_cache_new(0, 0, 0, &cache, NULL));
    OK(jwtverify_jwks_verifier_new_cached(rules, remote, cache, &verifier, NULL));
    jwtverify_token_cache_free(cache);
    snprintf(command, sizeof command,
             "mint ES256 {\"iss\":\"%s\",\"aud\":\"you\",\"exp\":9999999999}", issuer);
    good = token_of(command);
    snprintf(command, sizeof command,
             "forge unknown-kid ES256 {\"iss\":\"%s\",\"aud\":\"you\",\"exp\":9999999999}", issuer);
    unknown = token_of(command);
    OK(verify(good));

    children_of_a_busy_parent();
    a_child_of_a_parent_that_fetches();

    jwtverify_jwks_verifier_free(verifier);
    jwtverify_remote_jwks_free(remote);
    jwtverify_verifier_free(rules);
    free(good);
    free(unknown);
    free(issuer);
    free(url);
    return report();
}
