//! A tenant starts once; a person is registered once.

use events::{About, Event, PeopleEvent, PersonRegistered};
use record::TimestampMicros;
use record::public::Cut;

use super::harness::*;
use crate::{Command, Refusal, State, decide};

#[test]
fn nothing_happens_before_the_tenant_starts() {
    let refused = decide(&State::default(), &register(PERSON), TimestampMicros(0));
    assert_eq!(refused, Err(Refusal::TenantNotStarted));
    let started_event =
        decide(&State::default(), &Command::StartTenant(started_part()), TimestampMicros(0));
    assert_eq!(started_event, Ok(vec![started()]));
}

#[test]
fn a_tenant_starts_once() {
    given([])
        .when(&Command::StartTenant(started_part()))
        .then_refused(Refusal::TenantStartedAlready);
}

#[test]
fn a_person_is_registered_once() {
    let person = About::new(PERSON, PERMANENT, identity());
    let event = PeopleEvent::PersonRegistered(PersonRegistered { import: None, person });
    given([]).when(&register(PERSON)).then([Event::People(event)]);
    given([])
        .does(&register(PERSON))
        .when(&register(PERSON))
        .then_refused(Refusal::PersonRegistered);
}

#[test]
fn an_erased_person_does_not_come_back_under_the_same_id() {
    given([])
        .does(&register(PERSON))
        .does(&Command::OrderErasure(ordered(vec![Cut::Subject(PERSON)])))
        .does(&Command::ApproveErasure(approved()))
        .does(&Command::FenceErasure(fenced()))
        .does(&Command::RecordReceipt(receipt()))
        .forgets_person()
        .when(&register(PERSON))
        .then_refused(Refusal::AlreadyErased);
}

#[test]
fn names_and_addresses_have_limits() {
    let with = |name: &str, email: Option<String>| Command::RegisterPerson {
        person: PERSON,
        scope: PERMANENT,
        identity: events::Identity { name: name.into(), email },
        import: None,
    };
    given([]).when(&with("", None)).then_refused(Refusal::Empty { field: "name" });
    let limit = |field, limit| Refusal::TooLarge { field, limit };
    given([]).when(&with(&"é".repeat(101), None)).then_refused(limit("name", 200));
    given([]).when(&with("N", Some("x".repeat(255)))).then_refused(limit("email", 254));
}

impl Given {
    fn forgets_person(mut self) -> Self {
        let gone = events::Forgotten { subjects: [PERSON].into(), ..Default::default() };
        self.state.forget(&gone);
        self
    }
}

#[test]
fn every_refusal_speaks_dutch_too() {
    let refusals = [
        Refusal::TenantNotStarted,
        Refusal::TenantEnded,
        Refusal::IdInUse,
        Refusal::NothingChanged,
        Refusal::TooManyGroups,
        Refusal::TooCloseToEarlier,
        Refusal::RoundClosed { round: ROUND },
        Refusal::AnswerOutOfRange { question: 3 },
        Refusal::ImportIncomplete { expected: 10, found: 9 },
        Refusal::AlreadyCompleted { import: IMPORT },
        Refusal::WrongRound,
        Refusal::WrongStage { order: ORDER },
        Refusal::ReceiptDiffers,
    ];
    for refusal in refusals {
        assert_ne!(refusal.dutch(), refusal.to_string(), "{refusal:?}");
        assert!(!refusal.dutch().is_empty());
    }
}
