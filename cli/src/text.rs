//! Text that came from a token or a key set, made safe to show.
//!
//! Whoever writes a token chooses what stands in it: escape sequences that repaint a terminal,
//! marks that turn the reading direction, characters that can't be seen. Nothing of that reaches
//! the terminal: it is shown as the JSON escape that it could have been written as.

use std::fmt::Write;

use jwtverify_jwks::json::{Members, Value};
use jwtverify_jwks::unverified::UnverifiedToken;

use crate::output::{DIM, NAME};

/// Escapes everything that is not plainly visible, line breaks included.
///
/// The escapes are those of JSON, and such characters occur in JSON text only within strings, so
/// a JSON text stays the same JSON text.
pub(crate) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}"); // writing to a String can't fail
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

/// [`printable`] for a text whose line breaks are ours.
pub(crate) fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

/// The text as a JSON string, quotes included, safe to show.
pub(crate) fn quoted(text: &str) -> String {
    printable(&serde_json::Value::from(text).to_string())
}

/// The text with every token in it left out: for messages that repeat arguments, one of which may
/// be a token in the wrong place.
pub(crate) fn without_tokens(text: &str) -> String {
    let in_token = |c: char| c.is_ascii_alphanumeric() || "-_.=".contains(c);
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same = |c: char| in_token(c) == in_token(first);
        let (run, after) = rest.split_at(rest.find(|c| !same(c)).unwrap_or(rest.len()));
        safe.push_str(if looks_like_token(run) {
            "(a token, not shown)"
        } else {
            run
        });
        rest = after;
    }
    safe
}

/// A whole token, or what is left of one; also behind `--` or `--option=`.
fn looks_like_token(run: &str) -> bool {
    let run = run.trim_start_matches('-');
    let value = run.split_once('=').map_or(run, |(_, value)| value);
    [run, value].into_iter().any(|text| {
        (text.starts_with("eyJ") && text.len() >= 16) || UnverifiedToken::read(text).is_ok()
    })
}

/// Control characters, and the format characters that have no glyph of their own.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' // soft hyphen
            | '\u{61c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' // zero width, direction marks
            | '\u{2028}'..='\u{202e}' // line separators, direction overrides
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' // variation selectors
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}') // tags
}

/// An object over several lines, indented by two, with a remark behind some of its members.
pub(crate) fn pretty(members: Members<'_>, remark: impl Fn(&str, Value<'_>) -> String) -> String {
    let mut out = String::from("  {\n");
    let mut members = members.peekable();
    while let Some((name, value)) = members.next() {
        let name = name.to_cow();
        let _ = write!(out, "    {NAME}{}{NAME:#}: ", quoted(&name));
        inline(value, 2, &mut out);
        if members.peek().is_some() {
            out.push(',');
        }
        let remark = remark(&name, value);
        if !remark.is_empty() {
            let _ = write!(out, "  {DIM}{remark}{DIM:#}");
        }
        out.push('\n');
    }
    out.push_str("  }\n");
    out
}

/// One value; objects and arrays of more than a few members go over several lines. The reader has
/// bounded the depth, so the recursion is bounded.
fn inline(value: Value<'_>, depth: usize, out: &mut String) {
    match value {
        Value::String(text) => out.push_str(&quoted(&text.to_cow())),
        Value::Number(digits) => out.push_str(digits),
        Value::Bool(yes) => out.push_str(if yes { "true" } else { "false" }),
        Value::Array(array) => {
            let parts = array.elements().map(|element| (None, element));
            block(parts, ['[', ']'], depth, out);
        }
        Value::Object(object) => {
            let parts = object
                .members()
                .map(|(name, value)| (Some(quoted(&name.to_cow())), value));
            block(parts, ['{', '}'], depth, out);
        }
        _ => out.push_str("null"),
    }
}

