//! JSON as Python objects, built once, straight from the core's strict reader.

use jwtverify_core::json::{Members, Value};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString};

/// The members of an object as a `dict`.
pub(crate) fn dict<'py>(py: Python<'py>, members: Members<'_>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, member) in members {
        let member = value(py, member)?;
        match name.as_plain().and_then(|plain| usual(py, plain)) {
            Some(kept) => dict.set_item(kept, member)?,
            None => dict.set_item(PyString::new(py, &name.to_cow()), member)?,
        }
    }
    Ok(dict)
}

/// The `str` of a name that tokens usually have: made once, with its hash, and shared by all
/// dicts. For other names a `str` is made each time: what tokens hold is not kept.
fn usual<'py>(py: Python<'py>, name: &str) -> Option<&'py Bound<'py, PyString>> {
    macro_rules! among {
        ($($usual:literal)*) => {
            match name {
                $($usual => Some(intern!(py, $usual)),)*
                _ => None,
            }
        };
    }
    among!(
        // RFC 7519 section 4.1 and RFC 7515 section 4.1
        "iss" "sub" "aud" "exp" "nbf" "iat" "jti" "alg" "kid" "typ" "cty" "x5t"
        // RFC 9068 section 2.2, RFC 8693 section 4, RFC 7800 section 3.1
        "scope" "client_id" "roles" "groups" "entitlements" "act" "cnf"
        // OpenID Connect Core 1.0 sections 2 and 5.1
        "azp" "nonce" "auth_time" "acr" "amr" "at_hash" "sid" "email" "email_verified" "name"
        "given_name" "family_name" "preferred_username" "picture" "locale" "updated_at"
        // Of issuers that many services use
        "scp" "tid" "oid" "ver" "session_state" "realm_access" "resource_access" "permissions"
        "gty" "token_use" "username"
    )
}

/// Recursion is bounded: the reader refused texts deeper than `MAX_JSON_DEPTH`.
fn value<'py>(py: Python<'py>, value_read: Value<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value_read {
        Value::Null => py.None().into_bound(py),
        Value::Bool(truth) => PyBool::new(py, truth).to_owned().into_any(),
        Value::Number(text) => number(py, text)?,
        Value::String(text) => PyString::new(py, &text.to_cow()).into_any(),
        Value::Array(array) => {
            let list = PyList::empty(py);
            for element in array.elements() {
                list.append(value(py, element)?)?;
            }
            list.into_any()
        }
        Value::Object(object) => dict(py, object.members())?.into_any(),
        // A kind of value that JSON does not have: the enum is open only for form's sake.
        _ => py.None().into_bound(py),
    })
}

/// An `int` of any size for a number without fraction and exponent, else the nearest `float`.
fn number<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(small) = text.parse::<i64>() {
        return Ok(PyInt::new(py, small).into_any());
    }
    if text.contains(['.', 'e', 'E']) {
        // The grammar was checked, and Rust reads all of it; what is too large becomes infinite,
        // as with Python's own reader.
        return Ok(PyFloat::new(py, text.parse().unwrap_or(f64::NAN)).into_any());
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let octets = PyBytes::new(py, &little_endian(digits));
    let magnitude = py
        .get_type::<PyInt>()
        .call_method1("from_bytes", (octets, "little"))?;
    if negative {
        magnitude.neg()
    } else {
        Ok(magnitude)
    }
}

/// Decimal digits as a little-endian binary number.
///
/// Not `int(text)`: Python refuses texts of more than 4300 digits there, and a claim must not be
/// readable or not depending on an interpreter's setting. The time grows with the square of the
/// length, which the limit on a token's length bounds to a fraction of a second.
fn little_endian(digits: &str) -> Vec<u8> {
    // Nineteen digits are the most that always fit into 64 bits.
    const CHUNK: usize = 19;
    let mut limbs: Vec<u64> = Vec::with_capacity(digits.len() / CHUNK + 1);
    for chunk in digits.as_bytes().chunks(CHUNK) {
        let mut scale = 1_u128;
        let mut carry = 0_u128;
        for digit in chunk {
            scale *= 10;
            carry = carry * 10 + u128::from(digit.wrapping_sub(b'0'));
        }
        for limb in &mut limbs {
            // At most (2^64 - 1) * 10^19 + 10^19 - 1, which is below 2^128.
            let sum = u128::from(*limb) * scale + carry;
            let [low, high] = halves(sum);
            *limb = low;
            carry = u128::from(high);
        }
        if carry != 0 {
            limbs.push(halves(carry)[0]);
        }
    }
    limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect()
}

/// The low and the high half.
fn halves(wide: u128) -> [u64; 2] {
    let octets = wide.to_le_bytes();
    let mut low = [0; 8];
    let mut high = [0; 8];
    low.copy_from_slice(&octets[..8]);
    high.copy_from_slice(&octets[8..]);
    [u64::from_le_bytes(low), u64::from_le_bytes(high)]
}
