//! Escrow: the newest root of each tenant, sealed to outside holders, replaced at every cut
//! (docs/format/backup.md §3).
//!
//! *Invariant:* a new root is shipped with its pages before it is written to a slot.
//! *Invariant:* a shipment that fails or hangs delays a cut by its limit and never stops it; the
//! receipt, `doctor` and `/readyz` then say that the escrow is stale.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::escrow::{KeyError, Recipient};
use journal::Store;
use record::note::NoteSigner;
use record::{JournalId, PageKey};
use thiserror::Error;
use vault::{PreparedCut, RootCopy, Vault};
use zeroize::Zeroizing;

use crate::doctor::{Finding, NO_ESCROW, STALE_ESCROW};
use crate::engine::Engine;
use crate::execute::Fault;
use crate::outside;
use crate::paths::Paths;
use crate::places::Places;
use crate::shipment::{Shipment, ShipmentHead};
use crate::tenant::Tenant;

/// A receipt's backup days when an older root copy could not be replaced: no term is promised.
pub const NO_TERM: u16 = u16::MAX;
/// Longest term, in days.
const DAYS_MAX: u16 = 365;
/// Fewest and most holders.
const HOLDERS_MIN: usize = 2;
const HOLDERS_MAX: usize = 20;
/// How long a mount that does not answer may delay a cut.
const LIMIT: Duration = Duration::from_secs(10);
/// How long a stale escrow waits for the next attempt.
const RETRY_AFTER_MICROS: u64 = 600 * 1_000_000;

/// Where sealed roots are shipped, to whom, and when older copies are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escrow {
    directory: PathBuf,
    recipients: Vec<Recipient>,
    days: u16,
}

/// Why a setting is no escrow.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EscrowError {
    /// A recipient is no key.
    #[error("recipient {0}: {1}")]
    Recipient(usize, KeyError),
    /// Too few or too many holders, or one twice.
    #[error("escrow takes {HOLDERS_MIN} to {HOLDERS_MAX} different recipients")]
    Holders,
    /// No term, or one beyond a year.
    #[error("days: 1 to {DAYS_MAX}")]
    Days,
}

impl Escrow {
    /// An escrow in a directory, preferably of another machine, sealed to these recipients.
    ///
    /// # Errors
    /// [`EscrowError`] naming what breaks a rule.
    pub fn new(directory: PathBuf, recipients: &[String], days: u16) -> Result<Self, EscrowError> {
        let parse = |(at, text): (usize, &String)| {
            Recipient::parse(text).map_err(|error| EscrowError::Recipient(at + 1, error))
        };
        let recipients = recipients.iter().enumerate().map(parse).collect::<Result<Vec<_>, _>>()?;
        let distinct: BTreeSet<&Recipient> = recipients.iter().collect();
        let holders = HOLDERS_MIN..=HOLDERS_MAX;
        if distinct.len() != recipients.len() || !holders.contains(&recipients.len()) {
            return Err(EscrowError::Holders);
        }
        if days == 0 || days > DAYS_MAX {
            return Err(EscrowError::Days);
        }
        Ok(Self { directory, recipients, days })
    }

    /// Where the newest shipment of a tenant stands.
    fn file(&self, id: JournalId) -> PathBuf {
        shipped(&self.directory, id)
    }
}

/// How the escrow of one tenant stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Standing {
    /// There is none.
    #[default]
    Unset,
    /// It holds the root in force.
    Fresh,
    /// It does not, for this reason.
    Stale(String),
}

/// The shipment of a tenant in an escrow directory.
pub(crate) fn shipped(directory: &Path, id: JournalId) -> PathBuf {
    directory.join(format!("{id}.escrow"))
}

/// The sealed signing key in an escrow directory.
pub(crate) fn installation(directory: &Path) -> PathBuf {
    directory.join("installation.age")
}

/// Ships what a prepared cut is about to put in force.
pub(crate) fn ship_cut(
    (paths, signer): (&Paths, &NoteSigner),
    store: &Store,
    id: JournalId,
    vault: &Vault,
    prepared: &PreparedCut,
) -> Standing {
    ship((paths, signer), store, id, &prepared.root_copy(), vault.page_keys_after(prepared))
}

