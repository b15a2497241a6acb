//! Annexes: which version governs, which optional services run, and what councils consented to.
//!
//! *Invariant:* only the newest accepted version of an annex governs; published ones before it never
//! come back.
//! *Invariant:* of a version the state keeps what the gate needs, as codes: no free text.

mod check;

use std::collections::{BTreeMap, BTreeSet};

use bincode::{Decode, Encode};
use events::Event;
use events::agreement::AgreementId;
use events::annex::{
    ANNEX_NAME_BYTES_MAX, ANNEX_TEXT_BYTES_MAX, ANNEXES_MAX, AnnexEvent, AnnexId,
    AnnexVersionPublished, Contents, FieldId, LegalBasisStated, Module, Necessity,
    OptionalServiceAccepted, OptionalServiceWithdrawn, ParticipationConsentRecorded, SubjectKind,
    VERSIONS_MAX,
};
use record::ActorId;

pub(crate) use check::code;

use crate::refusal::{Refusal, Rule};
use crate::state::{State, check_limit, check_text};

static UNKNOWN_ANNEX: Rule = Rule::unknown("the annex is unknown", "de bijlage is onbekend");
static UNKNOWN_VERSION: Rule =
    Rule::unknown("this version of the annex is unknown", "deze versie van de bijlage is onbekend");
static UNKNOWN_SERVICE: Rule = Rule::unknown(
    "the annex that governs has no such optional service",
    "de geldende bijlage kent deze optionele dienst niet",
);
static UNKNOWN_PURPOSE: Rule = Rule::unknown(
    "the annex that governs has no such purpose",
    "de geldende bijlage kent dit doel niet",
);
static NOT_HIGHER: Rule = Rule::conflict(
    "a version of an annex is higher than those before",
    "een versie van een bijlage is hoger dan de vorige",
);
static DECIDED: Rule = Rule::conflict(
    "this version was accepted or refused, or a later one governs",
    "deze versie is al aanvaard of geweigerd, of er geldt een latere",
);
static MODULE_TAKEN: Rule = Rule::conflict(
    "another annex that governs covers one of these modules",
    "een andere geldende bijlage gaat al over een van deze modules",
);
static ACCEPTED_ALREADY: Rule =
    Rule::conflict("the service was accepted already", "de dienst is al aanvaard");
static NOT_ACCEPTED: Rule =
    Rule::conflict("the service is not accepted", "de dienst is niet aanvaard");
static NEEDS_NO_CONSENT: Rule =
    Rule::conflict("this module does not follow staff", "deze module volgt geen personeel");
static CONSENTED_ALREADY: Rule = Rule::conflict(
    "the consent of the council is recorded already",
    "de instemming van de raad is al vastgelegd",
);
static NO_CONSENT: Rule = Rule::conflict(
    "no consent of a council is recorded",
    "er is geen instemming van een raad vastgelegd",
);
static TOO_MANY: Rule = Rule::conflict(
    "a tenant has at most 50 annexes, an annex at most 200 versions",
    "een omgeving telt ten hoogste 50 bijlagen, een bijlage ten hoogste 200 versies",
);

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Annexes {
    annexes: BTreeMap<AnnexId, Annex>,
    /// Modules that a council consented to.
    consents: BTreeSet<Module>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
struct Annex {
    versions: BTreeMap<u32, Version>,
    /// The version that governs.
    accepted: Option<u32>,
    refused: BTreeSet<u32>,
    /// Optional services that the school accepted.
    services: BTreeSet<String>,
}

/// What a version lets through.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Version {
    pub(crate) agreement: AgreementId,
    services: BTreeMap<String, (Necessity, BTreeSet<Module>)>,
    purposes: BTreeMap<String, BTreeSet<Module>>,
    passes: BTreeSet<(SubjectKind, Module, FieldId)>,
}

/// A version that governs, with what the school accepted of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Governing<'a> {
    pub(crate) annex: AnnexId,
    pub(crate) number: u32,
    pub(crate) version: &'a Version,
    accepted: &'a BTreeSet<String>,
}

impl Version {
    fn of(agreement: AgreementId, contents: &Contents) -> Self {
        let services = contents.services.iter().map(|service| {
            let modules = service.modules.iter().copied().collect();
            (service.id.clone(), (service.necessity, modules))
        });
        let purposes = contents.purposes.iter().map(|purpose| {
            let modules = purpose.modules.iter().copied().collect();
            (purpose.id.clone(), modules)
        });
        let ticked = contents.fields.iter().filter(|tick| tick.passes());
        let passes = ticked
            .flat_map(|tick| tick.modules.iter().map(|module| (tick.kind, *module, tick.field)));
        Self {
            agreement,
            services: services.collect(),
            purposes: purposes.collect(),
            passes: passes.collect(),
        }
    }

