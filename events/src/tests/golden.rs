//! Golden bytes of every event version: added, never edited (docs/format/events.md §5).
//!
//! `ZEGEL_WRITE_GOLDEN=1` writes the files of versions that have none yet, and `sha256sum *.hex`
//! gives the list; a file that is there stays as it is.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use record::{Addressee, DraftPart, EventKind};

use crate::samples::{self, Sample};
use crate::{Event, OpenPart};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

fn file_name(sample: &Sample) -> String {
    format!("{}.v{}.hex", sample.name, sample.version)
}

/// One line for each part: to whom, a space, and the bytes in hexadecimal.
fn text(parts: &[DraftPart]) -> String {
    let mut text = String::new();
    for part in parts {
        match part.to {
            Addressee::Public => text.push_str("public "),
            Addressee::Facts => text.push_str("facts "),
            Addressee::Person(label) => write!(text, "person/{} ", label.category.0).unwrap(),
        }
        part.bytes.as_slice().iter().for_each(|byte| write!(text, "{byte:02x}").unwrap());
        text.push('\n');
    }
    text
}

fn write_missing(sample: &Sample) {
    let path = directory().join(file_name(sample));
    if !path.exists() {
        std::fs::write(path, text(&sample.parts)).unwrap();
    }
}

#[test]
fn every_version_has_its_golden_bytes() {
    let write = std::env::var_os("ZEGEL_WRITE_GOLDEN").is_some();
    for sample in samples::all() {
        if write {
            write_missing(&sample);
        }
        let name = file_name(&sample);
        let golden = std::fs::read_to_string(directory().join(&name)).unwrap_or_default();
        assert_eq!(golden, text(&sample.parts), "{name}");
    }
}

/// The digests themselves are held by `crates/tidy`, which knows SHA-256.
#[test]
fn the_sums_name_every_file_and_nothing_else() {
    let sums = std::fs::read_to_string(directory().join("SUMS")).unwrap();
    let listed: Vec<&str> = sums.lines().map(|line| line.split_once("  ").unwrap().1).collect();
    let mut names: Vec<String> = samples::all().iter().map(file_name).collect();
    names.sort();
    assert_eq!(listed, names);
    assert_eq!(std::fs::read_dir(directory()).unwrap().count(), names.len() + 1);
}

#[test]
fn golden_bytes_decode_to_the_current_event() {
    for sample in samples::all() {
        let name = file_name(&sample);
        let golden = std::fs::read_to_string(directory().join(&name)).unwrap();
        let mut parts: Vec<OpenPart> = samples::opened(&sample.parts);
        assert_eq!(parts.len(), golden.lines().count(), "{name}");
        for (part, line) in parts.iter_mut().zip(golden.lines()) {
            let crate::Content::Open { bytes, .. } = &mut part.content else { panic!("{name}") };
            *bytes = record::Plaintext::new(unhex(line.split_once(' ').unwrap().1));
        }
        let kind = EventKind::new(sample.name, sample.version).unwrap();
        assert_eq!(Event::decode(&kind, parts).unwrap(), sample.event, "{name}");
    }
}

#[test]
fn version_1_of_a_response_comes_out_without_an_import() {
    let samples = samples::all();
    let old = samples.iter().find(|sample| sample.version == 1 && sample.name.contains("response"));
    let old = old.unwrap();
    assert_eq!(old.parts[0].bytes.as_slice().len(), 16);
    assert_eq!(old.event, samples::response(None));
    assert_eq!(old.event.kind().version(), 2);
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks_exact(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
