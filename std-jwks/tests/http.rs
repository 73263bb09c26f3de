//! The HTTP transport against servers that misbehave, over real sockets of this machine.

#[expect(
    dead_code,
    reason = "shared by several test programs, none of which uses all of it"
)]
mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use jwtverify_jwks::{Fetch, FetchError, HttpFetch, Request, Response};
use support::{Server, answer, read_request};

const LIMIT: usize = 64 * 1024;

/// Long enough for any answer on loopback, also on a busy machine.
fn request(url: &str) -> Request {
    let mut request = Request::new(url);
    request.max_bytes = LIMIT;
    request.timeout = Duration::from_secs(20);
    request
}

fn fetch(url: &str) -> Result<Response, FetchError> {
    HttpFetch::new().fetch(&request(url))
}

/// Short, for servers that never answer: the test waits for exactly this.
fn fetch_in_a_hurry(url: &str) -> Result<Response, FetchError> {
    let mut request = request(url);
    request.timeout = Duration::from_millis(200);
    HttpFetch::new().fetch(&request)
}

fn name(result: &Result<Response, FetchError>) -> String {
    match result {
        Ok(response) => format!("{} {}", response.status, response.body.len()),
        Err(error) => error.error().name().to_owned(),
    }
}

#[test]
fn a_good_answer_arrives_whole() {
    let server = Server::http(|_| answer("200 OK", "{\"keys\":[]}"));
    let response = fetch(&server.url("/jwks")).unwrap();
    assert_eq!(
        (response.status, response.body.as_slice()),
        (200, &b"{\"keys\":[]}"[..])
    );
    assert_eq!(response.header("Content-Type"), Some("application/json"));
    // localhost is a name for the same machine.
    let local = format!("http://localhost:{}/jwks", server.port());
    assert_eq!(fetch(&local).unwrap().status, 200);
}

#[test]
fn the_request_asks_for_json_and_nothing_else() {
    let server = Server::raw(|_, mut stream| {
        let head = read_request(&mut stream);
        let _ = stream.write_all(&answer("200 OK", &head));
    });
    let mut request = request(&server.url("/a/b?c=d"));
    request
        .headers
        .push(("X-Api-Key".to_owned(), "k".to_owned()));
    let response = HttpFetch::new().fetch(&request).unwrap();
    let head = String::from_utf8(response.body)
        .unwrap()
        .to_ascii_lowercase();
    assert!(head.starts_with("get /a/b?c=d http/1.1\r\n"), "{head}");
    for field in [
        "accept: application/jwk-set+json, application/json",
        "accept-encoding: identity",
        "user-agent: jwtverify/",
        "x-api-key: k",
    ] {
        assert!(head.contains(field), "{field} is missing in {head}");
    }
    for field in ["cookie", "authorization", "referer"] {
        assert!(!head.contains(field), "{field} is in {head}");
    }
}

#[test]
fn t8_redirects_are_reported_and_not_followed() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let server = Server::http(move |path| match path {
            "/start" => {
                format!("HTTP/1.1 {status}\r\nLocation: /target\r\nContent-Length: 0\r\n\r\n")
                    .into_bytes()
            }
            _ => answer("200 OK", "{}"),
        });
        let response = fetch(&server.url("/start")).unwrap();
        assert_eq!(response.status.to_string(), status[..3]);
        assert_eq!(response.header("location"), Some("/target"));
        assert_eq!(server.connections(), 1, "{status} was followed");
    }
}

#[test]
fn t9_bodies_are_cut_at_the_limit_while_they_stream() {
    let line = "x".repeat(1024);
    let chunk = format!("400\r\n{line}\r\n");
    // Each server would send for ever, if it were let.
    let endless = |head: &'static str, piece: String| {
        Server::raw(move |_, mut stream| {
            read_request(&mut stream);
            let _ = stream.write_all(head.as_bytes());
            while stream.write_all(piece.as_bytes()).is_ok() {}
        })
    };
    for (head, piece) in [
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            &chunk,
        ),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", &line),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n",
            &line,
        ),
        ("HTTP/1.0 200 OK\r\n\r\n", &line),
    ] {
        let server = endless(head, piece.clone());
        assert_eq!(
            name(&fetch(&server.url("/"))),
            "UnavailableTooLarge",
            "{head:?}"
        );
    }

    for (length, wanted) in [(LIMIT, "200 65536"), (LIMIT + 1, "UnavailableTooLarge")] {
        let server = Server::http(move |_| answer("200 OK", &"x".repeat(length)));
        assert_eq!(name(&fetch(&server.url("/"))), wanted);
    }
}

