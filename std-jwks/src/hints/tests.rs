//! Each provider is known, and nobody who looks like one.

use super::*;

fn clue(issuer: &str, source: &str) -> Clue {
    Clue {
        issuer: Place::parse(issuer),
        source: Place::parse(source),
        ..Clue::default()
    }
}

#[test]
fn each_provider_is_known_by_its_issuer() {
    for (issuer, wanted) in [
        (
            "https://dev-606497.oktapreview.com",
            "Okta org authorization server",
        ),
        (
            "https://dev-606497.okta.com/",
            "Okta org authorization server",
        ),
        (
            "https://dev-606497.okta.com/oauth2/default",
            "Okta custom authorization server",
        ),
        (
            "https://dev-606497.okta-emea.com/oauth2/aus1",
            "Okta custom authorization server",
        ),
        ("https://sts.windows.net/0000/", "Microsoft Entra"),
        (
            "https://login.microsoftonline.com/0000/v2.0",
            "Microsoft Entra",
        ),
        ("https://contoso.b2clogin.com/0000/v2.0/", "Microsoft Entra"),
        ("https://tenant.eu.auth0.com/", "Auth0"),
        (
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc",
            "Amazon Cognito",
        ),
        ("https://accounts.google.com", "Google"),
        ("accounts.google.com", "Google"),
        ("https://securetoken.google.com/project", "Firebase"),
        ("https://sso.example/auth/realms/main", "Keycloak"),
        ("https://sso.example/realms/main", "Keycloak"),
        (
            "https://public-keys.auth.elb.eu-west-1.amazonaws.com/x",
            "AWS application load balancer",
        ),
    ] {
        let found = hints(&clue(issuer, "https://keys.example/"), Trouble::Key);
        let prefix = format!("{wanted}: ");
        assert!(
            found.iter().any(|hint| hint.starts_with(&prefix)),
            "{issuer}: {found:?}"
        );
        let others = found
            .iter()
            .filter(|hint| !hint.starts_with(&prefix) && hint.as_ref() != UNVERIFIED);
        assert_eq!(others.count(), 0, "{issuer}: {found:?}");
        assert_eq!(
            found.last().map(AsRef::as_ref),
            Some(UNVERIFIED),
            "{issuer}"
        );
    }
}

#[test]
fn lookalike_hosts_get_no_hint() {
    for issuer in [
        "https://okta.com.attacker.example/",
        "https://notokta.com/",
        "https://auth0.com.example/",
        "https://accounts.google.com.example/",
        "https://cognito-idp.example/",
        "https://issuer.example/",
        "",
        "not a url at all",
        "javascript:alert(1)",
    ] {
        for trouble in [
            Trouble::Key,
            Trouble::Issuer,
            Trouble::Audience,
            Trouble::Fetch,
        ] {
            assert!(hints(&clue(issuer, ""), trouble).is_empty(), "{issuer}");
        }
    }
}

#[test]
fn okta_org_tokens_are_answered_in_full() {
    let found = hints(&clue("https://dev-1.oktapreview.com", ""), Trouble::Key).join("\n");
    for needle in [
        "does not publish",
        "/userinfo",
        "/introspect",
        "/oauth2/default",
        "not verified",
    ] {
        assert!(found.contains(needle), "{needle} is missing in {found}");
    }
    // The same from the URL of the keys alone.
    let source = "https://dev-1.okta.com/oauth2/v1/keys";
    assert!(hints(&clue("", source), Trouble::Key)[0].starts_with("Okta org"));
    let source = "https://dev-1.okta.com/oauth2/default/v1/keys";
    assert!(hints(&clue("", source), Trouble::Key)[0].starts_with("Okta custom"));
}

#[test]
fn header_members_count_as_clues() {
    let mut balancer = clue("https://issuer.example", "");
    balancer.load_balancer = true;
    assert!(hints(&balancer, Trouble::Token)[0].contains("allow_padding"));

    let mut graph = clue("https://sts.windows.net/0000/", "");
    graph.nonce = true;
    assert!(
        hints(&graph, Trouble::Key)
            .iter()
            .any(|hint| hint.contains("Graph"))
    );
    graph.issuer = Place::parse("https://issuer.example");
    assert!(hints(&graph, Trouble::Key).is_empty());
}
