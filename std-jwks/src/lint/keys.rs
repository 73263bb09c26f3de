//! What there is to say of the keys of a set.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use jwtverify_core::json::{Object, Value};
use jwtverify_core::{Error as Code, JwkMember, JwkOptions, KeySetError, KeySetOptions, limits};
use sha2::{Digest, Sha256};

use super::{Finding, Lint, Severity};
use crate::provider::{Key, KeySet};

/// Keys beyond which a set counts as large. Large issuers publish fewer than ten.
const LARGE_SET_KEYS: usize = 20;

/// Octets beyond which a set counts as large.
const LARGE_SET_BYTES: usize = 64 * 1024;

/// Octets beyond which a kid counts as long. A thumbprint has 43.
const LONG_KID_BYTES: usize = 128;

/// The RSA modulus, in bits, that a new key should have.
const GOOD_RSA_BITS: usize = 3072;

/// The exponent 65537, as JWKs write it.
const USUAL_EXPONENT: &str = "AQAB";

pub(super) fn look_at(document: &[u8], members: &[Value<'_>], lint: &mut Lint) {
    lint.keys = members.len();
    if document.len() > limits::MAX_KEY_SET_BYTES || members.len() > limits::MAX_KEYS {
        let text = format!("{} octets, {} keys", document.len(), members.len());
        lint.find("set-too-large", text);
        // What no verifier reads is not worth more time.
        return;
    }
    if document.len() > LARGE_SET_BYTES || members.len() > LARGE_SET_KEYS {
        let text = format!("{} octets, {} keys", document.len(), members.len());
        lint.find("large-set", text);
    }
    let read: Result<KeySet, KeySetError> = KeySetOptions::new().fetched(true).read(document);
    match &read {
        Ok(set) if set.len() == 1 => lint.find("one-key", "there is one usable key"),
        Ok(_) => {}
        Err(refused) => lint.find("no-usable-key", refused.error.to_string()),
    }
    let keys: Vec<Member<'_>> = (0..)
        .zip(members)
        .map(|(at, value)| Member::new(at, *value))
        .collect();
    let alone = keys.len() == 1;
    for key in &keys {
        key.look_at(alone, lint);
        key.compare(&keys, lint);
    }
}

/// One member of `keys`.
struct Member<'d> {
    position: usize,
    jwk: Option<Object<'d>>,
    kid: Option<String>,
    key: Result<Key, Code>,
}

impl<'d> Member<'d> {
    fn new(position: usize, value: Value<'d>) -> Self {
        let Value::Object(jwk) = value else {
            return Self {
                position,
                jwk: None,
                kid: None,
                key: Err(Code::JwkNotObject),
            };
        };
        Self {
            position,
            jwk: Some(jwk),
            kid: string(jwk, "kid"),
            key: JwkOptions::new().fetched(true).read(jwk.as_str()),
        }
    }

    fn find(&self, lint: &mut Lint, rule: &str, text: impl Into<String>) {
        let key = (self.position, self.kid.as_deref());
        lint.findings.extend(Finding::new(rule, Some(key), text));
    }

    fn look_at(&self, alone: bool, lint: &mut Lint) {
        match &self.key {
            Ok(key) => self.strength(key, lint),
            Err(refused) => self.find(lint, rule_for(*refused), refused.to_string()),
        }
        let Some(jwk) = self.jwk else {
            return;
        };
        // The reason of a refusal may hide this one, which is the worst.
        let private = |refused: &Code| matches!(refused, Code::JwkPrivate);
        if string(jwk, "kty").is_some_and(|kty| kty != "oct")
            && jwk.member("d").is_some()
            && !self.key.as_ref().err().is_some_and(private)
        {
            self.find(lint, "private-key", Code::JwkPrivate.to_string());
        }
        self.name(jwk, alone, lint);
        if self.key.is_ok() {
            if jwk.member("alg").is_none() {
                let text = "no alg: the verifier's allow-list and the key's type decide";
                self.find(lint, "missing-alg", text);
            }
            if jwk.member("use").is_none() && jwk.member("key_ops").is_none() {
                self.find(lint, "missing-use", "neither use nor key_ops");
            }
            self.certificate(jwk, lint);
        }
    }

    fn strength(&self, key: &Key, lint: &mut Lint) {
        let bits = key.modulus_bits();
        if bits == 0 {
            return;
        }
        if bits < GOOD_RSA_BITS {
            let text = format!("the RSA modulus has {bits} bits");
            self.find(lint, "rsa-below-3072", text);
        }
        if let Some(exponent) = self.jwk.and_then(|jwk| string(jwk, "e"))
            && exponent != USUAL_EXPONENT
            && octets(&exponent).is_some_and(|octets| significant(&octets) != [1, 0, 1])
        {
            let text = "the RSA exponent is not 65537 (AQAB)";
            self.find(lint, "unusual-exponent", text);
        }
    }

