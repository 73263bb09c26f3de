//! A bare signature, without a token around it.

use core::ffi::c_char;

use jwtverify_jwks::Key;
use jwtverify_jwks::core_api::{Algorithm, JwkOptions, verify_signature};

use crate::error::jwtverify_error;
use crate::ffi::{self, In, OutHandle};

/// Verifies a signature over a message with one public key: the primitive below tokens (RFC 7518
/// section 3). For tokens use jwtverify_verifier_verify(), which also checks what they say.
///
/// Thread-safe. Reads the key anew each time; a key set is faster for many messages.
///
/// @param algorithm      a name as in jwtverify_verifier_builder_algorithm(), NUL-terminated
/// @param jwk            one public key as a JWK (RFC 7517 section 4), not NUL-terminated
/// @param jwk_len        its length in bytes
/// @param message        the bytes that were signed
/// @param message_len    their number
/// @param signature      the signature as in a JWS: for ECDSA, r and s of fixed length
/// @param signature_len  its length in bytes
/// @param error          NULL, or receives the detail of a failure
/// @return JWTVERIFY_OK if, and only if, the signature is valid;
///         JWTVERIFY_ERROR_SIGNATURE_INVALID; a 6xx code for what is wrong with the key;
///         JWTVERIFY_ERROR_KEY_MISMATCH if the key is not for this algorithm
/// @since 0.1.0
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn jwtverify_signature_verify(
    algorithm: In<c_char>,
    jwk: In<c_char>,
    jwk_len: usize,
    message: In<u8>,
    message_len: usize,
    signature: In<u8>,
    signature_len: usize,
    error: OutHandle<jwtverify_error>,
) -> i32 {
    use jwtverify_jwks::core_api::Error::MisuseAlgorithmName;
    ffi::run(&error, || {
        let algorithm = Algorithm::from_name(algorithm.text()?).ok_or(MisuseAlgorithmName)?;
        let jwk = jwk.bytes(jwk_len)?;
        let message = message.bytes(message_len)?;
        let signature = signature.bytes(signature_len)?;
        let key: Key = JwkOptions::new().read(jwk)?;
        verify_signature(algorithm, &key, message, signature)?;
        Ok(())
    })
}
