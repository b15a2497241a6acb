//! The directory of an installation: settings, verifying key, token, the operator's reference.
//!
//! ```text
//! DIR/db/        the sled database          DIR/settings.json  where the guard is, who acts
//! DIR/keys/      key slots, signing key     DIR/vkey           what auditors pin
//! DIR/guard/     the guard, by default      DIR/token          what the HTTP API asks for
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use engine::{Clock, Engine, Escrow, Paths};
use record::{ActorId, JournalId};
use serde::{Deserialize, Serialize};

use crate::environment;

/// A shorter token can be guessed; an empty one would let everybody in.
const TOKEN_CHARACTERS_MIN: usize = 32;
/// A bent bit is missed once in four thousand million times.
const CHECK_DIGITS: usize = 8;

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
    /// Where sealed roots go, and to whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    escrow: Option<EscrowSettings>,
}

/// Where sealed roots go, to whom, and when older ones are gone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EscrowSettings {
    pub(crate) directory: PathBuf,
    pub(crate) recipients: Vec<String>,
    pub(crate) days: u16,
}

impl Home {
    /// Makes a new installation.
    pub(crate) fn create(
        directory: &Path,
        guard: Option<PathBuf>,
        clock: Clock,
    ) -> anyhow::Result<(Self, Engine)> {
        if directory.join("settings.json").exists() {
            bail!("{} holds an installation already", directory.display());
        }
        if is_partial(directory) {
            bail!("{}", partial(directory));
        }
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
        let home = Self::with_guard(directory, guard)?;
        let engine = Engine::create(home.paths()?, clock)?;
        home.write_missing(&engine.vkey())?;
        // CRASH: without this file the directory is no installation; remove it and repeat.
        write_private(&home.settings_file(), &home.settings_text()?)?;
        Ok((home, engine))
    }

    /// The settings that are here, or new ones for an installation that is to be put back.
    pub(crate) fn find_or_make(directory: &Path, guard: Option<PathBuf>) -> anyhow::Result<Self> {
        if directory.join("settings.json").exists() {
            if guard.is_some() {
                bail!("--guard: {} says where the guard is", directory.display());
            }
            return Self::find(directory);
        }
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
        let home = Self::with_guard(directory, guard)?;
        write_private(&home.settings_file(), &home.settings_text()?)?;
        Ok(home)
    }

    fn with_guard(directory: &Path, guard: Option<PathBuf>) -> anyhow::Result<Self> {
        let guard = guard_directory(guard)?;
        let actor = with_check(&ActorId::from_bytes(random()?).to_string());
        let settings = Settings { guard, actor, escrow: None };
        Ok(Self { directory: directory.to_owned(), settings })
    }

    /// Writes the files that can be made anew, where they are missing.
    pub(crate) fn write_missing(&self, vkey: &str) -> anyhow::Result<()> {
        if !self.token_file().exists() {
            let half = || random().map(JournalId::from_bytes);
            let token = with_check(&format!("{}{}", half()?, half()?));
            write_private(&self.token_file(), &format!("{token}\n"))?;
        }
        let file = self.directory.join("vkey");
        if !file.exists() {
            write_private(&file, &format!("{vkey}\n"))?;
        }
        Ok(())
    }

    /// Keeps where sealed roots go from here on.
    pub(crate) fn set_escrow(mut self, escrow: EscrowSettings) -> anyhow::Result<()> {
        self.settings.escrow = Some(escrow);
        self.paths()?;
        let new = self.directory.join("settings.json.new");
        let _left_by_a_crash = fs::remove_file(&new);
        write_private(&new, &self.settings_text()?)?;
        fs::rename(&new, self.settings_file()).context("cannot replace settings.json")?;
        File::open(&self.directory)?.sync_all().context("cannot sync the directory")
    }

    fn settings_file(&self) -> PathBuf {
        self.directory.join("settings.json")
    }

    fn settings_text(&self) -> anyhow::Result<String> {
        Ok(format!("{}\n", serde_json::to_string_pretty(&self.settings)?))
    }

