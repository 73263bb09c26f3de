//! What a run measured, and its JSON form, which everything that is published is made from.

use serde_json::{Map, Value, json};

use crate::statistics::Spread;

/// One comparison: a row of `results.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What was done, and in which language and state of ours: `ES256, whole token, warm key`.
    pub work: String,
    /// What ours took, in nanoseconds: the median.
    pub ours_ns: f64,
    /// Who did the same.
    pub peer: String,
    /// What the peer took, in nanoseconds: the median.
    pub peer_ns: f64,
    /// How many times as long the peer took: ratios of each round.
    pub ratio: Spread,
    /// How much longer ours took, in nanoseconds: differences of each round.
    pub more_ns: Spread,
}

/// The most memory that was held at once while a token was verified.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    /// Length of the token's text, in octets.
    pub token: u64,
    /// Octets that ours allocated, at the peak.
    pub ours: u64,
    /// The same of jsonwebtoken.
    pub peer: u64,
}

/// All of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// Processor, cores, system, compiler, date: what it is called, and what it is.
    pub machine: Vec<(String, String)>,
    /// Who was measured, and in which version.
    pub versions: Vec<(String, String)>,
    /// Who was not, and why.
    pub absent: Vec<(String, String)>,
    /// The comparisons, in the order of the page.
    pub rows: Vec<Row>,
    /// Memory against the size of the token, in ascending order.
    pub memory: Vec<Memory>,
}

impl Results {
    /// The row of this work and peer.
    pub fn row(&self, work: &str, peer: &str) -> Option<&Row> {
        let mut rows = self.rows.iter();
        rows.find(|row| row.work == work && row.peer == peer)
    }

    /// Who was measured in which version; the bare name where that is not known.
    pub fn version(&self, name: &str) -> String {
        let mut versions = self.versions.iter();
        let found = versions.find(|(known, _)| known == name);
        found.map_or_else(|| name.into(), |(_, version)| format!("{name} {version}"))
    }

    /// The text of `results.json`: one row a line.
    pub fn to_json(&self) -> String {
        let lines = |rows: Vec<Value>| {
            let rows: Vec<String> = rows.iter().map(|row| format!("    {row}")).collect();
            format!("[\n{}\n  ]", rows.join(",\n"))
        };
        let rows = lines(self.rows.iter().map(Row::to_json).collect());
        let memory = lines(self.memory.iter().map(Memory::to_json).collect());
        format!(
            "{{\n  \"machine\": {},\n  \"versions\": {},\n  \"absent\": {},\n  \"rows\": {rows},\n  \"memory\": {memory}\n}}\n",
            object(&self.machine),
            object(&self.versions),
            object(&self.absent),
        )
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// The first member that is not as it should be.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Ok(Self {
            machine: pairs(&value, "machine")?,
            versions: pairs(&value, "versions")?,
            absent: pairs(&value, "absent")?,
            rows: list(&value, "rows", Row::from_json)?,
            memory: list(&value, "memory", Memory::from_json)?,
        })
    }
}

impl Row {
    fn to_json(&self) -> Value {
        json!({
            "work": self.work,
            "ours_ns": tenths(self.ours_ns),
            "peer": self.peer,
            "peer_ns": tenths(self.peer_ns),
            "ratio": thousandths(self.ratio.median),
            "spread": [thousandths(self.ratio.low), thousandths(self.ratio.high)],
            "more_ns": tenths(self.more_ns.median),
            "more_spread_ns": [tenths(self.more_ns.low), tenths(self.more_ns.high)],
        })
    }

    fn from_json(value: &Value) -> Result<Self, String> {
        let spread = |median: &str, ends: &str| -> Result<Spread, String> {
            let end = |place: usize| number(&value[ends][place], ends);
            Ok(Spread {
                low: end(0)?,
                median: number(&value[median], median)?,
                high: end(1)?,
            })
        };
        Ok(Self {
            work: text(&value["work"], "work")?,
            ours_ns: number(&value["ours_ns"], "ours_ns")?,
            peer: text(&value["peer"], "peer")?,
            peer_ns: number(&value["peer_ns"], "peer_ns")?,
            ratio: spread("ratio", "spread")?,
            more_ns: spread("more_ns", "more_spread_ns")?,
        })
    }
}

impl Memory {
    fn to_json(&self) -> Value {
        json!({"token_octets": self.token, "ours_octets": self.ours, "jsonwebtoken_octets": self.peer})
    }

    fn from_json(value: &Value) -> Result<Self, String> {
        let octets = |name: &str| value[name].as_u64().ok_or_else(|| wrong(name));
        Ok(Self {
            token: octets("token_octets")?,
            ours: octets("ours_octets")?,
            peer: octets("jsonwebtoken_octets")?,
        })
    }
}

fn object(pairs: &[(String, String)]) -> Value {
    let members = pairs
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn pairs(value: &Value, name: &str) -> Result<Vec<(String, String)>, String> {
    let members = value[name].as_object().ok_or_else(|| wrong(name))?.iter();
    members
        .map(|(key, value)| Ok((key.clone(), text(value, key)?)))
        .collect()
}

fn list<T>(
    value: &Value,
    name: &str,
    read: impl Fn(&Value) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let members = value[name].as_array().ok_or_else(|| wrong(name))?;
    members.iter().map(read).collect()
}

fn text(value: &Value, name: &str) -> Result<String, String> {
    value.as_str().map(Into::into).ok_or_else(|| wrong(name))
}

fn number(value: &Value, name: &str) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| wrong(name))
}

fn wrong(name: &str) -> String {
    format!("{name} is missing or of another type")
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_survive_their_json() {
        let spread = |median: f64| Spread {
            low: median - 0.5,
            median,
            high: median + 0.5,
        };
        let results = Results {
            machine: vec![("processor".into(), "a \"quick\" one".into())],
            versions: vec![("PyJWT".into(), "2.15.1".into())],
            absent: vec![("Node".into(), "not installed".into())],
            rows: vec![Row {
                work: "ES256, whole token, warm key".into(),
                ours_ns: 31_000.5,
                peer: "jsonwebtoken".into(),
                peer_ns: 93_000.0,
                ratio: spread(3.0),
                more_ns: spread(-62_000.0),
            }],
            memory: vec![Memory {
                token: 1024,
                ours: 768,
                peer: 2048,
            }],
        };
        let text = results.to_json();
        assert_eq!(Results::from_json(&text), Ok(results));
        let row = text.lines().find(|line| line.contains("\"work\"")).unwrap();
        assert!(row.contains(r#""ratio":3.0,"spread":[2.5,3.5]"#), "{row}");
    }

    #[test]
    fn what_is_no_result_says_which_member() {
        let table = [
            (r#"{}"#, "machine"),
            (
                r#"{"machine":{},"versions":{},"absent":{},"rows":[{}],"memory":[]}"#,
                "work",
            ),
        ];
        for (text, member) in table {
            let error = Results::from_json(text).unwrap_err();
            assert!(error.starts_with(member), "{text}: {error}");
        }
    }
}
