//! Where fuzzing begins: golden bytes, and what the product itself writes.

use std::path::Path;

use record::checkpoint::Checkpoint;
use record::note::NoteSigner;
use record::tree::TreeHead;
use record::{
    CommandId, EventKind, Hash, Header, JournalId, LeafId, Origin, PartHeader, PartKind, Record,
    ScopeId, Seq, TimestampMicros, body_digest,
};

use crate::bundles;

/// Seeds of each target that has any; the others begin with nothing.
#[must_use]
pub fn all() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let records = [record(1), record(2), record(3)];
    let headers: Vec<_> = records.iter().map(|record| record.header.encode()).collect();
    let records: Vec<_> = records.iter().map(Record::encode).collect();
    let framed: Vec<_> = records.iter().map(|record| journal::trial::guard_frame(record)).collect();
    vec![
        ("record_header", headers),
        ("record", records.clone()),
        ("public_part", golden("public")),
        ("event", golden("facts")),
        ("tree_proof", vec![vec![9, 3, 4, 0], vec![64, 63, 32, 1, 2], vec![7; 120]]),
        ("note", notes()),
        ("bundle_text", bundles::texts()),
        ("key_entries", entries()),
        ("key_page", vec![vec![3; 200]]),
        ("key_tree", tree()),
        ("key_slot", vec![vec![4, 0, 9, 1], vault::trial::slot_of(4, &[7; 32], 2).unwrap()]),
        ("guard", vec![framed.concat(), framed[0].clone(), b"ZGguard1".to_vec()]),
        (
            "store",
            vec![[&[0, 0, 0, 4][..], b"abcd"].concat(), [b"r".as_slice(), &[1; 26]].concat()],
        ),
        ("snapshot", vec![b"zegel-snapshot\0\x02".to_vec()]),
        ("backup", vec![shipment()]),
        ("escrow", escrow()),
        ("bundle_tar", vec![bundles::genuine_tar()]),
        ("bundle", (0..8).map(|how| vec![how, 3, 1, 0, 40, 7, 0]).collect()),
        ("import", imports()),
        ("request_parts", parts()),
        ("http", requests()),
        ("command_line", command_lines()),
    ]
}

/// A header with parts of both kinds, and its bodies.
fn record(parts: u8) -> Record {
    let bodies: Vec<Vec<u8>> = (0..parts).map(|n| vec![n; if n == 0 { 20 } else { 112 }]).collect();
    let part = |(n, body): (u8, &Vec<u8>)| PartHeader {
        kind: if n == 0 { PartKind::Public } else { PartKind::Sealed },
        leaf: LeafId::from_bytes([n; 16]),
        scope: ScopeId::from_bytes([n; 16]),
        length: if n == 0 { 20 } else { 64 },
        digest: body_digest(body),
    };
    let header = Header {
        origin: Origin::first(JournalId::from_bytes([1; 16])),
        seq: Seq(7),
        recorded_at: TimestampMicros(1_700_000_000_000_000),
        kind: EventKind::new("survey.response-submitted", 1).unwrap(),
        command: CommandId::from_bytes([5; 16]),
        salt: [6; 16],
        previous: Hash([8; 32]),
        parts: (0..).zip(&bodies).map(part).collect(),
    };
    Record { header, bodies }
}

/// Golden bytes in the form that the targets take: the kind, the length of the facts, the parts.
fn golden(first: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/golden");
    let mut files: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let mut seeds = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "hex")) {
        let text = std::fs::read_to_string(file).unwrap();
        let parts: Vec<(&str, Vec<u8>)> = text.lines().filter_map(part).collect();
        let Some((kind, facts)) = parts.first() else { continue };
        if !kind.starts_with(first) {
            continue;
        }
        let rest: Vec<u8> = parts.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        let length = u8::try_from(facts.len()).unwrap_or(u8::MAX);
        // Which event it is shows in the name; trying each is as good, and needs no table.
        for chosen in 0..12 {
            let lead = if first == "public" { vec![chosen] } else { vec![chosen, length] };
            seeds.push([lead, rest.clone()].concat());
        }
    }
    seeds
}

fn part(line: &str) -> Option<(&str, Vec<u8>)> {
    let (kind, digits) = line.split_once(' ')?;
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some((kind, (0..digits.len()).step_by(2).map_while(byte).collect()))
}

fn notes() -> Vec<Vec<u8>> {
    let signer = NoteSigner::new("zegel.example/school", &[1; 32]).unwrap();
    let origin = Origin::first(JournalId::from_bytes([3; 16]));
    let checkpoint = Checkpoint { origin, head: TreeHead { size: 9, root: Hash([4; 32]) } };
    let texts = [
        checkpoint.sign(&signer).to_string(),
        checkpoint.text(),
        signer.vkey().to_string(),
        origin.to_string(),
    ];
    texts.map(String::into_bytes).to_vec()
}

