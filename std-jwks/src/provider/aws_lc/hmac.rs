//! HMAC with the secret already mixed in.

use aws_lc_rs::hmac::{self, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512, Key};
use jwtverify_core::{Digest, InvalidSignature};

/// What [`HmacKey::same`] compares the tags of.
const PROBE: &[u8] = b"same secret?";

/// A secret, ready for each digest. Its memory is overwritten when it is dropped.
pub(super) struct HmacKey {
    sha256: Key,
    sha384: Key,
    sha512: Key,
}

impl HmacKey {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self {
            sha256: Key::new(HMAC_SHA256, secret),
            sha384: Key::new(HMAC_SHA384, secret),
            sha512: Key::new(HMAC_SHA512, secret),
        }
    }

    /// Compares the whole tag in constant time; a truncated tag never passes.
    pub(super) fn verify(
        &self,
        digest: Digest,
        message: &[u8],
        tag: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = match digest {
            Digest::Sha256 => &self.sha256,
            Digest::Sha384 => &self.sha384,
            Digest::Sha512 => &self.sha512,
            _ => return Err(InvalidSignature),
        };
        hmac::verify(key, message, tag).map_err(|_| InvalidSignature)
    }

    /// Two secrets are the same when they give the same tag for the same message with every
    /// digest: with one alone a secret can stand for another, since each digest hashes secrets
    /// that are longer than its block.
    pub(super) fn same(&self, other: &Self) -> bool {
        let same =
            |own, others| hmac::verify(own, PROBE, hmac::sign(others, PROBE).as_ref()).is_ok();
        same(&self.sha256, &other.sha256)
            && same(&self.sha384, &other.sha384)
            && same(&self.sha512, &other.sha512)
    }
}
