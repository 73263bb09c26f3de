//! The settings of a [`RemoteJwks`].

use std::sync::Arc;
use std::time::Duration;

use jwtverify_core::{Error as Code, Provider, limits};

use crate::clock::{Clock, SystemClock};
use crate::discovery;
use crate::document::Limits;
use crate::error::Error;
use crate::fetch::Fetch;
use crate::http::HttpFetch;
use crate::remote::RemoteJwks;
use crate::schedule::Timing;
use crate::shared::{Settings, Source};
use crate::url::SourceUrl;

/// How long a set is used without asking again. A removed key lives no longer than this.
pub(crate) const TTL: Duration = Duration::from_secs(600);

/// How long after the ttl a set is used while the issuer cannot be reached. An issuer that is down
/// issues no new tokens, and most tokens die within the hour.
pub(crate) const MAX_STALE: Duration = Duration::from_secs(3600);

/// The time between two fetches for unknown kids: what a flood of forged kids costs the issuer.
pub(crate) const MISS_INTERVAL: Duration = Duration::from_secs(30);

/// The longest time for a connection, TLS included.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest time for a fetch, discovery included.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

/// How long callers wait for a refresh of a set that may still be used.
const STALE_WAIT: Duration = Duration::from_secs(2);

/// What a caller waits beyond the timeout, so that it hears the reason and not only "too late".
const WAIT_SLACK: Duration = Duration::from_millis(250);

/// After the timeout, how long until a fetch that did not come back counts as lost.
const FLIGHT_SLACK: Duration = Duration::from_secs(1);

/// The bounds of the settings, in whole units so that a mistake is found when it is made.
const DAY: Duration = Duration::from_secs(86_400);
const WEEK: Duration = Duration::from_secs(7 * 86_400);
const MAX_TIMEOUT: Duration = Duration::from_secs(60);
const MAX_WAIT: Duration = Duration::from_secs(120);
const MAX_BYTES: usize = 16 * 1024 * 1024;
const MAX_KEYS: usize = 10_000;

/// Builds a [`RemoteJwks`]. Nothing is fetched before the first use.
///
/// One source must be named, [`url`](Self::url) or [`issuer`](Self::issuer); everything else has a
/// default.
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
    url: Option<String>,
    issuer: Option<String>,
    given_twice: bool,
    ttl: Duration,
    max_stale: Duration,
    stale_wait: Duration,
    miss_interval: Duration,
    connect_timeout: Duration,
    timeout: Duration,
    wait: Option<Duration>,
    max_bytes: usize,
    max_keys: usize,
    roots: Vec<Vec<u8>>,
    fetch: Option<Arc<dyn Fetch>>,
    clock: Arc<dyn Clock>,
}

impl RemoteJwksBuilder {
    pub(crate) fn new() -> Self {
        Self {
            url: None,
            issuer: None,
            given_twice: false,
            ttl: TTL,
            max_stale: MAX_STALE,
            stale_wait: STALE_WAIT,
            miss_interval: MISS_INTERVAL,
            connect_timeout: CONNECT_TIMEOUT,
            timeout: TIMEOUT,
            wait: None,
            max_bytes: limits::MAX_KEY_SET_BYTES,
            max_keys: limits::MAX_KEYS,
            roots: Vec::new(),
            fetch: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// The URL of the key set: https, or http to a loopback host; without user info and fragment.
    pub fn url(mut self, url: &str) -> Self {
        self.given_twice |= self.url.replace(url.to_owned()).is_some();
        self
    }

    /// The issuer whose discovery document names the URL of the key set (OpenID Connect Discovery
    /// 1.0). The document's `issuer` must equal this text byte for byte.
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.given_twice |= self.issuer.replace(issuer.to_owned()).is_some();
        self
    }

    /// How long a set is used without asking again: 10 minutes. From 1 second to 1 day.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// How long after the ttl a set is used while the issuer cannot be reached: 1 hour. At most 7
    /// days; zero means that an issuer which is down takes its verifiers down.
    pub fn max_stale(mut self, max_stale: Duration) -> Self {
        self.max_stale = max_stale;
        self
    }

    /// How long callers wait for a due refresh before they go on with the old set: 2 seconds. Zero
    /// means that no caller waits, and the first ones after an idle time see the old set.
    pub fn stale_wait(mut self, stale_wait: Duration) -> Self {
        self.stale_wait = stale_wait;
        self
    }

    /// The least time between two fetches for unknown kids: 30 seconds. From 1 second to 1 day.
    pub fn miss_interval(mut self, miss_interval: Duration) -> Self {
        self.miss_interval = miss_interval;
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
        self.fetch = Some(fetch);
        self
    }

    /// Clocks of your own instead of the system's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the settings. No network is touched. The keys are verified with by
    /// [`DefaultProvider`](crate::DefaultProvider).
    ///
    /// # Errors
    /// `MisuseUrl` for a URL or issuer that may not be fetched, or for none; `MisuseTwice` for
    /// both, for one of them twice, and for root certificates together with a transport of your
    /// own; `MisuseArgument` for a number out of its range or a root certificate that is none.
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
        if self.given_twice {
            return Err(Error::misuse(
                Code::MisuseTwice,
                "give one URL or one issuer, once",
            ));
        }
        let source = match (&self.url, &self.issuer) {
            (Some(url), None) => Source::Url(
                SourceUrl::parse(url)
                    .map_err(|problem| Error::misuse(Code::MisuseUrl, problem.as_str()))?,
            ),
            (None, Some(issuer)) => Source::Issuer {
                document: discovery::document_url(issuer)
                    .map_err(|problem| Error::misuse(Code::MisuseUrl, problem.as_str()))?,
                issuer: issuer.clone(),
            },
            (Some(_), Some(_)) => {
                let text = "give the URL of the key set or the issuer, not both";
                return Err(Error::misuse(Code::MisuseTwice, text));
            }
            (None, None) => {
                let text = "give the URL of the key set or the issuer";
                return Err(Error::misuse(Code::MisuseUrl, text));
            }
        };
        self.check_ranges()?;
        let fetch: Arc<dyn Fetch> = match self.fetch {
            Some(_) if !self.roots.is_empty() => {
                let text = "root certificates are for the built-in transport, not for your own";
                return Err(Error::misuse(Code::MisuseTwice, text));
            }
            Some(fetch) => fetch,
            None if self.roots.is_empty() => Arc::new(HttpFetch::new()),
            None => Arc::new(
                HttpFetch::with_root_certificates(&self.roots)
                    .map_err(|error| Error::misuse(Code::MisuseArgument, &error.to_string()))?,
            ),
        };
        let timing = Timing {
            ttl: self.ttl,
            max_stale: self.max_stale,
            miss_interval: self.miss_interval,
            stale_wait: self.stale_wait,
            flight_limit: self.timeout.saturating_add(FLIGHT_SLACK),
        };
        Ok(RemoteJwks::new(Settings {
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
            fetch,
            clock: self.clock,
        }))
    }