fn ship(
    (paths, signer): (&Paths, &NoteSigner),
    store: &Store,
    id: JournalId,
    root: &RootCopy,
    keys: BTreeSet<PageKey>,
) -> Standing {
    let Some(escrow) = &paths.escrow else { return Standing::Unset };
    let shipped = load((escrow, signer), store, id, root, keys)
        .and_then(|bytes| replace_within(LIMIT, escrow.file(id), bytes));
    match shipped {
        Ok(()) => Standing::Fresh,
        Err(reason) => {
            tracing::warn!(%reason, "the escrow is stale: a root could not be shipped");
            Standing::Stale(reason)
        }
    }
}

fn load(
    (escrow, signer): (&Escrow, &NoteSigner),
    store: &Store,
    id: JournalId,
    root: &RootCopy,
    keys: BTreeSet<PageKey>,
) -> Result<Vec<u8>, String> {
    let mut secret = Zeroizing::new(id.as_bytes().to_vec());
    secret.extend_from_slice(&root.encode());
    let sealed_root =
        ::escrow::seal(&escrow.recipients, &secret).map_err(|error| error.to_string())?;
    let head = ShipmentHead { journal: id, epoch: root.epoch(), size: store.size(id) };
    let pages = pages_of(store, id, keys).map_err(|fault| fault.to_string())?;
    Ok(Shipment { head, sealed_root, pages, note: Vec::new() }.signed(signer).encode())
}

/// The stored bytes of these pages.
pub(crate) fn pages_of(
    store: &Store,
    id: JournalId,
    keys: impl IntoIterator<Item = PageKey>,
) -> Result<std::collections::BTreeMap<PageKey, Vec<u8>>, Fault> {
    let page = |key| Ok((key, store.page(id, key)?.ok_or(Fault::NoPage(key))?));
    keys.into_iter().map(page).collect()
}

