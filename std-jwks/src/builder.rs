//! The settings of a [`RemoteJwks`].

mod sources;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jwtverify_core::{Error as Code, Provider, limits};

use crate::carrier::Carrier;
use crate::clock::{Clock, SystemClock};
use crate::document::Limits;
use crate::engine::Timing;
use crate::error::Error;
use crate::event::{Event, Listeners};
use crate::fetch::Fetch;
use crate::http::HttpFetch;
use crate::remote::RemoteJwks;
use crate::shared::{Settings, Shared};
use crate::source::Source;
use crate::store::{FileStore, Keeper, SnapshotStore};
use sources::{Given, Origin};

/// The longest time for a connection, TLS included.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest time for a fetch, discovery included.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

/// What a caller waits beyond the timeout, so that it hears the reason and not only "too late".
const WAIT_SLACK: Duration = Duration::from_millis(250);

/// After the timeout, how long until a fetch that did not come back counts as lost.
const FLIGHT_SLACK: Duration = Duration::from_secs(1);

/// The bounds of the settings, in whole units so that a mistake is found when it is made.
const MAX_TIMEOUT: Duration = Duration::from_secs(60);
const MAX_WAIT: Duration = Duration::from_secs(120);
const MAX_BYTES: usize = 16 * 1024 * 1024;
const MAX_KEYS: usize = 10_000;

/// Builds a [`RemoteJwks`]. Nothing is fetched before the first use.
///
/// One source must be named: [`url`](Self::url), [`urls`](Self::urls), [`issuer`](Self::issuer),
/// [`authorization_server`](Self::authorization_server), [`file`](Self::file) or
/// [`jwks`](Self::jwks). Everything else has a default.
///
/// ```
/// use std::time::Duration;
/// use jwtverify_jwks::RemoteJwks;
///
/// let remote = RemoteJwks::builder()
///     .url("https://issuer.example/jwks.json")
///     .ttl(Duration::from_secs(300))
///     .build()?;
/// # Ok::<(), jwtverify_jwks::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct RemoteJwksBuilder {
    sources: Vec<Given>,
    timing: Timing,
    /// The ttl was chosen, and not only what an answer may give.
    ttl_is_chosen: bool,
    max_ttl_is_chosen: bool,
    connect_timeout: Duration,
    timeout: Duration,
    wait: Option<Duration>,
    max_bytes: usize,
    max_keys: usize,
    roots: Vec<Vec<u8>>,
    fetch: Option<Carrier>,
    clock: Arc<dyn Clock>,
    listeners: Listeners,
    store: Option<Arc<dyn SnapshotStore>>,
    #[cfg(feature = "metrics")]
    metrics: bool,
    #[cfg(feature = "tracing")]
    tracing: bool,
}

impl RemoteJwksBuilder {
    pub(crate) fn new() -> Self {
        Self {
            sources: Vec::new(),
            timing: Timing::default(),
            ttl_is_chosen: false,
            max_ttl_is_chosen: false,
            connect_timeout: CONNECT_TIMEOUT,
            timeout: TIMEOUT,
            wait: None,
            max_bytes: limits::MAX_KEY_SET_BYTES,
            max_keys: limits::MAX_KEYS,
            roots: Vec::new(),
            fetch: None,
            clock: Arc::new(SystemClock),
            listeners: Listeners::default(),
            store: None,
            #[cfg(feature = "metrics")]
            metrics: false,
            #[cfg(feature = "tracing")]
            tracing: false,
        }
    }

    /// The URL of the key set: https, or http to a loopback host; without user info and fragment.
    pub fn url(mut self, url: &str) -> Self {
        self.sources.push(Given::Url(url.to_owned()));
        self
    }

