//! A run: pages of contacts, one after the other, until the end of what a system holds.
//!
//! *Invariant:* there is a [`Summary`] only after the last page; a run that ended early has none,
//! and what it delivered is to be discarded.

use std::collections::HashSet;

use crate::contact::{Field, StaffContact, Ticks};
use crate::error::{FetchError, Rule, SettingError, Step};
use crate::gate::{Gate, Page, Rejected, Stopped, rule_of};
use crate::limits::{Limits, PAGE_ROWS_MAX, Pace};
use crate::settings::{AfasSettings, SomtodaySettings, Trust};
use crate::wire::{Request, Wire};
use crate::{afas, somtoday};

/// A system that staff is fetched from.
#[derive(Debug, Clone)]
pub enum Coupling {
    /// A GetConnector of AFAS Profit.
    Afas(AfasSettings),
    /// Somtoday Connect.
    Somtoday(SomtodaySettings),
}

impl Coupling {
    /// Our field that the system calls so.
    #[must_use]
    pub fn field_called(&self, name: &str) -> Option<Field> {
        let names = match self {
            Self::Afas(settings) => afas::names(&settings.names),
            Self::Somtoday(_) => somtoday::names(),
        };
        names.fields.iter().find(|(_, known)| known == name).map(|(field, _)| *field)
    }
}

/// Counts of a run that reached its end; what the caller needs to see whether it is plausible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// People delivered.
    pub people: u64,
    /// Rows of people who had been delivered already, such as at another location.
    pub repeated: u64,
    /// Pages of staff, empty ones included.
    pub pages: u64,
    /// Bytes of all answers.
    pub bytes: u64,
    /// Fields that were sent and did not come in.
    pub rejected: Vec<Rejected>,
    /// Rows that were not let in.
    pub stopped: Vec<Stopped>,
}

/// One fetch of everybody.
pub struct Run<'a> {
    desk: Desk<'a>,
    source: Source<'a>,
    end: Option<Result<Summary, ()>>,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Run { .. }")
    }
}

enum Source<'a> {
    Afas(afas::Reader<'a>),
    Somtoday(somtoday::Reader<'a>),
}

impl<'a> Run<'a> {
    /// Prepares a run; nothing is sent before the first page.
    ///
    /// # Errors
    /// [`SettingError`] where limits or names cannot be right.
    pub fn start(
        coupling: &'a Coupling,
        ticks: Ticks,
        trust: &Trust,
        limits: Limits,
        pace: &'a dyn Pace,
    ) -> Result<Self, SettingError> {
        if !(1..=PAGE_ROWS_MAX).contains(&limits.page_rows) {
            return Err(SettingError::PageRows);
        }
        let (source, names) = match coupling {
            Coupling::Afas(settings) => {
                settings.names.check()?;
                let reader = afas::Reader::new(settings, ticks.clone());
                (Source::Afas(reader), afas::names(&settings.names))
            }
            Coupling::Somtoday(settings) => {
                (Source::Somtoday(somtoday::Reader::new(settings)), somtoday::names())
            }
        };
        let desk = Desk {
            wire: Wire::new(trust, limits, pace),
            gate: Gate::new(ticks, names),
            limits,
            pages: 0,
            seen: HashSet::new(),
        };
        Ok(Self { desk, source, end: None })
    }

    /// The next page of people who were not delivered before, or `None` after the last. A page can
    /// be empty; each holds at most [`Limits::page_rows`].
    ///
    /// # Errors
    /// [`FetchError`]; the run has ended then, and stays so.
    pub fn next_page(&mut self) -> Result<Option<Vec<StaffContact>>, FetchError> {
        match &self.end {
            Some(Ok(_)) => return Ok(None),
            Some(Err(())) => return Err(FetchError::new(Step::Staff, None, Rule::Ended)),
            None => {}
        }
        let page = match &mut self.source {
            Source::Afas(reader) => reader.next(&mut self.desk),
            Source::Somtoday(reader) => reader.next(&mut self.desk),
        };
        match &page {
            Ok(None) => self.end = Some(Ok(self.desk.summary())),
            Err(_) => self.end = Some(Err(())),
            Ok(Some(_)) => {}
        }
        page
    }

    /// What the run came to, once [`Run::next_page`] returned `None`.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.end.as_ref()?.as_ref().ok()
    }
}

/// Where a source asks and its answers are looked at.
pub(crate) struct Desk<'a> {
    wire: Wire<'a>,
    gate: Gate,
    limits: Limits,
    pages: u64,
    /// Fingerprints of the pages of the list at hand.
    seen: HashSet<u64>,
}

impl Desk<'_> {
    /// Asks for something that is not about people.
    pub(crate) fn ask<T: serde::de::DeserializeOwned>(
        &mut self,
        step: Step,
        request: &Request<'_>,
    ) -> Result<T, FetchError> {
        let body = self.wire.ask(step, request)?;
        let failed = |rule| FetchError::new(step, Some(200), rule);
        let text = std::str::from_utf8(body).map_err(|_| failed(Rule::NotUtf8))?;
        serde_json::from_str(text).map_err(|error| failed(rule_of(&error)))
    }

    /// From here on pages are of another list.
    pub(crate) fn next_list(&mut self) {
        self.seen.clear();
    }

    /// Rows that are asked for in one page.
    pub(crate) fn page_rows(&self) -> u16 {
        self.limits.page_rows
    }

    /// Asks for a page of people.
    pub(crate) fn page(&mut self, request: &Request<'_>) -> Result<Page, FetchError> {
        let failed = |status, rule| FetchError::new(Step::Staff, status, rule);
        if self.pages >= self.limits.pages_max {
            return Err(failed(None, Rule::TooManyPages));
        }
        let body = self.wire.ask(Step::Staff, request)?;
        let page = self.gate.page(body).map_err(|rule| failed(Some(200), rule))?;
        self.pages += 1;
        let broken = if page.withheld {
            Some(Rule::FieldNotOffered)
        } else if page.rows > usize::from(self.limits.page_rows) {
            Some(Rule::TooManyRows)
        } else if page.rows > 0 && !self.seen.insert(page.fingerprint) {
            Some(Rule::PageRepeated)
        } else if self.gate.people() > self.limits.people_max {
            Some(Rule::TooManyPeople)
        } else {
            None
        };
        broken.map_or(Ok(page), |rule| Err(failed(Some(200), rule)))
    }

    fn summary(&self) -> Summary {
        Summary {
            people: self.gate.people(),
            repeated: self.gate.repeated(),
            pages: self.pages,
            bytes: u64::try_from(self.wire.bytes()).unwrap_or(u64::MAX),
            rejected: self.gate.rejected(),
            stopped: self.gate.stopped(),
        }
    }
}
