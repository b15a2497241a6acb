//! Imports and how far they are.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::{ImportEvent, ImportId, ImportStarted, Place, RoundId, SurveyEvent};
use record::{Seq, TimestampMicros};
use serde::Serialize;

use crate::text::id;

/// Imports of one tenant. All of it comes from facts; the secret is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Imports {
    imports: BTreeMap<ImportId, Import>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Import {
    name: String,
    round: RoundId,
    rows: u32,
    recorded: u32,
    links: u32,
    started: Seq,
    started_at: TimestampMicros,
    progress: ImportProgress,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Encode, Decode)]
#[serde(rename_all = "kebab-case")]
pub enum ImportProgress {
    /// Rows arrive and do not count yet.
    Started,
    /// All rows count.
    Completed,
    /// No row ever counts.
    Abandoned,
}

/// One import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportRow {
    /// The import.
    #[serde(serialize_with = "id")]
    pub import: ImportId,
    /// Its name.
    pub name: String,
    /// The round of its responses.
    #[serde(serialize_with = "id")]
    pub round: RoundId,
    /// Responses it announced.
    pub rows: u32,
    /// Response records so far; an erasure does not change it.
    pub recorded: u32,
    /// Link records so far.
    pub links: u32,
    /// Where it started.
    pub started: u64,
    /// Microseconds since 1970.
    pub started_at: u64,
    /// How far it is.
    pub progress: ImportProgress,
}

/// All imports, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportList {
    /// The imports.
    pub imports: Vec<ImportRow>,
}

impl Imports {
    /// All imports.
    #[must_use]
    pub fn list(&self) -> ImportList {
        ImportList { imports: self.imports.iter().map(|(id, import)| import.row(*id)).collect() }
    }

    /// The import of this name that was not abandoned.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<ImportRow> {
        let mut imports = self.imports.iter();
        let found = imports.find(|(_, import)| {
            import.name == name && import.progress != ImportProgress::Abandoned
        });
        found.map(|(id, import)| import.row(*id))
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &ImportEvent) {
        match event {
            ImportEvent::ImportStarted(event) => {
                self.imports.insert(event.import, Import::new(place, event));
            }
            ImportEvent::ImportCompleted(event) => {
                self.progress(event.import, ImportProgress::Completed);
            }
            ImportEvent::ImportAbandoned(event) => {
                self.progress(event.import, ImportProgress::Abandoned);
            }
        }
    }

    pub(crate) fn apply_survey(&mut self, event: &SurveyEvent) {
        let (import, response) = match event {
            SurveyEvent::ResponseSubmitted(event) => (event.import, true),
            SurveyEvent::RespondentLinked(event) => (event.import, false),
            SurveyEvent::SurveyDefined(_)
            | SurveyEvent::RoundOpened(_)
            | SurveyEvent::CodesIssued(_)
            | SurveyEvent::GuestsInvited(_)
            | SurveyEvent::AnswersMarked(_)
            | SurveyEvent::RemindersListed(_)
            | SurveyEvent::RoundClosed(_) => return,
        };
        let import = import.and_then(|import| self.imports.get_mut(&import));
        if let Some(import) = import {
            let count = if response { &mut import.recorded } else { &mut import.links };
            *count = count.saturating_add(1);
        }
    }

    fn progress(&mut self, import: ImportId, progress: ImportProgress) {
        if let Some(import) = self.imports.get_mut(&import) {
            import.progress = progress;
        }
    }
}

impl Import {
    fn new(place: &Place, event: &ImportStarted) -> Self {
        Self {
            name: event.name.clone(),
            round: event.round,
            rows: event.rows,
            recorded: 0,
            links: 0,
            started: place.seq,
            started_at: place.recorded_at,
            progress: ImportProgress::Started,
        }
    }

    fn row(&self, import: ImportId) -> ImportRow {
        ImportRow {
            import,
            name: self.name.clone(),
            round: self.round,
            rows: self.rows,
            recorded: self.recorded,
            links: self.links,
            started: self.started.0,
            started_at: self.started_at.0,
            progress: self.progress,
        }
    }
}
