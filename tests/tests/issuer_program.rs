//! The `issuer` program keeps to its protocol: the tests of other languages rest on it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Program {
    fn start(algs: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_issuer"))
            .args(algs)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            stdin,
            stdout,
        }
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn ask(&mut self, command: &str) -> Value {
        writeln!(self.stdin.as_ref().unwrap(), "{command}").unwrap();
        self.line()
    }

    fn succeed(&mut self, command: &str) -> Value {
        let answer = self.ask(command);
        assert_eq!(answer["ok"], true, "{command}: {answer}");
        answer
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Closing its input ends it; the kill is for a test that failed.
        drop(self.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn fetch(url: &str) -> Option<String> {
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut stream = TcpStream::connect(host).ok()?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    Some(answer)
}

#[test]
fn it_says_where_it_is_and_obeys() {
    let mut issuer = Program::start(&["ES256", "EdDSA"]);
    let first = issuer.line();
    assert_eq!(first["kids"], serde_json::json!(["es256-1", "eddsa-1"]));
    let url = first["jwks"].as_str().unwrap();
    assert!(fetch(url).unwrap().starts_with("HTTP/1.1 200 "));
    for command in [
        r#"mint ES256 {"sub":"alice"}"#,
        r#"mint EdDSA {"sub":"alice"} {"kid":null,"typ":"at+jwt"}"#,
        r#"mint HS256 {}"#,
        "sign ES256 abc def",
        r#"forge none {}"#,
        r#"forge tampered ES256 {"sub":"alice"}"#,
        r#"forge confused ES256 {}"#,
        r#"forge wrong-key ES256 {}"#,
        r#"forge unknown-kid EdDSA {}"#,
        r#"forge der ES256 {}"#,
    ] {
        let answer = issuer.succeed(command);
        assert_eq!(
            answer["token"].as_str().unwrap().matches('.').count(),
            2,
            "{command}"
        );
    }
    assert_eq!(issuer.succeed("jwk EdDSA")["jwk"]["crv"], "Ed25519");
    assert_eq!(issuer.succeed("jwk HS256")["jwk"]["kty"], "oct");
    assert_eq!(issuer.succeed("rotate")["kids"][0], "es256-2");
    assert_eq!(
        issuer.succeed("rotate keep")["kids"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    assert_eq!(
        issuer.succeed("jwks")["jwks"]["keys"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    for (command, status) in [
        ("fail", "500"),
        ("fail 404", "404"),
        ("redirect", "302"),
        ("lie html", "200"),
        ("lie empty", "200"),
        ("lie keys", "200"),
        ("lie issuer", "200"),
        ("body {}", "200"),
        ("ok", "200"),
    ] {
        issuer.succeed(command);
        let answer = fetch(url).unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{command}: {answer}"
        );
    }
    issuer.succeed("close");
    assert_eq!(fetch(url).as_deref(), Some(""));
    issuer.succeed("stop");
    assert_eq!(fetch(url), None);
    issuer.succeed("start");
    issuer.succeed("cache-control max-age=60");
    issuer.succeed("ok");
    assert!(
        fetch(url)
            .unwrap()
            .contains("\r\nCache-Control: max-age=60\r\n")
    );
    assert_eq!(issuer.succeed("count")["jwks"], 12);
    for command in [
        "mint",
        "mint XX {}",
        "mint RS256 {}",
        "mint ES256 []",
        "forge der EdDSA {}",
    ] {
        assert_eq!(issuer.ask(command)["ok"], false, "{command}");
    }
    issuer.succeed("quit");
    assert!(issuer.child.wait().unwrap().success());
}

#[test]
fn it_ends_with_its_parent() {
    let mut issuer = Program::start(&["EdDSA"]);
    issuer.line();
    drop(issuer.stdin.take());
    assert!(issuer.child.wait().unwrap().success());
}

#[test]
fn an_unknown_algorithm_is_a_usage_error() {
    let mut issuer = Program::start(&["XX"]);
    assert_eq!(issuer.child.wait().unwrap().code(), Some(2));
}
