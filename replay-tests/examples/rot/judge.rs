//! Opens what was damaged and looks at all of it, as an operator would who runs `doctor`.

use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use engine::{Clock, Engine, Paths};
use record::{JournalId, Seq, TimestampMicros};

use crate::damage::{Files, damage, link_reserve, read_all, write_all};
use crate::saved::Saved;

/// Long after the installation was made, and always the same.
const NOW: TimestampMicros = TimestampMicros(4_102_444_800_000_000);

/// One damage in so many is followed by a declared restore from a backup, and by one from a plain
/// copy, each of which must give everything back.
const RESTORE_EVERY: u64 = 20;

static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The installation, and the same as it was earlier.
pub(crate) struct Places<'a> {
    pub(crate) directory: &'a Path,
    pub(crate) older: &'a Path,
}

/// Damages and judges, one number after the other; says so for each.
///
/// # Errors
/// If the undamaged installation is not good, or nothing can be written.
pub(crate) fn work(
    places: Places<'_>,
    seed: u64,
    numbers: Range<u64>,
    rolled_back: bool,
) -> Result<(), Box<dyn Error>> {
    let pristine = read_all(places.directory)?;
    let older = read_all(places.older)?;
    let beside = places.directory.parent().ok_or("no parent")?;
    let place = beside.join(format!("rot-{}", std::process::id()));
    let outside = beside.join(format!("saved-{}", std::process::id()));
    note_panics();
    let saved = Saved::make(&outside, &pristine)?;
    write_all(&place, &pristine)?;
    link_reserve(places.directory, &place)?;
    let expected = look(&place)?;
    for number in numbers {
        let mut files = pristine.clone();
        let mut damage = damage(&mut files, &older, seed, number);
        if rolled_back {
            (files, damage.kind) = (older.clone(), "rolled back");
        }
        let (kind, file, at) = (damage.kind, damage.file.display(), damage.at);
        println!("begin\t{number}\t{kind}\t{file}\t{at}");
        io::stdout().flush()?;
        // A new directory: whatever an engine still holds open is of the old one.
        fs::remove_dir_all(&place)?;
        write_all(&place, &files)?;
        link_reserve(places.directory, &place)?;
        let (mut outcome, text) = judge(&place, &expected, files == pristine);
        if number % RESTORE_EVERY == 0 {
            if !saved.gives_all_back(&place)? {
                outcome = "not restored from the backup";
            }
            if !restores(&place, &pristine, &expected)? {
                outcome = "not restored from the copy";
            }
        }
        println!("end\t{number}\t{outcome}\t{}", text.replace(['\n', '\t'], " "));
    }
    fs::remove_dir_all(&place)?;
    fs::remove_dir_all(&outside)?;
    Ok(())
}

/// Whether a plain copy from before, put back whole, gives everything back.
fn restores(place: &Path, copy: &Files, expected: &str) -> Result<bool, Box<dyn Error>> {
    fs::remove_dir_all(place)?;
    write_all(place, copy)?;
    Ok(look(place)? == expected)
}

fn judge(place: &Path, expected: &str, same: bool) -> (&'static str, String) {
    let looked = catch_unwind(AssertUnwindSafe(|| look(place)));
    let panics = std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner));
    let (outcome, text) = match looked {
        Err(_) => return ("panicked", panics.join("; ")),
        Ok(Ok(found)) if found == expected => ("harmless", String::new()),
        Ok(Ok(_)) if same => ("harmless", "nothing was changed, and yet".to_owned()),
        Ok(Ok(_)) => ("silent", String::new()),
        Ok(Err(error)) => {
            let text = error.to_string();
            (if has_place(&text, place) { "named" } else { "unnamed" }, text)
        }
    };
    (outcome, format!("{text} {}", panics.join("; ")).trim().to_owned())
}

/// Whether a message says where: a file, a record, a page or a journal.
fn has_place(text: &str, place: &Path) -> bool {
    let file = place.to_str().is_some_and(|place| text.contains(place));
    let numbered = |word: &str| {
        let after = text.split(word).skip(1);
        after.into_iter().any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let key = text.contains("keys/signing.key");
    // Which journal: by its id, which is the name of its slots and its guard.
    let journal = text.split("journal ").skip(1).any(|rest| {
        rest.get(..32).is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    file || key || ["record ", "page ", "byte "].into_iter().any(numbered) || journal
}

/// Everything that can be read, as one digest; an error if anything says that something is wrong.
fn look(place: &Path) -> Result<String, Box<dyn Error>> {
    let mut engine = Engine::open(Paths::under(place), clock())?;
    let health = engine.health()?;
    if let Some(grave) = health.findings.iter().find(|finding| finding.grave && !finding.good) {
        return Err(grave.text.clone().into());
    }
    let mut seen = blake3::Hasher::new();
    let mut see = |text: String| {
        seen.update(text.as_bytes()).update(b"\n");
    };
    see(engine.vkey());
    for row in engine.tenants() {
        let id = JournalId::from_hex(&row.tenant).ok_or("no tenant")?;
        let replayed = engine.replay_check(id, None, &mut |_| {})?;
        if !replayed.verdict.is_good() {
            return Err(format!("journal {id}: replay says {:?}", replayed.verdict).into());
        }
        see(format!("{row:?} {:?}", engine.journal_rows(id, Seq(0), u64::MAX)?));
        see(format!("{:?}", engine.key_state(id)?.epoch));
        if !row.ended {
            see(format!("{:?}", engine.subjects(id)?));
        }
        see(format!("{:?}", engine.tenant(id)?.views().erasures().list().erasures));
    }
    Ok(seen.finalize().to_string())
}

/// Stands still.
pub(crate) fn clock() -> Clock {
    Clock::new(|| NOW)
}

/// Keeps what panics say, of the engine's own threads too, instead of printing it.
fn note_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let thread = std::thread::current().name().unwrap_or("?").to_owned();
        let line = format!("[panic in {thread}: {panic}]");
        PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }));
}
