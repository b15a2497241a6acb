//! The catalogue: of every field of every event version, whose it is, what for and how long.
//!
//! *Invariant:* each encoded field has exactly one entry; a test fails otherwise.

use std::borrow::Cow;

use record::Category;

use crate::category;
use crate::declare::{Declared, DeclaredAbout};

/// Whose a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// The organisation's: nobody in particular.
    Organisation,
    /// The operator's.
    Operator,
    /// Whoever acts, as a random reference.
    Actor,
    /// A person known by name.
    Person,
    /// A respondent, under a pseudonym.
    Respondent,
}

/// How long a field can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Retention {
    /// As long as the record: it stands in clear, as proof.
    Record,
    /// Until the tenant ends.
    Tenant,
    /// Until the person or the scope it was registered under is cut.
    Scope,
    /// Until the round's answers scope ends, or the respondent is cut.
    AnswersScope,
    /// Until the round's identity scope ends, or the person is cut.
    IdentityScope,
    /// Until the year of the trail ends; two years after it began unless the annex says otherwise.
    Trail,
    /// Until the incident's own term ends, or the person is cut.
    Incident,
}

/// What the catalogue says of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name of the event.
    pub event: &'static str,
    /// Version of its encoding.
    pub version: u16,
    /// The field; `part.field` in a part about a person.
    pub field: Cow<'static, str>,
    /// Its type, as the source declares it; `None` where the layout is written by hand.
    pub r#type: Option<&'static str>,
    /// Category of personal data; `None` outside the parts about people.
    pub category: Option<Category>,
    /// Whose it is.
    pub whose: Whose,
    /// Whether it is personal data.
    pub personal: bool,
    /// What it is kept for.
    pub purpose: &'static str,
    /// How long it can be read.
    pub retention: Retention,
}

/// A field that stands in clear, as proof.
const fn clear(
    event: &'static str,
    field: &'static str,
    whose: Whose,
    purpose: &'static str,
) -> Entry {
    Entry {
        event,
        version: 1,
        field: Cow::Borrowed(field),
        r#type: None,
        category: None,
        whose,
        personal: false,
        purpose,
        retention: Retention::Record,
    }
}

/// The whole catalogue: public events, then each capability as it is declared.
#[must_use]
pub fn catalogue() -> Vec<Entry> {
    let declared = crate::DECLARED.iter().copied().flatten();
    PUBLIC.iter().cloned().chain(declared.flat_map(entries)).collect()
}

fn entries(declared: &Declared) -> Vec<Entry> {
    let fact = |(field, kind, purpose): &(&'static str, &'static str, &'static str)| Entry {
        event: declared.event,
        version: declared.version,
        field: Cow::Borrowed(field),
        r#type: Some(kind),
        category: None,
        whose: Whose::Organisation,
        personal: false,
        purpose,
        retention: Retention::Tenant,
    };
    let about = declared.about.iter().flat_map(|about| told(declared, about));
    declared.facts.iter().map(fact).chain(about).collect()
}

fn told(declared: &Declared, about: &DeclaredAbout) -> Vec<Entry> {
    let entry = |(field, kind, purpose): &(&str, &'static str, &'static str)| Entry {
        event: declared.event,
        version: declared.version,
        field: format!("{}.{field}", about.field).into(),
        r#type: Some(kind),
        category: Some(about.category),
        whose: category::whose(about.category),
        personal: true,
        purpose,
        retention: about.retention,
    };
    about.fields.iter().map(entry).collect()
}

