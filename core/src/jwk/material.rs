//! From base64url members to checked numbers, without a heap.

use super::{Members, required};
use crate::algorithm::{Curve, KeyType, ParameterSet};
use crate::base64url;
use crate::error::Error;
use crate::json::{Text, Value};
use crate::limits::{MAX_RSA_BITS, MAX_SECRET_BYTES, MIN_RSA_BITS};
use crate::member::JwkMember;
use crate::provider::KeyMaterial;

/// Octets of the longest number but a key of ML-DSA: a modulus of [`MAX_RSA_BITS`] and the one
/// zero before it that is tolerated. Secrets are no longer.
const LONGEST: usize = 1025;

/// Octets of the longest exponent that is looked at: far more than 33 bits, for the error's sake.
const LONGEST_EXPONENT: usize = 9;

/// Decodes and checks the numbers of a key, and hands them to `use_it`. Buffers that held a
/// secret are overwritten afterwards.
pub(super) fn with_material<T>(
    members: &Members<'_>,
    key_type: KeyType,
    curve: Option<Curve>,
    parameter_set: Option<ParameterSet>,
    use_it: impl FnOnce(&KeyMaterial<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    match (key_type, curve) {
        (KeyType::Akp, _) => {
            let parameter_set = parameter_set.ok_or(Error::JwkAlgorithmMismatch)?;
            let text = required(members.public, JwkMember::Pub)?;
            check_ml_dsa_len(octets(text, JwkMember::Pub)?, parameter_set)?;
            with_ml_dsa(parameter_set, text, use_it)
        }
        // Numbers that nothing in the build can use are not looked at: kilobytes of flash.
        (KeyType::Oct, _) if !cfg!(feature = "hmac") => Err(Error::KeyTypeDisabled),
        (KeyType::Rsa, _) if !cfg!(feature = "rsa") => Err(Error::KeyTypeDisabled),
        (KeyType::Rsa, _) => {
            let mut modulus = [0; LONGEST];
            let mut exponent = [0; LONGEST_EXPONENT];
            let modulus = modulus_of(members.n, &mut modulus)?;
            let exponent = exponent_of(members.e, &mut exponent)?;
            use_it(&KeyMaterial::Rsa { modulus, exponent })
        }
        (KeyType::Okp, _) => {
            let mut point = [0; 32];
            let text = required(members.x, JwkMember::X)?;
            if octets(text, JwkMember::X)? != point.len() {
                return Err(Error::OkpKeyLength);
            }
            let point = check_ed25519(decode(text, JwkMember::X, &mut point)?)?;
            use_it(&KeyMaterial::Ed25519 { point })
        }
        (KeyType::Ec, Some(curve)) => {
            let (mut x, mut y) = ([0; 66], [0; 66]);
            let x = coordinate(members.x, JwkMember::X, curve, &mut x)?;
            let y = coordinate(members.y, JwkMember::Y, curve, &mut y)?;
            use_it(&KeyMaterial::Ec { curve, x, y })
        }
        (KeyType::Ec, None) => Err(Error::CurveUnknown),
        (KeyType::Oct, _) => {
            let text = required(members.k, JwkMember::K)?;
            check_secret_len(octets(text, JwkMember::K)?)?;
            let mut secret = Wiped([0; LONGEST]);
            let secret = decode(text, JwkMember::K, &mut secret.0)?;
            use_it(&KeyMaterial::Symmetric { secret })
        }
    }
}

/// A function of its own, never inlined, so that its large buffer is on nobody else's stack.
#[cfg(feature = "ml-dsa")]
#[inline(never)]
fn with_ml_dsa<T>(
    parameter_set: ParameterSet,
    text: Text<'_>,
    use_it: impl FnOnce(&KeyMaterial<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut public = [0; ParameterSet::MlDsa87.public_key_len()];
    let public = decode(text, JwkMember::Pub, &mut public)?;
    use_it(&KeyMaterial::MlDsa {
        parameter_set,
        public,
    })
}

#[cfg(not(feature = "ml-dsa"))]
fn with_ml_dsa<T>(
    _: ParameterSet,
    _: Text<'_>,
    _: impl FnOnce(&KeyMaterial<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    Err(Error::KeyTypeDisabled)
}

fn modulus_of<'b>(n: Option<Value<'_>>, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
    let text = required(n, JwkMember::N)?;
    check_modulus_len(octets(text, JwkMember::N)?)?;
    check_modulus(decode(text, JwkMember::N, buffer)?)
}

/// Whether a modulus of so many octets may be worth decoding.
fn check_modulus_len(octets: usize) -> Result<(), Error> {
    if octets > LONGEST {
        let bits = u32::try_from(octets).unwrap_or(u32::MAX).saturating_mul(8);
        return Err(Error::RsaModulusSize(bits));
    }
    Ok(())
}

/// The modulus without leading zeros, if it is odd and of a size that is accepted.
pub(super) fn check_modulus(octets: &[u8]) -> Result<&[u8], Error> {
    check_modulus_len(octets.len())?;
    let modulus = without_zero(octets, JwkMember::N)?;
    // Count bits, not octets: a 2041-bit modulus fills 256 octets too.
    let octets = u32::try_from(modulus.len()).map_err(|_| Error::Internal)?;
    let unused = modulus.first().map_or(0, |first| first.leading_zeros());
    let bits = octets.saturating_mul(8).saturating_sub(unused);
    if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
        return Err(Error::RsaModulusSize(bits));
    }
    match modulus.last() {
        Some(last) if last & 1 == 1 => Ok(modulus),
        _ => Err(Error::RsaModulusEven),
    }
}

fn exponent_of(e: Option<Value<'_>>, buffer: &mut [u8]) -> Result<u64, Error> {
    let text = required(e, JwkMember::E)?;
    if octets(text, JwkMember::E)? > buffer.len() {
        return Err(Error::RsaExponent);
    }
    check_exponent(decode(text, JwkMember::E, buffer)?)
}

/// The exponent, if it is odd, at least 3 and below 2^33.
pub(super) fn check_exponent(octets: &[u8]) -> Result<u64, Error> {
    if octets.len() > LONGEST_EXPONENT {
        return Err(Error::RsaExponent);
    }
    let octets = without_zero(octets, JwkMember::E)?;
    if octets.len() > 8 {
        return Err(Error::RsaExponent);
    }
    let exponent = octets
        .iter()
        .fold(0u64, |value, octet| (value << 8) | u64::from(*octet));
    if exponent & 1 == 0 || !(3..1 << 33).contains(&exponent) {
        return Err(Error::RsaExponent);
    }
    Ok(exponent)
}

/// A point of the right length whose y is below the field's prime.
pub(super) fn check_ed25519(octets: &[u8]) -> Result<&[u8; 32], Error> {
    let point = octets.try_into().map_err(|_| Error::OkpKeyLength)?;
    if is_canonical(point) {
        Ok(point)
    } else {
        Err(Error::OkpPoint)
    }
}

/// RFC 7518 section 6.2.1.2: full length, leading zeros included.
pub(super) fn check_coordinate_len(octets: usize, curve: Curve) -> Result<(), Error> {
    if octets == curve.coordinate_len() {
        Ok(())
    } else {
        Err(Error::EcCoordinateLength)
    }
}

/// RFC 9964: `pub` has exactly the length of the parameter set.
pub(super) fn check_ml_dsa_len(octets: usize, set: ParameterSet) -> Result<(), Error> {
    if octets == set.public_key_len() {
        Ok(())
    } else {
        Err(Error::AkpKeyLength)
    }
}

pub(super) fn check_secret_len(octets: usize) -> Result<(), Error> {
    if octets > MAX_SECRET_BYTES {
        Err(Error::SymmetricTooLong)
    } else {
        Ok(())
    }
}

/// Removes one zero octet from the front: Java's BigInteger writes it before a high first bit,
/// against RFC 7518 section 2 ("Base64urlUInt"). A second one is refused.
fn without_zero(octets: &[u8], member: JwkMember) -> Result<&[u8], Error> {
    match octets {
        [0, 0, ..] => Err(Error::JwkMemberBase64(member)),
        [0, rest @ ..] => Ok(rest),
        octets => Ok(octets),
    }
}

fn coordinate<'b>(
    value: Option<Value<'_>>,
    member: JwkMember,
    curve: Curve,
    buffer: &'b mut [u8],
) -> Result<&'b [u8], Error> {
    let text = required(value, member)?;
    check_coordinate_len(octets(text, member)?, curve)?;
    decode(text, member, buffer)
}

