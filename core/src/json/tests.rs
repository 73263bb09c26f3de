use std::format;
use std::string::String;
use std::vec;

use super::*;
use crate::limits::MAX_JSON_DEPTH;

fn fault(text: impl AsRef<[u8]>) -> Option<(JsonFault, u32)> {
    // Without further memory and with plenty, the verdict is the same.
    let mut buffer = vec![0; 4 * text.as_ref().len()];
    let read = |names: &mut Names<'_>| {
        let error = validate(text.as_ref(), names).err()?;
        Some((error.fault(), error.position()))
    };
    let first = read(&mut Names::in_buffer(&mut buffer));
    #[cfg(feature = "alloc")]
    assert_eq!(first, read(&mut Names::on_heap()));
    first
}

#[test]
fn rfc8259_objects_are_read() {
    for text in [
        "{}",
        " \t\r\n{ } \n",
        r#"{"a":1}"#,
        r#"{"":0,"a":-0,"b":1.5e+10,"c":0.1E-2,"d":true,"e":false,"f":null}"#,
        r#"{"a":[],"b":{},"c":[[],{}],"d":{"a":[1,[2,{"b":3}],4],"e":"x"}}"#,
        r#"{"a":"\"\\\/\b\f\n\r\t\u0000\u00e9\ud83d\ude00"}"#,
        "{\"\u{1f600}\":\"\u{7f}\u{80}\"}",
        r#"{"a":{"x":1},"b":{"x":1}}"#,
        r#"{"a":[{"x":1},{"x":1}]}"#,
        r#"{"a":123456789012345678901234567890.5e1000}"#,
    ] {
        assert_eq!(fault(text), None, "{text}");
    }
}

