//! Tokens that were verified before: answered without their signature being computed again.

mod digest;
mod shards;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jwtverify_core::{Error as Code, Key, KeySet, Keys, Provider, UnixTime, Verified, Verifier};

use crate::error::Error;
use shards::{Place, Shards};

pub use shards::TokenCacheUsage;

/// Tokens that are kept at most: an ordinary service sees fewer within a minute.
const ENTRIES: usize = 1024;

/// Octets of memory at most: four times what 1,024 tokens of usual size take.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// How long a token is remembered: most of what a cache can gain, and soon forgotten.
const LIFETIME: Duration = Duration::from_secs(60);

/// The longest token that is kept, in octets of text. Longer ones are not even hashed.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Remembers tokens that were verified, so that the same token costs a SHA-256 the next time.
///
/// A service gives it to a [`JwksVerifier`](crate::JwksVerifier::with_token_cache); without one
/// nothing is remembered. Cloning is cheap and clones share everything. One cache may serve several
/// verifiers, and bounds the memory of all; none of them ever sees a result of another.
///
/// What is promised:
///
/// * The verdict is the same with and without it. Only successes are kept; every error comes from
///   a fresh verification.
/// * A token is recognised by the SHA-256 of its whole text as it was received, signature and
///   padding included.
/// * `exp`, `nbf` and the age are checked at each use against the time of that use.
/// * The key is selected at each use from the set that is held then. It must be the one that
///   verified the token, by its thumbprint (RFC 7638): a key that was withdrawn, or replaced
///   under its `kid`, ends the tokens that it signed at that moment, as without a cache.
/// * A token stays for 60 seconds at most. Verification after verification is what it saves;
///   nothing depends on how long it stays.
/// * Forged tokens never enter and push nothing out. A flood of good ones pushes out those that
///   were not used for longest.
/// * No lock is held while a signature or a claim is checked, and nobody waits for one: what is
///   just being changed by another thread counts as absent.
///
/// What is not: it remembers nothing about revocation, because verification knows nothing of it.
/// Claims of tokens stay in memory for as long as said, longer if nothing takes their place.
///
/// ```
/// use std::sync::Arc;
/// use jwtverify_jwks::{
///     Algorithm, Fetch, FetchError, JwksVerifier, RemoteJwks, Request, Response, TokenCache,
///     UnixTime, Verifier,
/// };
///
/// /// Publishes the key of RFC 7515 appendix A.3.
/// struct Issuer;
///
/// impl Fetch for Issuer {
///     fn fetch(&self, _: &Request) -> Result<Response, FetchError> {
///         Ok(Response::new(200, r#"{"keys":[{"kty":"EC","crv":"P-256",
///             "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
///             "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#))
///     }
/// }
///
/// let policy = Verifier::builder().algorithms([Algorithm::Es256]).issuer("joe").any_audience();
/// let remote = RemoteJwks::builder().url("https://issuer.example/jwks").fetch(Arc::new(Issuer));
/// let cache = TokenCache::new();
/// let verifier = JwksVerifier::new(policy.build()?, remote.build()?)
///     .with_token_cache(cache.clone());
///
/// let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
///     Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj\
///     Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
/// verifier.verify_at(token, UnixTime::from_secs(1_300_819_378))?;
/// verifier.verify_at(token, UnixTime::from_secs(1_300_819_379))?;
/// assert_eq!(cache.usage().hits, 1);
///
/// let late = verifier.verify_at(token, UnixTime::from_secs(1_300_819_380));
/// assert_eq!(late.unwrap_err().name(), "Expired");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct TokenCache {
    inner: Arc<Inner>,
}

struct Inner {
    shards: Shards<Entry>,
    lifetime: Duration,
}

/// A token that was verified, with all that its verdict depended on.
struct Entry {
    /// The policy, as the very object that it was: two verifiers are never taken for one another,
    /// however alike their settings are.
    verifier: Arc<Verifier<'static>>,
    verified: Arc<Verified<'static>>,
    /// Of the key that verified the signature.
    thumbprint: [u8; 32],
    /// By the monotonic clock of the verifier's key set.
    stored: Duration,
}

impl TokenCache {
    /// A cache with the defaults: 1,024 tokens, 4 MiB, 60 seconds.
    pub fn new() -> Self {
        Self::with(&TokenCacheBuilder::default())
    }

    /// All settings.
    pub fn builder() -> TokenCacheBuilder {
        TokenCacheBuilder::default()
    }

    /// How full it is and how much it is used.
    pub fn usage(&self) -> TokenCacheUsage {
        self.inner.shards.usage()
    }

    fn with(settings: &TokenCacheBuilder) -> Self {
        Self {
            inner: Arc::new(Inner {
                shards: Shards::new(settings.entries, settings.max_bytes),
                lifetime: settings.lifetime,
            }),
        }
    }

    /// Begins the verification of one token: `monotonic` is what the clock of the verifier's key
    /// set shows.
    pub(crate) fn question<'q>(
        &'q self,
        verifier: &'q Arc<Verifier<'static>>,
        token: &'q [u8],
        now: UnixTime,
        monotonic: Duration,
    ) -> Question<'q> {
        let place = (token.len() <= MAX_TOKEN_BYTES).then(|| {
            let digest = digest::sha256(token);
            self.inner
                .shards
                .place(Arc::as_ptr(verifier).addr(), digest)
        });
        Question {
            cache: &self.inner,
            verifier,
            token,
            now,
            monotonic,
            place,
        }
    }
}

