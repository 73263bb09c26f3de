//! A policy joined to a remote key set: what a service calls for each request.

#[cfg(feature = "async")]
mod asynchronous;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jwtverify_core::unverified::UnverifiedToken;
use jwtverify_core::{Error as Code, Provider, UnixTime, Verified, VerifiedJws, Verifier};

use crate::error::Error;
use crate::provider::DefaultProvider;
use crate::remote::RemoteJwks;
use crate::resolve::Call;
use crate::snapshot::Snapshot;
use crate::token_cache::{Answer, TokenCache};

/// Verifies tokens with the keys of a [`RemoteJwks`].
///
/// Cloning is cheap and clones share everything; call it from as many threads as you like.
///
/// One verification looks at the set that is held. Only if that set lacks the token's `kid`, the
/// issuer is asked (see [`RemoteJwks`] for how often at most), and the token is looked at once
/// more. A token that is malformed or not allowed by the policy never causes a fetch, not even the
/// first one.
///
/// A verifier belongs to one issuer: its keys never verify a token that names another, because the
/// policy's issuer is compared. For several issuers make several verifiers, and choose by the
/// exact `iss` before verifying.
///
/// ```no_run
/// use jwtverify_jwks::{Algorithm, JwksVerifier, RemoteJwks, Verifier};
///
/// let verifier = Verifier::builder()
///     .algorithms([Algorithm::Rs256, Algorithm::Es256])
///     .issuer("https://issuer.example")
///     .audience("my-api")
///     .leeway(60)
///     .build()?;
/// let remote = RemoteJwks::discover("https://issuer.example")?;
/// let verifier = JwksVerifier::new(verifier, remote);
///
/// match verifier.verify("eyJ...") {
///     Ok(verified) => println!("{:?}", verified.claims()),
///     Err(error) => eprintln!("{}: {error}", error.http_status()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct JwksVerifier<P: Provider = DefaultProvider> {
    verifier: Arc<Verifier<'static>>,
    remote: RemoteJwks<P>,
    cache: Option<TokenCache>,
}

impl<P: Provider> JwksVerifier<P> {
    /// Joins the two. Nothing is fetched yet.
    pub fn new(verifier: Verifier<'static>, remote: RemoteJwks<P>) -> Self {
        Self {
            verifier: Arc::new(verifier),
            remote,
            cache: None,
        }
    }

    /// Remembers tokens that were verified: [`TokenCache`] says what is promised of it. It serves
    /// [`verify`](Self::verify) and [`verify_at`](Self::verify_at).
    #[must_use]
    pub fn with_token_cache(mut self, cache: TokenCache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Verifies a JWT now, by the wall clock of the remote key set's [`Clock`](crate::Clock).
    ///
    /// # Errors
    /// Family `Token` (401) if the token is bad; `Unavailable` (503, with
    /// [`Error::retry_after`]) if that can't be known now.
    pub fn verify(&self, token: impl AsRef<[u8]>) -> Result<Verified<'static>, Error> {
        let now = self.remote.shared().clock.unix();
        self.verify_at(token, now)
    }

