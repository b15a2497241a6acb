//! Commands in, durable events out: decide, mint, seal, append, answer; many commands in one commit.
//!
//! *Invariant:* an answer is given after the commit that holds its events, never before.

use events::{Event, EventError, Place};
use journal::{Append, Batch, CommitError, GuardError, OpenError, ReadError};
use record::public::PublicPart;
use record::{CommandId, DecodeError, JournalId, OrderId, PartHeader, Seq, TimestampMicros};
use rules::{Command, KeptOut, Refusal, Repeat};
use thiserror::Error;
use vault::{Minted, SealError, VaultError};

use crate::engine::Engine;
use crate::erase::KEYS_MAX;
use crate::model::open_event;
use crate::signing::random16;
use crate::tenant::Tenant;

/// Most commands of one commit: bounds how long the first waits for the last.
pub(crate) const GROUP_COMMANDS_MAX: usize = 1_024;
/// A commit takes no further command beyond this: callers must not be able to fill a batch beyond
/// the journal's limit, which refuses it whole.
const GROUP_BYTES: u64 = 8 * 1024 * 1024;

/// Room that ordinary work must find before it begins: more than most groups take.
const ROOM_BYTES: u64 = 1024 * 1024;

/// One command and its id; repeating the id repeats the answer, not the deed.
#[derive(Debug)]
pub struct Request {
    /// Random, or derived from a caller's idempotency key inside the key tree.
    pub id: CommandId,
    /// What is asked.
    pub command: Command,
}

/// A command that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Place of its first event.
    pub seq: Seq,
    /// Whether it was done by an earlier request with the same id.
    pub repeated: bool,
}

