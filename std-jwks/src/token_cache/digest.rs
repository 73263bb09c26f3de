//! SHA-256 by whichever library this build verifies with.

/// The digest of a token's text.
#[cfg(feature = "aws-lc")]
pub(super) fn sha256(text: &[u8]) -> [u8; 32] {
    use aws_lc_rs::digest::{SHA256, digest};

    let mut octets = [0; 32];
    let digest = digest(&SHA256, text);
    for (octet, computed) in octets.iter_mut().zip(digest.as_ref()) {
        *octet = *computed;
    }
    octets
}

/// The digest of a token's text.
#[cfg(not(feature = "aws-lc"))]
pub(super) fn sha256(text: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};

    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fips_180_4_example() {
        let digest = sha256(b"abc");
        assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(digest[28..], [0xf2, 0x00, 0x15, 0xad]);
    }
}