#[test]
fn rfc8259_everything_else_is_refused_at_its_place() {
    use JsonFault::*;
    for (text, expected) in [
        ("", (End, 0)),
        ("  ", (End, 2)),
        ("null", (NotObject, 0)),
        (" [1]", (NotObject, 1)),
        (r#""alg""#, (NotObject, 0)),
        ("nul", (Syntax, 0)),
        ("{", (End, 1)),
        ("{}x", (TrailingBytes, 2)),
        ("{}{}", (TrailingBytes, 2)),
        ("{}\0", (TrailingBytes, 2)),
        ("\u{feff}{}", (Syntax, 0)),
        ("{,}", (Syntax, 1)),
        (r#"{"a":1,}"#, (Syntax, 7)),
        (r#"{"a" 1}"#, (Syntax, 5)),
        (r#"{"a"}"#, (Syntax, 4)),
        (r#"{"a":}"#, (Syntax, 5)),
        (r#"{"a":1 "b":2}"#, (Syntax, 7)),
        (r#"{a:1}"#, (Syntax, 1)),
        (r#"{'a':1}"#, (Syntax, 1)),
        (r#"{"a":1]"#, (Syntax, 6)),
        (r#"{"a":[1}"#, (Syntax, 7)),
        (r#"{"a":{"b":1]}"#, (Syntax, 11)),
        (r#"{"a":[1,]}"#, (Syntax, 8)),
        (r#"{"a":[,1]}"#, (Syntax, 6)),
        (r#"{"a":[1 2]}"#, (Syntax, 8)),
        (r#"{"a":{"b":1,}}"#, (Syntax, 12)),
        (r#"{"a":[1"#, (End, 7)),
        (r#"{"a":"x"#, (End, 7)),
        (r#"{"a":01}"#, (Number, 6)),
        (r#"{"a":-}"#, (Number, 6)),
        (r#"{"a":+1}"#, (Syntax, 5)),
        (r#"{"a":.5}"#, (Syntax, 5)),
        (r#"{"a":1.}"#, (Number, 7)),
        (r#"{"a":1e}"#, (Number, 7)),
        (r#"{"a":0x10}"#, (Number, 6)),
        (r#"{"a":NaN}"#, (Syntax, 5)),
        (r#"{"a":TRUE}"#, (Syntax, 5)),
        ("{\"a\":\u{c}1}", (Syntax, 5)),
        ("{\"a\":\"\n\"}", (ControlCharacter, 6)),
        (r#"{"a":"\x"}"#, (Escape, 6)),
        (r#"{"a":"\u12g4"}"#, (Escape, 6)),
        (r#"{"a":"\u12"#, (Escape, 6)),
        (r#"{"a":"\ud800"}"#, (LoneSurrogate, 6)),
        (r#"{"a":"\ud800\u0041"}"#, (LoneSurrogate, 6)),
        (r#"{"a":"\ud800\ud800"}"#, (LoneSurrogate, 6)),
        (r#"{"a":"x\udc00"}"#, (LoneSurrogate, 7)),
    ] {
        assert_eq!(fault(text), Some(expected), "{text}");
    }
    assert_eq!(fault(b"{\"a\":\"\xff\"}"), Some((NotUtf8, 6)));
    assert_eq!(fault(b"{\"a\":\"\xed\xa0\x80\"}"), Some((NotUtf8, 6)));
    assert_eq!(fault(b"{\"a\":\"\xc0\xaf\"}"), Some((NotUtf8, 6)));
}

#[test]
fn duplicate_names_are_refused_at_any_depth_after_unescaping() {
    for (text, place) in [
        (r#"{"a":1,"a":2}"#, 7),
        (r#"{"a":1,"b":2,"a":3}"#, 13),
        (r#"{"a":1,"\u0061":2}"#, 7),
        (r#"{"\u0061":1,"a":2}"#, 12),
        (r#"{"":1,"":2}"#, 6),
        (r#"{"x":{"a":1,"a":2}}"#, 12),
        (r#"{"x":[[{"b":1,"a":1,"a":2}]]}"#, 20),
        (r#"{"\ud83d\ude00":1,"😀":2}"#, 18),
        ("{\"a\":{\"a\":1},\"b\":2,\"a\":{}}", 19),
    ] {
        assert_eq!(
            fault(text),
            Some((JsonFault::DuplicateName, place)),
            "{text}"
        );
    }
    for text in [
        r#"{"a":1,"A":2}"#,
        r#"{"a":1,"aa":2,"a\u0000":3}"#,
        r#"{"é":1,"e\u0301":2}"#,
    ] {
        assert_eq!(fault(text), None, "{text}");
    }
}

#[test]
fn a_duplicate_is_found_among_thousands_of_members() {
    let members = |last: &str| {
        let many: String = (0..5000)
            .map(|i| format!("\"name{i}\":{{\"x\":1,\"y\":2}},"))
            .collect();
        format!("{{{many}\"{last}\":0}}")
    };
    assert_eq!(fault(members("name5000")), None);
    assert!(matches!(
        fault(members("name17")),
        Some((JsonFault::DuplicateName, _))
    ));
    assert!(matches!(
        fault(members("n\\u0061me4999")),
        Some((JsonFault::DuplicateName, _))
    ));
}

#[test]
fn names_beyond_the_buffer_are_an_error_and_not_a_verdict() {
    let text: String = (0..65).map(|i| format!(",\"{i}\":0")).collect();
    let text = format!("{{\"a\":0{text}}}");
    let read = |buffer: &mut [u8]| {
        validate(text.as_bytes(), &mut Names::in_buffer(buffer))
            .err()
            .map(JsonError::fault)
    };
    assert_eq!(read(&mut [0; 4 * 65]), Some(JsonFault::NoRoom));
    assert_eq!(read(&mut [0; 4 * 66]), None);
}

#[test]
fn depth_is_bounded_and_the_bound_is_exact() {
    let nested = |depth: usize, open: &str, close: &str| {
        format!(
            "{{\"a\":{}1{}}}",
            open.repeat(depth - 1),
            close.repeat(depth - 1)
        )
    };
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        assert_eq!(fault(nested(MAX_JSON_DEPTH, open, close)), None);
        let refused = fault(nested(MAX_JSON_DEPTH + 1, open, close)).map(|(fault, _)| fault);
        assert_eq!(refused, Some(JsonFault::Depth));
    }
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    assert_eq!(fault(deep).map(|(fault, _)| fault), Some(JsonFault::Depth));
}

#[test]
fn views_give_back_what_was_written() {
    let text = r#" {"s":"a\u0062\n","n":-1.5e3,"a":[1,"x",[2],{"k":null}],"o":{"b":true},"e":[]} "#;
    let object = validate(text.as_bytes(), &mut Names::in_buffer(&mut [])).unwrap();
    assert_eq!(object.as_str(), text.trim());
    let names: vec::Vec<String> = object
        .members()
        .map(|(name, _)| format!("{name}"))
        .collect();
    assert_eq!(names, ["s", "n", "a", "o", "e"]);
    assert!(
        matches!(object.member("s"), Some(Value::String(s)) if s == "ab\n" && s.utf8_len() == 3)
    );
    assert_eq!(object.member("n"), Some(Value::Number("-1.5e3")));
    let Some(Value::Array(array)) = object.member("a") else {
        panic!()
    };
    assert_eq!(array.as_str(), r#"[1,"x",[2],{"k":null}]"#);
    assert_eq!(array.elements().count(), 4);
    let Some(Value::Object(last)) = array.elements().nth(3) else {
        panic!()
    };
    assert_eq!(last.member("k"), Some(Value::Null));
    let Some(Value::Object(o)) = object.member("o") else {
        panic!()
    };
    assert_eq!(o.member("b"), Some(Value::Bool(true)));
    let Some(Value::Array(empty)) = object.member("e") else {
        panic!()
    };
    assert_eq!(empty.elements().count(), 0);
    assert_eq!(object.member("missing"), None);
}

#[test]
fn spans_lead_back_to_their_values() {
    let text = br#"  {"a" : [1,2] , "b":"x\u0079"} "#;
    let mut spans = vec![];
    let object = members(text, &mut Names::in_buffer(&mut []), |_, _, span| {
        spans.push(span);
    });
    let object = object.unwrap();
    assert!(
        matches!(value_at(object.as_str(), spans[0]), Some(Value::Array(a)) if a.as_str() == "[1,2]")
    );
    assert!(matches!(value_at(object.as_str(), spans[1]), Some(Value::String(s)) if s == "xy"));
}

#[test]
fn text_compares_after_unescaping_and_hides_itself_in_debug() {
    let text = br#"{"a":"secr\u0065t","b":"secret","c":"secre"}"#;
    let object = validate(text, &mut Names::in_buffer(&mut [])).unwrap();
    let values: vec::Vec<Text<'_>> = object
        .members()
        .map(|(_, value)| match value {
            Value::String(text) => text,
            _ => panic!(),
        })
        .collect();
    assert_eq!(values[0], values[1]);
    assert_eq!(values[1], values[0]);
    assert_ne!(values[0], values[2]);
    assert!(!format!("{:?}", values[1]).contains("secret"));
    assert_eq!(format!("{}", values[0]), "secret");
}

#[test]
fn rfc8259_7_every_octet_at_every_place_of_a_string_is_looked_at() {
    for (before, after) in (0..20).flat_map(|before| [0, 1, 7, 20].map(|after| (before, after))) {
        for octet in 0..0x80 {
            let inside = [&vec![b'x'; before][..], &[octet], &vec![b'x'; after]].concat();
            let text = [br#"{"n":""#, &inside[..], br#""}"#].concat();
            let read = validate(&text, &mut Names::in_buffer(&mut []));
            let at = before + 6;
            let wanted = match octet {
                0..0x20 => Err(JsonError::new(JsonFault::ControlCharacter, at)),
                b'"' => Err(JsonError::new(JsonFault::Syntax, at + 1)),
                // Before the closing quote it is the escape of that.
                b'\\' if after == 0 => Err(JsonError::new(JsonFault::End, at + 3)),
                b'\\' => Err(JsonError::new(JsonFault::Escape, at)),
                _ => Ok(std::str::from_utf8(&inside).unwrap()),
            };
            let found = read.map(|object| match object.member("n") {
                Some(Value::String(value)) => value.as_plain().unwrap(),
                _ => panic!("no string"),
            });
            assert_eq!(found, wanted, "{octet} after {before} before {after}");
        }
    }
}
