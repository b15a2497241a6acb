//! The load: responses of about 300 bytes, of people who answer many rounds, or of ever new ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use engine::{Engine, Handle, Paths, Request, Writer};
use events::{Answer, Question, QuestionKind, RoundId, SurveyId};
use record::{EventKind, JournalId, ScopeId, Seq, SubjectId};
use rules::Command;
use vault::bare::Shape;

use super::figures::Handicap;
use crate::commands::command_id;
use crate::home::random;

/// Commands of one commit.
pub(super) const GROUP: usize = 1_024;
/// Scored questions; one open question follows them.
const SCORES: u8 = 10;
/// Bytes of the open answer: with group and scores a response then has about 300.
const TEXT_BYTES: usize = 264;
/// Events of one person and of one round, at full size: 1M events, 100,000 people, 1,000 rounds.
pub(super) const EVENTS_PER_PERSON: u64 = 10;
const EVENTS_PER_ROUND: u64 = 1_000;
/// From one person to the next: a prime far above a group, so that a round meets nobody twice.
pub(super) const STRIDE: usize = 61_813;
/// Events that whole groups may add to what was asked for, for which rounds stand open too.
pub(super) const ROUNDING: u64 = 4_096;
/// So many people of a load that mints are remembered, to be cut.
const PEOPLE_REMEMBERED: u64 = 500;

/// How much there is to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) events: u64,
    /// Appends beyond the events, for which rounds stand open.
    pub(super) more: u64,
    /// Whether each event is about a person of its own.
    pub(super) mints: bool,
}

/// An installation with one tenant, open rounds and people.
pub(super) struct Load {
    home: PathBuf,
    engine: Option<Engine>,
    tenant: JournalId,
    rounds: Vec<RoundId>,
    people: Vec<SubjectId>,
    mints: bool,
    handicap: Handicap,
    /// Of a load that mints: how many events there are between two people who are remembered.
    apart: u64,
    next: u64,
}

/// Bytes on disk.
#[derive(Debug, Default)]
pub(super) struct Disk {
    pub(super) snapshots: u64,
    /// Database, keys, guard.
    pub(super) rest: u64,
}

/// What many writers reached.
pub(super) struct Appended {
    pub(super) events: usize,
    pub(super) took: Duration,
    /// Seconds of each append.
    pub(super) each: Vec<f64>,
}

impl Load {
    pub(super) fn start(
        home: &Path,
        size: Size,
        handicap: Handicap,
        clock: engine::Clock,
    ) -> anyhow::Result<Self> {
        let mut engine = Engine::create(Paths::under(home), clock)?;
        let tenant = engine.start_tenant("bench")?;
        let rounds = (size.events + size.more).div_ceil(EVENTS_PER_ROUND);
        let rounds = open_rounds(&mut engine, tenant, rounds)?;
        let people = (size.events / EVENTS_PER_PERSON).max(EVENTS_PER_ROUND);
        let apart = (size.events / PEOPLE_REMEMBERED).max(1);
        let people = if size.mints { 0 } else { people };
        let people = (0..people).map(|_| Ok(SubjectId::from_bytes(random()?)));
        Ok(Self {
            home: home.to_owned(),
            engine: Some(engine),
            tenant,
            rounds,
            people: people.collect::<anyhow::Result<_>>()?,
            mints: size.mints,
            handicap,
            apart,
            next: 0,
        })
    }

    pub(super) fn engine(&mut self) -> anyhow::Result<(&mut Engine, JournalId)> {
        Ok((self.engine.as_mut().context("the engine is closed")?, self.tenant))
    }

    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// The next response: all people once, then all once more, each time in other rounds.
    fn request(&mut self) -> anyhow::Result<Request> {
        let number = self.next;
        self.next += 1;
        let round = usize::try_from(number / EVENTS_PER_ROUND)?;
        let round = *self.rounds.get(round).context("more events than rounds were opened for")?;
        let pseudonym = self.person(number)?;
        let (group, answers) = (group(), answers());
        let command = Command::SubmitResponse { round, pseudonym, group, answers, import: None };
        Ok(Request { id: command_id()?, command })
    }

