#![no_main]
//! Tables of keys on P-256, P-384, P-521 and Ed25519 against AWS-LC and RustCrypto. The input
//! chooses a key, a nonce and what becomes of the signature; `differential` says which cases there
//! are: edges of every number, sums that meet one point twice, points of small order. The oracle:
//! one verdict, and the known one where it is known.

use std::cell::RefCell;

use jwtverify_core::limit_table_memory;
use jwtverify_fuzz::Input;
use jwtverify_fuzz::differential::{Edwards, Lane, Nist, P256, P384, P521};
use libfuzzer_sys::fuzz_target;

/// Special keys, and a few others.
const KEYS: usize = 64;
const NONCES: u64 = 64;
const SHARE: usize = 16;

thread_local! {
    static LANES: RefCell<[Box<dyn Lane>; 4]> = {
        limit_table_memory(128 << 20);
        RefCell::new([
            Box::new(Nist::<P256>::new(0, KEYS, NONCES, SHARE)),
            Box::new(Nist::<P384>::new(0, KEYS, NONCES, SHARE)),
            Box::new(Nist::<P521>::new(0, KEYS, NONCES, SHARE)),
            Box::new(Edwards::new(0, KEYS, NONCES, SHARE)),
        ])
    };
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let lane = usize::from(input.octet() % 4);
    LANES.with_borrow_mut(|lanes| {
        if let Err(difference) = lanes[lane].round(&mut input) {
            panic!("{difference}");
        }
    });
});