    /// Several URLs of one issuer's key set, up to 8, the preferred one first.
    ///
    /// A fetch asks them in this order until one has a usable set, and gives each an equal share of
    /// the time that is left. All are trusted alike: the least protected of them decides who can
    /// make tokens.
    pub fn urls<'u>(mut self, urls: impl IntoIterator<Item = &'u str>) -> Self {
        let urls = urls.into_iter().map(str::to_owned).collect();
        self.sources.push(Given::Urls(urls));
        self
    }

    /// The issuer whose discovery document names the URL of the key set (OpenID Connect Discovery
    /// 1.0). The document's `issuer` must equal this text byte for byte.
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.sources.push(Given::Issuer(issuer.to_owned()));
        self
    }

    /// The issuer whose authorization server metadata names the URL of the key set (RFC 8414): for
    /// OAuth 2.0 servers that are no OpenID providers. The document is at
    /// `/.well-known/oauth-authorization-server` between the issuer's host and its path, and its
    /// `issuer` must equal this text byte for byte.
    pub fn authorization_server(mut self, issuer: &str) -> Self {
        self.sources
            .push(Given::AuthorizationServer(issuer.to_owned()));
        self
    }

    /// A file that holds the key set, on a disk whose owner you trust with it. It is read as often
    /// as a URL would be asked, so that a change is seen within the ttl, or by the first token of a
    /// new key. One that is missing or unusable is a failed fetch.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.push(Given::File(path.into()));
        self
    }

    /// The key set itself, for programs that bring it along or get it by another way. Nothing is
    /// ever fetched and it never ages; a `kid` that it lacks is `KeyNotFound`. Symmetric keys and
    /// private parts are left out, as from the network.
    pub fn jwks(mut self, document: impl Into<Vec<u8>>) -> Self {
        self.sources.push(Given::Jwks(document.into()));
        self
    }

    /// How long a set is used without asking again, where the answer does not say: 10 minutes. From
    /// 1 second to 1 day.
    ///
    /// If you set it, it is also the most that the `max-age` of an answer can give, unless you set
    /// [`max_ttl`](Self::max_ttl) as well: a removed key lives no longer than you said.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.timing.ttl = ttl;
        self.ttl_is_chosen = true;
        self
    }

    /// Whether `max-age` of the answer (RFC 9111), less its `Age`, takes the place of the ttl: yes.
    pub fn cache_control(mut self, obey: bool) -> Self {
        self.timing.cache_control = obey;
        self
    }

    /// The least ttl that `max-age` can give: 60 seconds. From 1 second to 1 day.
    pub fn min_ttl(mut self, min_ttl: Duration) -> Self {
        self.timing.min_ttl = min_ttl;
        self
    }

    /// The greatest ttl that `max-age` can give: 1 hour. From the least one to 1 day.
    pub fn max_ttl(mut self, max_ttl: Duration) -> Self {
        self.timing.max_ttl = max_ttl;
        self.max_ttl_is_chosen = true;
        self
    }

    /// How long after the ttl a set is used while the issuer cannot be reached: 1 hour. At most 7
    /// days; zero means that an issuer which is down takes its verifiers down.
    pub fn max_stale(mut self, max_stale: Duration) -> Self {
        self.timing.max_stale = max_stale;
        self
    }

    /// How long callers wait for the refresh of a set that nobody refreshed in time: 2 seconds. Then
    /// they go on with the old set. Zero means that no caller waits, and the first ones after an
    /// idle time see the old set. At most 60 seconds.
    pub fn stale_wait(mut self, stale_wait: Duration) -> Self {
        self.timing.stale_wait = stale_wait;
        self
    }

    /// The time in which one more fetch for an unknown kid is allowed, after the first two: 30
    /// seconds. From 1 second to 1 day.
    pub fn miss_interval(mut self, miss_interval: Duration) -> Self {
        self.timing.miss_interval = miss_interval;
        self
    }

    /// The least time from any fetch to one for an unknown kid: 5 seconds. At most 1 hour.
    pub fn miss_spacing(mut self, miss_spacing: Duration) -> Self {
        self.timing.miss_spacing = miss_spacing;
        self
    }

    /// Requests that are made anew within one fetch, after 100 to 300 milliseconds, if the failure
    /// may be chance (no connection, 408, 429 or 5xx without `Retry-After`): 1. At most 3.
    pub fn retries(mut self, retries: u32) -> Self {
        self.timing.retries = retries;
        self
    }

    /// All numbers of the engine at once; [`Timing`] has those that have no method here. What was
    /// set before is replaced, and `flight_limit` follows from [`timeout`](Self::timeout).
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        (self.ttl_is_chosen, self.max_ttl_is_chosen) = (false, false);
        self
    }

    /// The longest time for a connection, TLS included: 2 seconds. At most 60.
    pub fn connect_timeout(mut self, connect_timeout: Duration) -> Self {
        self.connect_timeout = connect_timeout;
        self
    }

    /// The longest time for a fetch, discovery included: 5 seconds. At most 60.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long one call waits for keys when there are none: a little longer than the timeout, by
    /// default. Zero means that no call waits: it starts a fetch and fails until that has ended.
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// The longest key-set or discovery document, in octets: 512 KiB. At most 16 MiB.
    pub fn max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// The most keys of a set: 100. At most 10 000.
    pub fn max_keys(mut self, max_keys: usize) -> Self {
        self.max_keys = max_keys;
        self
    }

    /// A root certificate to trust, PEM or DER, for an issuer behind a private certificate
    /// authority. May be called several times. The public authorities are then not trusted.
    pub fn root_certificate(mut self, certificate: impl Into<Vec<u8>>) -> Self {
        self.roots.push(certificate.into());
        self
    }

    /// A transport of your own instead of [`HttpFetch`].
    pub fn fetch(mut self, fetch: Arc<dyn Fetch>) -> Self {
        self.fetch = Some(Carrier::Blocking(fetch));
        self
    }

    /// A transport that does not block, such as [`AsyncHttpFetch`](crate::AsyncHttpFetch), in place
    /// of [`HttpFetch`].
    ///
    /// A fetch that an asynchronous caller starts is a task of its runtime. One that a blocking
    /// caller starts has a thread and a small runtime of its own. Whoever wants their requests made
    /// by tokio needs this; asynchronous callers do not: with the built-in transport a fetch has a
    /// thread of its own, and they wait for it without blocking.
    #[cfg(feature = "async")]
    pub fn fetch_async(mut self, fetch: Arc<dyn crate::fetch::AsyncFetch>) -> Self {
        self.fetch = Some(Carrier::Async(fetch));
        self
    }

    /// Keeps the last good set in this file, so that a restart while the issuer is down begins with
    /// it. [`FileStore`] says how the file is written and which files are refused.
    ///
    /// The age of the set goes on by the wall clock while no process runs, so a set from the file is
    /// used no longer than one that was held: up to its ttl, and while the issuer is down for
    /// [`max_stale`](Self::max_stale) more. A snapshot that is damaged, too old, from the future or
    /// of another source is not used; [`Status::store`](crate::Status::store) says why. The next
    /// fetch asks for the whole set, whatever the file holds.
    ///
    /// ```
    /// use jwtverify_jwks::RemoteJwks;
    ///
    /// let remote = RemoteJwks::builder()
    ///     .url("https://issuer.example/jwks.json")
    ///     .snapshot_file("/var/lib/my-service/keys")
    ///     .build()?;
    /// assert!(!remote.status().store.unwrap().loaded);
    /// # Ok::<(), jwtverify_jwks::Error>(())
    /// ```
    pub fn snapshot_file(self, path: impl Into<PathBuf>) -> Self {
        self.store(Arc::new(FileStore::new(path)))
    }

    /// The same with a store of your own.
    pub fn store(mut self, store: Arc<dyn SnapshotStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// Clocks of your own instead of the system's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Tells this listener every [`Event`]. May be called several times; each listener
    /// hears everything, in the order in which they were given.
    ///
    /// It is called on the thread or in the task where the event happens, a caller's or a fetch's,
    /// and holds no lock, so it may use the key set; but it should be quick, since somebody waits.
    /// Events of one fetch come in their order; those of several threads may overtake each other. A
    /// listener that panics does no harm.
    ///
    /// ```
    /// use jwtverify_jwks::{Event, RemoteJwks};
    ///
    /// let remote = RemoteJwks::builder()
    ///     .url("https://issuer.example/jwks.json")
    ///     .on_event(|event| {
    ///         if let Event::SetChanged { added, removed, .. } = event {
    ///             println!("new keys: {added:?}, withdrawn: {removed:?}");
    ///         }
    ///     })
    ///     .build()?;
    /// # Ok::<(), jwtverify_jwks::Error>(())
    /// ```
    pub fn on_event(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    /// Hands every [`Event`] to `tracing`, under the target `jwtverify::jwks`.
    #[cfg(feature = "tracing")]
    pub fn trace(mut self) -> Self {
        self.tracing = true;
        self
    }

    /// Counts [`Event`]s with `metrics`, under names that begin with
    /// `jwtverify_jwks_`.
    #[cfg(feature = "metrics")]
    pub fn measure(mut self) -> Self {
        self.metrics = true;
        self
    }

    /// Checks the settings, and loads the snapshot if there is a store for one. No network and no
    /// other file is touched. The keys are verified with by
    /// [`DefaultProvider`](crate::DefaultProvider).
    ///
    /// # Errors
    /// `MisuseUrl` for a URL or issuer that may not be fetched, or for no source; `MisuseTwice` for
    /// two sources, for root certificates together with a transport of your own, and for either or
    /// a store with a source that is not on the network; `MisuseArgument` for a number out of its range or a root
    /// certificate that is none; the error of a key set that was given and is none.
    pub fn build(self) -> Result<RemoteJwks, Error> {
        self.build_for()
    }

    /// The same for a crypto provider of your choice. It makes no difference to any verdict.
    ///
    /// ```
    /// use jwtverify_jwks::{RemoteJwks, RustCrypto};
    ///
    /// let remote = RemoteJwks::builder().url("https://issuer.example/jwks.json");
    /// let remote: RemoteJwks<RustCrypto> = remote.build_for()?;
    /// # Ok::<(), jwtverify_jwks::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_for<P: Provider>(self) -> Result<RemoteJwks<P>, Error> {
        let origin = sources::settle(&self.sources)?;
        let timing = self.settled_timing()?;
        self.check_ranges()?;
        let carrier = self.transport(&origin)?;
        if self.store.is_some() && !origin.is_on_the_network() {
            let text = "a file or a set that is given needs no store";
            return Err(Error::misuse(Code::MisuseTwice, text));
        }
        let listeners = self.all_listeners(&origin);
        let settings = |source| Settings {
            keeper: self.store.map(|store| Keeper::new(store, &source)),
            source,
            timing,
            limits: Limits {
                max_bytes: self.max_bytes,
                max_keys: self.max_keys,
            },
            connect_timeout: self.connect_timeout,
            timeout: self.timeout,
            wait: self
                .wait
                .unwrap_or_else(|| self.timeout.saturating_add(WAIT_SLACK)),
            carrier,
            clock: self.clock,
            listeners,
        };
        Ok(RemoteJwks::new(match origin {
            Origin::Remote(source) => Shared::new(settings(source)).restored(),
            Origin::Static(document) => {
                let keys = sources::read(document, self.max_bytes, self.max_keys)?;
                Shared::fixed(settings(Source::Static), keys, document)
            }
        }))
    }

    /// The numbers of the engine, as they follow from all settings.
    fn settled_timing(&self) -> Result<Timing, Error> {
        let mut timing = self.timing.clone();
        if self.ttl_is_chosen && !self.max_ttl_is_chosen {
            timing.max_ttl = timing.ttl;
            timing.min_ttl = timing.min_ttl.min(timing.ttl);
        }
        timing.flight_limit = self.timeout.saturating_add(FLIGHT_SLACK);
        let checked = timing.check();
        checked.map_err(|wrong| Error::misuse(Code::MisuseArgument, &wrong.to_string()))?;
        Ok(timing)
    }

    #[cfg_attr(
        not(any(feature = "metrics", feature = "tracing")),
        expect(unused_mut, unused_variables, reason = "no listener of our own")
    )]
    fn all_listeners(&self, origin: &Origin<'_>) -> Listeners {
        let mut listeners = self.listeners.clone();
        #[cfg(feature = "metrics")]
        if self.metrics {
            listeners.push_metrics(origin.name());
        }
        #[cfg(feature = "tracing")]
        if self.tracing {
            listeners.push_tracing(origin.name());
        }
        listeners
    }

    fn transport(&self, origin: &Origin<'_>) -> Result<Carrier, Error> {
        let built_in = |fetch| Carrier::Blocking(Arc::new(fetch));
        let twice = |text| Err(Error::misuse(Code::MisuseTwice, text));
        match &self.fetch {
            Some(_) if !self.roots.is_empty() => {
                twice("root certificates are for the built-in transport, not for your own")
            }
            given if !origin.is_on_the_network() => match given {
                None if self.roots.is_empty() => Ok(built_in(HttpFetch::new())),
                _ => twice("a file or a set that is given needs no transport and no certificate"),
            },
            Some(carrier) => Ok(carrier.clone()),
            None if self.roots.is_empty() => Ok(built_in(HttpFetch::new())),
            None => HttpFetch::with_root_certificates(&self.roots)
                .map(built_in)
                .map_err(|error| Error::misuse(Code::MisuseArgument, &error.to_string())),
        }
    }

    fn check_ranges(&self) -> Result<(), Error> {
        let tick = Duration::from_millis(1);
        let wait = self.wait.unwrap_or_default();
        for (name, value, least, most) in [
            ("connect_timeout", self.connect_timeout, tick, MAX_TIMEOUT),
            ("timeout", self.timeout, tick, MAX_TIMEOUT),
            ("wait", wait, Duration::ZERO, MAX_WAIT),
        ] {
            if value < least || value > most {
                let text = format!("{name} must be from {least:?} to {most:?}");
                return Err(Error::misuse(Code::MisuseArgument, &text));
            }
        }
        for (name, value, most) in [
            ("max_bytes", self.max_bytes, MAX_BYTES),
            ("max_keys", self.max_keys, MAX_KEYS),
        ] {
            if value == 0 || value > most {
                let text = format!("{name} must be from 1 to {most}");
                return Err(Error::misuse(Code::MisuseArgument, &text));
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for RemoteJwksBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL has not been checked yet: it may hold a password.
        f.debug_struct("RemoteJwksBuilder").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
