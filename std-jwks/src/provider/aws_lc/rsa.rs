//! RSA keys, parsed once for each way of signing.

use std::sync::OnceLock;

use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
};
use jwtverify_core::{Digest, InvalidSignature, Scheme};

/// The ways of signing with an RSA key: as many as [`place`] knows.
const WAYS: usize = 6;

/// The numbers of a key, and what was parsed from them.
///
/// aws-lc-rs binds a parsed key to one padding and one digest. An issuer signs in one way, two at
/// most, so each is parsed when it is first needed: from then on, reading it takes no lock.
pub(super) struct RsaKey {
    numbers: RsaPublicKeyComponents<Box<[u8]>>,
    parsed: [OnceLock<ParsedPublicKey>; WAYS],
}

impl RsaKey {
    /// Takes numbers that core has checked. AWS-LC takes all of these: moduli up to 16384 bits,
    /// exponents up to 33 bits, and both odd.
    pub(super) fn new(modulus: &[u8], exponent: u64) -> Self {
        let exponent = exponent.to_be_bytes();
        let zeros = exponent.iter().take_while(|octet| **octet == 0).count();
        Self {
            numbers: RsaPublicKeyComponents {
                n: modulus.into(),
                e: exponent.get(zeros..).unwrap_or_default().into(),
            },
            parsed: [const { OnceLock::new() }; WAYS],
        }
    }

    pub(super) fn verify(
        &self,
        scheme: Scheme,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        self.parsed(scheme)
            .ok_or(InvalidSignature)?
            .verify_sig(message, signature)
            .map_err(|_| InvalidSignature)
    }

    pub(super) fn same(&self, other: &Self) -> bool {
        self.numbers.n == other.numbers.n && self.numbers.e == other.numbers.e
    }

    fn parsed(&self, scheme: Scheme) -> Option<&ParsedPublicKey> {
        let (place, parameters) = place(scheme)?;
        let slot = self.parsed.get(place)?;
        if let Some(parsed) = slot.get() {
            return Some(parsed);
        }
        // It fails for want of memory alone: then this signature is refused, and the next call
        // tries again. Two threads may both parse; one result is kept.
        let parsed = self.numbers.to_parsed_public_key(parameters).ok()?;
        Some(slot.get_or_init(|| parsed))
    }
}

/// Where a way of signing has its parsed key. The salt of PSS is as long as the digest: that is
/// what these parameters mean (RFC 7518 section 3.5).
fn place(scheme: Scheme) -> Option<(usize, &'static RsaParameters)> {
    Some(match scheme {
        Scheme::RsaPkcs1(Digest::Sha256) => (0, &RSA_PKCS1_2048_8192_SHA256),
        Scheme::RsaPkcs1(Digest::Sha384) => (1, &RSA_PKCS1_2048_8192_SHA384),
        Scheme::RsaPkcs1(Digest::Sha512) => (2, &RSA_PKCS1_2048_8192_SHA512),
        Scheme::RsaPss(Digest::Sha256) => (3, &RSA_PSS_2048_8192_SHA256),
        Scheme::RsaPss(Digest::Sha384) => (4, &RSA_PSS_2048_8192_SHA384),
        Scheme::RsaPss(Digest::Sha512) => (5, &RSA_PSS_2048_8192_SHA512),
        _ => return None,
    })
}
