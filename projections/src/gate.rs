//! What the gate kept out, counted by day.
//!
//! *Invariant:* counts alone: no value, no person, no record to look one up in.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::annex::{Entrance, FieldId, GateRule, Module, SubjectKind};
use events::{GateEvent, Place};
use record::TimestampMicros;
use schemars::JsonSchema;
use serde::Serialize;

const DAY_MICROS: u64 = 24 * 60 * 60 * 1_000_000;

/// Rejections and refusals of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Rejections {
    fields: BTreeMap<(u64, Entrance, Module, SubjectKind, FieldId), u64>,
    refused: BTreeMap<(u64, Entrance, Module, GateRule), u64>,
}

/// How often a field was rejected on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RejectedRow {
    /// The first microsecond of the day since 1970, in UTC.
    pub day: u64,
    /// Where it was brought: `route`, `connector` or `import`.
    pub entrance: &'static str,
    /// For which module.
    pub module: &'static str,
    /// Whose: `staff`, `pupil` or `parent`.
    pub kind: &'static str,
    /// Which field.
    pub field: &'static str,
    /// How often.
    pub count: u64,
}

/// How often processing was refused on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RefusedRow {
    /// The first microsecond of the day since 1970, in UTC.
    pub day: u64,
    /// Where it was asked for: `route`, `connector` or `import`.
    pub entrance: &'static str,
    /// Which module.
    pub module: &'static str,
    /// Why.
    pub rule: &'static str,
    /// How often.
    pub count: u64,
}

impl Rejections {
    /// Rejected fields, by day.
    pub fn fields(&self) -> impl DoubleEndedIterator<Item = RejectedRow> + '_ {
        self.fields.iter().map(|((day, entrance, module, kind, field), count)| RejectedRow {
            day: *day,
            entrance: entrance.name(),
            module: module.name(),
            kind: kind.name(),
            field: field.name(),
            count: *count,
        })
    }

    /// Refused processing, by day.
    pub fn refused(&self) -> impl DoubleEndedIterator<Item = RefusedRow> + '_ {
        self.refused.iter().map(|((day, entrance, module, rule), count)| RefusedRow {
            day: *day,
            entrance: entrance.name(),
            module: module.name(),
            rule: rule.name(),
            count: *count,
        })
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &GateEvent) {
        let day = day_of(place.recorded_at);
        match event {
            GateEvent::FieldsRejected(event) => {
                for rejected in &event.fields {
                    let key = (day, event.entrance, event.module, event.kind, rejected.field);
                    let count = self.fields.entry(key).or_default();
                    *count = count.saturating_add(rejected.count.into());
                }
            }
            GateEvent::ProcessingRefused(event) => {
                let key = (day, event.entrance, event.module, event.rule);
                let count = self.refused.entry(key).or_default();
                *count = count.saturating_add(event.count.into());
            }
        }
    }
}

const fn day_of(at: TimestampMicros) -> u64 {
    at.0 - at.0 % DAY_MICROS
}