/// What a thread is at work on that nobody waits for any more. Held for a look at the set alone.
static AT_WORK: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn at_work<T>(look: impl FnOnce(&mut BTreeSet<PathBuf>) -> T) -> T {
    look(&mut AT_WORK.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Replaces a file, or says that the place did not answer in time. As long as an earlier thread is
/// at work there, it is not tried again: the older root could be put over the newer one.
fn replace_within(limit: Duration, path: PathBuf, bytes: Vec<u8>) -> Result<(), String> {
    let silent = || "the escrow directory does not answer".to_owned();
    if !at_work(|paths| paths.insert(path.clone())) {
        return Err(silent());
    }
    let (tell, told) = mpsc::channel();
    let late = Arc::new(AtomicBool::new(false));
    let (flag, place) = (Arc::clone(&late), path.clone());
    let job = move || {
        let done = replace(&place, &bytes, &flag);
        at_work(|paths| paths.remove(&place));
        let _nobody_waits = tell.send(done);
    };
    let named = std::thread::Builder::new().name("zegel-escrow".to_owned());
    if let Err(error) = named.spawn(job) {
        at_work(|paths| paths.remove(&path));
        return Err(error.to_string());
    }
    match told.recv_timeout(limit) {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => {
            late.store(true, Ordering::SeqCst);
            Err(silent())
        }
    }
}

fn replace(path: &Path, bytes: &[u8], late: &AtomicBool) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    // Whatever a crash or a failure left beside it goes first, and again if this fails.
    clear_beside(path)?;
    let replaced = replace_under(path, &beside(path)?, bytes, late);
    let cleared = clear_beside(path);
    replaced.and(cleared)?;
    if outside::read(path)? == bytes { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// A name that nothing has and nothing gets again, so that a thread which is late never writes to
/// the file of the next.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let random = crate::signing::random16().map_err(|error| io::Error::other(error.to_string()))?;
    Ok(path.with_extension(format!("{}.new", JournalId::from_bytes(random))))
}

fn replace_under(path: &Path, new: &Path, bytes: &[u8], late: &AtomicBool) -> io::Result<()> {
    let mut file = outside::create_new(new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let old = existing(path)?;
    if late.load(Ordering::SeqCst) {
        return Err(io::ErrorKind::TimedOut.into());
    }
    if let Some(old) = &old {
        // The older root keeps a name until it is overwritten: what fails here is found again.
        match fs::hard_link(path, new.with_extension("old")) {
            // KNOWN GAP: where files have one name each, a failure below is told once and forgotten.
            Err(error) if has_no_links(&error) => {}
            linked => linked?,
        }
        // CRASH: before the rename the older copy stands, after it the newer one; what is left of
        // the other is overwritten at the next opening, before the escrow is called fresh.
        fs::rename(new, path)?;
        outside::sync_directory(path)?;
        return blot(old);
    }
    fs::rename(new, path)?;
    outside::sync_directory(path)
}

fn has_no_links(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied)
}

fn existing(path: &Path) -> io::Result<Option<File>> {
    match outside::open(path, outside::Access::Overwrite) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

/// Overwrites whatever may be a sealed root at the start of a file.
fn blot(old: &File) -> io::Result<()> {
    outside::overwrite_start(old, ShipmentHead::SEALED_END_MAX)
}

/// Overwrites and removes every file beside a shipment that begins with the same name: a root that
/// a crash or a failure left there outlives the erasures of later.
fn clear_beside(path: &Path) -> io::Result<()> {
    let stem = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let kept = path.file_name();
    let directory = path.parent().unwrap_or(Path::new("."));
    let inode = |path: &Path| path.symlink_metadata().map(|found| (found.dev(), found.ino())).ok();
    let standing = inode(path);
    let mut cleared = false;
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let of_it = name.to_str().is_some_and(|name| name.starts_with(stem));
        if of_it && Some(name.as_os_str()) != kept {
            let other = directory.join(&name);
            // Cut short between link and rename: it is a second name of what stands.
            match standing.is_some() && inode(&other) == standing {
                true => fs::remove_file(&other)?,
                false => discard(&other)?,
            }
            cleared = true;
        }
    }
    if cleared { outside::sync_directory(path) } else { Ok(()) }
}

/// Overwrites a file and removes it. Of what has further names only the name goes, unless it is a
/// shipment: an old one has two while it is replaced.
fn discard(path: &Path) -> io::Result<()> {
    if path.symlink_metadata()?.file_type().is_symlink() {
        return fs::remove_file(path);
    }
    let file = outside::open(path, outside::Access::OverwriteOr(&is_shipment))?;
    blot(&file)?;
    fs::remove_file(path)
}

/// Whether a file begins as a shipment does.
fn is_shipment(file: &File) -> bool {
    let mut start = Vec::new();
    file.take(64).read_to_end(&mut start).is_ok() && ShipmentHead::read(&start).is_ok()
}

/// Overwrites and removes the root copies of a tenant that ended.
fn withdraw(path: &Path) -> io::Result<()> {
    if at_work(|paths| paths.contains(path)) {
        return Err(io::ErrorKind::TimedOut.into());
    }
    clear_beside(path)?;
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(_) => {
            discard(path)?;
            outside::sync_directory(path)
        }
    }
}

/// The head of a shipment on disk.
fn head_of(path: &Path) -> Option<ShipmentHead> {
    let mut start = Vec::new();
    outside::open(path, outside::Access::Read).ok()?.take(64).read_to_end(&mut start).ok()?;
    ShipmentHead::read(&start).ok().map(|(head, _)| head)
}

impl Engine {
    /// Ships the root of a tenant that is in force, with its pages.
    pub(crate) fn ship(&mut self, id: JournalId) {
        let Some(tenant) = self.tenants.get_mut(&id) else { return };
        let Some(vault) = &tenant.vault else { return };
        tenant.escrow = match vault.root_copy() {
            Ok(root) => {
                let keys = vault.page_keys().collect();
                ship((&self.paths, &self.signing.signer), &self.store, id, &root, keys)
            }
            Err(error) => Standing::Stale(error.to_string()),
        };
    }

    /// Ships every root anew, and the signing key: after a backup, or when the settings changed.
    ///
    /// # Errors
    /// The reason of the first that could not be shipped.
    pub fn ship_all(&mut self) -> Result<(), String> {
        let Some(escrow) = self.paths.escrow.clone() else { return Ok(()) };
        self.ship_installation(&escrow)?;
        let ids: Vec<JournalId> = self.tenants.keys().copied().collect();
        ids.into_iter().for_each(|id| self.ship(id));
        let mut stale = self.tenants.values().filter_map(Tenant::stale_escrow);
        stale.next().map_or(Ok(()), |reason| Err(reason.to_owned()))
    }

    /// Seals the signing key to the same holders: without it nothing can be signed again.
    fn ship_installation(&self, escrow: &Escrow) -> Result<(), String> {
        let mut secret = Zeroizing::new(self.operator.origin.journal.as_bytes().to_vec());
        let key = outside::read(&self.paths.signing_key()).map(Zeroizing::new);
        let key = key.map_err(|error| error.to_string())?;
        let vkey = NoteSigner::new(self.signing.signer.vkey().name(), &*whole(&key)?);
        // What opened is what record 0 states: nothing else is worth a place in escrow.
        if vkey.map(|signer| signer.vkey()).ok() != Some(self.signing.signer.vkey()) {
            return Err("keys/signing.key is not the key of this installation".to_owned());
        }
        secret.extend_from_slice(&key);
        let sealed =
            ::escrow::seal(&escrow.recipients, &secret).map_err(|error| error.to_string())?;
        replace_within(LIMIT, installation(&escrow.directory), sealed)
    }

    /// At opening: is the shipped root the one in force? If not, ships it.
    pub(crate) fn look_at_escrow(&mut self, id: JournalId) {
        let Some(escrow) = self.paths.escrow.clone() else { return };
        let Some(tenant) = self.tenants.get_mut(&id) else { return };
        let Some(vault) = &tenant.vault else {
            tenant.escrow = withdrawn(&escrow, id);
            return;
        };
        let fresh = |head: ShipmentHead| (head.journal, head.epoch) == (id, vault.epoch());
        let file = escrow.file(id);
        match head_of(&file).is_some_and(fresh) {
            true => tenant.escrow = standing(clear_beside(&file)),
            false => self.ship(id),
        }
        if !installation(&escrow.directory).exists()
            && let Err(reason) = self.ship_installation(&escrow)
        {
            tracing::warn!(%reason, "the signing key could not be shipped");
        }
    }

    /// Before anything is shipped: where it goes is remembered beside the guard.
    pub(crate) fn note_place(&mut self) -> Result<(), Fault> {
        self.places = Places::read(&self.paths.guard)?;
        match &self.paths.escrow {
            Some(escrow) => Ok(self.places.add(&self.paths.guard, &escrow.directory)?),
            None => Ok(()),
        }
    }

    /// Directories besides the one in the settings that may hold sealed roots of this installation.
    #[must_use]
    pub fn escrow_elsewhere(&self) -> Vec<PathBuf> {
        self.places.elsewhere(self.paths.escrow.as_ref().map(|escrow| &*escrow.directory))
    }

    /// Overwrites and removes what lies in other directories than the one in the settings: once the
    /// newest roots are in that one.
    ///
    /// # Errors
    /// The directory that could not be cleared; until it is, receipts promise no term.
    pub fn withdraw_elsewhere(&mut self) -> Result<(), String> {
        for place in self.escrow_elsewhere() {
            let files = self.tenants.keys().map(|id| shipped(&place, *id));
            let mut files = files.chain([installation(&place)]);
            let withdrawn = files.try_for_each(|file| withdraw(&file));
            let said = |error: &dyn std::fmt::Display| format!("{}: {error}", place.display());
            withdrawn.map_err(|error| said(&error))?;
            self.places.leave(&self.paths.guard, &place).map_err(|error| said(&error))?;
        }
        Ok(())
    }

    /// The days that a receipt states, after a cut or the end of a tenant.
    pub(crate) fn backup_days(&mut self, id: JournalId, ended: bool) -> u16 {
        let elsewhere = !self.escrow_elsewhere().is_empty();
        let Some(escrow) = self.paths.escrow.clone() else {
            // An escrow that was set once still opens, whatever the settings say now.
            return if elsewhere { NO_TERM } else { 0 };
        };
        let Some(tenant) = self.tenants.get_mut(&id) else { return NO_TERM };
        if ended {
            tenant.escrow = withdrawn(&escrow, id);
        }
        if tenant.escrow == Standing::Fresh && !elsewhere { escrow.days } else { NO_TERM }
    }

    /// Ships again what is stale, now and then.
    pub(crate) fn mend_escrow(&mut self) {
        let now = self.clock.now().0;
        let stale = |(id, tenant): (&JournalId, &Tenant)| tenant.stale_escrow().map(|_| *id);
        let ids: Vec<JournalId> = self.tenants.iter().filter_map(stale).collect();
        if ids.is_empty() || now.saturating_sub(self.escrow_tried_at.0) < RETRY_AFTER_MICROS {
            return;
        }
        self.escrow_tried_at = record::TimestampMicros(now);
        ids.into_iter().for_each(|id| self.look_at_escrow(id));
    }

    /// What is wrong with the escrow, if anything is.
    #[must_use]
    pub fn escrow_advice(&self) -> Option<&'static str> {
        match self.paths.escrow {
            None => Some(NO_ESCROW),
            Some(_) => self
                .tenants
                .values()
                .any(|tenant| tenant.stale_escrow().is_some())
                .then_some(STALE_ESCROW),
        }
    }

    /// What `doctor` says: every shipment is read whole.
    pub(crate) fn escrow_findings(&self) -> Vec<Finding> {
        let finding =
            |good, grave, text| vec![Finding { subject: "escrow".to_owned(), good, grave, text }];
        let elsewhere: Vec<_> =
            self.escrow_elsewhere().iter().map(|place| place.display().to_string()).collect();
        if !elsewhere.is_empty() {
            let places = elsewhere.join(", ");
            let text = format!(
                "{places} may hold sealed roots that no erasure replaces, and receipts promise no \
                 term: make it reachable and run zegel escrow set or ship"
            );
            return finding(false, self.paths.escrow.is_some(), text);
        }
        let Some(escrow) = &self.paths.escrow else {
            return finding(false, false, NO_ESCROW.to_owned());
        };
        let running = self.tenants.iter().filter(|(_, tenant)| !tenant.has_ended());
        let (mut count, mut behind) = (0, 0);
        for (id, tenant) in running {
            match self.check_shipment(escrow, *id, tenant) {
                Ok(newer) => (count, behind) = (count + 1, behind + newer),
                Err(reason) => {
                    return finding(false, true, format!("{id}: {STALE_ESCROW} ({reason})"));
                }
            }
        }
        if !installation(&escrow.directory).exists() {
            return finding(false, true, "the signing key is not in escrow".to_owned());
        }
        let (holders, days) = (escrow.recipients.len(), escrow.days);
        let text = format!(
            "the roots of {count} tenants are sealed to {holders} holders, {behind} records are \
             newer than the pages beside them; older copies are gone within {days} days"
        );
        finding(true, true, text)
    }

    fn check_shipment(
        &self,
        escrow: &Escrow,
        id: JournalId,
        tenant: &Tenant,
    ) -> Result<u64, String> {
        let bytes = outside::read(&escrow.file(id)).map_err(|error| error.to_string())?;
        let shipment = Shipment::decode(&bytes).map_err(|error| error.to_string())?;
        let epoch = tenant.vault.as_ref().map_or(0, Vault::epoch);
        let head = shipment.head;
        if head.journal != id || head.epoch != epoch || shipment.sealed_root.is_empty() {
            return Err(format!("it holds epoch {}, the root in force is {epoch}", head.epoch));
        }
        if !shipment.is_signed_by(&self.signing.signer.vkey()) {
            return Err("it is not signed by this installation".to_owned());
        }
        Ok(self.store.size(id).saturating_sub(head.size))
    }
}

fn whole(key: &[u8]) -> Result<Zeroizing<[u8; 32]>, String> {
    let key = <[u8; 32]>::try_from(key).map(Zeroizing::new);
    key.map_err(|_| "keys/signing.key has another length".to_owned())
}

fn withdrawn(escrow: &Escrow, id: JournalId) -> Standing {
    standing(withdraw(&escrow.file(id)))
}

fn standing(done: io::Result<()>) -> Standing {
    done.map_or_else(|error| Standing::Stale(error.to_string()), |()| Standing::Fresh)
}

#[cfg(test)]
mod tests;
