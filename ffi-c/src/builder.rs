//! `jwtverify_verifier_builder`: the rules for tokens, collected one call at a time.

use core::ffi::c_char;
use std::sync::Arc;

use jwtverify_jwks::core_api::{Algorithm, AlgorithmSet, Error, Verifier};

use crate::error::jwtverify_error;
use crate::ffi::{self, Edit, In, OutHandle, Own, Unique};
use crate::verifier::jwtverify_verifier;

/// Collects the rules for a verifier. One thread at a time may use it.
///
/// Algorithms, issuer and audience have no default: each must be given, if only as "any". A
/// setter that fails makes jwtverify_verifier_builder_build() fail with the same code, so a
/// program may leave the setters unchecked and look at the build alone.
///
/// @since 0.1.0
#[derive(Default)]
pub struct jwtverify_verifier_builder {
    algorithms: AlgorithmSet,
    issuers: Expected,
    audiences: Expected,
    required: Option<Vec<String>>,
    typ: Option<String>,
    leeway: Option<u64>,
    max_age: Option<u64>,
    allow_padding: bool,
    max_token_bytes: Option<usize>,
    max_header_bytes: Option<usize>,
    /// The first setter that failed.
    failed: Option<Error>,
}

/// What `iss` or `aud` must say. Both given is a contradiction that the core refuses.
#[derive(Default)]
struct Expected {
    any: bool,
    values: Vec<String>,
}

impl Unique for jwtverify_verifier_builder {}

/// Replays one list for the core's builder, which has the say on what is missing, contradictory
/// or too much.
macro_rules! replay {
    ($builder:ident, $expected:expr, $any:ident, $values:ident) => {
        if $expected.any {
            $builder = $builder.$any();
        }
        let values: Vec<&str> = $expected.values.iter().map(String::as_str).collect();
        if !values.is_empty() {
            $builder = $builder.$values(&values);
        }
    };
}

impl jwtverify_verifier_builder {
    fn build(&self) -> Result<Verifier<'static>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut builder = Verifier::builder().algorithms(self.algorithms);
        replay!(builder, self.issuers, any_issuer, issuers);
        replay!(builder, self.audiences, any_audience, audiences);
        let required: Option<Vec<&str>> = self
            .required
            .as_ref()
            .map(|names| names.iter().map(String::as_str).collect());
        if let Some(required) = &required {
            builder = builder.required_claims(required);
        }
        if let Some(typ) = &self.typ {
            builder = builder.typ(typ);
        }
        if let Some(seconds) = self.leeway {
            builder = builder.leeway(seconds);
        }
        if let Some(seconds) = self.max_age {
            builder = builder.max_age(seconds);
        }
        if self.allow_padding {
            builder = builder.allow_padding(true);
        }
        if let Some(bytes) = self.max_token_bytes {
            builder = builder.max_token_bytes(bytes);
        }
        if let Some(bytes) = self.max_header_bytes {
            builder = builder.max_header_bytes(bytes);
        }
        Ok(builder.build()?.into_owned())
    }
}

/// A setter: changes the builder, and lets it remember a failure.
fn set(
    mut builder: Edit<jwtverify_verifier_builder>,
    change: impl FnOnce(&mut jwtverify_verifier_builder) -> Result<(), Error>,
) -> i32 {
    ffi::run_plain(|| {
        let builder = builder.borrow()?;
        let result = change(builder);
        if let Err(error) = result {
            builder.failed.get_or_insert(error);
        }
        result
    })
}

/// Keeps a setting that may be given once.
pub(crate) fn once<T>(place: &mut Option<T>, value: T) -> Result<(), Error> {
    if place.is_some() {
        return Err(Error::MisuseTwice);
    }
    *place = Some(value);
    Ok(())
}

/// A new builder without any rules.
///
/// @param builder  receives the builder, to be freed with jwtverify_verifier_builder_free()
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_new(
    builder: OutHandle<jwtverify_verifier_builder>,
) -> i32 {
    ffi::run_plain(|| {
        builder
            .slot()?
            .put_unique(jwtverify_verifier_builder::default());
        Ok(())
    })
}

