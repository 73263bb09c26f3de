//! The verifier: runs the stages in order, each on what the one before has proved.

mod builder;

#[cfg(feature = "alloc")]
use alloc::{string::String, vec};

use crate::algorithm::AlgorithmSet;
use crate::base64url::decoded_len;
use crate::claims::{Checked, ClaimsPolicy};
use crate::error::{ClaimName, Error};
use crate::expected::{Expected, List};
use crate::header::Header;
use crate::json::Names;
use crate::keys::Keys;
use crate::policy::{HeaderPolicy, Permitted};
use crate::signature::verify_signature;
use crate::time::UnixTime;
use crate::token::Token;
use crate::verified::{Bytes, Parts, Str, Verified, VerifiedJws};

pub use builder::VerifierBuilder;

/// What a token must be like to be trusted, and the way to find out.
///
/// Immutable: share it between threads. The [crate](crate#what-verify-checks-in-order) has the
/// example and the checks in order.
#[derive(Clone, Debug)]
pub struct Verifier<'p> {
    algorithms: AlgorithmSet,
    issuer: Expected<'p>,
    audience: Expected<'p>,
    required: List<'p>,
    typ: Option<List<'p>>,
    leeway: u64,
    max_age: Option<u64>,
    allow_padding: bool,
    max_token_bytes: usize,
    max_header_bytes: usize,
}

