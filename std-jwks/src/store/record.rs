//! The text of a snapshot: five lines and a key set of public members.
//!
//! ```text
//! jwtverify snapshot 1 SHA-256 of all that follows, hexadecimal
//! SHA-256 of the source, hexadecimal
//! seconds since 1970 at which the issuer confirmed the set
//! milliseconds of its ttl
//! where it came from, fit to show
//! {"keys":[...]}
//! ```

use std::fmt::Write;
use std::time::Duration;

use jwtverify_core::json::{self, Object, Value};
use jwtverify_core::{KeySet, Provider};
use sha2::{Digest, Sha256};

/// The name of the format and its version.
const MAGIC: &str = "jwtverify snapshot 1 ";

/// The members of a JWK that are written: those that are read, without the symmetric `k`. What is
/// private, and what nobody knows, is never written.
const PUBLIC: [&str; 11] = [
    "alg", "crv", "e", "key_ops", "kid", "kty", "n", "pub", "use", "x", "y",
];

/// One snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record<'r> {
    /// Which source it is of.
    pub(super) source: &'r str,
    /// When the issuer confirmed it at the latest, in seconds since 1970.
    pub(super) confirmed: i64,
    pub(super) ttl: Duration,
    /// Where it came from, fit to show.
    pub(super) shown: &'r str,
    pub(super) keys: &'r str,
}

impl<'r> Record<'r> {
    /// The text to be stored.
    pub(super) fn text(&self) -> String {
        let rest = format!(
            "{}\n{}\n{}\n{}\n{}",
            self.source,
            self.confirmed,
            self.ttl.as_millis(),
            // It was escaped when it was made; a line it must be in any case.
            self.shown.replace(['\n', '\r'], " "),
            self.keys
        );
        format!("{MAGIC}{}\n{rest}", checksum(&rest))
    }

    /// Reads what was stored, or says why it is no snapshot.
    pub(super) fn read(octets: &'r [u8]) -> Result<Self, String> {
        let foreign = || "it is no snapshot, or one of another version".to_owned();
        let text = std::str::from_utf8(octets).map_err(|_| foreign())?;
        let (head, rest) = text.split_once('\n').ok_or_else(foreign)?;
        let sum = head.strip_prefix(MAGIC).ok_or_else(foreign)?;
        if sum != checksum(rest) {
            return Err("the checksum of the snapshot is wrong: it was cut or changed".to_owned());
        }
        let mut lines = rest.splitn(5, '\n');
        let mut line = || lines.next().ok_or_else(foreign);
        Ok(Self {
            source: line()?,
            confirmed: line()?.parse().map_err(|_| foreign())?,
            ttl: Duration::from_millis(line()?.parse().map_err(|_| foreign())?),
            shown: line()?,
            keys: line()?,
        })
    }

    /// Its age by the wall clock, which is all that two processes share. Never younger than it is:
    /// the clock counts whole seconds, so one is added.
    pub(super) fn age(&self, now: i64) -> Result<Duration, String> {
        let secs = u64::try_from(now.saturating_sub(self.confirmed)).map_err(|_| {
            "the snapshot is from the future: the clock of this machine was set back".to_owned()
        })?;
        Ok(Duration::from_secs(secs.saturating_add(1)))
    }
}

/// The second in which a set of this age was confirmed, or the one before.
pub(super) fn confirmed(now: i64, age: Duration) -> i64 {
    let whole = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
    let begun = i64::from(age.subsec_nanos() > 0);
    now.saturating_sub(whole).saturating_sub(begun)
}

/// The usable keys of a document that was read as `keys`, with their public members alone.
///
/// A key that was left out is not written at all: without its private part it would be usable.
pub(crate) fn public_part<P: Provider>(document: &[u8], keys: &KeySet<P>) -> Option<String> {
    let document = json::object(document).ok()?;
    let Some(Value::Array(array)) = document.member("keys") else {
        return None;
    };
    let mut text = String::from("{\"keys\":[");
    let mut first = true;
    for (position, jwk) in array.elements().enumerate() {
        let skipped = keys.skipped().iter().any(|key| key.position == position);
        let Value::Object(jwk) = jwk else { continue };
        if !skipped {
            comma(&mut text, &mut first);
            write_jwk(&mut text, jwk);
        }
    }
    text.push_str("]}");
    Some(text)
}

fn write_jwk(text: &mut String, jwk: Object<'_>) {
    text.push('{');
    let mut first = true;
    for name in PUBLIC {
        // All of them are strings but the operations. Other types are nothing that a usable key has.
        match jwk.member(name) {
            Some(Value::String(value)) => {
                comma(text, &mut first);
                let _ = write!(text, "\"{name}\":");
                write_string(text, &value.to_cow());
            }
            Some(Value::Array(array)) => {
                comma(text, &mut first);
                let _ = write!(text, "\"{name}\":[");
                let mut first = true;
                for element in array.elements() {
                    if let Value::String(value) = element {
                        comma(text, &mut first);
                        write_string(text, &value.to_cow());
                    }
                }
                text.push(']');
            }
            _ => {}
        }
    }
    text.push('}');
}

