//! Times for people.

use jwtverify_jwks::UnixTime;

/// `2016-12-16 11:11:05 UTC`; the bare seconds where no calendar date is meant.
pub(crate) fn utc(time: UnixTime) -> String {
    /// 9999-12-31T23:59:59Z. Later years have five digits and were never meant.
    const LAST: i64 = 253_402_300_799;
    /// 0000-01-01T00:00:00Z
    const FIRST: i64 = -62_167_219_200;
    let secs = time.secs();
    if !(FIRST..=LAST).contains(&secs) {
        return format!("{secs} seconds since 1970");
    }
    let (year, month, day) = civil(secs.div_euclid(86_400));
    let second = secs.rem_euclid(86_400);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{:02} UTC",
        second % 60
    )
}

/// The calendar date of a day counted from 1970-01-01 (Gregorian, also before its time).
///
/// The numbers stay small and the loop short: the calendar repeats every 400 years.
fn civil(day: i64) -> (i64, i64, i64) {
    const DAYS_IN_400_YEARS: i64 = 146_097;
    let mut year = 1970 + 400 * day.div_euclid(DAYS_IN_400_YEARS);
    let mut rest = day.rem_euclid(DAYS_IN_400_YEARS);
    let is_leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    while rest >= 365 + i64::from(is_leap(year)) {
        rest -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + i64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if rest < length {
            break;
        }
        rest -= length;
        month += 1;
    }
    (year, month, rest + 1)
}

/// `59 minutes`: one unit, rounded down, without a sign.
pub(crate) fn span(secs: u64) -> String {
    const UNITS: [(u64, &str); 5] = [
        (31_556_952, "year"),
        (86_400, "day"),
        (3600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let (count, unit) = UNITS
        .into_iter()
        .find(|(length, _)| secs >= *length)
        .map_or((0, "second"), |(length, unit)| (secs / length, unit));
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// `in 59 minutes`, `9 years ago` or `now`.
pub(crate) fn relative(time: UnixTime, now: UnixTime) -> String {
    let distance = time.secs().abs_diff(now.secs());
    match time.cmp(&now) {
        std::cmp::Ordering::Less => format!("{} ago", span(distance)),
        std::cmp::Ordering::Equal => "now".to_owned(),
        std::cmp::Ordering::Greater => format!("in {}", span(distance)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendar_dates() {
        for (secs, expected) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (951_868_800, "2000-03-01 00:00:00 UTC"),
            (1_300_819_380, "2011-03-22 18:43:00 UTC"), // RFC 7519 section 3.1
            (1_481_886_665, "2016-12-16 11:11:05 UTC"),
            (4_107_542_399, "2100-02-28 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"), // no leap day in 2100
            (253_402_300_799, "9999-12-31 23:59:59 UTC"),
            (253_402_300_800, "253402300800 seconds since 1970"),
            (-62_167_219_200, "0000-01-01 00:00:00 UTC"),
            (i64::MAX, "9223372036854775807 seconds since 1970"),
            (i64::MIN, "-9223372036854775808 seconds since 1970"),
        ] {
            assert_eq!(utc(UnixTime::from_secs(secs)), expected, "{secs}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before() {
        let mut last = civil(-1);
        for day in 0..146_097 {
            let (year, month, date) = civil(day);
            let follows = match last {
                (y, 12, 31) => (year, month, date) == (y + 1, 1, 1),
                (y, m, d) => {
                    (year, month, date) == (y, m, d + 1) || (year, month, date) == (y, m + 1, 1)
                }
            };
            assert!(follows, "{last:?} then {year}-{month}-{date}");
            last = (year, month, date);
        }
        assert_eq!(last, (2369, 12, 31));
    }

    #[test]
    fn distances_in_words() {
        let now = UnixTime::from_secs(1_000_000);
        for (secs, expected) in [
            (1_000_000, "now"),
            (1_000_001, "in 1 second"),
            (999_941, "59 seconds ago"),
            (999_940, "1 minute ago"),
            (1_007_199, "in 1 hour"),
            (1_000_000 + 3 * 86_400, "in 3 days"),
            (i64::MAX, "in 292277024626 years"),
            (i64::MIN, "292277024626 years ago"),
        ] {
            assert_eq!(relative(UnixTime::from_secs(secs), now), expected, "{secs}");
        }
    }
}
