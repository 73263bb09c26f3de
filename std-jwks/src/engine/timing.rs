//! Every number of the engine: what it is, its default, its range, and why.

use std::fmt;
use std::time::Duration;

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

const MINUTE: Duration = secs(60);
const HOUR: Duration = secs(3600);
const DAY: Duration = secs(86_400);
const WEEK: Duration = secs(7 * 86_400);

/// The numbers that the decisions rest on.
///
/// [`Timing::default`] is what is recommended; [`check`](Self::check) says whether others are in
/// range. The engine itself is safe with any numbers, though not useful with all.
///
/// ```
/// use jwtverify_jwks::engine::Timing;
/// use std::time::Duration;
///
/// let mut timing = Timing::default();
/// timing.ttl = Duration::from_secs(300);
/// assert!(timing.check().is_ok());
/// timing.ttl = Duration::ZERO;
/// assert_eq!(timing.check().unwrap_err().name(), "ttl");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// How long a set is good for, where the answer does not say: 10 minutes. From 1 second to 1
    /// day.
    ///
    /// A removed key lives no longer than this while the issuer can be reached, at 144 to 200
    /// requests a day.
    pub ttl: Duration,
    /// Whether `max-age` of the answer (RFC 9111 section 5.2.2.1) takes the place of
    /// [`ttl`](Self::ttl): yes.
    pub cache_control: bool,
    /// The least ttl that `max-age` can give: 60 seconds. From 1 second to 1 day.
    ///
    /// There are issuers that send 15 seconds, and intermediaries that send less. Taken at their
    /// word they would be asked all the time.
    pub min_ttl: Duration,
    /// The greatest ttl that `max-age` can give: 1 hour. From `min_ttl` to 1 day.
    ///
    /// Beyond it a removed key would live too long, whatever the issuer says.
    pub max_ttl: Duration,
    /// The part of the ttl after which a newer set is fetched beside the callers, in hundredths: 80.
    /// From 50 to 95.
    ///
    /// The fetch has then ended, well or badly, before the ttl is over: no caller waits.
    pub refresh_at: u32,
    /// How far that moment is moved by chance to either side, in hundredths of itself: 10. At most
    /// 20.
    ///
    /// Services that were started together would else ask together for ever.
    pub refresh_jitter: u32,
    /// How long after its ttl a set is used while the issuer can't be asked: 1 hour. At most 7 days.
    ///
    /// An issuer that is down issues no tokens, and most die within the hour. Whoever can block the
    /// way to the issuer keeps a stolen key alive for so long.
    pub max_stale: Duration,
    /// How long callers wait for the refresh of a set that is past its ttl and may still be used: 2
    /// seconds from the start of the fetch. At most 60 seconds.
    pub stale_wait: Duration,
    /// How long after the time of the next attempt the process counts as idle, if none was made: 60
    /// seconds. From 1 second to 1 hour.
    ///
    /// Under traffic the next attempt follows at once. Where none did, an old failure is no reason
    /// to trust a stale set without asking.
    pub idle_after: Duration,
    /// How many fetches unknown kids may cause at once: 2. From 1 to 16.
    ///
    /// With one, an issuer that rotates just after a stranger's kid was looked up would be blind for
    /// [`miss_interval`](Self::miss_interval).
    pub miss_burst: u32,
    /// The time in which one more such fetch is allowed: 30 seconds. From 1 second to 1 day.
    ///
    /// What a flood of invented kids costs the issuer, counted by attempts.
    pub miss_interval: Duration,
    /// The least time from any fetch to one for an unknown kid: 5 seconds. At most 1 hour.
    ///
    /// A set that was fetched a moment ago will not have changed.
    pub miss_spacing: Duration,
    /// How long a kid is held that was looked for and is not there, the first time: 5 seconds. At
    /// most 1 hour.
    ///
    /// Short, because some issuers publish a key a moment after they sign with it. A hold keeps a
    /// kid from causing fetches and never hides a key that is there.
    pub hold_first: Duration,
    /// By how much a hold grows each time: 3. From 1 to 10.
    pub hold_factor: u32,
    /// The longest hold, and the quiet time after which a kid begins anew: 5 minutes. From
    /// `hold_first` to 1 day.
    pub hold_last: Duration,
    /// The most kids that are remembered for it: 256, the least lately used going first. At most
    /// 65,536; none means no holds. An entry takes about 64 octets.
    pub hold_entries: usize,
    /// The wait after the first failed attempt while a set is held, doubled by each more: 1 second.
    /// From 10 milliseconds to 1 hour. What is waited is drawn from 50 to 100 % of it.
    pub backoff_first: Duration,
    /// The longest such wait: 60 seconds. From `backoff_first` to 1 day.
    pub backoff_last: Duration,
    /// The wait after the first failed attempt while there is no set at all: 250 milliseconds. From
    /// 10 milliseconds to 1 hour. Shorter than the other, since every caller fails meanwhile.
    pub cold_backoff_first: Duration,
    /// The longest such wait: 30 seconds. From `cold_backoff_first` to 1 day.
    pub cold_backoff_last: Duration,
    /// The longest `Retry-After` (RFC 9110 section 10.2.3) that is obeyed: 5 minutes. At most 1 day.
    pub max_retry_after: Duration,
    /// Requests that are made anew within one fetch after a failure that may be chance: 1. At most
    /// 3.
    pub retries: u32,
    /// The least pause before such a request: 100 milliseconds. At most 10 seconds.
    pub retry_least: Duration,
    /// The longest: 300 milliseconds. From `retry_least` to 10 seconds.
    pub retry_most: Duration,
    /// How old a discovered address must be before a 404 or 410 leads back to discovery: 5 minutes.
    /// From 1 second to 1 day.
    pub rediscover_after: Duration,
    /// When a fetch that has not come back counts as lost and failed: 6 seconds, one more than the
    /// default timeout. From 1 millisecond to 10 minutes.
    pub flight_limit: Duration,
    /// The most lost fetches that may hang at a time, each holding a thread: 4. From 1 to 64.
    pub max_lost_flights: usize,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            ttl: secs(600),
            cache_control: true,
            min_ttl: MINUTE,
            max_ttl: HOUR,
            refresh_at: 80,
            refresh_jitter: 10,
            max_stale: HOUR,
            stale_wait: secs(2),
            idle_after: MINUTE,
            miss_burst: 2,
            miss_interval: secs(30),
            miss_spacing: secs(5),
            hold_first: secs(5),
            hold_factor: 3,
            hold_last: secs(300),
            hold_entries: 256,
            backoff_first: secs(1),
            backoff_last: MINUTE,
            cold_backoff_first: millis(250),
            cold_backoff_last: secs(30),
            max_retry_after: secs(300),
            retries: 1,
            retry_least: millis(100),
            retry_most: millis(300),
            rediscover_after: secs(300),
            flight_limit: secs(6),
            max_lost_flights: 4,
        }
    }
}

