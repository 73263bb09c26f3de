//! Several issuers: the token's `iss` chooses the verifier, and nothing else.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jwtverify_core::json::Value;
use jwtverify_core::unverified::UnverifiedToken;
use jwtverify_core::{ClaimName, Error as Code, Provider, UnixTime, Verified};

use crate::error::Error;
use crate::provider::DefaultProvider;
use crate::verifier::JwksVerifier;

/// What stands for the tenant in a template of [`IssuersBuilder::tenants`].
const TENANT: &str = "{tenantid}";

/// The verifiers of several issuers, each with its own keys and its own rules.
///
/// Cloning is cheap and clones share everything.
///
/// What is promised:
///
/// * The `iss` of a token, octet by octet, chooses the one verifier that is asked. That verifier
///   was made for this issuer: its policy compares the `iss` of the **verified** claims as well.
///   So the keys of one issuer never verify a token that names another.
/// * A token of an issuer that is not here is refused (`IssuerMismatch`, 401) before any network
///   activity. No token makes this list longer.
/// * One issuer that is down, or is flooded with junk, has no effect on the others.
///
/// What is not: the `iss` is read before anything is verified, so a token of more than 256 KiB,
/// or whose payload is no JSON object, is refused first, whatever else is wrong with it.
///
/// ```
/// use jwtverify_jwks::{Algorithm, Issuers, JwksVerifier, RemoteJwks, Verifier};
///
/// let mut issuers = Issuers::builder();
/// for issuer in ["https://one.example", "https://two.example"] {
///     let policy = Verifier::builder()
///         .algorithms([Algorithm::Rs256])
///         .issuer(issuer)
///         .audience("my-api")
///         .build()?
///         .into_owned();
///     issuers = issuers.verifier(JwksVerifier::new(policy, RemoteJwks::discover(issuer)?));
/// }
/// let issuers = issuers.build()?;
///
/// // The token of RFC 7515 appendix A.3, of the issuer "joe".
/// let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
///     Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj\
///     Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
/// assert_eq!(issuers.verify(token).unwrap_err().name(), "IssuerMismatch");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Issuers<P: Provider = DefaultProvider> {
    verifiers: Arc<HashMap<Box<str>, JwksVerifier<P>>>,
}

impl<P: Provider> Issuers<P> {
    /// Starts an empty list.
    pub fn builder() -> IssuersBuilder<P> {
        IssuersBuilder {
            verifiers: HashMap::new(),
            fault: None,
        }
    }

    /// Verifies a JWT now, with the verifier of the issuer that it names.
    ///
    /// # Errors
    /// `IssuerMismatch` for an issuer that is not here, `ClaimMissing` where none is named; the
    /// rest as [`JwksVerifier::verify`].
    pub fn verify(&self, token: impl AsRef<[u8]>) -> Result<Verified<'static>, Error> {
        let token = token.as_ref();
        self.chosen(token)?.verify(token)
    }

    /// Verifies a JWT as of `now`.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_at(
        &self,
        token: impl AsRef<[u8]>,
        now: UnixTime,
    ) -> Result<Verified<'static>, Error> {
        let token = token.as_ref();
        self.chosen(token)?.verify_at(token, now)
    }

    /// As [`verify`](Self::verify), for a task:
    /// [`RemoteJwks::keys_async`](crate::RemoteJwks::keys_async) says how it waits.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    #[cfg(feature = "async")]
    pub async fn verify_async(&self, token: impl AsRef<[u8]>) -> Result<Verified<'static>, Error> {
        let token = token.as_ref();
        self.chosen(token)?.verify_async(token).await
    }

    /// The verifier of an issuer, compared octet by octet.
    pub fn verifier(&self, issuer: &str) -> Option<&JwksVerifier<P>> {
        self.verifiers.get(issuer)
    }

    /// The issuers, in no order.
    pub fn issuers(&self) -> impl Iterator<Item = &str> {
        self.verifiers.keys().map(|issuer| &**issuer)
    }

    fn chosen(&self, token: &[u8]) -> Result<&JwksVerifier<P>, Error> {
        let token = UnverifiedToken::read(token)?;
        let claims = token.claims()?;
        let Some(issuer) = claims.member("iss") else {
            return Err(Code::ClaimMissing(ClaimName::Iss).into());
        };
        let Value::String(issuer) = issuer else {
            return Err(Code::IssuerMismatch.into());
        };
        let known = self.verifiers.get(&*issuer.to_cow());
        known.ok_or_else(|| Code::IssuerMismatch.into())
    }
}

