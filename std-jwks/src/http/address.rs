//! Which addresses of a host are connected to.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// The addresses that a request may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Any that the name resolves to.
    Anywhere,
    /// Those that are reachable from the whole Internet.
    Public,
    /// This machine. `localhost` is a name like any other to a resolver, and the exception from
    /// https holds for this machine alone.
    Loopback,
}

/// Why a name or an address is not connected to.
pub(super) const PRIVATE: &str =
    "the host has a private address, and private addresses are blocked";

impl Reach {
    pub(super) fn includes(self, address: IpAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Public => is_public(address),
            Self::Loopback => address.is_loopback(),
        }
    }
}

/// Resolves as usual and keeps what is in reach. The addresses that it gives are those that are
/// connected to: nothing is resolved twice.
#[derive(Debug)]
pub(super) struct Within {
    pub(super) reach: Reach,
    pub(super) resolver: DefaultResolver,
}

impl Resolver for Within {
    fn resolve(
        &self,
        uri: &ureq::http::Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.resolver.resolve(uri, config, timeout)?;
        let mut kept = self.resolver.empty();
        for address in found
            .iter()
            .filter(|address| self.reach.includes(address.ip()))
        {
            kept.push(*address);
        }
        if !kept.is_empty() {
            return Ok(kept);
        }
        Err(match self.reach {
            Reach::Public => {
                ureq::Error::Io(io::Error::new(io::ErrorKind::PermissionDenied, PRIVATE))
            }
            Reach::Anywhere | Reach::Loopback => ureq::Error::HostNotFound,
        })
    }
}

/// Whether an address is one of the public Internet: no private network, no link, no loopback, no
/// metadata service of a cloud, nothing that is reserved (RFC 6890 and its registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocols = a == 192 && b == 0 && c == 0;
    let relay = a == 192 && b == 88 && c == 99;
    let benchmarks = a == 198 && (b == 18 || b == 19);
    !(a == 0
        || a >= 240
        || shared
        || protocols
        || relay
        || benchmarks
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // An IPv4 address may hide in one of IPv6, and a gateway would unpack it.
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(joined(high, low))
        }
        [0x2002, high, low, ..] => is_public_v4(joined(high, low)),
        // Teredo, benchmarks, ORCHID and other protocol assignments.
        [0x2001, second, ..] if second < 0x200 => false,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // Everything else that is handed out to networks is in 2000::/3.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(reach: Reach, uri: &str) -> bool {
        let resolver = Within {
            reach,
            resolver: DefaultResolver::default(),
        };
        let config = Config::builder().build();
        resolver
            .resolve(&uri.parse().unwrap(), &config, NextTimeout::default())
            .is_ok()
    }

    #[test]
    fn plain_http_names_must_resolve_to_this_machine() {
        // The URL rules let only loopback through; this is the second lock on the same door.
        assert!(resolve(Reach::Loopback, "http://127.0.0.1:80/"));
        assert!(!resolve(Reach::Loopback, "http://192.0.2.1:80/"));
        // For https there is no such rule, nor for the proxy on the way, which may speak http.
        assert!(resolve(Reach::Anywhere, "https://192.0.2.1:443/"));
        assert!(resolve(Reach::Anywhere, "http://192.0.2.1:3128/"));
    }

    #[test]
    fn names_of_private_addresses_are_out_of_reach() {
        for uri in [
            "https://localhost/",
            "https://127.0.0.1/",
            "https://10.1.2.3/",
            "https://169.254.169.254/",
            "https://[::1]/",
        ] {
            assert!(!resolve(Reach::Public, uri), "{uri}");
        }
        assert!(resolve(Reach::Public, "https://8.8.8.8/"));
    }

    #[test]
    fn addresses_that_are_not_of_the_public_internet() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a9fe:a9fe::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456:789a::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn addresses_of_the_public_internet() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2001:4860:4860::8888",
            "2002:808:808::1",
            "2606:4700::1111",
            "2a00:1450::1",
            "3fff:1000::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}
