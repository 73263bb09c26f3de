//! `jwtverify_remote_jwks_builder`: a remote key set with settings of the program's own.

use core::ffi::c_char;
use core::time::Duration;
use std::sync::Arc;

use jwtverify_jwks::core_api::Error;
use jwtverify_jwks::{self as jwks, RemoteJwks};

use crate::builder::once;
use crate::error::{Failure, jwtverify_error};
use crate::ffi::{self, Edit, In, OutHandle, Own, Unique};
use crate::remote::jwtverify_remote_jwks;

/// Collects the settings of a remote key set. One thread at a time may use it.
///
/// Either a URL or an issuer must be given; the rest has defaults. A setter that fails makes
/// jwtverify_remote_jwks_builder_build() fail with the same code.
///
/// @since 0.1.0
#[derive(Default)]
pub struct jwtverify_remote_jwks_builder {
    url: Option<String>,
    issuer: Option<String>,
    ttl: Option<Duration>,
    max_stale: Option<Duration>,
    miss_interval: Option<Duration>,
    miss_spacing: Option<Duration>,
    connect_timeout: Option<Duration>,
    timeout: Option<Duration>,
    wait: Option<Duration>,
    stale_wait: Option<Duration>,
    max_bytes: Option<usize>,
    max_keys: Option<usize>,
    root_certificates: Vec<Vec<u8>>,
    /// The first setter that failed.
    failed: Option<Error>,
}

impl Unique for jwtverify_remote_jwks_builder {}

impl jwtverify_remote_jwks_builder {
    fn build(&self) -> Result<RemoteJwks, jwks::Error> {
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        let mut builder = RemoteJwks::builder();
        if let Some(url) = &self.url {
            builder = builder.url(url);
        }
        if let Some(issuer) = &self.issuer {
            builder = builder.issuer(issuer);
        }
        if let Some(ttl) = self.ttl {
            builder = builder.ttl(ttl);
        }
        if let Some(time) = self.max_stale {
            builder = builder.max_stale(time);
        }
        if let Some(interval) = self.miss_interval {
            builder = builder.miss_interval(interval);
        }
        if let Some(time) = self.miss_spacing {
            builder = builder.miss_spacing(time);
        }
        if let Some(timeout) = self.connect_timeout {
            builder = builder.connect_timeout(timeout);
        }
        if let Some(timeout) = self.timeout {
            builder = builder.timeout(timeout);
        }
        if let Some(time) = self.wait {
            builder = builder.wait(time);
        }
        if let Some(time) = self.stale_wait {
            builder = builder.stale_wait(time);
        }
        if let Some(bytes) = self.max_bytes {
            builder = builder.max_bytes(bytes);
        }
        if let Some(keys) = self.max_keys {
            builder = builder.max_keys(keys);
        }
        for certificate in &self.root_certificates {
            builder = builder.root_certificate(certificate.as_slice());
        }
        builder.build()
    }
}

/// A setter: changes the builder, and lets it remember a failure.
fn set(
    mut builder: Edit<jwtverify_remote_jwks_builder>,
    change: impl FnOnce(&mut jwtverify_remote_jwks_builder) -> Result<(), Error>,
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

/// A new builder without any settings.
///
/// @param builder  receives the builder, to be freed with jwtverify_remote_jwks_builder_free()
/// @return JWTVERIFY_OK or JWTVERIFY_ERROR_MISUSE_NULL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_new(
    builder: OutHandle<jwtverify_remote_jwks_builder>,
) -> i32 {
    ffi::run_plain(|| {
        builder
            .slot()?
            .put_unique(jwtverify_remote_jwks_builder::default());
        Ok(())
    })
}

/// Fetches the key set from this address, as jwtverify_remote_jwks_from_url().
///
/// @param builder  the builder
/// @param url      NUL-terminated, copied
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_url(
    builder: Edit<jwtverify_remote_jwks_builder>,
    url: In<c_char>,
) -> i32 {
    set(builder, |builder| {
        let url = url.text()?.to_owned();
        once(&mut builder.url, url)
    })
}

/// Asks this issuer's discovery document where the key set is, as
/// jwtverify_remote_jwks_discover().
///
/// @param builder  the builder
/// @param issuer   NUL-terminated, copied
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_issuer(
    builder: Edit<jwtverify_remote_jwks_builder>,
    issuer: In<c_char>,
) -> i32 {
    set(builder, |builder| {
        let issuer = issuer.text()?.to_owned();
        once(&mut builder.issuer, issuer)
    })
}

/// How long a key set is used without asking again, where the answer has no `max-age`: 600 seconds
/// by default. If it is set, it is also the most that `max-age` can give, which else is from 1
/// minute to 1 hour.
///
/// @param builder  the builder
/// @param seconds  from 1 to 86400
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_ttl_seconds(
    builder: Edit<jwtverify_remote_jwks_builder>,
    seconds: u64,
) -> i32 {
    set(builder, |builder| {
        once(&mut builder.ttl, Duration::from_secs(seconds))
    })
}

