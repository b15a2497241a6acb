//! The steps of a run, in their order: the gate, the start, page after page, the end.

use connectors::{
    Coupling, Field, Limits, Pace, Reason, Run, SettingError, StaffContact, Summary, Ticks, Trust,
};
use engine::EngineError;
use events::annex::FieldId;
use events::sync::{
    Counted, CouplingId, DownloadCompleted, Downloaded, FAILURE_BYTES_MAX, StaffEntry, SyncFailed,
    SyncRunId, SyncSource,
};
use record::JournalId;
use thiserror::Error;

use crate::desk::Desk;

/// What an operator sets for a coupling; it holds secrets and is never recorded.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The system and what opens it.
    pub system: Coupling,
    /// Where the school's addresses live; another address is private and stops its row.
    pub domains: Vec<String>,
    /// The certificates that the system's own leads back to.
    pub trust: Trust,
    /// How much a run may take.
    pub limits: Limits,
}

impl Settings {
    /// Which system it is.
    #[must_use]
    pub const fn source(&self) -> SyncSource {
        match self.system {
            Coupling::Afas(_) => SyncSource::Afas,
            Coupling::Somtoday(_) => SyncSource::Somtoday,
        }
    }
}

/// Why a run could not be carried out.
#[derive(Debug, Error)]
pub enum SyncError {
    /// The engine refused a step.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A setting cannot be right.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The settings are of another system.
    #[error("the settings are of another system than the coupling's")]
    OtherSource,
    /// The writer has ended or has too much to do.
    #[error("the writer has ended, or its queue is full")]
    Ended,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The run.
    pub run: SyncRunId,
    /// What went wrong at the source, if the download failed; names nobody.
    pub failed: Option<String>,
    /// People recorded.
    pub people: u32,
}

/// Runs a coupling once; `progress` is told how many people are recorded.
///
/// # Errors
/// [`SyncError`]; what holds is what held before.
pub fn run(
    desk: &mut impl Desk,
    (tenant, coupling): (JournalId, CouplingId),
    settings: &Settings,
    pace: &dyn Pace,
    progress: &mut dyn FnMut(u32),
) -> Result<Outcome, SyncError> {
    let source = settings.source();
    let fields = desk.step(move |engine| {
        let known = engine.tenant(tenant)?.state().coupling(coupling).map(|known| known.source);
        let fits = known == Some(source);
        engine.sync_fields(tenant, coupling).map(|fields| fits.then_some(fields))
    })?;
    let fields: Vec<Field> =
        fields.ok_or(SyncError::OtherSource)?.into_iter().filter_map(field_of).collect();
    let domains: Vec<&str> = settings.domains.iter().map(String::as_str).collect();
    let ticks = Ticks::of(&fields, &domains);
    let mut download = Run::start(&settings.system, ticks, &settings.trust, settings.limits, pace)?;
    let run = desk.step(move |engine| engine.start_sync(tenant, coupling))?;
    match record(desk, tenant, run, &mut download, progress) {
        Ok(Ok(downloaded)) => {
            let people = downloaded.people;
            let counted = ours(&settings.system, download.summary());
            desk.step(move |engine| engine.sync_rejected(tenant, coupling, &counted))?;
            let event = DownloadCompleted { run, downloaded: Box::new(downloaded) };
            desk.step(move |engine| engine.end_sync(tenant, event.into(), None))?;
            Ok(Outcome { run, failed: None, people })
        }
        Ok(Err(because)) => {
            fail(desk, tenant, run, because.clone())?;
            Ok(Outcome { run, failed: Some(because), people: 0 })
        }
        Err(error) => {
            fail(desk, tenant, run, "a page could not be recorded".to_owned())?;
            Err(error)
        }
    }
}

fn fail(
    desk: &mut impl Desk,
    tenant: JournalId,
    run: SyncRunId,
    because: String,
) -> Result<(), SyncError> {
    desk.step(move |engine| engine.end_sync(tenant, SyncFailed { run, because }.into(), None))
}

/// Records page after page; the inner error is the source's.
fn record(
    desk: &mut impl Desk,
    tenant: JournalId,
    run: SyncRunId,
    download: &mut Run<'_>,
    progress: &mut dyn FnMut(u32),
) -> Result<Result<Downloaded, String>, SyncError> {
    let (mut people, mut same_person) = (0u32, 0u64);
    loop {
        match download.next_page() {
            Ok(Some(page)) => {
                let page: Vec<StaffEntry> = page.into_iter().map(entry).collect();
                let done = desk.step(move |engine| engine.deliver(tenant, run, page))?;
                people = people.saturating_add(done.recorded);
                same_person += u64::from(done.same_person);
                progress(people);
            }
            Ok(None) => break,
            Err(error) => return Ok(Err(shortened(&error.to_string()))),
        }
    }
    let Some(summary) = download.summary() else {
        return Ok(Err("the download has no end".to_owned()));
    };
    let mut stopped: Vec<Counted> = summary
        .stopped
        .iter()
        .map(|stopped| Counted { name: reason_name(stopped.reason), count: stopped.count })
        .collect();
    if same_person > 0 {
        stopped.push(Counted { name: "same-person".to_owned(), count: same_person });
    }
    let rejected = summary.rejected.iter();
    let rejected = rejected.map(|one| Counted { name: one.field.clone(), count: one.count });
    Ok(Ok(Downloaded {
        people,
        repeated: summary.repeated,
        pages: summary.pages,
        rejected: rejected.collect(),
        stopped,
    }))
}

/// Our fields among those that were sent and not let in.
fn ours(system: &Coupling, summary: Option<&Summary>) -> Vec<(FieldId, u64)> {
    let rejected = summary.into_iter().flat_map(|summary| &summary.rejected);
    let ours = rejected.filter_map(|one| {
        system.field_called(&one.field).map(|field| (field_id(field), one.count))
    });
    ours.collect()
}

fn entry(contact: StaffContact) -> StaffEntry {
    let StaffContact { given_name, initials, prefix, surname, school_email } = contact;
    StaffEntry { given_name, initials, prefix, surname, email: school_email }
}

fn shortened(text: &str) -> String {
    text.chars().take(FAILURE_BYTES_MAX / 4).collect()
}

const fn field_id(field: Field) -> FieldId {
    match field {
        Field::GivenName => FieldId::GivenName,
        Field::Initials => FieldId::Initials,
        Field::Prefix => FieldId::Prefix,
        Field::Surname => FieldId::Surname,
        Field::SchoolEmail => FieldId::SchoolEmail,
    }
}

fn field_of(id: FieldId) -> Option<Field> {
    Field::ALL.into_iter().find(|field| field_id(*field) == id)
}

fn reason_name(reason: Reason) -> String {
    let of = |what: &str, field: Field| format!("{what}: {}", field_id(field).name());
    match reason {
        Reason::NoKey => "no-key".to_owned(),
        Reason::NoAddress => "no-address".to_owned(),
        Reason::NotAnAddress => "not-an-address".to_owned(),
        Reason::OtherDomain => "other-domain".to_owned(),
        Reason::AddressTaken => "address-taken".to_owned(),
        Reason::TooLong(field) => of("too-long", field),
        Reason::NotText(field) => of("not-text", field),
        Reason::NotPlain(field) => of("not-plain", field),
        Reason::CitizenNumber(field) => of("citizen-number", field),
        _ => "other".to_owned(),
    }
}