    fn name(&self, jwk: Object<'_>, alone: bool, lint: &mut Lint) {
        match self.kid.as_deref() {
            None if self.key.is_ok() && jwk.member("kid").is_none() => {
                self.find(lint, "missing-kid", "no kid");
                if alone && let Some(found) = lint.findings.last_mut() {
                    found.severity = Severity::Note;
                }
            }
            Some("") => self.find(lint, "empty-kid", "the kid is the empty string"),
            Some(kid) if kid.len() > LONG_KID_BYTES && kid.len() <= limits::MAX_KID_BYTES => {
                let text = format!("the kid has {} octets", kid.len());
                self.find(lint, "long-kid", text);
            }
            _ => {}
        }
    }

    /// The keys before this one: each pair is looked at once.
    fn compare(&self, keys: &[Self], lint: &mut Lint) {
        let Ok(own) = &self.key else {
            return;
        };
        for other in keys.iter().take(self.position) {
            let Ok(key) = &other.key else {
                continue;
            };
            if own.thumbprint().is_some() && own.thumbprint() == key.thumbprint() {
                let text = format!("the same key as keys[{}]", other.position);
                self.find(lint, "repeated-key", text);
            } else if self.kid.is_some()
                && self.kid == other.kid
                && own.key_type() == key.key_type()
            {
                let text = format!(
                    "keys[{}] has the same kid and is another key",
                    other.position
                );
                self.find(lint, "duplicate-kid", text);
            }
        }
    }

    /// Certificates are not read: they are searched for the key's numbers, which stand in them as
    /// they are (RFC 5280 section 4.1.2.7).
    fn certificate(&self, jwk: Object<'_>, lint: &mut Lint) {
        let certificate = match jwk.member("x5c") {
            None => return,
            Some(Value::Array(chain)) => match chain.elements().next() {
                Some(Value::String(text)) => Base64::decode_vec(&text.to_cow()).ok(),
                _ => None,
            },
            Some(_) => None,
        };
        let Some(der) = certificate else {
            let text = "x5c does not begin with a certificate in base64 (RFC 7517 section 4.7)";
            return self.find(lint, "x5c-mismatch", text);
        };
        let numbers: Vec<Vec<u8>> = ["n", "x", "y", "pub"]
            .iter()
            .filter_map(|name| octets(&string(jwk, name)?))
            .collect();
        let holds = |number: &Vec<u8>| contains(&der, significant(number));
        if !numbers.iter().all(holds) {
            let text = "the certificate in x5c does not hold this key";
            self.find(lint, "x5c-mismatch", text);
        }
        if let Some(thumbprint) = string(jwk, "x5t#S256")
            && thumbprint != Base64UrlUnpadded::encode_string(&Sha256::digest(&der))
        {
            let text = "x5t#S256 is not the SHA-256 of the certificate in x5c";
            self.find(lint, "x5t-mismatch", text);
        }
    }
}

/// The rule that a refusal of core falls under.
pub(super) fn rule_for(refused: Code) -> &'static str {
    match refused {
        Code::JwkPrivate => "private-key",
        Code::SymmetricNotAllowed | Code::SymmetricTooShort(_) | Code::SymmetricTooLong => {
            "symmetric-key"
        }
        Code::SymmetricLooksPublic => "symmetric-key",
        Code::RsaModulusSize(bits) if bits < limits::MIN_RSA_BITS => "weak-rsa",
        Code::RsaModulusSize(_) => "oversized-rsa",
        Code::RsaExponent => "rsa-exponent",
        Code::JwkKidTooLong => "kid-too-long",
        Code::JwkUse | Code::JwkKeyOps => "not-for-signatures",
        Code::KeyTypeUnknown
        | Code::CurveUnknown
        | Code::JwkAlgorithmUnknown
        | Code::KeyTypeDisabled => "unknown-kind",
        Code::JwkAlgorithmMismatch => "alg-mismatch",
        Code::JwkMemberMissing(JwkMember::K) => "symmetric-key",
        _ => "broken-key",
    }
}

fn string(object: Object<'_>, name: &str) -> Option<String> {
    match object.member(name)? {
        Value::String(text) => Some(text.to_cow().into_owned()),
        _ => None,
    }
}

fn octets(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

/// Without leading zeros, which DER may add or drop.
fn significant(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    octets.get(zeros..).unwrap_or_default()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    needle.is_empty()
        || haystack
            .windows(needle.len())
            .any(|window| window == needle)
}
