//! Opens what `powercut_writer` left, checks all of it, and prints what it found.
//!
//! Usage: `powercut_checker DIR`. Lines: `have KEY VALUE`. A store that does not open, a broken
//! chain or a torn page ends it with an error.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;

use journal::Store;
use record::{JournalId, Seq};

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args().nth(1).ok_or("usage: powercut_checker DIR")?;
    let store = Store::open(Path::new(&dir), false)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for journal in store.journals() {
        records(&store, journal, &mut out)?;
        pages(&store, journal, &mut out)?;
    }
    out.flush()?;
    Ok(())
}

fn records(
    store: &Store,
    journal: JournalId,
    out: &mut dyn io::Write,
) -> Result<(), Box<dyn Error>> {
    if let Some(damage) = store.damage(journal) {
        return Err(format!("record {} is damaged: {}", damage.seq, damage.flaw).into());
    }
    let head = store.head(journal).ok_or("a journal without a head")?;
    for record in store.scan(journal, Seq(0), Seq(head.size)) {
        let header = record?.header;
        writeln!(out, "have {journal}/{} {}", header.seq, header.record_hash())?;
    }
    Ok(())
}

fn pages(store: &Store, journal: JournalId, out: &mut dyn io::Write) -> Result<(), Box<dyn Error>> {
    for key in store.pages(journal)? {
        let page = store.page(journal, key)?.ok_or("a listed page is missing")?;
        writeln!(out, "have page/{journal}/{} {}", key.node.0, version_of(&page)?)?;
    }
    for key in store.leaflets(journal, 1)? {
        let leaflet = store.leaflet(journal, key)?.ok_or("a listed leaflet is missing")?;
        writeln!(out, "have leaflet/{journal}/{} {}", key.number, version_of(&leaflet)?)?;
    }
    Ok(())
}

/// Reads `version ‖ BLAKE3(rest) ‖ rest`.
fn version_of(bytes: &[u8]) -> Result<u64, Box<dyn Error>> {
    let (version, rest) = bytes.split_first_chunk::<8>().ok_or("too short")?;
    let (sum, rest) = rest.split_first_chunk::<32>().ok_or("too short")?;
    if sum == blake3::hash(rest).as_bytes() {
        Ok(u64::from_be_bytes(*version))
    } else {
        Err("a page or leaflet is torn".into())
    }
}
