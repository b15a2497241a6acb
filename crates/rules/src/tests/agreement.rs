//! An agreement has two parties and a term; who may instruct under it is a contact person of the
//! school.

use events::access::{AccountId, AccountOpened, ActorName, ActorNamed, Login};
use events::agreement::examples::parties;
use events::agreement::*;
use events::{About, Event, Forgotten, PersonRegistered};
use record::public::Cut;
use record::{ActorId, ScopeId, SubjectId, TimestampMicros};

use super::harness::*;
use crate::{Command, Refusal};

pub(super) const AGREEMENT: AgreementId = AgreementId::from_bytes([0x41; 16]);
pub(super) const OTHER: AgreementId = AgreementId::from_bytes([0x42; 16]);
const CONTACT: ContactId = ContactId::from_bytes([0x43; 16]);
const HOLDER: SubjectId = SubjectId::from_bytes([0x44; 16]);
const TRAIL: ScopeId = ScopeId::from_bytes([0x45; 16]);
pub(super) const STARTS: TimestampMicros = TimestampMicros(1_000_000);
const ENDS: TimestampMicros = TimestampMicros(9_000_000);

/// Somebody with an account who may act: the same number names person, account and actor.
pub(super) fn actor(number: u8) -> ActorId {
    ActorId::from_bytes([number; 16])
}

fn person(number: u8) -> SubjectId {
    SubjectId::from_bytes([number; 16])
}

fn known(number: u8) -> [Event; 3] {
    let account = AccountId::from_bytes([number; 16]);
    let login = Login { name: "naam".into(), index: [number; 16] };
    let name = ActorName { account, person: person(number), name: "Naam".into() };
    [
        PersonRegistered {
            import: None,
            person: About::new(person(number), PERMANENT, identity()),
        }
        .into(),
        AccountOpened { account, holder: About::new(person(number), PERMANENT, login) }.into(),
        ActorNamed { actor: actor(number), year: 2026, name: About::new(HOLDER, TRAIL, name) }
            .into(),
    ]
}

/// The school's contact person, and whoever acts for the processor.
pub(super) const SCHOOL: u8 = 0xC1;
pub(super) const PROCESSOR: u8 = 0xC2;

fn terms() -> Terms {
    Terms { starts: STARTS, ends: Some(ENDS), objection: "P6W".into(), breach_hours: 24 }
}

pub(super) fn signed(agreement: AgreementId) -> AgreementSigned {
    AgreementSigned {
        agreement,
        parties: Box::new(parties()),
        model: AgreementModel::Covenant4General,
        terms: terms(),
        by: actor(PROCESSOR),
    }
}

pub(super) fn contact(side: Side, may_instruct: bool) -> ContactAuthorised {
    let told = Contact {
        name: "Noor de Wit".into(),
        function: "bestuurssecretaris".into(),
        email: "noor@horizon.example".into(),
        phone: None,
    };
    ContactAuthorised {
        contact: CONTACT,
        agreement: AGREEMENT,
        side,
        may_instruct,
        by: actor(SCHOOL),
        person: About::new(person(SCHOOL), PERMANENT, told),
    }
}

/// Two people who may act, and nothing signed.
fn two_people() -> Given {
    given([known(SCHOOL), known(PROCESSOR)].concat())
}

/// An agreement, and a contact person of the school who may instruct.
pub(super) fn agreed() -> Given {
    two_people().does(&propose(signed(AGREEMENT))).does(&propose(contact(Side::Controller, true)))
}

pub(super) fn propose(event: impl Into<Event>) -> Command {
    Command::Propose(event.into())
}

#[test]
fn an_agreement_has_two_parties_and_sound_terms() {
    let given = two_people();
    let with = |change: &dyn Fn(&mut AgreementSigned)| {
        let mut event = signed(AGREEMENT);
        change(&mut event);
        given.when(&propose(event))
    };
    with(&|_| {}).then([signed(AGREEMENT).into()]);
    with(&|event| event.parties.processor = event.parties.controller.clone())
        .then_says("two organisations");
    with(&|event| event.terms.ends = Some(STARTS)).then_says("ends after it starts");
    with(&|event| event.terms.breach_hours = 0).then_says("1 to 72 hours");
    with(&|event| event.terms.breach_hours = 73).then_says("1 to 72 hours");
    with(&|event| event.by = actor(9)).then_says("nobody is known");
    assert!(matches!(
        with(&|event| event.parties.controller.kvk = "9".into()).refusal(),
        Refusal::Number(_)
    ));
    assert!(matches!(
        with(&|event| event.terms.objection = "redelijk".into()).refusal(),
        Refusal::Period(_)
    ));
    with(&|event| event.parties.processor.fg_contact = Some(String::new()))
        .then_refused(Refusal::Empty { field: "fg_contact" });
}

#[test]
fn an_agreement_holds_within_its_term_only() {
    let state = agreed().state;
    let holds = |at| state.agreement_holds(AGREEMENT, TimestampMicros(at));
    assert!(!holds(STARTS.0 - 1));
    assert!(holds(STARTS.0));
    assert!(holds(ENDS.0 - 1));
    assert!(!holds(ENDS.0));
    assert!(!state.agreement_holds(OTHER, STARTS));
}

