//! What is refused when a key set is built.

use super::*;

const URL: &str = "https://issuer.example/jwks.json";
const WEEK: Duration = Duration::from_secs(7 * 86_400);

fn error(builder: RemoteJwksBuilder) -> Code {
    builder
        .build()
        .expect_err("the settings must be refused")
        .error()
}

#[test]
fn contradictions_are_refused_at_build() {
    let new = RemoteJwksBuilder::new;
    let zero = Duration::ZERO;
    for (name, builder, wanted) in [
        ("no source", new(), Code::MisuseUrl),
        ("two sources", new().url(URL).issuer(URL), Code::MisuseTwice),
        ("url and set", new().url(URL).jwks("{}"), Code::MisuseTwice),
        (
            "file and server",
            new().file("f").authorization_server(URL),
            Code::MisuseTwice,
        ),
        ("no urls", new().urls([]), Code::MisuseUrl),
        ("nine urls", new().urls([URL; 9]), Code::MisuseUrl),
        ("a url twice", new().urls([URL, URL]), Code::MisuseTwice),
        (
            "a bad url of two",
            new().urls([URL, "ftp://a.example"]),
            Code::MisuseUrl,
        ),
        (
            "file and root",
            new().file("f").root_certificate("x"),
            Code::MisuseTwice,
        ),
        (
            "file and transport",
            new().file("f").fetch(Arc::new(HttpFetch::new())),
            Code::MisuseTwice,
        ),
        (
            "file and store",
            new().file("f").snapshot_file("s"),
            Code::MisuseTwice,
        ),
        (
            "set and store",
            new().jwks("{}").snapshot_file("s"),
            Code::MisuseTwice,
        ),
        (
            "root and transport",
            new()
                .url(URL)
                .root_certificate("x")
                .fetch(Arc::new(HttpFetch::new())),
            Code::MisuseTwice,
        ),
        (
            "plain server",
            new().authorization_server("http://a.example"),
            Code::MisuseUrl,
        ),
        (
            "crossed ttls",
            new().url(URL).min_ttl(WEEK / 8).max_ttl(WEEK / 9),
            Code::MisuseArgument,
        ),
        (
            "spacing",
            new().url(URL).miss_spacing(WEEK),
            Code::MisuseArgument,
        ),
        ("retries", new().url(URL).retries(4), Code::MisuseArgument),
        ("two urls", new().url(URL).url(URL), Code::MisuseTwice),
        (
            "plain http",
            new().url("http://issuer.example/"),
            Code::MisuseUrl,
        ),
        (
            "plain issuer",
            new().issuer("http://issuer.example/"),
            Code::MisuseUrl,
        ),
        ("ttl", new().url(URL).ttl(zero), Code::MisuseArgument),
        ("long ttl", new().url(URL).ttl(WEEK), Code::MisuseArgument),
        (
            "miss",
            new().url(URL).miss_interval(zero),
            Code::MisuseArgument,
        ),
        (
            "timeout",
            new().url(URL).timeout(zero),
            Code::MisuseArgument,
        ),
        (
            "connect",
            new().url(URL).connect_timeout(Duration::MAX),
            Code::MisuseArgument,
        ),
        (
            "wait",
            new().url(URL).wait(Duration::MAX),
            Code::MisuseArgument,
        ),
        (
            "stale",
            new().url(URL).max_stale(Duration::MAX),
            Code::MisuseArgument,
        ),
        ("bytes", new().url(URL).max_bytes(0), Code::MisuseArgument),
        (
            "keys",
            new().url(URL).max_keys(usize::MAX),
            Code::MisuseArgument,
        ),
        (
            "root",
            new().url(URL).root_certificate("garbage"),
            Code::MisuseArgument,
        ),
    ] {
        assert_eq!(error(builder), wanted, "{name}");
    }
    assert!(
        new()
            .url(URL)
            .max_stale(zero)
            .stale_wait(zero)
            .wait(zero)
            .build()
            .is_ok()
    );
    assert!(new().issuer("https://issuer.example").build().is_ok());
}

#[test]
fn a_refused_url_is_not_repeated() {
    let refused = RemoteJwksBuilder::new().url("https://joe:s3cret@issuer.example/");
    assert!(!format!("{refused:?}").contains("s3cret"));
    let error = refused.build().unwrap_err();
    assert!(!error.to_string().contains("s3cret"), "{error}");
    assert!(error.to_string().contains("password"), "{error}");
}