impl<'p> Verifier<'p> {
    /// Starts a policy. Algorithms, issuer and audience must be given.
    pub fn builder() -> VerifierBuilder<'p> {
        VerifierBuilder::new()
    }

    /// Copies the policy's texts, so that it can be stored without a lifetime.
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> Verifier<'static> {
        Verifier {
            algorithms: self.algorithms,
            issuer: self.issuer.into_owned(),
            audience: self.audience.into_owned(),
            required: self.required.into_owned(),
            typ: self.typ.map(List::into_owned),
            leeway: self.leeway,
            max_age: self.max_age,
            allow_padding: self.allow_padding,
            max_token_bytes: self.max_token_bytes,
            max_header_bytes: self.max_header_bytes,
        }
    }

    /// Verifies a JWT at the time `now`.
    ///
    /// Allocates once, less than the length of the token; more only for objects with over 64
    /// members.
    ///
    /// # Errors
    /// The first step that failed: codes 1xx to 5xx.
    #[cfg(feature = "alloc")]
    pub fn verify<K: Keys>(
        &self,
        token: impl AsRef<[u8]>,
        keys: &K,
        now: UnixTime,
    ) -> Result<Verified<'static>, Error> {
        let jws = self.verify_jws(token, keys)?;
        let parts = jws.parts;
        let (object, registered) =
            self.check_claims(jws.payload(), &parts, now, &mut Names::on_heap())?;
        let Bytes::Owned(bytes) = jws.bytes else {
            return Err(Error::Internal);
        };
        // Infallible: both parts were read as JSON, which is UTF-8.
        let text = String::from_utf8(bytes).map_err(|_| Error::Internal)?;
        Ok(Verified {
            text: Str::Owned(text),
            parts,
            object,
            registered,
        })
    }

    /// Verifies the signature of a JWS whose payload may be anything. Issuer, audience, time and
    /// the other claims are not looked at; everything about the header is.
    ///
    /// # Errors
    /// The first step that failed: codes 1xx to 4xx.
    #[cfg(feature = "alloc")]
    pub fn verify_jws<K: Keys>(
        &self,
        token: impl AsRef<[u8]>,
        keys: &K,
    ) -> Result<VerifiedJws<'static>, Error> {
        let token = self.parse(token.as_ref())?;
        let len = token.header().decoded_len();
        let len = len.saturating_add(token.payload().decoded_len());
        let len = len.saturating_add(token.signature().decoded_len());
        let mut bytes = vec![0; len];
        let parts = self.check_jws(token, keys, &mut bytes, |_| Names::on_heap())?;
        bytes.truncate(parts.len());
        Ok(VerifiedJws {
            bytes: Bytes::Owned(bytes),
            parts,
        })
    }

    /// Whether a token that this verifier has verified is valid at the time `now` as well: `exp`,
    /// `nbf` and age are checked once more, by the very code that [`verify`](Self::verify) runs.
    ///
    /// The rest of what was verified can't change while the token, the verifier and the key stay
    /// the same; that they do is the caller's to know. For the key there is
    /// [`Verified::permitted`]. A result of another verifier, which may not have been asked for
    /// issuer or audience, proves here no more than it did there.
    ///
    /// # Errors
    /// [`Error::Expired`], [`Error::NotYetValid`], [`Error::TooOld`];
    /// [`Error::ClaimMissing`] for a token without `iat` that another verifier let pass.
    ///
    /// ```
    /// # #[cfg(all(feature = "alloc", feature = "p256"))] {
    /// # use jwtverify_core::{Algorithm, Error, KeySet, UnixTime, Verifier};
    /// # let keys = KeySet::from_jwks(br#"{"kty":"EC","crv":"P-256",
    /// #     "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    /// #     "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#)?;
    /// # let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
    /// #     Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj\
    /// #     Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    /// # let verifier = Verifier::builder().algorithms([Algorithm::Es256]).issuer("joe").any_audience().build()?;
    /// let verified = verifier.verify(token, &keys, UnixTime::from_secs(1_300_819_379))?;
    /// let late = UnixTime::from_secs(1_300_819_380);
    /// assert_eq!(verifier.recheck_time(&verified, late), Err(Error::Expired));
    /// # }
    /// # Ok::<(), jwtverify_core::Error>(())
    /// ```
    pub fn recheck_time(&self, verified: &Verified<'_>, now: UnixTime) -> Result<(), Error> {
        self.claims_policy().check_time(&verified.registered, now)
    }

    /// Steps 1 to 3 alone: whether there could be a key that makes this token good.
    ///
    /// For those who would have to fetch keys first: rubbish can be refused before. It is no
    /// verdict on the token when it succeeds.
    ///
    /// # Errors
    /// The first step that failed: codes 1xx and 2xx.
    #[cfg(feature = "alloc")]
    pub fn check_header(&self, token: impl AsRef<[u8]>) -> Result<(), Error> {
        let token = self.parse(token.as_ref())?;
        let len = token.header().decoded_len().min(self.max_header_bytes);
        let mut buffer = vec![0; len];
        let decoded = self.decode_header(token, &mut buffer)?;
        self.read_header(decoded, &mut Names::on_heap()).map(|_| ())
    }

    /// Verifies a JWT at the time `now` without allocating: what is decoded goes to `scratch`.
    ///
    /// A scratch as long as the token is enough for ordinary ones: those whose objects, with the
    /// objects around them, have no more than 64 members open at once.
    /// [`scratch_len`](Self::scratch_len) octets are enough for every token; a service that answers [`Error::MisuseScratch`] with a 500 should have
    /// that much, since it is the sender who chooses how many members there are.
    ///
    /// # Errors
    /// The first step that failed: codes 1xx to 5xx; [`Error::MisuseScratch`].
    pub fn verify_in<'b, K: Keys>(
        &self,
        token: impl AsRef<[u8]>,
        keys: &K,
        now: UnixTime,
        scratch: &'b mut [u8],
    ) -> Result<Verified<'b>, Error> {
        let token = self.parse(token.as_ref())?;
        let parts = self.check_jws(token, keys, scratch, |rest| Names::in_buffer(rest))?;
        let (decoded, rest) = scratch
            .split_at_mut_checked(parts.len())
            .ok_or(Error::MisuseScratch)?;
        let decoded: &'b [u8] = decoded;
        let payload = decoded.get(parts.header_len..).unwrap_or_default();
        let mut names = Names::in_buffer(rest);
        let (object, registered) = self.check_claims(payload, &parts, now, &mut names)?;
        let text = core::str::from_utf8(decoded).map_err(|_| Error::Internal)?;
        Ok(Verified {
            text: Str::Borrowed(text),
            parts,
            object,
            registered,
        })
    }

    /// [`verify_jws`](Self::verify_jws) without allocating: see [`verify_in`](Self::verify_in).
    ///
    /// # Errors
    /// The first step that failed: codes 1xx to 4xx; [`Error::MisuseScratch`].
    pub fn verify_jws_in<'b, K: Keys>(
        &self,
        token: impl AsRef<[u8]>,
        keys: &K,
        scratch: &'b mut [u8],
    ) -> Result<VerifiedJws<'b>, Error> {
        let token = self.parse(token.as_ref())?;
        let parts = self.check_jws(token, keys, scratch, |rest| Names::in_buffer(rest))?;
        let scratch: &'b [u8] = scratch;
        let bytes = scratch.get(..parts.len()).ok_or(Error::MisuseScratch)?;
        Ok(VerifiedJws {
            bytes: Bytes::Borrowed(bytes),
            parts,
        })
    }

    /// Octets of scratch with which [`verify_in`](Self::verify_in) and
    /// [`verify_jws_in`](Self::verify_jws_in) never answer [`Error::MisuseScratch`], for tokens of
    /// up to `token_len` octets of text. The length of a buffer can be computed from it when
    /// compiling.
    ///
    /// ```
    /// use jwtverify_core::Verifier;
    ///
    /// let scratch = [0u8; Verifier::scratch_len(2048)];
    /// assert_eq!(scratch.len(), 3072);
    /// ```
    pub const fn scratch_len(token_len: usize) -> usize {
        // What the segments stand for, and four octets for each member name, which takes at least
        // five octets of JSON ("":0 and a comma; nested, {"": and a brace).
        decoded_len(token_len).saturating_mul(2)
    }

    /// The allow-list.
    pub const fn algorithms(&self) -> AlgorithmSet {
        self.algorithms
    }

    /// The issuers of which a token must name one; none if any issuer will do.
    pub fn issuers(&self) -> impl Iterator<Item = &str> {
        let expected = match &self.issuer {
            Expected::Any => None,
            Expected::OneOf(issuers) => Some(issuers),
        };
        expected.into_iter().flat_map(List::iter)
    }

    /// The name of a claim that an error speaks of; empty for one that is not this verifier's.
    pub fn claim_name(&self, claim: ClaimName) -> &str {
        match claim {
            ClaimName::Required(place) => self.required.nth(usize::from(place)).unwrap_or_default(),
            registered => registered.as_str().unwrap_or_default(),
        }
    }

    fn parse<'t>(&self, token: &'t [u8]) -> Result<Token<'t>, Error> {
        Token::parse_within(token, self.max_token_bytes, self.allow_padding)
    }

    /// Steps 2 to 5, and the decoding of the payload. `buffer` then starts with the decoded
    /// header and payload.
    fn check_jws<K: Keys>(
        &self,
        token: Token<'_>,
        keys: &K,
        buffer: &mut [u8],
        names: impl for<'s> FnOnce(&'s mut [u8]) -> Names<'s>,
    ) -> Result<Parts, Error> {
        let header_len = token.header().decoded_len();
        let (header_buffer, rest) = buffer
            .split_at_mut_checked(header_len)
            .ok_or(Error::MisuseScratch)?;
        let decoded = self.decode_header(token, header_buffer)?;
        let (header, permitted) = self.read_header(decoded, &mut names(rest))?;
        let key = keys.select(&permitted)?;

        let payload_len = token.payload().decoded_len();
        let (payload_buffer, rest) = rest
            .split_at_mut_checked(payload_len)
            .ok_or(Error::MisuseScratch)?;
        let signature = token.signature().decode(rest, Error::SignatureBase64)?;
        let algorithm = permitted.algorithm();
        let proof = verify_signature(algorithm, key, token.signing_input(), signature)?;
        token
            .payload()
            .decode(payload_buffer, Error::PayloadBase64)?;

        Ok(Parts {
            algorithm,
            proof,
            header_len,
            header_object: object_range(decoded, header.json().len(), 0),
            header_spans: header.spans(),
            payload_len,
        })
    }

    fn decode_header<'b>(&self, token: Token<'_>, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        if token.header().decoded_len() > self.max_header_bytes {
            return Err(Error::HeaderTooLarge);
        }
        token.header().decode(buffer, Error::HeaderBase64)
    }

    fn read_header<'h>(
        &self,
        decoded: &'h [u8],
        names: &mut Names<'_>,
    ) -> Result<(Header<'h>, Permitted<'h>), Error> {
        let header = Header::read(decoded, names)?;
        let typ = self.typ.as_ref().and_then(|typ| typ.nth(0));
        let policy = HeaderPolicy {
            algorithms: self.algorithms,
            typ,
        };
        let permitted = policy.permit(&header)?;
        Ok((header, permitted))
    }

    /// Steps 6 and 7. Gives the place of the payload's object in the decoded text.
    fn check_claims(
        &self,
        payload: &[u8],
        parts: &Parts,
        now: UnixTime,
        names: &mut Names<'_>,
    ) -> Result<((usize, usize), crate::claims::Registered), Error> {
        let policy = self.claims_policy();
        let Checked { object, registered } = policy.check(payload, parts.proof, now, names)?;
        let range = object_range(payload, object.as_str().len(), parts.header_len);
        Ok((range, registered))
    }

    const fn claims_policy(&self) -> ClaimsPolicy<'_, 'p> {
        ClaimsPolicy {
            issuer: &self.issuer,
            audience: &self.audience,
            required: &self.required,
            leeway: self.leeway,
            max_age: self.max_age,
        }
    }
}

/// Where a JSON object of `len` octets stands in `text`, which has only white space around it,
/// counted from `offset` octets before.
fn object_range(text: &[u8], len: usize, offset: usize) -> (usize, usize) {
    let space = text.iter().take_while(|byte| **byte != b'{').count();
    let start = offset.saturating_add(space);
    (start, start.saturating_add(len))
}
