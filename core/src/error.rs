//! The one error type of every language, with stable numbers.

use core::fmt;

use crate::json::JsonError;
use crate::member::{HeaderMember, JwkMember};

/// Who has to act on an [`Error`].
///
/// The three kinds of failure are never mixed: a service answers 401, 500 and 503 to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// The token is at fault: refuse the request. Codes 1xx to 5xx, HTTP status 401.
    Token,
    /// The caller is at fault: a setting, an argument or a key set that can't be used.
    /// Codes 6xx and 8xx, HTTP status 500.
    Caller,
    /// It can't be known now: the keys could not be fetched. Codes 7xx, HTTP status 503.
    Unavailable,
    /// This library is at fault: please report it. Codes 9xx, HTTP status 500.
    Internal,
}

/// A claim that an [`Error`] speaks of.
///
/// Errors are `Copy` and hold no text, so a claim which only the caller knows is named by its
/// place in the verifier's list; [`Verifier::claim_name`](crate::Verifier::claim_name) gives its
/// text back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimName {
    /// `iss`, RFC 7519 section 4.1.1
    Iss,
    /// `sub`, RFC 7519 section 4.1.2
    Sub,
    /// `aud`, RFC 7519 section 4.1.3
    Aud,
    /// `exp`, RFC 7519 section 4.1.4
    Exp,
    /// `nbf`, RFC 7519 section 4.1.5
    Nbf,
    /// `iat`, RFC 7519 section 4.1.6
    Iat,
    /// `jti`, RFC 7519 section 4.1.7
    Jti,
    /// The claim at this place, counted from 0, of the verifier's list of required claims.
    Required(u8),
}

impl ClaimName {
    /// The registered claims, in the order of RFC 7519 section 4.1.
    pub const REGISTERED: [Self; 7] = [
        Self::Iss,
        Self::Sub,
        Self::Aud,
        Self::Exp,
        Self::Nbf,
        Self::Iat,
        Self::Jti,
    ];

    /// The registered name, or `None` for [`ClaimName::Required`].
    pub const fn as_str(self) -> Option<&'static str> {
        Some(match self {
            Self::Iss => "iss",
            Self::Sub => "sub",
            Self::Aud => "aud",
            Self::Exp => "exp",
            Self::Nbf => "nbf",
            Self::Iat => "iat",
            Self::Jti => "jti",
            Self::Required(_) => return None,
        })
    }

    /// The registered claim of this name.
    pub fn from_registered(name: &str) -> Option<Self> {
        Self::REGISTERED
            .into_iter()
            .find(|claim| claim.as_str() == Some(name))
    }
}

impl fmt::Display for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.as_str(), self) {
            (Some(name), _) => f.write_str(name),
            (None, Self::Required(place)) => {
                write!(
                    f,
                    "number {} of the verifier's required claims",
                    u16::from(*place) + 1
                )
            }
            (None, _) => Ok(()),
        }
    }
}

/// One row an error: documentation, name, the detail it carries (with a sample for
/// [`Error::ALL`]), number, message. Everything else is derived from the rows.
macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident $(($detail:ty = $sample:expr))? = $code:literal, $message:literal;)+) => {
        /// Why there is no verdict of "valid".
        ///
        /// Flat and `Copy`: it holds no token bytes, claim values or secrets, so it is safe to
        /// log. [`code`](Self::code) is a stable number, the same in C, Go, Python and the docs;
        /// 0 is never used, it stands for success in C. `Display` gives the one-line message.
        ///
        /// ```
        /// use jwtverify_core::{Error, Family};
        ///
        /// let error = Error::KeyNotFound;
        /// assert_eq!((error.code(), error.name()), (301, "KeyNotFound"));
        /// assert_eq!((error.family(), error.http_status()), (Family::Token, 401));
        /// ```
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Error {
            $($(#[$doc])* $name $(($detail))?,)+
        }

        impl Error {
            /// One error of each code, in ascending order: for tables and for tests that
            /// compare languages. Errors that carry a detail carry a sample here.
            pub const ALL: &'static [Self] = &[$(Self::$name $(($sample))?,)+];

            /// The stable number of this error.
            pub const fn code(self) -> u16 {
                match self {
                    $(Self::$name { .. } => $code,)+
                }
            }

            /// The name of this error, the same in every language.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name { .. } => stringify!($name),)+
                }
            }

            /// The message without its detail: a static text, for languages that want one.
            pub const fn summary(self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $message,)+
                }
            }

            fn detail(&self) -> Option<&dyn fmt::Display> {
                match self {
                    $(errors!(@pattern $name $(($detail) detail)?) => errors!(@detail $($detail, detail)?),)+
                }
            }
        }
    };
    (@pattern $name:ident ($detail:ty) $binding:ident) => { Self::$name($binding) };
    (@pattern $name:ident) => { Self::$name };
    (@detail $detail:ty, $binding:ident) => { Some($binding) };
    (@detail) => { None };
}