    fn person(&mut self, number: u64) -> anyhow::Result<SubjectId> {
        if self.mints {
            let person = SubjectId::from_bytes(random()?);
            self.people.extend(number.is_multiple_of(self.apart).then_some(person));
            return Ok(person);
        }
        let person = usize::try_from(number)?.wrapping_mul(STRIDE) % self.people.len();
        self.people.get(person).copied().context("a load without people")
    }

    /// Some of the people whom events are about, from all over the journal.
    pub(super) fn some_people(&self, count: usize) -> Vec<SubjectId> {
        let step = (self.people.len() / count).max(1);
        self.people.iter().step_by(step).take(count).copied().collect()
    }

    /// Appends in groups of 1,024 with the checkpoints that fall due, as an import does. The time
    /// does not hold the making of the commands.
    pub(super) fn batches(&mut self, events: u64) -> anyhow::Result<Duration> {
        let mut took = Duration::ZERO;
        for _ in 0..usize::try_from(events)?.div_ceil(GROUP) {
            let group = (0..GROUP).map(|_| self.request()).collect::<anyhow::Result<Vec<_>>>()?;
            let (engine, tenant) = self.engine()?;
            let started = Instant::now();
            let answers = engine.execute(tenant, &group)?;
            engine.publish_if_due()?;
            self.handicap.waste(GROUP);
            took += started.elapsed();
            answers.into_iter().try_for_each(|answer| answer.map(|_| ()))?;
        }
        Ok(took)
    }

    /// Hands the engine to its writer's thread while `work` is done.
    pub(super) fn with_writer<T>(
        &mut self,
        clock: fn() -> engine::Clock,
        work: impl FnOnce(&mut Self, &Writer) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let writer = Writer::start(self.engine.take().context("the engine is closed")?)?;
        let done = work(self, &writer)?;
        writer.stop()?;
        self.open(clock())?;
        Ok(done)
    }

    /// Opens the installation again.
    pub(super) fn open(&mut self, clock: engine::Clock) -> anyhow::Result<()> {
        self.engine = Some(Engine::open(Paths::under(&self.home), clock)?);
        Ok(())
    }

    /// Acknowledged appends from many threads that each wait for their answer.
    pub(super) fn appends(
        &mut self,
        writer: &Writer,
        writers: usize,
        each: usize,
    ) -> anyhow::Result<Appended> {
        let (tenant, handicap) = (self.tenant, self.handicap);
        let barrier = Barrier::new(writers + 1);
        let mut shares = Vec::with_capacity(writers);
        for _ in 0..writers {
            let requests = (0..each).map(|_| self.request()).collect::<anyhow::Result<Vec<_>>>()?;
            shares.push((writer.handle(), requests));
        }
        std::thread::scope(|scope| {
            let threads: Vec<_> = shares
                .into_iter()
                .map(|(handle, requests)| {
                    scope.spawn(|| {
                        barrier.wait();
                        append_each(handle, tenant, requests, handicap)
                    })
                })
                .collect();
            barrier.wait();
            let started = Instant::now();
            let mut latencies = Vec::with_capacity(writers * each);
            for thread in threads {
                let done = thread.join().map_err(|_| anyhow::anyhow!("a writer panicked"))?;
                latencies.extend(done?);
            }
            Ok(Appended { events: writers * each, took: started.elapsed(), each: latencies })
        })
    }

    /// What a record of this load looks like, for the limits that seal and open alone.
    pub(super) fn shape(&mut self) -> anyhow::Result<Shape> {
        let (people, rounds) = (self.people.len(), self.rounds.len());
        let sample = Seq(self.sample()?);
        let (engine, tenant) = self.engine()?;
        let rows = engine.journal_rows(tenant, sample, 1)?;
        let row = rows.first().context("the journal has no response")?;
        Ok(Shape {
            kind: EventKind::new(&row.event, row.version)?,
            lengths: row.parts.iter().map(|part| part.bytes).collect(),
            people: u32::try_from(people)?,
            scopes: u32::try_from(rounds)?,
        })
    }

    /// Bytes of one record, and those of header, tags and commitments.
    pub(super) fn record_sizes(&mut self) -> anyhow::Result<(usize, usize)> {
        let sample = Seq(self.sample()?);
        let (engine, tenant) = self.engine()?;
        Ok(engine.record_bytes(tenant, sample)?)
    }

