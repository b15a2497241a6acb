//! Agreements: who are the parties, when one holds, and who may instruct.
//!
//! *Invariant:* an agreement that ended holds no more; nothing revives it.
//! *Invariant:* a contact person is known as long as what was told of them opens.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::agreement::{
    AGREEMENT_TEXT_BYTES_MAX, AGREEMENTS_MAX, AgreementAmended, AgreementEvent, AgreementId,
    AgreementSigned, AgreementSuperseded, CONTACT_BYTES_MAX, CONTACTS_MAX, Contact,
    ContactAuthorised, ContactId, DEVIATIONS_MAX, DeviationRecorded, PARTY_BYTES_MAX, Parties,
    Party, REFERENCE_BYTES_MAX, Side, Terms, UnderlyingContractLinked,
};
use events::{Event, Forgotten, KeptMap};
use record::public::Cut;
use record::{ActorId, TimestampMicros};

use crate::deadline::Period;
use crate::numbers::{Email, Kvk};
use crate::people::told;
use crate::refusal::{Refusal, Rule};
use crate::state::{State, check_free_text, check_limit, check_text};

/// Longest own term to notify a breach: the controller itself has 72 hours (GDPR art. 33(1)).
const BREACH_HOURS_MAX: u16 = 72;

static UNKNOWN_AGREEMENT: Rule =
    Rule::unknown("the agreement is unknown", "de overeenkomst is onbekend");
static UNKNOWN_CONTACT: Rule =
    Rule::unknown("the contact person is unknown", "de contactpersoon is onbekend");
