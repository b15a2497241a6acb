//! Imports: many rows under one name, all or nothing, resumed under the same ids.
//!
//! *Invariant:* a row's ids come from a random key and the row number, never from what the row says.
//! *Invariant:* where rows have names, that key and the order of everything come from a secret that
//! dies with the identity scope: after it, nobody can tell which answer stood in which row.
//! *Invariant:* rows count only from `ImportCompleted` on (docs/format/events.md).

use events::{
    About, Answer, Event, Identity, ImportEvent, ImportId, PeopleEvent, RoundId, SurveyEvent,
};
use record::public::{Cut, ErasureApproved, TARGETS_MAX};
use record::{ActorId, CommandId, JournalId, ScopeId, Seq, SubjectId};
use rules::{Command, ImportHolder, ImportStage, Refusal};
use zeroize::Zeroizing;

use crate::engine::Engine;
use crate::erase::{ErasureRequest, Receipt};
use crate::execute::{EngineError, Fault, Request, repeated};
use crate::model::open_event;
use crate::signing::{fill_random, random16};

/// Rows that share one commit: about a megabyte of records.
const ROWS_PER_COMMIT: usize = 1_024;
/// Most rows of one import.
pub const IMPORT_ROWS_MAX: usize = 1_000_000;

/// What is imported into which round.
#[derive(Debug)]
pub struct ImportPlan<'a> {
    /// Names the import for ever: repeating a completed name is «already handled».
    pub name: &'a str,
    /// An open round.
    pub round: RoundId,
    /// In the order of the source.
    pub rows: &'a [ImportRow],
}

/// One response, and whose it is if the source says so.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportRow {
    /// The group it counts in.
    pub group: String,
    /// One answer to each question.
    pub answers: Vec<Answer>,
    /// The respondent.
    pub identity: Option<Identity>,
}

/// What became of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// All rows count from now on.
    Completed {
        /// Rows of the source.
        rows: usize,
        /// Records that an interrupted run had appended before.
        resumed: usize,
    },
    /// An import of this name was completed before; nothing was appended.
    AlreadyHandled,
}

/// Random ids of one import.
struct Ids {
    import: ImportId,
    /// Held by the identity scope; without names nothing secret is kept, and the id stands in.
    seed: Zeroizing<[u8; 32]>,
    named: bool,
}

impl Ids {
    fn without_names(import: ImportId) -> Self {
        let seed = blake3::derive_key("zegel 2026-11 import rows v1", import.as_bytes());
        Self { import, seed: Zeroizing::new(seed), named: false }
    }
}

impl Engine {
    /// Imports rows; killed at any moment, a repetition goes on where it stopped.
    ///
    /// # Errors
    /// [`EngineError`] when a rule refuses a row: nothing of the import counts then.
    pub fn import(
        &mut self,
        id: JournalId,
        plan: &ImportPlan<'_>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<ImportOutcome, EngineError> {
        let state = self.tenant(id)?.state();
        let ids = match state.import_stage(plan.name) {
            Some(ImportStage::Completed) => return Ok(ImportOutcome::AlreadyHandled),
            Some(ImportStage::Started { import, seq }) => self.resumed_ids(id, import, seq)?,
            Some(ImportStage::Abandoned) | None => self.start_import(id, plan)?,
        };
        if ids.named != has_names(plan) {
            return Err(EngineError::CommandReused);
        }
        let round = self.tenant(id)?.state().round(plan.round);
        let scope = round.ok_or(Refusal::UnknownRound)?.identity_scope;
        let requests = requests_of(plan, &ids, scope);
        self.check_recorded(id, &requests)?;
        let total = requests.len();
        let (mut done, mut resumed) = (0, 0);
        let mut requests = requests.into_iter();
        loop {
            let group: Vec<_> = requests.by_ref().take(ROWS_PER_COMMIT).collect();
            if group.is_empty() {
                break;
            }
            let answers = self.execute(id, &group)?;
            for answer in answers {
                resumed += usize::from(answer?.repeated);
                done += 1;
            }
            self.publish_if_due()?;
            progress(done, total);
        }
        let command = Command::CompleteImport { import: ids.import };
        self.execute_one(id, Request { id: CommandId::from_bytes(random16()?), command })?;
        self.checkpoint(id)?;
        Ok(ImportOutcome::Completed { rows: plan.rows.len(), resumed })
    }

