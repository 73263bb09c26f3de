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
        (
            "https://contoso.b2clogin.com/0000/v2.0/",
            "Microsoft Entra B2C",
        ),
        (
            "https://cloud.google.com/iap",
            "Google Identity-Aware Proxy",
        ),
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

/// Headers and claims as each provider writes them, with the kid in its form.
#[test]
fn a_real_looking_token_of_each_provider_gets_its_hint() {
    for (header, claims, words) in [
        (
            r#"{"kid":"_yomDqFziFzjpiI-OZmeDEgM772DGHWmW_DL3IaE26U","alg":"RS256"}"#,
            r#"{"ver":1,"iss":"https://dev-606497.oktapreview.com","cid":"YLZRQFhXF5FZSwlkl9pT"}"#,
            "does not publish",
        ),
        (
            r#"{"kid":"gtUiz-YdlCSRpr0Ue7LRuEtqgVqRmDWpe5ZuvBaWgVk","alg":"RS256"}"#,
            r#"{"ver":1,"iss":"https://dev-606497.okta.com/oauth2/aus9o8wzkhckw9TLa0h7","aud":"api://default"}"#,
            "{iss}/v1/keys",
        ),
        (
            r#"{"typ":"JWT","alg":"RS256","x5t":"nOo3ZDrODXEK1jKWhXslHR_KXEg","kid":"nOo3ZDrODXEK1jKWhXslHR_KXEg"}"#,
            r#"{"iss":"https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/","ver":"1.0"}"#,
            "same tenant and version",
        ),
        (
            r#"{"typ":"JWT","nonce":"AQABAAAAAAD2qnZ","alg":"RS256","kid":"nOo3ZDrODXEK1jKWhXslHR_KXEg"}"#,
            r#"{"aud":"00000003-0000-0000-c000-000000000000","iss":"https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/"}"#,
            "Only Graph can verify it",
        ),
        (
            r#"{"alg":"RS256","kid":"X5eXk4xyojNFum1kl2Ytv8dlNP4-c57dO6QGTVBwaNk","typ":"JWT"}"#,
            r#"{"iss":"https://contoso.b2clogin.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0/","tfp":"B2C_1_signin"}"#,
            "each user flow",
        ),
        (
            r#"{"alg":"RS256","typ":"JWT","kid":"NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg"}"#,
            r#"{"iss":"https://tenant.eu.auth0.com/","aud":["https://api.example/"]}"#,
            "/.well-known/jwks.json",
        ),
        (
            r#"{"kid":"1234example=","alg":"RS256"}"#,
            r#"{"iss":"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example","token_use":"access"}"#,
            "user pool",
        ),
        (
            r#"{"alg":"RS256","kid":"f833e8a7fe3fe4b878948219a1684afa373ca86f","typ":"JWT"}"#,
            r#"{"iss":"https://accounts.google.com","azp":"1234.apps.googleusercontent.com"}"#,
            "oauth2/v3/certs",
        ),
        (
            r#"{"alg":"ES256","typ":"JWT","kid":"0oeLcQ"}"#,
            r#"{"iss":"https://cloud.google.com/iap","aud":"/projects/1/global/backendServices/2"}"#,
            "public_key-jwk",
        ),
        (
            r#"{"alg":"RS256","kid":"a8df62d3a0a44e3dfcdcafc6da1e6b5f6d1c1e8a","typ":"JWT"}"#,
            r#"{"iss":"https://securetoken.google.com/my-project","aud":"my-project"}"#,
            "securetoken@system",
        ),
        (
            r#"{"alg":"RS256","typ":"JWT","kid":"FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE"}"#,
            r#"{"iss":"https://sso.example/realms/main","azp":"account-console"}"#,
            "each realm",
        ),
        (
            r#"{"typ":"JWT","kid":"9b4b6ba8-4ed2-4bc3-9f02-1c1d0a3ce1c2","alg":"ES256","iss":"https://idp.example","client":"c","signer":"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188","exp":1}"#,
            r#"{"sub":"1234567890","iss":"https://idp.example"}"#,
            "public-keys.auth.elb",
        ),
    ] {
        let token = crate::testing::mint(header, claims, 1);
        let found = crate::provider_hints(token.as_bytes()).join("\n");
        assert!(found.contains(words), "{words} is missing:\n{found}");
    }
}

#[test]
fn every_provider_has_a_hint_about_its_keys() {
    for provider in known_providers() {
        assert!(
            provider.hints().any(|(about, _)| about == "keys"),
            "{provider:?}"
        );
    }
}