    fn check_ranges(&self) -> Result<(), Error> {
        let second = Duration::from_secs(1);
        let tick = Duration::from_millis(1);
        let durations = [
            ("ttl", self.ttl, second, DAY),
            ("max_stale", self.max_stale, Duration::ZERO, WEEK),
            ("stale_wait", self.stale_wait, Duration::ZERO, MAX_TIMEOUT),
            ("miss_interval", self.miss_interval, second, DAY),
            ("connect_timeout", self.connect_timeout, tick, MAX_TIMEOUT),
            ("timeout", self.timeout, tick, MAX_TIMEOUT),
            (
                "wait",
                self.wait.unwrap_or_default(),
                Duration::ZERO,
                MAX_WAIT,
            ),
        ];
        for (name, value, least, most) in durations {
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
mod tests {
    use super::*;

    const URL: &str = "https://issuer.example/jwks.json";

    fn error(builder: RemoteJwksBuilder) -> Code {
        builder
            .build()
            .expect_err("the settings must be refused")
            .error()
    }

    #[test]
    fn contradictions_are_refused_at_build() {
        let new = RemoteJwksBuilder::new;
        let zero = Duration::ZERO;
        for (name, builder, wanted) in [
            ("no source", new(), Code::MisuseUrl),
            ("two sources", new().url(URL).issuer(URL), Code::MisuseTwice),
            ("two urls", new().url(URL).url(URL), Code::MisuseTwice),
            (
                "plain http",
                new().url("http://issuer.example/"),
                Code::MisuseUrl,
            ),
            (
                "plain issuer",
                new().issuer("http://issuer.example/"),
                Code::MisuseUrl,
            ),
            ("ttl", new().url(URL).ttl(zero), Code::MisuseArgument),
            ("long ttl", new().url(URL).ttl(WEEK), Code::MisuseArgument),
            (
                "miss",
                new().url(URL).miss_interval(zero),
                Code::MisuseArgument,
            ),
            (
                "timeout",
                new().url(URL).timeout(zero),
                Code::MisuseArgument,
            ),
            (
                "connect",
                new().url(URL).connect_timeout(Duration::MAX),
                Code::MisuseArgument,
            ),
            (
                "wait",
                new().url(URL).wait(Duration::MAX),
                Code::MisuseArgument,
            ),
            (
                "stale",
                new().url(URL).max_stale(Duration::MAX),
                Code::MisuseArgument,
            ),
            ("bytes", new().url(URL).max_bytes(0), Code::MisuseArgument),
            (
                "keys",
                new().url(URL).max_keys(usize::MAX),
                Code::MisuseArgument,
            ),
            (
                "root",
                new().url(URL).root_certificate("garbage"),
                Code::MisuseArgument,
            ),
        ] {
            assert_eq!(error(builder), wanted, "{name}");
        }
        assert!(
            new()
                .url(URL)
                .max_stale(zero)
                .stale_wait(zero)
                .wait(zero)
                .build()
                .is_ok()
        );
        assert!(new().issuer("https://issuer.example").build().is_ok());
    }

    #[test]
    fn a_refused_url_is_not_repeated() {
        let refused = RemoteJwksBuilder::new().url("https://joe:s3cret@issuer.example/");
        assert!(!format!("{refused:?}").contains("s3cret"));
        let error = refused.build().unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
        assert!(error.to_string().contains("password"), "{error}");
    }
}
