//! HTML, read by Python's own parser.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use report::{CONTENT_SECURITY_POLICY, Language, STYLE, STYLE_HASH};
use sha2::{Digest as _, Sha256};

use crate::sample;
use crate::tools::{hex, python, written};

#[test]
fn python_reads_the_same_text() {
    let report = sample::report(60);
    let (_folder, path) = written("report.html", report.html().as_bytes());
    let Some(found) = python(include_str!("readers/html.py"), "html.parser", &path) else { return };
    let document = report.document();
    let mut expected = vec!["lang nl".to_owned()];
    let mut say = |tag: &str, text: &str| expected.push(format!("{tag} {}", hex(text)));
    say("title", &document.title);
    say("h1", &document.title);
    say("p", &document.subject);
    for (label, value) in [
        ("Uitgegeven door", document.issuer.as_str()),
        ("Opgemaakt op", "2026-11-27 00:30 +01:00"),
        ("Kenmerk", document.reference.as_str()),
    ] {
        say("dt", label);
        say("dd", value);
    }
    say("h2", "Wat er is");
    say("p", "Eerste alinea.\nMet een tweede regel.");
    say("dt", "School");
    say("dd", "De <Wilg>");
    say("li", "punt één");
    say("li", "punt twee");
    say("h2", "Tabellen");
    say("h3", "Alle rijen");
    for table in sample::tables(&report) {
        say("caption", &table.caption);
        table.columns.iter().for_each(|column| say("th", &column.name));
        let cells = table.rows.iter().flatten();
        cells.for_each(|cell| say("td", &cell.shown(Language::Dutch)));
        say("p", &table.note);
    }
    let found: Vec<&str> = found.iter().map(|line| line.trim_end()).collect();
    let expected: Vec<&str> = expected.iter().map(|line| line.trim_end()).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_policy_names_the_style() {
    let hash = format!("sha256-{}", STANDARD.encode(Sha256::digest(STYLE)));
    assert_eq!(STYLE_HASH, hash);
    assert!(CONTENT_SECURITY_POLICY.contains(&format!("style-src '{hash}'")));
    let html = sample::report(0).html();
    assert!(html.contains(&format!("<style>{STYLE}</style>")));
    assert_eq!(html.matches("<style").count(), 1);
}

#[test]
fn hostile_text_stays_text() {
    let html = sample::report(20).html();
    assert!(!html.contains("<script") && !html.contains("<b>"));
    assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &lt;td&gt;"));
    assert!(html.contains("[U+0000][U+0007][U+202E]omgekeerd[U+2066]"));
}
