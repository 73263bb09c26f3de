//! ML-DSA (FIPS 204) with the empty context string, as RFC 9964 has it.
//!
//! The matrix that a public key stands for has up to 56 KiB. With a heap it is expanded once, and
//! a key here is a few pointers to it. Without one the key stays as it was published, and each
//! verification expands it on the stack: 115, 174 or 277 KiB by parameter set, against 70 KiB with
//! a heap (x86-64, optimised).

use ml_dsa::{
    EncodedVerifyingKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Signature, Verifier, VerifyingKey,
};

use super::InvalidSignature;
use crate::algorithm::ParameterSet;
use crate::error::Error;

/// A public key of one parameter set.
#[cfg_attr(
    not(feature = "alloc"),
    allow(clippy::large_enum_variant, reason = "there is no heap to put it on")
)]
#[derive(PartialEq)]
pub(super) enum MlDsaKey {
    MlDsa44(Held<MlDsa44>),
    MlDsa65(Held<MlDsa65>),
    MlDsa87(Held<MlDsa87>),
}

#[cfg(feature = "alloc")]
type Held<P> = VerifyingKey<P>;
#[cfg(not(feature = "alloc"))]
type Held<P> = EncodedVerifyingKey<P>;

impl MlDsaKey {
    // Not inlined, here and below: what this needs of the stack is of no concern to other keys.
    #[inline(never)]
    pub(super) fn new(set: ParameterSet, public: &[u8]) -> Result<Self, Error> {
        Ok(match set {
            ParameterSet::MlDsa44 => Self::MlDsa44(hold::<MlDsa44>(public)?),
            ParameterSet::MlDsa65 => Self::MlDsa65(hold::<MlDsa65>(public)?),
            ParameterSet::MlDsa87 => Self::MlDsa87(hold::<MlDsa87>(public)?),
        })
    }

    pub(super) fn verify(
        &self,
        set: ParameterSet,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        match (self, set) {
            (Self::MlDsa44(key), ParameterSet::MlDsa44) => {
                verify::<MlDsa44>(key, message, signature)
            }
            (Self::MlDsa65(key), ParameterSet::MlDsa65) => {
                verify::<MlDsa65>(key, message, signature)
            }
            (Self::MlDsa87(key), ParameterSet::MlDsa87) => {
                verify::<MlDsa87>(key, message, signature)
            }
            _ => Err(InvalidSignature),
        }
    }
}

fn hold<P: MlDsaParams>(public: &[u8]) -> Result<Held<P>, Error> {
    // The length was checked before: that it does not fit can't be.
    let encoded = EncodedVerifyingKey::<P>::try_from(public).map_err(|_| Error::Internal)?;
    #[cfg(feature = "alloc")]
    let encoded = VerifyingKey::decode(&encoded);
    Ok(encoded)
}

#[inline(never)]
fn verify<P: MlDsaParams>(
    key: &Held<P>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), InvalidSignature> {
    let signature = Signature::<P>::try_from(signature).map_err(|_| InvalidSignature)?;
    #[cfg(not(feature = "alloc"))]
    let key = &VerifyingKey::<P>::decode(key);
    key.verify(message, &signature)
        .map_err(|_| InvalidSignature)
}

#[cfg(test)]
mod tests {
    use ml_dsa::{Keypair, SigningKey};

    use super::*;

    /// What the crate signs it verifies, through our path. Whether others agree with it is for
    /// the suites of the tests crate: there aws-lc-rs signs.
    fn round_trip<P: MlDsaParams>(set: ParameterSet) {
        let signer = SigningKey::<P>::from_seed(&[7; 32].into());
        let public = signer.verifying_key().encode();
        assert_eq!(public.len(), set.public_key_len());
        let sign = |message: &[u8], context: &[u8]| {
            let signature = signer.expanded_key().sign_deterministic(message, context);
            signature.unwrap().encode().to_vec()
        };
        let signature = sign(b"message", b"");
        assert_eq!(signature.len(), set.signature_len());

        let key = MlDsaKey::new(set, &public).unwrap();
        let verify = |message: &[u8], signature: &[u8]| key.verify(set, message, signature);
        assert_eq!(verify(b"message", &signature), Ok(()));
        assert_eq!(verify(b"massage", &signature), Err(InvalidSignature));
        let with_context = sign(b"message", b"context");
        assert_eq!(verify(b"message", &with_context), Err(InvalidSignature));
        for place in [0, signature.len() / 2, signature.len() - 1] {
            let mut bent = signature.clone();
            bent[place] ^= 1;
            assert_eq!(verify(b"message", &bent), Err(InvalidSignature), "{place}");
        }
        let short = &signature[1..];
        assert_eq!(verify(b"message", short), Err(InvalidSignature));
        for other in [
            ParameterSet::MlDsa44,
            ParameterSet::MlDsa65,
            ParameterSet::MlDsa87,
        ] {
            let fits = other == set;
            let verdict = key.verify(other, b"message", &signature);
            assert_eq!(verdict.is_ok(), fits, "{other:?}");
            assert_eq!(MlDsaKey::new(other, &public).is_ok(), fits, "{other:?}");
        }
    }

    #[test]
    fn fips204_each_parameter_set_verifies_its_own_signatures_alone() {
        round_trip::<MlDsa44>(ParameterSet::MlDsa44);
        round_trip::<MlDsa65>(ParameterSet::MlDsa65);
        round_trip::<MlDsa87>(ParameterSet::MlDsa87);
    }

    #[cfg(feature = "alloc")]
    #[test]
    fn with_a_heap_a_key_is_small() {
        assert!(size_of::<MlDsaKey>() <= 64, "{}", size_of::<MlDsaKey>());
    }
}
