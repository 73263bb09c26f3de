//! What would make a verifier refuse a token, and what to do next: said without verifying it.

use jwtverify_jwks::json::{Object, Value};
use jwtverify_jwks::{Algorithm, UnixTime};

use crate::text::quoted;
use crate::time::{relative, span};

/// What was noticed. An issue is a reason for refusal; a recommendation is the next step.
#[derive(Debug, Default)]
pub(crate) struct Analysis {
    pub(crate) issues: Vec<String>,
    pub(crate) recommendations: Vec<String>,
}

impl Analysis {
    pub(crate) fn issue(&mut self, text: impl Into<String>) {
        self.issues.push(text.into());
    }

    pub(crate) fn recommend(&mut self, text: impl Into<String>) {
        self.recommendations.push(text.into());
    }

    /// Looks at the header (RFC 7515 section 4.1).
    pub(crate) fn header(&mut self, header: Object<'_>) {
        let kid = self.string(header, "kid", "header");
        let _ = self.string(header, "typ", "header");
        match self.string(header, "alg", "header") {
            Some(alg) => self.algorithm(&alg, kid.is_some()),
            None if header.member("alg").is_none() => self.issue("The header has no alg."),
            None => {}
        }
        if let Some(kid) = kid {
            let command = if is_plain_word(&kid) {
                format!(" (jwtverify check URL --kid {kid})")
            } else {
                String::new()
            };
            self.recommend(format!(
                "Look for the kid {} in the key set{command}.",
                quoted(&kid)
            ));
        }
        for name in ["jwk", "jku", "x5c", "x5u"] {
            if header.member(name).is_some() {
                self.issue(format!(
                    "The header brings its own key ({name}). It is never used: a verifier that \
                     trusts it accepts forgeries."
                ));
            }
        }
        if header.member("crit").is_some() {
            self.issue("The header has crit: no critical extension is understood, so the token is refused.");
        }
        if header.member("b64").is_some() {
            self.issue("The header has b64: unencoded payloads are refused.");
        }
    }

    fn algorithm(&mut self, alg: &str, has_kid: bool) {
        if alg.eq_ignore_ascii_case("none") {
            self.issue(format!(
                "alg is {}: the token is unsigned and proves nothing.",
                quoted(alg)
            ));
            return;
        }
        let Some(algorithm) = Algorithm::from_name(alg) else {
            let near = Algorithm::ALL
                .iter()
                .find(|known| known.name().eq_ignore_ascii_case(alg));
            let hint = near.map_or_else(String::new, |near| {
                format!(" Names are case-sensitive: {} was meant.", near.name())
            });
            self.issue(format!(
                "alg {} is no signature algorithm known here.{hint}",
                quoted(alg)
            ));
            return;
        };
        if algorithm.is_symmetric() {
            self.recommend(format!(
                "{alg} is symmetric: verifying needs the secret that signed, and whoever holds it \
                 can forge. It belongs in a local file (--allow-symmetric), never in a published set."
            ));
            return;
        }
        self.recommend(format!(
            "{alg} is asymmetric: verifying needs the issuer's public key."
        ));
        if !has_kid {
            self.issue(
                "The header has no kid: the token is refused unless exactly one key of the set \
                 fits its alg.",
            );
        }
    }

    /// Looks at the claims (RFC 7519 section 4.1).
    pub(crate) fn claims(&mut self, claims: Object<'_>, now: UnixTime) {
        match self.date(claims, "exp") {
            Some(exp) if exp <= now => {
                let since = span(now.secs().abs_diff(exp.secs()));
                self.issue(format!("The token expired {since} ago (exp)."));
            }
            None if claims.member("exp").is_none() => {
                self.issue("There is no exp: the token never expires, and is refused unless that is asked for.");
            }
            _ => {}
        }
        if let Some(nbf) = self.date(claims, "nbf")
            && nbf > now
        {
            self.issue(format!(
                "The token is valid only {} (nbf).",
                relative(nbf, now)
            ));
        }
        if let Some(iat) = self.date(claims, "iat")
            && iat > now
        {
            self.issue(format!(
                "The token was issued {} (iat): one of the two clocks is wrong.",
                relative(iat, now)
            ));
        }
        for name in ["iss", "sub", "jti"] {
            let _ = self.string(claims, name, "claims");
        }
        if claims.member("iss").is_none() {
            self.recommend("There is no iss: nothing in the token says whose keys verify it.");
        }
        self.audience(claims);
    }

