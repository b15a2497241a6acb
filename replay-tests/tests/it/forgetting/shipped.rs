//! The binary as it is shipped: what was said in a request is not in its memory afterwards.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use replay_tests::memory::{Region, of_process};
use replay_tests::needles;

use super::installation::Installation;
use crate::support::zegel_bin;

/// The name of the tenant, which the server must know.
const TENANT: &str = "Tenant Zwijgzaam";
const CALLERS: usize = 50;

#[test]
fn the_shipped_server_keeps_no_word_of_an_answer_in_its_memory() {
    let installation = Installation::new().with_tenant(TENANT);
    let path = open_round(&installation);
    let token = std::fs::read_to_string(installation.data.join("token")).unwrap();
    let mut server = Command::new(zegel_bin())
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(&installation.data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).unwrap().split_whitespace().next().unwrap();
    let words: Vec<Vec<u8>> =
        (0..CALLERS).map(|caller| format!("Zwijgwoord{caller:04}Qz").into_bytes()).collect();
    for (caller, word) in words.iter().enumerate() {
        answer(address, &path, token.trim(), (caller, &String::from_utf8_lossy(word)));
    }
    let memory = quiet_memory(server.id());
    server.kill().unwrap();
    server.wait().unwrap();
    let Some(memory) = memory else {
        eprintln!("skipped: it takes root to read the memory of another process");
        return;
    };
    let count = |needles: &[Vec<u8>]| -> usize {
        memory.iter().map(|region| needles::find_in(needles, &region.bytes).len()).sum()
    };
    assert_eq!(count(&words), 0, "of {CALLERS} callers");
    assert!(count(&[TENANT.as_bytes().to_vec()]) > 0, "the search is blind");
}

/// Where responses to an open round with one open question go.
fn open_round(installation: &Installation) -> String {
    let file = installation.beside("survey.json");
    let survey = r#"{"title": "t", "questions": [{"text": "Why?", "kind": "open"}]}"#;
    std::fs::write(&file, survey).unwrap();
    let define = ["survey", "define", "--file", file.to_str().unwrap()];
    let survey = installation.of(TENANT, &define);
    let survey = survey["id"].as_str().unwrap();
    let open = ["survey", "open", "--survey", survey, "--name", "one"];
    let round = installation.of(TENANT, &open);
    let tenants = installation.ask(&["show", "tenants"]);
    let tenant = tenants[0]["tenant"].as_str().unwrap();
    format!("/v1/tenants/{tenant}/rounds/{}/responses", round["id"].as_str().unwrap())
}

fn answer(address: &str, path: &str, token: &str, (caller, word): (usize, &str)) {
    let body = format!(r#"{{"group":"x","answers":[{{"text":"{word}"}}]}}"#);
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         idempotency-key: {caller}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 201"), "{said}");
}

/// Memory once the server has nothing to do.
fn quiet_memory(pid: u32) -> Option<Vec<Region>> {
    std::thread::park_timeout(Duration::from_secs(1));
    of_process(pid)
}
