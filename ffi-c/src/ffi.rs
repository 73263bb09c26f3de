//! Pointers: the only file of this crate that reads or writes through one.
//!
//! The parameters of the exported functions are the types below. Each is one pointer (or, with a
//! length beside it, one array), and none has a constructor outside the tests: **a value of one
//! of these types can only come from a C caller, and stands for the promise that
//! `docs/c-api.md` asks of that caller**. So the checks that a pointer needs are made here once,
//! and the functions themselves are ordinary safe Rust.
//!
//! | type | in C | the caller's promise |
//! | --- | --- | --- |
//! | `In<T>` | `const T *` | NULL, or valid and unchanged for the call |
//! | `Edit<T>` | `T *` | NULL, or valid and used by no other thread during the call |
//! | `Own<T>` | `T *` | NULL, or a handle from this library that is given up by this call |
//! | `Out<T>` | `T *` | NULL, or room for one `T`, which need not be initialised |
//! | `OutHandle<T>` | `T **` | NULL, or room for one pointer, which need not be initialised |
//!
//! `examples/header.rs` knows this table, and a test compiles the header it writes.

use core::ffi::{CStr, c_char};
use core::marker::PhantomData;
use core::panic::AssertUnwindSafe;
use core::ptr::NonNull;
use std::panic::catch_unwind;
use std::sync::Arc;

use jwtverify_jwks::core_api::Error;

use crate::error::{Failure, jwtverify_error};

/// A handle that is immutable and may be used by many threads at once.
///
/// In memory it is an `Arc`, so that `jwtverify_…_clone` costs one increment and another handle
/// can keep it alive.
pub trait Shared: Send + Sync + 'static {}

/// A handle with exactly one owner: a builder.
pub trait Unique: Send + 'static {}

/// An input that is only read.
#[repr(transparent)]
pub struct In<T>(*const T);

/// An input that is changed: a builder.
#[repr(transparent)]
pub struct Edit<T>(*mut T);

/// A handle that the caller gives up.
#[repr(transparent)]
pub struct Own<T>(*mut T);

/// Room for a result.
#[repr(transparent)]
pub struct Out<T>(*mut T);

/// Room for a new handle.
#[repr(transparent)]
pub struct OutHandle<T>(*mut *mut T);

/// A place that was checked and is written at the end of a call, if the call succeeds.
#[derive(Debug)]
pub struct Slot<'c, T> {
    place: NonNull<T>,
    call: PhantomData<&'c ()>,
}

/// UTF-8 text that belongs to a handle: `len` bytes at `data`, **not** NUL-terminated.
///
/// A claim may hold the character U+0000, so only `len` tells where the text ends. `data` is NULL
/// where there is no text at all (a key without a `kid`); empty text has `len` 0 and a `data`
/// that is not NULL. Valid until the handle that it came from is freed.
///
/// @since 0.1.0
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jwtverify_text {
    /// The first byte, or NULL.
    pub data: *const c_char,
    /// The number of bytes.
    pub len: usize,
}

/// Bytes that belong to a handle: `len` bytes at `data`.
///
/// Valid until the handle that they came from is freed.
///
/// @since 0.1.0
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jwtverify_bytes {
    /// The first byte; not NULL.
    pub data: *const u8,
    /// The number of bytes.
    pub len: usize,
}

/// Runs the body of an exported function: gives its result code, offers the detail of a failure
/// to the caller, and stops panics at the border.
pub(crate) fn run(
    error: &OutHandle<jwtverify_error>,
    body: impl FnOnce() -> Result<(), Failure>,
) -> i32 {
    let result = catch_unwind(AssertUnwindSafe(|| {
        let Err(failure) = body() else { return 0 };
        let code = failure.code();
        if let Ok(slot) = error.slot() {
            slot.put(Arc::new(failure.into_detail()));
        }
        code
    }));
    result.unwrap_or_else(|_| {
        // The body is gone; offer what can still be said. The detail of a panic is fixed text,
        // and should even that panic, the caller's pointer stays as it was.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            if let Ok(slot) = error.slot() {
                slot.put(Arc::new(Failure::from(Error::InternalPanic).into_detail()));
            }
        }));
        code_of(Error::InternalPanic)
    })
}

/// [`run`] for functions whose result code says everything.
pub(crate) fn run_plain(body: impl FnOnce() -> Result<(), Error>) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => code_of(error),
        Err(_) => code_of(Error::InternalPanic),
    }
}

