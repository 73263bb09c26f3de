//! The manual's page on causes is the table of causes.

#[path = "../examples/troubleshooting.rs"]
mod page;

#[test]
fn the_page_is_made_from_the_tables() {
    let found = std::fs::read_to_string(page::PAGE).expect("docs/troubleshooting.md");
    assert!(
        found == page::page(),
        "cargo run -p jwtverify-jwks --example troubleshooting -- --write"
    );
}

#[test]
fn the_page_is_whole() {
    let page = page::page();
    for cause in jwtverify_jwks::causes() {
        assert!(page.contains(&format!("\n### {}\n", cause.id())));
    }
    for provider in jwtverify_jwks::known_providers() {
        assert!(page.contains(&format!("\n### {}\n", provider.name())));
    }
    let odd = |line: &&str| line.contains("  ") || line.ends_with("..");
    assert_eq!(page.lines().skip(13).find(odd), None);
}
