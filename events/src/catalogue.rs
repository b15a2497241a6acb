//! The catalogue: of every field of every event version, whose it is, what for and how long.
//!
//! *Invariant:* each encoded field has exactly one entry; a test fails otherwise.

use record::Category;

use crate::category;

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
}

/// What the catalogue says of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name of the event.
    pub event: &'static str,
    /// Version of its encoding.
    pub version: u16,
    /// The field; `part.field` in a part about a person.
    pub field: &'static str,
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
        field,
        category: None,
        whose,
        personal: false,
        purpose,
        retention: Retention::Record,
    }
}

/// A field of the event's own facts.
const fn fact(
    event: &'static str,
    version: u16,
    field: &'static str,
    purpose: &'static str,
) -> Entry {
    Entry {
        event,
        version,
        field,
        category: None,
        whose: Whose::Organisation,
        personal: false,
        purpose,
        retention: Retention::Tenant,
    }
}

/// A field of a part about a person.
const fn personal(
    event: &'static str,
    version: u16,
    field: &'static str,
    category: Category,
    purpose: &'static str,
) -> Entry {
    let whose = if category.0 == category::ANSWERS.0 { Whose::Respondent } else { Whose::Person };
    let retention = match category {
        category::IDENTITY => Retention::Scope,
        category::ANSWERS => Retention::AnswersScope,
        _ => Retention::IdentityScope,
    };
    Entry {
        event,
        version,
        field,
        category: Some(category),
        whose,
        personal: true,
        purpose,
        retention,
    }
}

/// The whole catalogue, by event.
pub static CATALOGUE: &[Entry] = &[
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
    fact("people.person-registered", 1, "import", "telling rows of an unfinished import apart"),
    personal(
        "people.person-registered",
        1,
        "person.name",
        category::IDENTITY,
        "addressing the person and showing whose data it is",
    ),
    personal(
        "people.person-registered",
        1,
        "person.email",
        category::IDENTITY,
        "inviting and answering the person",
    ),
    fact("survey.defined", 1, "survey", "naming the survey"),
    fact("survey.defined", 1, "title", "showing the survey"),
    fact("survey.defined", 1, "questions", "putting the survey"),
    fact("survey.defined", 1, "questions.text", "putting the survey"),
    fact("survey.defined", 1, "questions.kind", "how the question is answered"),
    fact("survey.round-opened", 1, "round", "naming the round"),
    fact("survey.round-opened", 1, "survey", "which survey is put"),
    fact("survey.round-opened", 1, "name", "showing the round"),
    fact("survey.round-opened", 1, "floor", "the smallest group that is ever shown"),
    fact("survey.round-opened", 1, "answers_scope", "the term of the answers"),
    fact("survey.round-opened", 1, "identity_scope", "the term of identities and links"),
    fact("survey.response-submitted", 1, "round", "which round it belongs to"),
    personal(
        "survey.response-submitted",
        1,
        "response.group",
        category::ANSWERS,
        "comparing groups of at least the floor",
    ),
    personal(
        "survey.response-submitted",
        1,
        "response.answers",
        category::ANSWERS,
        "the school's own research",
    ),
    fact("survey.response-submitted", 2, "round", "which round it belongs to"),
    fact("survey.response-submitted", 2, "import", "telling rows of an unfinished import apart"),
    personal(
        "survey.response-submitted",
        2,
        "response.group",
        category::ANSWERS,
        "comparing groups of at least the floor",
    ),
    personal(
        "survey.response-submitted",
        2,
        "response.answers",
        category::ANSWERS,
        "the school's own research",
    ),
    fact("survey.respondent-linked", 1, "round", "which round it belongs to"),
    fact("survey.respondent-linked", 1, "import", "telling rows of an unfinished import apart"),
    personal(
        "survey.respondent-linked",
        1,
        "link.person",
        category::LINK,
        "finding a person's own answers on request",
    ),
    personal(
        "survey.respondent-linked",
        1,
        "link.pseudonym",
        category::LINK,
        "finding a person's own answers on request",
    ),
    fact("survey.round-closed", 1, "round", "which round closed"),
    fact("discover.published", 1, "round", "which round was analysed"),
    fact("discover.published", 1, "floor", "the smallest group that is ever shown"),
    fact("discover.published", 1, "responses", "how many responses were counted"),
    fact("discover.published", 1, "questions", "the anonymous numbers themselves"),
    fact("import.started", 1, "import", "naming the import"),
    fact("import.started", 1, "name", "finding the import again"),
    fact("import.started", 1, "round", "which round it fills"),
    fact("import.started", 1, "rows", "knowing when all rows are there"),
    personal(
        "import.started",
        1,
        "identities.seed",
        category::IMPORT_SECRET,
        "resuming an import under the same random-looking ids",
    ),
    fact("import.completed", 1, "import", "which import counts"),
    fact("import.abandoned", 1, "import", "which import does not count"),
];
