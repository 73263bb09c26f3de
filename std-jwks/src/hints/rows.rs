//! The rows: how a provider is told, and what people ask about it.

use super::{Clue, KnownProvider, Place, Trouble};

pub(super) const ROWS: &[KnownProvider] = &[
    KnownProvider {
        name: "Okta org authorization server",
        told_by: "an iss on an Okta domain without /oauth2/{server}",
        is: is_okta_org,
        keeps_keys: true,
        says: &[
            (
                Trouble::Key,
                "access tokens of the org authorization server (iss without /oauth2/...) are signed \
                 with a key that Okta does not publish, by design: only Okta can validate them; the \
                 keys at /oauth2/v1/keys are those of its ID tokens",
            ),
            (
                Trouble::Key,
                "validate such a token at the org's /oauth2/v1/userinfo or /oauth2/v1/introspect \
                 endpoint, or get tokens for your API from a custom authorization server (such as \
                 https://{org}/oauth2/default), whose keys are published at {iss}/v1/keys",
            ),
            (
                Trouble::Audience,
                "access tokens of the org authorization server are for Okta itself: their aud is \
                 the org; a custom authorization server (/oauth2/default) issues tokens for your API",
            ),
        ],
    },
    KnownProvider {
        name: "Okta custom authorization server",
        told_by: "an iss on an Okta domain with /oauth2/{server}",
        is: |clue| any(clue, is_okta) && !is_okta_org(clue),
        keeps_keys: false,
        says: &[
            (
                Trouble::Key,
                "each authorization server has its own keys, at {iss}/v1/keys; those of the org \
                 (/oauth2/v1/keys) or of another server do not verify its tokens",
            ),
            (
                Trouble::Issuer,
                "the issuer is https://{org}/oauth2/{server id} and changes if a custom domain is \
                 used",
            ),
            (
                Trouble::Audience,
                "aud of an access token is the server's setting Audience (api://default for the \
                 server default), aud of an ID token the client id",
            ),
        ],
    },
    KnownProvider {
        name: "Microsoft Graph",
        told_by: "an iss of Microsoft Entra, and a nonce in the header",
        is: |clue| clue.nonce && any(clue, is_entra),
        keeps_keys: true,
        says: &[(
            Trouble::Key,
            "the header has a nonce, so this token is for Microsoft Graph. Only Graph can verify \
             it: the signature is over another header than the one that is sent. Ask for a token \
             whose audience is your own API (scope api://{application}/.default)",
        )],
    },
    KnownProvider {
        name: "Microsoft Entra B2C",
        told_by: "an iss below b2clogin.com",
        is: |clue| any(clue, is_b2c),
        keeps_keys: false,
        says: &[
            (
                Trouble::Key,
                "each user flow (policy) has a discovery document of its own: https://{tenant}.\
                 b2clogin.com/{tenant}.onmicrosoft.com/{policy}/v2.0/.well-known/\
                 openid-configuration; the claim tfp or acr names the policy",
            ),
            (
                Trouble::Issuer,
                "iss is https://{tenant}.b2clogin.com/{tenant id}/v2.0/ with a slash at the end, or \
                 holds the policy too, as the setting for token compatibility says",
            ),
            (Trouble::Audience, "aud is the application (client) id"),
        ],
    },
    KnownProvider {
        name: "Microsoft Entra",
        told_by: "an iss on login.microsoftonline.com, sts.windows.net or ciamlogin.com",
        is: |clue| any(clue, is_entra),
        keeps_keys: false,
        says: &[
            (
                Trouble::Key,
                "take the keys of the same tenant and version as the token: jwks_uri of \
                 https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration. \
                 An application with its own signing key (claims mapping) needs ?appid={application \
                 id} on that URL",
            ),
            (
                Trouble::Issuer,
                "v2.0 tokens have iss https://login.microsoftonline.com/{tenant id}/v2.0, v1.0 \
                 tokens https://sts.windows.net/{tenant id}/ with a slash at the end; the \
                 application's manifest (requestedAccessTokenVersion) decides which",
            ),
            (
                Trouble::Audience,
                "v2.0 tokens have the application id as aud, v1.0 tokens its URI (api://...)",
            ),
            (
                Trouble::Fetch,
                "the discovery document of common and organizations names an issuer with the text \
                 {tenantid}; use the document of one tenant id",
            ),
        ],
    },
    KnownProvider {
        name: "Auth0",
        told_by: "an iss below auth0.com",
        is: |clue| any(clue, |place| place.under("auth0.com")),
        keeps_keys: false,
        says: &[
            (
                Trouble::Key,
                "the keys are at https://{tenant domain}/.well-known/jwks.json; an API that is set \
                 to HS256 signs with a secret that is published nowhere",
            ),
            (
                Trouble::Issuer,
                "iss ends with a slash: https://{tenant domain}/, and is the custom domain if the \
                 token was asked for there",
            ),
            (
                Trouble::Audience,
                "aud is the identifier of the API that was asked for with the audience parameter",
            ),
            (
                Trouble::Token,
                "without the audience parameter access tokens are opaque or encrypted and not meant \
                 for your API: ask for one with the audience of your API",
            ),
        ],
    },
    KnownProvider {
        name: "Amazon Cognito",
        told_by: "an iss on cognito-idp.{region}.amazonaws.com",
        is: |clue| any(clue, is_cognito),
        keeps_keys: false,
        says: &[
            (
                Trouble::Key,
                "each user pool has its own keys at {iss}/.well-known/jwks.json, and each token use \
                 (id, access) its own kid; compare region and pool id of iss and URL",
            ),
            (
                Trouble::Issuer,
                "iss is https://cognito-idp.{region}.amazonaws.com/{user pool id}, never the hosted \
                 login domain",
            ),
            (
                Trouble::Audience,
                "access tokens have no aud: their client_id claim names the application. Use \
                 any_audience and compare client_id and token_use yourself, or verify id tokens",
            ),
        ],
    },
    KnownProvider {
        name: "Firebase",
        told_by: "an iss on securetoken.google.com or session.firebase.google.com",
        is: |clue| any(clue, is_firebase),
        keeps_keys: false,
        says: &[
            (
                Trouble::Key,
                "id tokens are signed with keys of their own, at https://www.googleapis.com/\
                 service_accounts/v1/jwk/securetoken@system.gserviceaccount.com (not Google's \
                 oauth2/v3/certs); session cookies with others again",
            ),
            (
                Trouble::Issuer,
                "iss is https://securetoken.google.com/{project id}, and aud the project id",
            ),
            (Trouble::Audience, "aud is the Firebase project id"),
            (
                Trouble::Fetch,
                "robot/v1/metadata/x509/{account} is a map of certificates and no key set; the key set is \
                 at service_accounts/v1/jwk/{account}",
            ),
        ],
    },
    KnownProvider {
        name: "Google Identity-Aware Proxy",
        told_by: "the iss https://cloud.google.com/iap",
        is: |clue| {
            any(clue, |place| {
                (place.host == "cloud.google.com" && place.path.starts_with("/iap"))
                    || (place.host == "www.gstatic.com" && place.path.starts_with("/iap/"))
            })
        },
        keeps_keys: false,
        says: &[
            (
                Trouble::Key,
                "x-goog-iap-jwt-assertion is signed with ES256 keys of its own, at \
                 https://www.gstatic.com/iap/verify/public_key-jwk (not Google's oauth2/v3/certs)",
            ),
            (
                Trouble::Audience,
                "aud is the path of the backend: /projects/{number}/global/backendServices/{id} or \
                 /projects/{number}/apps/{project id}",
            ),
        ],
    },
    KnownProvider {
        name: "Google",
        told_by: "the iss https://accounts.google.com or accounts.google.com",
        is: |clue| {
            any(clue, |place| {
                place.host == "accounts.google.com"
                    || (place.host == "www.googleapis.com" && place.path.starts_with("/oauth2/"))
            })
        },
        keeps_keys: false,
        says: &[
            (
                Trouble::Key,
                "the keys of id tokens are at https://www.googleapis.com/oauth2/v3/certs and change \
                 every few days",
            ),
            (
                Trouble::Issuer,
                "iss is https://accounts.google.com or accounts.google.com: allow both",
            ),
            (
                Trouble::Audience,
                "aud of an id token is your OAuth client id",
            ),
            (
                Trouble::Token,
                "access tokens are opaque, only id tokens are JWTs: check an access token at the \
                 tokeninfo endpoint",
            ),
            (
                Trouble::Fetch,
                "oauth2/v1/certs is a map of certificates and no key set; the key set is at \
                 oauth2/v3/certs",
            ),
        ],
    },
    KnownProvider {
        name: "Keycloak",
        told_by: "an iss whose path has /realms/{realm}",
        is: |clue| any(clue, |place| place.path.contains("/realms/")),
        keeps_keys: false,
        says: &[
            (
                Trouble::Key,
                "each realm has its own keys, at {iss}/protocol/openid-connect/certs; compare the \
                 realm of iss and URL, and whether the key is active in the realm's settings",
            ),
            (
                Trouble::Issuer,
                "iss follows the host name that the client used, unless the hostname option fixes \
                 it; since version 17 the path has no /auth",
            ),
            (
                Trouble::Audience,
                "aud of an access token is account unless an audience mapper adds your API",
            ),
            (
                Trouble::Fetch,
                "the path is /realms/{realm}/protocol/openid-connect/certs, with /auth before it \
                 up to version 16",
            ),
        ],
    },
    KnownProvider {
        name: "AWS application load balancer",
        told_by: "a signer in the header that is the ARN of a load balancer, or keys from \
                  public-keys.auth.elb.{region}.amazonaws.com",
        is: is_load_balancer,
        keeps_keys: false,
        says: &[
            (
                Trouble::Key,
                "x-amzn-oidc-data is signed by the load balancer, not by your identity provider: \
                 its key is at https://public-keys.auth.elb.{region}.amazonaws.com/{kid}, one PEM a \
                 kid and no key set. Compare the signer member of the header with the balancer's ARN",
            ),
            (
                Trouble::Token,
                "x-amzn-oidc-data pads its segments with = signs: build the verifier with \
                 allow_padding",
            ),
            (
                Trouble::Fetch,
                "public-keys.auth.elb.{region}.amazonaws.com/{kid} answers with one PEM key, not \
                 with a key set: turn it into a JWK with that kid",
            ),
        ],
    },
];

