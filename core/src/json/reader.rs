//! The reader itself: a state machine over the octets of the text.

use super::names::Names;
use super::text::{Escapes, Text, is_surrogate_escape, special_octets, unescape};
use super::view::{Array, Object, Value};
use super::{JsonError, JsonFault};
use crate::limits::MAX_JSON_DEPTH;

/// Where a value stands, counted from the opening brace of the object that it belongs to: for
/// callers that keep the object's text and come back for single values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    start: usize,
}

/// Reads one strict JSON object and hands each of its members to `visit`, in order, with the
/// place of its value. The text is known to be valid as a whole only when this returns `Ok`.
pub(crate) fn members<'j>(
    text: &'j [u8],
    names: &mut Names<'_>,
    visit: impl FnMut(Text<'j>, Value<'j>, Span),
) -> Result<Object<'j>, JsonError> {
    if u32::try_from(text.len()).is_err() {
        return Err(JsonError::new(JsonFault::TooLong, 0));
    }
    let text = core::str::from_utf8(text)
        .map_err(|error| JsonError::new(JsonFault::NotUtf8, error.valid_up_to()))?;
    let mut reader = Reader::new(text, 0, Some(names));
    reader.object(visit).map_err(|Refused| reader.error)
}

/// Reads one strict JSON object.
#[cfg(any(feature = "alloc", test))]
pub(crate) fn validate<'j>(text: &'j [u8], names: &mut Names<'_>) -> Result<Object<'j>, JsonError> {
    members(text, names, |_, _, _| {})
}

/// The value at a place of an object that [`members`] has read.
pub(crate) fn value_at<'j>(object: &'j str, span: Span) -> Option<Value<'j>> {
    Reader::new(object, span.start, None).value(2).ok()
}

/// A step-by-step walk over the inside of an object or array that was read already.
#[derive(Clone)]
pub(super) struct Walker<'j> {
    text: &'j str,
    at: usize,
}

impl<'j> Walker<'j> {
    /// `raw` begins with its opening bracket.
    pub(super) const fn inside(raw: &'j str) -> Self {
        Self { text: raw, at: 1 }
    }

    pub(super) fn member(&mut self) -> Option<(Text<'j>, Value<'j>)> {
        let first = self.at == 1;
        self.step(|reader| {
            let name = reader.name(first)?;
            name.map(|name| {
                reader.skip_space();
                Ok((name, reader.value(2)?))
            })
            .transpose()
        })
    }

    pub(super) fn element(&mut self) -> Option<Value<'j>> {
        let first = self.at == 1;
        self.step(|reader| {
            reader.skip_space();
            match reader.peek() {
                Some(b']') => return Ok(None),
                Some(b',') if !first => reader.at = reader.at.saturating_add(1),
                _ => {}
            }
            reader.skip_space();
            reader.value(2).map(Some)
        })
    }

    fn step<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'j, '_, '_>) -> Result<Option<T>, Refused>,
    ) -> Option<T> {
        let mut reader = Reader::new(self.text, self.at, None);
        let item = read(&mut reader).ok().flatten();
        // At the end, or on a text that never was valid, the walk stays finished.
        self.at = if item.is_some() {
            reader.at
        } else {
            self.text.len()
        };
        item
    }
}

/// Its steps are written into one another on wide machines: handing on what each has read would
/// take half the time of a member. On narrow ones that would be flash.
struct Reader<'j, 'n, 's> {
    text: &'j str,
    at: usize,
    /// Absent when a text is read for the second time: nothing is checked twice.
    names: Option<&'n mut Names<'s>>,
    /// Why the text was refused, once it was.
    error: JsonError,
}

/// The text was refused, and [`Reader::error`] says why. Not said here: results stay small, and
/// so does the time that it takes to hand them on.
struct Refused;

/// What the state machine of [`Reader::nested`] reads next.
enum Next {
    Value,
    FirstElement,
    FirstName,
    LaterName,
    CommaOrEnd,
}

impl<'j, 'n, 's> Reader<'j, 'n, 's> {
    const fn new(text: &'j str, at: usize, names: Option<&'n mut Names<'s>>) -> Self {
        Self {
            text,
            at,
            names,
            error: JsonError::SAMPLE,
        }
    }