/// Allows one algorithm; call it once for each. At least one must be allowed (RFC 8725 section
/// 3.1).
///
/// @param builder  the builder
/// @param name     "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
///                 "ES512", "ES256K", "EdDSA", "Ed25519", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87",
///                 "HS256", "HS384" or "HS512"; case-sensitive
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_ALGORITHM_NAME for any other name
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_algorithm(
    builder: Edit<jwtverify_verifier_builder>,
    name: In<c_char>,
) -> i32 {
    set(builder, |builder| {
        let algorithm = Algorithm::from_name(name.text()?).ok_or(Error::MisuseAlgorithmName)?;
        builder.algorithms = builder.algorithms.with(algorithm);
        Ok(())
    })
}

/// Accepts tokens of one issuer; call it once for each. The claim "iss" must equal one of them,
/// byte for byte (RFC 7519 section 4.1.1).
///
/// @param builder  the builder
/// @param issuer   NUL-terminated UTF-8, copied
/// @return JWTVERIFY_OK or a misuse code
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_issuer(
    builder: Edit<jwtverify_verifier_builder>,
    issuer: In<c_char>,
) -> i32 {
    set(builder, |builder| {
        builder.issuers.values.push(issuer.text()?.to_owned());
        Ok(())
    })
}

/// Leaves the issuer unchecked. Safe only where the keys belong to one issuer alone, or where the
/// program checks "iss" itself.
///
/// @param builder  the builder
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_any_issuer(
    builder: Edit<jwtverify_verifier_builder>,
) -> i32 {
    set(builder, |builder| {
        builder.issuers.any = true;
        Ok(())
    })
}

/// Accepts tokens for one audience; call it once for each. One value of the claim "aud" must equal
/// one of them, byte for byte (RFC 7519 section 4.1.3).
///
/// @param builder   the builder
/// @param audience  NUL-terminated UTF-8, copied
/// @return JWTVERIFY_OK or a misuse code
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_audience(
    builder: Edit<jwtverify_verifier_builder>,
    audience: In<c_char>,
) -> i32 {
    set(builder, |builder| {
        builder.audiences.values.push(audience.text()?.to_owned());
        Ok(())
    })
}

/// Leaves the audience unchecked. Another service's token from the same issuer is then accepted.
///
/// @param builder  the builder
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_any_audience(
    builder: Edit<jwtverify_verifier_builder>,
) -> i32 {
    set(builder, |builder| {
        builder.audiences.any = true;
        Ok(())
    })
}

/// Allows for clocks that differ: "exp" and "nbf" are stretched by so many seconds. Default 0.
///
/// @param builder  the builder
/// @param seconds  at most 300; more makes the build fail with JWTVERIFY_ERROR_MISUSE_LEEWAY
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_leeway(
    builder: Edit<jwtverify_verifier_builder>,
    seconds: u64,
) -> i32 {
    set(builder, |builder| once(&mut builder.leeway, seconds))
}

/// Requires a claim to be present; call it once for each. The first call replaces the default,
/// which is "exp" alone: name "exp" again to keep it.
///
/// @param builder  the builder
/// @param name     NUL-terminated UTF-8, copied
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE after
///         jwtverify_verifier_builder_no_required_claims(); another misuse code
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_required_claim(
    builder: Edit<jwtverify_verifier_builder>,
    name: In<c_char>,
) -> i32 {
    set(builder, |builder| {
        let name = name.text()?.to_owned();
        match &mut builder.required {
            // After "no required claims": one of the two is a mistake.
            Some(names) if names.is_empty() => return Err(Error::MisuseTwice),
            Some(names) => names.push(name),
            none => *none = Some(vec![name]),
        }
        Ok(())
    })
}

/// Requires no claim to be present, not even "exp": tokens without it never expire. Claims that
/// are present are checked all the same.
///
/// @param builder  the builder
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE after a required claim was named
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_no_required_claims(
    builder: Edit<jwtverify_verifier_builder>,
) -> i32 {
    set(builder, |builder| once(&mut builder.required, Vec::new()))
}

