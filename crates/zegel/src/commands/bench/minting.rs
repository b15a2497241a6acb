//! What minting costs: vault and journal alone, with and without a new key for each event.
//!
//! Below the rules, because above them nothing about a person mints no key: a leaf belongs to one
//! person, category and term, and a pseudonym answers once in the term of a round.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use events::{
    About, Event, Response, ResponseSubmitted, RoundId, RoundOpened, SurveyEvent, SurveyId,
};
use journal::{Append, Batch, Store};
use record::{CommandId, Draft, JournalId, Origin, ScopeId, SubjectId};
use vault::Vault;

use super::figures::rate;
use super::load::{self, EVENTS_PER_PERSON, GROUP};
use crate::environment;
use crate::home::random;

/// Events a second that each mint a person's key, and that mint none.
pub(super) fn rates(directory: &Path, events: u64) -> anyhow::Result<(f64, f64)> {
    let groups = usize::try_from(events)?.div_ceil(GROUP);
    let mut minting = Plain::start(&directory.join("minting"))?;
    let took = minting.commit_groups(groups, |_| random().map(SubjectId::from_bytes))?;
    let mint = rate(groups * GROUP, took);
    drop(minting);
    let mut reusing = Plain::start(&directory.join("reusing"))?;
    let people = groups.div_ceil(usize::try_from(EVENTS_PER_PERSON)?) * GROUP;
    let people: Vec<_> = (0..people).map(|_| random()).collect::<anyhow::Result<_>>()?;
    let person = |number: usize| {
        let person = people.get(number.wrapping_mul(load::STRIDE) % people.len());
        person.copied().map(SubjectId::from_bytes).context("nobody")
    };
    reusing.commit_groups(people.len() / GROUP, |number| {
        people.get(number).copied().map(SubjectId::from_bytes).context("nobody")
    })?;
    let took = reusing.commit_groups(groups, person)?;
    Ok((mint, rate(groups * GROUP, took)))
}

/// A key tree and a journal, and nothing above them.
struct Plain {
    vault: Vault,
    store: Store,
    origin: Origin,
    round: RoundId,
    scope: ScopeId,
}

impl Plain {
    fn start(directory: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let (vault, pages) = Vault::create(&directory.join("slots"))?;
        let store = Store::open(&directory.join("db"), true)?;
        let origin = Origin::first(JournalId::from_bytes(random()?));
        let (round, scope) = (RoundId::from_bytes(random()?), ScopeId::from_bytes(random()?));
        let mut plain = Self { vault, store, origin, round, scope };
        plain.store.commit(Batch { pages: vec![(origin.journal, pages)], ..Batch::default() })?;
        let opened = RoundOpened {
            round,
            survey: SurveyId::from_bytes(random()?),
            name: "bench".to_owned(),
            floor: 5,
            answers_scope: scope,
            identity_scope: ScopeId::from_bytes(random()?),
            audience: None,
        };
        let opened = Event::Survey(SurveyEvent::RoundOpened(opened));
        plain.commit(vec![opened.draft(CommandId::from_bytes(random()?))])?;
        Ok(plain)
    }

    /// The time of sealing and committing, without that of making the events.
    fn commit_groups(
        &mut self,
        groups: usize,
        person: impl Fn(usize) -> anyhow::Result<SubjectId>,
    ) -> anyhow::Result<Duration> {
        let mut took = Duration::ZERO;
        for group in 0..groups {
            let numbers = group * GROUP..(group + 1) * GROUP;
            let drafts = numbers.map(|number| self.response(person(number)?));
            let drafts = drafts.collect::<anyhow::Result<Vec<_>>>()?;
            let started = Instant::now();
            self.commit(drafts)?;
            took += started.elapsed();
        }
        Ok(took)
    }

    fn response(&self, person: SubjectId) -> anyhow::Result<Draft> {
        let response = Response { group: load::group(), answers: load::answers() };
        let response = About::new(person, self.scope, response);
        let event = ResponseSubmitted { round: self.round, import: None, response };
        let event = Event::Survey(SurveyEvent::ResponseSubmitted(event));
        Ok(event.draft(CommandId::from_bytes(random()?)))
    }

    fn commit(&mut self, drafts: Vec<Draft>) -> anyhow::Result<()> {
        let mint = |draft| self.vault.mint(self.origin, draft);
        let minted = drafts.into_iter().map(mint).collect::<Result<Vec<_>, _>>()?;
        let sealed = self.vault.seal_minted(minted)?;
        let pages = vec![(self.origin.journal, self.vault.take_page_writes()?)];
        let recorded_at = environment::now();
        let append = Append { origin: self.origin, expected: None, recorded_at, sealed };
        self.store.commit(Batch { appends: vec![append], pages, ..Batch::default() })?;
        Ok(())
    }
}