/// One token to be verified, now, by one verifier.
pub(crate) struct Question<'q> {
    cache: &'q Inner,
    verifier: &'q Arc<Verifier<'static>>,
    token: &'q [u8],
    now: UnixTime,
    monotonic: Duration,
    /// Where the answer would be, unless the token is too long to be kept.
    place: Option<Place>,
}

/// A good token: verified just now, or what is kept of it.
#[expect(
    clippy::large_enum_variant,
    reason = "handed to the caller at once; a box would be one allocation for each token"
)]
pub(crate) enum Answer {
    Fresh(Verified<'static>),
    Kept(Arc<Verified<'static>>),
}

impl Answer {
    pub(crate) fn into_owned(self) -> Verified<'static> {
        match self {
            Self::Fresh(verified) => verified,
            Self::Kept(verified) => Arc::unwrap_or_clone(verified),
        }
    }

    pub(crate) fn into_shared(self) -> Arc<Verified<'static>> {
        match self {
            Self::Fresh(verified) => Arc::new(verified),
            Self::Kept(verified) => verified,
        }
    }
}

impl Question<'_> {
    /// The verdict with these keys. They are looked at whether the token is known or not.
    pub(crate) fn verdict<P: Provider>(&self, keys: &KeySet<P>) -> Result<Answer, Code> {
        let Some(place) = &self.place else {
            return self.verify(keys).map(Answer::Fresh);
        };
        let shards = &self.cache.shards;
        if let Some(entry) = shards.find(place, |entry| self.is_own(entry)) {
            if self.holds(&entry, keys) {
                return Ok(Answer::Kept(Arc::clone(&entry.verified)));
            }
            shards.forget(place, &entry);
        }
        let verified = self.verify(keys)?;
        let Some(thumbprint) = thumbprint(&verified, keys) else {
            return Ok(Answer::Fresh(verified));
        };
        let verified = Arc::new(verified);
        let entry = Entry {
            verifier: Arc::clone(self.verifier),
            verified: Arc::clone(&verified),
            thumbprint: *thumbprint,
            stored: self.monotonic,
        };
        // What was decoded is shorter than the text.
        let octets = self.token.len().saturating_add(size_of_val(&*verified));
        shards.keep(place, entry, octets, |entry| self.is_own(entry));
        Ok(Answer::Kept(verified))
    }

    fn verify<P: Provider>(&self, keys: &KeySet<P>) -> Result<Verified<'static>, Code> {
        self.verifier.verify(self.token, keys, self.now)
    }

    fn is_own(&self, entry: &Entry) -> bool {
        Arc::ptr_eq(&entry.verifier, self.verifier)
    }

    /// Whether a fresh verification would have the same result.
    fn holds<P: Provider>(&self, entry: &Entry, keys: &KeySet<P>) -> bool {
        self.monotonic.saturating_sub(entry.stored) < self.cache.lifetime
            && thumbprint(&entry.verified, keys) == Some(&entry.thumbprint)
            && self
                .verifier
                .recheck_time(&entry.verified, self.now)
                .is_ok()
    }
}

/// The thumbprint of the one key that these keys have for a token. Secrets have none.
fn thumbprint<'k, P: Provider>(
    verified: &Verified<'_>,
    keys: &'k KeySet<P>,
) -> Option<&'k [u8; 32]> {
    keys.select(&verified.permitted())
        .ok()
        .and_then(Key::thumbprint)
}

impl Default for TokenCache {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("usage", &self.usage())
            .finish_non_exhaustive()
    }
}

/// Builds a [`TokenCache`].
///
/// ```
/// use std::time::Duration;
/// use jwtverify_jwks::TokenCache;
///
/// let cache = TokenCache::builder().entries(10_000).lifetime(Duration::from_secs(30)).build()?;
/// assert_eq!(cache.usage().entries, 0);
/// # Ok::<(), jwtverify_jwks::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TokenCacheBuilder {
    entries: usize,
    max_bytes: usize,
    lifetime: Duration,
}

impl Default for TokenCacheBuilder {
    fn default() -> Self {
        Self {
            entries: ENTRIES,
            max_bytes: MAX_BYTES,
            lifetime: LIFETIME,
        }
    }
}

impl TokenCacheBuilder {
    /// The most tokens that are kept: 1,024. At least 1, at most 65,536.
    ///
    /// They are spread over groups of 16 by chance, so that some are pushed out before all the
    /// room is taken: set it to one and a half times the tokens that you expect in `lifetime`.
    pub fn entries(mut self, entries: usize) -> Self {
        self.entries = entries;
        self
    }

    /// The most memory for tokens and what belongs to them, in octets: 4 MiB. At least 64 KiB, at
    /// most 1 GiB. Tokens of more than 16 KiB of text are verified and not kept.
    pub fn max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// How long a token is remembered, never past its `exp`: 60 seconds. At least 1 second, at
    /// most 1 hour.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// The cache, empty.
    ///
    /// # Errors
    /// `MisuseArgument` for a number out of its range.
    pub fn build(self) -> Result<TokenCache, Error> {
        let (second, hour) = (Duration::from_secs(1), Duration::from_secs(3600));
        let fault = if !(1..=65_536).contains(&self.entries) {
            "entries must be from 1 to 65536"
        } else if !(shards::LEAST_BYTES..=1 << 30).contains(&self.max_bytes) {
            "max_bytes must be from 64 KiB to 1 GiB"
        } else if !(second..=hour).contains(&self.lifetime) {
            "lifetime must be from 1 second to 1 hour"
        } else {
            return Ok(TokenCache::with(&self));
        };
        Err(Error::misuse(Code::MisuseArgument, fault))
    }
}

#[cfg(test)]
mod tests;
