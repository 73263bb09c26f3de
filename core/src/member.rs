//! The members of headers and JWKs that an error names.

use core::fmt;

/// A header member that must be a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeaderMember {
    /// `alg`, RFC 7515 section 4.1.1
    Alg,
    /// `cty`, RFC 7515 section 4.1.10
    Cty,
    /// `kid`, RFC 7515 section 4.1.4
    Kid,
    /// `typ`, RFC 7515 section 4.1.9
    Typ,
}

impl HeaderMember {
    /// The name of the member.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alg => "alg",
            Self::Cty => "cty",
            Self::Kid => "kid",
            Self::Typ => "typ",
        }
    }
}

impl fmt::Display for HeaderMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A member of a JWK that an [`Error`](crate::Error) speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JwkMember {
    /// `alg`, RFC 7517 section 4.4
    Alg,
    /// `crv`, RFC 7518 section 6.2.1.1
    Crv,
    /// `e`, RFC 7518 section 6.3.1.2
    E,
    /// `k`, RFC 7518 section 6.4.1
    K,
    /// `key_ops`, RFC 7517 section 4.3
    KeyOps,
    /// `kid`, RFC 7517 section 4.5
    Kid,
    /// `kty`, RFC 7517 section 4.1
    Kty,
    /// `n`, RFC 7518 section 6.3.1.1
    N,
    /// `pub`, RFC 9964
    Pub,
    /// `use`, RFC 7517 section 4.2
    Use,
    /// `x`, RFC 7518 section 6.2.1.2
    X,
    /// `y`, RFC 7518 section 6.2.1.3
    Y,
}

impl JwkMember {
    /// The name of the member.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alg => "alg",
            Self::Crv => "crv",
            Self::E => "e",
            Self::K => "k",
            Self::KeyOps => "key_ops",
            Self::Kid => "kid",
            Self::Kty => "kty",
            Self::N => "n",
            Self::Pub => "pub",
            Self::Use => "use",
            Self::X => "x",
            Self::Y => "y",
        }
    }
}

impl fmt::Display for JwkMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
