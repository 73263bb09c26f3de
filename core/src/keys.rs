//! Where a verifier finds its key: a set, or one key that the caller has chosen.

use crate::error::Error;
use crate::jwk::Key;
use crate::policy::Permitted;
use crate::provider::Provider;

pub trait Sealed {}

/// Keys to verify with: a `KeySet`, a [`FixedKeySet`](crate::FixedKeySet), or a single [`Key`].
///
/// Selection gives exactly one key or an error, and never tries one key after another. A single
/// `Key` stands for a choice that the caller has made: the token's `kid` is not looked at, its
/// algorithm is.
pub trait Keys: Sealed {
    /// The provider that the keys are prepared for.
    type Provider: Provider;

    /// The one key for a header that the policy has permitted.
    ///
    /// # Errors
    /// [`Error::KeyNotFound`], [`Error::KeyAmbiguous`], [`Error::KeyMismatch`],
    /// [`Error::KeyNoneFits`]
    fn select(&self, permitted: &Permitted<'_>) -> Result<&Key<Self::Provider>, Error>;
}

impl<P: Provider> Sealed for Key<P> {}

impl<P: Provider> Keys for Key<P> {
    type Provider = P;

    fn select(&self, permitted: &Permitted<'_>) -> Result<&Self, Error> {
        if self.algorithms().contains(permitted.algorithm()) {
            Ok(self)
        } else {
            Err(Error::KeyMismatch)
        }
    }
}
