//! Processor agreements, their annexes and contact persons, and what the gate keeps out.
//!
//! *Invariant:* an instruction comes from the contact person that acts: nobody accepts for another,
//! and the rules ask whether that person may instruct.

mod body;

use events::agreement::{
    AgreementEvent, AgreementId, AgreementModel, AgreementSigned, Contact, ContactAuthorised,
    ContactId, ContactRevoked, Parties, Party, Side, Terms,
};
use events::annex::{
    AnnexId, AnnexVersionAccepted, AnnexVersionPublished, AnnexVersionRefused, LegalBasisStated,
    OptionalServiceAccepted, OptionalServiceWithdrawn, ParticipationConsentRecorded,
    ParticipationConsentWithdrawn,
};
use events::{Event, category};
use projections::{
    AgreementRow, AnnexRow, ChangeRow, ContactRow, ContentsRow, CouncilRow, GateRow, RefusedRow,
    RejectedRow,
};
use record::{SubjectId, TimestampMicros};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::body::{AnnexContents, BasisName, CouncilName, ModuleName};
use super::{Done, Made, Nothing, PAGE_MAX, id_in, person_in};
use crate::operation::{At, Operation, Plan, Planned, Scope, Stop, Thing};

const PURPOSE: &str = "agreement";
const SHOWN: [u16; 1] = [category::CONTACT.0];

pub(super) fn operations() -> Vec<Operation> {
    [agreements(), annexes(), decisions(), gate()].concat()
}

fn agreements() -> Vec<Operation> {
    vec![
        Operation::shows_people::<Agreements>(
            "see-agreement",
            "/agreements",
            PURPOSE,
            "The agreements with their parties, terms and contact persons, the annexes with their \
             versions, and what councils said",
            see_agreements,
        ),
        Operation::does::<NewAgreement, Made>(
            "sign-agreement",
            "/agreements",
            PURPOSE,
            "Record an agreement that was signed",
            sign,
        ),
        Operation::does::<NewContact, Made>(
            "authorise-contact",
            "/agreements/{agreement}/contacts",
            PURPOSE,
            "Name a contact person of a party",
            authorise,
        ),
        Operation::does::<Nothing, Done>(
            "revoke-contact",
            "/contacts/{contact}/revocation",
            PURPOSE,
            "A contact person speaks for the party no more",
            revoke,
        ),
    ]
}

fn annexes() -> Vec<Operation> {
    vec![
        Operation::does::<NewAnnex, Made>(
            "publish-annex",
            "/agreements/{agreement}/annexes",
            PURPOSE,
            "Publish a version of an annex: it governs once the school accepted it",
            publish,
        ),
        Operation::shows::<Annex>(
            "see-annex",
            "/annexes/{annex}",
            PURPOSE,
            "All that a version of an annex says, and what the gate lets through under it; \
             `version` is the newest one without; `from` and `to` ask for what two versions say \
             differently",
            see_annex,
        )
        .knows(&[
            ("version", "^[0-9]{1,9}$"),
            ("from", "^[0-9]{1,9}$"),
            ("to", "^[0-9]{1,9}$"),
        ]),
        Operation::does::<WhichVersion, Done>(
            "accept-annex",
            "/annexes/{annex}/acceptance",
            PURPOSE,
            "Accept a version: it governs from now on",
            |at, body: WhichVersion| {
                let (annex, thing) = annex_of(at)?;
                let WhichVersion { version } = body;
                let event = AnnexVersionAccepted { annex, version, by: at.who.actor };
                Plan::does(thing, event, &Done {})
            },
        ),
        Operation::does::<WhichVersion, Done>(
            "refuse-annex",
            "/annexes/{annex}/refusal",
            PURPOSE,
            "Refuse a version: the one before goes on",
            |at, body: WhichVersion| {
                let (annex, thing) = annex_of(at)?;
                let WhichVersion { version } = body;
                let event = AnnexVersionRefused { annex, version, by: at.who.actor };
                Plan::does(thing, event, &Done {})
            },
        ),
    ]
}

