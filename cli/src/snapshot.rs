//! What a key set was when `check` looked at it last, and what has changed since.
//!
//! The file is one JSON object: `format`, `source`, `taken` (seconds since 1970) and `keys`, each
//! with `kid`, `kty`, `crv`, `alg`, `use` and `thumbprint` (RFC 7638). Nothing in it is secret, and
//! nothing is verified with it.

use std::fs;
use std::io;

use jwtverify_jwks::{Check, CheckedKey, UnixTime};
use serde_json::{Value, json};

use crate::input::{self, Problem};
use crate::text::quoted;

/// Says what the file is, and of which version.
const FORMAT: &str = "jwtverify-check-1";

/// A hundred keys with the longest kids have less.
const MAX_BYTES: usize = 1024 * 1024;

/// A key set at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) source: String,
    pub(crate) taken: UnixTime,
    keys: Vec<Kept>,
}

/// One key of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Kept {
    kid: Option<String>,
    kty: Option<String>,
    crv: Option<String>,
    alg: Option<String>,
    key_use: Option<String>,
    /// `None` for a key that can't be used.
    thumbprint: Option<String>,
}

impl Snapshot {
    pub(crate) fn of(check: &Check, source: &str, taken: UnixTime) -> Self {
        Self {
            source: source.to_owned(),
            taken,
            keys: check.keys.iter().map(Kept::of).collect(),
        }
    }

    /// Reads the file; `None` if it does not exist.
    pub(crate) fn read(path: &str) -> Result<Option<Self>, Problem> {
        let content = match input::file(path, MAX_BYTES) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Problem::usage(format!("{path} can't be read: {error}"))),
        };
        Self::parse(&content).map(Some).ok_or_else(|| {
            Problem::usage(format!(
                "{path} is no snapshot that check --save has written"
            ))
        })
    }

    fn parse(content: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(content).ok()?;
        if value.get("format")?.as_str()? != FORMAT {
            return None;
        }
        let keys = value.get("keys")?.as_array()?.iter().map(Kept::parse);
        Some(Self {
            source: value.get("source")?.as_str()?.to_owned(),
            taken: UnixTime::from_secs(value.get("taken")?.as_i64()?),
            keys: keys.collect::<Option<_>>()?,
        })
    }

    /// Writes the file whole or not at all: a new one takes the place of the old one.
    pub(crate) fn write(&self, path: &str) -> Result<(), Problem> {
        let keys: Vec<Value> = self.keys.iter().map(Kept::json).collect();
        let value = json!({
            "format": FORMAT,
            "source": self.source,
            "taken": self.taken.secs(),
            "keys": keys,
        });
        let new = format!("{path}.new");
        fs::write(&new, format!("{value:#}\n"))
            .and_then(|()| fs::rename(&new, path))
            .map_err(|error| Problem::usage(format!("{path} can't be written: {error}")))
    }

    /// What is different in `now`.
    pub(crate) fn changes_to(&self, now: &Self) -> Changes {
        let mut changes = Changes::default();
        for key in &now.keys {
            match self.keys.iter().find(|old| old.is_same(key)) {
                Some(old) => changes.altered.extend(old.difference(key)),
                None if self.keys.iter().any(|old| old.is_namesake(key)) => {
                    changes.replaced.push(key.shown());
                }
                None => changes.added.push(key.shown()),
            }
        }
        for old in &self.keys {
            if !now
                .keys
                .iter()
                .any(|key| key.is_same(old) || key.is_namesake(old))
            {
                changes.removed.push(old.shown());
            }
        }
        changes.survivors = now
            .keys
            .iter()
            .filter(|key| key.thumbprint.is_some())
            .any(|key| self.keys.iter().any(|old| old.is_same(key)));
        changes
    }
}

/// What has changed from one snapshot to another; keys in the words of [`Kept::shown`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) added: Vec<String>,
    pub(crate) removed: Vec<String>,
    /// Another key under the same kid.
    pub(crate) replaced: Vec<String>,
    /// The same key with other members, in words.
    pub(crate) altered: Vec<String>,
    /// Some usable key is in both.
    survivors: bool,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        [&self.added, &self.removed, &self.replaced, &self.altered]
            .iter()
            .all(|list| list.is_empty())
    }

    /// What the changes mean for tokens and verifiers.
    pub(crate) fn advice(&self) -> Vec<&'static str> {
        let mut advice = Vec::new();
        if !self.replaced.is_empty() {
            advice.push(
                "a new key needs a new kid: verifiers that hold the old key refuse the new tokens \
                 as forged, and do not ask again for a kid that they know",
            );
        }
        if !self.survivors && !self.added.is_empty() && !self.removed.is_empty() {
            advice.push(
                "no key is in both sets: verifiers that hold the old one refuse new tokens until \
                 they ask again, the others refuse every older token; let the two overlap",
            );
        } else if !self.removed.is_empty() {
            advice.push(
                "tokens of removed keys are refused from now on: the last of them should have \
                 expired before",
            );
        }
        if self.survivors && !self.added.is_empty() {
            advice.push("sign with a new key only when verifiers have had time to fetch it");
        }
        advice
    }

    pub(crate) fn json(&self, since: UnixTime) -> Value {
        json!({
            "since": since.secs(),
            "added": self.added,
            "removed": self.removed,
            "replaced": self.replaced,
            "altered": self.altered,
            "advice": self.advice(),
        })
    }
}