static ENDED: Rule = Rule::conflict("the agreement has ended", "de overeenkomst is beëindigd");
static TWO_PARTIES: Rule = Rule::conflict(
    "the parties of an agreement are two organisations",
    "de partijen bij een overeenkomst zijn twee organisaties",
);
static ENDS_BEFORE_START: Rule = Rule::invalid(
    "terms",
    "an agreement ends after it starts",
    "een overeenkomst eindigt na haar begin",
);
static BREACH_TERM: Rule = Rule::invalid(
    "breach_hours",
    "a breach is notified within 1 to 72 hours",
    "een datalek wordt binnen 1 tot 72 uur gemeld",
);
static OTHER_SUCCESSOR: Rule = Rule::conflict(
    "an agreement is superseded by another one",
    "een overeenkomst wordt vervangen door een andere",
);
static TWO_SIGN: Rule = Rule::conflict(
    "an agreement is changed by two people, one for each party",
    "een overeenkomst wordt gewijzigd door twee personen, voor elke partij een",
);
static MAY_NOT_INSTRUCT: Rule = Rule::conflict(
    "only a contact person of the school who may instruct decides this",
    "dit beslist alleen een contactpersoon van de school die instructies mag geven",
);
static TOO_MANY: Rule = Rule::conflict(
    "a tenant has at most 100 agreements and 200 contact persons, an agreement at most 100 \
     deviations and 100 contracts",
    "een omgeving telt ten hoogste 100 overeenkomsten en 200 contactpersonen, een overeenkomst ten \
     hoogste 100 afwijkingen en 100 contracten",
);

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Agreements {
    agreements: BTreeMap<AgreementId, Agreement>,
    contacts: KeptMap<ContactId, Speaker>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Agreement {
    starts: TimestampMicros,
    ends: Option<TimestampMicros>,
    objection: String,
    breach_hours: u16,
    ended: bool,
    deviations: usize,
    contracts: usize,
}

/// For whom a contact person speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
struct Speaker {
    agreement: AgreementId,
    side: Side,
    may_instruct: bool,
}

impl State {
    pub(crate) fn agreement(&self, event: &AgreementEvent) -> Result<Vec<Event>, Refusal> {
        let agreements = &self.agreements;
        match event {
            AgreementEvent::AgreementSigned(event) => {
                self.access.check_actor(event.by)?;
                agreements.sign(event)?;
            }
            AgreementEvent::AgreementAmended(event) => self.amend(event)?,
            AgreementEvent::AgreementSuperseded(event) => {
                self.access.check_actor(event.by)?;
                agreements.supersede(event)?;
            }
            AgreementEvent::AgreementEnded(event) => {
                self.access.check_actor(event.by)?;
                agreements.running(event.agreement)?;
            }
            AgreementEvent::ContactAuthorised(event) => self.authorise_contact(event)?,
            AgreementEvent::ContactRevoked(event) => {
                self.access.check_actor(event.by)?;
                UNKNOWN_CONTACT.unless(agreements.contacts.contains(&event.contact))?;
            }
            AgreementEvent::DeviationRecorded(event) => {
                self.access.check_actor(event.by)?;
                agreements.deviate(event)?;
            }
            AgreementEvent::UnderlyingContractLinked(event) => {
                self.access.check_actor(event.by)?;
                agreements.link(event)?;
            }
        }
        Ok(vec![Event::Agreement(event.clone())])
    }

    fn amend(&self, event: &AgreementAmended) -> Result<(), Refusal> {
        self.agreements.running(event.agreement)?;
        self.check_instructs(event.for_controller, event.agreement)?;
        self.access.check_actor(event.for_processor)?;
        let for_both = self.may_instruct(event.for_processor, event.agreement);
        TWO_SIGN.unless(!for_both && self.are_two(event.for_controller, event.for_processor))?;
        check_terms(&event.terms)?;
        check_free_text(&event.text, AGREEMENT_TEXT_BYTES_MAX, "text")
    }

    /// The contact person need not be registered: one of the processor never is.
    fn authorise_contact(&self, event: &ContactAuthorised) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        self.agreements.running(event.agreement)?;
        let (keys, person) = told(&event.person).ok_or(Refusal::AlreadyErased)?;
        self.erasures.check_scope(keys.scope)?;
        if self.erasures.is_erased(&Cut::Subject(keys.subject)) {
            return Err(Refusal::AlreadyErased);
        }
        if self.agreements.contacts.contains(&event.contact) {
            return Err(Refusal::IdInUse);
        }
        TOO_MANY.unless(self.agreements.contacts.len() < CONTACTS_MAX)?;
        check_contact(person)
    }

    /// Refuses a decision of somebody who may not instruct the processor under this agreement.
    pub(crate) fn check_instructs(
        &self,
        by: ActorId,
        agreement: AgreementId,
    ) -> Result<(), Refusal> {
        self.access.check_actor(by)?;
        MAY_NOT_INSTRUCT.unless(self.may_instruct(by, agreement))
    }

    /// Whether instructions of this actor are followed under an agreement: the person behind it is
    /// a contact person of the school who may instruct.
    #[must_use]
    pub fn may_instruct(&self, by: ActorId, agreement: AgreementId) -> bool {
        let account = self.account_behind(by).and_then(|account| self.account(account));
        account.is_some_and(|(person, _)| {
            self.agreements.contacts.of(person).any(|(_, contact)| {
                contact.value.may_instruct
                    && contact.value.side == Side::Controller
                    && contact.value.agreement == agreement
            })
        })
    }

    /// Whether an agreement holds at this moment.
    #[must_use]
    pub fn agreement_holds(&self, agreement: AgreementId, now: TimestampMicros) -> bool {
        let agreement = self.agreements.agreements.get(&agreement);
        agreement.is_some_and(|found| {
            !found.ended && found.starts <= now && found.ends.is_none_or(|ends| now < ends)
        })
    }

    /// Whether any agreement holds at this moment.
    #[must_use]
    pub fn any_agreement_holds(&self, now: TimestampMicros) -> bool {
        self.agreements.agreements.keys().any(|agreement| self.agreement_holds(*agreement, now))
    }

    /// Whether an agreement was ever signed, whatever became of it.
    pub(crate) fn was_agreed(&self) -> bool {
        !self.agreements.agreements.is_empty()
    }

    /// How long the school may object to a new subprocessor under an agreement.
    #[must_use]
    pub fn objection_period(&self, agreement: AgreementId) -> Option<Period> {
        Period::parse(&self.agreements.agreements.get(&agreement)?.objection).ok()
    }

    /// Within how many hours the processor notifies a breach under an agreement.
    #[must_use]
    pub fn breach_hours(&self, agreement: AgreementId) -> Option<u16> {
        self.agreements.agreements.get(&agreement).map(|found| found.breach_hours)
    }
}

impl Agreements {
    /// An agreement that has not ended; its term may be to come or over.
    fn running(&self, agreement: AgreementId) -> Result<&Agreement, Refusal> {
        let found = self.agreements.get(&agreement).ok_or(Refusal::Says(&UNKNOWN_AGREEMENT))?;
        ENDED.unless(!found.ended)?;
        Ok(found)
    }

    pub(crate) fn check_running(&self, agreement: AgreementId) -> Result<(), Refusal> {
        self.running(agreement).map(drop)
    }

    pub(crate) fn has_ended(&self, agreement: AgreementId) -> bool {
        self.agreements.get(&agreement).is_none_or(|found| found.ended)
    }