/// Why a request was not done.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// A rule says no.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The command id was used for something else.
    #[error("this command id was used before with another content")]
    CommandReused,
    /// No such tenant.
    #[error("no tenant with this id: `zegel show tenants` lists them")]
    UnknownTenant,
    /// The tenant's agreement ended.
    #[error("the agreement of this tenant has ended and its keys are destroyed")]
    TenantEnded,
    /// The name of a tenant breaks its rule.
    #[error("a tenant's name has 1 to 200 bytes and no control or format characters")]
    TenantName,
    /// Nothing is known of this order.
    #[error("no erasure order with this id")]
    UnknownOrder,
    /// Nobody of this id holds any key.
    #[error("nothing of this can be erased by itself: it is unknown, erased already, or permanent")]
    NothingKept,
    /// One receipt cannot list them all.
    #[error("this would destroy {keys} keys, and one receipt lists at most {KEYS_MAX}: split it")]
    TooManyKeys {
        /// How many.
        keys: usize,
    },
    /// A step of the erasure protocol came as an ordinary command.
    #[error("this step is the engine's own: order and approve an erasure instead")]
    OwnStep,
    /// An import row does not fit the round.
    #[error("row {row}: {rule}")]
    ImportRow {
        /// Counted from 1, without the heading.
        row: u32,
        /// What is wrong with it.
        rule: String,
    },
    /// The year of the trail is not open yet.
    #[error("the year of the trail is not open: sign in again")]
    NoTrail,
    /// The database has too little room for ordinary work.
    #[error("too little free space: nothing was written; free some and repeat")]
    NoSpace,
    /// We are broken, not the request.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What is broken.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The database.
    #[error("cannot open the database: {0}")]
    Open(#[from] OpenError),
    /// A read.
    #[error("cannot read the journal: {0}")]
    Read(#[from] ReadError),
    /// A write.
    #[error("cannot write the journal: {0}")]
    Commit(#[from] CommitError),
    /// The guard.
    #[error("the guard disagrees: {0}")]
    Guard(#[from] GuardError),
    /// The key tree.
    #[error("key tree: {0}")]
    Vault(#[from] VaultError),
    /// Sealing.
    #[error("cannot seal: {0}")]
    Seal(#[from] SealError),
    /// A tenant's journal or the operator's does not open.
    #[error("journal {journal}: {fault}")]
    OfJournal {
        /// Which: slot file and guard have this name.
        journal: JournalId,
        /// Why.
        fault: Box<Self>,
    },
    /// The signing key file.
    #[error("the signing key file `keys/signing.key`: {0}")]
    Key(std::io::ErrorKind),
    /// The signing key file holds a key, but not this installation's.
    #[error(
        "the signing key file `keys/signing.key` holds another key than the operator journal \
         names in record 0: put the right file back"
    )]
    OtherKey,
    /// A file of an export.
    #[error("cannot write the bundle: {0}")]
    Bundle(String),
    /// A backup.
    #[error("{0}")]
    Backup(#[from] crate::backup::BackupError),
    /// A page that the key tree names.
    #[error("page {} in generation {} of the key tree is not in the database", .0.node.0, .0.generation)]
    NoPage(record::PageKey),
    /// A restore that did not finish.
    #[error("a restore did not finish: repeat the same `zegel restore`")]
    UnfinishedRestore,
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness")]
    Randomness,
    /// There is an installation here.
    #[error("this directory holds an installation already")]
    AlreadyInstalled,
    /// There is none.
    #[error("no installation here: `zegel init --data DIR` makes one")]
    NotInstalled,
    /// A part was changed, or belongs elsewhere.
    #[error("record {seq}, part {part}: tampered")]
    TamperedPart {
        /// Which record.
        seq: Seq,
        /// Which part.
        part: usize,
    },
    /// An event that cannot be decoded.
    #[error("record {seq}: {error}")]
    Event {
        /// Which record.
        seq: Seq,
        /// Why.
        error: EventError,
    },
    /// A public part that cannot be decoded.
    #[error("record {seq}: {error}")]
    PublicPart {
        /// Which record.
        seq: Seq,
        /// Why.
        error: DecodeError,
    },
    /// Our own bytes break our own format.
    #[error("an event breaks the format")]
    Format,
    /// An erasure that was begun cannot be finished.
    #[error("too little free space to finish an erasure: free some and open again")]
    NoSpace,
    /// An erasure that was begun cannot be finished for another reason.
    #[error("an erasure could not be finished: {0}")]
    Unfinished(String),
    /// The tenant is not open.
    #[error("the tenant is not open")]
    NoTenant,
    /// The tenant has ended.
    #[error("the tenant has ended")]
    Ended,
    /// A rule refused a step that the engine itself takes.
    #[error("the engine's own step was refused: {0}")]
    Step(Refusal),
    /// An earlier fault ended this engine.
    #[error("stopped after an earlier fault: restart to recover")]
    Broken,
}

impl Fault {
    pub(crate) fn of(self, journal: JournalId) -> Self {
        Self::OfJournal { journal, fault: Box::new(self) }
    }
}

impl Engine {
    /// Carries out commands of one tenant, in one commit unless they are very large or more than a
    /// thousand; each has its own answer. Erasures have their own calls, which guard every step.
    ///
    /// # Errors
    /// A [`Fault`] in the outer result: nothing of the group may be taken as done.
    pub fn execute(
        &mut self,
        id: JournalId,
        requests: &[Request],
    ) -> Result<Vec<Result<Done, EngineError>>, EngineError> {
        self.check_alive()?;
        let mut answers = Vec::with_capacity(requests.len());
        while let Some(rest) = requests.get(answers.len()..).filter(|rest| !rest.is_empty()) {
            match self.execute_some(id, rest) {
                Ok(some) => answers.extend(some),
                // What an earlier commit holds stays answered; nothing of the rest was written.
                Err(EngineError::NoSpace) if !answers.is_empty() => {
                    answers.extend(rest.iter().map(|_| Err(EngineError::NoSpace)));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(answers)
    }

    /// Carries out as many of the first commands as one commit takes, at least one.
    fn execute_some(
        &mut self,
        id: JournalId,
        requests: &[Request],
    ) -> Result<Vec<Result<Done, EngineError>>, EngineError> {
        let now = self.clock.now();
        let head = self.store.head(id).ok_or(EngineError::UnknownTenant)?;
        // Refused before anything is touched; only a group that fills the last of the room is
        // refused later, and the tenant then folded anew.
        if !self.store.has_room(ROOM_BYTES).map_err(Fault::from)? {
            return Err(EngineError::NoSpace);
        }
        let tenant = self.tenants.get_mut(&id).ok_or(EngineError::UnknownTenant)?;
        if tenant.has_ended() {
            return Err(EngineError::TenantEnded);
        }
        let now = now.max(head.recorded_at);
        let mut group =
            Group { next: Seq(head.size), now, minted: Vec::new(), bytes: 0, approved: Vec::new() };
        let mut answers = Vec::new();
        for request in requests {
            answers.push(group.answer(&self.store, tenant, request));
            if group.bytes >= GROUP_BYTES || answers.len() >= GROUP_COMMANDS_MAX {
                break;
            }
        }
        // Memory runs ahead of the disk until this returns: after a failure it must not be used.
        let approved = std::mem::take(&mut group.approved);
        self.commit_group(id, group).inspect_err(|error| match error {
            EngineError::NoSpace => {}
            _ => self.broken = true,
        })?;
        self.carry_out_approved(id, &approved)?;
        Ok(answers)
    }

    /// One command.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn execute_one(&mut self, id: JournalId, request: Request) -> Result<Done, EngineError> {
        let answers = self.execute(id, std::slice::from_ref(&request))?;
        answers.into_iter().next().unwrap_or(Err(Fault::Broken.into()))
    }

    fn commit_group(&mut self, id: JournalId, group: Group) -> Result<(), EngineError> {
        if group.minted.is_empty() {
            return Ok(());
        }
        let tenant = self.tenants.get_mut(&id).ok_or(Fault::NoTenant)?;
        let vault = tenant.vault.as_mut().ok_or(Fault::Ended)?;
        let sealed = vault.seal_minted(group.minted).map_err(Fault::from)?;
        let pages = vault.take_page_writes().map_err(Fault::from)?;
        let append = Append {
            origin: tenant.origin(),
            expected: Some(Seq(group.next.0 - sealed.len() as u64)),
            recorded_at: group.now,
            sealed,
        };
        let batch = Batch { appends: vec![append], pages: vec![(id, pages)], ..Batch::default() };
        match self.store.commit(batch) {
            Ok(_) => Ok(()),
            // Refused before anything was written: memory ran ahead and is folded anew.
            Err(CommitError::NoSpace { .. }) => {
                crate::recover::tenant(self, id)?;
                Err(EngineError::NoSpace)
            }
            Err(error) => Err(Fault::Commit(error).into()),
        }
    }
}

/// What one commit will hold.
struct Group {
    next: Seq,
    now: TimestampMicros,
    minted: Vec<Minted>,
    bytes: u64,
    /// Cuts that a command approved with what it did.
    approved: Vec<OrderId>,
}

impl Group {
    fn answer(
        &mut self,
        store: &journal::Store,
        tenant: &mut Tenant,
        request: &Request,
    ) -> Result<Done, EngineError> {
        if is_own_step(&request.command) {
            return Err(EngineError::OwnStep);
        }
        match repeated(store, tenant, request)? {
            Some(done) => Ok(done),
            None => self.carry_out(tenant, request),
        }
    }

    /// Decides, mints and folds one command. Nothing is durable yet: a failed commit ends the
    /// engine, so nobody sees what was folded too early.
    fn carry_out(&mut self, tenant: &mut Tenant, request: &Request) -> Result<Done, EngineError> {
        let first = self.next;
        match rules::decide(&tenant.model.state, &request.command, self.now) {
            Ok(events) => self.append(tenant, request.id, events)?,
            Err(Refusal::KeptOut(kept)) => {
                self.record_kept_out(tenant, &kept)?;
                return Err(Refusal::KeptOut(kept).into());
            }
            Err(refusal) => return Err(refusal.into()),
        }
        Ok(Done { seq: first, repeated: false })
    }

    /// What the gate kept out is counted and named, under an id of its own: the caller's key stays
    /// free. It is durable before the refusal is said, as every event of the group.
    fn record_kept_out(&mut self, tenant: &mut Tenant, kept: &KeptOut) -> Result<(), EngineError> {
        let id = CommandId::from_bytes(random16()?);
        let recorded = Command::Propose(kept.record.clone().into());
        let events = rules::decide(&tenant.model.state, &recorded, self.now)?;
        self.append(tenant, id, events)
    }

    fn append(
        &mut self,
        tenant: &mut Tenant,
        id: CommandId,
        events: Vec<Event>,
    ) -> Result<(), EngineError> {
        let minted = mint_all(tenant, id, events).map_err(refused_if_fenced)?;
        for (event, minted) in minted {
            let place = Place { seq: self.next, recorded_at: self.now, command: id };
            tenant.model.apply(&place, &event);
            if let Some(part) = event.public_part() {
                tenant.model.apply_public(&part);
                self.approved.extend(approval_of(&part));
            }
            self.bytes += minted.headers().map(PartHeader::body_bytes).sum::<u64>();
            self.minted.push(minted);
            self.next = self.next.next();
        }
        Ok(())
    }
}

/// The order that a public part approves.
const fn approval_of(part: &PublicPart) -> Option<OrderId> {
    match part {
        PublicPart::ErasureApproved(approval) => Some(approval.order),
        _ => None,
    }
}

/// Whether only the engine takes this step, in its order and under the guard.
fn is_own_step(command: &Command) -> bool {
    match command {
        Command::Act { does, .. } => does.as_deref().is_some_and(is_own_step),
        Command::StartTenant(_)
        | Command::OrderErasure(_)
        | Command::ApproveErasure(_)
        | Command::ApproveAndFence { .. }
        | Command::FenceErasure(_)
        | Command::RecordReceipt(_)
        | Command::CompleteErasure(_)
        | Command::PurgeParts(_) => true,
        Command::RegisterPerson { .. }
        | Command::Propose(_)
        | Command::EndSync { .. }
        | Command::DefineSurvey { .. }
        | Command::OpenRound { .. }
        | Command::SubmitResponse { .. }
        | Command::LinkRespondent { .. }
        | Command::CloseRound { .. }
        | Command::PublishAnalysis { .. }
        | Command::StartImport { .. }
        | Command::CompleteImport { .. }
        | Command::AbandonImport { .. } => false,
    }
}

/// Mints the keys of all events of a command or of none: half a command is never appended.
fn mint_all(
    tenant: &mut Tenant,
    command: CommandId,
    events: Vec<Event>,
) -> Result<Vec<(Event, Minted)>, Fault> {
    let origin = tenant.origin();
    let vault = tenant.vault.as_mut().ok_or(Fault::Ended)?;
    let mint = |mut event: Event| {
        let minted = vault.mint(origin, event.draft(command))?;
        let headers: Vec<_> = minted.headers().copied().collect();
        event.settle(&headers);
        Ok((event, minted))
    };
    events.into_iter().map(mint).collect()
}

/// Nothing is sealed for who was erased: the rules do not know every pseudonym, the key tree does.
fn refused_if_fenced(fault: Fault) -> EngineError {
    match fault {
        Fault::Seal(SealError::SubjectFenced | SealError::ScopeFenced(_)) => {
            Refusal::AlreadyErased.into()
        }
        // A restore did not bring the key of this term back.
        Fault::Seal(SealError::UnknownScope(_)) => Refusal::ScopeEnded.into(),
        fault => fault.into(),
    }
}

/// Whether the command id was used before, judged by reopening what it caused.
pub(crate) fn repeated(
    store: &journal::Store,
    tenant: &Tenant,
    request: &Request,
) -> Result<Option<Done>, EngineError> {
    let Some(seq) = tenant.model.commands.get(request.id) else { return Ok(None) };
    let done = Some(Done { seq, repeated: true });
    let caused = caused_by(store, tenant, request.id, seq)?;
    if caused.is_empty() {
        // Used earlier in this very group: not durable yet, so it cannot be judged.
        return Err(EngineError::CommandReused);
    }
    match rules::repeats(&request.command, &caused) {
        Repeat::Same | Repeat::Erased => Ok(done),
        Repeat::Different => Err(EngineError::CommandReused),
    }
}

/// The events of one command that are in the journal, from `seq` on.
fn caused_by(
    store: &journal::Store,
    tenant: &Tenant,
    command: CommandId,
    seq: Seq,
) -> Result<Vec<Event>, Fault> {
    let size = store.size(tenant.id());
    let mut events = Vec::new();
    for record in store.scan(tenant.id(), seq, Seq(size)) {
        let record = record?;
        if record.header.command != command {
            break;
        }
        events.extend(open_event(tenant.vault.as_ref(), &record)?);
    }
    Ok(events)
}