impl<P: Provider> Clone for Issuers<P> {
    fn clone(&self) -> Self {
        Self {
            verifiers: Arc::clone(&self.verifiers),
        }
    }
}

impl<P: Provider> fmt::Debug for Issuers<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.verifiers.keys()).finish()
    }
}

/// Builds [`Issuers`]. What is wrong is told by [`build`](Self::build).
#[must_use]
pub struct IssuersBuilder<P: Provider = DefaultProvider> {
    verifiers: HashMap<Box<str>, JwksVerifier<P>>,
    fault: Option<Error>,
}

impl<P: Provider> IssuersBuilder<P> {
    /// Adds a verifier for the issuers that its policy names; any number of them may share a
    /// [`RemoteJwks`](crate::RemoteJwks), which is then fetched once.
    ///
    /// A policy that takes any issuer is refused, and so is an issuer that is here already.
    pub fn verifier(mut self, verifier: JwksVerifier<P>) -> Self {
        let mut named = false;
        for issuer in verifier.verifier().issuers() {
            named = true;
            if self.verifiers.contains_key(issuer) {
                let twice = format!("the issuer {issuer} is there twice");
                self.fault
                    .get_or_insert_with(|| Error::misuse(Code::MisuseArgument, &twice));
                continue;
            }
            self.verifiers.insert(issuer.into(), verifier.clone());
        }
        if !named {
            self.fault.get_or_insert_with(|| {
                let why = "each verifier must name its issuers: any_issuer() could be asked by all";
                Error::misuse(Code::MisuseIssuerUnset, why)
            });
        }
        self
    }

    /// Adds the same for each of these tenants: `make` gets the issuer that results from putting
    /// the tenant in the place of `{tenantid}`, and gives its verifier.
    ///
    /// For providers whose issuer differs from tenant to tenant while the keys are the same, such
    /// as Microsoft Entra with the template `https://login.microsoftonline.com/{tenantid}/v2.0`.
    /// Only the tenants listed are let in: a token's own word for its tenant is never enough.
    ///
    /// A tenant is one or more letters, digits, hyphens, dots and underscores.
    pub fn tenants<T: AsRef<str>>(
        mut self,
        template: &str,
        tenants: impl IntoIterator<Item = T>,
        mut make: impl FnMut(&str) -> Result<JwksVerifier<P>, Error>,
    ) -> Self {
        for tenant in tenants {
            let made = issuer_of(template, tenant.as_ref()).and_then(|issuer| {
                let verifier = make(&issuer)?;
                if verifier.verifier().issuers().eq([issuer.as_str()]) {
                    Ok(verifier)
                } else {
                    let why = format!("the verifier of {issuer} must name this issuer alone");
                    Err(Error::misuse(Code::MisuseArgument, &why))
                }
            });
            match made {
                Ok(verifier) => self = self.verifier(verifier),
                Err(error) => {
                    self.fault.get_or_insert(error);
                }
            }
        }
        self
    }

    /// The list.
    ///
    /// # Errors
    /// `MisuseIssuerUnset` for a verifier that takes any issuer, `MisuseEmptyList` if there is
    /// none at all, `MisuseArgument` for an issuer that is there twice or a template without
    /// `{tenantid}`; what `make` failed with.
    pub fn build(self) -> Result<Issuers<P>, Error> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if self.verifiers.is_empty() {
            return Err(Code::MisuseEmptyList.into());
        }
        Ok(Issuers {
            verifiers: Arc::new(self.verifiers),
        })
    }
}

impl<P: Provider> fmt::Debug for IssuersBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.verifiers.keys()).finish()
    }
}

/// The issuer of a tenant.
fn issuer_of(template: &str, tenant: &str) -> Result<String, Error> {
    let misuse = |why: &str| Err(Error::misuse(Code::MisuseArgument, why));
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._".contains(&octet);
    if template.matches(TENANT).count() != 1 {
        return misuse("the template must have {tenantid} in one place");
    }
    if tenant.is_empty() || !tenant.bytes().all(plain) {
        return misuse("a tenant is letters, digits, hyphens, dots and underscores");
    }
    Ok(template.replace(TENANT, tenant))
}

#[cfg(test)]
mod tests;