    fn sign(&self, event: &AgreementSigned) -> Result<(), Refusal> {
        if self.agreements.contains_key(&event.agreement) {
            return Err(Refusal::IdInUse);
        }
        TOO_MANY.unless(self.agreements.len() < AGREEMENTS_MAX)?;
        let Parties { controller, processor } = event.parties.as_ref();
        check_party(controller)?;
        check_party(processor)?;
        TWO_PARTIES.unless(controller.kvk != processor.kvk)?;
        check_terms(&event.terms)
    }

    fn supersede(&self, event: &AgreementSuperseded) -> Result<(), Refusal> {
        self.running(event.agreement)?;
        self.running(event.successor)?;
        OTHER_SUCCESSOR.unless(event.agreement != event.successor)
    }

    fn deviate(&self, event: &DeviationRecorded) -> Result<(), Refusal> {
        TOO_MANY.unless(self.running(event.agreement)?.deviations < DEVIATIONS_MAX)?;
        check_text(&event.article, REFERENCE_BYTES_MAX, "article")?;
        check_free_text(&event.text, AGREEMENT_TEXT_BYTES_MAX, "text")
    }

    fn link(&self, event: &UnderlyingContractLinked) -> Result<(), Refusal> {
        TOO_MANY.unless(self.running(event.agreement)?.contracts < DEVIATIONS_MAX)?;
        check_text(&event.contract, REFERENCE_BYTES_MAX, "contract")
    }

    pub(crate) fn evolve(&mut self, event: &AgreementEvent) {
        match event {
            AgreementEvent::AgreementSigned(event) => {
                let Terms { starts, ends, objection, breach_hours } = event.terms.clone();
                let (ended, deviations, contracts) = (false, 0, 0);
                let signed = Agreement {
                    starts,
                    ends,
                    objection,
                    breach_hours,
                    ended,
                    deviations,
                    contracts,
                };
                self.agreements.insert(event.agreement, signed);
            }
            AgreementEvent::AgreementAmended(event) => {
                let Terms { starts, ends, objection, breach_hours } = event.terms.clone();
                self.change(event.agreement, |found| {
                    *found = Agreement { starts, ends, objection, breach_hours, ..found.clone() };
                });
            }
            AgreementEvent::AgreementSuperseded(event) => {
                self.change(event.agreement, |found| found.ended = true);
            }
            AgreementEvent::AgreementEnded(event) => {
                self.change(event.agreement, |found| found.ended = true);
            }
            AgreementEvent::ContactAuthorised(event) => {
                let ContactAuthorised { contact, agreement, side, may_instruct, .. } = *event;
                if let Some(keys) = event.person.keys() {
                    self.contacts.insert(contact, keys, Speaker { agreement, side, may_instruct });
                }
            }
            AgreementEvent::ContactRevoked(event) => drop(self.contacts.remove(&event.contact)),
            AgreementEvent::DeviationRecorded(event) => {
                self.change(event.agreement, |found| found.deviations += 1);
            }
            AgreementEvent::UnderlyingContractLinked(event) => {
                self.change(event.agreement, |found| found.contracts += 1);
            }
        }
    }

    fn change(&mut self, agreement: AgreementId, how: impl FnOnce(&mut Agreement)) {
        if let Some(found) = self.agreements.get_mut(&agreement) {
            how(found);
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.contacts.forget(gone);
    }
}

fn check_party(party: &Party) -> Result<(), Refusal> {
    Kvk::parse(&party.kvk)?;
    check_text(&party.name, PARTY_BYTES_MAX, "name")?;
    check_text(&party.seat, PARTY_BYTES_MAX, "seat")?;
    check_text(&party.contact, PARTY_BYTES_MAX, "contact")?;
    let others = [(&party.fg_contact, "fg_contact"), (&party.representative, "representative")];
    let mut told = others.iter().filter_map(|(text, field)| text.as_ref().zip(Some(*field)));
    told.try_for_each(|(text, field)| check_text(text, PARTY_BYTES_MAX, field))
}

fn check_terms(terms: &Terms) -> Result<(), Refusal> {
    ENDS_BEFORE_START.unless(terms.ends.is_none_or(|ends| ends > terms.starts))?;
    Period::parse(&terms.objection)?;
    BREACH_TERM.unless((1..=BREACH_HOURS_MAX).contains(&terms.breach_hours))
}

fn check_contact(person: &Contact) -> Result<(), Refusal> {
    check_text(&person.name, CONTACT_BYTES_MAX, "name")?;
    check_text(&person.function, CONTACT_BYTES_MAX, "function")?;
    Email::parse(&person.email)?;
    check_limit(person.phone.as_ref().map_or(0, String::len), CONTACT_BYTES_MAX, "phone")
}