/// How long after that a key set is used while the issuer cannot be reached. Default 3600 seconds.
///
/// @param builder  the builder
/// @param seconds  at most 604800; 0 means that an issuer which is down takes its verifiers down
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_max_stale_seconds(
    builder: Edit<jwtverify_remote_jwks_builder>,
    seconds: u64,
) -> i32 {
    set(builder, |builder| {
        once(&mut builder.max_stale, Duration::from_secs(seconds))
    })
}

/// The time in which one more fetch may be caused by unknown key ids, after the first two: whatever
/// ids an attacker invents, the issuer is asked no more often. Default 30 seconds.
///
/// @param builder  the builder
/// @param seconds  from 1 to 86400
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_miss_interval_seconds(
    builder: Edit<jwtverify_remote_jwks_builder>,
    seconds: u64,
) -> i32 {
    set(builder, |builder| {
        once(&mut builder.miss_interval, Duration::from_secs(seconds))
    })
}

/// The least time from any fetch to one that is caused by an unknown key id. Default 5 seconds.
///
/// @param builder  the builder
/// @param seconds  at most 3600; 0 means that a new key is asked for at once
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_miss_spacing_seconds(
    builder: Edit<jwtverify_remote_jwks_builder>,
    seconds: u64,
) -> i32 {
    set(builder, |builder| {
        once(&mut builder.miss_spacing, Duration::from_secs(seconds))
    })
}

/// The longest time for a connection, TLS included. Default 2000 milliseconds.
///
/// @param builder       the builder
/// @param milliseconds  at most 60000
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_connect_timeout_ms(
    builder: Edit<jwtverify_remote_jwks_builder>,
    milliseconds: u64,
) -> i32 {
    set(builder, |builder| {
        once(
            &mut builder.connect_timeout,
            Duration::from_millis(milliseconds),
        )
    })
}

/// The longest time for one fetch, discovery included. Default 5000 milliseconds.
///
/// @param builder       the builder
/// @param milliseconds  at most 60000
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_timeout_ms(
    builder: Edit<jwtverify_remote_jwks_builder>,
    milliseconds: u64,
) -> i32 {
    set(builder, |builder| {
        once(&mut builder.timeout, Duration::from_millis(milliseconds))
    })
}

/// How long one call waits for keys when there are none. Default: a little longer than the timeout.
///
/// @param builder       the builder
/// @param milliseconds  0 means that no call waits: it starts a fetch and fails until that ended
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_wait_ms(
    builder: Edit<jwtverify_remote_jwks_builder>,
    milliseconds: u64,
) -> i32 {
    set(builder, |builder| {
        once(&mut builder.wait, Duration::from_millis(milliseconds))
    })
}

/// How long one call waits for a due renewal before it goes on with the old keys. Default 2000
/// milliseconds.
///
/// @param builder       the builder
/// @param milliseconds  0 means that no call waits, and the first ones after an idle time see the
///                      old keys
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_stale_wait_ms(
    builder: Edit<jwtverify_remote_jwks_builder>,
    milliseconds: u64,
) -> i32 {
    set(builder, |builder| {
        once(&mut builder.stale_wait, Duration::from_millis(milliseconds))
    })
}

/// The longest document that is read. Default 512 KiB.
///
/// @param builder  the builder
/// @param bytes    at most 16 MiB
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_max_bytes(
    builder: Edit<jwtverify_remote_jwks_builder>,
    bytes: usize,
) -> i32 {
    set(builder, |builder| once(&mut builder.max_bytes, bytes))
}

/// The most members of "keys". Default 100.
///
/// @param builder  the builder
/// @param keys     at most 10000
/// @return JWTVERIFY_OK; JWTVERIFY_ERROR_MISUSE_TWICE if it was set before
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_max_keys(
    builder: Edit<jwtverify_remote_jwks_builder>,
    keys: usize,
) -> i32 {
    set(builder, |builder| once(&mut builder.max_keys, keys))
}

/// Trusts this root for TLS, for an issuer behind a company's own authority; call it once for each.
/// The public authorities are then not trusted.
///
/// @param builder          the builder
/// @param certificate      PEM or DER, copied
/// @param certificate_len  its length in bytes
/// @return JWTVERIFY_OK or a misuse code; what is no certificate makes the build fail
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_root_certificate(
    builder: Edit<jwtverify_remote_jwks_builder>,
    certificate: In<u8>,
    certificate_len: usize,
) -> i32 {
    set(builder, |builder| {
        builder
            .root_certificates
            .push(certificate.bytes(certificate_len)?.to_owned());
        Ok(())
    })
}

/// Makes a remote key set of the settings. The builder stays as it is and can build another one.
/// Nothing is fetched yet.
///
/// @param builder  the builder; only read
/// @param remote   receives the remote key set, to be freed with jwtverify_remote_jwks_free()
/// @param error    NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK; the code of the first setter that failed; else an 8xx code, such as
///         JWTVERIFY_ERROR_MISUSE_URL
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_build(
    builder: In<jwtverify_remote_jwks_builder>,
    remote: OutHandle<jwtverify_remote_jwks>,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    ffi::run(&error, || {
        let slot = remote.slot()?;
        let result = builder.borrow()?.build();
        let remote = result.map_err(|why| Failure::explained(&why, None))?;
        slot.put(Arc::new(jwtverify_remote_jwks::new(remote)));
        Ok(())
    })
}

