//! Integer seconds, compared without overflow.

/// A point in time: whole seconds since 1970-01-01T00:00:00Z, leap seconds ignored
/// (RFC 7519 section 2, "NumericDate").
///
/// Core never reads a clock. The caller says what time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

impl UnixTime {
    /// From seconds since 1970; negative before.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs)
    }

    /// Seconds since 1970.
    pub const fn secs(self) -> i64 {
        self.0
    }
}

/// The value of `exp`, `nbf` or `iat`: a JSON number, read without floating point.
///
/// Values past the range of `i64` are kept as its ends: far future and far past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumericDate {
    floor: i64,
    fraction: bool,
}

impl NumericDate {
    /// The seconds, rounded down.
    pub const fn floor(self) -> i64 {
        self.floor
    }

    /// The seconds, rounded up. For a whole `now`, `now < date` is `now < ceil` and
    /// `date <= now` is `ceil <= now`, so nothing is lost by the rounding.
    pub const fn ceil(self) -> i64 {
        if self.fraction {
            self.floor.saturating_add(1)
        } else {
            self.floor
        }
    }

    /// Reads a JSON number (RFC 8259 section 6), which the caller has already found to be one.
    ///
    /// `None` where the number is not finite as a double, such as `1e999`: such a claim was
    /// never meant as a date.
    pub(crate) fn from_json_number(text: &str) -> Option<Self> {
        if let Some(floor) = few_digits(text) {
            return Some(Self {
                floor,
                fraction: false,
            });
        }
        Self::from_any_number(text)
    }

    fn from_any_number(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, saturating_exponent(exponent)),
            None => (digits, 0),
        };
        let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));

        // The decimal point stands `point` digits after the start of whole + decimals.
        let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
        let all = || {
            whole
                .bytes()
                .chain(decimals.bytes())
                .map(|byte| byte.wrapping_sub(b'0'))
        };
        let leading_zeros = all().take_while(|digit| *digit == 0).count();
        let magnitude = point.checked_sub(i64::try_from(leading_zeros).ok()?)?;
        let is_zero = all().all(|digit| digit == 0);
        if !is_zero && !is_finite(magnitude, all().skip(leading_zeros)) {
            return None;
        }

        let mut value: i128 = 0;
        let mut fraction = false;
        let mut seen: i64 = 0;
        for digit in all() {
            if seen < point {
                value = value.saturating_mul(10).saturating_add(i128::from(digit));
            } else if digit != 0 {
                fraction = true;
            }
            seen = seen.saturating_add(1);
        }
        // The number is finite, so at most 309 zeros follow; zero stays zero however many.
        while seen < point && value != 0 {
            value = value.saturating_mul(10);
            seen = seen.saturating_add(1);
        }
        let signed = if negative {
            value.saturating_neg()
        } else {
            value
        };
        // Rounding down a negative number with a fraction goes away from zero.
        let floor = if negative && fraction {
            signed.saturating_sub(1)
        } else {
            signed
        };
        let clamped = floor.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Some(Self {
            floor: i64::try_from(clamped).ok()?,
            fraction,
        })
    }
}

/// What dates look like nearly always: digits alone, of which `i64` holds any 18.
fn few_digits(text: &str) -> Option<i64> {
    if text.len() > 18 {
        return None;
    }
    text.bytes().try_fold(0i64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        let value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        (digit < 10).then_some(value)
    })
}

/// The exponent of a JSON number; what does not fit is far beyond any finite value anyway.
fn saturating_exponent(text: &str) -> i64 {
    /// More digits than any token holds, and still far from the ends of `i64`.
    const FAR: i64 = 1 << 40;
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, text.get(1..)),
        [b'+', ..] => (false, text.get(1..)),
        _ => (false, Some(text)),
    };
    let mut value: i64 = 0;
    for byte in digits.unwrap_or_default().bytes() {
        let digit = i64::from(byte.wrapping_sub(b'0'));
        value = value.saturating_mul(10).saturating_add(digit).min(FAR);
    }
    if negative {
        value.saturating_neg()
    } else {
        value
    }
}

