//! A backup with its escrow and its guard, made before anything is damaged and restored afterwards.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use engine::{Engine, Escrow, Identity, Paths, RestorePlan};
use record::{ActorId, JournalId, Seq};

use crate::damage::{Files, read_all, write_all};
use crate::judge::clock;

type Failure = Box<dyn Error>;

/// What stands outside the installation, and what was in it.
pub(crate) struct Saved {
    backup: PathBuf,
    escrow: Escrow,
    holder: String,
    guard: Files,
    sizes: Vec<(JournalId, u64)>,
    content: String,
}

impl Saved {
    /// Ships the roots of a copy of an installation and backs it up, all below `directory`.
    ///
    /// # Errors
    /// Whatever the engine says.
    pub(crate) fn make(directory: &Path, pristine: &Files) -> Result<Self, Failure> {
        let site = directory.join("site");
        write_all(&site, pristine)?;
        let holders = [Identity::generate()?, Identity::generate()?];
        let recipients: Vec<_> = holders.iter().map(|one| one.recipient().to_string()).collect();
        let escrow = Escrow::new(directory.join("escrow"), &recipients, 30)?;
        let paths = Paths::under(&site).with_escrow(Some(escrow.clone()));
        let mut engine = Engine::open(paths, clock())?;
        engine.ship_all()?;
        let backup = directory.join("backup");
        engine.backup(&backup, true, &mut |_| {})?;
        let size = |row: engine::TenantSummary| {
            JournalId::from_hex(&row.tenant).map(|id| (id, row.records)).ok_or("no tenant")
        };
        let sizes = engine.tenants().into_iter().map(size).collect::<Result<Vec<_>, _>>()?;
        let content = content(&engine, &sizes)?;
        drop(engine);
        let guard = read_all(&site.join("guard"))?;
        fs::remove_dir_all(&site)?;
        let [holder, _] = holders.map(|holder| holder.to_text().to_string());
        Ok(Self { backup, escrow, holder, guard, sizes, content })
    }

    /// Whether a declared restore in the place of what was damaged gives everything back.
    ///
    /// # Errors
    /// Whatever the engine says.
    pub(crate) fn gives_all_back(&self, place: &Path) -> Result<bool, Failure> {
        fs::remove_dir_all(place)?;
        for (within, bytes) in &self.guard {
            let path = place.join("guard").join(within);
            fs::create_dir_all(path.parent().ok_or("no parent")?)?;
            fs::write(path, bytes)?;
        }
        let paths = Paths::under(place).with_escrow(Some(self.escrow.clone()));
        let plan = RestorePlan {
            backup: self.backup.clone(),
            escrow: Some(self.escrow_directory()),
            identities: Identity::parse_file(&self.holder)?,
            ground: "disk-damaged".to_owned(),
            approved_by: ActorId::from_bytes([3; 16]),
            only: None,
        };
        engine::restore(&paths, &clock(), &plan)?;
        // Without the escrow from here on: every trial restores from the same one.
        let engine = Engine::open(Paths::under(place), clock())?;
        Ok(content(&engine, &self.sizes)? == self.content)
    }

    fn escrow_directory(&self) -> PathBuf {
        self.backup.with_file_name("escrow")
    }
}

/// The records that there were, with the state of each part, and whose keys there are.
fn content(engine: &Engine, sizes: &[(JournalId, u64)]) -> Result<String, Failure> {
    let mut seen = blake3::Hasher::new();
    for (id, size) in sizes {
        let mut rows = engine.journal_rows(*id, Seq(0), u64::MAX)?;
        rows.retain(|row| row.seq < *size);
        seen.update(format!("{id} {rows:?}").as_bytes());
        if !engine.tenant(*id)?.has_ended() {
            seen.update(format!("{:?}", engine.subjects(*id)?).as_bytes());
        }
    }
    Ok(seen.finalize().to_string())
}