impl Timing {
    /// The greatest ttl that a set can have, whatever an answer says.
    #[must_use]
    pub fn longest_ttl(&self) -> Duration {
        if self.cache_control {
            self.ttl.max(self.max_ttl)
        } else {
            self.ttl
        }
    }

    /// Whether each number is in its range.
    ///
    /// # Errors
    /// [`OutOfRange`] names the first one that is not.
    pub fn check(&self) -> Result<(), OutOfRange> {
        let (zero, second, tick) = (Duration::ZERO, secs(1), millis(10));
        for (name, value, least, most) in [
            ("ttl", self.ttl, second, DAY),
            ("min_ttl", self.min_ttl, second, DAY),
            ("max_ttl", self.max_ttl, self.min_ttl, DAY),
            ("max_stale", self.max_stale, zero, WEEK),
            ("stale_wait", self.stale_wait, zero, MINUTE),
            ("idle_after", self.idle_after, second, HOUR),
            ("miss_interval", self.miss_interval, second, DAY),
            ("miss_spacing", self.miss_spacing, zero, HOUR),
            ("hold_first", self.hold_first, zero, HOUR),
            ("hold_last", self.hold_last, self.hold_first, DAY),
            ("backoff_first", self.backoff_first, tick, HOUR),
            ("backoff_last", self.backoff_last, self.backoff_first, DAY),
            ("cold_backoff_first", self.cold_backoff_first, tick, HOUR),
            (
                "cold_backoff_last",
                self.cold_backoff_last,
                self.cold_backoff_first,
                DAY,
            ),
            ("max_retry_after", self.max_retry_after, zero, DAY),
            ("retry_least", self.retry_least, zero, secs(10)),
            ("retry_most", self.retry_most, self.retry_least, secs(10)),
            ("rediscover_after", self.rediscover_after, second, DAY),
            ("flight_limit", self.flight_limit, millis(1), secs(600)),
        ] {
            within(name, value, least, most)?;
        }
        for (name, value, least, most) in [
            ("refresh_at", self.refresh_at, 50, 95),
            ("refresh_jitter", self.refresh_jitter, 0, 20),
            ("miss_burst", self.miss_burst, 1, 16),
            ("hold_factor", self.hold_factor, 1, 10),
            ("retries", self.retries, 0, 3),
        ] {
            within(name, value, least, most)?;
        }
        within("hold_entries", self.hold_entries, 0, 65_536)?;
        within("max_lost_flights", self.max_lost_flights, 1, 64)
    }
}

