//! RSA signatures (RFC 8017 sections 8.1.2 and 8.2.2), without a heap up to 4096 bits.

mod montgomery;

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec};

use sha2::Digest;

use super::InvalidSignature;
use crate::error::Error;
use montgomery::{Modulus, Word};

/// Octets of the largest modulus: with a heap everything that a key may have, without one 4096
/// bits, since every key of a set has room for it.
#[cfg(feature = "alloc")]
const MAX_OCTETS: usize = 1024;
#[cfg(not(feature = "alloc"))]
const MAX_OCTETS: usize = 512;

#[cfg(feature = "alloc")]
type Words = Box<[Word]>;
#[cfg(not(feature = "alloc"))]
type Words = heapless::Vec<Word, { montgomery::MAX_WORDS }>;

#[cfg(feature = "alloc")]
fn zeroed(len: usize) -> Result<Words, Error> {
    if len > montgomery::MAX_WORDS {
        return Err(Error::KeyTypeDisabled);
    }
    Ok(vec![0; len].into_boxed_slice())
}

#[cfg(not(feature = "alloc"))]
fn zeroed(len: usize) -> Result<Words, Error> {
    let mut words = Words::new();
    words.resize(len, 0).map_err(|_| Error::KeyTypeDisabled)?;
    Ok(words)
}

/// A public key.
#[derive(PartialEq)]
pub(super) struct RsaKey {
    modulus: Modulus,
    exponent: u64,
    bits: usize,
}

impl RsaKey {
    /// Of an odd modulus without leading zeros and an odd exponent of at least 3.
    pub(super) fn new(modulus: &[u8], exponent: u64) -> Result<Self, Error> {
        let unused = modulus.first().map_or(0, |first| first.leading_zeros());
        let unused = usize::try_from(unused).map_err(|_| Error::Internal)?;
        Ok(Self {
            modulus: Modulus::new(modulus)?,
            exponent,
            bits: modulus.len().saturating_mul(8).saturating_sub(unused),
        })
    }

    /// RSASSA-PKCS1-v1_5: the encoded message is rebuilt and compared, never parsed.
    pub(super) fn verify_pkcs1<D: Digest>(
        &self,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let mut buffer = [0; MAX_OCTETS];
        let encoded = self.open(signature, &mut buffer)?;
        if is_pkcs1(encoded, &D::digest(message)) {
            Ok(())
        } else {
            Err(InvalidSignature)
        }
    }

    /// RSASSA-PSS with MGF1 over the same digest, and a salt as long as the digest (RFC 7518
    /// section 3.5).
    pub(super) fn verify_pss<D: Digest>(
        &self,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let mut buffer = [0; MAX_OCTETS];
        let encoded = self.open(signature, &mut buffer)?;
        // One bit less than the modulus (section 8.1.2): where that is a whole number of octets,
        // the first octet of the modulus is not part of the encoding, and must be zero.
        let bits = self.bits.saturating_sub(1);
        let encoded = match encoded {
            [0, rest @ ..] if bits.is_multiple_of(8) => rest,
            _ if bits.is_multiple_of(8) => return Err(InvalidSignature),
            whole => whole,
        };
        let unused = bits.wrapping_neg() & 7;
        if is_pss::<D>(encoded, unused, &D::digest(message)) {
            Ok(())
        } else {
            Err(InvalidSignature)
        }
    }

    /// RSAVP1 (section 5.2.2): the octets that were signed, as long as the modulus.
    fn open<'b>(
        &self,
        signature: &[u8],
        buffer: &'b mut [u8],
    ) -> Result<&'b mut [u8], InvalidSignature> {
        let octets = self.bits.div_ceil(8);
        if signature.len() != octets {
            return Err(InvalidSignature);
        }
        let encoded = buffer.get_mut(..octets).ok_or(InvalidSignature)?;
        let opened = self.modulus.power(signature, self.exponent, encoded);
        opened.ok_or(InvalidSignature)?;
        Ok(encoded)
    }
}

/// EMSA-PKCS1-v1_5 (section 9.2): 00 01 ff.. 00, the DigestInfo, the digest.
fn is_pkcs1(encoded: &[u8], digest: &[u8]) -> bool {
    let Some(info) = digest_info(digest.len()) else {
        return false;
    };
    let fixed = info.len().saturating_add(digest.len()).saturating_add(3);
    // At least eight ff octets: a modulus has 256 octets and more.
    let Some(padding) = encoded.len().checked_sub(fixed).filter(|len| *len >= 8) else {
        return false;
    };
    let expected = [0, 1]
        .into_iter()
        .chain(core::iter::repeat_n(0xff, padding))
        .chain([0])
        .chain(info)
        .chain(digest.iter().copied());
    encoded.iter().copied().eq(expected)
}

/// The DER in front of a digest of SHA-2 (section 9.2, note 1), with the NULL that it demands.
fn digest_info(len: usize) -> Option<[u8; 19]> {
    let (whole, oid, len) = match len {
        32 => (0x31, 1, 0x20),
        48 => (0x41, 2, 0x30),
        64 => (0x51, 3, 0x40),
        _ => return None,
    };
    Some([
        0x30, whole, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, oid, 5, 0, 4, len,
    ])
}

/// EMSA-PSS-VERIFY (section 9.1.2). `unused` counts the bits of the first octet that the encoding
/// does not have. Unmasks `encoded` in place.
fn is_pss<D: Digest>(encoded: &mut [u8], unused: usize, digest: &[u8]) -> bool {
    let [body @ .., 0xbc] = encoded else {
        return false;
    };
    let Some(split) = body.len().checked_sub(digest.len()) else {
        return false;
    };
    let Some((block, hash)) = body.split_at_mut_checked(split) else {
        return false;
    };
    let mask = u32::try_from(unused)
        .ok()
        .and_then(|unused| 0xff_u8.checked_shr(unused))
        .unwrap_or_default();
    if block.first().is_none_or(|first| first & !mask != 0) {
        return false;
    }
    unmask::<D>(block, hash);
    if let Some(first) = block.first_mut() {
        *first &= mask;
    }
    let Some(padding) = block.len().checked_sub(digest.len()) else {
        return false;
    };
    let Some((padding, salt)) = block.split_at_checked(padding) else {
        return false;
    };
    let [zeros @ .., 1] = padding else {
        return false;
    };
    let again = D::new()
        .chain_update([0; 8])
        .chain_update(digest)
        .chain_update(salt)
        .finalize();
    zeros.iter().all(|octet| *octet == 0) && *again == *hash
}

/// Removes the mask of MGF1 (section B.2.1).
fn unmask<D: Digest>(block: &mut [u8], seed: &[u8]) {
    let len = <D as Digest>::output_size().max(1);
    for (counter, chunk) in (0..=u32::MAX).zip(block.chunks_mut(len)) {
        let mask = D::new()
            .chain_update(seed)
            .chain_update(counter.to_be_bytes())
            .finalize();
        chunk
            .iter_mut()
            .zip(mask)
            .for_each(|(octet, mask)| *octet ^= mask);
    }
}
