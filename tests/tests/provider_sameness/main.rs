//! The verdict never depends on the provider: the portable one, AWS-LC, and tables over either,
//! side by side.
//!
//! The providers are asked directly, below the checks of lengths that core makes before them, so
//! that they have to agree on more than they are ever asked. Keys and messages are new in each
//! run; a failure prints the input.

mod ecdsa;
mod ed25519;
mod hmac;
mod integers;
mod keys;
mod rsa;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use jwtverify_core::{Algorithm, Error, KeyMaterial, Precomputed, Provider, RustCrypto};
use jwtverify_jwks::AwsLc;

/// Tables from the first use on.
type Eager<P> = Precomputed<P, 0>;

/// One key, prepared by each.
pub(crate) struct Pair {
    portable: <RustCrypto as Provider>::Key,
    fast: <AwsLc as Provider>::Key,
    warm: <Eager<RustCrypto> as Provider>::Key,
    warm_fast: <Eager<AwsLc> as Provider>::Key,
}

impl Pair {
    /// Panics if one takes the key and another does not, or if the reasons differ; and if there
    /// should be tables, and are none.
    #[track_caller]
    pub(crate) fn prepare(material: &KeyMaterial<'_>) -> Result<Self, Error> {
        let warm = (Eager::prepare(material), Eager::prepare(material));
        match (
            RustCrypto::prepare(material),
            AwsLc::prepare(material),
            warm,
        ) {
            (Ok(portable), Ok(fast), (Ok(warm), Ok(warm_fast))) => {
                let key = Self {
                    portable,
                    fast,
                    warm,
                    warm_fast,
                };
                assert!(Eager::<RustCrypto>::warm(&key.warm), "{}", shown(material));
                assert!(Eager::<AwsLc>::warm(&key.warm_fast), "{}", shown(material));
                Ok(key)
            }
            (portable, fast, (warm, warm_fast)) => {
                let error = portable.err();
                let others = [fast.err(), warm.err(), warm_fast.err()];
                assert_eq!(others, [error; 3], "of {}", shown(material));
                Err(error.unwrap())
            }
        }
    }

    /// The verdict. Panics if there are two.
    #[track_caller]
    pub(crate) fn accepts(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let portable = RustCrypto::verify(&self.portable, algorithm, message, signature).is_ok();
        let others = [
            AwsLc::verify(&self.fast, algorithm, message, signature),
            Eager::<RustCrypto>::verify(&self.warm, algorithm, message, signature),
            Eager::<AwsLc>::verify(&self.warm_fast, algorithm, message, signature),
        ];
        assert_eq!(
            others.map(|verdict| verdict.is_ok()),
            [portable; 3],
            "{algorithm}, message {}, signature {}",
            hex(message),
            hex(signature)
        );
        portable
    }

    /// Whether both are the same key. Panics if there are two answers.
    #[track_caller]
    pub(crate) fn is(&self, other: &Self) -> bool {
        let portable = RustCrypto::same(&self.portable, &other.portable);
        assert_eq!(portable, AwsLc::same(&self.fast, &other.fast));
        assert_eq!(portable, Eager::<RustCrypto>::same(&self.warm, &other.warm));
        portable
    }

    /// A good signature, then everything that may become of one; and no other algorithm.
    #[track_caller]
    pub(crate) fn check_damage(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) {
        assert!(self.accepts(algorithm, message, signature), "{algorithm}");
        for damaged in damaged(signature) {
            assert!(!self.accepts(algorithm, message, &damaged), "{algorithm}");
        }
        for other in [&[], b"x".as_slice(), &message[..message.len() / 2]] {
            if other != message {
                assert!(!self.accepts(algorithm, other, signature), "{algorithm}");
            }
        }
        let others = Algorithm::ALL.iter().filter(|other| {
            // EdDSA and Ed25519 are two names of one.
            other.scheme() != algorithm.scheme()
        });
        for other in others {
            assert!(!self.accepts(*other, message, signature), "{other}");
        }
    }
}

/// One bit of each octet, every length around the right one, constants, and swapped halves.
fn damaged(signature: &[u8]) -> Vec<Vec<u8>> {
    let len = signature.len();
    let mut all = vec![vec![], vec![0; len], vec![0xff; len]];
    for place in 0..len {
        let mut flipped = signature.to_vec();
        flipped[place] ^= 1 << (place % 8);
        all.push(flipped);
    }
    for short in [1, len / 2, len - 1] {
        all.push(signature[..short].to_vec());
        all.push(signature[len - short..].to_vec());
    }
    for octet in [0, 1, 0xff] {
        all.push([signature, &[octet]].concat());
        all.push([&[octet], signature].concat());
    }
    let (left, right) = signature.split_at(len / 2);
    all.push([right, left].concat());
    all.push([signature, signature].concat());
    all.retain(|damaged| damaged != signature);
    all
}

/// Lengths on both sides of the digests' blocks, and of a usual token.
pub(crate) const LENGTHS: [usize; 14] = [
    0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 684, 10_000,
];

pub(crate) fn random(len: usize) -> Vec<u8> {
    let mut octets = vec![0; len];
    SystemRandom::new().fill(&mut octets).unwrap();
    octets
}

pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2));
    let octet = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(octet).collect()
}

fn shown(material: &KeyMaterial<'_>) -> String {
    match material {
        KeyMaterial::Ec { curve, x, y } => format!("{curve:?} {} {}", hex(x), hex(y)),
        KeyMaterial::Ed25519 { point } => format!("Ed25519 {}", hex(*point)),
        KeyMaterial::Rsa { modulus, exponent } => format!("RSA {} {exponent}", hex(modulus)),
        KeyMaterial::Symmetric { secret } => format!("secret {}", hex(secret)),
        _ => "a key of another kind".into(),
    }
}
