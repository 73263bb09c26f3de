//! How far a request came: to the name, the machine, its TLS, or an answer.

use std::fmt;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::fetch::FetchError;
use crate::text;
use crate::url::SourceUrl;

/// Addresses of one host that are shown.
const SHOWN_ADDRESSES: usize = 4;

/// The last step of a request that went well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reached {
    /// None: no request was made, or the name of the host was not found.
    #[default]
    Nothing,
    /// The name of the host was found; nobody answered there.
    Name,
    /// A connection was made; the TLS handshake failed, or no answer came.
    Connection,
    /// An answer began.
    Answer,
}

impl Reached {
    /// A word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Name => "name",
            Self::Connection => "connection",
            Self::Answer => "answer",
        }
    }

    /// How far a failed request came. `found` says whether the name of the host has an address.
    pub(super) const fn before(error: &FetchError, found: bool) -> Self {
        match error {
            // Whoever sends too much, or stops in the middle, was reached.
            FetchError::TooLarge | FetchError::Body(_) => Self::Answer,
            FetchError::Tls(_) => Self::Connection,
            FetchError::Connect(_) | FetchError::Timeout if found => Self::Name,
            FetchError::Connect(_) | FetchError::Timeout => Self::Nothing,
        }
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The addresses of a URL's host, as this machine resolves its name; none if that fails or takes
/// longer than `limit`.
pub(super) fn addresses(url: &SourceUrl, limit: Duration) -> Vec<String> {
    let Some((host, port)) = url.host_and_port() else {
        return Vec::new();
    };
    // The resolver of the system can't be told to hurry: it gets a thread, which ends with it.
    let (sender, receiver) = mpsc::channel();
    let resolve = move || {
        let found = (host.as_str(), port).to_socket_addrs();
        let _ = sender.send(found.map(Iterator::collect::<Vec<_>>));
    };
    if thread::Builder::new().spawn(resolve).is_err() {
        return Vec::new();
    }
    let mut shown: Vec<IpAddr> = Vec::new();
    for address in receiver
        .recv_timeout(limit)
        .ok()
        .and_then(Result::ok)
        .into_iter()
        .flatten()
    {
        if !shown.contains(&address.ip()) && shown.len() < SHOWN_ADDRESSES {
            shown.push(address.ip());
        }
    }
    shown
        .iter()
        .map(|address| text::shown(&address.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_request_came_as_far_as_its_error_says() {
        let why = String::new;
        for (error, found, wanted) in [
            (FetchError::Connect(why()), false, Reached::Nothing),
            (FetchError::Connect(why()), true, Reached::Name),
            (FetchError::Timeout, true, Reached::Name),
            (FetchError::Tls(why()), false, Reached::Connection),
            (FetchError::Body(why()), false, Reached::Answer),
            (FetchError::TooLarge, false, Reached::Answer),
        ] {
            assert_eq!(Reached::before(&error, found), wanted, "{error:?}");
        }
    }

    #[test]
    fn addresses_need_no_name_server() {
        let url = SourceUrl::parse("http://127.0.0.1:9/keys").unwrap();
        assert_eq!(addresses(&url, Duration::from_secs(5)), ["127.0.0.1"]);
        let url = SourceUrl::parse("http://[::1]:9/keys").unwrap();
        assert_eq!(addresses(&url, Duration::from_secs(5)), ["::1"]);
    }
}
