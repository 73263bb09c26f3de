//! "Did you mean": the kid of a set that is nearest to the one asked for.

/// Characters of a kid that are compared. The work grows with the square.
const MAX_COMPARED_CHARS: usize = 64;

/// Kids that are compared. A forged token costs no more than this many comparisons.
const MAX_COMPARED_KIDS: usize = 32;

/// How alike two kids must be, where 1 is equal. Random kids of one length reach 0.3; a slip of
/// the keyboard or the next number of a series stays above 0.7.
const ALIKE: f64 = 0.7;

/// The kid of `available` that `kid` was probably meant to be, if any is near enough.
///
/// Near are: the same text in other case or with white space around it, a typing error or two, the
/// next number of the same series (`key-1`, `key-2`), and the same first part before a separator
/// (`prod-2024`, `prod-autumn`).
pub(crate) fn closest<'k>(kid: &str, available: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let kid = head(kid);
    let mut best: Option<(f64, &'k str)> = None;
    for candidate in available.take(MAX_COMPARED_KIDS) {
        let score = likeness(kid, head(candidate));
        if score >= ALIKE && best.is_none_or(|(found, _)| score > found) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn likeness(a: &str, b: &str) -> f64 {
    if a.trim().eq_ignore_ascii_case(b.trim()) {
        return 1.0;
    }
    let edits = if lengths_allow(a, b) {
        strsim::normalized_levenshtein(a, b)
    } else {
        0.0
    };
    if same_series(a, b) {
        edits.max(ALIKE)
    } else {
        edits
    }
}

/// Whether the lengths alone leave room for [`ALIKE`]: each missing character is one edit.
fn lengths_allow(a: &str, b: &str) -> bool {
    let (a, b) = (a.chars().count(), b.chars().count());
    a.min(b).saturating_mul(10) >= a.max(b).saturating_mul(7)
}

/// `key1` and `key2`, `prod-2024` and `prod-autumn`.
fn same_series(a: &str, b: &str) -> bool {
    let stem = |kid: &str| kid.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let numbered = stem(a) > 0 && stem(a) < a.len() && stem(b) < b.len();
    if numbered && a.get(..stem(a)) == b.get(..stem(b)) {
        return true;
    }
    match (first_part(a), first_part(b)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

/// The text before the first separator, if it is a word: two letters at least.
fn first_part(kid: &str) -> Option<&str> {
    let (part, _) = kid.split_once(['-', '_', '.', ':', '/'])?;
    (part.chars().filter(|c| c.is_alphabetic()).count() >= 2).then_some(part)
}

fn head(kid: &str) -> &str {
    match kid.char_indices().nth(MAX_COMPARED_CHARS) {
        Some((end, _)) => kid.get(..end).unwrap_or_default(),
        None => kid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        for (kid, available, wanted) in [
            ("key-1", &["key-2", "other"][..], Some("key-2")),
            ("key-2", &["key-1", "key-20", "key-2 "], Some("key-2 ")),
            ("k1", &["k2"], Some("k2")),
            ("KEY-1", &["key-2", "key-1"], Some("key-1")),
            (
                "prod-2024-01",
                &["staging-2024-01", "prod-2024-02"],
                Some("prod-2024-02"),
            ),
            (
                "prod-2024",
                &["prod-autumn-and-winter-signing-key"],
                Some("prod-autumn-and-winter-signing-key"),
            ),
            ("signing-kye", &["signing-key"], Some("signing-key")),
            ("a", &["b"], None),
            ("", &["", "key"], Some("")),
            ("key-1", &[], None),
            // Random kids: base64url of 32 octets, hexadecimal, UUIDs.
            (
                "_yomDqFziFzjpiI-OZmeDEgM772DGHWmW_DL3IaE26U",
                &[
                    "gtUiz-YdlCSRpr0Ue7LRuEtqgVqRmDWpe5ZuvBaWgVk",
                    "U5R8cHbGw445Qbq8zVO1PcCpXL8yG6IcovVa3laCoxM",
                ],
                None,
            ),
            (
                "3f8a1c9e5b7d2046a1b2c3d4e5f60718293a4b5c",
                &[
                    "b94d27b9934d3e08a52e52d7da7dabfac484efe3",
                    "7e240de74fb1ed08fa08d38063f6a6a91462a815",
                ],
                None,
            ),
            (
                "8c5d4f0e-7a37-4f0b-9b61-2f6b0c1d5e77",
                &[
                    "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
                    "f47ac10b-58cc-4372-a567-0e02b2c3d479",
                ],
                None,
            ),
        ] {
            assert_eq!(closest(kid, available.iter().copied()), wanted, "{kid:?}");
        }
    }

    #[test]
    fn a_forged_kid_costs_bounded_work() {
        let long = "é".repeat(100_000);
        let kids: Vec<String> = (0..10_000)
            .map(|n| format!("{n}{}", "x".repeat(1000)))
            .collect();
        assert_eq!(closest(&long, kids.iter().map(String::as_str)), None);
    }
}