    /// What an interrupted run recorded must be the same now, before anything else is added: a row
    /// of another file in the place of a missing one could never be taken back.
    fn check_recorded(&self, id: JournalId, requests: &[Request]) -> Result<(), EngineError> {
        let tenant = self.tenant(id)?;
        let mut requests = requests.iter();
        requests.try_for_each(|request| repeated(&self.store, tenant, request).map(|_| ()))
    }

    fn start_import(&mut self, id: JournalId, plan: &ImportPlan<'_>) -> Result<Ids, EngineError> {
        let mut ids = Ids::without_names(ImportId::from_bytes(random16()?));
        if has_names(plan) {
            ids.named = true;
            fill_random(ids.seed.as_mut_slice())?;
        }
        let holder = SubjectId::from_bytes(random16()?);
        let command = Command::StartImport {
            import: ids.import,
            name: plan.name.to_owned(),
            round: plan.round,
            rows: u32::try_from(plan.rows.len()).unwrap_or(u32::MAX),
            identities: ids.named.then(|| ImportHolder { holder, seed: *ids.seed }),
        };
        self.execute_one(id, Request { id: CommandId::from_bytes(random16()?), command })?;
        Ok(ids)
    }

    /// Reads the secret of an unfinished import back from its first record.
    fn resumed_ids(&self, id: JournalId, import: ImportId, seq: Seq) -> Result<Ids, EngineError> {
        let tenant = self.tenant(id)?;
        let record = self.store.read(id, seq).map_err(Fault::from)?;
        match open_event(tenant.vault.as_ref(), &record)? {
            Some(Event::Import(ImportEvent::ImportStarted(started))) => match started.identities {
                None => Ok(Ids::without_names(import)),
                Some(About::Known { value, .. }) => {
                    Ok(Ids { import, seed: Zeroizing::new(value.seed), named: true })
                }
                Some(About::Gone { .. }) => Err(EngineError::NothingKept),
            },
            _ => Err(Fault::Format.into()),
        }
    }
}

fn has_names(plan: &ImportPlan<'_>) -> bool {
    plan.rows.iter().any(|row| row.identity.is_some())
}

/// All requests of an import: people, responses and links, each in a secret order of their own.
///
/// A link never stands beside its answer, and no order tells which person gave which answer: that
/// of the source would, to whoever knows it is alphabetical. Without names it is kept.
fn requests_of(plan: &ImportPlan<'_>, ids: &Ids, scope: ScopeId) -> Vec<Request> {
    let named: Vec<usize> = plan
        .rows
        .iter()
        .enumerate()
        .filter_map(|(row, content)| content.identity.is_some().then_some(row))
        .collect();
    let people = shuffled(&named, &ids.seed, "order of people");
    let links = shuffled(&named, &ids.seed, "order of links");
    let rows: Vec<usize> = (0..plan.rows.len()).collect();
    let answers = if ids.named { shuffled(&rows, &ids.seed, "order of answers") } else { rows };
    let registrations = people.into_iter().filter_map(|row| register(plan, ids, scope, row));
    let responses = answers.into_iter().filter_map(|row| submit(plan, ids, row));
    let links = links.into_iter().map(|row| link(plan, ids, row));
    registrations.chain(responses).chain(links).collect()
}

fn register(plan: &ImportPlan<'_>, ids: &Ids, scope: ScopeId, row: usize) -> Option<Request> {
    let identity = plan.rows.get(row)?.identity.clone()?;
    let person = SubjectId::from_bytes(derive(&ids.seed, "person", row));
    let command = Command::RegisterPerson { person, scope, identity, import: Some(ids.import) };
    Some(Request { id: CommandId::from_bytes(derive(&ids.seed, "register", row)), command })
}

fn submit(plan: &ImportPlan<'_>, ids: &Ids, row: usize) -> Option<Request> {
    let content = plan.rows.get(row)?;
    let command = Command::SubmitResponse {
        round: plan.round,
        pseudonym: pseudonym(ids, row),
        group: content.group.clone(),
        answers: content.answers.clone(),
        import: Some(ids.import),
    };
    Some(Request { id: CommandId::from_bytes(derive(&ids.seed, "submit", row)), command })
}

