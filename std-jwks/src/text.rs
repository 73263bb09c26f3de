//! Text from outside, made fit to show to a person.

use std::time::Duration;

use jwtverify_core::SkippedKey;

/// Most characters of one foreign text (a `kid`, a host's reason) that are shown.
pub(crate) const MAX_SHOWN_CHARS: usize = 64;

/// Most characters of a sentence that came with an error of the operating system or of a peer.
pub(crate) const MAX_DETAIL_CHARS: usize = 200;

/// Cuts a foreign text to [`MAX_SHOWN_CHARS`] and escapes what could forge a line of a log or
/// reorder a terminal: control characters and invisible formatting characters.
pub(crate) fn shown(text: &str) -> String {
    cut(text, MAX_SHOWN_CHARS)
}

/// As [`shown`], for whole sentences.
pub(crate) fn detail(text: &str) -> String {
    cut(text, MAX_DETAIL_CHARS)
}

/// A duration in the words of a status line: whole seconds, or milliseconds below one second.
pub(crate) fn span(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        seconds @ 1..=119 => format!("{seconds} s"),
        seconds @ 120..=7199 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

/// A key that was left out: its place, its kid and the reason.
pub(crate) fn skipped(key: &SkippedKey) -> String {
    let SkippedKey {
        position,
        kid,
        reason,
    } = key;
    match kid {
        Some(kid) => format!("keys[{position}] (kid \"{}\"): {reason}", shown(kid)),
        None => format!("keys[{position}]: {reason}"),
    }
}

fn cut(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == most {
            out.push('…');
            break;
        }
        if must_escape(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// Control characters, line and paragraph separators, and the zero-width and bidirectional
/// formatting characters of Unicode.
fn must_escape(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00AD}'
                | '\u{061C}'
                | '\u{180E}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_cannot_forge_a_log_line() {
        for (given, wanted) in [
            ("key-1", "key-1"),
            ("a\nlevel=info ok", "a\\u{a}level=info ok"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("abc\u{202e}fed", "abc\\u{202e}fed"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
            ("nul\0", "nul\\u{0}"),
            ("ключ", "ключ"),
        ] {
            assert_eq!(shown(given), wanted);
        }
    }

    #[test]
    fn long_text_is_cut_at_64_characters() {
        assert_eq!(shown(&"x".repeat(64)), "x".repeat(64));
        let cut = shown(&"é".repeat(65));
        assert_eq!(cut.chars().count(), 65);
        assert!(cut.ends_with('…'));
        assert!(shown(&"\u{1}".repeat(10_000)).len() < 64 * 10);
    }

    #[test]
    fn spans_read_like_a_status_line() {
        for (millis, wanted) in [
            (0, "0 ms"),
            (250, "250 ms"),
            (1_000, "1 s"),
            (119_999, "119 s"),
            (600_000, "10 min"),
            (3_600_000 * 3, "3 h"),
        ] {
            assert_eq!(span(Duration::from_millis(millis)), wanted);
        }
    }
}
