//! JSON as serde_json understands it, with what this project refuses on top.

use std::collections::HashSet;
use std::fmt;

use jwtverify_core::json::{Object, Value};
use jwtverify_core::limits::MAX_JSON_DEPTH;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON value with its members in order, names repeated or not, and numbers as written.
#[derive(Debug, PartialEq)]
pub enum Node {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// Why a text that serde_json reads is refused all the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refused {
    NotJson,
    NotObject,
    Duplicate,
    Depth,
}

/// The object that a strict reader must find.
pub fn object(text: &[u8]) -> Result<Node, Refused> {
    let text = str::from_utf8(text).map_err(|_| Refused::NotJson)?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|_| Refused::NotJson)?;
    let node = read(raw, 1)?;
    if !matches!(node, Node::Object(_)) {
        return Err(Refused::NotObject);
    }
    if has_duplicate(&node) {
        Err(Refused::Duplicate)
    } else {
        Ok(node)
    }
}

fn read(raw: &RawValue, depth: usize) -> Result<Node, Refused> {
    fn parse<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, Refused> {
        serde_json::from_str(raw.get()).map_err(|_| Refused::NotJson)
    }
    let first = raw.get().as_bytes()[0];
    if matches!(first, b'[' | b'{') && depth > MAX_JSON_DEPTH {
        return Err(Refused::Depth);
    }
    Ok(match first {
        b'n' => Node::Null,
        b't' | b'f' => Node::Bool(parse(raw)?),
        b'"' => Node::String(parse(raw)?),
        b'[' => {
            let elements: Vec<&RawValue> = parse(raw)?;
            let elements = elements.into_iter().map(|raw| read(raw, depth + 1));
            Node::Array(elements.collect::<Result<_, _>>()?)
        }
        b'{' => {
            let Members(members) = parse(raw)?;
            let members = members
                .into_iter()
                .map(|(name, raw)| Ok((name, read(raw, depth + 1)?)));
            Node::Object(members.collect::<Result<_, _>>()?)
        }
        _ => Node::Number(raw.get().into()),
    })
}

fn has_duplicate(node: &Node) -> bool {
    match node {
        Node::Array(elements) => elements.iter().any(has_duplicate),
        Node::Object(members) => {
            let mut names = HashSet::new();
            members
                .iter()
                .any(|(name, value)| !names.insert(name) || has_duplicate(value))
        }
        _ => false,
    }
}

struct Members<'j>(Vec<(String, &'j RawValue)>);

impl<'j> Deserialize<'j> for Members<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'j> Visitor<'j> for InOrder {
            type Value = Members<'j>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Members<'j>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl Node {
    /// The member of this name, where this is an object.
    pub fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        members
            .iter()
            .find_map(|(other, value)| (other == name).then_some(value))
    }

    /// The text, where this is a string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

/// Panics unless both are the same object, member by member.
pub fn assert_same_object(object: Object<'_>, node: &Node) {
    let Node::Object(expected) = node else {
        panic!("not an object")
    };
    assert_eq!(object.members().count(), expected.len());
    for ((name, value), (expected_name, expected)) in object.members().zip(expected) {
        assert!(name == expected_name.as_str());
        assert_eq!(name.to_cow(), expected_name.as_str());
        assert_same(value, expected);
    }
    // Looking every name up would take the square of their number.
    for (name, expected) in expected.iter().take(3).chain(expected.last()) {
        assert_same(object.member(name).expect("a member"), expected);
    }
}

fn assert_same(value: Value<'_>, node: &Node) {
    match (value, node) {
        (Value::Null, Node::Null) => {}
        (Value::Bool(value), Node::Bool(expected)) => assert_eq!(value, *expected),
        (Value::Number(value), Node::Number(expected)) => assert_eq!(value, expected),
        (Value::String(text), Node::String(expected)) => {
            assert!(text == expected.as_str());
            assert!(text.chars().eq(expected.chars()));
            assert_eq!(text.utf8_len(), expected.len());
            assert_eq!(text.to_string(), *expected);
        }
        (Value::Array(array), Node::Array(expected)) => {
            assert_eq!(array.elements().count(), expected.len());
            for (value, expected) in array.elements().zip(expected) {
                assert_same(value, expected);
            }
        }
        (Value::Object(object), node) => assert_same_object(object, node),
        (value, node) => panic!("{value:?} is not {node:?}"),
    }
}
