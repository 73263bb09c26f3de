/* verify ISSUER TOKEN */
#include <jwtverify.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    jwtverify_verifier_builder *builder = NULL;
    jwtverify_verifier *policy = NULL;
    jwtverify_remote_jwks *keys = NULL;
    jwtverify_jwks_verifier *verifier = NULL;
    jwtverify_verified *verified = NULL;
    jwtverify_error *error = NULL;
    jwtverify_text claims;
    if (argc != 3) return 2;

    /* 0 is success: the chain ends at the first call that fails. */
    if (jwtverify_verifier_builder_new(&builder)
        || jwtverify_verifier_builder_algorithm(builder, "RS256")
        || jwtverify_verifier_builder_algorithm(builder, "ES256")
        || jwtverify_verifier_builder_issuer(builder, argv[1])
        || jwtverify_verifier_builder_audience(builder, "my-api")
        || jwtverify_verifier_builder_build(builder, &policy, &error)
        || jwtverify_remote_jwks_discover(argv[1], &keys, &error)
        || jwtverify_jwks_verifier_new(policy, keys, &verifier, &error)
        || jwtverify_jwks_verifier_verify(verifier, argv[2], strlen(argv[2]), &verified, &error)
        || jwtverify_verified_claims_json(verified, &claims))
        printf("%d: %s\n", error ? (int)jwtverify_error_http_status(error) : 500,
               error ? jwtverify_error_text(error) : "a setting is wrong");
    else
        printf("valid: %.*s\n", (int)claims.len, claims.data);

    jwtverify_error_free(error);
    jwtverify_verified_free(verified);
    jwtverify_jwks_verifier_free(verifier);
    jwtverify_remote_jwks_free(keys);
    jwtverify_verifier_free(policy);
    jwtverify_verifier_builder_free(builder);
    return 0;
}