/// Frees a builder. NULL is allowed. The remote key sets it built stay.
///
/// @since 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_remote_jwks_builder_free(builder: Own<jwtverify_remote_jwks_builder>) {
    builder.free_unique();
}

#[cfg(test)]
mod tests {
    use core::ffi::CStr;

    use super::*;

    type Setter = fn(&mut jwtverify_remote_jwks_builder) -> i32;

    fn edit(builder: &mut jwtverify_remote_jwks_builder) -> Edit<jwtverify_remote_jwks_builder> {
        Edit::from_c(builder)
    }

    fn text(text: &'static CStr) -> In<c_char> {
        In::from_c(text.as_ptr())
    }

    fn build(setters: &[Setter]) -> Option<Error> {
        let mut builder = jwtverify_remote_jwks_builder::default();
        for setter in setters {
            setter(&mut builder);
        }
        builder.build().err().map(|error| error.error())
    }

    #[test]
    fn every_setting_reaches_the_builder_below_and_is_given_once() {
        let url: Setter =
            |b| jwtverify_remote_jwks_builder_url(edit(b), text(c"https://a.example/k"));
        // Each is in range, then out of range, so that a setter that is not replayed is seen.
        let settings: [(&str, Setter, Setter); 8] = [
            (
                "ttl",
                |b| jwtverify_remote_jwks_builder_ttl_seconds(edit(b), 60),
                |b| jwtverify_remote_jwks_builder_ttl_seconds(edit(b), 0),
            ),
            (
                "max_stale",
                |b| jwtverify_remote_jwks_builder_max_stale_seconds(edit(b), 0),
                |b| jwtverify_remote_jwks_builder_max_stale_seconds(edit(b), u64::MAX),
            ),
            (
                "miss_interval",
                |b| jwtverify_remote_jwks_builder_miss_interval_seconds(edit(b), 60),
                |b| jwtverify_remote_jwks_builder_miss_interval_seconds(edit(b), 0),
            ),
            (
                "miss_spacing",
                |b| jwtverify_remote_jwks_builder_miss_spacing_seconds(edit(b), 0),
                |b| jwtverify_remote_jwks_builder_miss_spacing_seconds(edit(b), u64::MAX),
            ),
            (
                "connect_timeout",
                |b| jwtverify_remote_jwks_builder_connect_timeout_ms(edit(b), 100),
                |b| jwtverify_remote_jwks_builder_connect_timeout_ms(edit(b), u64::MAX),
            ),
            (
                "timeout",
                |b| jwtverify_remote_jwks_builder_timeout_ms(edit(b), 6000),
                |b| jwtverify_remote_jwks_builder_timeout_ms(edit(b), u64::MAX),
            ),
            (
                "max_bytes",
                |b| jwtverify_remote_jwks_builder_max_bytes(edit(b), 1000),
                |b| jwtverify_remote_jwks_builder_max_bytes(edit(b), usize::MAX),
            ),
            (
                "max_keys",
                |b| jwtverify_remote_jwks_builder_max_keys(edit(b), 10),
                |b| jwtverify_remote_jwks_builder_max_keys(edit(b), usize::MAX),
            ),
        ];
        for (name, good, bad) in settings {
            assert_eq!(build(&[url, good]), None, "{name}");
            assert_eq!(build(&[url, bad]), Some(Error::MisuseArgument), "{name}");
            assert_eq!(
                build(&[url, good, good]),
                Some(Error::MisuseTwice),
                "{name}"
            );
        }
        assert_eq!(build(&[url, url]), Some(Error::MisuseTwice));
    }

    #[test]
    fn one_source_is_named() {
        let url: Setter =
            |b| jwtverify_remote_jwks_builder_url(edit(b), text(c"https://a.example/k"));
        let issuer: Setter =
            |b| jwtverify_remote_jwks_builder_issuer(edit(b), text(c"https://a.example"));
        let http: Setter =
            |b| jwtverify_remote_jwks_builder_url(edit(b), text(c"http://a.example/"));
        let null: Setter =
            |b| jwtverify_remote_jwks_builder_url(edit(b), In::from_c(core::ptr::null()));
        assert_eq!(build(&[]), Some(Error::MisuseUrl));
        assert_eq!(build(&[issuer]), None);
        assert_eq!(build(&[url, issuer]), Some(Error::MisuseTwice));
        assert_eq!(build(&[http]), Some(Error::MisuseUrl));
        assert_eq!(build(&[null, issuer]), Some(Error::MisuseNull));
    }

    #[test]
    fn a_certificate_that_is_none_is_refused() {
        let junk: Setter = |b| {
            let junk = [1_u8, 2, 3];
            jwtverify_remote_jwks_builder_root_certificate(edit(b), In::from_c(junk.as_ptr()), 3)
        };
        let url: Setter =
            |b| jwtverify_remote_jwks_builder_url(edit(b), text(c"https://a.example/k"));
        assert_eq!(build(&[url, junk]), Some(Error::MisuseArgument));
    }
}