/// [`run`] for functions that return a value and have nothing to refuse: `neutral` stands for
/// "there is none".
pub(crate) fn value<T>(neutral: T, body: impl FnOnce() -> Option<T>) -> T {
    catch_unwind(AssertUnwindSafe(body))
        .ok()
        .flatten()
        .unwrap_or(neutral)
}

/// The number that C sees.
pub(crate) const fn code_of(error: Error) -> i32 {
    error.code() as i32 // as: `From` is not const; u16 to i32 loses nothing
}

/// A byte in C: `char`, whose sign depends on the machine, or `uint8_t`.
pub trait Byte: Copy {}
impl Byte for i8 {}
impl Byte for u8 {}

impl<T> In<T> {
    /// The value behind the pointer, for as long as the parameter lives: the call.
    pub(crate) fn borrow(&self) -> Result<&T, Error> {
        // SAFETY: the caller promises that the pointer is NULL or valid and unchanged for the
        // call, and the borrow ends with the parameter, thus with the call.
        unsafe { self.0.as_ref() }.ok_or(Error::MisuseNull)
    }
}

impl<T: Shared> In<T> {
    /// A reference of our own to the handle, which may outlive the call.
    pub(crate) fn share(&self) -> Result<Arc<T>, Error> {
        self.borrow()?;
        // SAFETY: not NULL, so a handle that this library gave out with `Slot::put`, which takes
        // it from `Arc::into_raw`; the caller holds one reference during the call, so the count
        // is at least one.
        unsafe {
            Arc::increment_strong_count(self.0);
            Ok(Arc::from_raw(self.0))
        }
    }
}

impl<B: Byte> In<B> {
    /// An array with its length beside it. An empty array may be NULL.
    pub(crate) fn bytes(&self, len: usize) -> Result<&[u8], Error> {
        if len == 0 {
            return Ok(&[]);
        }
        if self.0.is_null() {
            return Err(Error::MisuseNull);
        }
        // No object is larger than that; a difference of pointers would overflow in C, too.
        if isize::try_from(len).is_err() {
            return Err(Error::MisuseArgument);
        }
        // SAFETY: not NULL, `len` at most isize::MAX, and the caller promises `len` readable
        // bytes; `Byte` is implemented for one-byte integers only, which any bytes are.
        Ok(unsafe { core::slice::from_raw_parts(self.0.cast::<u8>(), len) })
    }

    /// Text that ends with a NUL, for settings and names.
    pub(crate) fn text(&self) -> Result<&str, Error> {
        if self.0.is_null() {
            return Err(Error::MisuseNull);
        }
        // SAFETY: not NULL, and the caller promises a NUL at the end of what is readable.
        let text = unsafe { CStr::from_ptr(self.0.cast()) };
        text.to_str().map_err(|_| Error::MisuseUtf8)
    }
}

impl<T: Unique> Edit<T> {
    /// The value behind the pointer, to be changed.
    pub(crate) fn borrow(&mut self) -> Result<&mut T, Error> {
        // SAFETY: the caller promises that the pointer is NULL or valid, and that no other
        // thread uses the builder during the call; the borrow ends with the call.
        unsafe { self.0.as_mut() }.ok_or(Error::MisuseNull)
    }
}

impl<T: Shared> Own<T> {
    /// Gives the caller's reference back. NULL is nothing to free.
    pub(crate) fn free(self) {
        if !self.0.is_null() {
            // A handle's destructor runs no code that could panic on purpose; should it, freeing
            // has no way to report it, and unwinding into C is not allowed.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                // SAFETY: not NULL, so a pointer that `Slot::put` took from `Arc::into_raw`, and
                // the caller gives that reference up with this call.
                drop(unsafe { Arc::from_raw(self.0) });
            }));
        }
    }
}

impl<T: Unique> Own<T> {
    /// Frees a builder. NULL is nothing to free.
    pub(crate) fn free_unique(self) {
        if !self.0.is_null() {
            // As above: there is nobody to report to.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                // SAFETY: not NULL, so a pointer that `Slot::put_unique` took from
                // `Box::into_raw`, and the caller gives it up with this call.
                drop(unsafe { Box::from_raw(self.0) });
            }));
        }
    }
}

impl<T> Out<T> {
    /// Checks the place before the work begins, so that nothing has to be undone.
    pub(crate) fn slot(&self) -> Result<Slot<'_, T>, Error> {
        Slot::new(self.0)
    }
}

