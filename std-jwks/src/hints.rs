//! What is known about the issuers that people use: one row each.
//!
//! A row is chosen by the host and path of the token's **unverified** `iss` and of the key-set URL.
//! Whoever forges a token chooses the hint that is shown for it, and nothing else: hints are text
//! for a person, and no decision of this library rests on them.

use std::borrow::Cow;

/// What a row is matched against.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clue {
    /// The token's `iss`, unverified.
    pub(crate) issuer: Option<Place>,
    /// Where the keys come from.
    pub(crate) source: Option<Place>,
    /// The header holds `signer`, the Amazon Resource Name of a load balancer.
    pub(crate) load_balancer: bool,
    /// The header holds `nonce`, as tokens for Microsoft Graph do.
    pub(crate) nonce: bool,
}

/// Host and path of a URL, the host in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) path: String,
}

impl Place {
    /// Reads `https://host/path`, or a bare host as Google's older `iss` is.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > crate::url::MAX_URL_BYTES {
            return None;
        }
        let url = url::Url::parse(text)
            .ok()
            .filter(url::Url::has_host)
            .or_else(|| url::Url::parse(&format!("https://{text}")).ok())?;
        let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
        Some(Self {
            host,
            path: url.path().to_owned(),
        })
    }

    /// The host is `domain` or below it.
    fn under(&self, domain: &str) -> bool {
        let rest = self.host.strip_suffix(domain);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

/// What failed, as far as hints care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// `aud` is missing or another.
    Audience,
    /// Nothing usable came from the URL.
    Fetch,
    /// `iss` is missing or another.
    Issuer,
    /// The key is not there, or the signature does not match it.
    Key,
    /// The token's form: padding, encryption, not a JWT at all.
    Token,
}

struct Row {
    provider: &'static str,
    is: fn(&Clue) -> bool,
    says: &'static [(Trouble, &'static str)],
}

/// The hints for a failure, each naming the provider it speaks of. All of them begin with a
/// warning where they rest on the unverified `iss`.
pub(crate) fn hints(clue: &Clue, trouble: Trouble) -> Vec<Cow<'static, str>> {
    let mut found: Vec<Cow<'static, str>> = Vec::new();
    for row in ROWS.iter().filter(|row| (row.is)(clue)) {
        for (_, text) in row.says.iter().filter(|(when, _)| *when == trouble) {
            found.push(format!("{}: {text}", row.provider).into());
        }
    }
    if trouble == Trouble::Key && clue.nonce && is_entra(clue) {
        found.push(Cow::Borrowed(ENTRA_NONCE));
    }
    if !found.is_empty() && clue.issuer.is_some() {
        found.push(Cow::Borrowed(UNVERIFIED));
    }
    found
}

/// Said after every hint that may rest on the token's own words.
const UNVERIFIED: &str = "the provider was guessed from the token's iss, which is not verified: it \
     serves for this hint only and must never choose keys";

const ENTRA_NONCE: &str = "Microsoft Entra: the header has a nonce, so this token is for Microsoft \
     Graph. Only Graph can verify it; ask for a token whose audience is your own API";

fn is_okta(clue: &Clue) -> bool {
    const DOMAINS: [&str; 5] = [
        "okta.com",
        "oktapreview.com",
        "okta-emea.com",
        "okta-gov.com",
        "okta.mil",
    ];
    any(clue, |place| {
        DOMAINS.iter().any(|domain| place.under(domain))
    })
}

fn any(clue: &Clue, is: impl Fn(&Place) -> bool) -> bool {
    clue.issuer.iter().chain(&clue.source).any(is)
}

/// The org authorization server is the host itself; custom ones live under /oauth2/{id}. The org's
/// own key set is at /oauth2/v1/keys.
fn is_okta_org(clue: &Clue) -> bool {
    let org = |place: &Place| match place.path.strip_prefix("/oauth2/") {
        Some(rest) => rest == "v1" || rest.starts_with("v1/"),
        None => true,
    };
    let of_issuer = clue
        .issuer
        .as_ref()
        .filter(|place| is_okta_place(place))
        .map(org);
    let of_source = || {
        clue.source
            .as_ref()
            .filter(|place| is_okta_place(place))
            .map(org)
    };
    of_issuer.or_else(of_source).unwrap_or(false)
}

fn is_okta_place(place: &Place) -> bool {
    is_okta(&Clue {
        issuer: Some(place.clone()),
        ..Clue::default()
    })
}

fn is_entra(clue: &Clue) -> bool {
    const DOMAINS: [&str; 8] = [
        "b2clogin.com",
        "ciamlogin.com",
        "login.microsoft.com",
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.windows.net",
        "sts.windows.net",
    ];
    any(clue, |place| {
        DOMAINS.iter().any(|domain| place.under(domain))
    })
}

fn is_cognito(place: &Place) -> bool {
    place.host.starts_with("cognito-idp.")
        && (place.under("amazonaws.com") || place.under("amazonaws.com.cn"))
}

fn is_load_balancer(clue: &Clue) -> bool {
    let keys = |place: &Place| {
        place.host.starts_with("public-keys.auth.elb.")
            || place.path.contains("/aws-elb-public-keys")
    };
    clue.load_balancer || any(clue, keys)
}

const ROWS: &[Row] = &[
    Row {
        provider: "Okta org authorization server",
        is: is_okta_org,
        says: &[
            (
                Trouble::Key,
                "access tokens of the org authorization server (iss without /oauth2/...) are signed \
                 with a key that Okta does not publish, by design: only Okta can validate them",
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
    Row {
        provider: "Okta custom authorization server",
        is: |clue| is_okta(clue) && !is_okta_org(clue),
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
        ],
    },
    Row {
        provider: "Microsoft Entra",
        is: is_entra,
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
    Row {
        provider: "Auth0",
        is: |clue| any(clue, |place| place.under("auth0.com")),
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
    Row {
        provider: "Amazon Cognito",
        is: |clue| any(clue, is_cognito),
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
    Row {
        provider: "Firebase",
        is: |clue| {
            any(clue, |place| {
                place.host == "securetoken.google.com"
                    || place.host == "session.firebase.google.com"
                    || place
                        .path
                        .contains("securetoken@system.gserviceaccount.com")
            })
        },
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
        ],
    },
    Row {
        provider: "Google",
        is: |clue| {
            any(clue, |place| {
                place.host == "accounts.google.com"
                    || (place.host == "www.googleapis.com" && place.path.starts_with("/oauth2/"))
            })
        },
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
        ],
    },
    Row {
        provider: "Keycloak",
        is: |clue| any(clue, |place| place.path.contains("/realms/")),
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
    Row {
        provider: "AWS application load balancer",
        is: is_load_balancer,
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
                 with a key set",
            ),
        ],
    },
];

#[cfg(test)]
mod tests;