    fn audience(&mut self, claims: Object<'_>) {
        match claims.member("aud") {
            Some(Value::String(_)) => {}
            None => self
                .recommend("There is no aud: any service that trusts the issuer could be meant."),
            Some(Value::Array(array)) => {
                let mut elements = array.elements().peekable();
                if elements.peek().is_none() {
                    self.issue("aud is an empty list: the token is for nobody.");
                } else if !elements.all(|element| matches!(element, Value::String(_))) {
                    self.issue("aud has an element that is not a string.");
                }
            }
            Some(_) => self.issue("aud is neither a string nor a list of strings."),
        }
    }

    /// A member that must be a string where it is present.
    fn string(&mut self, object: Object<'_>, name: &str, place: &str) -> Option<String> {
        match object.member(name)? {
            Value::String(text) => Some(text.to_cow().into_owned()),
            other => {
                self.issue(format!(
                    "{name} in the {place} is {}, not a string.",
                    kind(other)
                ));
                None
            }
        }
    }

    /// A member that must be a NumericDate where it is present.
    fn date(&mut self, claims: Object<'_>, name: &str) -> Option<UnixTime> {
        /// The year 5138 in seconds; in milliseconds, 1973.
        const MILLISECONDS: i64 = 100_000_000_000;
        match claims.member(name)? {
            Value::Number(digits) => {
                let date = seconds(digits);
                match date {
                    None => self.issue(format!("{name} is not a finite number.")),
                    Some(date) if date.secs() > MILLISECONDS => self.issue(format!(
                        "{name} looks like milliseconds; a NumericDate counts seconds."
                    )),
                    Some(_) => {}
                }
                date
            }
            other => {
                self.issue(format!(
                    "{name} is {}, not a number of seconds.",
                    kind(other)
                ));
                None
            }
        }
    }
}

/// A JSON number as seconds, rounded down; `None` where it is not finite.
pub(crate) fn seconds(digits: &str) -> Option<UnixTime> {
    if let Ok(whole) = digits.parse() {
        return Some(UnixTime::from_secs(whole));
    }
    let value: f64 = digits.parse().ok()?;
    // A float's `as` saturates, and only a far past or far future is cut off.
    value
        .is_finite()
        .then(|| UnixTime::from_secs(value.floor() as i64))
}

fn kind(value: Value<'_>) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        _ => "an object",
    }
}

/// Whether a text means itself to every shell, so that a command with it may be pasted.
pub(crate) fn is_plain_word(text: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/@+=".contains(&byte);
    !text.is_empty() && !text.starts_with('-') && text.len() <= 128 && text.bytes().all(safe)
}

#[cfg(test)]
mod tests {
    use jwtverify_jwks::json;

    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

    fn of_header(text: &str) -> Analysis {
        let mut analysis = Analysis::default();
        analysis.header(json::object(text.as_bytes()).unwrap());
        analysis
    }

    fn of_claims(text: &str) -> Analysis {
        let mut analysis = Analysis::default();
        analysis.claims(json::object(text.as_bytes()).unwrap(), NOW);
        analysis
    }