impl<B: Byte> Out<B> {
    /// Copies bytes into a buffer that has room for `room` of them.
    pub(crate) fn fill(&self, room: usize, bytes: &[u8]) -> Result<(), Error> {
        if room < bytes.len() {
            return Err(Error::MisuseScratch);
        }
        let place = NonNull::new(self.0).ok_or(Error::MisuseNull)?;
        let (from, to) = (bytes.as_ptr(), place.as_ptr().cast::<u8>());
        // SAFETY: not NULL, the caller promises room for `room` bytes, which is enough, and a
        // buffer of the caller does not overlap with memory of ours.
        unsafe { core::ptr::copy_nonoverlapping(from, to, bytes.len()) };
        Ok(())
    }
}

impl<T> OutHandle<T> {
    /// Checks the place before the work begins, so that nothing has to be undone.
    pub(crate) fn slot(&self) -> Result<Slot<'_, *mut T>, Error> {
        Slot::new(self.0)
    }

    /// Whether the caller wants what would be written here.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.0.is_null()
    }
}

impl<T> Slot<'_, T> {
    fn new(place: *mut T) -> Result<Self, Error> {
        let place = NonNull::new(place).ok_or(Error::MisuseNull)?;
        Ok(Self {
            place,
            call: PhantomData,
        })
    }

    /// Writes the result; what was there before is not looked at.
    pub(crate) fn write(self, value: T) {
        // SAFETY: not NULL, and the caller promises room for one `T` during the call, which this
        // slot does not outlive. `write` reads and drops nothing, so the place may be raw memory.
        unsafe { self.place.write(value) }
    }
}

impl<T: Shared> Slot<'_, *mut T> {
    /// Hands a shared handle to the caller, who owes one `_free`.
    pub(crate) fn put(self, handle: Arc<T>) {
        self.write(Arc::into_raw(handle).cast_mut());
    }
}

impl<T: Unique> Slot<'_, *mut T> {
    /// Hands a builder to the caller, who owes one `_free`.
    pub(crate) fn put_unique(self, handle: T) {
        self.write(Box::into_raw(Box::new(handle)));
    }
}

impl jwtverify_text {
    /// No text at all.
    pub(crate) const NONE: Self = Self {
        data: core::ptr::null(),
        len: 0,
    };

    /// A view of text that belongs to a handle.
    pub(crate) fn of(text: &str) -> Self {
        Self {
            data: start(text.as_bytes()).cast(),
            len: text.len(),
        }
    }
}

impl jwtverify_bytes {
    /// A view of bytes that belong to a handle.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self {
            data: start(bytes),
            len: bytes.len(),
        }
    }
}

/// Where bytes begin. An empty slice points nowhere in Rust (address 1), which C would forgive,
/// but Go's runtime stops a program that has such an address on its stack.
fn start(bytes: &[u8]) -> *const u8 {
    if bytes.is_empty() {
        c"".as_ptr().cast()
    } else {
        bytes.as_ptr()
    }
}

/// Values as if from C. A test that makes one keeps the caller's promise.
#[cfg(test)]
pub(crate) mod from_c {
    use super::*;

    impl<T> In<T> {
        pub(crate) fn from_c(pointer: *const T) -> Self {
            Self(pointer)
        }
    }
    impl<T> Edit<T> {
        pub(crate) fn from_c(pointer: *mut T) -> Self {
            Self(pointer)
        }
    }
    impl<T> Own<T> {
        pub(crate) fn from_c(pointer: *mut T) -> Self {
            Self(pointer)
        }
    }
    impl<T> Out<T> {
        pub(crate) fn from_c(pointer: *mut T) -> Self {
            Self(pointer)
        }
    }
    impl<T> OutHandle<T> {
        pub(crate) fn from_c(pointer: *mut *mut T) -> Self {
            Self(pointer)
        }
        pub(crate) fn none() -> Self {
            Self(core::ptr::null_mut())
        }
    }
    impl jwtverify_text {
        /// What a C program would read.
        pub(crate) fn read(self) -> String {
            let text = In::from_c(self.data);
            String::from_utf8(text.bytes(self.len).unwrap().to_owned()).unwrap()
        }
    }
}

#[cfg(test)]
mod tests {
    use core::ptr::{null, null_mut};

    use super::*;
    use crate::error::{jwtverify_error_code, jwtverify_error_free};

    #[test]
    fn a_panic_becomes_a_code_and_never_crosses() {
        let mut detail: *mut jwtverify_error = null_mut();
        let code = run(&OutHandle::from_c(&raw mut detail), || panic!("on purpose"));
        assert_eq!(code, 901);
        assert_eq!(jwtverify_error_code(In::from_c(detail)), 901);
        jwtverify_error_free(Own::from_c(detail));
        assert_eq!(run(&OutHandle::none(), || panic!("on purpose")), 901);
        assert_eq!(run_plain(|| panic!("on purpose")), 901);
        assert_eq!(value(7, || panic!("on purpose")), 7);
    }

