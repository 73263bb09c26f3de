//! A key set behind a URL: the handle that services hold.

#[cfg(feature = "async")]
mod asynchronous;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jwtverify_core::{Error as Code, Provider};

use crate::builder::RemoteJwksBuilder;
use crate::diagnosis::{Facts, diagnose, has_more_to_say};
use crate::engine::Want;
use crate::error::Error;
use crate::provider::DefaultProvider;
use crate::resolve::{Call, Trouble};
use crate::shared::Shared;
use crate::snapshot::Snapshot;
use crate::status::Status;
use crate::waiting::{Caller, OnThread, here};

/// A key set that is fetched, kept and refreshed.
///
/// Cloning is cheap, all clones share one set, and every method may be called from many threads at
/// once. Nothing is fetched before the first use, so a service starts while its issuer is down.
///
/// * While the set is young, reading it takes no lock and no network. At 80 % of its ttl a newer one
///   is fetched beside the callers: under traffic nobody ever waits for a refresh.
/// * The ttl is the `max-age` of the answer, between 1 minute and 1 hour, or 10 minutes if there is
///   none. Refreshes ask with the `ETag` of the set that is held, and a 304 renews it.
/// * Where nobody called until the ttl was over, the next caller starts one fetch, however many
///   callers there are. They wait for it up to 2 seconds and go on with the old set if it takes
///   longer.
/// * If a refresh fails, the old set stays in use up to 1 hour past the ttl
///   ([`Snapshot::is_stale`]), and attempts are spaced: 1 second, doubling up to 60. A document that
///   is no usable key set is a failure too.
/// * A key that is gone from a fetched set is refused from that moment.
/// * A `kid` that the set lacks causes a fetch: two at once, then one every 30 seconds, counted by
///   attempts, and none within 5 seconds of another fetch. One that was looked for and is not there
///   causes no other for 5 seconds, then 15, up to 5 minutes. A signature that does not match never
///   causes one.
///
/// All numbers are settings of the [builder](Self::builder); [`engine`](crate::engine) decides.
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
    wait: Option<Duration>,
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
    pub(crate) fn new(shared: Shared<P>) -> Self {
        Self {
            shared: Arc::new(shared),
            wait: None,
        }
    }

    /// The same key set, for callers that wait no longer than this. Zero means that they never wait:
    /// they start the fetch that is needed, and fail with `UnavailableTimeout` until it has ended.
    ///
    /// It is cheap, so that a service can make one for each request from what is left of its time.
    #[must_use]
    pub fn with_wait(&self, wait: Duration) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            wait: Some(wait),
        }
    }

    /// The set that is held now, whatever its age. Never fetches and never waits.
    pub fn snapshot(&self) -> Option<Arc<Snapshot<P>>> {
        self.shared.held.load_full()
    }

    /// The set that is held, if it may be used now without asking the issuer first. Never waits; a
    /// refresh that is due is started beside the caller.
    ///
    /// For a caller that must not block, such as one in an event loop: where there is none,
    /// [`keys`](Self::keys) gets one, elsewhere.
    pub fn ready(&self) -> Option<Arc<Snapshot<P>>> {
        self.snapshot()
            .filter(|held| self.shared.is_ready(held, Caller::Thread))
    }

    /// A set that may be used now. Fetches on first use and when the ttl is over.
    /// [`Snapshot::is_stale`] tells one that is used because the issuer can't be asked.
    ///
    /// # Errors
    /// An `Unavailable*` error, with [`Error::retry_after`], if there is no usable set.
    pub fn keys(&self) -> Result<Arc<Snapshot<P>>, Error> {
        if let Some(ready) = self.ready() {
            return Ok(ready);
        }
        match here(self.shared.obtain(&OnThread, Want::Keys, self.deadline())) {
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
        let call = Call {
            kid: &|| Some(kid.to_owned()),
            hopeless: &|| None,
            wait: self.wait,
        };
        let found = self.shared.resolve(&call, having(kid));
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
        // What the program brought along can't be newer.
        if self.shared.source.is_static() {
            return self.keys();
        }
        match here(
            self.shared
                .obtain(&OnThread, Want::Refresh, self.deadline()),
        ) {
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

    /// The longest wait of callers, if it is not that of the settings.
    pub(crate) fn wait(&self) -> Option<Duration> {
        self.wait
    }

    fn deadline(&self) -> Option<Instant> {
        self.shared.deadline(self.wait)
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

/// Takes a set that has this kid.
fn having<P: Provider>(
    kid: &str,
) -> impl FnMut(&Arc<Snapshot<P>>) -> Result<Arc<Snapshot<P>>, Code> {
    move |snapshot| {
        let mut kids = snapshot.key_set().kids();
        if kids.any(|known| known == kid) {
            Ok(Arc::clone(snapshot))
        } else {
            Err(Code::KeyNotFound)
        }
    }
}

impl<P: Provider> Clone for RemoteJwks<P> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            wait: self.wait,
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
