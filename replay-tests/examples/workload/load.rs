//! The load: responses, people, links, imports, erasures, ended scopes and tenants, exports, and
//! snapshots, which every erasure destroys.
//!
//! *Invariant:* a line is printed only after the engine has answered; what may change is printed
//! before the engine is asked.

use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use engine::{
    Answer, Engine, EngineError, ErasureRequest, Fault, ImportOutcome, ImportPlan, ImportRow,
    Request, RoundId,
};
use events::Identity;
use record::public::{Cut, ErasureApproved};
use record::{ActorId, CommandId, JournalId, OrderId, Seq, SubjectId};
use replay_tests::dice::Xorshift;
use rules::{Command, ImportStage, Stage};

use crate::installation::{QUESTIONS, open_or_create, open_round, state_word, stored};

/// Out of so many turns, one is of each rare kind below and two erase people.
const KINDS: u64 = 40;
/// Most people of one erasure, besides their pseudonyms.
const ERASED_MAX: u64 = 4;
/// Rows of one import, which have names.
const IMPORT_ROWS: u64 = 6;
/// Erasures that a full disk must still allow, one after the other.
const ERASURES_WHEN_FULL: u64 = 3;
const ORDERS: ActorId = ActorId::from_bytes([1; 16]);
const APPROVES: ActorId = ActorId::from_bytes([2; 16]);

type Failure = Box<dyn Error>;

/// Opens or makes an installation and works on it, `turns` times or until it is cut.
///
/// # Errors
/// Whatever the engine refuses.
pub(crate) fn write(directory: &Path, seed: u64, turns: u64) -> Result<(), Failure> {
    let (mut load, mut random) = (Load::take_up(directory)?, Xorshift::new(seed));
    load.resume_import()?;
    for _ in 0..turns {
        load.turn(&mut random)?;
    }
    println!("done");
    Ok(())
}

/// Everything that is done at all, once or twice and in a fixed order: the canonical workload.
///
/// # Errors
/// Whatever the engine refuses.
pub(crate) fn canon(directory: &Path) -> Result<(), Failure> {
    let (mut load, mut random) = (Load::take_up(directory)?, Xorshift::new(1));
    load.resume_import()?;
    for count in [1, 8] {
        load.respond(load.round, count)?;
        load.register(&mut random)?;
    }
    load.import()?;
    load.engine.keep_snapshot(load.tenant)?;
    load.erase(&mut random)?;
    load.register(&mut random)?;
    for _ in 0..2 {
        load.engine.keep_snapshot(load.tenant)?;
    }
    load.end_scope()?;
    load.pass_tenant()?;
    load.export()?;
    load.erase(&mut random)?;
    load.engine.publish_with_digests()?;
    load.engine.keep_snapshot(load.tenant)?;
    println!("done");
    Ok(())
}

/// Works until the disk is full, and then erases: that must still be possible.
///
/// # Errors
/// Whatever the engine refuses, except ordinary work for want of space.
pub(crate) fn fill(directory: &Path, seed: u64, turns: u64) -> Result<(), Failure> {
    let (mut load, mut random) = (Load::take_up(directory)?, Xorshift::new(seed));
    for turn in 0..turns {
        let done = if turn == 0 { load.resume_import() } else { load.turn(&mut random) };
        match done {
            Err(error) if is_no_space(&*error) => {
                say([format!("note refused {error}")].into_iter())?;
                for _ in 0..ERASURES_WHEN_FULL {
                    load.erase(&mut random)?;
                }
                break;
            }
            done => done?,
        }
    }
    println!("done");
    Ok(())
}

