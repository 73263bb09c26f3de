//! Python arguments, read without trust: every wrong type or value is a `ConfigurationError`.

use std::borrow::Cow;
use std::time::Duration;

use jwtverify_core::{Error as Code, UnixTime};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyFloat, PyFrozenSet, PyInt, PyList, PyMemoryView, PySet,
    PyString, PyTuple,
};

use crate::errors;

/// An argument that need not be given, where `None` means something else than "not given".
pub(crate) enum Setting<'py> {
    Missing,
    Given(Bound<'py, PyAny>),
}

impl<'py> FromPyObject<'_, 'py> for Setting<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self::Given(object.to_owned()))
    }
}

/// The octets of a `str`, `bytes`, `bytearray` or `memoryview`; borrowed where Python promises
/// that nobody changes them.
///
/// A `str` may hold lone surrogates, which have no UTF-8. They are passed on in the encoding
/// that UTF-8 would give them, for the reader to refuse: the text may come from a client.
pub(crate) fn octets<'a>(argument: &'a Bound<'_, PyAny>, what: &str) -> PyResult<Cow<'a, [u8]>> {
    if let Ok(text) = argument.cast::<PyString>() {
        return match text.to_str() {
            Ok(utf8) => Ok(Cow::Borrowed(utf8.as_bytes())),
            Err(_) => {
                // By way of the type: a subclass may have an encode of its own.
                let plain = argument.py().get_type::<PyString>();
                let encoded = plain.call_method1("encode", (text, "utf-8", "surrogatepass"))?;
                Ok(Cow::Owned(encoded.cast::<PyBytes>()?.as_bytes().to_vec()))
            }
        };
    }
    if let Ok(bytes) = argument.cast::<PyBytes>() {
        return Ok(Cow::Borrowed(bytes.as_bytes()));
    }
    if let Ok(array) = argument.cast::<PyByteArray>() {
        return Ok(Cow::Owned(array.to_vec()));
    }
    if argument.cast::<PyMemoryView>().is_ok() {
        // Fails for a view that was released.
        if let Ok(copy) = argument.call_method0("tobytes") {
            return Ok(Cow::Owned(copy.cast::<PyBytes>()?.as_bytes().to_vec()));
        }
    }
    Err(argument_error(
        argument.py(),
        &format!(
            "{what} must be str, bytes, bytearray or memoryview, not {}",
            kind(argument)
        ),
    ))
}

/// The text of a `str`.
pub(crate) fn text<'a>(argument: &'a Bound<'_, PyAny>, what: &str) -> PyResult<&'a str> {
    let py = argument.py();
    let Ok(string) = argument.cast::<PyString>() else {
        return Err(argument_error(
            py,
            &format!("{what} must be str, not {}", kind(argument)),
        ));
    };
    string.to_str().map_err(|_| {
        errors::configuration(py, Code::MisuseUtf8, &format!("{what} has lone surrogates"))
    })
}

/// One text, or the texts of a list, tuple or set.
pub(crate) fn texts(argument: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<String>> {
    if argument.cast::<PyString>().is_ok() {
        return Ok(vec![text(argument, what)?.to_owned()]);
    }
    // Not any iterable: one that never ends would never end here either.
    if !(argument.is_instance_of::<PyList>()
        || argument.is_instance_of::<PyTuple>()
        || argument.is_instance_of::<PySet>()
        || argument.is_instance_of::<PyFrozenSet>())
    {
        return Err(argument_error(
            argument.py(),
            &format!(
                "{what} must be str or a list of str, not {}",
                kind(argument)
            ),
        ));
    }
    let mut found = Vec::new();
    // Fails for a subclass that iterates in its own way, or a set that changes meanwhile.
    let unreadable = |_| argument_error(argument.py(), &format!("{what} can't be read"));
    for item in argument.try_iter().map_err(unreadable)? {
        found.push(text(&item.map_err(unreadable)?, what)?.to_owned());
    }
    Ok(found)
}

/// A truth value; nothing else is taken for one.
pub(crate) fn flag(argument: &Bound<'_, PyAny>, what: &str) -> PyResult<bool> {
    match argument.cast::<PyBool>() {
        Ok(truth) => Ok(truth.is_true()),
        Err(_) => Err(argument_error(
            argument.py(),
            &format!("{what} must be bool, not {}", kind(argument)),
        )),
    }
}

/// A whole number that is not negative: an `int`, or a `float` without fraction.
pub(crate) fn whole(argument: &Bound<'_, PyAny>, what: &str, misuse: Code) -> PyResult<u64> {
    let refuse = || {
        errors::configuration(
            argument.py(),
            misuse,
            &format!("{what} must be a whole number that is not negative"),
        )
    };
    match integer(argument) {
        Some(number) => u64::try_from(number).map_err(|_| refuse()),
        None => Err(refuse()),
    }
}

/// A number of things or octets. What is too large for this machine is the largest that it has.
pub(crate) fn size(argument: &Bound<'_, PyAny>, what: &str) -> PyResult<usize> {
    let number = whole(argument, what, Code::MisuseArgument)?;
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

/// A length of time in seconds: an `int` or a finite `float`, not negative.
pub(crate) fn duration(argument: &Bound<'_, PyAny>, what: &str) -> PyResult<Duration> {
    let seconds = match argument.cast::<PyFloat>() {
        Ok(float) => Duration::try_from_secs_f64(float.value()).ok(),
        Err(_) => integer(argument)
            .and_then(|whole| u64::try_from(whole).ok())
            .map(Duration::from_secs),
    };
    seconds.ok_or_else(|| {
        let message = format!("{what} must be a number of seconds that is not negative");
        argument_error(argument.py(), &message)
    })
}

/// A time in seconds since 1970: an `int`, or a `float` that is rounded down.
pub(crate) fn time(argument: &Bound<'_, PyAny>) -> PyResult<UnixTime> {
    let seconds = match argument.cast::<PyFloat>() {
        Ok(float) => whole_float(float.value().floor()),
        Err(_) => integer(argument),
    };
    seconds.map(UnixTime::from_secs).ok_or_else(|| {
        argument_error(
            argument.py(),
            "now must be a finite number of seconds since 1970",
        )
    })
}

fn integer(argument: &Bound<'_, PyAny>) -> Option<i64> {
    // In Python a bool is an int; as a number of seconds it is a mistake.
    if argument.is_instance_of::<PyBool>() {
        return None;
    }
    if let Ok(float) = argument.cast::<PyFloat>() {
        return whole_float(float.value());
    }
    argument.cast::<PyInt>().ok()?.extract().ok()
}

fn whole_float(float: f64) -> Option<i64> {
    // 2^53: up to here every whole number has its own float.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if float.fract() != 0.0 || float.abs() > EXACT {
        return None;
    }
    // Whole and in range: the text of such a float is an integer's.
    format!("{float:.0}").parse().ok()
}

/// The name of the argument's type.
fn kind(argument: &Bound<'_, PyAny>) -> String {
    match argument.get_type().name() {
        Ok(name) => name.to_string_lossy().into_owned(),
        Err(_) => "that".to_owned(),
    }
}

pub(crate) fn argument_error(py: Python<'_>, message: &str) -> PyErr {
    errors::configuration(py, Code::MisuseArgument, message)
}
