//! The rules: one row each, which the findings and the manual take their words from.

use std::fmt;

use super::Severity::{self, Error, Note, Warning};

/// A rule of [`lint_rules`].
pub struct LintRule {
    id: &'static str,
    severity: Severity,
    finds: &'static str,
    next: &'static str,
}

impl LintRule {
    /// Its name for programs. It is never given another meaning.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// How much it matters as a rule.
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// What it finds.
    pub const fn finds(&self) -> &'static str {
        self.finds
    }

    /// What to do about it.
    pub const fn next(&self) -> &'static str {
        self.next
    }
}

impl fmt::Debug for LintRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LintRule({})", self.id)
    }
}

impl PartialEq for LintRule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for LintRule {}

/// All rules, in the order of the manual.
pub fn lint_rules() -> &'static [LintRule] {
    RULES
}

const fn rule(
    severity: Severity,
    id: &'static str,
    finds: &'static str,
    next: &'static str,
) -> LintRule {
    LintRule {
        id,
        severity,
        finds,
        next,
    }
}

const RULES: &[LintRule] = &[
    // The document
    rule(
        Error,
        "not-json",
        "a document that is not one strict JSON object",
        "publish one JSON object: no page, no byte-order mark, no member twice, nothing behind it",
    ),
    rule(
        Error,
        "no-keys",
        "a document without a keys array that is no discovery document either",
        "publish {\"keys\": [...]} (RFC 7517 section 5)",
    ),
    rule(
        Error,
        "no-usable-key",
        "a set without one key that a verifier can use",
        "publish the public key of what signs the tokens",
    ),
    rule(
        Error,
        "set-too-large",
        "more than 100 keys, or more than 512 KiB",
        "withdraw keys whose last token has expired; verifiers refuse sets without end",
    ),
    rule(
        Note,
        "large-set",
        "more than 20 keys, or more than 64 KiB",
        "withdraw keys whose last token has expired: every verifier reads all of them each time",
    ),
    rule(
        Note,
        "one-key",
        "a single usable key",
        "before the next rotation publish the new key beside it; sign with it only when verifiers \
         have had time to fetch it",
    ),
    // Secrets
    rule(
        Error,
        "private-key",
        "a key that is published with its private part",
        "everybody can sign with it now: withdraw it at once, sign with a new key, and find out \
         what else was published",
    ),
    rule(
        Error,
        "symmetric-key",
        "a shared secret (oct) in a set that is meant to be published",
        "whoever reads the set can forge tokens: withdraw it and sign with an asymmetric algorithm",
    ),
    // Strength
    rule(
        Error,
        "weak-rsa",
        "an RSA modulus below 2048 bits (RFC 7518 section 3.3)",
        "make a new key of 3072 bits, or an elliptic-curve key",
    ),
    rule(
        Error,
        "oversized-rsa",
        "an RSA modulus above 8192 bits",
        "make a key of 3072 or 4096 bits: larger ones cost verifiers time and are refused",
    ),
    rule(
        Note,
        "rsa-below-3072",
        "an RSA modulus of 2048 to 3071 bits",
        "take 3072 bits or ES256 for the next key: 2048 bits are as strong as 112, which NIST SP \
         800-57 lets pass until 2030",
    ),
    rule(
        Error,
        "rsa-exponent",
        "an RSA exponent that is even, below 3 or above 33 bits",
        "make a new key with the exponent 65537",
    ),
    rule(
        Note,
        "unusual-exponent",
        "an RSA exponent other than 65537",
        "take 65537 for the next key, as everybody does",
    ),
    rule(
        Error,
        "broken-key",
        "a key whose members are missing, of a wrong type, badly encoded or not on the curve",
        "publish it as RFC 7518 section 6 and RFC 8037 say: base64url without padding, each number \
         at its full length",
    ),
    // Names
    rule(
        Warning,
        "missing-kid",
        "a key without kid; a note if the set has one key only",
        "give each key a kid of its own, and put it into the header of the tokens",
    ),
    rule(
        Warning,
        "empty-kid",
        "a kid that is the empty string",
        "give the key a name: many programs take an empty kid for none",
    ),
    rule(
        Error,
        "duplicate-kid",
        "different keys of one type under the same kid",
        "give each key a kid of its own: which of the two is meant is a guess, so neither is used",
    ),
    rule(
        Note,
        "repeated-key",
        "the same key twice",
        "publish it once: a second name for a key outlives it easily",
    ),
    rule(
        Error,
        "kid-too-long",
        "a kid of more than 1024 octets",
        "name the key by its thumbprint (RFC 7638), 43 characters",
    ),
    rule(
        Note,
        "long-kid",
        "a kid of more than 128 octets",
        "take a shorter one: every token carries it",
    ),
    // What a key is for
    rule(
        Warning,
        "missing-alg",
        "a key without alg",
        "say the algorithm that the key signs with, so that no token can choose another",
    ),
    rule(
        Note,
        "missing-use",
        "a key without use and key_ops",
        "say \"use\": \"sig\"",
    ),
    rule(
        Note,
        "not-for-signatures",
        "a key whose use or key_ops are for something else",
        "fine if it is meant so: verifiers skip it",
    ),
    rule(
        Note,
        "unknown-kind",
        "a kty, crv or alg that this library does not know, or that is not in this build",
        "fine beside a key that everybody knows: verifiers skip it",
    ),
    rule(
        Error,
        "alg-mismatch",
        "an alg that does not go with kty and crv",
        "publish the alg that the key signs with",
    ),
    // Certificates
    rule(
        Note,
        "x5c-mismatch",
        "a certificate (x5c) that does not hold the key beside it, or is none",
        "publish the certificate of this key, or none: clients that look at x5c see another key \
         than those that look at n and e or x and y",
    ),
    rule(
        Note,
        "x5t-mismatch",
        "an x5t#S256 that is not the SHA-256 of the certificate beside it",
        "compute it anew, or leave it out",
    ),
    // Discovery
    rule(
        Error,
        "issuer-missing",
        "a discovery document without issuer",
        "say the issuer: clients compare it with the one they were told (OpenID Connect Discovery \
         1.0 section 4.3)",
    ),
    rule(
        Error,
        "issuer-url",
        "an issuer that is no https URL, or has a query or fragment",
        "take an https URL without query and fragment (OpenID Connect Discovery 1.0 section 3)",
    ),
    rule(
        Error,
        "issuer-elsewhere",
        "a document whose issuer is not the one whose address it was fetched from",
        "serve it at {issuer}/.well-known/openid-configuration of the very issuer that it names; \
         clients refuse any other",
    ),
    rule(
        Warning,
        "issuer-template",
        "an issuer with a placeholder such as {tenantid}",
        "clients must use the document of one tenant, or a template that they were told",
    ),
    rule(
        Error,
        "jwks-uri-missing",
        "a discovery document without jwks_uri",
        "say where the keys are",
    ),
    rule(
        Error,
        "jwks-uri-url",
        "a jwks_uri that is no https URL",
        "serve the keys by https: whoever is on the path could replace them",
    ),
    rule(
        Note,
        "jwks-uri-host",
        "a jwks_uri on another host than the issuer",
        "fine if you own both: whoever serves that host can sign for the issuer",
    ),
    rule(
        Warning,
        "alg-none",
        "none among the signature algorithms",
        "take it out: clients that follow the list accept unsigned tokens",
    ),
    rule(
        Note,
        "symmetric-alg",
        "HS256, HS384 or HS512 among the signature algorithms",
        "take them out unless a client needs them: such a client can forge tokens for itself",
    ),
    rule(
        Note,
        "rs256-missing",
        "id_token_signing_alg_values_supported without RS256",
        "OpenID Connect Discovery 1.0 section 3 asks for RS256; leave it out only if you know all \
         your clients",
    ),
];