#[test]
fn each_agreement_has_its_own_term_to_object_and_to_notify() {
    let mut other = signed(OTHER);
    other.terms.objection = "P1M".into();
    other.terms.breach_hours = 48;
    let state = agreed().does(&propose(other)).state;
    assert_eq!(state.objection_period(AGREEMENT), Some(crate::deadline::SUBPROCESSOR_OBJECTION));
    assert_eq!(state.objection_period(OTHER), Some(crate::deadline::Period::Months(1)));
    assert_eq!(state.breach_hours(AGREEMENT), Some(24));
    assert_eq!(state.breach_hours(OTHER), Some(48));
}

#[test]
fn an_agreement_is_changed_by_two_people_one_for_each_party() {
    let amended = |for_controller, for_processor| AgreementAmended {
        agreement: AGREEMENT,
        terms: Terms { breach_hours: 12, ..terms() },
        text: "Artikel 7".into(),
        for_controller,
        for_processor,
    };
    let (school, processor) = (actor(SCHOOL), actor(PROCESSOR));
    agreed().when(&propose(amended(school, school))).then_says("two people");
    agreed().when(&propose(amended(processor, school))).then_says("may instruct");
    let mut second = contact(Side::Controller, true);
    second.contact = ContactId::from_bytes([0x46; 16]);
    if let About::Known { subject, .. } = &mut second.person {
        *subject = person(PROCESSOR);
    }
    let both_of_the_school = agreed().does(&propose(second));
    both_of_the_school.when(&propose(amended(school, processor))).then_says("two people");
    let state = agreed().does(&propose(amended(school, processor))).state;
    assert_eq!(state.breach_hours(AGREEMENT), Some(12));
}

#[test]
fn a_superseded_or_ended_agreement_holds_no_more() {
    let superseded =
        |successor| AgreementSuperseded { agreement: AGREEMENT, successor, by: actor(PROCESSOR) };
    agreed().when(&propose(superseded(OTHER))).then_says("unknown");
    agreed().when(&propose(superseded(AGREEMENT))).then_says("another one");
    let after = agreed().does(&propose(signed(OTHER))).does(&propose(superseded(OTHER)));
    assert!(!after.state.agreement_holds(AGREEMENT, STARTS));
    assert!(after.state.agreement_holds(OTHER, STARTS));
    after.when(&propose(superseded(OTHER))).then_says("has ended");
    let ended =
        AgreementEnded { agreement: OTHER, reason: EndReason::ByController, by: actor(SCHOOL) };
    assert!(!after.does(&propose(ended)).state.any_agreement_holds(STARTS));
}

#[test]
fn only_a_contact_person_of_the_school_may_instruct() {
    let may = |given: &Given| given.state.may_instruct(actor(SCHOOL), AGREEMENT);
    assert!(may(&agreed()));
    assert!(!agreed().state.may_instruct(actor(PROCESSOR), AGREEMENT));
    assert!(!agreed().state.may_instruct(actor(SCHOOL), OTHER));
    let with = |side, may_instruct| {
        two_people().does(&propose(signed(AGREEMENT))).does(&propose(contact(side, may_instruct)))
    };
    assert!(!may(&with(Side::Processor, true)));
    assert!(!may(&with(Side::Controller, false)));
    let revoked = ContactRevoked { contact: CONTACT, by: actor(SCHOOL) };
    assert!(!may(&agreed().does(&propose(revoked.clone()))));
    two_people().when(&propose(revoked)).then_says("contact person is unknown");
}

#[test]
fn an_erased_contact_person_instructs_no_more() {
    let mut given = agreed();
    let gone = Forgotten { subjects: [person(SCHOOL)].into(), ..Default::default() };
    given.state.forget(&gone);
    assert!(!given.state.may_instruct(actor(SCHOOL), AGREEMENT));
}

#[test]
fn a_contact_person_is_reached_and_authorised_once() {
    agreed().when(&propose(contact(Side::Controller, true))).then_refused(Refusal::IdInUse);
    let mut unreachable = contact(Side::Controller, true);
    if let About::Known { value, .. } = &mut unreachable.person {
        value.email = "geen adres".into();
    }
    let given = two_people().does(&propose(signed(AGREEMENT)));
    assert!(matches!(given.when(&propose(unreachable)).refusal(), Refusal::Number(_)));
    let erased = ordered(vec![Cut::Subject(person(SCHOOL))]);
    let given = given
        .does(&Command::OrderErasure(erased))
        .does(&Command::ApproveErasure(approved()))
        .does(&Command::FenceErasure(fenced()))
        .does(&Command::RecordReceipt(receipt()));
    given.when(&propose(contact(Side::Controller, true))).then_refused(Refusal::AlreadyErased);
}

#[test]
fn deviations_and_contracts_are_counted() {
    let deviation = DeviationRecorded {
        agreement: AGREEMENT,
        article: "12".into(),
        text: "hoger".into(),
        by: actor(SCHOOL),
    };
    let contract = UnderlyingContractLinked {
        agreement: AGREEMENT,
        contract: "LO-1".into(),
        by: actor(SCHOOL),
    };
    let mut given = agreed();
    for _ in 0..DEVIATIONS_MAX {
        given = given.does(&propose(deviation.clone())).does(&propose(contract.clone()));
    }
    given.when(&propose(deviation.clone())).then_says("at most 100");
    given.when(&propose(contract)).then_says("at most 100");
    let unknown = DeviationRecorded { agreement: OTHER, ..deviation };
    given.when(&propose(unknown)).then_says("agreement is unknown");
}