/// Whether a number with `magnitude` digits before its point, which begin with `digits`, is
/// finite as a double: whether it is below 2^1024 - 2^970, from where numbers round to infinity.
fn is_finite(magnitude: i64, digits: impl Iterator<Item = u8>) -> bool {
    const INFINITE: &[u8; 309] = b"\
        179769313486231580793728971405303415079934132710037826936173778980444968292764\
        750946649017977587207096330286416692887910946555547851940402630657488671505820\
        681908902000708383676273854845817711531764475730270069855571366959622842914819\
        860834936475292719074168444365510704342711559699508093042880177904174497792";
    match magnitude {
        ..=308 => true,
        309 => {
            let limit = INFINITE.iter().map(|digit| digit.wrapping_sub(b'0'));
            digits
                .chain(core::iter::repeat(0))
                .take(INFINITE.len())
                .cmp(limit)
                .is_lt()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7519_numeric_dates() {
        let far = (i64::MAX, i64::MAX);
        let past = (i64::MIN, i64::MIN);
        for (text, expected) in [
            ("0", Some((0, 0))),
            ("-0", Some((0, 0))),
            ("-0.0e9", Some((0, 0))),
            ("1800000300", Some((1_800_000_300, 1_800_000_300))),
            ("1800000300.5", Some((1_800_000_300, 1_800_000_301))),
            ("1800000300.0", Some((1_800_000_300, 1_800_000_300))),
            ("18000003000e-1", Some((1_800_000_300, 1_800_000_300))),
            ("1.8000003005E9", Some((1_800_000_300, 1_800_000_301))),
            ("1.8e+9", Some((1_800_000_000, 1_800_000_000))),
            ("-1.5", Some((-2, -1))),
            ("-1", Some((-1, -1))),
            ("1e-400", Some((0, 1))),
            ("0.001e3", Some((1, 1))),
            ("9223372036854775807", Some(far)),
            ("9223372036854775808", Some(far)),
            ("-9223372036854775809", Some(past)),
            ("1e50", Some(far)),
            ("1e308", Some(far)),
            ("1.7976931348623157e308", Some(far)),
            ("0.00017976931348623157e312", Some(far)),
            ("1.7976931348623158e308", Some(far)),
            ("1.79769313486231580793e308", Some(far)),
            (
                "1.7976931348623158079372897140530341507993413e308",
                Some(far),
            ),
            ("1.7976931348623158079372897140530341507993414e308", None),
            ("1.7976931348623159e308", None),
            ("9e308", None),
            ("1e309", None),
            ("-1e309", None),
            ("1e999", None),
            ("1e99999999999999999999999999", None),
            ("1e-99999999999999999999999999", Some((0, 1))),
            ("0e99999999999999999999999999", Some((0, 0))),
        ] {
            let date = NumericDate::from_json_number(text);
            assert_eq!(
                date.map(|date| (date.floor(), date.ceil())),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn whole_seconds_are_the_same_by_the_short_way() {
        for text in [
            "0",
            "7",
            "1800000300",
            "99999999999999999",
            "999999999999999999",
        ] {
            let date = NumericDate::from_any_number(text);
            assert!(few_digits(text).is_some(), "{text}");
            assert_eq!(NumericDate::from_json_number(text), date, "{text}");
        }
        for text in ["1000000000000000000", "-1", "1.0", "1e9", "+1", "1:"] {
            assert_eq!(few_digits(text), None, "{text}");
        }
    }

    /// The standard library reads the shortest and the longest doubles correctly (IEEE 754).
    #[test]
    fn finite_is_what_a_double_makes_of_it() {
        let limit = "179769313486231580793728971405303415079934132710037826936173778980444968292\
            764750946649017977587207096330286416692887910946555547851940402630657488671505820681\
            908902000708383676273854845817711531764475730270069855571366959622842914819860834936\
            475292719074168444365510704342711559699508093042880177904174497792";
        let below = limit.replace("7792", "7791");
        for text in [
            limit,
            below.as_str(),
            "1.7976931348623158e308",
            "-1e309",
            "0e999",
            "1e308",
        ] {
            let double: f64 = text.parse().unwrap();
            let date = NumericDate::from_json_number(text);
            assert_eq!(date.is_some(), double.is_finite(), "{text}");
        }
    }
}
