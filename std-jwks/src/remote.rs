//! A key set behind a URL: the handle that services hold.

use std::fmt;
use std::sync::Arc;

use jwtverify_core::{Error as Code, Provider};

use crate::builder::RemoteJwksBuilder;
use crate::diagnosis::{Facts, diagnose, has_more_to_say};
use crate::error::Error;
use crate::provider::DefaultProvider;
use crate::schedule::Want;
use crate::shared::{Settings, Shared, Trouble};
use crate::snapshot::Snapshot;
use crate::status::Status;

/// A key set that is fetched, kept and refreshed.
///
/// Cloning is cheap, all clones share one set, and every method may be called from many threads at
/// once. Nothing is fetched before the first use, so a service starts while its issuer is down.
///
/// * While the set is younger than the ttl (10 minutes), reading it takes no lock and no network.
/// * Then the next caller starts one fetch, however many callers there are. They wait for it up to
///   2 seconds and go on with the old set if it takes longer.
/// * If a refresh fails, the old set stays in use up to 1 hour past the ttl, and attempts are
///   spaced: 1 second, doubling up to 60. A document that is no usable key set is a failure too.
/// * A key that is gone from a fetched set is refused from that moment.
/// * A `kid` that the set lacks causes a fetch at most every 30 seconds, counted by attempts. A
///   signature that does not match never causes one.
///
/// All numbers are settings of the [builder](Self::builder).
///
/// ```no_run
/// use jwtverify_jwks::{Algorithm, JwksVerifier, RemoteJwks, Verifier};
///
/// let remote = RemoteJwks::discover("https://issuer.example")?;
/// let verifier = Verifier::builder()
///     .algorithms([Algorithm::Rs256])
///     .issuer("https://issuer.example")
///     .audience("my-api")
///     .build()?;
/// let verified = JwksVerifier::new(verifier.into_owned(), remote).verify("eyJ...")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RemoteJwks<P: Provider = DefaultProvider> {
    shared: Arc<Shared<P>>,
}

impl RemoteJwks {
    /// A key set at this URL: https, or http to a loopback host.
    ///
    /// # Errors
    /// `MisuseUrl` if the URL may not be fetched. The network is not touched.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        Self::builder().url(url).build()
    }

    /// The key set that the issuer's discovery document names (OpenID Connect Discovery 1.0
    /// section 4).
    ///
    /// # Errors
    /// `MisuseUrl` if the issuer is no URL that may be fetched. The network is not touched.
    pub fn discover(issuer: &str) -> Result<Self, Error> {
        Self::builder().issuer(issuer).build()
    }

    /// All settings.
    pub fn builder() -> RemoteJwksBuilder {
        RemoteJwksBuilder::new()
    }
}

impl<P: Provider> RemoteJwks<P> {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            shared: Arc::new(Shared::new(settings)),
        }
    }

    /// The set that is held now, whatever its age. Never fetches and never waits.
    pub fn snapshot(&self) -> Option<Arc<Snapshot<P>>> {
        self.shared.held.load_full()
    }

    /// A set that may be used now. Fetches on first use and when the ttl is over.
    ///
    /// # Errors
    /// An `Unavailable*` error, with [`Error::retry_after`], if there is no usable set.
    pub fn keys(&self) -> Result<Arc<Snapshot<P>>, Error> {
        if let Some(held) = self.snapshot()
            && self.shared.is_young(&held)
        {
            return Ok(held);
        }
        match self.shared.obtain(Want::Keys, self.shared.deadline()) {
            Ok(obtained) => Ok(obtained.snapshot),
            Err(trouble) => Err(self.explain(trouble, &[])),
        }
    }

    /// A set that has a usable key with this `kid`, fetched anew if the set that is held lacks it
    /// and a fetch is allowed.
    ///
    /// # Errors
    /// `KeyNotFound` if the issuer was asked and does not have it; `UnavailableUnchecked` if it may
    /// not be asked yet; another `Unavailable*` error if there is no usable set.
    pub fn keys_with(&self, kid: &str) -> Result<Arc<Snapshot<P>>, Error> {
        let with_kid = |snapshot: &Arc<Snapshot<P>>| {
            let mut kids = snapshot.key_set().kids();
            let found = kids.any(|known| known == kid);
            if found {
                Ok(Arc::clone(snapshot))
            } else {
                Err(Code::KeyNotFound)
            }
        };
        let found = self.shared.resolve(with_kid, || None);
        found.map_err(|trouble| self.explain_kid(trouble, kid))
    }

    /// Fetches now, whatever the age of the set, or joins the fetch that is on its way. It does not
    /// count against the budget for unknown kids.
    ///
    /// Never call it because of a token: whoever sends tokens would decide how often the issuer
    /// is asked.
    ///
    /// # Errors
    /// An `Unavailable*` error if the fetch fails. The old set stays in use.
    pub fn refresh(&self) -> Result<Arc<Snapshot<P>>, Error> {
        match self.shared.obtain(Want::Refresh, self.shared.deadline()) {
            Ok(obtained) => Ok(obtained.snapshot),
            Err(trouble) => Err(self.explain(trouble, &[])),
        }
    }

    /// What is held, how the last fetch went, and when the next one may be made.
    pub fn status(&self) -> Status {
        self.shared.status()
    }

    pub(crate) fn shared(&self) -> &Arc<Shared<P>> {
        &self.shared
    }

    pub(crate) fn explain(&self, trouble: Trouble<P>, token: &[u8]) -> Error {
        if !has_more_to_say(trouble.error) {
            return Error::new(trouble.error, trouble.retry_after, None);
        }
        let facts = self.shared.facts(&trouble);
        let keys = trouble.snapshot.as_deref().map(Snapshot::key_set);
        let diagnosis = diagnose(trouble.error, token, keys, &facts);
        Error::new(trouble.error, trouble.retry_after, diagnosis)
    }

    fn explain_kid(&self, trouble: Trouble<P>, kid: &str) -> Error {
        let facts = Facts {
            kid: Some(kid.to_owned()),
            ..self.shared.facts(&trouble)
        };
        let keys = trouble.snapshot.as_deref().map(Snapshot::key_set);
        let diagnosis = diagnose(trouble.error, &[], keys, &facts);
        Error::new(trouble.error, trouble.retry_after, diagnosis)
    }
}

impl<P: Provider> Clone for RemoteJwks<P> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<P: Provider> fmt::Debug for RemoteJwks<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteJwks")
            .field("source", &self.shared.source)
            .field("held", &self.snapshot())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
