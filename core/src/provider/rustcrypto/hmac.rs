//! HMAC with the secret already mixed in.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use super::InvalidSignature;
use crate::algorithm::Digest;
use crate::error::Error;

/// A secret, ready for each digest. Its memory is overwritten when it is dropped. What moving a
/// value leaves behind on the stack is not, nor the block that the `hmac` crate mixes the secret
/// into while it makes a state.
pub(super) struct HmacKey {
    sha256: Hmac<Sha256>,
    sha384: Hmac<Sha384>,
    sha512: Hmac<Sha512>,
}

impl HmacKey {
    pub(super) fn new(secret: &[u8]) -> Result<Self, Error> {
        // HMAC takes keys of any length; the error is of a type that has no other use here.
        Ok(Self {
            sha256: Hmac::new_from_slice(secret).map_err(|_| Error::Internal)?,
            sha384: Hmac::new_from_slice(secret).map_err(|_| Error::Internal)?,
            sha512: Hmac::new_from_slice(secret).map_err(|_| Error::Internal)?,
        })
    }

    /// Compares the whole tag in constant time; a truncated tag never passes.
    pub(super) fn verify(
        &self,
        digest: Digest,
        message: &[u8],
        tag: &[u8],
    ) -> Result<(), InvalidSignature> {
        match digest {
            Digest::Sha256 => self.sha256.clone().chain_update(message).verify_slice(tag),
            Digest::Sha384 => self.sha384.clone().chain_update(message).verify_slice(tag),
            Digest::Sha512 => self.sha512.clone().chain_update(message).verify_slice(tag),
        }
        .map_err(|_| InvalidSignature)
    }

    /// Two secrets are the same when they give the same tag for the same message with every
    /// digest. One digest is not enough: HMAC takes a secret longer than the digest's block for
    /// the hash of it, and fills shorter ones with zeros, each digest at a length of its own.
    pub(super) fn same(&self, other: &Self) -> bool {
        const PROBE: &[u8] = b"same secret?";
        fn tag<M: Mac + Clone>(mac: &M) -> impl AsRef<[u8]> {
            mac.clone().chain_update(PROBE).finalize().into_bytes()
        }
        let gives = |digest, tag: &[u8]| self.verify(digest, PROBE, tag).is_ok();
        gives(Digest::Sha256, tag(&other.sha256).as_ref())
            && gives(Digest::Sha384, tag(&other.sha384).as_ref())
            && gives(Digest::Sha512, tag(&other.sha512).as_ref())
    }
}

/// The promise above, checked by the compiler, as it depends on features of other crates: HMAC
/// keeps the secret in nothing but states of the digest.
const _: fn() = || {
    fn is_wiped<T: zeroize::ZeroizeOnDrop>() {}
    is_wiped::<Sha256>();
    is_wiped::<Sha384>();
    is_wiped::<Sha512>();
};