errors! {
    // 1xx: the token as text
    /// The token is longer than the verifier's limit ([`MAX_TOKEN_BYTES`](crate::limits::MAX_TOKEN_BYTES) by default).
    TokenTooLarge = 101, "the token is longer than the limit";
    /// Not the JWS compact serialization of RFC 7515 section 7.1.
    TokenSegments = 102, "a token has exactly three segments separated by two dots";
    /// Five segments: the JWE compact serialization of RFC 7516 section 7.1.
    TokenEncrypted = 103, "this is an encrypted token (JWE, five segments), not a signed one";
    /// The header segment is empty.
    HeaderEmpty = 104, "the header segment is empty";
    /// The signature segment is empty, as in the unsecured tokens of RFC 7515 appendix A.5.
    SignatureEmpty = 105, "the signature segment is empty: unsigned tokens are never accepted";
    /// The header is longer than the verifier's limit ([`MAX_HEADER_BYTES`](crate::limits::MAX_HEADER_BYTES) by default).
    HeaderTooLarge = 106, "the header is longer than the limit";
    /// The header segment is not canonical base64url without padding (RFC 7515 section 2).
    HeaderBase64 = 110, "the header segment is not canonical base64url without padding";
    /// The payload segment is not canonical base64url without padding (RFC 7515 section 2).
    PayloadBase64 = 111, "the payload segment is not canonical base64url without padding";
    /// The signature segment is not canonical base64url without padding (RFC 7515 section 2).
    SignatureBase64 = 112, "the signature segment is not canonical base64url without padding";

    // 2xx: the header and the policy on it
    /// The header is not one strict JSON object.
    HeaderJson(JsonError = JsonError::SAMPLE) = 201, "the header is not one strict JSON object";
    /// The header has no `alg` (RFC 7515 section 4.1.1).
    AlgorithmMissing = 202, "the header has no alg";
    /// A header member that must be a string is something else, `null` included.
    HeaderMemberType(HeaderMember = HeaderMember::Kid) = 203, "a header member is not a string";
    /// `alg` is `none` (RFC 7515 appendix A.5).
    AlgorithmNone = 204, "alg is none: unsigned tokens are never accepted";
    /// `alg` is no signature algorithm that this library has. Names are case-sensitive.
    AlgorithmUnknown = 205, "alg is not a known signature algorithm (names are case-sensitive)";
    /// `alg` is known, but the verifier's allow-list does not hold it.
    AlgorithmNotAllowed = 206, "alg is not in the verifier's list of allowed algorithms";
    /// The header has `crit` (RFC 7515 section 4.1.11); no extension is understood.
    CriticalHeader = 207, "the header has crit: no critical extension is understood";
    /// The header has `b64` (RFC 7797); an unencoded payload is forbidden in a JWT.
    UnencodedPayload = 208, "the header has b64: unencoded payloads are not supported";
    /// `kid` is longer than [`MAX_KID_BYTES`](crate::limits::MAX_KID_BYTES).
    KidTooLong = 209, "the header's kid is longer than the limit";
    /// The verifier asks for a `typ` and the header has none (RFC 8725 section 3.11).
    TypeMissing = 210, "the header has no typ, and the verifier asks for one";
    /// The header's `typ` is not the one that the verifier asks for (RFC 8725 section 3.11).
    TypeMismatch = 211, "the header's typ is not the one the verifier asks for";

    // 3xx: the choice of the key
    /// No key of the set has the token's `kid`. Other keys are never tried.
    KeyNotFound = 301, "the key set has no usable key with the token's kid";
    /// More than one key fits: the same `kid` twice, or no `kid` and several keys.
    KeyAmbiguous = 302, "more than one key of the set fits the token: the choice would be a guess";
    /// The key with the token's `kid` is of another type or bound to another algorithm.
    KeyMismatch = 303, "the key with the token's kid is not for the token's alg";
    /// The token has no `kid`, and no key of the set is for its algorithm.
    KeyNoneFits = 304, "the token has no kid, and no key of the set is for its alg";

    // 4xx: the signature
    /// The signature does not verify. There is no more to say, on purpose.
    SignatureInvalid = 401, "the signature does not match the token and the key";

    // 5xx: the claims
    /// The payload is not one strict JSON object.
    PayloadJson(JsonError = JsonError::SAMPLE) = 501, "the payload is not one strict JSON object";
    /// A claim that the verifier requires is absent (or `null`).
    ClaimMissing(ClaimName = ClaimName::Exp) = 502, "a required claim is missing";
    /// A claim has the wrong type, such as an `exp` that is a string or not finite.
    ClaimType(ClaimName = ClaimName::Exp) = 503, "a claim has the wrong type";
    /// `now` is not before `exp` plus the leeway (RFC 7519 section 4.1.4).
    Expired = 504, "the token has expired (exp)";
    /// `nbf` is after `now` plus the leeway (RFC 7519 section 4.1.5).
    NotYetValid = 505, "the token is not valid yet (nbf)";
    /// `iat` is longer ago than the verifier's maximum age plus the leeway.
    TooOld = 506, "the token was issued longer ago than the verifier's maximum age (iat)";
    /// `iss` is not an issuer that the verifier was told (RFC 7519 section 4.1.1).
    IssuerMismatch = 507, "the token is from another issuer (iss)";
    /// `aud` names no audience that the verifier was told (RFC 7519 section 4.1.3).
    AudienceMismatch = 508, "the token is for another audience (aud)";

    // 60x: a key-set document
    /// The document is longer than the limit ([`MAX_KEY_SET_BYTES`](crate::limits::MAX_KEY_SET_BYTES) by default).
    KeySetTooLarge = 601, "the key set is longer than the limit";
    /// The document is not one strict JSON object.
    KeySetJson(JsonError = JsonError::SAMPLE) = 602, "the key set is not one strict JSON object";
    /// Neither an object with a `keys` array (RFC 7517 section 5) nor one JWK.
    KeySetShape = 603, "the key set has no keys array and is not a JWK";
    /// More members than the limit ([`MAX_KEYS`](crate::limits::MAX_KEYS) by default), or more
    /// usable keys than a [`FixedKeySet`](crate::FixedKeySet) has room for.
    KeySetTooManyKeys = 604, "the key set has more keys than the limit";
    /// The set is empty, or every key was skipped.
    KeySetEmpty = 605, "the key set holds no usable key";

    // 62x to 64x: why one key can't be used
    /// The member of `keys` is not an object.
    JwkNotObject = 620, "the JWK is not an object";
    /// A JWK read by itself is not one strict JSON object.
    JwkJson(JsonError = JsonError::SAMPLE) = 621, "the JWK is not one strict JSON object";
    /// A member that this type of key must have is absent.
    JwkMemberMissing(JwkMember = JwkMember::N) = 622, "the JWK lacks a member";
    /// A member has the wrong type, such as a `kid` that is a number.
    JwkMemberType(JwkMember = JwkMember::Kid) = 623, "a member of the JWK has the wrong type";
    /// A member is not canonical base64url without padding.
    JwkMemberBase64(JwkMember = JwkMember::N) = 624, "a member of the JWK is not canonical base64url without padding";
    /// `kid` is longer than [`MAX_KID_BYTES`](crate::limits::MAX_KID_BYTES), or than a
    /// [`FixedKeySet`](crate::FixedKeySet) has room for.
    JwkKidTooLong = 625, "the JWK's kid is longer than the limit";
    /// `kty` is not one of RSA, EC, OKP, AKP and oct.
    KeyTypeUnknown = 626, "kty is not a type of signature key";
    /// `crv` is not a curve with a signature algorithm here.
    CurveUnknown = 627, "crv is not a curve for signatures";
    /// `alg` names no signature algorithm that this library has.
    JwkAlgorithmUnknown = 628, "the JWK's alg is not a known signature algorithm";
    /// `alg` does not go with `kty` and `crv`.
    JwkAlgorithmMismatch = 629, "the JWK's alg is not for its kty and crv";
    /// `use` is not `sig` (RFC 7517 section 4.2).
    JwkUse = 630, "the JWK's use is not sig";
    /// `key_ops` does not hold `verify` (RFC 7517 section 4.3).
    JwkKeyOps = 631, "the JWK's key_ops do not include verify";
    /// The algorithm family is not compiled into this build; or an RSA key has more than 4096 bits,
    /// and the build has no heap.
    KeyTypeDisabled = 632, "this build leaves out the algorithms of this key";
    /// A fetched key came with its private part: whoever fetched it can forge tokens.
    JwkPrivate = 633, "the JWK was published together with its private key";
    /// The RSA modulus has fewer than 2048 or more than 8192 bits; the detail is the number.
    RsaModulusSize(u32 = 1024) = 634, "the RSA modulus must have 2048 to 8192 bits, and has";
    /// The RSA modulus is even.
    RsaModulusEven = 635, "the RSA modulus is even";
    /// The RSA public exponent is even, below 3 or not below 2^33.
    RsaExponent = 636, "the RSA exponent must be odd and between 3 and 2^33";
    /// A coordinate does not have the full length of the curve (RFC 7518 section 6.2.1.2).
    EcCoordinateLength = 637, "a coordinate does not have the full length of the curve";
    /// The point is not on the curve, or a coordinate is not below the field's prime.
    EcPoint = 638, "the point is not on the curve";
    /// The Ed25519 key does not have 32 octets (RFC 8037 section 2).
    OkpKeyLength = 639, "the Ed25519 key does not have 32 octets";
    /// The Ed25519 key is not the canonical encoding of a point of large order.
    OkpPoint = 640, "the Ed25519 key is not a canonical point, or of small order";
    /// A symmetric key, and the caller did not allow any (or the set was fetched).
    SymmetricNotAllowed = 641, "symmetric keys are not allowed in this key set";
    /// A symmetric key in a set that also holds public keys.
    SymmetricMixed = 642, "a symmetric key in a set that also holds public keys";
    /// The secret is shorter than the digest (RFC 7518 section 3.2); the detail is its octets.
    SymmetricTooShort(u32 = 16) = 643, "the secret is shorter than the algorithm's digest; its octets";
    /// The secret is longer than [`MAX_SECRET_BYTES`](crate::limits::MAX_SECRET_BYTES).
    SymmetricTooLong = 644, "the secret is longer than the limit";
    /// The secret is the text of a public key: PEM, DER, JWK or ssh.
    SymmetricLooksPublic = 645, "the secret is the encoding of a key (PEM, DER, JWK or ssh), not a secret";
    /// `pub` of an ML-DSA key does not have the length that its `alg` fixes (RFC 9964).
    AkpKeyLength = 646, "pub does not have the length that the JWK's alg fixes";

    // 7xx: not known now
    /// The issuer could not be reached.
    UnavailableConnect = 701, "the issuer could not be reached";
    /// The issuer did not answer in time.
    UnavailableTimeout = 702, "the issuer did not answer in time";
    /// The issuer's certificate or TLS handshake was refused.
    UnavailableTls = 703, "the TLS connection to the issuer failed";
    /// The issuer answered with a status other than 200.
    UnavailableStatus = 704, "the issuer answered with an error status";
    /// The issuer answered with a redirect, which is never followed.
    UnavailableRedirect = 705, "the issuer answered with a redirect, which is never followed";
    /// The issuer's answer is longer than the limit.
    UnavailableTooLarge = 706, "the issuer's answer is longer than the limit";
    /// The connection broke while the answer was read.
    UnavailableBody = 707, "the issuer's answer could not be read to its end";
    /// What the issuer sent is not a usable key set.
    UnavailableKeySet = 708, "the issuer's answer is not a usable key set";
    /// The last fetch failed, and the next may not be tried yet.
    UnavailableBackoff = 709, "the keys could not be fetched, and the next attempt is not due yet";
    /// The token's key is unknown, and whether the issuer has it may not be asked yet.
    UnavailableUnchecked = 710, "the token's key is unknown, and the issuer may not be asked again yet";
    /// The issuer's discovery document can't be used.
    UnavailableDiscovery = 711, "the issuer's discovery document can't be used";
    /// The discovery document names another issuer than the one it was fetched for.
    UnavailableIssuer = 712, "the discovery document names another issuer";

    // 8xx: the caller's mistakes
    /// The allow-list of algorithms is empty.
    MisuseNoAlgorithms = 801, "the verifier needs at least one allowed algorithm";
    /// Neither an issuer nor "any issuer" was given.
    MisuseIssuerUnset = 802, "the verifier must be told an issuer, or that any will do";
    /// Neither an audience nor "any audience" was given.
    MisuseAudienceUnset = 803, "the verifier must be told an audience, or that any will do";
    /// A list of issuers or audiences is empty: it would accept nothing.
    MisuseEmptyList = 804, "an empty list of issuers or audiences accepts nothing";
    /// A setting was given twice, or together with its opposite.
    MisuseTwice = 805, "a setting was given twice or contradicts another";
    /// The leeway is longer than [`MAX_LEEWAY_SECONDS`](crate::limits::MAX_LEEWAY_SECONDS), or not a number of seconds.
    MisuseLeeway = 806, "the leeway must be 0 to 300 seconds";
    /// More items than a limit of the verifier allows.
    MisuseTooMany = 807, "a list of settings has too many items";
    /// The caller named an algorithm that does not exist.
    MisuseAlgorithmName = 808, "the allow-list names an algorithm that does not exist";
    /// The URL is not https (or http to this machine), or can't be parsed.
    MisuseUrl = 809, "the URL must be https, or http to a loopback address";
    /// A null pointer where an object or bytes were expected.
    MisuseNull = 810, "a null pointer was passed";
    /// A text argument is not UTF-8.
    MisuseUtf8 = 811, "a text argument is not UTF-8";
    /// The caller's buffer is too small for this token.
    MisuseScratch = 812, "the buffer is too small for this token";
    /// An argument has the wrong type or value.
    MisuseArgument = 813, "an argument has the wrong type or value";

    // 9xx: our mistakes
    /// A panic was caught at a language boundary: please report it.
    InternalPanic = 901, "internal error: a panic was caught, please report it";
    /// A state that can't be reached was reached: please report it.
    Internal = 902, "internal error, please report it";
}

