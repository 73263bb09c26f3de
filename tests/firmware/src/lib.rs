//! What the images share: the fixtures in flash, and the meters.

#![no_std]

pub mod fixtures;
pub mod meter;

/// Ends the run when something could not go on: QEMU exits with failure.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    meter::line("panicked");
    meter::exit(false)
}
