//! The gate: what of what is brought may be processed. One pure function for every entrance.
//!
//! *Invariant:* nothing passes that the newest accepted annex of an agreement that holds does not
//! tick for this module and this kind of people; whoever is in doubt is kept out.

use std::collections::BTreeSet;
use std::fmt;

use events::Event;
use events::annex::{AnnexId, Entrance, FieldId, GateRule, Module, SubjectKind};
use events::gate::{FieldsRejected, GateEvent, ProcessingRefused, REJECTED_FIELDS_MAX, Rejected};
use record::TimestampMicros;

use crate::annex::{Governing, code};
use crate::refusal::{Refusal, Rule};
use crate::state::{State, check_limit};

static NO_AGREEMENT: Rule = Rule::conflict(
    "no processor agreement holds at this moment",
    "er geldt op dit moment geen verwerkersovereenkomst",
);
static NOT_IN_ANNEX: Rule = Rule::conflict(
    "no accepted annex covers this module",
    "geen aanvaarde bijlage gaat over deze module",
);
static NOT_ACCEPTED: Rule = Rule::conflict(
    "the school did not accept this optional service",
    "de school heeft deze optionele dienst niet aanvaard",
);
static NO_CONSENT: Rule = Rule::conflict(
    "this module follows staff, and the participation council did not consent (WMS art. 12)",
    "deze module volgt personeel, en de medezeggenschapsraad heeft niet ingestemd (WMS art. 12)",
);
static OTHER_PURPOSE: Rule = Rule::conflict(
    "the annex does not name this purpose for this module",
    "de bijlage noemt dit doel niet voor deze module",
);
static NOT_TICKED: Rule = Rule::invalid(
    "fields",
    "the accepted annex does not tick these data of these people",
    "de aanvaarde bijlage kruist deze gegevens van deze mensen niet aan",
);
static NOTHING_REJECTED: Rule = Rule::invalid(
    "fields",
    "what was rejected is counted from one, each field once",
    "wat geweigerd is, telt vanaf één, elk veld één keer",
);
static PASSES: Rule =
    Rule::conflict("the annex lets this field through", "de bijlage laat dit veld door");

/// What somebody wants to bring in.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// For which module.
    pub module: Module,
    /// Whose data.
    pub kind: SubjectKind,
    /// Which fields; never their values.
    pub fields: &'a [FieldId],
    /// The code of the purpose in the annex.
    pub purpose: &'a str,
}

/// What may be processed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateVerdict {
    /// The annex and version that decided, if one governs the module.
    pub annex: Option<(AnnexId, u32)>,
    /// Fields that pass.
    pub allowed: Vec<FieldId>,
    /// Fields that do not.
    pub rejected: Vec<FieldId>,
    /// Why nothing passes, if nothing does whatever the fields.
    pub refused: Option<GateRule>,
}

/// What the gate kept out: why, which fields, and what is recorded of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptOut {
    /// Why.
    pub rule: &'static Rule,
    /// Which fields, if it is about fields.
    pub fields: Vec<FieldId>,
    /// What is recorded of it: fields, counts and rules, never a value.
    pub record: GateEvent,
}

impl fmt::Display for KeptOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.rule, named(&self.fields))
    }
}

impl KeptOut {
    pub(crate) fn dutch(&self) -> String {
        format!("{}{}", Refusal::Says(self.rule).dutch(), named(&self.fields))
    }
}

/// The fields by their names for programs, which an annex shows beside their words.
fn named(fields: &[FieldId]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) }
}

impl State {
    /// Refuses what the annex does not let through whole, and says what is recorded of that.
    pub(crate) fn pass(
        &self,
        asked: &Asked<'_>,
        entrance: Entrance,
        count: u32,
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let verdict = self.gate(asked, now);
        let Some(record) = verdict.record(asked, entrance, count.max(1)) else { return Ok(()) };
        let (rule, fields) = match verdict.refused {
            Some(rule) => (says(rule), Vec::new()),
            None => (&NOT_TICKED, verdict.rejected),
        };
        Err(Refusal::KeptOut(Box::new(KeptOut { rule, fields, record })))
    }

    /// The same, where any purpose of the module will do: the entrance serves them all.
    pub(crate) fn pass_module(
        &self,
        (module, kind): (Module, SubjectKind),
        fields: &[FieldId],
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let purpose = self.any_purpose(module, now).unwrap_or_default();
        self.pass(&Asked { module, kind, fields, purpose }, Entrance::Route, 1, now)
    }

    /// Refuses people of a kind of whom no module that runs may know these data.
    pub(crate) fn pass_any(
        &self,
        kind: SubjectKind,
        fields: &[FieldId],
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let passes = |module: &&Module| self.pass_module((**module, kind), fields, now).is_ok();
        match Module::ALL.iter().find(passes) {
            Some(_) => Ok(()),
            None => self.pass_module((Module::Surveys, kind), fields, now),
        }
    }