    /// The whole text: one object, with nothing but white space around it.
    fn object(
        &mut self,
        mut visit: impl FnMut(Text<'j>, Value<'j>, Span),
    ) -> Result<Object<'j>, Refused> {
        self.skip_space();
        let start = self.at;
        if self.peek() != Some(b'{') {
            // Say "not an object" of JSON that is something else, and "invalid" of what is no JSON.
            self.value(1)?;
            return Err(self.fault_at(JsonFault::NotObject, start));
        }
        self.advance(1);
        let mark = self.mark();
        let mut first = true;
        while let Some(name) = self.name(first)? {
            first = false;
            self.skip_space();
            let span = Span {
                start: self.at.saturating_sub(start),
            };
            let value = self.value(2)?;
            visit(name, value, span);
        }
        self.close(mark)?;
        let object = Object::of_checked(self.text.get(start..self.at).unwrap_or_default());
        self.skip_space();
        if self.peek().is_some() {
            return Err(self.fault(JsonFault::TrailingBytes));
        }
        Ok(object)
    }

    fn fault(&mut self, fault: JsonFault) -> Refused {
        self.fault_at(fault, self.at)
    }

    #[cold]
    fn fault_at(&mut self, fault: JsonFault, at: usize) -> Refused {
        self.error = JsonError::new(fault, at);
        Refused
    }

    /// A fault at the next octet, or at the end of the text.
    fn unexpected(&mut self) -> Refused {
        self.fault(if self.peek().is_some() {
            JsonFault::Syntax
        } else {
            JsonFault::End
        })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'j [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, octets: usize) {
        self.at = self.at.saturating_add(octets);
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.advance(1);
        }
    }

    fn mark(&self) -> u32 {
        self.names.as_ref().map_or(0, |names| names.mark())
    }

    /// Checks the names of the object that ends here.
    fn close(&mut self, mark: u32) -> Result<(), Refused> {
        let text = self.text;
        match self
            .names
            .as_mut()
            .and_then(|names| names.close(mark, text))
        {
            Some(place) => {
                let place = usize::try_from(place).unwrap_or(usize::MAX);
                Err(self.fault_at(JsonFault::DuplicateName, place))
            }
            None => Ok(()),
        }
    }

    /// The next member's name and its colon, or `None` after the closing brace.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn name(&mut self, first: bool) -> Result<Option<Text<'j>>, Refused> {
        self.skip_space();
        match self.peek() {
            Some(b'}') => {
                self.advance(1);
                return Ok(None);
            }
            Some(b',') if !first => {
                self.advance(1);
                self.skip_space();
            }
            _ if first => {}
            _ => return Err(self.unexpected()),
        }
        self.name_and_colon().map(Some)
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn name_and_colon(&mut self) -> Result<Text<'j>, Refused> {
        let place = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected());
        }
        let name = self.string()?;
        if let Some(names) = self.names.as_mut() {
            // `members` has refused texts whose places need more.
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            if names.push(place).is_err() {
                return Err(self.fault(JsonFault::NoRoom));
            }
        }
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected());
        }
        self.advance(1);
        Ok(name)
    }

    /// One value; arrays and objects count from `depth`.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn value(&mut self, depth: usize) -> Result<Value<'j>, Refused> {
        match self.peek() {
            Some(b'{') => self
                .nested(depth)
                .map(|raw| Value::Object(Object::of_checked(raw))),
            Some(b'[') => self.nested(depth).map(|raw| Value::Array(Array::new(raw))),
            _ => self.scalar(),
        }
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn scalar(&mut self) -> Result<Value<'j>, Refused> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Null),
            _ => Err(self.unexpected()),
        }
    }

    fn literal(&mut self, word: &str, value: Value<'j>) -> Result<Value<'j>, Refused> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(self.fault(JsonFault::Syntax));
        }
        self.advance(word.len());
        Ok(value)
    }

    /// An array or object with everything in it. Its text is returned.
    fn nested(&mut self, depth: usize) -> Result<&'j str, Refused> {
        let start = self.at;
        // One entry a level: is it an object, and where its names begin.
        let mut levels = [(false, 0u32); MAX_JSON_DEPTH];
        let mut open = depth.saturating_sub(1);
        let mut next = Next::Value;
        loop {
            self.skip_space();
            let opened = match (next, self.peek()) {
                (Next::FirstElement, Some(b']')) | (Next::FirstName, Some(b'}')) => false,
                (Next::Value | Next::FirstElement, Some(b'{' | b'[')) => true,
                (Next::Value | Next::FirstElement, _) => {
                    self.scalar()?;
                    next = Next::CommaOrEnd;
                    continue;
                }
                (Next::FirstName | Next::LaterName, _) => {
                    self.name_and_colon()?;
                    next = Next::Value;
                    continue;
                }
                (Next::CommaOrEnd, byte) => {
                    let is_object = open.checked_sub(1).and_then(|level| levels.get(level));
                    match (is_object, byte) {
                        (Some((true, _)), Some(b',')) => next = Next::LaterName,
                        (Some((false, _)), Some(b',')) => next = Next::Value,
                        (Some((true, _)), Some(b'}')) | (Some((false, _)), Some(b']')) => {
                            next = Next::CommaOrEnd;
                        }
                        _ => return Err(self.unexpected()),
                    }
                    if byte == Some(b',') {
                        self.advance(1);
                        continue;
                    }
                    false
                }
            };
            if opened {
                let is_object = self.peek() == Some(b'{');
                let mark = self.mark();
                let level = levels
                    .get_mut(open)
                    .ok_or_else(|| self.fault(JsonFault::Depth))?;
                *level = (is_object, mark);
                open = open.saturating_add(1);
                next = if is_object {
                    Next::FirstName
                } else {
                    Next::FirstElement
                };
                self.advance(1);
            } else {
                self.advance(1);
                open = open.saturating_sub(1);
                if let Some((true, mark)) = levels.get(open).copied() {
                    self.close(mark)?;
                }
                if open < depth {
                    return Ok(self.text.get(start..self.at).unwrap_or_default());
                }
                next = Next::CommaOrEnd;
            }
        }
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn string(&mut self) -> Result<Text<'j>, Refused> {
        self.advance(1);
        let start = self.at;
        self.skip_plain();
        // What most strings are: plain, and then a quote.
        let escapes = if self.peek() == Some(b'"') {
            Escapes::None
        } else {
            self.rest_of_string()?
        };
        let raw = self.text.get(start..self.at).unwrap_or_default();
        self.advance(1);
        Ok(Text::new(raw, escapes))
    }

    /// Passes over a string up to its closing quote.
    #[cold]
    fn rest_of_string(&mut self) -> Result<Escapes, Refused> {
        let mut escapes = Escapes::None;
        loop {
            match self.peek() {
                None => return Err(self.fault(JsonFault::End)),
                Some(b'"') => return Ok(escapes),
                Some(b'\\') => {
                    escapes = Escapes::Some;
                    match unescape(self.rest()) {
                        Some((_, octets)) => {
                            self.advance(octets);
                            self.skip_plain();
                        }
                        None if is_surrogate_escape(self.rest()) => {
                            return Err(self.fault(JsonFault::LoneSurrogate));
                        }
                        None => return Err(self.fault(JsonFault::Escape)),
                    }
                }
                Some(0x00..=0x1f) => return Err(self.fault(JsonFault::ControlCharacter)),
                Some(_) => self.advance(1),
            }
        }
    }

    /// Passes over what is plain in a string, eight octets at once, but for the last of the text.
    /// On narrow machines it would be flash for little: what follows it reads the same.
    fn skip_plain(&mut self) {
        if !cfg!(target_pointer_width = "64") {
            return;
        }
        let (steps, _) = self.rest().as_chunks::<8>();
        let mut plain = 0usize;
        for step in steps {
            let special = special_octets(u64::from_le_bytes(*step));
            if special != 0 {
                let more = special.trailing_zeros() / 8;
                plain = plain.saturating_add(usize::try_from(more).unwrap_or(0));
                break;
            }
            plain = plain.saturating_add(8);
        }
        self.advance(plain);
    }

    /// RFC 8259 section 6.
    fn number(&mut self) -> Result<&'j str, Refused> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.advance(1);
        }
        match self.peek() {
            Some(b'0') => self.advance(1),
            Some(b'1'..=b'9') => self.digits()?,
            _ => return Err(self.fault(JsonFault::Number)),
        }
        if self.peek() == Some(b'.') {
            self.advance(1);
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.advance(1);
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.advance(1);
            }
            self.digits()?;
        }
        // A number ends where the grammar goes on; "01", "1x" and "1.2.3" do not.
        match self.peek() {
            None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}') => {
                Ok(self.text.get(start..self.at).unwrap_or_default())
            }
            _ => Err(self.fault(JsonFault::Number)),
        }
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), Refused> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.fault(JsonFault::Number));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.advance(1);
        }
        Ok(())
    }
}