fn comma(text: &mut String, first: &mut bool) {
    if !std::mem::replace(first, false) {
        text.push(',');
    }
}

/// A JSON string (RFC 8259 section 7).
fn write_string(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\0'..='\x1f' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            _ => text.push(c),
        }
    }
    text.push('"');
}

fn checksum(text: &str) -> String {
    hex(&Sha256::digest(text))
}

pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::KeySet;
    use crate::testing::{jwk, jwks};

    const RECORD: Record<'static> = Record {
        source: "5e",
        confirmed: 1_700_000_000,
        ttl: Duration::from_millis(600_500),
        shown: "https://issuer.example/jwks.json",
        keys: "{\"keys\":[\n]}",
    };

    #[test]
    fn what_is_written_is_read_again() {
        let text = RECORD.text();
        assert_eq!(Record::read(text.as_bytes()).unwrap(), RECORD);
    }

    #[test]
    fn every_cut_and_every_changed_octet_is_found() {
        let text = RECORD.text();
        for cut in 0..text.len() {
            assert!(Record::read(&text.as_bytes()[..cut]).is_err(), "{cut}");
        }
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            assert!(Record::read(&changed).is_err(), "{at}");
        }
        for (from, to) in [("snapshot 1", "snapshot 2"), ("jwtverify", "another")] {
            let reason = Record::read(text.replace(from, to).as_bytes()).unwrap_err();
            assert!(reason.contains("version"), "{reason}");
        }
        // With a checksum that is right.
        for rest in ["", "5e\n1\n2\nx", "5e\nx\n2\nx\n{}", "5e\n1\n-2\nx\n{}"] {
            let text = format!("{MAGIC}{}\n{rest}", checksum(rest));
            assert!(Record::read(text.as_bytes()).is_err(), "{rest:?}");
        }
    }

    #[test]
    fn an_age_is_never_younger_than_it_is() {
        for (saved, age_ms, loaded, at_least_ms) in [
            (1_700_000_000, 0, 1_700_000_000, 0),
            (1_700_000_000, 1_500, 1_700_000_000, 1_500),
            // From the beginning of one second to the end of another.
            (1_700_000_000, 0, 1_700_000_010, 10_999),
            (1_700_000_000, 900, 1_700_000_010, 11_899),
        ] {
            let record = Record {
                confirmed: confirmed(saved, Duration::from_millis(age_ms)),
                ..RECORD
            };
            let age = record.age(loaded).unwrap();
            assert!(age >= Duration::from_millis(at_least_ms), "{age:?}");
            assert!(age <= Duration::from_millis(at_least_ms) + Duration::from_secs(2));
        }
        assert!(RECORD.age(1_699_999_999).unwrap_err().contains("future"));
        let oldest = Record {
            confirmed: confirmed(i64::MIN, Duration::MAX),
            ..RECORD
        };
        assert!(oldest.age(i64::MAX).unwrap() > Duration::from_secs(u64::from(u32::MAX)));
    }

    #[test]
    fn private_members_and_keys_that_are_left_out_are_never_written() {
        let good = jwk("a", 1).replace("{", r#"{"x5c":["AA"],"note":"hush","key_ops":["verify"],"#);
        let private = jwk("p", 2).replace("{", r#"{"d":"c2VjcmV0",  "#);
        let symmetric = r#"{"kty":"oct","kid":"s","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}"#;
        let odd = jwk("\\\"\\u0001\u{1F511}\\\\", 3);
        let document =
            format!(r#"{{"secret":"hush","keys":[{private},{good},7,{symmetric},{odd}]}}"#);
        let options = jwtverify_core::KeySetOptions::new().fetched(true);
        let keys: KeySet = options.read(&document).unwrap();
        assert_eq!((keys.len(), keys.skipped().len()), (2, 3));

        let text = public_part(document.as_bytes(), &keys).unwrap();
        for hidden in ["c2VjcmV0", "hush", "x5c", "\"d\"", "oct"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
        let again: KeySet = options.read(&text).unwrap();
        assert_eq!(again.skipped().len(), 0, "{text}");
        let kids = |keys: &KeySet| keys.kids().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(kids(&again), kids(&keys));
        assert!(kids(&again).contains(&"\"\u{1}\u{1F511}\\".to_owned()));

        let plain = jwks(&[("a", 1), ("b", 2)]);
        let keys: KeySet = options.read(&plain).unwrap();
        let text = public_part(plain.as_bytes(), &keys).unwrap();
        let again: KeySet = options.read(&text).unwrap();
        assert_eq!(kids(&again), ["a", "b"]);
    }
}