fn any(clue: &Clue, is: impl Fn(&Place) -> bool) -> bool {
    clue.issuer.iter().chain(&clue.source).any(is)
}

fn under_any(place: &Place, domains: &[&str]) -> bool {
    domains.iter().any(|domain| place.under(domain))
}

fn is_okta(place: &Place) -> bool {
    const DOMAINS: [&str; 5] = [
        "okta.com",
        "oktapreview.com",
        "okta-emea.com",
        "okta-gov.com",
        "okta.mil",
    ];
    under_any(place, &DOMAINS)
}

/// The org authorization server is the host itself; custom ones live under /oauth2/{id}. The org's
/// own key set is at /oauth2/v1/keys. The token's word counts before that of the URL.
fn is_okta_org(clue: &Clue) -> bool {
    let org = |place: &Place| match place.path.strip_prefix("/oauth2/") {
        Some(rest) => rest == "v1" || rest.starts_with("v1/"),
        None => true,
    };
    let mut places = clue.issuer.iter().chain(&clue.source);
    places.find(|place| is_okta(place)).is_some_and(org)
}

fn is_b2c(place: &Place) -> bool {
    place.under("b2clogin.com")
}

fn is_entra(place: &Place) -> bool {
    const DOMAINS: [&str; 7] = [
        "ciamlogin.com",
        "login.microsoft.com",
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.windows.net",
        "sts.windows.net",
    ];
    under_any(place, &DOMAINS)
}

fn is_cognito(place: &Place) -> bool {
    place.host.starts_with("cognito-idp.")
        && (place.under("amazonaws.com") || place.under("amazonaws.com.cn"))
}

fn is_firebase(place: &Place) -> bool {
    place.host == "securetoken.google.com"
        || place.host == "session.firebase.google.com"
        || place
            .path
            .contains("securetoken@system.gserviceaccount.com")
}

fn is_load_balancer(clue: &Clue) -> bool {
    let keys = |place: &Place| {
        place.host.starts_with("public-keys.auth.elb.")
            || place.path.contains("/aws-elb-public-keys")
    };
    clue.load_balancer || any(clue, keys)
}