impl Error {
    /// Who has to act.
    pub const fn family(self) -> Family {
        match self.code() {
            100..=599 => Family::Token,
            700..=799 => Family::Unavailable,
            600..=699 | 800..=899 => Family::Caller,
            _ => Family::Internal,
        }
    }

    /// The status that an HTTP service should answer with: 401, 500 or 503.
    pub const fn http_status(self) -> u16 {
        match self.family() {
            Family::Token => 401,
            Family::Unavailable => 503,
            Family::Caller | Family::Internal => 500,
        }
    }

    /// The value of `WWW-Authenticate` that goes with a 401 (RFC 6750 section 3).
    ///
    /// `None` for errors that are not the token's fault. It says only that the token was
    /// refused: the reason belongs into the service's log, not to whoever sent the token.
    pub const fn www_authenticate(self) -> Option<&'static str> {
        match self.family() {
            Family::Token => Some("Bearer error=\"invalid_token\""),
            _ => None,
        }
    }

    /// The claim that this error speaks of.
    pub const fn claim(self) -> Option<ClaimName> {
        match self {
            Self::ClaimMissing(claim) | Self::ClaimType(claim) => Some(claim),
            Self::Expired => Some(ClaimName::Exp),
            Self::NotYetValid => Some(ClaimName::Nbf),
            Self::TooOld => Some(ClaimName::Iat),
            Self::IssuerMismatch => Some(ClaimName::Iss),
            Self::AudienceMismatch => Some(ClaimName::Aud),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.summary())?;
        match self.detail() {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn codes_are_ascending_and_never_zero() {
        let codes: std::vec::Vec<u16> = Error::ALL.iter().map(|error| error.code()).collect();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
        assert!(codes[0] > 0);
    }

    #[test]
    fn family_follows_the_name() {
        for error in Error::ALL {
            let family = error.family();
            let name = error.name();
            assert_eq!(
                family == Family::Unavailable,
                name.starts_with("Unavailable"),
                "{name}"
            );
            assert_eq!(
                family == Family::Internal,
                name.starts_with("Internal"),
                "{name}"
            );
            assert_eq!(
                error.code() / 100 == 8,
                name.starts_with("Misuse"),
                "{name}"
            );
        }
    }

    #[test]
    fn messages_are_one_line_and_name_the_detail() {
        for error in Error::ALL {
            let message = error.to_string();
            assert!(!message.contains('\n') && !message.is_empty());
            assert!(message.starts_with(error.summary()));
        }
        assert_eq!(
            Error::ClaimMissing(ClaimName::Exp).to_string(),
            "a required claim is missing: exp"
        );
        assert_eq!(
            Error::RsaModulusSize(1024).to_string(),
            "the RSA modulus must have 2048 to 8192 bits, and has: 1024"
        );
    }

    #[test]
    fn rfc6750_a_bad_token_is_401_and_nothing_else_is() {
        for error in Error::ALL {
            assert_eq!(
                error.http_status() == 401,
                error.www_authenticate().is_some()
            );
        }
    }
}