    /// Verifies a JWT as of `now`, which is compared with the claims. The age of the keys is
    /// measured by the clock all the same.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_at(
        &self,
        token: impl AsRef<[u8]>,
        now: UnixTime,
    ) -> Result<Verified<'static>, Error> {
        self.judge(token.as_ref(), now, self.remote.wait())
            .map(Answer::into_owned)
    }

    /// As [`verify_at`](Self::verify_at), without a copy: of a token that the [`TokenCache`] knows
    /// the caller is given the very object that is kept, which all who present it share.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_shared_at(
        &self,
        token: impl AsRef<[u8]>,
        now: UnixTime,
    ) -> Result<Arc<Verified<'static>>, Error> {
        self.judge(token.as_ref(), now, self.remote.wait())
            .map(Answer::into_shared)
    }

    /// Verifies a JWT now, for a caller that waits no longer than `wait` for keys. Zero means that
    /// it never waits: where a fetch is needed it is started, and the answer is
    /// `UnavailableTimeout` until that has ended. [`RemoteJwks::with_wait`] does the same for all
    /// calls.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_within(
        &self,
        token: impl AsRef<[u8]>,
        wait: Duration,
    ) -> Result<Verified<'static>, Error> {
        let now = self.remote.shared().clock.unix();
        self.judge(token.as_ref(), now, Some(wait))
            .map(Answer::into_owned)
    }

    /// Verifies a JWT now, and gives the set that it was verified with as well:
    /// [`Snapshot::is_stale`] says whether the issuer could not be asked in time.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_and_show_keys(
        &self,
        token: impl AsRef<[u8]>,
    ) -> Result<(Verified<'static>, Arc<Snapshot<P>>), Error> {
        let (token, now) = (token.as_ref(), self.remote.shared().clock.unix());
        let verdict = self.verdict(token, now);
        self.run(token, self.remote.wait(), |keys| {
            Ok((verdict(keys)?.into_owned(), Arc::clone(keys)))
        })
    }

    /// Verifies a JWT as of `now` with keys that the caller holds: nothing is fetched and nothing
    /// is waited for. The [`TokenCache`] serves here, too. How old the keys are is not looked at.
    ///
    /// For a caller that must not block, such as one in an event loop: take
    /// [`RemoteJwks::ready`], and call [`verify_at`](Self::verify_at) elsewhere if there is none or
    /// the answer is `KeyNotFound`.
    ///
    /// # Errors
    /// Those of the token; [`explain`](crate::explain) says more about them.
    pub fn verify_with(
        &self,
        token: impl AsRef<[u8]>,
        keys: &Snapshot<P>,
        now: UnixTime,
    ) -> Result<Verified<'static>, Code> {
        self.verdict(token.as_ref(), now)(keys).map(Answer::into_owned)
    }

    /// As [`verify_with`](Self::verify_with), without a copy: see
    /// [`verify_shared_at`](Self::verify_shared_at).
    ///
    /// # Errors
    /// As [`verify_with`](Self::verify_with).
    pub fn verify_shared_with(
        &self,
        token: impl AsRef<[u8]>,
        keys: &Snapshot<P>,
        now: UnixTime,
    ) -> Result<Arc<Verified<'static>>, Code> {
        self.verdict(token.as_ref(), now)(keys).map(Answer::into_shared)
    }

    /// Verifies the signature of a JWS whose payload may be anything: no claim is checked, also
    /// not the issuer.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_jws(&self, token: impl AsRef<[u8]>) -> Result<VerifiedJws<'static>, Error> {
        let token = token.as_ref();
        self.run(token, self.remote.wait(), |keys| {
            self.verifier.verify_jws(token, keys.key_set())
        })
    }

    /// The policy.
    pub fn verifier(&self) -> &Verifier<'static> {
        &self.verifier
    }

    /// The cache of verified tokens, if there is one.
    pub fn token_cache(&self) -> Option<&TokenCache> {
        self.cache.as_ref()
    }

    /// The key set.
    pub fn remote(&self) -> &RemoteJwks<P> {
        &self.remote
    }

    /// The verdict on a JWT as a function of the keys, through the cache if there is one: the token
    /// is hashed once, whatever number of sets it is held against.
    fn verdict<'q>(
        &'q self,
        token: &'q [u8],
        now: UnixTime,
    ) -> impl Fn(&Snapshot<P>) -> Result<Answer, Code> + 'q {
        let question = self.cache.as_ref().map(|cache| {
            let monotonic = self.remote.shared().clock.monotonic();
            cache.question(&self.verifier, token, now, monotonic)
        });
        move |keys| match &question {
            Some(question) => question.verdict(keys.key_set()),
            None => {
                let verified = self.verifier.verify(token, keys.key_set(), now)?;
                Ok(Answer::Fresh(verified))
            }
        }
    }

    fn judge(&self, token: &[u8], now: UnixTime, wait: Option<Duration>) -> Result<Answer, Error> {
        let verdict = self.verdict(token, now);
        self.run(token, wait, |keys| verdict(keys))
    }

    fn run<T>(
        &self,
        token: &[u8],
        wait: Option<Duration>,
        attempt: impl FnMut(&Arc<Snapshot<P>>) -> Result<T, Code>,
    ) -> Result<T, Error> {
        let call = Call {
            kid: &|| UnverifiedToken::read(token).ok()?.kid(),
            // Rubbish causes no fetch, and hears "401" also while the issuer is down.
            hopeless: &|| self.verifier.check_header(token).err(),
            wait,
        };
        let verdict = self.remote.shared().resolve(&call, attempt);
        verdict.map_err(|trouble| self.remote.explain(trouble, token))
    }
}

impl<P: Provider> Clone for JwksVerifier<P> {
    fn clone(&self) -> Self {
        Self {
            verifier: Arc::clone(&self.verifier),
            remote: self.remote.clone(),
            cache: self.cache.clone(),
        }
    }
}

impl<P: Provider> fmt::Debug for JwksVerifier<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksVerifier")
            .field("verifier", &self.verifier)
            .field("remote", &self.remote)
            .field("cache", &self.cache)
            .finish()
    }
}