/// A number of [`Timing`] that is out of its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfRange {
    name: &'static str,
    range: String,
}

impl OutOfRange {
    /// The name of the setting.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} must be {}", self.name, self.range)
    }
}

impl std::error::Error for OutOfRange {}

fn within<T: PartialOrd + fmt::Debug>(
    name: &'static str,
    value: T,
    least: T,
    most: T,
) -> Result<(), OutOfRange> {
    if value >= least && value <= most {
        return Ok(());
    }
    let range = format!("from {least:?} to {most:?}");
    Err(OutOfRange { name, range })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_in_range() {
        assert_eq!(Timing::default().check(), Ok(()));
    }

    type Change = fn(&mut Timing);

    #[test]
    fn numbers_out_of_range_and_crossed_ones_are_named() {
        let cases: [(&str, Change); 26] = [
            ("ttl", |timing| timing.ttl = Duration::ZERO),
            ("ttl", |timing| timing.ttl = WEEK),
            ("min_ttl", |timing| timing.min_ttl = millis(999)),
            ("max_ttl", |timing| timing.max_ttl = secs(59)),
            ("max_ttl", |timing| timing.max_ttl = WEEK),
            ("refresh_at", |timing| timing.refresh_at = 49),
            ("refresh_at", |timing| timing.refresh_at = 96),
            ("refresh_jitter", |timing| timing.refresh_jitter = 21),
            ("max_stale", |timing| timing.max_stale = Duration::MAX),
            ("stale_wait", |timing| timing.stale_wait = secs(61)),
            ("idle_after", |timing| timing.idle_after = Duration::ZERO),
            ("miss_burst", |timing| timing.miss_burst = 0),
            ("miss_interval", |timing| {
                timing.miss_interval = Duration::ZERO;
            }),
            ("miss_spacing", |timing| timing.miss_spacing = DAY),
            ("hold_first", |timing| timing.hold_first = DAY),
            ("hold_factor", |timing| timing.hold_factor = 0),
            ("hold_last", |timing| timing.hold_last = secs(4)),
            ("hold_entries", |timing| timing.hold_entries = usize::MAX),
            ("backoff_first", |timing| {
                timing.backoff_first = Duration::ZERO;
            }),
            ("backoff_last", |timing| timing.backoff_last = millis(999)),
            ("cold_backoff_last", |timing| {
                timing.cold_backoff_last = millis(249);
            }),
            ("retries", |timing| timing.retries = 4),
            ("retry_most", |timing| timing.retry_most = millis(99)),
            ("rediscover_after", |timing| {
                timing.rediscover_after = Duration::ZERO;
            }),
            ("flight_limit", |timing| {
                timing.flight_limit = Duration::ZERO;
            }),
            ("max_lost_flights", |timing| timing.max_lost_flights = 0),
        ];
        for (name, change) in cases {
            let mut timing = Timing::default();
            change(&mut timing);
            let error = timing.check().expect_err(name);
            assert_eq!(error.name(), name);
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("{name} must be from ")),
                "{error}"
            );
        }
    }
}
