//! The load: responses, people and links are appended, and now and then people are erased.
//!
//! *Invariant:* a line is printed only after the engine has answered; what may change is printed
//! before the engine is asked.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;

use engine::{Answer, Engine, ErasureRequest, Request, RoundId};
use events::Identity;
use record::public::{Cut, ErasureApproved};
use record::{ActorId, CommandId, JournalId, OrderId, Seq, SubjectId};
use rules::{Command, Stage};

use crate::installation::{QUESTIONS, open_or_create, state_word, stored};

/// One turn in so many erases somebody.
const ERASURES_ONE_IN: u64 = 20;
/// Most people of one erasure, besides their pseudonyms.
const ERASED_MAX: u64 = 4;
const ORDERS: ActorId = ActorId::from_bytes([1; 16]);
const APPROVES: ActorId = ActorId::from_bytes([2; 16]);

type Failure = Box<dyn Error>;

/// Opens or makes an installation and works on it, `turns` times or until it is cut.
///
/// # Errors
/// Whatever the engine refuses.
pub(crate) fn write(directory: &Path, seed: u64, turns: u64) -> Result<(), Failure> {
    let mut random = Random(seed.max(1));
    let (engine, tenant, round) = open_or_create(directory)?;
    let mut load = Load { engine, tenant, round, people: Vec::new(), pseudonyms: Vec::new() };
    load.take_up()?;
    for _ in 0..turns {
        match random.below(ERASURES_ONE_IN) {
            0 => load.erase(&mut random)?,
            1..=4 => load.register(&mut random)?,
            _ => load.respond(&mut random)?,
        }
        load.engine.publish_if_due()?;
    }
    println!("done");
    Ok(())
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn take<T>(&mut self, from: &mut Vec<T>) -> Option<T> {
        let length = u64::try_from(from.len()).ok().filter(|length| *length > 0)?;
        Some(from.swap_remove(usize::try_from(self.below(length)).ok()?))
    }
}

struct Load {
    engine: Engine,
    tenant: JournalId,
    round: RoundId,
    /// Not erased, as far as we know.
    people: Vec<SubjectId>,
    /// Not linked to anybody, nor erased.
    pseudonyms: Vec<SubjectId>,
}

impl Load {
    /// Goes on where the power was cut: orders that wait are approved, everybody may be erased.
    fn take_up(&mut self) -> Result<(), Failure> {
        for order in self.engine.tenant(self.tenant)?.state().orders_in(Stage::Ordered) {
            let state = self.engine.tenant(self.tenant)?.state();
            let targets = state.order(order).map(|order| order.targets.clone());
            let parts = self.parts_of(&targets.unwrap_or_default())?;
            say(parts.iter().map(|part| format!("also {part} erased")))?;
            self.approve(order, &parts)?;
        }
        let held = self.engine.subjects(self.tenant)?;
        self.people = held.iter().filter_map(|row| SubjectId::from_hex(&row.subject)).collect();
        Ok(())
    }

    fn respond(&mut self, random: &mut Random) -> Result<(), Failure> {
        let count = match random.below(4) {
            0 | 1 => 1,
            2 => 8,
            _ => 64,
        };
        let mut requests = Vec::new();
        for _ in 0..count {
            let pseudonym = self.engine.fresh_subject()?;
            self.pseudonyms.push(pseudonym);
            let score = |question: u64| Answer::Score(u8::try_from(question % 5 + 1).unwrap_or(1));
            let answers = (0..QUESTIONS).map(|number| score(number + count)).collect();
            let group = format!("class {}", random.below(14));
            let round = self.round;
            requests.push(Command::SubmitResponse {
                round,
                pseudonym,
                group,
                answers,
                import: None,
            });
        }
        self.execute(requests)
    }

    /// Registers a person and links a response to them.
    fn register(&mut self, random: &mut Random) -> Result<(), Failure> {
        let person = self.engine.fresh_subject()?;
        let scope = self.engine.permanent_scope(self.tenant)?;
        let identity = Identity { name: format!("Invented {person}"), email: None };
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
        let done = self.engine.execute(self.tenant, &requests)?;
        let first = done.iter().flatten().map(|done| done.seq).min().ok_or("nothing was done")?;
        self.acknowledge(first, done.into_iter().collect::<Result<Vec<_>, _>>()?.len())
    }

    fn acknowledge(&self, first: Seq, count: usize) -> Result<(), Failure> {
        let rows = self.engine.journal_rows(self.tenant, first, u64::try_from(count)?)?;
        let mut out = io::BufWriter::new(io::stdout().lock());
        for row in rows {
            writeln!(out, "ack record/{} {}", row.seq, row.record_hash)?;
            for (number, part) in row.parts.iter().enumerate() {
                writeln!(out, "ack part/{}/{number} {}", row.seq, state_word(part.state))?;
            }
        }
        Ok(out.flush()?)
    }

    fn erase(&mut self, random: &mut Random) -> Result<(), Failure> {
        let chosen: Vec<_> =
            (0..=random.below(ERASED_MAX)).filter_map(|_| random.take(&mut self.people)).collect();
        // A pseudonym may be gone with the person it was linked to.
        let mut targets: Vec<_> = chosen.into_iter().map(Cut::Subject).collect();
        targets.retain(|target| self.parts_of(&[*target]).is_ok_and(|parts| !parts.is_empty()));
        if targets.is_empty() {
            return Ok(());
        }
        let parts = self.parts_of(&targets)?;
        say(parts.iter().map(|part| format!("also {part} erased")))?;
        let ground = "art-17".to_owned();
        let request = ErasureRequest { targets, ground, ordered_by: ORDERS, four_eyes: true };
        let order = self.engine.order_erasure(self.tenant, request)?;
        self.approve(order, &parts)
    }

    fn approve(&mut self, order: OrderId, parts: &[String]) -> Result<(), Failure> {
        let approval = ErasureApproved { order, approved_by: APPROVES };
        let receipt = self.engine.approve_erasure(self.tenant, approval)?;
        let row = stored(&self.engine, self.tenant, Seq(receipt.seq))?;
        let record = format!("ack record/{} {}", receipt.seq, row.record_hash);
        say([record, format!("ack order/{order} {}", receipt.seq)].into_iter())?;
        say(parts.iter().map(|part| format!("ack {part} erased")))
    }

    /// Everything that goes with these people.
    fn parts_of(&self, targets: &[Cut]) -> Result<Vec<String>, Failure> {
        let tenant = self.engine.tenant(self.tenant)?;
        let mut parts = Vec::new();
        for target in targets {
            let Cut::Subject(subject) = target else { continue };
            let items = self.engine.find(tenant, *subject)?;
            parts.extend(items.into_iter().map(|item| format!("part/{}/{}", item.seq, item.part)));
        }
        Ok(parts)
    }
}

fn say(lines: impl Iterator<Item = String>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}