    pub(crate) fn passes(&self, kind: SubjectKind, module: Module, field: FieldId) -> bool {
        self.passes.contains(&(kind, module, field))
    }

    pub(crate) fn serves(&self, purpose: &str, module: Module) -> bool {
        self.purposes.get(purpose).is_some_and(|modules| modules.contains(&module))
    }

    /// A purpose that the module serves.
    pub(crate) fn purpose_of(&self, module: Module) -> Option<&str> {
        let mut purposes = self.purposes.iter();
        let found = purposes.find(|(_, modules)| modules.contains(&module));
        found.map(|(purpose, _)| purpose.as_str())
    }

    fn modules(&self) -> impl Iterator<Item = Module> + '_ {
        self.services.values().flat_map(|(_, modules)| modules).copied()
    }

    pub(crate) fn covers(&self, module: Module) -> bool {
        self.modules().any(|covered| covered == module)
    }

    fn offers(&self, service: &str) -> bool {
        matches!(self.services.get(service), Some((Necessity::Optional, _)))
    }
}

impl Governing<'_> {
    /// Whether a service runs the module: an inseparable one, or one that the school accepted.
    pub(crate) fn runs(&self, module: Module) -> bool {
        self.version.services.iter().any(|(service, (necessity, modules))| {
            modules.contains(&module)
                && (*necessity == Necessity::Inseparable || self.accepted.contains(service))
        })
    }
}

impl State {
    pub(crate) fn annex(&self, event: &AnnexEvent) -> Result<Vec<Event>, Refusal> {
        match event {
            AnnexEvent::AnnexVersionPublished(event) => self.publish_annex(event)?,
            AnnexEvent::AnnexVersionAccepted(event) => {
                self.check_decides(event.annex, event.version, event.by)?;
                self.check_modules_free(event.annex, event.version)?;
            }
            AnnexEvent::AnnexVersionRefused(event) => {
                self.check_decides(event.annex, event.version, event.by)?;
            }
            AnnexEvent::OptionalServiceAccepted(event) => self.accept_service(event)?,
            AnnexEvent::OptionalServiceWithdrawn(event) => self.withdraw_service(event)?,
            AnnexEvent::ParticipationConsentRecorded(event) => self.council_consents(event)?,
            AnnexEvent::ParticipationConsentWithdrawn(event) => {
                self.access.check_actor(event.by)?;
                NO_CONSENT.unless(self.annexes.consents.contains(&event.module))?;
            }
            AnnexEvent::LegalBasisStated(event) => self.state_basis(event)?,
        }
        Ok(vec![Event::Annex(event.clone())])
    }