/// How many octets a member decodes to. A foreign character, `=` included, is named before the
/// length that it would change: that is what whoever wrote the key has to mend.
fn octets(text: Text<'_>, member: JwkMember) -> Result<usize, Error> {
    let is_base64url = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !text.chars().all(is_base64url) {
        return Err(Error::JwkMemberBase64(member));
    }
    Ok(base64url::decoded_len(text.utf8_len()))
}

/// Whether the y coordinate, without the sign bit of x, is below 2^255 - 19.
fn is_canonical(point: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = point;
    high & 0x7f != 0x7f || middle.iter().any(|octet| *octet != 0xff) || *low < 0xed
}

/// Decodes a base64url member, which may be written with JSON escapes.
fn decode<'b>(text: Text<'_>, member: JwkMember, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
    let refused = |_| Error::JwkMemberBase64(member);
    let decode_octets = match member {
        JwkMember::K => base64url::decode_secret,
        _ => base64url::decode,
    };
    if let Some(plain) = text.as_plain() {
        return decode_octets(plain.as_bytes(), buffer).map_err(refused);
    }
    // Four characters stand for three octets, whatever comes before and after them.
    let mut chars = text.chars();
    let mut len: usize = 0;
    loop {
        let mut group = Wiped([0; 4]);
        let mut filled: usize = 0;
        for (slot, c) in group.0.iter_mut().zip(chars.by_ref()) {
            *slot = u8::try_from(c).map_err(|_| Error::JwkMemberBase64(member))?;
            filled = filled.saturating_add(1);
        }
        // The callers compared the length before: there is room for all of it.
        let group = group.0.get(..filled).ok_or(Error::Internal)?;
        let rest = buffer.get_mut(len..).ok_or(Error::Internal)?;
        len = len.saturating_add(decode_octets(group, rest).map_err(refused)?.len());
        if filled < 4 {
            return buffer.get(..len).ok_or(Error::Internal);
        }
    }
}

/// A buffer that may hold a secret.
pub(super) struct Wiped<const N: usize>(pub(super) [u8; N]);

impl<const N: usize> Drop for Wiped<N> {
    fn drop(&mut self) {
        #[cfg(feature = "hmac")]
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}