    #[test]
    fn issues_of_headers() {
        for (header, expected) in [
            (r#"{"alg":"RS256","kid":"a","typ":"JWT"}"#, None),
            (r#"{"alg":"HS256"}"#, None),
            (r#"{"kid":"a"}"#, Some("no alg")),
            (r#"{"alg":"none"}"#, Some("unsigned")),
            (r#"{"alg":"NoNe"}"#, Some("unsigned")),
            (r#"{"alg":"rs256","kid":"a"}"#, Some("RS256 was meant")),
            (r#"{"alg":"RS1","kid":"a"}"#, Some("no signature algorithm")),
            (
                r#"{"alg":1,"kid":"a"}"#,
                Some("alg in the header is a number"),
            ),
            (r#"{"alg":"RS256"}"#, Some("no kid")),
            (
                r#"{"alg":"HS256","kid":null}"#,
                Some("kid in the header is null"),
            ),
            (
                r#"{"alg":"RS256","kid":"a","jwk":{}}"#,
                Some("its own key (jwk)"),
            ),
            (
                r#"{"alg":"RS256","kid":"a","jku":"x"}"#,
                Some("its own key (jku)"),
            ),
            (r#"{"alg":"RS256","kid":"a","crit":[]}"#, Some("crit")),
            (r#"{"alg":"RS256","kid":"a","b64":false}"#, Some("b64")),
        ] {
            let issues = of_header(header).issues;
            match expected {
                None => assert_eq!(issues, [""; 0], "{header}"),
                Some(word) => assert!(
                    issues.iter().any(|it| it.contains(word)),
                    "{header}: {issues:?}"
                ),
            }
        }
    }

    #[test]
    fn issues_of_claims() {
        for (claims, expected) in [
            (
                r#"{"exp":1800000001,"nbf":1800000000,"iat":1800000000,"iss":"i","aud":["a"]}"#,
                None,
            ),
            (r#"{"exp":1e50}"#, Some("milliseconds")),
            (r#"{"exp":1800000000}"#, Some("expired 0 seconds ago")),
            (r#"{"exp":1799996399.5}"#, Some("expired 1 hour ago")),
            ("{}", Some("no exp")),
            (r#"{"exp":"1800000001"}"#, Some("exp is a string")),
            (r#"{"exp":null}"#, Some("exp is null")),
            (r#"{"exp":1e999}"#, Some("not a finite number")),
            (r#"{"exp":1800000001000}"#, Some("milliseconds")),
            (
                r#"{"exp":1800000001,"nbf":1800000060}"#,
                Some("valid only in 1 minute"),
            ),
            (
                r#"{"exp":1800000001,"iat":1800000060}"#,
                Some("issued in 1 minute"),
            ),
            (
                r#"{"exp":1800000001,"iss":["i"]}"#,
                Some("iss in the claims is an array"),
            ),
            (r#"{"exp":1800000001,"aud":[]}"#, Some("for nobody")),
            (r#"{"exp":1800000001,"aud":["a",1]}"#, Some("not a string")),
            (
                r#"{"exp":1800000001,"aud":7}"#,
                Some("neither a string nor a list"),
            ),
        ] {
            let issues = of_claims(claims).issues;
            match expected {
                None => assert_eq!(issues, [""; 0], "{claims}"),
                Some(word) => assert!(
                    issues.iter().any(|it| it.contains(word)),
                    "{claims}: {issues:?}"
                ),
            }
        }
    }

    #[test]
    fn a_command_to_paste_never_holds_what_a_shell_would_run() {
        for hostile in [
            "$(reboot)",
            "a;b",
            "a b",
            "`x`",
            "-x",
            "",
            "a'b",
            "a\\b",
            "é",
            "a\u{1b}",
        ] {
            let header = serde_json::json!({"alg": "RS256", "kid": hostile}).to_string();
            let recommendations = of_header(&header).recommendations.join("\n");
            assert!(
                !recommendations.contains("jwtverify check"),
                "{recommendations}"
            );
        }
        let plain = of_header(r#"{"alg":"RS256","kid":"2026-11_a"}"#)
            .recommendations
            .join("\n");
        assert!(
            plain.contains("jwtverify check URL --kid 2026-11_a"),
            "{plain}"
        );
    }
}
