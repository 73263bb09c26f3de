//! The rows.

use jwtverify_core::{ClaimName, Error as Code, Family};

use super::super::case::{Form, Kinship};
use super::{Cause, Odds, likely, possible};

/// The errors of a token's form.
const FORM: &[&str] = &[
    "TokenSegments",
    "HeaderEmpty",
    "HeaderBase64",
    "PayloadBase64",
    "SignatureBase64",
    "HeaderJson",
];

/// The errors of choosing a key, and of the key.
const KEY: &[&str] = &[
    "KeyNotFound",
    "KeyMismatch",
    "KeyNoneFits",
    "SignatureInvalid",
    "UnavailableUnchecked",
    "UnavailableStatus",
    "UnavailableBackoff",
];

/// In the order of a verification: the token, the key, the fetch, the claims.
pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "token-wrapped",
        title: "there is more in the text than the token, or nothing at all",
        codes: FORM,
        shows: "the text is empty, begins with Bearer, or has quotes or white space",
        means: "The value of a header or of a variable was taken whole: with the word Bearer \
                before the token, with quotes around it, or with a line break behind it.",
        next: &["give the token alone, without the word Bearer, quotes and white space"],
        odds: |case| {
            likely(matches!(
                case.form,
                Form::Empty | Form::Bearer | Form::Quoted | Form::Spaced
            ))
        },
    },
    Cause {
        id: "token-padded",
        title: "the segments are padded with = signs",
        codes: FORM,
        shows: "a segment ends in =",
        means: "RFC 7515 section 2 forbids padding, because it allows several texts for one \
                token. AWS application load balancers write it all the same.",
        next: &[
            "for tokens of an AWS load balancer build the verifier with allow_padding \
             (--allow-padding)",
            "any other issuer that pads its tokens breaks RFC 7515: report it there",
        ],
        odds: |case| likely(case.form == Form::Padded),
    },
    Cause {
        id: "token-opaque",
        title: "this is an opaque token, not a JWT",
        codes: &["TokenSegments"],
        shows: "the text has no dot",
        means: "An access token may be any text that its issuer understands (RFC 6749 section \
                1.4). Only the issuer can say whether it is good.",
        next: &[
            "ask the issuer's introspection endpoint (RFC 7662) or its userinfo endpoint",
            "or ask the issuer for a JWT: many issue one as soon as the request names the audience \
             or resource that the token is for",
        ],
        odds: |case| likely(case.form == Form::NoDots),
    },
    Cause {
        id: "token-encrypted",
        title: "the token is encrypted, not only signed",
        codes: &["TokenEncrypted"],
        shows: "the text has five segments",
        means: "It is a JWE (RFC 7516), which only the holder of the private key can read. This \
                library verifies signatures and decrypts nothing.",
        next: &[
            "ask the issuer for a signed token (JWS); an encrypted one is for whoever holds the key",
        ],
        odds: |_| Odds::Likely,
    },
    Cause {
        id: "invalid-format",
        title: "the token has an invalid format",
        codes: &[
            "TokenSegments",
            "HeaderEmpty",
            "HeaderBase64",
            "PayloadBase64",
            "SignatureBase64",
            "HeaderJson",
            "HeaderMemberType",
            "AlgorithmMissing",
            "PayloadJson",
            "ClaimType",
        ],
        shows: "none of the rows above",
        means: "The text was cut off, decoded once too often or changed on its way; or the issuer \
                writes JSON that is ambiguous, such as a member twice, or a time as a string.",
        next: &[
            "compare it with the token as the issuer sent it, to the last character",
            "look at it with jwtverify inspect, which says what it is and where it stops being one",
        ],
        odds: |_| Odds::Possible,
    },
    Cause {
        id: "token-unsigned",
        title: "the token is not signed",
        codes: &["SignatureEmpty", "AlgorithmNone"],
        shows: "alg is none, or the signature is empty",
        means: "Anybody can write such a token; it is the oldest attack on verifiers there is.",
        next: &[
            "never accept it; if it comes from your own issuer, set a signature algorithm for the \
             client there",
        ],
        odds: |_| Odds::Likely,
    },
    Cause {
        id: "shared-secret",
        title: "the token is signed with a shared secret, and the keys here are public",
        codes: &["AlgorithmNotAllowed", "KeyMismatch", "KeyNoneFits"],
        shows: "alg is HS256, HS384 or HS512",
        means: "A token that is signed with a shared secret (HS256...) can't be verified with a \
                public key set. Some libraries and issuers take HS256 where nothing is set; and \
                forgers take it to pass a public key off as a secret.",
        next: &[
            "set the issuer to an asymmetric algorithm such as RS256 or ES256 for this client or \
             API",
            "never add HS256 to the allow-list of a verifier with public keys",
        ],
        odds: |case| likely(case.symmetric),
    },
    Cause {
        id: "algorithm-mismatch",
        title: "the token's algorithm is not the one that is allowed, or not that of the key",
        codes: &[
            "AlgorithmUnknown",
            "AlgorithmNotAllowed",
            "KeyMismatch",
            "KeyNoneFits",
        ],
        shows: "alg in the header against the allow-list and the keys' kty, crv and alg",
        means: "The issuer signs with another algorithm than the verifier was built for, or the \
                key that the token names is of another kind.",
        next: &[
            "compare the header's alg with the verifier's allow-list and with the kty, crv or alg \
             of the keys; jwtverify inspect shows the one, jwtverify check the others",
            "put the algorithms of your issuer on the allow-list; never take the list from the \
             token",
        ],
        odds: |case| possible(!case.symmetric),
    },
    Cause {
        id: "missing-kid",
        title: "the token has no kid, and several keys would fit",
        codes: &["KeyAmbiguous"],
        shows: "no kid in the header, more than one key of the set for its alg",
        means: "Without a kid (RFC 7515 section 4.1.4) nothing says which key signed. Trying all \
                of them is not done: the choice would be the token's.",
        next: &[
            "let the issuer put the kid of the signing key into the token's header",
            "if it can't: have one key for each algorithm in the set",
        ],
        odds: |case| likely(case.kid.is_none()),
    },
    Cause {
        id: "duplicate-kid",
        title: "different keys of the set have the same kid",
        codes: &["KeyAmbiguous"],
        shows: "the token's kid stands in the set more than once, with other material",
        means: "A kid names one key. Two keys of one type under one kid leave the choice to \
                chance, so neither is used.",
        next: &["the issuer should give each key its own kid; jwtverify lint names the keys"],
        odds: |case| likely(case.kid.is_some()),
    },
    Cause {
        id: "key-unusable",
        title: "the set has the token's key, but it can't be used",
        codes: &["KeyNotFound", "UnavailableUnchecked"],
        shows: "the kid is among the keys that were left out; the reason stands beside it",
        means: "The key is broken, too weak, not for signatures, or of a kind that this build does \
                not have.",
        next: &[
            "have the issuer publish the key as it should be; the reason beside the key says what \
             is wrong, and jwtverify lint what to do",
        ],
        odds: |case| likely(case.set.is_some_and(|set| set.skipped_kid)),
    },
    Cause {
        id: "set-without-kids",
        title: "the token names a kid, and no key of the set has one",
        codes: &["KeyNotFound", "UnavailableUnchecked"],
        shows: "the set has usable keys, none with a kid",
        means: "A kid matches a kid, and nothing else: keys without one are for tokens without \
                one.",
        next: &["publish the kid with each key, or issue tokens without one"],
        odds: |case| {
            likely(
                case.set
                    .is_some_and(|set| set.usable > 0 && set.with_kid == 0 && !set.skipped_kid),
            )
        },
    },
    Cause {
        id: "for-provider-only",
        title: "the token is for its provider alone: nobody else can verify it",
        codes: &["KeyNotFound", "SignatureInvalid", "UnavailableUnchecked"],
        shows: "the token's iss (unverified) and header are those of a provider that does so, such \
                as an Okta org server or Microsoft Graph",
        means: "It looks like a JWT, but it is signed with a key that is not published, or over \
                another text than the one that is sent. Its form may change at any time.",
        next: &[
            "get a token for your own API: ask the provider for your audience, at the authorization \
             server that issues for it",
            "or let the provider look at it: its userinfo or introspection endpoint",
        ],
        odds: |case| {
            likely(case.unpublished && (case.nonce || case.error != Code::SignatureInvalid))
        },
    },
    Cause {
        id: "wrong-url",
        title: "these are the keys of another issuer or environment: the JWKS URL or the issuer is \
                wrong",
        codes: KEY,
        shows: "the token's iss (unverified) is not the issuer of the keys; or there is nothing at \
                the URL (404, 410)",
        means: "Staging, production and each tenant have keys of their own. A token of one is \
                never good with the keys of another.",
        next: &[
            "check that the token is from the issuer and environment that these keys belong to: \
             jwtverify inspect shows its iss",
            "take the URL from the issuer's discovery document ({iss}/.well-known/\
             openid-configuration, jwks_uri) instead of writing it down for each environment",
        ],
        odds: |case| match case.effective() {
            Code::UnavailableStatus => likely(case.gone()),
            Code::KeyNotFound | Code::UnavailableUnchecked if case.kinship == Kinship::Unlike => {
                Odds::Possible
            }
            error
                if error.family() == Family::Unavailable && error != Code::UnavailableUnchecked =>
            {
                Odds::No
            }
            _ => likely(case.kinship == Kinship::Other),
        },
    },
    Cause {
        id: "key-rotated",
        title: "the signing key was rotated: the token's key is not published any more, or not yet",
        codes: &["KeyNotFound"],
        shows: "the issuer was asked just now and does not have the kid",
        means: "Old tokens outlive their key if it is withdrawn too early; new ones come too soon \
                if their key is published late.",
        next: &[
            "get a new token and try again: if that works, the old one was signed with a withdrawn \
             key",
            "if keys were rotated: the issuer must publish a key before it signs with it, and keep \
             the old one until its last token has expired; jwtverify check --save and --snapshot \
             show what changed",
        ],
        odds: |case| possible(case.remote),
    },
    Cause {
        id: "stale-cache",
        title: "the keys at hand are a stale copy: the token's key may be newer",
        codes: &["KeyNotFound"],
        shows: "the keys come from a file or a variable, not from a URL or an issuer",
        means: "A copy of a key set does not follow rotations, and neither does a cache that asks \
                for unknown keys only when its time is over.",
        next: &[
            "this set is a copy and does not follow rotations: fetch it again, or use a remote key \
             set (RemoteJwks), which asks the issuer when a kid is unknown",
        ],
        odds: |case| possible(!case.remote),
    },
    Cause {
        id: "not-asked-yet",
        title: "the token's key may be new, and the issuer may not be asked again yet",
        codes: &["UnavailableUnchecked"],
        shows: "next fetch: allowed in so many seconds",
        means: "Unknown kids cause few fetches in a minute, since anybody can make kids up. Until \
                the next one it is not known whether the token is good.",
        next: &[
            "answer 503 with the Retry-After of this error: the client tries again, and the issuer \
             is then asked",
            "if it happens after each rotation: the issuer should publish a key some minutes \
             before it signs with it",
        ],
        odds: |case| possible(case.effective() == case.error),
    },
    Cause {
        id: "kid-mismatch",
        title: "the token's kid is that of no key in the set",
        codes: &["KeyNotFound"],
        shows: "kid asked for against the kids in the set",
        means: "The token was signed with a key that is not published here. Other keys are never \
                tried instead.",
        next: &[
            "verify how the issuer is configured to sign: the kid in the header must be that of a \
             published key, to the last character",
        ],
        odds: |_| Odds::Possible,
    },
    Cause {
        id: "signature-mismatch",
        title: "the token was changed, or signed with another key of the same kid",
        codes: &["SignatureInvalid"],
        shows: "the key with the kid is there, and the signature is not its own",
        means: "A forgery, a token that lost characters on its way, or an issuer that has put a \
                new key under an old kid.",
        next: &[
            "compare the environment, and whether the whole token was copied",
            "a new key needs a new kid: jwtverify check --snapshot says if one was used again",
        ],
        odds: |case| possible(case.kinship != Kinship::Other),
    },
    Cause {
        id: "endpoint-unreachable",
        title: "the JWKS endpoint can't be reached",
        codes: &[
            "UnavailableConnect",
            "UnavailableTimeout",
            "UnavailableBody",
            "UnavailableBackoff",
            "UnavailableUnchecked",
        ],
        shows: "no connection, no answer in time, or an answer that breaks off",
        means: "A network, a firewall, a proxy, a name that does not resolve, or an issuer that is \
                down.",
        next: &[
            "check URL and connectivity from this machine: jwtverify check URL says how far the \
             request comes",
            "tell clients 503 and not 401: their tokens may be good",
        ],
        odds: |case| {
            likely(matches!(
                case.effective(),
                Code::UnavailableConnect | Code::UnavailableTimeout | Code::UnavailableBody
            ))
        },
    },
    Cause {
        id: "endpoint-failing",
        title: "the JWKS endpoint answers with an error",
        codes: &[
            "UnavailableStatus",
            "UnavailableBackoff",
            "UnavailableUnchecked",
        ],
        shows: "an HTTP status other than 200, 404 and 410",
        means: "The issuer is in trouble (5xx), asks for fewer requests (429), or wants to know \
                who is asking (401, 403).",
        next: &[
            "5xx and 429: wait, attempts are repeated; the issuer's status page may say more",
            "401 and 403: key sets are public; this is another address, or a gateway before it",
        ],
        odds: |case| likely(case.effective() == Code::UnavailableStatus && !case.gone()),
    },
    Cause {
        id: "certificate-refused",
        title: "the certificate of the JWKS endpoint is not trusted",
        codes: &[
            "UnavailableTls",
            "UnavailableBackoff",
            "UnavailableUnchecked",
        ],
        shows: "the TLS handshake fails",
        means: "It has expired, is for another name, or is signed by an authority that is not \
                among the public ones.",
        next: &[
            "for an issuer behind a private certificate authority, give its root certificate \
             (root_certificate, --ca); never switch verification off",
        ],
        odds: |case| likely(case.effective() == Code::UnavailableTls),
    },
    Cause {
        id: "redirected",
        title: "the JWKS URL leads elsewhere",
        codes: &[
            "UnavailableRedirect",
            "UnavailableBackoff",
            "UnavailableUnchecked",
        ],
        shows: "an HTTP status 3xx",
        means: "Redirects are not followed: they could lead to a login page, or into your own \
                network.",
        next: &["configure the URL that the redirect points to, if you trust it"],
        odds: |case| likely(case.effective() == Code::UnavailableRedirect),
    },
    Cause {
        id: "empty-key-set",
        title: "the key set is empty, or holds no usable key",
        codes: &[
            "KeySetEmpty",
            "UnavailableKeySet",
            "UnavailableBackoff",
            "UnavailableUnchecked",
        ],
        shows: "a keys array without one key that can be used",
        means: "The issuer has no signing key yet, publishes only keys for encryption, or keys \
                that are broken or too weak.",
        next: &[
            "create or activate a signing key at the issuer; jwtverify check URL lists each key \
             with the reason why it is not used",
        ],
        odds: |case| likely(case.document() == Some(Code::KeySetEmpty)),
    },
    Cause {
        id: "invalid-key-set",
        title: "what is at the JWKS URL is not a valid key set",
        codes: &[
            "KeySetTooLarge",
            "KeySetJson",
            "KeySetShape",
            "KeySetTooManyKeys",
            "UnavailableKeySet",
            "UnavailableTooLarge",
            "UnavailableBackoff",
            "UnavailableUnchecked",
        ],
        shows: "no strict JSON, no keys array, or too much of it",
        means: "It is a login page, the discovery document, a PEM file, or a set that is written \
                wrongly (RFC 7517 section 5).",
        next: &[
            "open the URL in a browser or with jwtverify check URL: it must be a JSON object with \
             a keys array",
            "if it is the discovery document: use its jwks_uri, or discovery by the issuer",
        ],
        odds: |case| {
            likely(
                case.effective() == Code::UnavailableTooLarge
                    || case
                        .document()
                        .is_some_and(|document| document != Code::KeySetEmpty),
            )
        },
    },
    Cause {
        id: "discovery-unusable",
        title: "the issuer's discovery document can't be used",
        codes: &[
            "UnavailableDiscovery",
            "UnavailableBackoff",
            "UnavailableUnchecked",
        ],
        shows: "no strict JSON, or no issuer or jwks_uri in it",
        means: "There is no OpenID Connect provider behind the issuer's address, or its document \
                is incomplete.",
        next: &[
            "open {issuer}/.well-known/openid-configuration; jwtverify lint says what it lacks",
            "or give the URL of the key set instead of the issuer",
        ],
        odds: |case| likely(case.effective() == Code::UnavailableDiscovery),
    },
    Cause {
        id: "issuer-mismatch",
        title: "the issuer is another than the one that was configured",
        codes: &[
            "IssuerMismatch",
            "ClaimMissing",
            "UnavailableIssuer",
            "UnavailableBackoff",
            "UnavailableUnchecked",
        ],
        shows: "iss, or the discovery document's issuer, against the configured one, octet by octet",
        means: "Often it is a slash at the end, another host name for the same server, or a \
                tenant's id. It may also be a token that was made for somebody else.",
        next: &[
            "configure the issuer exactly as its discovery document spells it, slash at the end \
             included",
            "compare with the iss that jwtverify inspect shows",
        ],
        odds: |case| {
            likely(matches!(
                case.effective(),
                Code::IssuerMismatch | Code::ClaimMissing(ClaimName::Iss) | Code::UnavailableIssuer
            ))
        },
    },
    Cause {
        id: "audience-mismatch",
        title: "the token is for another audience",
        codes: &["AudienceMismatch", "ClaimMissing"],
        shows: "aud against the configured audiences, octet by octet",
        means: "It was issued for another API, or it is an ID token, whose audience is the client.",
        next: &[
            "ask the issuer for a token whose audience is your API, and configure the audience as \
             the issuer spells it",
            "compare with the aud that jwtverify inspect shows",
        ],
        odds: |case| {
            likely(matches!(
                case.error,
                Code::AudienceMismatch | Code::ClaimMissing(ClaimName::Aud)
            ))
        },
    },
    Cause {
        id: "wrong-type",
        title: "the token is of another type",
        codes: &["TypeMissing", "TypeMismatch"],
        shows: "typ in the header against the configured one",
        means: "An ID token was sent where an access token is expected (at+jwt, RFC 9068), or the \
                issuer does not write typ.",
        next: &["send the access token; or do not ask for a typ if your issuer writes none"],
        odds: |_| Odds::Likely,
    },
    Cause {
        id: "clock-differs",
        title: "this machine's clock is behind the issuer's",
        codes: &["NotYetValid"],
        shows: "nbf lies in the future",
        means: "Clocks differ by seconds where nobody keeps them right; or the token is for later.",
        next: &["compare this machine's clock with the issuer's, and allow some leeway"],
        odds: |_| Odds::Likely,
    },
];