fn block<'j>(
    parts: impl Iterator<Item = (Option<String>, Value<'j>)>,
    [open, close]: [char; 2],
    depth: usize,
    out: &mut String,
) {
    let rendered: Vec<String> = parts
        .map(|(name, value)| {
            let mut part = name.map_or_else(String::new, |name| format!("{NAME}{name}{NAME:#}: "));
            inline(value, depth + 1, &mut part);
            part
        })
        .collect();
    out.push(open);
    let length: usize = rendered.iter().map(String::len).sum();
    if length <= 70 && !rendered.iter().any(|part| part.contains('\n')) {
        out.push_str(&rendered.join(", "));
    } else {
        let indent = "  ".repeat(depth + 1);
        for (place, part) in rendered.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let _ = write!(out, "{comma}\n{indent}{part}");
        }
        let _ = write!(out, "\n{}", "  ".repeat(depth));
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use jwtverify_jwks::json;

    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn what_repaints_a_terminal_is_escaped() {
        for (hostile, expected) in [
            ("\u{1b}[2J", "\\u001b[2J"),
            ("a\nb\tc\rd", "a\\u000ab\\u0009c\\u000dd"),
            ("\u{9b}31m", "\\u009b31m"),
            ("\u{7f}", "\\u007f"),
            ("admin\u{202e}resu", "admin\\u202eresu"),
            ("a\u{200b}b\u{feff}", "a\\u200bb\\ufeff"),
            ("\u{e0041}", "\\udb40\\udc41"),
            ("naïve 鍵 🔑", "naïve 鍵 🔑"),
        ] {
            assert_eq!(printable(hostile), expected);
        }
        assert_eq!(quoted("a\"b\\c\u{1b}\u{202e}"), r#""a\"b\\c\u001b\u202e""#);
        assert_eq!(printable_lines("one\ntw\u{1b}o"), "one\ntw\\u001bo");
    }

    #[test]
    fn tokens_are_left_out_of_messages() {
        let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UifQ.c2lnbmF0dXJl";
        for (text, expected) in [
            (
                format!("no file {token}: gone"),
                "no file (a token, not shown): gone",
            ),
            (
                format!("unexpected '--aud={token}'"),
                "unexpected '(a token, not shown)'",
            ),
            (
                format!("cut: {}", &token[..30]),
                "cut: (a token, not shown)",
            ),
            // A header that begins with white space does not begin with eyJ.
            (
                "IHsiYWxnIjoiUlMyNTYifQ.e30.c2ln".to_owned(),
                "(a token, not shown)",
            ),
            (
                "https://issuer.example/a.b.c".to_owned(),
                "https://issuer.example/a.b.c",
            ),
            ("/tmp/eyJ.json, naïve…".to_owned(), "/tmp/eyJ.json, naïve…"),
            (String::new(), ""),
        ] {
            assert_eq!(without_tokens(&text), expected);
        }
    }

    #[test]
    fn escaping_json_text_keeps_its_meaning() {
        let text = "{\"a\u{202e}\":\"\u{9b}\u{e0041}\\u001b\"}";
        let before: serde_json::Value = serde_json::from_str(text).unwrap();
        let after: serde_json::Value = serde_json::from_str(&printable(text)).unwrap();
        assert_eq!(before, after);
    }

    #[test]
    fn pretty_is_the_same_json() {
        let text = br#"{"a":1,"long":["aaaaaaaaaaaaaaaaaaaaaaaa","bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
            {"c":[],"d":{"e":null,"f":[true,false,"gggggggggggggggggggggggggggggggggggggggggggg"]}}],
            "n":1e999,"z":{}}"#;
        let shown = plain(&pretty(json::object(text).unwrap().members(), |_, _| {
            String::new()
        }));
        assert!(json::object(shown.trim().as_bytes()).is_ok(), "{shown}");
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(squeeze(&shown), squeeze(std::str::from_utf8(text).unwrap()));
    }

    #[test]
    fn remarks_stand_behind_their_member() {
        let object = json::object(br#"{"exp":5,"x":1,"nbf":2}"#).unwrap();
        let remark = |name: &str, _: Value<'_>| match name {
            "x" => String::new(),
            _ => "soon".to_owned(),
        };
        let shown = plain(&pretty(object.members(), remark));
        assert_eq!(
            shown,
            "  {\n    \"exp\": 5,  soon\n    \"x\": 1,\n    \"nbf\": 2  soon\n  }\n"
        );
    }
}