    #[test]
    fn the_detail_is_written_only_on_failure() {
        let never: *mut jwtverify_error = core::ptr::dangling_mut();
        let mut detail = never;
        assert_eq!(run(&OutHandle::from_c(&raw mut detail), || Ok(())), 0);
        assert_eq!(detail, never);
        let code = run(&OutHandle::from_c(&raw mut detail), || {
            Err(Error::KeyNotFound.into())
        });
        assert_eq!(code, 301);
        assert_ne!(detail, never);
        jwtverify_error_free(Own::from_c(detail));
    }

    #[test]
    fn arrays_are_checked_before_they_are_read() {
        let bytes = [1_u8, 2, 3];
        let start = bytes.as_ptr();
        let too_long = isize::MAX.unsigned_abs() + 1;
        for (pointer, len, wanted) in [
            (start, 3, Ok(&bytes[..])),
            (start, 0, Ok(&[][..])),
            (null(), 0, Ok(&[][..])),
            (null(), 1, Err(Error::MisuseNull)),
            (null(), usize::MAX, Err(Error::MisuseNull)),
            (start, too_long, Err(Error::MisuseArgument)),
            (start, usize::MAX, Err(Error::MisuseArgument)),
        ] {
            assert_eq!(In::from_c(pointer).bytes(len), wanted, "{pointer:?} {len}");
        }
    }

    #[test]
    fn names_are_utf8_up_to_their_nul() {
        for (text, wanted) in [
            (c"sub".as_ptr(), Ok("sub")),
            (c"".as_ptr(), Ok("")),
            (c"\u{e4}".as_ptr(), Ok("\u{e4}")),
            (c"\xff".as_ptr(), Err(Error::MisuseUtf8)),
            (c"\xed\xa0\x80".as_ptr(), Err(Error::MisuseUtf8)), // half of a surrogate pair
            (null(), Err(Error::MisuseNull)),
        ] {
            assert_eq!(In::from_c(text).text(), wanted);
        }
    }

    #[test]
    fn a_buffer_that_is_too_small_stays_as_it_was() {
        let mut buffer = [7_u8; 3];
        let out = Out::from_c(buffer.as_mut_ptr());
        assert_eq!(out.fill(1, b"ab"), Err(Error::MisuseScratch));
        assert_eq!(
            Out::<u8>::from_c(null_mut()).fill(3, b"ab"),
            Err(Error::MisuseNull)
        );
        assert_eq!(buffer, [7; 3]);
        assert_eq!(Out::from_c(buffer.as_mut_ptr()).fill(2, b"ab"), Ok(()));
        assert_eq!(buffer, *b"ab\x07");
    }

    #[test]
    fn null_is_refused_for_every_kind_of_parameter() {
        assert_eq!(
            In::<u64>::from_c(null()).borrow().err(),
            Some(Error::MisuseNull)
        );
        assert_eq!(
            Out::<u64>::from_c(null_mut()).slot().err(),
            Some(Error::MisuseNull)
        );
        assert!(OutHandle::<jwtverify_error>::none().slot().is_err());
        assert!(!OutHandle::<jwtverify_error>::none().is_wanted());
        assert_eq!(
            In::<jwtverify_error>::from_c(null()).share().err(),
            Some(Error::MisuseNull)
        );
    }

    #[test]
    fn views_of_nothing_point_to_something() {
        // Addresses of the first page are refused by Go's runtime, and by memory checkers.
        assert!(jwtverify_text::of("").data.addr() >= 4096);
        assert!(jwtverify_bytes::of(b"").data.addr() >= 4096);
        assert!(jwtverify_text::NONE.data.is_null());
    }

    #[test]
    fn a_shared_handle_lives_as_long_as_its_last_reference() {
        let error = Arc::new(Failure::from(Error::KeyNotFound).into_detail());
        let weak = Arc::downgrade(&error);
        let mut handle = null_mut();
        OutHandle::from_c(&raw mut handle)
            .slot()
            .unwrap()
            .put(error);
        let shared = In::from_c(handle).share().unwrap();
        Own::from_c(handle).free();
        assert_eq!(weak.strong_count(), 1);
        drop(shared);
        assert_eq!(weak.strong_count(), 0);
    }
}
