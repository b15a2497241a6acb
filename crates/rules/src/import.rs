//! Imports: rows that count only when all are there.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::annex::{Entrance, FieldId};
use events::import::{IMPORT_NAME_BYTES_MAX, IMPORT_ROWS_MAX};
use events::{
    About, Event, ImportAbandoned, ImportCompleted, ImportEvent, ImportId, ImportSecret,
    ImportStarted, Place, RoundId, SurveyEvent,
};
use record::{Seq, TimestampMicros};

use crate::command::{Command, ImportHolder};
use crate::refusal::Refusal;
use crate::state::{State, check_free_text, check_limit};
use crate::survey::Asks as _;

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ImportStage {
    /// Rows arrive and do not count yet.
    Started {
        /// Its id.
        import: ImportId,
        /// Where it started: the record that holds its secret.
        seq: Seq,
    },
    /// All rows count.
    Completed,
    /// No row ever counts.
    Abandoned,
}

/// One import, as the rules remember it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Import {
    /// Its name.
    pub(crate) name: String,
    /// The round of its responses.
    pub(crate) round: RoundId,
    /// How many responses it announced.
    pub(crate) rows: u32,
    /// How many response records there are; erasures do not change it.
    pub(crate) recorded: u32,
    /// How far it is.
    pub(crate) stage: ImportStage,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Imports {
    pub(crate) imports: BTreeMap<ImportId, Import>,
}

impl Imports {
    /// The import of this name that is under way or complete.
    pub(crate) fn by_name(&self, name: &str) -> Option<(ImportId, &Import)> {
        let mut imports = self.imports.iter();
        let found = imports
            .find(|(_, import)| import.name == name && import.stage != ImportStage::Abandoned);
        found.map(|(id, import)| (*id, import))
    }

    /// An import whose rows still arrive.
    pub(crate) fn underway(&self, id: ImportId) -> Result<&Import, Refusal> {
        let import = self.imports.get(&id).ok_or(Refusal::UnknownImport)?;
        match import.stage {
            ImportStage::Started { .. } => Ok(import),
            ImportStage::Completed => Err(Refusal::AlreadyCompleted { import: id }),
            ImportStage::Abandoned => Err(Refusal::ImportAbandoned),
        }
    }

    pub(crate) fn belongs_to(&self, id: ImportId, round: RoundId) -> Result<&Import, Refusal> {
        let import = self.underway(id)?;
        if import.round == round { Ok(import) } else { Err(Refusal::WrongRound) }
    }

    pub(crate) fn takes_row(&self, id: ImportId, round: RoundId) -> Result<(), Refusal> {
        let import = self.belongs_to(id, round)?;
        let full = import.recorded >= import.rows;
        if full { Err(Refusal::ImportFull { rows: import.rows }) } else { Ok(()) }
    }

    /// An unfinished import of this round.
    pub(crate) fn unfinished_of(&self, round: RoundId) -> Option<ImportId> {
        let mut imports = self.imports.iter();
        let unfinished = |import: &Import| matches!(import.stage, ImportStage::Started { .. });
        imports.find(|(_, import)| import.round == round && unfinished(import)).map(|(id, _)| *id)
    }

    /// Response records of completed imports of this round.
    pub(crate) fn counted_in(&self, round: RoundId) -> u64 {
        let complete =
            |import: &&Import| import.round == round && import.stage == ImportStage::Completed;
        self.imports.values().filter(complete).map(|import| u64::from(import.recorded)).sum()
    }

    pub(crate) fn complete(&self, id: ImportId) -> Result<Vec<Event>, Refusal> {
        let import = self.underway(id)?;
        if import.recorded != import.rows {
            let (expected, found) = (import.rows, import.recorded);
            return Err(Refusal::ImportIncomplete { expected, found });
        }
        let event = ImportCompleted { import: id };
        Ok(vec![Event::Import(ImportEvent::ImportCompleted(event))])
    }

    pub(crate) fn abandon(&self, id: ImportId) -> Result<Vec<Event>, Refusal> {
        self.underway(id)?;
        let event = ImportAbandoned { import: id };
        Ok(vec![Event::Import(ImportEvent::ImportAbandoned(event))])
    }

    pub(crate) fn evolve(&mut self, place: &Place, event: &ImportEvent) {
        match event {
            ImportEvent::ImportStarted(event) => {
                self.imports.insert(event.import, new_import(place, event));
            }
            ImportEvent::ImportCompleted(ImportCompleted { import }) => {
                self.end(*import, ImportStage::Completed);
            }
            ImportEvent::ImportAbandoned(ImportAbandoned { import }) => {
                self.end(*import, ImportStage::Abandoned);
            }
        }
    }

    pub(crate) fn evolve_survey(&mut self, event: &SurveyEvent) {
        let SurveyEvent::ResponseSubmitted(event) = event else { return };
        let import = event.import.and_then(|import| self.imports.get_mut(&import));
        if let Some(import) = import {
            import.recorded = import.recorded.saturating_add(1);
        }
    }

    fn end(&mut self, id: ImportId, stage: ImportStage) {
        if let Some(import) = self.imports.get_mut(&id) {
            import.stage = stage;
        }
    }
}

impl State {
    pub(crate) fn start_import(
        &self,
        command: &Command,
        now: TimestampMicros,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::StartImport { import, name, round: id, rows, identities } = command else {
            return Ok(Vec::new());
        };
        check_free_text(name, IMPORT_NAME_BYTES_MAX, "name")?;
        let limit = usize::try_from(IMPORT_ROWS_MAX).unwrap_or(usize::MAX);
        check_limit(usize::try_from(*rows).unwrap_or(usize::MAX), limit, "rows")?;
        self.check_import_name(name)?;
        if self.imports.imports.contains_key(import) {
            return Err(Refusal::IdInUse);
        }
        let round = self.surveys.open_round(*id)?;
        if let Some(audience) = &round.audience {
            self.pass(&audience.asks(&[FieldId::Answers]), Entrance::Import, *rows, now)?;
        }
        let secret = |ImportHolder { holder, seed }: &ImportHolder| {
            About::new(*holder, round.identity_scope, ImportSecret { seed: *seed })
        };
        let event = ImportStarted {
            import: *import,
            name: name.clone(),
            round: *id,
            rows: *rows,
            identities: identities.as_ref().map(secret),
        };
        Ok(vec![Event::Import(ImportEvent::ImportStarted(event))])
    }

    fn check_import_name(&self, name: &str) -> Result<(), Refusal> {
        match self.imports.by_name(name) {
            None => Ok(()),
            Some((import, Import { stage: ImportStage::Completed, .. })) => {
                Err(Refusal::AlreadyCompleted { import })
            }
            Some((import, _)) => Err(Refusal::ImportUnderway { import }),
        }
    }
}

fn new_import(place: &Place, event: &ImportStarted) -> Import {
    Import {
        name: event.name.clone(),
        round: event.round,
        rows: event.rows,
        recorded: 0,
        stage: ImportStage::Started { import: event.import, seq: place.seq },
    }
}
