//! Writes `include/jwtverify.h` from the comments and signatures of this crate, and the list of
//! result codes for Go, or tells whether they are up to date.
//!
//! ```text
//! cargo run -p jwtverify-ffi --example header -- --write
//! cargo run -p jwtverify-ffi --example header -- --check
//! ```

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use jwtverify_core::{Error, Family};

/// The files that declare functions, in the order of the header, and the title of each section.
const SECTIONS: [(&str, &str); 12] = [
    ("result.rs", "Result codes, version, clock"),
    ("error.rs", "Errors: the detail of a failed call"),
    ("key_set.rs", "Key sets"),
    ("builder.rs", "Verifiers: the rules, one call at a time"),
    ("verifier.rs", "Verifiers: verification"),
    ("verified.rs", "What a valid token says"),
    ("claims.rs", "Claims of a valid token"),
    ("remote.rs", "Remote key sets"),
    ("remote_builder.rs", "Remote key sets: settings of your own"),
    ("token_cache.rs", "Tokens that were verified before"),
    ("jwks_verifier.rs", "Verifiers that fetch their keys"),
    ("signature.rs", "Signatures without a token"),
];

fn main() -> ExitCode {
    let write = match env::args().nth(1).as_deref() {
        Some("--write") => true,
        Some("--check") => false,
        _ => {
            eprintln!("usage: header --write | --check");
            return ExitCode::from(2);
        }
    };
    let mut stale = false;
    for (path, wanted) in outputs() {
        let result = if write {
            fs::write(&path, wanted)
        } else {
            fs::read_to_string(&path).map(|found| {
                if found != wanted {
                    stale = true;
                    eprintln!("{} is stale: run this program with --write", path.display());
                }
            })
        };
        if let Err(error) = result {
            eprintln!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    if stale {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Every generated file with the text it should have.
pub(crate) fn outputs() -> [(PathBuf, String); 2] {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    [
        (here.join("../include/jwtverify.h"), header()),
        (here.join("go/codes.go"), go_codes()),
    ]
}

/// The header.
fn header() -> String {
    let source = source().unwrap_or_else(|error| panic!("cannot read the sources: {error}"));
    let file = env::temp_dir().join(format!("jwtverify-header-{}.rs", std::process::id()));
    fs::write(&file, source).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut bytes = Vec::new();
    let bindings = builder().with_src(&file).generate();
    let _ = fs::remove_file(&file);
    bindings
        .unwrap_or_else(|error| panic!("cbindgen: {error}"))
        .write(&mut bytes);
    let header = String::from_utf8(bytes).unwrap_or_else(|error| panic!("cbindgen: {error}"));
    with_sections(header)
}

fn builder() -> cbindgen::Builder {
    let mut config = cbindgen::Config {
        language: cbindgen::Language::C,
        cpp_compat: true,
        usize_is_size_t: true,
        no_includes: true,
        sys_includes: vec!["stddef.h".into(), "stdint.h".into()],
        include_guard: Some("JWTVERIFY_H".into()),
        header: Some(intro()),
        after_includes: Some(preamble()),
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        line_length: 100,
        tab_width: 4,
        ..cbindgen::Config::default()
    };
    config.function.must_use = Some("JWTVERIFY_MUST_USE".into());
    cbindgen::Builder::new().with_config(config)
}

/// The sources as cbindgen reads them: one text, with each pointer type of `ffi.rs` written as
/// the pointer that it is, and without the tests.
fn source() -> io::Result<String> {
    let mut all = String::new();
    for file in ["ffi.rs"].into_iter().chain(SECTIONS.map(|(file, _)| file)) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
        let text = fs::read_to_string(path)?;
        all += text.split("\n#[cfg(test)]").next().unwrap_or(&text);
        all += "\n";
    }
    // The wrappers themselves are not part of the interface.
    let all = all.replace("#[repr(transparent)]\npub struct", "struct");
    Ok(all
        .lines()
        .filter(|line| !line.starts_with("//!"))
        .map(|line| if line.starts_with("///") { line.into() } else { pointers(line) } + "\n")
        .collect())
}

/// `keys: In<T>` becomes `keys: *const T`, and so on by the table in `ffi.rs`.
fn pointers(line: &str) -> String {
    let mut line = line.to_owned();
    for (name, pointer) in [
        (": OutHandle<", "*mut *mut"),
        (": Out<", "*mut"),
        (": Own<", "*mut"),
        (": Edit<", "*mut"),
        (": In<", "*const"),
    ] {
        while let Some((before, rest)) = line.split_once(name) {
            let Some((of, after)) = rest.split_once('>') else {
                break;
            };
            line = format!("{before}: {pointer} {of}{after}");
        }
    }
    line
}

/// Puts a title above the first function of each file.
fn with_sections(mut header: String) -> String {
    for (file, title) in SECTIONS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
        let text = fs::read_to_string(path).unwrap_or_default();
        let (_, rest) = text.split_once("pub extern \"C\" fn ").unwrap_or_default();
        let call = format!("{}(", rest.split('(').next().unwrap_or_default());
        // The line that declares it, not a comment that mentions it.
        let line = header
            .lines()
            .find(|line| line.contains(&call) && !line.starts_with(" *"));
        let declared = line.and_then(|line| header.find(&format!("\n{line}\n")));
        let place = declared.and_then(|place| header.get(..place)?.rfind("/**"));
        let place = place.unwrap_or_else(|| panic!("{file} has no function in the header"));
        let rule = "-".repeat(88 - title.len());
        header.insert_str(place, &format!("/* --- {title} {rule} */\n\n"));
    }
    // The comments that cbindgen writes, in the form that all of the header has.
    header
        .replace("// __cplusplus", "/* __cplusplus */")
        .replace("// extern \"C\"", "/* extern \"C\" */")
}

/// What stands above the include guard.
fn intro() -> String {
    "/*
 * jwtverify: verifies JSON Web Tokens. One question: may I trust this token?
 *
 * Written by `cargo run -p jwtverify-ffi --example header -- --write`: change the Rust sources.
 *
 * Conventions
 *
 * - A function that can fail returns a result code: JWTVERIFY_OK (0), or a positive number that
 *   says what is wrong, the same in every language and version. Compare with JWTVERIFY_OK: new
 *   codes may come.
 * - The object comes first, then inputs, then outputs. Outputs are written only if the call
 *   succeeds, and they need not be initialised. The last parameter of some functions,
 *   `jwtverify_error **error`, is the other way round: it is written only if the call fails; pass
 *   NULL if the code is enough.
 * - What a function ending in _new, _build, _clone, or any other hands out through a `T **` belongs
 *   to the caller, who frees it once, with the _free function of its type. _free(NULL) does
 *   nothing. Freeing twice, or use after that, is undefined.
 * - Views (jwtverify_text, jwtverify_bytes) and strings from an error are not freed: they live as
 *   long as the handle they came from.
 * - Bytes and tokens are a pointer and a length, and need no NUL at the end; for the length 0 the
 *   pointer may be NULL. Names and settings are NUL-terminated UTF-8. Any other NULL gives
 *   JWTVERIFY_ERROR_MISUSE_NULL, or the value that the function's comment names.
 * - Handles are immutable, and any number of threads may use one at once; builders are not, and
 *   belong to one thread at a time. A handle must not be freed while another thread uses it
 *   *through the same pointer*: give each thread its own with _clone. No thread-local state.
 * - No panic crosses into C: a bug in the library shows as JWTVERIFY_ERROR_INTERNAL_PANIC. Where
 *   memory runs out the process aborts; what a call may use is bounded by its limits, a few times
 *   the size of token and key set.
 * - Before 1.0 each 0.x has an ABI of its own, and the shared library's name says which.
 */"
    .into()
}

/// What stands between the includes and the declarations: versions, attributes, codes.
fn preamble() -> String {
    let (major, minor, patch) = version();
    let mut text = format!(
        "
/** The version of this header; jwtverify_version() tells that of the library. */
#define JWTVERIFY_VERSION \"{}\"
#define JWTVERIFY_VERSION_MAJOR {major}
#define JWTVERIFY_VERSION_MINOR {minor}
#define JWTVERIFY_VERSION_PATCH {patch}
/** The version as one number for #if: major * 1000000 + minor * 1000 + patch. */
#define JWTVERIFY_VERSION_NUMBER {}

/** Marks functions whose result must be looked at. */
#if defined(JWTVERIFY_MUST_USE)
/* the program has its own */
#elif (defined(__cplusplus) && __cplusplus >= 201703L) || \\
    (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 202311L)
#define JWTVERIFY_MUST_USE [[nodiscard]]
#elif defined(__GNUC__)
#define JWTVERIFY_MUST_USE __attribute__((warn_unused_result))
#else
#define JWTVERIFY_MUST_USE
#endif

/**
 * Result codes. Functions return them as int32_t, since later versions may have more.
 *
 * 1xx to 5xx: the token is at fault, answer 401. 6xx and 8xx: a key set or the program is at
 * fault. 7xx: keys cannot be had now, answer 503. 9xx: a bug in the library.
 *
 * @since 0.1.0
 */
typedef enum jwtverify_result {{
    /** success */
    JWTVERIFY_OK = 0,
",
        env!("CARGO_PKG_VERSION"),
        major * 1_000_000 + minor * 1_000 + patch
    );
    for error in Error::ALL {
        let name = words(error.name(), "_").to_uppercase();
        let _ = writeln!(text, "    /** {} */", error.summary());
        let _ = writeln!(text, "    JWTVERIFY_ERROR_{name} = {},", error.code());
    }
    // C89 and `-Wpedantic` know no comma at the end.
    text.truncate(text.trim_end().len() - 1);
    text + "\n} jwtverify_result;"
}

fn version() -> (u32, u32, u32) {
    let part = |text: &str| {
        text.parse()
            .unwrap_or_else(|_| panic!("{text}: not a version"))
    };
    (
        part(env!("CARGO_PKG_VERSION_MAJOR")),
        part(env!("CARGO_PKG_VERSION_MINOR")),
        part(env!("CARGO_PKG_VERSION_PATCH")),
    )
}

/// `KeyNotFound` becomes `Key_Not_Found`.
pub(crate) fn words(name: &str, between: &str) -> String {
    let mut words = String::new();
    for (place, c) in name.char_indices() {
        if c.is_uppercase() && place > 0 {
            words += between;
        }
        words.push(c);
    }
    words
}

/// The codes for the Go package, in the form that gofmt likes: one group a hundred.
fn go_codes() -> String {
    let mut text = String::from(
        "// Code generated by `cargo run -p jwtverify-ffi --example header -- --write`. DO NOT EDIT.

package jwtverify

// The result codes, the same numbers as in every other language. Each is an error, for errors.Is:
//
//\tif errors.Is(err, jwtverify.ErrExpired) { … }
const (
",
    );
    let mut hundred = 1;
    for error in Error::ALL {
        if error.code() / 100 != hundred {
            hundred = error.code() / 100;
            text += "\n";
        }
        let _ = writeln!(text, "\t// Err{}: {}.", error.name(), error.summary());
        let _ = writeln!(text, "\tErr{} Code = {}", error.name(), error.code());
    }
    text += ")\n\nvar allCodes = []codeRow{\n";
    for error in Error::ALL {
        let family = match error.family() {
            Family::Token => "ErrInvalidToken",
            Family::Caller => "ErrMisuse",
            Family::Unavailable => "ErrUnavailable",
            Family::Internal => "ErrBug",
        };
        let (name, message) = (error.name(), error.summary());
        let _ = writeln!(text, "\t{{Err{name}, \"{name}\", {family}, {message:?}}},");
    }
    text + "}\n"
}
