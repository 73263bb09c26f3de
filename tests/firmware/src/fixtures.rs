//! Keys and tokens in flash, made by `cargo run -p jwtverify-tests --example firmware_fixtures`.

/// The tokens of one algorithm, and its key as a raw check takes it.
pub struct Fixture {
    pub name: &'static str,
    pub good: &'static [u8],
    pub expired: &'static [u8],
    pub other_audience: &'static [u8],
    pub unknown_kid: &'static [u8],
    pub tampered: &'static [u8],
    /// Signed with the key that comes with the rotation.
    pub rotated: &'static [u8],
    pub message: &'static [u8],
    pub signature: &'static [u8],
    pub public: &'static [u8],
}

macro_rules! fixture {
    ($name:literal, $folder:literal) => {
        Fixture {
            name: $name,
            good: include_bytes!(concat!("../fixtures/", $folder, "/good.jwt")),
            expired: include_bytes!(concat!("../fixtures/", $folder, "/expired.jwt")),
            other_audience: include_bytes!(concat!("../fixtures/", $folder, "/other-audience.jwt")),
            unknown_kid: include_bytes!(concat!("../fixtures/", $folder, "/unknown-kid.jwt")),
            tampered: include_bytes!(concat!("../fixtures/", $folder, "/tampered.jwt")),
            rotated: include_bytes!(concat!("../fixtures/", $folder, "/rotated.jwt")),
            message: include_bytes!(concat!("../fixtures/", $folder, "/message.txt")),
            signature: include_bytes!(concat!("../fixtures/", $folder, "/signature.bin")),
            public: include_bytes!(concat!("../fixtures/", $folder, "/public.bin")),
        }
    };
}

/// One for each algorithm of the image.
pub static FIXTURES: &[Fixture] = &[
    #[cfg(feature = "es256")]
    fixture!("ES256", "es256"),
    #[cfg(feature = "eddsa")]
    fixture!("EdDSA", "eddsa"),
    #[cfg(feature = "rs256")]
    fixture!("RS256", "rs256"),
    #[cfg(feature = "hs256")]
    fixture!("HS256", "hs256"),
];

macro_rules! key_sets {
    ($folder:literal) => {
        /// The key set that the device leaves the factory with.
        pub static FLASH_JWKS: &[u8] =
            include_bytes!(concat!("../fixtures/", $folder, "/flash.jwks.json"));
        /// The key set that comes later: a rotation.
        pub static ROTATED_JWKS: &[u8] =
            include_bytes!(concat!("../fixtures/", $folder, "/rotated.jwks.json"));
    };
}

#[cfg(all(feature = "es256", feature = "eddsa", feature = "rs256"))]
key_sets!("all");
#[cfg(all(feature = "es256", not(feature = "eddsa")))]
key_sets!("es256");
#[cfg(all(feature = "eddsa", not(feature = "es256")))]
key_sets!("eddsa");
#[cfg(all(feature = "rs256", not(feature = "es256")))]
key_sets!("rs256");
#[cfg(all(feature = "hs256", not(feature = "es256")))]
key_sets!("hs256");

/// 2026-01-01T00:00:00Z: a device takes it from its clock, set over the network or by GNSS.
pub const NOW: i64 = 1_767_225_600;
