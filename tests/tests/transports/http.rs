//! What is asked for, what arrives, and which way it goes.

use jwtverify_jwks::{FetchError, HttpFetch, Response};
use jwtverify_tests::{FaultServer, Step};

use crate::{Transport, name, per_transport, request};

per_transport!(
    a_good_answer_arrives_whole,
    the_request_asks_for_json_and_nothing_else,
    t8_redirects_are_reported_and_not_followed,
    a_body_in_chunks_arrives_whole,
    compression_is_not_undone,
    error_statuses_are_answers,
    every_line_of_a_field_is_kept,
    t12_the_transport_itself_refuses_other_urls,
    a_proxy_of_the_environment_is_for_other_machines,
);

fn fetch<T: Transport>(url: &str) -> Result<Response, FetchError> {
    T::with(HttpFetch::new()).fetch(&request(url))
}

fn server(text: &str) -> FaultServer {
    FaultServer::start([Step::Read, Step::Send(text.as_bytes().to_vec())])
}

fn a_good_answer_arrives_whole<T: Transport>() {
    let answer = Step::answer(
        "200 OK",
        "Content-Type: application/json\r\n",
        "{\"keys\":[]}",
    );
    let server = FaultServer::start([Step::Read, answer]);
    let response = fetch::<T>(&server.url("/jwks")).unwrap();
    assert_eq!(
        (response.status, response.body.as_slice()),
        (200, &b"{\"keys\":[]}"[..])
    );
    assert_eq!(response.header("Content-Type"), Some("application/json"));
    // localhost is a name for the same machine.
    let local = format!("http://localhost:{}/jwks", server.address().port());
    assert_eq!(fetch::<T>(&local).unwrap().status, 200);
}

fn the_request_asks_for_json_and_nothing_else<T: Transport>() {
    let server = FaultServer::start([Step::Echo]);
    let mut request = request(&server.url("/a/b?c=d"));
    request
        .headers
        .push(("X-Api-Key".to_owned(), "k".to_owned()));
    let settings = HttpFetch::new().with_header("x-tenant", "red").unwrap();
    let transport = T::with(settings.with_user_agent("my-service/2.1").unwrap());
    let response = transport.fetch(&request).unwrap();
    let head = String::from_utf8(response.body)
        .unwrap()
        .to_ascii_lowercase();
    assert!(head.starts_with("get /a/b?c=d http/1.1\r\n"), "{head}");
    for field in [
        "accept: application/jwk-set+json, application/json",
        "accept-encoding: identity",
        "user-agent: my-service/2.1",
        "x-api-key: k",
        "x-tenant: red",
    ] {
        assert!(head.contains(field), "{field} is missing in {head}");
    }
    for field in ["cookie", "authorization", "referer"] {
        assert!(!head.contains(field), "{field} is in {head}");
    }
}

fn t8_redirects_are_reported_and_not_followed<T: Transport>() {
    for status in [301, 302, 303, 307, 308] {
        let server = server(&format!(
            "HTTP/1.1 {status} Elsewhere\r\nLocation: /target\r\nContent-Length: 0\r\n\r\n"
        ));
        let response = fetch::<T>(&server.url("/start")).unwrap();
        assert_eq!(response.status, status);
        assert_eq!(response.header("location"), Some("/target"));
        assert_eq!(server.connections(), 1, "{status} was followed");
    }
}

fn a_body_in_chunks_arrives_whole<T: Transport>() {
    let server = server(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
         4\r\n{\"ke\r\n7;x=y\r\nys\":[]}\r\n0\r\nX: y\r\n\r\n",
    );
    assert_eq!(fetch::<T>(&server.url("/")).unwrap().body, b"{\"keys\":[]}");
}

fn compression_is_not_undone<T: Transport>() {
    let headers = "Content-Encoding: gzip\r\n";
    let answer = Step::answer("200 OK", headers, b"\x1f\x8b");
    let server = FaultServer::start([Step::Read, answer]);
    let error = fetch::<T>(&server.url("/")).unwrap_err();
    assert!(error.to_string().contains("compressed"), "{error}");
}

fn error_statuses_are_answers<T: Transport>() {
    for status in [204, 304, 404, 500, 503] {
        let server = server(&format!(
            "HTTP/1.1 {status} Status\r\nRetry-After: 7\r\nETag: \"x\"\r\n\r\n"
        ));
        let response = fetch::<T>(&server.url("/")).unwrap();
        assert_eq!(response.status, status);
        assert_eq!(response.header("retry-after"), Some("7"));
        assert_eq!(response.header("etag"), Some("\"x\""));
    }
}

fn every_line_of_a_field_is_kept<T: Transport>() {
    let server = server(
        "HTTP/1.1 200 OK\r\nCache-Control: public\r\nContent-Length: 2\r\n\
         cache-control: max-age=60\r\nSet-Cookie: a=b\r\n\r\n{}",
    );
    let response = fetch::<T>(&server.url("/")).unwrap();
    let kept = |(name, value): &(String, String)| format!("{name}: {value}");
    let kept: Vec<String> = response.headers.iter().map(kept).collect();
    assert_eq!(kept, ["cache-control: public", "cache-control: max-age=60"]);
}

fn t12_the_transport_itself_refuses_other_urls<T: Transport>() {
    for url in [
        "http://issuer.example/",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://a:b@issuer.example/",
    ] {
        assert_eq!(name(&fetch::<T>(url)), "UnavailableConnect", "{url}");
    }
}

fn a_proxy_of_the_environment_is_for_other_machines<T: Transport>() {
    // The variables are read by the process, so this test runs itself in another one.
    const CHILD: &str = "JWTVERIFY_TEST_BEHIND_A_PROXY";
    if std::env::var_os(CHILD).is_some() {
        let answer = Step::answer("200 OK", "", "from the server");
        let server = FaultServer::start([Step::Read, answer]);
        let response = fetch::<T>(&server.url("/")).unwrap();
        assert_eq!(response.body, b"from the server");
        // The proxy refuses, or, without it, the name does not exist.
        let other = fetch::<T>("https://issuer.example/");
        assert_eq!(name(&other), "UnavailableConnect");
        return;
    }
    let program = std::env::current_exe().unwrap();
    let thread = std::thread::current();
    let test = thread.name().unwrap();
    let proxy = server("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n");
    let proxies = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "http_proxy"];
    let run = |exceptions: Option<&str>| {
        let mut child = std::process::Command::new(&program);
        child
            .args(["--exact", test])
            .env(CHILD, "1")
            .envs(proxies.map(|name| (name, proxy.url(""))))
            .env_remove("NO_PROXY")
            .env_remove("no_proxy");
        if let Some(exceptions) = exceptions {
            child.env("NO_PROXY", exceptions);
        }
        let child = child.output().unwrap();
        let said = String::from_utf8_lossy(&child.stdout).into_owned();
        assert!(
            child.status.success() && said.contains("1 passed"),
            "{said}"
        );
    };
    run(Some("issuer.example"));
    assert_eq!(proxy.connections(), 0);
    run(None);
    assert_eq!(proxy.connections(), 1);
}