fn decisions() -> Vec<Operation> {
    vec![
        Operation::does::<WhichService, Done>(
            "enable-service",
            "/annexes/{annex}/services",
            PURPOSE,
            "Accept an optional service",
            |at, body: WhichService| {
                let (annex, thing) = annex_of(at)?;
                let WhichService { service } = body;
                let event = OptionalServiceAccepted { annex, service, by: at.who.actor };
                Plan::does(thing, event, &Done {})
            },
        ),
        Operation::does::<WhichService, Done>(
            "withdraw-service",
            "/annexes/{annex}/service-withdrawal",
            PURPOSE,
            "Want an optional service no more",
            |at, body: WhichService| {
                let (annex, thing) = annex_of(at)?;
                let WhichService { service } = body;
                let event = OptionalServiceWithdrawn { annex, service, by: at.who.actor };
                Plan::does(thing, event, &Done {})
            },
        ),
        Operation::does::<NewBasis, Done>(
            "state-legal-basis",
            "/annexes/{annex}/legal-basis",
            PURPOSE,
            "State what makes a purpose lawful",
            |at, body: NewBasis| {
                let (annex, thing) = annex_of(at)?;
                let NewBasis { purpose, basis, note } = body;
                let by = at.who.actor;
                let event = LegalBasisStated { annex, purpose, basis: basis.0, note, by };
                Plan::does(thing, event, &Done {})
            },
        ),
        Operation::does::<NewConsent, Done>(
            "record-participation-consent",
            "/participation-consents",
            PURPOSE,
            "Record that a council consented to a module that follows staff",
            |at, body: NewConsent| {
                let NewConsent { module, council, date, reference } = body;
                let (module, council, by) = (module.0, council.0, at.who.actor);
                let event = ParticipationConsentRecorded { module, council, date, reference, by };
                Plan::does(at.board("participation"), event, &Done {})
            },
        ),
        Operation::does::<WhichModule, Done>(
            "withdraw-participation-consent",
            "/participation-consents/withdrawal",
            PURPOSE,
            "Record that a council consents to a module no more",
            |at, body: WhichModule| {
                let event =
                    ParticipationConsentWithdrawn { module: body.module.0, by: at.who.actor };
                Plan::does(at.board("participation"), event, &Done {})
            },
        ),
    ]
}

fn gate() -> Vec<Operation> {
    vec![
        Operation::shows::<Gate>(
            "see-gate",
            "/gate",
            PURPOSE,
            "What the gate kept out, newest day first, and how often in all; `page` counts from 0",
            see_gate,
        )
        .knows(&[("page", "^[0-9]{1,6}$")]),
    ]
}

/// Every agreement of the tenant, and what hangs on it.
#[derive(Serialize, JsonSchema)]
struct Agreements {
    /// Also those that ended.
    agreements: Vec<AgreementRow>,
    /// How the contact persons are reached; who was revoked or erased is not here.
    people: Vec<ContactPerson>,
    annexes: Vec<AnnexRow>,
    /// The last word of a council on each module that follows staff.
    councils: Vec<CouncilRow>,
}

/// How a contact person is reached.
#[derive(Serialize, JsonSchema)]
struct ContactPerson {
    /// The contact.
    contact: String,
    name: String,
    function: String,
    email: String,
    phone: Option<String>,
}

/// An agreement that was signed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewAgreement {
    /// The school board.
    controller: NewParty,
    /// Who processes for it.
    processor: NewParty,
    model: ModelName,
    terms: NewTerms,
}

/// An organisation that is a party.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewParty {
    /// At most 200 bytes, as all that follows.
    name: String,
    /// Its number in the trade register: 8 digits.
    kvk: String,
    /// Where it is established.
    seat: String,
    /// Where it can be reached.
    contact: String,
    /// Where its data protection officer can be reached.
    fg_contact: Option<String>,
    /// Its representative in the Union, if it needs one.
    representative: Option<String>,
}

/// Which text an agreement follows.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
enum ModelName {
    #[serde(rename = "covenant-4")]
    Covenant4,
    #[serde(rename = "covenant-4-general")]
    Covenant4General,
    #[serde(rename = "covenant-3")]
    Covenant3,
    #[serde(rename = "own")]
    Own,
}

/// What an agreement says about time.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewTerms {
    /// Microseconds since 1970; its first moment.
    starts: u64,
    /// Microseconds since 1970; the first moment after it; null as long as the contract runs.
    ends: Option<u64>,
    /// How long the school may object to a new subprocessor, like `P6W`.
    objection: String,
    /// Within how many hours the processor notifies a breach: 1 to 72.
    breach_hours: u16,
}

/// A contact person of a party.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewContact {
    side: SideName,
    /// Whether instructions and acceptances may come from this person.
    may_instruct: bool,
    /// The person, if known by name here: only who has an account can instruct here.
    person: Option<String>,
    /// At most 254 bytes, as all that follows.
    name: String,
    function: String,
    email: String,
    phone: Option<String>,
}

/// For which party somebody speaks.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum SideName {
    Controller,
    Processor,
}

/// A version of an annex to publish.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewAnnex {
    /// The annex that this is a version of; null for a new one.
    annex: Option<String>,
    /// Higher than those before.
    version: u32,
    /// Its date, like `2025-02-01`.
    date: String,
    contents: AnnexContents,
}

