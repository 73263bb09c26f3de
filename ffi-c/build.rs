//! Gives the shared library its name in the system: `libjwtverify.so.0.1` while the major version
//! is 0 (each 0.x may change the ABI), `libjwtverify.so.N` from 1.0 on.

use std::env::var;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let major = var("CARGO_PKG_VERSION_MAJOR").unwrap_or_default();
    let minor = var("CARGO_PKG_VERSION_MINOR").unwrap_or_default();
    let abi = if major == "0" {
        format!("0.{minor}")
    } else {
        major
    };
    match var("CARGO_CFG_TARGET_OS").unwrap_or_default().as_str() {
        "macos" | "ios" => println!(
            "cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libjwtverify.{abi}.dylib"
        ),
        "windows" => {} // a DLL carries its name in the import library
        _ => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libjwtverify.so.{abi}");
            // A fetch runs on a thread of its own: dlclose() must not take its code away.
            println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        }
    }
}
