//! The same verifier for callers that are tasks.

use std::sync::Arc;
use std::time::Duration;

use jwtverify_core::unverified::UnverifiedToken;
use jwtverify_core::{Error as Code, Provider, UnixTime, Verified, VerifiedJws};

use super::JwksVerifier;
use crate::error::Error;
use crate::resolve::Call;
use crate::snapshot::Snapshot;

/// For tasks on tokio, with the feature `async`: the verdicts of the blocking methods, over the
/// same key set. [`RemoteJwks::keys_async`](crate::RemoteJwks::keys_async) says how they wait.
///
/// ```no_run
/// # async fn answer(verifier: jwtverify_jwks::JwksVerifier, token: &str) -> u16 {
/// match verifier.verify_async(token).await {
///     Ok(verified) => 200,
///     Err(error) => error.http_status(),
/// }
/// # }
/// ```
impl<P: Provider> JwksVerifier<P> {
    /// As [`verify`](Self::verify).
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub async fn verify_async(&self, token: impl AsRef<[u8]>) -> Result<Verified<'static>, Error> {
        let now = self.remote.shared().clock.unix();
        self.verify_at_async(token, now).await
    }

    /// As [`verify_at`](Self::verify_at).
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub async fn verify_at_async(
        &self,
        token: impl AsRef<[u8]>,
        now: UnixTime,
    ) -> Result<Verified<'static>, Error> {
        self.judge_async(token.as_ref(), now, self.remote.wait())
            .await
    }

    /// As [`verify_within`](Self::verify_within).
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub async fn verify_within_async(
        &self,
        token: impl AsRef<[u8]>,
        wait: Duration,
    ) -> Result<Verified<'static>, Error> {
        let now = self.remote.shared().clock.unix();
        self.judge_async(token.as_ref(), now, Some(wait)).await
    }

    /// As [`verify_jws`](Self::verify_jws).
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub async fn verify_jws_async(
        &self,
        token: impl AsRef<[u8]>,
    ) -> Result<VerifiedJws<'static>, Error> {
        let token = token.as_ref();
        self.run_async(token, self.remote.wait(), |keys| {
            self.verifier.verify_jws(token, keys.key_set())
        })
        .await
    }

    async fn judge_async(
        &self,
        token: &[u8],
        now: UnixTime,
        wait: Option<Duration>,
    ) -> Result<Verified<'static>, Error> {
        let verdict = self.verdict(token, now);
        let answer = self.run_async(token, wait, |keys| verdict(keys)).await?;
        Ok(answer.into_owned())
    }

    async fn run_async<T>(
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
        let verdict = self.remote.shared().resolve_async(&call, attempt).await;
        verdict.map_err(|trouble| self.remote.explain(trouble, token))
    }
}