    fn publish_annex(&self, event: &AnnexVersionPublished) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        self.agreements.check_running(event.agreement)?;
        check::date(&event.date)?;
        check::contents(&event.contents)?;
        let Some(annex) = self.annexes.annexes.get(&event.annex) else {
            return TOO_MANY.unless(self.annexes.annexes.len() < ANNEXES_MAX);
        };
        TOO_MANY.unless(annex.versions.len() < VERSIONS_MAX)?;
        NOT_HIGHER.unless(annex.versions.keys().all(|version| *version < event.version))
    }

    /// Accepting and refusing: once, of a version that is newer than the one that governs.
    fn check_decides(&self, annex: AnnexId, number: u32, by: ActorId) -> Result<(), Refusal> {
        let annex = self.annexes.annex(annex)?;
        let version = annex.versions.get(&number).ok_or(Refusal::Says(&UNKNOWN_VERSION))?;
        self.agreements.check_running(version.agreement)?;
        self.check_instructs(by, version.agreement)?;
        let newer = annex.accepted.is_none_or(|accepted| accepted < number);
        DECIDED.unless(newer && !annex.refused.contains(&number))
    }

    /// One annex for each product: no module is under two of them.
    fn check_modules_free(&self, annex: AnnexId, number: u32) -> Result<(), Refusal> {
        let own = self.annexes.annex(annex)?.versions.get(&number);
        let mut others = self.annexes.governing().filter(|other| {
            other.annex != annex && !self.agreements.has_ended(other.version.agreement)
        });
        let taken = others.any(|other| {
            own.is_some_and(|own| own.modules().any(|module| other.version.covers(module)))
        });
        MODULE_TAKEN.unless(!taken)
    }

    fn accept_service(&self, event: &OptionalServiceAccepted) -> Result<(), Refusal> {
        let governing = self.annexes.governs(event.annex)?;
        self.check_instructs(event.by, governing.version.agreement)?;
        UNKNOWN_SERVICE.unless(governing.version.offers(&event.service))?;
        ACCEPTED_ALREADY.unless(!governing.accepted.contains(&event.service))
    }

    fn withdraw_service(&self, event: &OptionalServiceWithdrawn) -> Result<(), Refusal> {
        let governing = self.annexes.governs(event.annex)?;
        self.check_instructs(event.by, governing.version.agreement)?;
        NOT_ACCEPTED.unless(governing.accepted.contains(&event.service))
    }

    fn council_consents(&self, event: &ParticipationConsentRecorded) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        NEEDS_NO_CONSENT.unless(event.module.follows_staff())?;
        CONSENTED_ALREADY.unless(!self.annexes.consents.contains(&event.module))?;
        check::date(&event.date)?;
        check_text(&event.reference, ANNEX_NAME_BYTES_MAX, "reference")
    }

    fn state_basis(&self, event: &LegalBasisStated) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        let governing = self.annexes.governs(event.annex)?;
        UNKNOWN_PURPOSE.unless(governing.version.purposes.contains_key(&event.purpose))?;
        check_limit(event.note.as_ref().map_or(0, String::len), ANNEX_TEXT_BYTES_MAX, "note")
    }

    /// The version of an annex that governs, if one was accepted.
    #[must_use]
    pub fn governing_version(&self, annex: AnnexId) -> Option<u32> {
        self.annexes.annexes.get(&annex)?.accepted
    }
}

impl Annexes {
    fn annex(&self, annex: AnnexId) -> Result<&Annex, Refusal> {
        self.annexes.get(&annex).ok_or(Refusal::Says(&UNKNOWN_ANNEX))
    }

    fn governs(&self, annex: AnnexId) -> Result<Governing<'_>, Refusal> {
        self.annex(annex)?;
        let mut governing = self.governing();
        let found = governing.find(|governing| governing.annex == annex);
        found.ok_or(Refusal::Says(&UNKNOWN_VERSION))
    }

    /// The newest accepted version of each annex, also of an agreement that holds no more.
    pub(crate) fn governing(&self) -> impl Iterator<Item = Governing<'_>> {
        self.annexes.iter().filter_map(|(id, annex)| {
            let number = annex.accepted?;
            let (version, accepted) = (annex.versions.get(&number)?, &annex.services);
            Some(Governing { annex: *id, number, version, accepted })
        })
    }

    pub(crate) fn council_consented(&self, module: Module) -> bool {
        self.consents.contains(&module)
    }

    /// What a version lets through, also one that does not govern.
    pub(crate) fn version(&self, annex: AnnexId, number: u32) -> Result<&Version, Refusal> {
        self.annex(annex)?.versions.get(&number).ok_or(Refusal::Says(&UNKNOWN_VERSION))
    }

    pub(crate) fn evolve(&mut self, event: &AnnexEvent) {
        match event {
            AnnexEvent::AnnexVersionPublished(event) => {
                let version = Version::of(event.agreement, &event.contents);
                let annex = self.annexes.entry(event.annex).or_default();
                annex.versions.insert(event.version, version);
            }
            AnnexEvent::AnnexVersionAccepted(event) => {
                self.change(event.annex, |annex| annex.accepted = Some(event.version));
            }
            AnnexEvent::AnnexVersionRefused(event) => {
                self.change(event.annex, |annex| {
                    annex.refused.insert(event.version);
                });
            }
            AnnexEvent::OptionalServiceAccepted(event) => self.change(event.annex, |annex| {
                annex.services.insert(event.service.clone());
            }),
            AnnexEvent::OptionalServiceWithdrawn(event) => self.change(event.annex, |annex| {
                annex.services.remove(&event.service);
            }),
            AnnexEvent::ParticipationConsentRecorded(event) => {
                self.consents.insert(event.module);
            }
            AnnexEvent::ParticipationConsentWithdrawn(event) => {
                self.consents.remove(&event.module);
            }
            AnnexEvent::LegalBasisStated(_) => {}
        }
    }

    fn change(&mut self, annex: AnnexId, how: impl FnOnce(&mut Annex)) {
        if let Some(found) = self.annexes.get_mut(&annex) {
            how(found);
        }
    }
}
