//! Measures an image from inside, and reports over semihosting.
//!
//! The only module with `unsafe`: linker symbols, the painted stack, the heap.

use core::fmt::Write;
use core::ptr;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_semihosting::{debug, hio};

/// QEMU with `-icount shift=0` takes 1 ns an instruction; the machine's SysTick runs at 25 MHz.
const INSTRUCTIONS_PER_TICK: u32 = 40;

const SYSTICK_MASK: u32 = 0x00ff_ffff;

/// Counts instructions by way of the system timer.
pub struct Meter {
    timer: SYST,
}

impl Meter {
    /// Starts the timer.
    pub fn start(mut timer: SYST) -> Self {
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(SYSTICK_MASK);
        timer.clear_current();
        timer.enable_counter();
        #[cfg(feature = "heap")]
        heap::init();
        Self { timer }
    }

    /// What `work` gives, and how many instructions it took (to 40, below 671 million).
    pub fn count<T>(&self, work: impl FnOnce() -> T) -> (T, u32) {
        let _ = &self.timer;
        let before = SYST::get_current();
        let result = work();
        let after = SYST::get_current();
        let ticks = before.wrapping_sub(after) & SYSTICK_MASK; // it counts down
        (result, ticks.saturating_mul(INSTRUCTIONS_PER_TICK))
    }
}

/// One line of the report: a name and a number.
pub fn number(name: &str, detail: &str, value: u32) {
    if let Ok(mut out) = hio::hstdout() {
        let _ = writeln!(out, "{name} {detail} {value}");
    }
}

/// One line of text.
pub fn line(text: &str) {
    if let Ok(mut out) = hio::hstdout() {
        let _ = writeln!(out, "{text}");
    }
}

/// One line of the report: a name and a text.
pub fn text(name: &str, text: &str) {
    if let Ok(mut out) = hio::hstdout() {
        let _ = writeln!(out, "{name} {text}");
    }
}

/// Ends the run: QEMU exits with 0 or 1.
pub fn exit(success: bool) -> ! {
    debug::exit(if success {
        debug::EXIT_SUCCESS
    } else {
        debug::EXIT_FAILURE
    });
    loop {
        cortex_m::asm::wfi();
    }
}

unsafe extern "C" {
    static __sdata: u32;
    static __edata: u32;
    static __sidata: u32;
    static __sbss: u32;
    static __ebss: u32;
    static _stack_end: u32;
    static _stack_start: u32;
}

fn between(start: *const u32, end: *const u32) -> u32 {
    (end as u32).saturating_sub(start as u32)
}

/// Reports what the image takes and what the run has used so far.
pub fn memory() {
    let data = between(&raw const __sdata, &raw const __edata);
    // Flash starts at 0; the initial values of .data come last in it.
    number("flash", "octets", (&raw const __sidata) as u32 + data);
    number(
        "static",
        "octets",
        data + between(&raw const __sbss, &raw const __ebss),
    );
    number("stack", "octets", peak_stack());
    #[cfg(feature = "heap")]
    number("heap", "octets", heap::peak());
    #[cfg(not(feature = "heap"))]
    number("heap", "octets", 0);
}

/// The deepest that the stack has been: cortex-m-rt painted it before `main`.
fn peak_stack() -> u32 {
    let start = &raw const _stack_start;
    let mut word = lowest_stack();
    while word < start {
        // SAFETY: the words from the end of static memory, or of the heap, to the start of the
        // stack are RAM that nothing else uses.
        if unsafe { ptr::read_volatile(word) } != cortex_m_rt::STACK_PAINT_VALUE {
            break;
        }
        word = word.wrapping_add(1);
    }
    between(word, start)
}

fn lowest_stack() -> *const u32 {
    #[cfg(feature = "heap")]
    return (&raw const _stack_end).wrapping_byte_add(heap::SIZE);
    #[cfg(not(feature = "heap"))]
    return &raw const _stack_end;
}

/// An allocator that remembers how much was in use at most.
#[cfg(feature = "heap")]
mod heap {
    use core::alloc::{GlobalAlloc, Layout};
    use core::sync::atomic::{AtomicUsize, Ordering};

    use embedded_alloc::LlffHeap;

    pub(super) const SIZE: usize = 32 * 1024;

    struct Measured {
        heap: LlffHeap,
        peak: AtomicUsize,
    }

    #[global_allocator]
    static HEAP: Measured = Measured {
        heap: LlffHeap::empty(),
        peak: AtomicUsize::new(0),
    };

    pub(super) fn init() {
        // SAFETY: called once, before anything allocates; the region lies between static memory
        // and the stack, which stays far above it.
        unsafe { HEAP.heap.init(cortex_m_rt::heap_start() as usize, SIZE) }
    }

    pub(super) fn peak() -> u32 {
        HEAP.peak.load(Ordering::Relaxed) as u32
    }

    // SAFETY: hands every call on to an allocator that keeps the contract.
    unsafe impl GlobalAlloc for Measured {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promise.
            let block = unsafe { self.heap.alloc(layout) };
            self.peak.fetch_max(self.heap.used(), Ordering::Relaxed);
            block
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: the caller's promise.
            unsafe { self.heap.dealloc(block, layout) }
        }
    }
}
