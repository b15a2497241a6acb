//! The register of agreements: parties, terms, who speaks for whom, and deviations.
//!
//! *Invariant:* parties are organisations and stay; a contact person is a place in the journal,
//! under the keys of what was told, and leaves with them.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::agreement::{
    AgreementAmended, AgreementEvent, AgreementId, AgreementModel, AgreementSigned,
    ContactAuthorised, ContactId, EndReason, Parties, Party, Side, Terms,
};
use events::{Forgotten, KeptMap, Place};
use record::{ActorId, Seq, SubjectId, TimestampMicros};
use schemars::JsonSchema;
use serde::Serialize;

use crate::moment::{AsOf, Dated, When, newest};
use crate::text::{id, id_if_any};

/// The agreements of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Agreements {
    agreements: BTreeMap<AgreementId, Agreement>,
    contacts: KeptMap<ContactId, Speaker>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Agreement {
    pub(crate) parties: Parties,
    model: AgreementModel,
    signed: When,
    by: ActorId,
    /// What it said about time, since when.
    terms: Vec<Dated<Terms>>,
    amendments: Vec<Dated<Amendment>>,
    ended: Option<Dated<Ended>>,
    deviations: Vec<Dated<(String, String)>>,
    contracts: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Amendment {
    text: String,
    for_controller: ActorId,
    for_processor: ActorId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
enum Ended {
    Because(EndReason),
    Superseded(AgreementId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
struct Speaker {
    agreement: AgreementId,
    side: Side,
    may_instruct: bool,
    since: When,
    until: Option<TimestampMicros>,
}

/// A party: an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PartyRow {
    /// Its name.
    pub name: String,
    /// Its number in the trade register.
    pub kvk: String,
    /// Where it is established.
    pub seat: String,
    /// Where it can be reached.
    pub contact: String,
    /// Where its data protection officer can be reached.
    pub fg_contact: Option<String>,
    /// Its representative in the Union.
    pub representative: Option<String>,
}

/// One agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AgreementRow {
    /// The agreement.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub agreement: AgreementId,
    /// The school board.
    pub controller: PartyRow,
    /// Who processes for it.
    pub processor: PartyRow,
    /// `covenant-4`, `covenant-4-general`, `covenant-3` or `own`.
    pub model: &'static str,
    /// Microseconds since 1970; when it was recorded as signed.
    pub signed: u64,
    /// Who recorded it, as a random reference.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub by: ActorId,
    /// Microseconds since 1970; its first moment.
    pub starts: u64,
    /// Microseconds since 1970; the first moment after it.
    pub ends: Option<u64>,
    /// How long the school may object to a new subprocessor, like `P6W`.
    pub objection: String,
    /// Within how many hours the processor notifies a breach.
    pub breach_hours: u16,
    /// Microseconds since 1970; when it was recorded as ended.
    pub ended: Option<u64>,
    /// Why: `term-over`, `by-controller`, `by-processor`, `jointly` or `superseded`.
    pub end_reason: Option<&'static str>,
    /// The agreement that took its place.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub successor: Option<AgreementId>,
    /// What the parties changed.
    pub amendments: Vec<AmendmentRow>,
    /// Where they deviate from the model.
    pub deviations: Vec<DeviationRow>,
    /// The contracts over which it prevails.
    pub contracts: Vec<String>,
    /// Who speaks for the parties.
    pub contacts: Vec<ContactRow>,
}

/// One amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AmendmentRow {
    /// Microseconds since 1970.
    pub at: u64,
    /// What changed.
    pub text: String,
    /// Who signed for the school, as a random reference.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub for_controller: ActorId,
    /// Who signed for the processor, as a random reference.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub for_processor: ActorId,
}

/// One deviation from the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DeviationRow {
    /// Microseconds since 1970.
    pub at: u64,
    /// From which article.
    pub article: String,
    /// How and why.
    pub text: String,
}

/// One contact person; the name is reopened from the record at `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ContactRow {
    /// The contact.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub contact: ContactId,
    /// The person.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub subject: SubjectId,
    /// `controller` or `processor`.
    pub side: &'static str,
    /// Whether instructions and acceptances may come from this person.
    pub may_instruct: bool,
    /// Microseconds since 1970.
    pub since: u64,
    /// Microseconds since 1970; when it was revoked.
    pub until: Option<u64>,
    /// Where it was told.
    #[serde(skip)]
    #[schemars(skip)]
    pub seq: Seq,
}