#[test]
fn t9_the_announced_length_is_not_believed() {
    for (text, wanted) in [
        // More announced than sent: the connection ends in the middle.
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"keys\":[]}",
            "UnavailableBody",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"keys\":",
            "UnavailableBody",
        ),
        // Less announced than sent: what is beyond does not exist.
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{\"keys\":[]}",
            "200 4",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n{\"keys\":[]}",
            "200 0",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
            "UnavailableBody",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
            "UnavailableBody",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}",
            "UnavailableBody",
        ),
    ] {
        let server = Server::http(move |_| text.as_bytes().to_vec());
        assert_eq!(name(&fetch(&server.url("/"))), wanted, "{text:?}");
    }
}

#[test]
fn a_body_in_chunks_arrives_whole_and_a_reset_in_the_middle_is_a_failure() {
    let chunked = Server::http(|_| {
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"ke\r\n7;x=y\r\nys\":[]}\r\n0\r\nX: y\r\n\r\n"
            .to_vec()
    });
    assert_eq!(fetch(&chunked.url("/")).unwrap().body, b"{\"keys\":[]}");
    // Closing a connection with something unread on it resets it.
    let reset = Server::raw(|_, mut stream| {
        let _ = stream.read(&mut [0]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"keys\"");
    });
    assert_eq!(name(&fetch(&reset.url("/"))), "UnavailableBody");
}

#[test]
fn compression_is_not_undone() {
    let server = Server::http(|_| {
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b".to_vec()
    });
    let error = fetch(&server.url("/")).unwrap_err();
    assert!(error.to_string().contains("compressed"), "{error}");
}

#[test]
fn answers_that_are_not_http_are_refused() {
    let long_header = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(32 * 1024));
    let many_headers = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(5000));
    for text in [
        "",
        "\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/9.9 hello\r\n\r\n",
        // HTTP/2: an empty SETTINGS frame.
        "\0\0\0\u{4}\0\0\0\0\0",
        &long_header,
        &many_headers,
    ] {
        let text = text.to_owned();
        let shown: String = text.chars().take(40).collect();
        let server = Server::http(move |_| text.clone().into_bytes());
        assert_eq!(
            name(&fetch(&server.url("/"))),
            "UnavailableBody",
            "{shown:?}"
        );
    }
}

#[test]
fn error_statuses_are_answers() {
    for status in [
        "404 Not Found",
        "500 Oops",
        "503 Busy",
        "204 No Content",
        "304 Not Modified",
    ] {
        let server = Server::http(move |_| {
            format!("HTTP/1.1 {status}\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n").into_bytes()
        });
        let response = fetch(&server.url("/")).unwrap();
        assert_eq!(response.status.to_string(), status[..3]);
        assert_eq!(response.header("retry-after"), Some("7"));
    }
}

#[test]
fn nobody_listening_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(name(&fetch(&url)), "UnavailableConnect");
}

#[test]
fn t13_silence_and_slow_drips_end_at_the_total_timeout() {
    let silent = Server::raw(|_, mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    assert_eq!(
        name(&fetch_in_a_hurry(&silent.url("/"))),
        "UnavailableTimeout"
    );

    for head in [
        "HTTP/1.1 200 OK\r\nX: ",
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
    ] {
        let drips = Server::raw(move |_, mut stream| {
            read_request(&mut stream);
            let _ = stream.write_all(head.as_bytes());
            // One octet whenever nothing was heard for a moment, until the client hangs up.
            let pause = Duration::from_millis(10);
            stream.set_read_timeout(Some(pause)).unwrap();
            loop {
                match stream.read(&mut [0]) {
                    Ok(0) => break,
                    _ if stream.write_all(b"H").is_err() => break,
                    _ => {}
                }
            }
        });
        assert_eq!(
            name(&fetch_in_a_hurry(&drips.url("/"))),
            "UnavailableTimeout",
            "{head:?}"
        );
    }
}

#[test]
fn loopback_never_goes_through_a_proxy() {
    // The variables are read by the process, so this test runs itself in another one.
    const CHILD: &str = "JWTVERIFY_TEST_BEHIND_A_PROXY";
    if std::env::var_os(CHILD).is_some() {
        let server = Server::http(|_| answer("200 OK", "from the server"));
        assert_eq!(fetch(&server.url("/")).unwrap().body, b"from the server");
        return;
    }
    let program = std::env::current_exe().unwrap();
    let proxy = Server::http(|_| answer("200 OK", "from the proxy"));
    let child = std::process::Command::new(program)
        .args(["--exact", "loopback_never_goes_through_a_proxy"])
        .env(CHILD, "1")
        .envs(
            ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "http_proxy"]
                .map(|name| (name, proxy.url(""))),
        )
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}"
    );
    assert_eq!(proxy.connections(), 0);
}