impl Kept {
    fn of(key: &CheckedKey) -> Self {
        Self {
            kid: key.kid.clone(),
            kty: key.kty.clone(),
            crv: key.crv.clone(),
            alg: key.alg.clone(),
            key_use: key.key_use.clone(),
            thumbprint: key.thumbprint.clone().filter(|_| key.refused.is_none()),
        }
    }

    fn parse(value: &Value) -> Option<Self> {
        let text = |name: &str| match value.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(Value::String(text)) => Some(Some(text.clone())),
            Some(_) => None,
        };
        Some(Self {
            kid: text("kid")?,
            kty: text("kty")?,
            crv: text("crv")?,
            alg: text("alg")?,
            key_use: text("use")?,
            thumbprint: text("thumbprint")?,
        })
    }

    fn json(&self) -> Value {
        json!({
            "kid": self.kid,
            "kty": self.kty,
            "crv": self.crv,
            "alg": self.alg,
            "use": self.key_use,
            "thumbprint": self.thumbprint,
        })
    }

    /// The same numbers; for keys that can't be used, the same members.
    fn is_same(&self, other: &Self) -> bool {
        match (&self.thumbprint, &other.thumbprint) {
            (Some(own), Some(other)) => own == other,
            (None, None) => self == other,
            _ => false,
        }
    }

    /// Another key of the same name.
    fn is_namesake(&self, other: &Self) -> bool {
        self.kid.is_some() && self.kid == other.kid && !self.is_same(other)
    }

    fn difference(&self, now: &Self) -> Option<String> {
        let changed: Vec<String> = [
            ("kid", &self.kid, &now.kid),
            ("alg", &self.alg, &now.alg),
            ("use", &self.key_use, &now.key_use),
        ]
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(name, old, new)| format!("{name} was {}, is {}", word(old), word(new)))
        .collect();
        (!changed.is_empty()).then(|| format!("{}: {}", now.shown(), changed.join("; ")))
    }

    /// `"key-1" (EC P-256, ES256)`
    fn shown(&self) -> String {
        let kid = self
            .kid
            .as_deref()
            .map_or_else(|| "(no kid)".to_owned(), quoted);
        let kind: Vec<&str> = [&self.kty, &self.crv]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let alg = self
            .alg
            .as_deref()
            .map_or(String::new(), |alg| format!(", {alg}"));
        format!("{kid} ({}{alg})", kind.join(" "))
    }
}

fn word(text: &Option<String>) -> String {
    text.as_deref().map_or_else(|| "absent".to_owned(), quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str, thumbprint: &str) -> Kept {
        Kept {
            kid: Some(kid.to_owned()),
            kty: Some("OKP".to_owned()),
            thumbprint: Some(thumbprint.to_owned()).filter(|text| !text.is_empty()),
            ..Kept::default()
        }
    }

    fn snapshot(keys: &[(&str, &str)]) -> Snapshot {
        Snapshot {
            source: "here".to_owned(),
            taken: UnixTime::from_secs(5),
            keys: keys
                .iter()
                .map(|(kid, thumbprint)| key(kid, thumbprint))
                .collect(),
        }
    }

    #[test]
    fn changes_are_told_apart() {
        let old = snapshot(&[("a", "1"), ("b", "2"), ("c", "3"), ("broken", "")]);
        let new = snapshot(&[
            ("a", "1"),
            ("b", "9"),
            ("d", "3"),
            ("e", "5"),
            ("broken", ""),
        ]);
        let changes = old.changes_to(&new);
        assert_eq!(changes.added, ["\"e\" (OKP)"]);
        assert_eq!(changes.replaced, ["\"b\" (OKP)"]);
        assert_eq!(changes.altered, ["\"d\" (OKP): kid was \"c\", is \"d\""]);
        assert_eq!(changes.removed, [""; 0]);
        assert!(changes.advice()[0].contains("new kid"));
        assert!(old.changes_to(&old).is_empty());
        let repaired = snapshot(&[("a", "1"), ("b", "2"), ("c", "3"), ("broken", "7")]);
        assert_eq!(old.changes_to(&repaired).replaced.len(), 1);
    }

    #[test]
    fn a_rotation_without_overlap_is_named() {
        let changes = snapshot(&[("a", "1")]).changes_to(&snapshot(&[("b", "2")]));
        assert!(changes.advice().iter().any(|text| text.contains("overlap")));
        let changes = snapshot(&[("a", "1")]).changes_to(&snapshot(&[("a", "1"), ("b", "2")]));
        assert_eq!(
            changes.advice(),
            ["sign with a new key only when verifiers have had time to fetch it"]
        );
        let changes = snapshot(&[("a", "1"), ("b", "2")]).changes_to(&snapshot(&[("b", "2")]));
        assert!(changes.advice()[0].contains("expired before"));
    }

    #[test]
    fn what_was_not_written_by_this_program_is_refused() {
        let good = json!({"format": FORMAT, "source": "s", "taken": 1, "keys": [{"kid": "a"}]});
        assert!(Snapshot::parse(good.to_string().as_bytes()).is_some());
        for (member, value) in [
            ("format", json!("jwtverify-check-2")),
            ("source", json!(1)),
            ("taken", json!("now")),
            ("keys", json!({})),
            ("keys", json!([1, {"kid": 7}])),
        ] {
            let mut bad = good.clone();
            bad[member] = value;
            assert_eq!(Snapshot::parse(bad.to_string().as_bytes()), None, "{bad}");
        }
        for bad in ["", "{", "[]", "null"] {
            assert_eq!(Snapshot::parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