impl Agreements {
    /// All agreements, by id; those that ended too.
    pub fn list(&self) -> impl Iterator<Item = AgreementRow> + '_ {
        self.agreements.iter().filter_map(|(id, found)| self.row(*id, found))
    }

    /// Where a contact person was told, as long as it opens.
    #[must_use]
    pub fn contact_at(&self, contact: ContactId) -> Option<Seq> {
        self.contacts.get(&contact).map(|found| found.since.seq)
    }

    /// Agreements that were signed and had not ended as of a moment.
    pub(crate) fn running(
        &self,
        as_of: AsOf,
    ) -> impl Iterator<Item = (AgreementId, &Agreement)> + '_ {
        let all = self.agreements.iter().map(|(id, found)| (*id, found));
        all.filter(move |(_, found)| {
            let ended = found.ended.as_ref().is_some_and(|ended| ended.when.is_by(as_of));
            found.signed.is_by(as_of) && !ended
        })
    }

    fn row(&self, agreement: AgreementId, found: &Agreement) -> Option<AgreementRow> {
        let terms = found.terms.last()?.what.clone();
        let (end_reason, successor) = match found.ended.as_ref().map(|ended| ended.what) {
            None => (None, None),
            Some(Ended::Because(reason)) => (Some(reason_name(reason)), None),
            Some(Ended::Superseded(by)) => (Some("superseded"), Some(by)),
        };
        Some(AgreementRow {
            agreement,
            controller: party(&found.parties.controller),
            processor: party(&found.parties.processor),
            model: model_name(found.model),
            signed: found.signed.at.0,
            by: found.by,
            starts: terms.starts.0,
            ends: terms.ends.map(|at| at.0),
            objection: terms.objection,
            breach_hours: terms.breach_hours,
            ended: found.ended.as_ref().map(|ended| ended.when.at.0),
            end_reason,
            successor,
            amendments: found.amendments.iter().map(amendment).collect(),
            deviations: found.deviations.iter().map(deviation).collect(),
            contracts: found.contracts.clone(),
            contacts: self.contacts_of(agreement),
        })
    }

    fn contacts_of(&self, agreement: AgreementId) -> Vec<ContactRow> {
        let theirs = self.contacts.iter().filter(|(_, kept)| kept.value.agreement == agreement);
        let row = |(contact, kept): (&ContactId, &events::Kept<Speaker>)| ContactRow {
            contact: *contact,
            subject: kept.keys.subject,
            side: side_name(kept.value.side),
            may_instruct: kept.value.may_instruct,
            since: kept.value.since.at.0,
            until: kept.value.until.map(|at| at.0),
            seq: kept.value.since.seq,
        };
        theirs.map(row).collect()
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &AgreementEvent) {
        match event {
            AgreementEvent::AgreementSigned(event) => {
                self.agreements.insert(event.agreement, signed(place, event));
            }
            AgreementEvent::AgreementAmended(event) => {
                self.change(event.agreement, |found| found.amend(place, event));
            }
            AgreementEvent::AgreementSuperseded(event) => self.change(event.agreement, |found| {
                found.ended = Some(Dated::of(place, Ended::Superseded(event.successor)));
            }),
            AgreementEvent::AgreementEnded(event) => self.change(event.agreement, |found| {
                found.ended = Some(Dated::of(place, Ended::Because(event.reason)));
            }),
            AgreementEvent::ContactAuthorised(event) => self.authorise(place, event),
            AgreementEvent::ContactRevoked(event) => {
                if let Some(contact) = self.contacts.get_mut(&event.contact) {
                    contact.until = Some(place.recorded_at);
                }
            }
            AgreementEvent::DeviationRecorded(event) => self.change(event.agreement, |found| {
                let deviation = (event.article.clone(), event.text.clone());
                found.deviations.push(Dated::of(place, deviation));
            }),
            AgreementEvent::UnderlyingContractLinked(event) => {
                self.change(event.agreement, |found| found.contracts.push(event.contract.clone()));
            }
        }
    }

    fn authorise(&mut self, place: &Place, event: &ContactAuthorised) {
        let ContactAuthorised { contact, agreement, side, may_instruct, .. } = *event;
        if let Some(keys) = event.person.keys() {
            let since = When::of(place);
            let speaker = Speaker { agreement, side, may_instruct, since, until: None };
            self.contacts.insert(contact, keys, speaker);
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

impl Agreement {
    /// What it said about time as of a moment.
    pub(crate) fn terms(&self, as_of: AsOf) -> Option<&Terms> {
        newest(&self.terms, as_of).map(|dated| &dated.what)
    }

    fn amend(&mut self, place: &Place, event: &AgreementAmended) {
        self.terms.push(Dated::of(place, event.terms.clone()));
        let AgreementAmended { for_controller, for_processor, .. } = *event;
        let amendment = Amendment { text: event.text.clone(), for_controller, for_processor };
        self.amendments.push(Dated::of(place, amendment));
    }
}

fn signed(place: &Place, event: &AgreementSigned) -> Agreement {
    Agreement {
        parties: event.parties.as_ref().clone(),
        model: event.model,
        signed: When::of(place),
        by: event.by,
        terms: vec![Dated::of(place, event.terms.clone())],
        amendments: Vec::new(),
        ended: None,
        deviations: Vec::new(),
        contracts: Vec::new(),
    }
}

pub(crate) fn party(party: &Party) -> PartyRow {
    let Party { name, kvk, seat, contact, fg_contact, representative } = party.clone();
    PartyRow { name, kvk, seat, contact, fg_contact, representative }
}

fn amendment(dated: &Dated<Amendment>) -> AmendmentRow {
    let Amendment { text, for_controller, for_processor } = dated.what.clone();
    AmendmentRow { at: dated.when.at.0, text, for_controller, for_processor }
}

fn deviation(dated: &Dated<(String, String)>) -> DeviationRow {
    let (article, text) = dated.what.clone();
    DeviationRow { at: dated.when.at.0, article, text }
}

const fn model_name(model: AgreementModel) -> &'static str {
    match model {
        AgreementModel::Covenant4 => "covenant-4",
        AgreementModel::Covenant4General => "covenant-4-general",
        AgreementModel::Covenant3 => "covenant-3",
        AgreementModel::Own => "own",
    }
}

const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Controller => "controller",
        Side::Processor => "processor",
    }
}

const fn reason_name(reason: EndReason) -> &'static str {
    match reason {
        EndReason::TermOver => "term-over",
        EndReason::ByController => "by-controller",
        EndReason::ByProcessor => "by-processor",
        EndReason::Jointly => "jointly",
    }
}