fn entries() -> Vec<Vec<u8>> {
    let shared = [vec![2, 1], vec![9; 82]].concat();
    let mixed = [vec![2, 3], vec![8; 48], vec![4], vec![7; 48], vec![5], vec![1; 16]].concat();
    vec![vec![2], shared, mixed]
}

/// A tenant page with one branch, that with another, that with one page of one fence.
fn tree() -> Vec<Vec<u8>> {
    let child = |node: u64| [&node.to_be_bytes()[..], &[0; 8], &[7; 32]].concat();
    let tenant = [&[0][..], &9u64.to_be_bytes(), &[1; 16], &[2; 16], &child(1)].concat();
    let pages = [
        tenant,
        [&[1][..], &child(2)].concat(),
        [&[1][..], &child(3)].concat(),
        [&[2, 5][..], &[4; 16]].concat(),
    ];
    let framed = pages
        .iter()
        .flat_map(|page| [&u16::try_from(page.len()).unwrap().to_be_bytes()[..], page].concat());
    vec![framed.collect(), vec![0, 41, 0]]
}

fn shipment() -> Vec<u8> {
    let page = [&1u64.to_be_bytes()[..], &2u64.to_be_bytes(), &[0, 0, 0, 3], b"abc"].concat();
    let head =
        [b"ZGship01".as_slice(), &[7; 16], &3u64.to_be_bytes(), &40u64.to_be_bytes()].concat();
    [&head[..], &[0, 0, 0, 2], b"xy", &[0, 0, 0, 1], &page, &[0, 0, 0, 0]].concat()
}

fn escrow() -> Vec<Vec<u8>> {
    let identities: Vec<_> = (0..2).map(|_| escrow::Identity::generate().unwrap()).collect();
    let recipients: Vec<_> = identities.iter().map(escrow::Identity::recipient).collect();
    let file = escrow::seal(&recipients, b"secret").unwrap();
    vec![file, recipients[0].to_string().into_bytes(), identities[0].to_text().as_bytes().to_vec()]
}

fn imports() -> Vec<Vec<u8>> {
    let row = format!("1,2,1,0,4{}\n", ",3".repeat(28));
    vec![
        row.clone().into_bytes(),
        format!("{row}{row}\"1\",2").into_bytes(),
        b"instr,class".to_vec(),
    ]
}

fn parts() -> Vec<Vec<u8>> {
    let texts = [
        r#"{"group":"3a","answers":[null,{"score":4},{"choice":0},{"text":"t\u00e9"}]}"#,
        "group=klas+3%C3%A9",
        "nl-NL;q=0.8, en;q=0.5",
        "application/json; charset=utf-8",
        "02020202020202020202020202020202",
        "Bearer f00dfacef00dface",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

fn requests() -> Vec<Vec<u8>> {
    let id = "02020202020202020202020202020202";
    let auth = "Host: h\r\nAuthorization: Bearer f00dfacef00dface\r\n";
    let body = r#"{"group":"3a","answers":[{"score":4},{"text":"fine"}]}"#;
    let post = format!(
        "POST /v1/tenants/{id}/rounds/{id}/responses HTTP/1.1\r\n{auth}Content-Type: application/json\r\n\
         Idempotency-Key: k-1\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let texts = [
        "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n".repeat(3),
        "GET /readyz HTTP/1.0\r\n\r\n".into(),
        "HEAD /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".into(),
        post.clone(),
        post.replace("Content-Length", "Transfer-Encoding: chunked\r\nContent-Length"),
        post.replace("Content-Length", "Expect: 100-continue\r\nContent-Length"),
        format!("GET /v1/tenants/{id}/rounds/{id}/analysis?group=3a HTTP/1.1\r\n{auth}\r\n"),
        format!("GET /v1/tenants/{id}/checkpoint HTTP/1.1\r\n{auth}Accept-Language: nl\r\n\r\n"),
        "GET http://h/healthz HTTP/1.1\r\nHost: h\r\n\r\n".into(),
        "OPTIONS * HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n".into(),
    ];
    texts.map(String::into_bytes).to_vec()
}

fn command_lines() -> Vec<Vec<u8>> {
    let lines = [
        "init\0--data\0d\0--guard\0g",
        "--json\0erase\0--data\0d\0--tenant\0t\0--subject\x000202020202020202020202020202020\0--yes",
        "verify\0b\0--key\0k\0--previous\0p",
        "serve\0--data\0d\0--listen\x00127.0.0.1:1",
        "survey\0open\0--data\0d\0--tenant\0t\0--survey\0s\0--name\0n\0--floor\x007",
        "show\0journal\0--data\0d\0--tenant\0t\0--from\x001\0--most\x002",
        "--help",
        "backup\0--help",
    ];
    lines.map(|line| line.as_bytes().to_vec()).to_vec()
}