    /// Finds an installation.
    pub(crate) fn find(directory: &Path) -> anyhow::Result<Self> {
        let file = directory.join("settings.json");
        let text = fs::read_to_string(&file).map_err(|error| {
            let directory_name = directory.display();
            match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotADirectory if is_partial(directory) => {
                    anyhow!("{}", partial(directory))
                }
                ErrorKind::NotFound | ErrorKind::NotADirectory => anyhow!(
                    "no installation in {directory_name}: `zegel init --data DIR` makes one"
                ),
                _ => anyhow!("cannot read {}: {error}", file.display()),
            }
        })?;
        let settings = serde_json::from_str(&text)
            .with_context(|| format!("{} is not what `zegel init` wrote", file.display()))?;
        Ok(Self { directory: directory.to_owned(), settings })
    }

    /// Opens its engine; whatever a crash left is finished first.
    pub(crate) fn open(directory: &Path) -> anyhow::Result<(Self, Engine)> {
        let home = Self::find(directory)?;
        let engine = Engine::open(home.paths()?, environment::clock()).with_context(|| {
            let directory = directory.display();
            format!("{directory} does not open (docs/guides/operator.md says what to do)")
        })?;
        Ok((home, engine))
    }

    /// The directory itself.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where everything stands.
    ///
    /// # Errors
    /// If the escrow in the settings breaks a rule.
    pub(crate) fn paths(&self) -> anyhow::Result<Paths> {
        let escrow =
            self.settings.escrow.as_ref().map(|escrow| {
                Escrow::new(escrow.directory.clone(), &escrow.recipients, escrow.days)
            });
        let escrow = escrow.transpose().context("the escrow in settings.json")?;
        let guard = self.directory.join(&self.settings.guard);
        Ok(Paths::under(&self.directory).with_guard(guard).with_escrow(escrow))
    }

    /// Who acts when the command line names nobody.
    pub(crate) fn actor(&self) -> anyhow::Result<ActorId> {
        unbent(&self.settings.actor)
            .and_then(ActorId::from_hex)
            .context("settings.json: `actor` is not an id of 32 hexadecimal digits, or was changed")
    }

    /// The token of the HTTP API.
    pub(crate) fn token(&self) -> anyhow::Result<String> {
        let file = self.token_file();
        let again = "write 64 random hexadecimal digits into it, readable for its owner only";
        let text = fs::read_to_string(&file)
            .with_context(|| format!("cannot read {} ({again})", file.display()))?;
        let token = text.trim().to_owned();
        if unbent(&token).is_none() {
            bail!("{} holds something else than `zegel init` wrote: {again}", file.display());
        }
        if token.len() < TOKEN_CHARACTERS_MIN {
            bail!("{} is shorter than {TOKEN_CHARACTERS_MIN} characters: {again}", file.display());
        }
        Ok(token)
    }

    /// The verifying key as it stands beside the database, if it does.
    pub(crate) fn written_vkey(&self) -> Option<String> {
        fs::read_to_string(self.directory.join("vkey")).ok().map(|text| text.trim().to_owned())
    }

    fn token_file(&self) -> PathBuf {
        self.directory.join("token")
    }
}

/// What is meant by `--guard`: seen from where the command runs, and kept from there.
///
/// It is made first, so that a place that cannot be written to leaves nothing half done.
fn guard_directory(wanted: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let Some(wanted) = wanted else { return Ok(PathBuf::from("guard")) };
    let guard = std::path::absolute(&wanted)
        .with_context(|| format!("--guard: {} is no path", wanted.display()))?;
    fs::create_dir_all(&guard)
        .with_context(|| format!("--guard: cannot make {}", guard.display()))?;
    Ok(guard)
}

/// Whether something of an installation is here, without its settings.
fn is_partial(directory: &Path) -> bool {
    directory.join("keys/signing.key").exists() || directory.join("db/db").exists()
}

fn partial(directory: &Path) -> String {
    format!(
        "{} holds part of an installation, without settings.json: put that file back; only if \
         `zegel init` failed here and nothing was recorded, remove the directory and repeat",
        directory.display()
    )
}

/// Hexadecimal digits, with more that tell whether a bit of them was bent since.
fn with_check(digits: &str) -> String {
    format!("{digits}-{}", check_of(digits))
}

fn check_of(digits: &str) -> String {
    let hash = blake3::hash(digits.as_bytes()).to_hex();
    hash.chars().take(CHECK_DIGITS).collect()
}

/// The digits that were written; what a person wrote by hand need not have check digits.
fn unbent(text: &str) -> Option<&str> {
    let (digits, good) = match text.split_once('-') {
        Some((digits, check)) => (digits, check == check_of(digits)),
        None => (text, true),
    };
    (good && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digits)
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
