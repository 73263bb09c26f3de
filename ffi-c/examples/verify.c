/* Verifies a token from a file and prints its subject.
 *
 *   verify KEYSET.json TOKEN.txt ALGORITHM ISSUER AUDIENCE
 *
 * Exit status: 0 valid, 1 refused, 2 anything else. Build with
 *   cc -std=c99 verify.c $(pkg-config --cflags --libs jwtverify) -o verify
 */
#include <jwtverify.h>
#include <stdio.h>

static char document[512 * 1024], token[256 * 1024];

static size_t read_file(const char *path, char *buffer, size_t room) {
    FILE *file = fopen(path, "rb");
    size_t len = file ? fread(buffer, 1, room, file) : 0;
    if (file) fclose(file);
    while (len > 0 && buffer[len - 1] == '\n') len--;
    return len;
}

int main(int argc, char **argv) {
    jwtverify_error *error = NULL;
    jwtverify_key_set *keys = NULL;
    jwtverify_verifier_builder *builder = NULL;
    jwtverify_verifier *verifier = NULL;
    jwtverify_verified *verified = NULL;
    jwtverify_text subject = {NULL, 0};
    int32_t result;

    if (argc != 6) return fputs("usage: verify KEYSET TOKEN ALG ISSUER AUDIENCE\n", stderr), 2;
    result = jwtverify_key_set_from_jwks(
        document, read_file(argv[1], document, sizeof document), 0, &keys, &error);
    if (result == JWTVERIFY_OK) result = jwtverify_verifier_builder_new(&builder);
    if (result == JWTVERIFY_OK) {
        /* A setter that fails makes the build fail: one check is enough. */
        jwtverify_verifier_builder_algorithm(builder, argv[3]);
        jwtverify_verifier_builder_issuer(builder, argv[4]);
        jwtverify_verifier_builder_audience(builder, argv[5]);
        result = jwtverify_verifier_builder_build(builder, &verifier, &error);
    }
    if (result == JWTVERIFY_OK)
        result = jwtverify_verifier_verify(
            verifier, token, read_file(argv[2], token, sizeof token), keys, jwtverify_now(),
            &verified, &error);
    if (result == JWTVERIFY_OK)
        result = jwtverify_verified_claim_string(verified, "sub", &subject);
    if (result == JWTVERIFY_OK)
        printf("valid, sub: %.*s\n", (int)subject.len, subject.data);
    else
        fprintf(stderr, "%s\n",
                error ? jwtverify_error_text(error) : jwtverify_result_message(result));

    jwtverify_verified_free(verified);
    jwtverify_verifier_free(verifier);
    jwtverify_verifier_builder_free(builder);
    jwtverify_key_set_free(keys);
    jwtverify_error_free(error);
    return result == JWTVERIFY_OK ? 0 : jwtverify_result_http_status(result) == 401 ? 1 : 2;
}