/// Requires the header's "typ", such as "at+jwt" (RFC 8725 section 3.11). Compared without regard
/// to case and to a leading "application/".
///
/// @param builder  the builder
/// @param typ      NUL-terminated UTF-8, copied
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_typ(
    builder: Edit<jwtverify_verifier_builder>,
    typ: In<c_char>,
) -> i32 {
    set(builder, |builder| {
        let typ = typ.text()?.to_owned();
        once(&mut builder.typ, typ)
    })
}

/// Refuses tokens that were issued longer ago than this, by their "iat". Default: no such limit.
///
/// @param builder  the builder
/// @param seconds  the oldest age
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_max_age(
    builder: Edit<jwtverify_verifier_builder>,
    seconds: u64,
) -> i32 {
    set(builder, |builder| once(&mut builder.max_age, seconds))
}

/// Accepts segments with correct trailing "=", against RFC 7515 section 2. The load balancer of
/// AWS (ALB) writes such tokens.
///
/// @param builder  the builder
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_allow_padding(
    builder: Edit<jwtverify_verifier_builder>,
) -> i32 {
    set(builder, |builder| {
        builder.allow_padding = true;
        Ok(())
    })
}

/// Sets the longest token. Default 256 KiB.
///
/// @param builder  the builder
/// @param bytes    the limit
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_max_token_bytes(
    builder: Edit<jwtverify_verifier_builder>,
    bytes: usize,
) -> i32 {
    set(builder, |builder| once(&mut builder.max_token_bytes, bytes))
}

/// Sets the longest header, decoded. Default 8 KiB.
///
/// @param builder  the builder
/// @param bytes    the limit
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_max_header_bytes(
    builder: Edit<jwtverify_verifier_builder>,
    bytes: usize,
) -> i32 {
    set(builder, |builder| {
        once(&mut builder.max_header_bytes, bytes)
    })
}

/// Makes a verifier of the rules. The builder stays as it is and can build another one.
///
/// @param builder   the builder; only read
/// @param verifier  receives the verifier, to be freed with jwtverify_verifier_free()
/// @param error     NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK; the code of the first setter that failed; else an 8xx code, such as
///         JWTVERIFY_ERROR_MISUSE_NO_ALGORITHMS, JWTVERIFY_ERROR_MISUSE_ISSUER_UNSET or
///         JWTVERIFY_ERROR_MISUSE_AUDIENCE_UNSET
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_build(
    builder: In<jwtverify_verifier_builder>,
    verifier: OutHandle<jwtverify_verifier>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let slot = verifier.slot()?;
        let verifier = builder.borrow()?.build()?;
        slot.put(Arc::new(jwtverify_verifier::new(verifier)));
        Ok(())
    })
}

/// Frees a builder. NULL is allowed. The verifiers it built stay.
///
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_verifier_builder_free(builder: Own<jwtverify_verifier_builder>) {
    builder.free_unique();
}

#[cfg(test)]
mod tests {
    use core::ffi::CStr;

    use super::*;

    type Setter = fn(&mut jwtverify_verifier_builder) -> i32;

    fn edit(builder: &mut jwtverify_verifier_builder) -> Edit<jwtverify_verifier_builder> {
        Edit::from_c(builder)
    }

    fn text(text: &'static CStr) -> In<c_char> {
        In::from_c(text.as_ptr())
    }

    /// One that builds.
    fn complete() -> jwtverify_verifier_builder {
        let mut builder = jwtverify_verifier_builder::default();
        let b = &mut builder;
        assert_eq!(
            jwtverify_verifier_builder_algorithm(edit(b), text(c"ES256")),
            0
        );
        assert_eq!(jwtverify_verifier_builder_issuer(edit(b), text(c"me")), 0);
        assert_eq!(
            jwtverify_verifier_builder_audience(edit(b), text(c"you")),
            0
        );
        assert!(builder.build().is_ok());
        builder
    }

