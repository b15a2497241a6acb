//! The load: responses of ten answers, each under a pseudonym of its own, so each mints a key.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Instant;

use anyhow::Context as _;
use engine::{Engine, Handle, Paths, Request, Writer};
use events::{Answer, Identity, Question, QuestionKind, RoundId, SurveyId};
use record::{JournalId, ScopeId, Seq, SubjectId};
use rules::Command;

use super::rate;
use crate::commands::command_id;
use crate::environment;
use crate::home::random;

const GROUP: usize = 1_024;

/// An installation with one tenant and one open round.
pub(super) struct Load {
    home: PathBuf,
    engine: Option<Engine>,
    tenant: JournalId,
    round: RoundId,
    sample: Seq,
}

impl Load {
    pub(super) fn start(home: &Path) -> anyhow::Result<Self> {
        let mut engine = Engine::create(Paths::under(home), environment::clock())?;
        let tenant = engine.start_tenant("bench")?;
        let round = open_round(&mut engine, tenant)?;
        let sample = engine.execute_one(tenant, response(round)?)?.seq;
        Ok(Self { home: home.to_owned(), engine: Some(engine), tenant, round, sample })
    }

    pub(super) fn engine(&mut self) -> anyhow::Result<(&mut Engine, JournalId)> {
        Ok((self.engine.as_mut().context("the engine is closed")?, self.tenant))
    }

    /// Records so far.
    pub(super) fn size(&self) -> u64 {
        self.engine.iter().flat_map(Engine::tenants).map(|tenant| tenant.records).sum()
    }

    pub(super) fn record_bytes(&self) -> anyhow::Result<usize> {
        self.record_sizes().map(|(bytes, _)| bytes)
    }

    /// Bytes of one record, and those of header, tags and commitments.
    pub(super) fn record_sizes(&self) -> anyhow::Result<(usize, usize)> {
        let engine = self.engine.as_ref().context("the engine is closed")?;
        Ok(engine.record_bytes(self.tenant, self.sample)?)
    }

    /// Acknowledged appends a second, from many threads that each wait for their answer.
    pub(super) fn appends(&mut self, writers: u64, each: u64) -> anyhow::Result<f64> {
        let (tenant, round) = (self.tenant, self.round);
        let writer = Writer::start(self.engine.take().context("the engine is closed")?)?;
        let started = Instant::now();
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..writers)
                .map(|_| {
                    let handle = writer.handle();
                    scope.spawn(move || append_each(&handle, tenant, round, each))
                })
                .collect();
            threads.into_iter().try_for_each(|thread| {
                thread.join().unwrap_or_else(|_| anyhow::bail!("a writer panicked"))
            })
        })?;
        let value = rate(writers * each, started.elapsed());
        writer.stop()?;
        self.reopen()?;
        Ok(value)
    }

    /// Appends a second in groups of 1,024.
    pub(super) fn batches(&mut self, events: u64) -> anyhow::Result<f64> {
        let groups = usize::try_from(events)?.div_ceil(GROUP);
        let round = self.round;
        let (engine, tenant) = self.engine()?;
        let started = Instant::now();
        for _ in 0..groups {
            let group = (0..GROUP).map(|_| response(round)).collect::<anyhow::Result<Vec<_>>>()?;
            for done in engine.execute(tenant, &group)? {
                done?;
            }
        }
        let value = rate(u64::try_from(groups * GROUP)?, started.elapsed());
        engine.publish_grown()?;
        Ok(value)
    }

    /// Closes and opens the installation.
    pub(super) fn reopen(&mut self) -> anyhow::Result<()> {
        self.engine = None;
        self.engine = Some(Engine::open(Paths::under(&self.home), environment::clock())?);
        Ok(())
    }

    pub(super) fn disk_bytes(&self) -> anyhow::Result<u64> {
        let mut bytes = 0;
        for entry in fs::read_dir(self.home.join("db"))? {
            bytes += entry?.metadata()?.len();
        }
        Ok(bytes)
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
    handle: &Handle,
    tenant: JournalId,
    round: RoundId,
    each: u64,
) -> anyhow::Result<()> {
    for _ in 0..each {
        let (answer, answered) = channel();
        let done = move |done| {
            let _ = answer.send(done);
        };
        let queued = handle.execute(tenant, response(round)?, done);
        queued.map_err(|stopped| anyhow::anyhow!("{stopped:?}"))?;
        answered.recv().context("no answer")??;
    }
    Ok(())
}

/// Registers people in groups and says who they are.
pub(super) fn register(
    engine: &mut Engine,
    tenant: JournalId,
    people: u64,
) -> anyhow::Result<Vec<SubjectId>> {
    let scope = engine.permanent_scope(tenant)?;
    let mut registered = Vec::new();
    while u64::try_from(registered.len())? < people {
        let mut group = Vec::with_capacity(GROUP);
        for _ in 0..GROUP {
            let person = SubjectId::from_bytes(random()?);
            let identity = Identity { name: "Niemand van Nergenshuizen".to_owned(), email: None };
            let command = Command::RegisterPerson { person, scope, identity, import: None };
            group.push(Request { id: command_id()?, command });
            registered.push(person);
        }
        for done in engine.execute(tenant, &group)? {
            done?;
        }
    }
    Ok(registered)
}

fn open_round(engine: &mut Engine, tenant: JournalId) -> anyhow::Result<RoundId> {
    let survey = SurveyId::from_bytes(random()?);
    let question =
        |number: u8| Question { text: format!("Question {number}"), kind: QuestionKind::Agree5 };
    let questions = (1..=10).map(question).collect();
    let round = RoundId::from_bytes(random()?);
    let define = Command::DefineSurvey { survey, title: "bench".to_owned(), questions };
    let open = Command::OpenRound {
        round,
        survey,
        name: "bench".to_owned(),
        floor: 5,
        answers_scope: ScopeId::from_bytes(random()?),
        identity_scope: ScopeId::from_bytes(random()?),
    };
    for command in [define, open] {
        engine.execute_one(tenant, Request { id: command_id()?, command })?;
    }
    Ok(round)
}

fn response(round: RoundId) -> anyhow::Result<Request> {
    let pseudonym = SubjectId::from_bytes(random()?);
    let answers = (0..10u8).map(|number| Answer::Score(1 + number % 5)).collect();
    let group = "group 1".to_owned();
    let command = Command::SubmitResponse { round, pseudonym, group, answers, import: None };
    Ok(Request { id: command_id()?, command })
}
