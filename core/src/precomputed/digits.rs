//! A scalar in signed digits.

/// Digit `index` of a big-endian number in base `2^width`, from `-2^(width-1)` to `2^(width-1)`
/// (Booth's recoding). The number is the sum of `digit(i) * 2^(width * i)` for all `i` below
/// [`count`] of its bits.
///
/// A digit depends on its own bits and the one below them only, so that there is no carry.
#[inline]
pub(super) fn digit(scalar: &[u8], width: u32, index: u32) -> (bool, usize) {
    debug_assert!(
        (2..=8).contains(&width),
        "a window and the bit below fit in 16 bits"
    );
    let low = index.wrapping_mul(width);
    // Counting from one zero bit appended below the number.
    let octet = usize::try_from(low >> 3).unwrap_or(usize::MAX);
    let shift = low & 7;
    let bits = window(scalar, octet) << 1 | u32::from(below(scalar, octet) >> 7);
    let bits = (bits >> shift) & 1u32.wrapping_shl(width.wrapping_add(1)).wrapping_sub(1);
    let is_negative = bits.wrapping_shr(width) != 0;
    // Rounded up: ceil(bits/2), less 2^width where the top bit is set.
    let magnitude = bits.wrapping_add(1) >> 1;
    let magnitude = if is_negative {
        1u32.wrapping_shl(width).wrapping_sub(magnitude)
    } else {
        magnitude
    };
    (
        is_negative,
        usize::try_from(magnitude).unwrap_or(usize::MAX),
    )
}

/// How many digits a number of so many bits has.
pub(super) const fn count(bits: u32, width: u32) -> u32 {
    // One bit more, which the last digit needs to be positive.
    match bits.checked_div(width) {
        Some(full) => full.wrapping_add(1),
        None => 0,
    }
}

/// Where a table keeps a multiple: places after one another, the digits of each from 1 up.
#[inline]
pub(super) fn position(width: u32, place: u32, digit: usize) -> Option<usize> {
    let start = usize::try_from(place)
        .ok()?
        .wrapping_shl(width.wrapping_sub(1));
    Some(start.wrapping_add(digit).wrapping_sub(1))
}

/// Two octets from the `octet`th counted from the end.
#[inline]
fn window(scalar: &[u8], octet: usize) -> u32 {
    let at = |more: usize| {
        let from_end = octet.wrapping_add(more).wrapping_add(1);
        let place = scalar.len().checked_sub(from_end);
        let found = place.and_then(|place| scalar.get(place));
        u32::from(found.copied().unwrap_or(0))
    };
    at(0) | at(1) << 8
}

#[inline]
fn below(scalar: &[u8], octet: usize) -> u8 {
    let place = scalar.len().checked_sub(octet);
    let found = place.and_then(|place| scalar.get(place));
    found.copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digits put together again, as a number of 16 octets.
    fn sum_of_digits(scalar: &[u8], bits: u32, width: u32) -> i128 {
        (0..count(bits, width)).fold(0, |sum, place| {
            let (is_negative, magnitude) = digit(scalar, width, place);
            assert!(magnitude <= 1 << (width - 1));
            let digit = i128::try_from(magnitude).unwrap() << (width * place);
            if is_negative {
                sum - digit
            } else {
                sum + digit
            }
        })
    }

    #[test]
    fn digits_add_up_to_their_number() {
        let some = [
            0,
            1,
            2,
            0x7f,
            0x80,
            0xff,
            0x100,
            0x5555_5555,
            0xaaaa_aaaa,
            u64::MAX,
        ];
        for bits in [61, 64] {
            for number in some.into_iter().chain((0..64).map(|bit| 1 << bit)) {
                let number = number >> (64 - bits);
                for width in 2..=8 {
                    let sum = sum_of_digits(&number.to_be_bytes(), bits, width);
                    assert_eq!(sum, i128::from(number), "{number:x} {bits} {width}");
                }
            }
        }
    }
}
