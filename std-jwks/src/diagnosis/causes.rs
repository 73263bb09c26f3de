//! The one table of causes: messages take their remedies from it, and so does the manual.

mod table;

use std::fmt;

use jwtverify_core::Error as Code;

use super::case::Case;
use table::CAUSES;

/// One cause of failures: a row of [`causes`].
///
/// What is wrong is an [error code](jwtverify_core::Error); why it is so, a code alone can't say.
/// A [`Diagnosis`](crate::Diagnosis) names the rows that what was seen speaks for, and takes its
/// suggestions from them. `docs/troubleshooting.md` is made of the same rows.
///
/// ```
/// let rotated = jwtverify_jwks::causes().iter().find(|cause| cause.id() == "key-rotated");
/// assert!(rotated.is_some_and(|cause| cause.codes().contains(&"KeyNotFound")));
/// ```
pub struct Cause {
    id: &'static str,
    title: &'static str,
    codes: &'static [&'static str],
    shows: &'static str,
    means: &'static str,
    next: &'static [&'static str],
    odds: fn(&Case<'_>) -> Odds,
}

impl Cause {
    /// A short name for programs, such as `key-rotated`. It is never given another meaning.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The cause in one line.
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// The names of the errors that it can lead to.
    pub const fn codes(&self) -> &'static [&'static str] {
        self.codes
    }

    /// What it is told by.
    pub const fn shows(&self) -> &'static str {
        self.shows
    }

    /// What has happened.
    pub const fn means(&self) -> &'static str {
        self.means
    }

    /// What to do, the first step first.
    pub const fn next(&self) -> &'static [&'static str] {
        self.next
    }

    fn odds(&self, case: &Case<'_>) -> Odds {
        if self.codes.contains(&case.error.name()) {
            (self.odds)(case)
        } else {
            Odds::No
        }
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cause({})", self.id)
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Cause {}

/// Every cause that is known, in the order of the manual.
pub fn causes() -> &'static [Cause] {
    CAUSES
}

/// Whether some row speaks of this error.
pub(super) fn speaks_of(error: Code) -> bool {
    CAUSES
        .iter()
        .any(|cause| cause.codes.contains(&error.name()))
}

/// The rows that fit, the most likely first: if something speaks for a row, then only those for
/// which something does.
pub(super) fn of(case: &Case<'_>) -> Vec<&'static Cause> {
    let with = |wanted| CAUSES.iter().filter(move |row| row.odds(case) == wanted);
    let likely: Vec<_> = with(Odds::Likely).collect();
    if likely.is_empty() {
        with(Odds::Possible).collect()
    } else {
        likely
    }
}

/// How well a row fits what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Odds {
    No,
    /// Nothing speaks against it.
    Possible,
    /// Something speaks for it.
    Likely,
}

fn likely(yes: bool) -> Odds {
    if yes { Odds::Likely } else { Odds::No }
}

fn possible(yes: bool) -> Odds {
    if yes { Odds::Possible } else { Odds::No }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_codes_exist() {
        for (place, cause) in CAUSES.iter().enumerate() {
            let plain = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(cause.id.chars().all(plain), "{}", cause.id);
            assert!(
                CAUSES[..place].iter().all(|other| other.id != cause.id),
                "{} stands there twice",
                cause.id
            );
            for name in cause.codes {
                assert!(
                    Code::ALL.iter().any(|code| code.name() == *name),
                    "{}: {name}",
                    cause.id
                );
            }
        }
    }

    #[test]
    fn rows_are_sentences_for_people() {
        for cause in CAUSES {
            for text in [cause.title, cause.shows]
                .iter()
                .chain(cause.next)
                .chain([&cause.means])
            {
                assert!(!text.contains("  ") && !text.contains('\n'), "{text}");
                assert!(text.len() > 10, "{text}");
            }
            assert!(cause.means.ends_with('.'), "{}", cause.means);
            assert!(!cause.next.is_empty() && !cause.title.ends_with('.'));
        }
    }
}