/// A version to decide on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WhichVersion {
    version: u32,
}

/// An optional service.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WhichService {
    /// Its code in the annex.
    service: String,
}

/// What makes a purpose lawful.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewBasis {
    /// The code of the purpose in the annex.
    purpose: String,
    basis: BasisName,
    /// Why; names nobody; at most 2,000 bytes.
    note: Option<String>,
}

/// The consent of a council.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewConsent {
    module: ModuleName,
    council: CouncilName,
    /// When it decided, like `2026-09-01`.
    date: String,
    /// Where its decision is kept; at most 200 bytes.
    reference: String,
}

/// A module.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WhichModule {
    module: ModuleName,
}

/// One annex.
#[derive(Serialize, JsonSchema)]
struct Annex {
    /// With all its versions.
    annex: AnnexRow,
    /// The version that is shown.
    version: u32,
    contents: ContentsRow,
    /// What the gate lets through under this version; a field without a row never passes.
    gate: Vec<GateRow>,
    /// What `to` says differently from `from`; null unless both are asked.
    difference: Option<Vec<ChangeRow>>,
}

/// What the gate kept out.
#[derive(Serialize, JsonSchema)]
struct Gate {
    /// How many fields were rejected in all.
    rejected_total: u64,
    /// How often processing was refused in all.
    refused_total: u64,
    /// A page of the rejected fields by day, at most 100.
    rejected: Vec<RejectedRow>,
    /// A page of the refused processing by day, at most 100.
    refused: Vec<RefusedRow>,
}

fn see_agreements(at: &At<'_>) -> Planned {
    let views = at.tenant()?.views();
    let agreements: Vec<AgreementRow> = views.agreements().list().collect();
    let mut people = Vec::new();
    let mut whose: Vec<SubjectId> = Vec::new();
    let contacts = agreements.iter().flat_map(|agreement| &agreement.contacts);
    for row in contacts.filter(|row| row.until.is_none()) {
        people.extend(contact_person(at, row)?);
        whose.push(row.subject);
    }
    whose.sort_unstable();
    whose.dedup();
    let annexes = views.annexes().list().collect();
    let councils = views.annexes().councils().collect();
    let shown = Agreements { agreements, people, annexes, councils };
    let plan = Plan::shows(at.board("agreements"), &shown)?;
    // At a time there are as many contact persons as a line of the trail has places.
    Ok(whose.into_iter().fold(plan, |plan, person| plan.about(person, &SHOWN)))
}

fn contact_person(at: &At<'_>, row: &ContactRow) -> Result<Option<ContactPerson>, Stop> {
    let told = at.engine.reopened(at.tenant, row.seq)?;
    let Some(Event::Agreement(AgreementEvent::ContactAuthorised(event))) = told else {
        return Ok(None);
    };
    Ok(event.person.value().cloned().map(|person| ContactPerson {
        contact: row.contact.to_string(),
        name: person.name,
        function: person.function,
        email: person.email,
        phone: person.phone,
    }))
}

fn sign(at: &At<'_>, body: NewAgreement) -> Planned {
    let agreement = AgreementId::from_bytes(at.made("agreement")?);
    let (controller, processor) = (party(body.controller), party(body.processor));
    let NewTerms { starts, ends, objection, breach_hours } = body.terms;
    let (starts, ends) = (TimestampMicros(starts), ends.map(TimestampMicros));
    let event = AgreementSigned {
        agreement,
        parties: Box::new(Parties { controller, processor }),
        model: model(body.model),
        terms: Terms { starts, ends, objection, breach_hours },
        by: at.who.actor,
    };
    Plan::does(at.board("agreements"), event, &Made::of(agreement))
}

fn party(body: NewParty) -> Party {
    let NewParty { name, kvk, seat, contact, fg_contact, representative } = body;
    Party { name, kvk, seat, contact, fg_contact, representative }
}

const fn model(name: ModelName) -> AgreementModel {
    match name {
        ModelName::Covenant4 => AgreementModel::Covenant4,
        ModelName::Covenant4General => AgreementModel::Covenant4General,
        ModelName::Covenant3 => AgreementModel::Covenant3,
        ModelName::Own => AgreementModel::Own,
    }
}

