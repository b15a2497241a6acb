//! What two versions of an annex say differently, statement by statement.

use std::collections::{BTreeMap, BTreeSet};

use events::annex::{Contents, FieldTick};
use schemars::JsonSchema;
use serde::Serialize;

use super::rows;

/// One statement that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangeRow {
    /// What it is about, like `field pupil surveys answers`.
    pub about: String,
    /// What it said; nothing if it was not there.
    pub before: Option<String>,
    /// What it says; nothing if it is gone.
    pub after: Option<String>,
}

pub(super) fn changes(before: &Contents, after: &Contents) -> Vec<ChangeRow> {
    let (before, after) = (statements(before), statements(after));
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differs = all.into_iter().filter(|about| before.get(*about) != after.get(*about));
    let row = |about: &String| ChangeRow {
        about: about.clone(),
        before: before.get(about).cloned(),
        after: after.get(about).cloned(),
    };
    differs.map(row).collect()
}

/// Everything that an annex says, by what it is about.
fn statements(contents: &Contents) -> BTreeMap<String, String> {
    let row = rows::contents(contents);
    let mut said = BTreeMap::from([
        ("product".to_owned(), row.product),
        ("explanation".to_owned(), row.explanation),
        ("supplier_url".to_owned(), row.supplier_url),
        ("product_url".to_owned(), row.product_url),
        ("sectors".to_owned(), row.sectors.join(", ")),
        ("users".to_owned(), row.users.join(", ")),
        ("supply".to_owned(), row.supply.to_owned()),
        ("security".to_owned(), row.security),
    ]);
    said.extend(row.services.into_iter().map(|found| {
        let modules = found.modules.join(", ");
        let words = [found.necessity, &found.description, &found.processing, &modules].join("; ");
        (format!("service {}", found.id), words)
    }));
    said.extend(row.purposes.into_iter().map(|found| {
        (format!("purpose {}", found.id), [found.text, found.modules.join(", ")].join("; "))
    }));
    said.extend(contents.fields.iter().flat_map(boxes));
    said.extend(row.retention.into_iter().map(|found| {
        let words = [&found.rule, found.period.as_deref().unwrap_or("-"), found.action].join("; ");
        (format!("retention {} {}", found.scope, found.trigger), words)
    }));
    said.extend(row.locations.into_iter().map(|found| {
        let service = found.service.as_deref().unwrap_or("-");
        (format!("location {service} {}", found.place), found.country)
    }));
    said.extend(row.transfers.into_iter().map(|found| {
        let added = found.supplementary.as_deref().unwrap_or("-");
        let words = [found.safeguard, &found.framework, added].join("; ");
        (format!("transfer {} {}", found.country, found.description), words)
    }));
    said.extend(row.subprocessors.into_iter().map(|found| {
        let parent = found.parent_country.as_deref().unwrap_or("-");
        let safeguard = found.safeguard.as_deref().unwrap_or("-");
        let countries = [&found.storage_country, &found.seat_country, parent].join(", ");
        let words = [&found.task, &found.categories, &countries, safeguard].join("; ");
        (format!("subprocessor {}", found.name), words)
    }));
    said.extend(row.couplings.into_iter().map(|found| {
        let words = [found.frequency, found.fields.join(", ")].join("; ");
        (format!("coupling {} {}", found.system, found.subject), words)
    }));
    said
}

/// Each box of a tick, one for each module.
fn boxes(tick: &FieldTick) -> impl Iterator<Item = (String, String)> + '_ {
    let ticked = if tick.ticked { "ticked" } else { "not ticked" };
    let law = tick.law.as_deref().unwrap_or("-");
    let note = tick.note.as_deref().unwrap_or("-");
    let words = [ticked, law, note].join("; ");
    tick.modules.iter().map(move |module| {
        let (kind, module, field) = (tick.kind.name(), module.name(), tick.field.name());
        (format!("field {kind} {module} {field}"), words.clone())
    })
}
