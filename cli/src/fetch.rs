//! Fetching key sets with the options of the command line.

use std::sync::Arc;
use std::time::Duration;

use jwtverify_jwks::{HttpFetch, RemoteJwks, RemoteJwksBuilder};

use crate::args::FetchArgs;
use crate::input::{self, Problem};

/// A bundle of all public certificate authorities has about 200 KiB.
const MAX_CA_BYTES: usize = 1024 * 1024;

/// A source of keys with the settings of the command line; `source` names the URL or the issuer.
pub(crate) fn remote(
    args: &FetchArgs,
    source: impl FnOnce(RemoteJwksBuilder) -> RemoteJwksBuilder,
) -> Result<RemoteJwks, Problem> {
    let timeout = Duration::from_secs(args.timeout);
    let builder = RemoteJwks::builder()
        .timeout(timeout)
        .connect_timeout(timeout)
        .fetch(Arc::new(transport(args)?));
    source(builder)
        .build()
        .map_err(|error| Problem::usage(error.to_string()))
}

/// Refuses options for fetching where a local file is read: they would do nothing.
pub(crate) fn expect_no_fetch(args: &FetchArgs) -> Result<(), Problem> {
    match args.ca {
        Some(_) => Err(Problem::usage(
            "--ca is for keys that are fetched, not for local files",
        )),
        None => Ok(()),
    }
}

/// The transport, with the certificate authorities that it is to trust.
pub(crate) fn transport(args: &FetchArgs) -> Result<HttpFetch, Problem> {
    let Some(path) = &args.ca else {
        return Ok(HttpFetch::new());
    };
    let certificates = input::file(path, MAX_CA_BYTES)
        .map_err(|error| Problem::usage(format!("{path} can't be read: {error}")))?;
    HttpFetch::with_root_certificates([certificates])
        .map_err(|error| Problem::usage(format!("{path}: {error}")))
}