/// Fields that stand in clear.
static PUBLIC: &[Entry] = &[
    clear("installation.started", "vkey", Whose::Operator, "checking what the operator signs"),
    clear("tenant.registered", "tenant", Whose::Organisation, "no journal can vanish unseen"),
    clear(
        "tenant.registered",
        "name",
        Whose::Organisation,
        "naming the organisation whose journal it is",
    ),
    clear("tenant.witnessed", "tenant", Whose::Organisation, "no journal can vanish unseen"),
    clear(
        "tenant.witnessed",
        "checkpoint",
        Whose::Organisation,
        "no journal can be rewritten unseen",
    ),
    clear("tenant.closing", "tenant", Whose::Organisation, "proof of the end of a tenant"),
    clear("tenant.closing", "seq", Whose::Organisation, "proof of the end of a tenant"),
    clear("tenant.closing", "record", Whose::Organisation, "proof of the end of a tenant"),
    clear("tenant.closing", "destroyed", Whose::Organisation, "proof of the end of a tenant"),
    clear("tenant.started", "operator", Whose::Operator, "tying the journal to its installation"),
    clear(
        "tenant.started",
        "name",
        Whose::Organisation,
        "naming the organisation whose journal it is",
    ),
    clear(
        "erasure.ordered",
        "order",
        Whose::Organisation,
        "proof of an erasure: which order it belongs to",
    ),
    clear("erasure.ordered", "ground", Whose::Organisation, "proof of an erasure: on which ground"),
    clear("erasure.ordered", "ordered_by", Whose::Actor, "proof of an erasure: who asked"),
    clear(
        "erasure.ordered",
        "four_eyes",
        Whose::Organisation,
        "proof of an erasure: whether two were needed",
    ),
    clear(
        "erasure.ordered",
        "targets",
        Whose::Person,
        "proof of an erasure: what was asked, as random references",
    ),
    clear(
        "erasure.approved",
        "order",
        Whose::Organisation,
        "proof of an erasure: which order it belongs to",
    ),
    clear("erasure.approved", "approved_by", Whose::Actor, "proof of an erasure: who agreed"),
    clear(
        "erasure.fenced",
        "order",
        Whose::Organisation,
        "proof of an erasure: which order it belongs to",
    ),
    clear(
        "erasure.fenced",
        "epoch_before",
        Whose::Organisation,
        "proof of an erasure: before and after",
    ),
    clear(
        "erasure.fenced",
        "tenant",
        Whose::Organisation,
        "proof of an erasure: whether all of it went",
    ),
    clear(
        "erasure.fenced",
        "leaves",
        Whose::Person,
        "proof of an erasure: which keys, as random references",
    ),
    clear(
        "erasure.fenced",
        "scopes",
        Whose::Organisation,
        "proof of an erasure: which terms, as random references",
    ),
    clear(
        "erasure.keys-destroyed",
        "order",
        Whose::Organisation,
        "proof of an erasure: which order it belongs to",
    ),
    clear(
        "erasure.keys-destroyed",
        "ground",
        Whose::Organisation,
        "proof of an erasure: on which ground",
    ),
    clear("erasure.keys-destroyed", "approved_by", Whose::Actor, "proof of an erasure: who agreed"),
    clear(
        "erasure.keys-destroyed",
        "epoch_before",
        Whose::Organisation,
        "proof of an erasure: before and after",
    ),
    clear(
        "erasure.keys-destroyed",
        "epoch_after",
        Whose::Organisation,
        "proof of an erasure: before and after",
    ),
    clear(
        "erasure.keys-destroyed",
        "level",
        Whose::Organisation,
        "proof of an erasure: how thoroughly",
    ),
    clear(
        "erasure.keys-destroyed",
        "backup_days",
        Whose::Organisation,
        "proof of an erasure: until when a copy may exist",
    ),
    clear(
        "erasure.keys-destroyed",
        "tenant",
        Whose::Organisation,
        "proof of an erasure: whether all of it went",
    ),
    clear(
        "erasure.keys-destroyed",
        "leaves",
        Whose::Person,
        "proof of an erasure: which keys, as random references",
    ),
    clear(
        "erasure.keys-destroyed",
        "scopes",
        Whose::Organisation,
        "proof of an erasure: which terms, as random references",
    ),
    clear(
        "erasure.completed",
        "order",
        Whose::Organisation,
        "proof of an erasure: which order it belongs to",
    ),
    clear(
        "erasure.parts-purged",
        "order",
        Whose::Organisation,
        "proof of an erasure: which order it belongs to",
    ),
    clear(
        "erasure.parts-purged",
        "parts",
        Whose::Organisation,
        "proof that missing ciphertexts were removed",
    ),
    clear(
        "restore.declared",
        "guarded_era",
        Whose::Organisation,
        "proof of a restore: what was known before it",
    ),
    clear(
        "restore.declared",
        "guarded_size",
        Whose::Organisation,
        "proof of a restore: what was known before it",
    ),
    clear(
        "restore.declared",
        "guarded_root",
        Whose::Organisation,
        "proof of a restore: what was known before it",
    ),
    clear(
        "restore.declared",
        "guarded_epoch",
        Whose::Organisation,
        "proof of a restore: what was known before it",
    ),
    clear(
        "restore.declared",
        "restored_size",
        Whose::Organisation,
        "proof of a restore: what was put back",
    ),
    clear("restore.declared", "ground", Whose::Organisation, "proof of a restore: on which ground"),
    clear("restore.declared", "approved_by", Whose::Actor, "proof of a restore: who decided"),
    clear(
        "restore.declared",
        "lost_leaves",
        Whose::Person,
        "proof of a restore: which keys did not come back, as random references",
    ),
    clear(
        "restore.declared",
        "lost_scopes",
        Whose::Organisation,
        "proof of a restore: which terms did not come back, as random references",
    ),
];
