//! The directory of an installation: settings, verifying key, token, the operator's reference.
//!
//! ```text
//! DIR/db/        the sled database          DIR/settings.json  where the guard is, who acts
//! DIR/keys/      key slots, signing key     DIR/vkey           what auditors pin
//! DIR/guard/     the guard, by default      DIR/token          what the HTTP API asks for
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use engine::{Engine, Paths};
use record::{ActorId, JournalId};
use serde::{Deserialize, Serialize};

use crate::environment;

/// The directory and its settings.
#[derive(Debug)]
pub(crate) struct Home {
    directory: PathBuf,
    settings: Settings,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Where the guard is kept.
    guard: PathBuf,
    /// The one who acts on this command line, as a random reference.
    actor: String,
}

impl Home {
    /// Makes a new installation.
    pub(crate) fn create(
        directory: &Path,
        guard: Option<PathBuf>,
    ) -> anyhow::Result<(Self, Engine)> {
        if directory.join("settings.json").exists() {
            bail!("{} holds an installation already", directory.display());
        }
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
        let guard = guard.unwrap_or_else(|| PathBuf::from("guard"));
        let actor = ActorId::from_bytes(random()?).to_string();
        let home = Self { directory: directory.to_owned(), settings: Settings { guard, actor } };
        let engine = Engine::create(home.paths(), environment::clock())?;
        let token =
            format!("{}{}", JournalId::from_bytes(random()?), JournalId::from_bytes(random()?));
        write_private(&home.token_file(), &format!("{token}\n"))?;
        write_private(&directory.join("vkey"), &format!("{}\n", engine.vkey()))?;
        let settings = serde_json::to_string_pretty(&home.settings)?;
        // CRASH: without this file the directory is no installation; remove it and repeat.
        write_private(&directory.join("settings.json"), &format!("{settings}\n"))?;
        Ok((home, engine))
    }

    /// Finds an installation.
    pub(crate) fn find(directory: &Path) -> anyhow::Result<Self> {
        let file = directory.join("settings.json");
        let text = fs::read_to_string(&file).with_context(|| {
            format!("no installation in {}: `zegel init --data DIR` makes one", directory.display())
        })?;
        let settings = serde_json::from_str(&text)
            .with_context(|| format!("{} is not what `zegel init` wrote", file.display()))?;
        Ok(Self { directory: directory.to_owned(), settings })
    }

    /// Opens its engine; whatever a crash left is finished first.
    pub(crate) fn open(directory: &Path) -> anyhow::Result<(Self, Engine)> {
        let home = Self::find(directory)?;
        let engine = Engine::open(home.paths(), environment::clock())?;
        Ok((home, engine))
    }

    /// The directory itself.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where everything stands.
    pub(crate) fn paths(&self) -> Paths {
        Paths::under(&self.directory).with_guard(self.directory.join(&self.settings.guard))
    }

    /// Who acts when the command line names nobody.
    pub(crate) fn actor(&self) -> anyhow::Result<ActorId> {
        ActorId::from_hex(&self.settings.actor).context("settings.json: `actor` is not an id")
    }

    /// The token of the HTTP API.
    pub(crate) fn token(&self) -> anyhow::Result<String> {
        let text = fs::read_to_string(self.token_file()).context("cannot read the token file")?;
        Ok(text.trim_end().to_owned())
    }

    fn token_file(&self) -> PathBuf {
        self.directory.join("token")
    }
}

/// Sixteen random bytes.
pub(crate) fn random() -> anyhow::Result<[u8; 16]> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).context("the operating system gives no randomness")?;
    Ok(bytes)
}

fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