    #[test]
    fn nothing_is_checked_by_default_of_what_must_be_named() {
        let mut b = jwtverify_verifier_builder::default();
        assert_eq!(b.build().err(), Some(Error::MisuseNoAlgorithms));
        jwtverify_verifier_builder_algorithm(edit(&mut b), text(c"ES256"));
        assert_eq!(b.build().err(), Some(Error::MisuseIssuerUnset));
        jwtverify_verifier_builder_any_issuer(edit(&mut b));
        assert_eq!(b.build().err(), Some(Error::MisuseAudienceUnset));
        jwtverify_verifier_builder_any_audience(edit(&mut b));
        assert!(b.build().is_ok());
    }

    #[test]
    fn a_setter_that_fails_makes_every_later_build_fail() {
        let cases: [(&str, Setter, Error); 9] = [
            (
                "name of an algorithm",
                |b| jwtverify_verifier_builder_algorithm(edit(b), text(c"es256")),
                Error::MisuseAlgorithmName,
            ),
            (
                "not UTF-8",
                |b| jwtverify_verifier_builder_issuer(edit(b), text(c"\xff")),
                Error::MisuseUtf8,
            ),
            (
                "NULL",
                |b| jwtverify_verifier_builder_audience(edit(b), In::from_c(core::ptr::null())),
                Error::MisuseNull,
            ),
            (
                "leeway twice",
                |b| {
                    jwtverify_verifier_builder_leeway(edit(b), 1);
                    jwtverify_verifier_builder_leeway(edit(b), 1)
                },
                Error::MisuseTwice,
            ),
            (
                "typ twice",
                |b| {
                    jwtverify_verifier_builder_typ(edit(b), text(c"JWT"));
                    jwtverify_verifier_builder_typ(edit(b), text(c"JWT"))
                },
                Error::MisuseTwice,
            ),
            (
                "max_age twice",
                |b| {
                    jwtverify_verifier_builder_max_age(edit(b), 1);
                    jwtverify_verifier_builder_max_age(edit(b), 1)
                },
                Error::MisuseTwice,
            ),
            (
                "limit twice",
                |b| {
                    jwtverify_verifier_builder_max_token_bytes(edit(b), 1000);
                    jwtverify_verifier_builder_max_token_bytes(edit(b), 1000)
                },
                Error::MisuseTwice,
            ),
            (
                "a required claim after none",
                |b| {
                    jwtverify_verifier_builder_no_required_claims(edit(b));
                    jwtverify_verifier_builder_required_claim(edit(b), text(c"sub"))
                },
                Error::MisuseTwice,
            ),
            (
                "none after a required claim",
                |b| {
                    jwtverify_verifier_builder_required_claim(edit(b), text(c"sub"));
                    jwtverify_verifier_builder_no_required_claims(edit(b))
                },
                Error::MisuseTwice,
            ),
        ];
        for (name, setter, error) in cases {
            let mut builder = complete();
            assert_eq!(setter(&mut builder), ffi::code_of(error), "{name}");
            assert_eq!(builder.build().err(), Some(error), "{name}");
            // The first failure stays the one that is told.
            jwtverify_verifier_builder_algorithm(edit(&mut builder), text(c"none"));
            assert_eq!(builder.build().err(), Some(error), "{name}");
        }
    }

    #[test]
    fn contradictions_are_found_by_the_build() {
        for (name, setter, error) in [
            (
                "issuer and any",
                (|b| jwtverify_verifier_builder_any_issuer(edit(b))) as Setter,
                Error::MisuseTwice,
            ),
            (
                "audience and any",
                |b| jwtverify_verifier_builder_any_audience(edit(b)),
                Error::MisuseTwice,
            ),
            (
                "leeway",
                |b| jwtverify_verifier_builder_leeway(edit(b), u64::MAX),
                Error::MisuseLeeway,
            ),
        ] {
            let mut builder = complete();
            assert_eq!(setter(&mut builder), 0, "{name}");
            assert_eq!(builder.build().err(), Some(error), "{name}");
        }
        let mut builder = complete();
        for _ in 0..200 {
            jwtverify_verifier_builder_issuer(edit(&mut builder), text(c"them"));
        }
        assert_eq!(builder.build().err(), Some(Error::MisuseTooMany));
    }

    #[test]
    fn a_builder_can_build_twice() {
        let builder = complete();
        assert!(builder.build().is_ok() && builder.build().is_ok());
    }
}