    /// Place of the last record, which is a response.
    fn sample(&self) -> anyhow::Result<u64> {
        let engine = self.engine.as_ref().context("the engine is closed")?;
        let records: u64 = engine.tenants().iter().map(|tenant| tenant.records).sum();
        records.checked_sub(1).context("the journal is empty")
    }

    /// Ends the engine and says where the installation stands.
    pub(super) fn close(&mut self) -> anyhow::Result<()> {
        let (engine, _) = self.engine()?;
        engine.publish_with_digests()?;
        engine.keep_snapshots()?;
        self.engine = None;
        Ok(())
    }

    /// Bytes on disk: snapshots, and all the rest.
    pub(super) fn disk(&self) -> anyhow::Result<Disk> {
        let mut disk = Disk::default();
        let snapshots = Paths::under(&self.home).snapshots;
        let mut waiting = vec![self.home.clone()];
        while let Some(directory) = waiting.pop() {
            for entry in fs::read_dir(&directory)? {
                let entry = entry?;
                let bytes = entry.metadata()?.len();
                match entry.file_type()?.is_dir() {
                    true => waiting.push(entry.path()),
                    false if directory == snapshots => disk.snapshots += bytes,
                    false => disk.rest += bytes,
                }
            }
        }
        Ok(disk)
    }

    /// Lets the next opening fold everything.
    pub(super) fn drop_snapshots(&self) -> anyhow::Result<()> {
        Ok(fs::remove_dir_all(Paths::under(&self.home).snapshots)?)
    }

    /// Exports a bundle and says which key verifies it.
    pub(super) fn export(&mut self, bundle: &Path) -> anyhow::Result<String> {
        let (engine, tenant) = self.engine()?;
        engine.export_bundle(tenant, bundle, &mut |_, _| {})?;
        Ok(engine.vkey())
    }
}

/// One writer: each append waits for its answer.
fn append_each(
    handle: Handle,
    tenant: JournalId,
    requests: Vec<Request>,
    handicap: Handicap,
) -> anyhow::Result<Vec<f64>> {
    let (answer, answered) = channel();
    let mut took = Vec::with_capacity(requests.len());
    for request in requests {
        let answer = answer.clone();
        let done = move |done| {
            let _ = answer.send(done);
        };
        let started = Instant::now();
        let queued = handle.execute(tenant, request, done);
        queued.map_err(|stopped| anyhow::anyhow!("{stopped:?}"))?;
        answered.recv().context("no answer")??;
        handicap.waste(1);
        took.push(started.elapsed().as_secs_f64());
    }
    Ok(took)
}

fn open_rounds(engine: &mut Engine, tenant: JournalId, count: u64) -> anyhow::Result<Vec<RoundId>> {
    let survey = SurveyId::from_bytes(random()?);
    let question =
        |number: u8| Question { text: format!("Question {number}"), kind: QuestionKind::Agree5 };
    let mut questions: Vec<_> = (1..=SCORES).map(question).collect();
    questions.push(Question { text: "What else?".to_owned(), kind: QuestionKind::Open });
    let define = Command::DefineSurvey { survey, title: "bench".to_owned(), questions };
    engine.execute_one(tenant, Request { id: command_id()?, command: define })?;
    let mut rounds = Vec::new();
    let mut requests = Vec::new();
    for number in 0..count {
        let round = RoundId::from_bytes(random()?);
        let command = Command::OpenRound {
            round,
            survey,
            name: format!("bench {number}"),
            floor: 5,
            answers_scope: ScopeId::from_bytes(random()?),
            identity_scope: ScopeId::from_bytes(random()?),
            audience: None,
        };
        rounds.push(round);
        requests.push(Request { id: command_id()?, command });
    }
    for group in requests.chunks(GROUP) {
        engine.execute(tenant, group)?.into_iter().try_for_each(|answer| answer.map(|_| ()))?;
    }
    Ok(rounds)
}

/// The respondent's group.
pub(super) fn group() -> String {
    "group 1".to_owned()
}

/// Ten scores and one open answer.
pub(super) fn answers() -> Vec<Answer> {
    let mut answers: Vec<_> = (0..SCORES).map(|score| Answer::Score(1 + score % 5)).collect();
    answers.push(Answer::Text("z".repeat(TEXT_BYTES)));
    answers
}