    /// Whether an annex governs anything at this moment.
    pub(crate) fn is_governed(&self, now: TimestampMicros) -> bool {
        Module::ALL.iter().any(|module| self.governing(*module, now).is_ok())
    }

    fn any_purpose(&self, module: Module, now: TimestampMicros) -> Option<&str> {
        self.governing(module, now).ok()?.version.purpose_of(module)
    }

    /// What may pass of what is asked.
    #[must_use]
    pub fn gate(&self, asked: &Asked<'_>, now: TimestampMicros) -> GateVerdict {
        let governing = self.governing(asked.module, now);
        let annex = governing.as_ref().ok().map(|found| (found.annex, found.number));
        let refused = governing.and_then(|found| self.check_asked(&found, asked).map(|()| found));
        let passes = |field: &FieldId| {
            refused.is_ok_and(|found| found.version.passes(asked.kind, asked.module, *field))
        };
        let (allowed, rejected) = asked.fields.iter().copied().partition(passes);
        GateVerdict { annex, allowed, rejected, refused: refused.err() }
    }

    /// The version that governs a module at this moment.
    fn governing(&self, module: Module, now: TimestampMicros) -> Result<Governing<'_>, GateRule> {
        if !self.any_agreement_holds(now) {
            return Err(GateRule::NoAgreement);
        }
        let mut governing = self.annexes.governing();
        let found = governing.find(|governing| {
            governing.version.covers(module)
                && self.agreement_holds(governing.version.agreement, now)
        });
        found.ok_or(GateRule::NotInAnnex)
    }

    fn check_asked(&self, governing: &Governing<'_>, asked: &Asked<'_>) -> Result<(), GateRule> {
        if !governing.runs(asked.module) {
            return Err(GateRule::NotAccepted);
        }
        if asked.module.follows_staff() && !self.annexes.council_consented(asked.module) {
            return Err(GateRule::NoConsent);
        }
        match governing.version.serves(asked.purpose, asked.module) {
            true => Ok(()),
            false => Err(GateRule::OtherPurpose),
        }
    }

    pub(crate) fn gate_event(&self, event: &GateEvent) -> Result<Vec<Event>, Refusal> {
        match event {
            GateEvent::FieldsRejected(event) => self.check_rejected(event)?,
            GateEvent::ProcessingRefused(event) => {
                event.purpose.as_ref().map_or(Ok(()), |purpose| code(purpose))?;
                NOTHING_REJECTED.unless(event.count > 0)?;
            }
        }
        Ok(vec![Event::Gate(event.clone())])
    }

    /// A rejection is true of the version that it names, whichever governs by now.
    fn check_rejected(&self, event: &FieldsRejected) -> Result<(), Refusal> {
        let version = self.annexes.version(event.annex, event.version)?;
        check_limit(event.fields.len(), REJECTED_FIELDS_MAX, "fields")?;
        let named: BTreeSet<FieldId> = event.fields.iter().map(|found| found.field).collect();
        let counted = event.fields.iter().all(|found| found.count > 0);
        NOTHING_REJECTED
            .unless(counted && !named.is_empty() && named.len() == event.fields.len())?;
        let mut named = named.iter();
        PASSES.unless(!named.any(|field| version.passes(event.kind, event.module, *field)))
    }
}

impl GateVerdict {
    /// The refusal to answer with, if nothing passes whatever the fields.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        self.refused.map(|rule| Refusal::Says(says(rule)))
    }

    /// What to record of it when so many rows brought this; nothing if all of it passes.
    #[must_use]
    pub fn record(&self, asked: &Asked<'_>, entrance: Entrance, count: u32) -> Option<GateEvent> {
        let Asked { module, kind, purpose, .. } = *asked;
        if let Some(rule) = self.refused {
            let purpose = code(purpose).is_ok().then(|| purpose.to_owned());
            let refused = ProcessingRefused { entrance, module, purpose, rule, count };
            return Some(refused.into());
        }
        let (annex, version) = self.annex?;
        let named: BTreeSet<FieldId> = self.rejected.iter().copied().collect();
        let fields: Vec<Rejected> =
            named.into_iter().map(|field| Rejected { field, count }).collect();
        let rejected = FieldsRejected { entrance, module, kind, fields, annex, version };
        (!rejected.fields.is_empty()).then(|| rejected.into())
    }
}

const fn says(rule: GateRule) -> &'static Rule {
    match rule {
        GateRule::NoAgreement => &NO_AGREEMENT,
        GateRule::NotInAnnex => &NOT_IN_ANNEX,
        GateRule::NotAccepted => &NOT_ACCEPTED,
        GateRule::NoConsent => &NO_CONSENT,
        GateRule::OtherPurpose => &OTHER_PURPOSE,
    }
}