fn authorise(at: &At<'_>, body: NewContact) -> Planned {
    let (agreement, thing) = agreement_of(at)?;
    let contact = ContactId::from_bytes(at.made("contact")?);
    let subject = match &body.person {
        Some(text) => {
            let person = person_in(text)?;
            // Known by name, or the answer is that of an agreement that is not there.
            at.tenant()?.views().people().registered_at(person).ok_or(Stop::Unknown)?;
            person
        }
        None => SubjectId::from_bytes(at.made("contact person")?),
    };
    let NewContact { side, may_instruct, name, function, email, phone, .. } = body;
    let side = match side {
        SideName::Controller => Side::Controller,
        SideName::Processor => Side::Processor,
    };
    let person = at.about(subject, Contact { name, function, email, phone })?;
    let by = at.who.actor;
    let event = ContactAuthorised { contact, agreement, side, may_instruct, by, person };
    Ok(Plan::does(thing, event, &Made::of(contact))?.about(subject, &SHOWN))
}

fn revoke(at: &At<'_>, _: Nothing) -> Planned {
    let contact = at.path.id("contact", ContactId::from_hex)?;
    let mut agreements = at.tenant()?.views().agreements().list();
    let known =
        agreements.find_map(|row| row.contacts.into_iter().find(|of| of.contact == contact));
    let subject = known.ok_or(Stop::Unknown)?.subject;
    let event = ContactRevoked { contact, by: at.who.actor };
    Ok(Plan::does(thing("contact", contact), event, &Done {})?.about(subject, &SHOWN))
}

fn publish(at: &At<'_>, body: NewAnnex) -> Planned {
    let (agreement, thing) = agreement_of(at)?;
    let annex = match &body.annex {
        Some(text) => known_annex(at, id_in("annex", text, AnnexId::from_hex)?)?.annex,
        None => AnnexId::from_bytes(at.made("annex")?),
    };
    let NewAnnex { version, date, contents, .. } = body;
    let (contents, by) = (Box::new(contents.into()), at.who.actor);
    let event = AnnexVersionPublished { annex, agreement, version, date, contents, by };
    Plan::does(thing, event, &Made::of(annex))
}

fn see_annex(at: &At<'_>) -> Planned {
    let (id, thing) = annex_of(at)?;
    let (annex, views) = (known_annex(at, id)?, at.tenant()?.views().annexes());
    let newest = annex.versions.last().map(|version| version.version);
    let version = version_in(at, "version")?.or(newest).ok_or(Stop::Unknown)?;
    let contents = views.contents(id, version).ok_or(Stop::Unknown)?;
    let gate = views.gate_table(id, version).ok_or(Stop::Unknown)?;
    let difference = match (version_in(at, "from")?, version_in(at, "to")?) {
        (Some(from), Some(to)) => Some(views.difference(id, from, to).ok_or(Stop::Unknown)?),
        _ => None,
    };
    Plan::shows(thing, &Annex { annex, version, contents, gate, difference })
}

fn version_in(at: &At<'_>, name: &str) -> Result<Option<u32>, Stop> {
    at.path.text(name).map(|text| text.parse().map_err(|_| Stop::Unknown)).transpose()
}

fn see_gate(at: &At<'_>) -> Planned {
    let skip = at.rows_before_page()?;
    let views = at.tenant()?.views().rejections();
    let shown = Gate {
        rejected_total: views.fields().map(|row| row.count).fold(0, u64::saturating_add),
        refused_total: views.refused().map(|row| row.count).fold(0, u64::saturating_add),
        rejected: views.fields().rev().skip(skip).take(PAGE_MAX).collect(),
        refused: views.refused().rev().skip(skip).take(PAGE_MAX).collect(),
    };
    Plan::shows(at.board("gate"), &shown)
}

/// The agreement that the path names, if there is one.
fn agreement_of(at: &At<'_>) -> Result<(AgreementId, Thing), Stop> {
    let agreement = at.path.id("agreement", AgreementId::from_hex)?;
    let mut known = at.tenant()?.views().agreements().list();
    known.find(|row| row.agreement == agreement).ok_or(Stop::Unknown)?;
    Ok((agreement, thing("agreement", agreement)))
}

/// The annex that the path names, if there is one.
fn annex_of(at: &At<'_>) -> Result<(AnnexId, Thing), Stop> {
    let annex = known_annex(at, at.path.id("annex", AnnexId::from_hex)?)?.annex;
    Ok((annex, thing("annex", annex)))
}

fn known_annex(at: &At<'_>, annex: AnnexId) -> Result<AnnexRow, Stop> {
    let mut known = at.tenant()?.views().annexes().list();
    known.find(|row| row.annex == annex).ok_or(Stop::Unknown)
}

/// Agreements and what hangs on them are the board's.
fn thing(kind: &'static str, id: impl ToString) -> Thing {
    Thing { kind, id: id.to_string(), within: vec![Scope::Board] }
}
