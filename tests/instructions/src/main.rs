//! Runs one path of the verifier, prepared and warm, so that its instructions can be counted:
//! `scripts/instructions.sh` runs this under callgrind and compares with `baseline.txt`.
//!
//! ```text
//! jwtverify-instructions --list
//! jwtverify-instructions PATH
//! ```
//!
//! Only what happens inside [`counted`] is counted, and of that only the Rust of this program: not
//! the C library, which copies memory in another way on each processor and in each release, and
//! not AWS-LC. Nothing else here asks for the processor but the Rust crates for SHA-512 and
//! Curve25519, which want to know whether it has AVX2. Random hash keys and the time of day move
//! `cached-token` by a handful of instructions.
#![forbid(unsafe_code)]

mod paths;

use std::hint::black_box;
use std::process::ExitCode;

/// Runs of a path before the counted one: caches are full, tables are there, memory is mapped.
const WARM: usize = 40;

/// The one call that is counted. Its name is what callgrind is told.
#[inline(never)]
fn counted(path: &mut dyn FnMut()) {
    black_box(path)();
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: jwtverify-instructions --list | PATH");
        return ExitCode::from(2);
    };
    if name == "--list" {
        for (name, _) in paths::ALL {
            println!("{name}");
        }
        return ExitCode::SUCCESS;
    }
    let Some((_, prepare)) = paths::ALL.iter().find(|(known, _)| *known == name) else {
        eprintln!("there is no path {name}");
        return ExitCode::from(2);
    };
    let mut path = prepare();
    for _ in 0..WARM {
        black_box(&mut path)();
    }
    counted(&mut *path);
    ExitCode::SUCCESS
}
