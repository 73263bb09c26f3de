//! How long an answer is good for, from its header fields (RFC 9111).
//!
//! A key set is no page of a browser: the issuer's word counts, within bounds that are ours. Keys
//! must neither be asked for every second nor live for a month because a header says so.

use std::time::Duration;

use super::timing::Timing;

/// What the header fields of an answer say about its age.
///
/// `Expires` and `Last-Modified` are not looked at: they compare two clocks that may differ. Nor is
/// `s-maxage`, which is for caches that many share, nor `must-revalidate`: how long a set is used
/// while the issuer is down is [`Timing::max_stale`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Freshness {
    /// `max-age` (RFC 9111 section 5.2.2.1). `None` if there is none, or if `no-store` or `no-cache`
    /// is there as well: such an answer counts as one that says nothing, not as one that is old at
    /// once.
    pub max_age: Option<Duration>,
    /// `Age` (RFC 9111 section 5.1): how long it lay in caches on the way.
    pub age: Duration,
}

impl Freshness {
    /// Reads the values of the fields `Cache-Control` and `Age`, where there are any.
    ///
    /// What is no number of seconds counts as absent; one that does not fit is a very long time
    /// (RFC 9111 section 1.2.2). Of two `max-age` the smaller one counts.
    ///
    /// ```
    /// use jwtverify_jwks::engine::{Freshness, Timing};
    ///
    /// let timing = Timing::default();
    /// let ttl = |value| Freshness::from_headers(Some(value), Some("100")).ttl(&timing).as_secs();
    /// assert_eq!(ttl("public, max-age=900"), 800);
    /// assert_eq!(ttl("max-age=15"), 60);
    /// assert_eq!(ttl("max-age=21600, must-revalidate"), 3600);
    /// assert_eq!(ttl("no-cache"), 600);
    /// ```
    #[must_use]
    pub fn from_headers(cache_control: Option<&str>, age: Option<&str>) -> Self {
        let mut max_age: Option<Duration> = None;
        let mut says_nothing = false;
        for directive in Directives(cache_control.unwrap_or_default()) {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let name = name.trim();
            if name.eq_ignore_ascii_case("max-age") {
                let value = value.trim();
                let bare = value
                    .strip_prefix('"')
                    .and_then(|value| value.strip_suffix('"'));
                let found = seconds(bare.unwrap_or(value));
                max_age = max_age.into_iter().chain(found).min();
            } else if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache")
            {
                says_nothing = true;
            }
        }
        // Two values of Age are an error of some cache: the first one counts (section 5.1).
        let age = age.and_then(|age| age.split(',').next()).map(str::trim);
        Self {
            max_age: max_age.filter(|_| !says_nothing),
            age: age.and_then(seconds).unwrap_or_default(),
        }
    }

    /// The ttl of a set that came with this answer: `max-age` less `Age`, from
    /// [`Timing::min_ttl`] to [`Timing::max_ttl`]; [`Timing::ttl`] if there is no `max-age`.
    #[must_use]
    pub fn ttl(&self, timing: &Timing) -> Duration {
        match self.max_age {
            Some(max_age) if timing.cache_control => {
                let left = max_age.saturating_sub(self.age);
                left.max(timing.min_ttl).min(timing.max_ttl)
            }
            _ => timing.ttl,
        }
    }
}

/// Splits at commas that are not within a quoted string (RFC 9110 section 5.6.4).
struct Directives<'t>(&'t str);

impl<'t> Iterator for Directives<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        if self.0.is_empty() {
            return None;
        }
        let (mut quoted, mut escaped) = (false, false);
        let comma = |c: char| {
            if escaped {
                escaped = false;
            } else if quoted && c == '\\' {
                escaped = true;
            } else if c == '"' {
                quoted = !quoted;
            } else {
                return c == ',' && !quoted;
            }
            false
        };
        let (directive, rest) = self.0.split_once(comma).unwrap_or((self.0, ""));
        self.0 = rest;
        Some(directive.trim())
    }
}

fn seconds(text: &str) -> Option<Duration> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc9111_max_age_counts_and_no_store_says_nothing() {
        for (value, wanted) in [
            ("max-age=300", Some(300)),
            ("public, max-age=300, must-revalidate", Some(300)),
            ("MAX-AGE=300", Some(300)),
            ("max-age=\"300\"", Some(300)),
            (" max-age = 300 ", Some(300)),
            (",,max-age=300,", Some(300)),
            ("max-age=300, max-age=200", Some(200)),
            ("max-age=0", Some(0)),
            ("max-age=99999999999999999999999", Some(u64::MAX)),
            ("max-age=-1", None),
            ("max-age=1.5", None),
            ("max-age=", None),
            ("max-age", None),
            ("max-age=\"300", None),
            ("s-maxage=300", None),
            ("x-max-age=300", None),
            ("private=\"a, max-age=300\"", None),
            ("private=\"a\\\", max-age=300\"", None),
            ("private=\"a\", max-age=300", Some(300)),
            ("no-cache, max-age=300", None),
            ("max-age=300, No-Store", None),
            ("no-cache=\"set-cookie\", max-age=300", None),
            ("no-cachet, max-age=300", Some(300)),
            ("", None),
            ("\u{1F511}, max-age=300", Some(300)),
        ] {
            let read = Freshness::from_headers(Some(value), None).max_age;
            assert_eq!(read, wanted.map(Duration::from_secs), "{value:?}");
        }
        assert_eq!(Freshness::from_headers(None, None), Freshness::default());
    }

    #[test]
    fn rfc9111_age_is_taken_off_and_nonsense_is_not() {
        for (age, wanted) in [
            ("100", 100),
            (" 100 ", 100),
            ("100, 7", 100),
            ("-1", 0),
            ("x", 0),
            ("", 0),
            ("99999999999999999999999", u64::MAX),
        ] {
            let read = Freshness::from_headers(None, Some(age)).age;
            assert_eq!(read, Duration::from_secs(wanted), "{age:?}");
        }
    }

    #[test]
    fn the_ttl_stays_between_a_minute_and_an_hour() {
        let timing = Timing::default();
        for (value, age, wanted) in [
            (None, None, 600),
            (Some("no-store"), Some("50"), 600),
            (Some("max-age=0"), None, 60),
            (Some("max-age=15"), None, 60),
            (Some("max-age=900"), None, 900),
            (Some("max-age=900"), Some("300"), 600),
            (Some("max-age=900"), Some("880"), 60),
            (Some("max-age=900"), Some("99999999999999999999"), 60),
            (Some("max-age=21600"), None, 3600),
            // What is over does not come off the bound.
            (Some("max-age=21600"), Some("10000"), 3600),
            (Some("max-age=99999999999999999999"), None, 3600),
        ] {
            let ttl = Freshness::from_headers(value, age).ttl(&timing);
            assert_eq!(ttl, Duration::from_secs(wanted), "{value:?} {age:?}");
        }
        let own = Timing {
            cache_control: false,
            ..timing
        };
        let ttl = Freshness::from_headers(Some("max-age=900"), None).ttl(&own);
        assert_eq!(ttl, own.ttl);
    }
}