/// Whether ordinary work was refused for want of space, or the file of an export found none.
fn is_no_space(error: &(dyn Error + 'static)) -> bool {
    match error.downcast_ref() {
        Some(EngineError::NoSpace) => true,
        Some(EngineError::Fault(Fault::Bundle(reason))) => reason.contains("No space left"),
        _ => false,
    }
}

struct Load {
    engine: Engine,
    directory: PathBuf,
    tenant: JournalId,
    round: RoundId,
    /// Not erased, as far as we know.
    people: Vec<SubjectId>,
    /// Not linked to anybody, nor erased.
    pseudonyms: Vec<SubjectId>,
}

impl Load {
    /// Goes on where an earlier run was cut: orders that wait are approved, everybody may be erased.
    fn take_up(directory: &Path) -> Result<Self, Failure> {
        let (engine, tenant, round) = open_or_create(directory)?;
        let directory = directory.to_owned();
        let (people, pseudonyms) = (Vec::new(), Vec::new());
        let mut load = Self { engine, directory, tenant, round, people, pseudonyms };
        for order in load.engine.tenant(tenant)?.state().orders_in(Stage::Ordered) {
            let state = load.engine.tenant(tenant)?.state();
            let targets = state.order(order).map(|order| order.targets.clone());
            let parts = load.parts_of(&targets.unwrap_or_default())?;
            say(parts.iter().map(|part| format!("also {part} erased")))?;
            load.approve(order, &parts)?;
        }
        let held = load.engine.subjects(tenant)?;
        load.people = held.iter().filter_map(|row| SubjectId::from_hex(&row.subject)).collect();
        Ok(load)
    }

    /// Ends an import that was begun.
    fn resume_import(&mut self) -> Result<(), Failure> {
        let begun =
            self.engine.tenant(self.tenant)?.state().import_stage(&import_name(self.imports()?));
        if matches!(begun, Some(ImportStage::Started { .. })) { self.import() } else { Ok(()) }
    }

    fn turn(&mut self, random: &mut Xorshift) -> Result<(), Failure> {
        match random.below(KINDS) {
            0 | 1 => self.erase(random)?,
            2 => self.import()?,
            3 => self.end_scope()?,
            4 => self.export()?,
            5 if random.below(2) == 0 => self.pass_tenant()?,
            6..=12 => self.register(random)?,
            13 => {
                self.engine.keep_snapshot(self.tenant)?;
            }
            _ => {
                let count = match random.below(4) {
                    0 | 1 => 1,
                    2 => 8,
                    _ => 64,
                };
                self.respond(self.round, count)?;
            }
        }
        Ok(self.engine.publish_if_due()?)
    }

    fn respond(&mut self, round: RoundId, count: u64) -> Result<(), Failure> {
        let mut requests = Vec::new();
        let mut pseudonyms = Vec::new();
        for number in 0..count {
            let pseudonym = self.engine.fresh_subject()?;
            pseudonyms.push(pseudonym);
            let (group, answers) = (format!("class {}", number % 14), answers(count));
            requests.push(Command::SubmitResponse {
                round,
                pseudonym,
                group,
                answers,
                import: None,
            });
        }
        self.execute(requests)?;
        if round == self.round {
            self.pseudonyms.extend(pseudonyms);
        }
        Ok(())
    }

    /// Registers a person and links a response to them.
    fn register(&mut self, random: &mut Xorshift) -> Result<(), Failure> {
        let person = self.engine.fresh_subject()?;
        let scope = self.engine.permanent_scope(self.tenant)?;
        let name = format!("Invented {}", replay_tests::names::in_letters(&person.to_string()));
        let identity = Identity { name, email: None };
        self.execute(vec![Command::RegisterPerson { person, scope, identity, import: None }])?;
        self.people.push(person);
        let Some(pseudonym) = random.take(&mut self.pseudonyms) else { return Ok(()) };
        let round = self.round;
        self.execute(vec![Command::LinkRespondent { round, person, pseudonym, import: None }])
    }

    fn execute(&mut self, commands: Vec<Command>) -> Result<(), Failure> {
        let mut requests = Vec::new();
        for command in commands {
            let id = CommandId::from_bytes(*self.engine.fresh_subject()?.as_bytes());
            requests.push(Request { id, command });
        }
        let before = self.size();
        let done = self.engine.execute(self.tenant, &requests)?;
        done.into_iter().collect::<Result<Vec<_>, _>>()?;
        self.acknowledge(before)
    }

    /// Imports responses of named people, under the next free name.
    fn import(&mut self) -> Result<(), Failure> {
        let (number, before) = (self.imports()?, self.size());
        let row = |row: u64| ImportRow {
            group: format!("class {}", row % 2),
            answers: answers(row),
            identity: Some(Identity { name: format!("Invented {number}-{row}"), email: None }),
        };
        let rows: Vec<_> = (0..IMPORT_ROWS).map(row).collect();
        let name = import_name(number);
        let plan = ImportPlan { name: &name, round: self.round, rows: &rows };
        match self.engine.import(self.tenant, &plan, &mut |_, _| {})? {
            ImportOutcome::Completed { .. } => {}
            ImportOutcome::AlreadyHandled => return Err("handled already".into()),
        }
        say([format!("ack import/{number} completed")].into_iter())?;
        self.acknowledge(before)
    }

    /// How many imports were completed; the next one has this number.
    fn imports(&self) -> Result<u64, Failure> {
        let state = self.engine.tenant(self.tenant)?.state();
        let completed = |number: &u64| {
            matches!(state.import_stage(&import_name(*number)), Some(ImportStage::Completed))
        };
        Ok((0..).take_while(completed).count().try_into()?)
    }

    /// A round of its own, with responses, closed and published; then its answers' term ends.
    fn end_scope(&mut self) -> Result<(), Failure> {
        let before = self.size();
        let (round, scope) = open_round(&mut self.engine, self.tenant, "passing")?;
        self.respond(round, IMPORT_ROWS)?;
        self.engine.close_round(self.tenant, round)?;
        self.acknowledge(before)?;
        let targets = vec![Cut::Scope(scope)];
        let parts = self.parts_of(&targets)?;
        self.carry_out(targets, &parts)
    }

    /// A tenant that begins and ends.
    fn pass_tenant(&mut self) -> Result<(), Failure> {
        let passing = self.engine.start_tenant("passing")?;
        let ground = "contract-end".to_owned();
        let targets = vec![Cut::Tenant];
        let request = ErasureRequest { targets, ground, ordered_by: ORDERS, four_eyes: true };
        let order = self.engine.order_erasure(passing, request)?;
        self.engine.approve_erasure(passing, ErasureApproved { order, approved_by: APPROVES })?;
        say([format!("ack tenant/{passing} ended")].into_iter())
    }

    fn export(&mut self) -> Result<(), Failure> {
        let bundle = self.directory.join("bundle.tar");
        if bundle.exists() {
            fs::remove_file(&bundle)?;
        }
        self.engine.export_bundle(self.tenant, &bundle, &mut |_, _| {})?;
        Ok(fs::remove_file(bundle)?)
    }

    fn erase(&mut self, random: &mut Xorshift) -> Result<(), Failure> {
        let chosen: Vec<_> =
            (0..=random.below(ERASED_MAX)).filter_map(|_| random.take(&mut self.people)).collect();
        // A pseudonym may be gone with the person it was linked to.
        let mut targets: Vec<_> = chosen.into_iter().map(Cut::Subject).collect();
        targets.retain(|target| self.parts_of(&[*target]).is_ok_and(|parts| !parts.is_empty()));
        if targets.is_empty() {
            return Ok(());
        }
        let parts = self.parts_of(&targets)?;
        self.carry_out(targets, &parts)
    }

    fn carry_out(&mut self, targets: Vec<Cut>, parts: &[String]) -> Result<(), Failure> {
        say(parts.iter().map(|part| format!("also {part} erased")))?;
        let ground = "art-17".to_owned();
        let request = ErasureRequest { targets, ground, ordered_by: ORDERS, four_eyes: true };
        let order = self.engine.order_erasure(self.tenant, request)?;
        self.approve(order, parts)
    }

    fn approve(&mut self, order: OrderId, parts: &[String]) -> Result<(), Failure> {
        let approval = ErasureApproved { order, approved_by: APPROVES };
        let receipt = self.engine.approve_erasure(self.tenant, approval)?;
        let row = stored(&self.engine, self.tenant, Seq(receipt.seq))?;
        let record = format!("ack record/{} {}", receipt.seq, row.record_hash);
        say([record, format!("ack order/{order} {}", receipt.seq)].into_iter())?;
        say(parts.iter().map(|part| format!("ack {part} erased")))
    }

    /// Everything that goes with these people and scopes.
    fn parts_of(&self, targets: &[Cut]) -> Result<Vec<String>, Failure> {
        let tenant = self.engine.tenant(self.tenant)?;
        let mut parts = Vec::new();
        for target in targets {
            match target {
                Cut::Subject(subject) => {
                    let items = self.engine.find(tenant, *subject)?.into_iter();
                    parts.extend(items.map(|item| format!("part/{}/{}", item.seq, item.part)));
                }
                Cut::Scope(scope) => parts.extend(self.parts_in(&scope.to_string())?),
                _ => {}
            }
        }
        Ok(parts)
    }

    fn parts_in(&self, scope: &str) -> Result<Vec<String>, Failure> {
        let (mut parts, mut from) = (Vec::new(), 0);
        while from < self.size() {
            let rows = self.engine.journal_rows(self.tenant, Seq(from), u64::MAX)?;
            for row in &rows {
                let numbered = row.parts.iter().enumerate();
                let within = numbered.filter(|(_, part)| part.scope == scope);
                parts.extend(within.map(|(number, _)| format!("part/{}/{number}", row.seq)));
            }
            from = rows.last().map_or(self.size(), |row| row.seq + 1);
        }
        Ok(parts)
    }

    fn size(&self) -> u64 {
        let id = self.tenant.to_string();
        let tenants = self.engine.tenants();
        tenants.iter().find(|row| row.tenant == id).map_or(0, |row| row.records)
    }

    /// Says all records from `before` on, with the state of their parts.
    fn acknowledge(&self, before: u64) -> Result<(), Failure> {
        let rows = self.engine.journal_rows(self.tenant, Seq(before), u64::MAX)?;
        let mut out = io::BufWriter::new(io::stdout().lock());
        for row in rows {
            writeln!(out, "ack record/{} {}", row.seq, row.record_hash)?;
            for (number, part) in row.parts.iter().enumerate() {
                writeln!(out, "ack part/{}/{number} {}", row.seq, state_word(part.state))?;
            }
        }
        Ok(out.flush()?)
    }
}

/// The name of an import.
#[must_use]
pub(crate) fn import_name(number: u64) -> String {
    format!("import {number}")
}

fn answers(of: u64) -> Vec<Answer> {
    let score = |question: u64| Answer::Score(u8::try_from(question % 5 + 1).unwrap_or(1));
    (0..QUESTIONS).map(|number| score(number + of)).collect()
}

fn say(lines: impl Iterator<Item = String>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}