fn link(plan: &ImportPlan<'_>, ids: &Ids, row: usize) -> Request {
    let person = SubjectId::from_bytes(derive(&ids.seed, "person", row));
    let command = Command::LinkRespondent {
        round: plan.round,
        person,
        pseudonym: pseudonym(ids, row),
        import: Some(ids.import),
    };
    Request { id: CommandId::from_bytes(derive(&ids.seed, "link", row)), command }
}

fn pseudonym(ids: &Ids, row: usize) -> SubjectId {
    SubjectId::from_bytes(derive(&ids.seed, "pseudonym", row))
}

/// Sixteen bytes that nobody without the key can tell from random ones.
fn derive(key: &[u8; 32], purpose: &str, row: usize) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(b"zegel 2026-11 import v1").update(purpose.as_bytes()).update(&[0]);
    hasher.update(&(row as u64).to_be_bytes());
    let mut bytes = [0u8; 16];
    hasher.finalize_xof().fill(&mut bytes);
    bytes
}

/// The rows in an order that only the seed tells: sorted by a keyed hash of their number.
fn shuffled(rows: &[usize], seed: &[u8; 32], purpose: &str) -> Vec<usize> {
    let mut rows = rows.to_vec();
    rows.sort_by_cached_key(|row| derive(seed, purpose, *row));
    rows
}

impl Engine {
    /// Gives an unfinished import up: its rows never count, and its leaves are cut.
    ///
    /// # Errors
    /// [`EngineError`] when there is no unfinished import of that name.
    pub fn abandon_import(
        &mut self,
        id: JournalId,
        name: &str,
        actor: ActorId,
    ) -> Result<Vec<Receipt>, EngineError> {
        let Some(ImportStage::Started { import, .. }) = self.tenant(id)?.state().import_stage(name)
        else {
            return Err(Refusal::UnknownImport.into());
        };
        let leaves = self.leaves_of_import(id, import)?;
        let mut orders = Vec::new();
        for targets in leaves.chunks(TARGETS_MAX) {
            let request = ErasureRequest {
                targets: targets.to_vec(),
                ground: "import-abandoned".to_owned(),
                ordered_by: actor,
                four_eyes: false,
            };
            orders.push(self.order_erasure(id, request)?);
        }
        // CRASH: the orders stand and wait for an approval; none of the rows is forgotten unseen.
        let command = Command::AbandonImport { import };
        self.execute_one(id, Request { id: CommandId::from_bytes(random16()?), command })?;
        let approve = |order| {
            let approval = ErasureApproved { order, approved_by: actor };
            self.approve_erasure(id, approval)
        };
        orders.into_iter().map(approve).collect()
    }

    /// Every leaf with a key that the rows of an import were sealed under.
    fn leaves_of_import(&self, id: JournalId, import: ImportId) -> Result<Vec<Cut>, Fault> {
        let tenant = self.tenants.get(&id).ok_or(Fault::NoTenant)?;
        let facts = tenant.vault()?.facts_leaf();
        let size = self.store.size(id);
        let mut leaves = std::collections::BTreeSet::new();
        for record in self.store.scan(id, Seq(0), Seq(size)) {
            let record = record?;
            let event = open_event(tenant.vault.as_ref(), &record)?;
            if event.is_some_and(|event| import_of(&event) == Some(import)) {
                let rows = record.keys().map(|(leaf, _)| leaf);
                leaves.extend(rows.filter(|leaf| *leaf != facts && tenant.holds_leaf(*leaf)));
            }
        }
        Ok(leaves.into_iter().map(Cut::Leaf).collect())
    }
}

/// The import that an event is a row of.
fn import_of(event: &Event) -> Option<ImportId> {
    match event {
        Event::People(PeopleEvent::PersonRegistered(event)) => event.import,
        Event::Survey(SurveyEvent::ResponseSubmitted(event)) => event.import,
        Event::Survey(SurveyEvent::RespondentLinked(event)) => event.import,
        Event::Import(ImportEvent::ImportStarted(event)) => Some(event.import),
        _ => None,
    }
}
