//! What the register of agreements shows.

use events::agreement::*;
use events::{Event, Forgotten};
use record::{ActorId, LeafId};

use super::story::*;
use crate::{AsOf, Views};

pub(super) const AGREEMENT: AgreementId = AgreementId::from_bytes([0xA6; 16]);
const CONTACT: ContactId = ContactId::from_bytes([0xC0; 16]);

pub(super) fn party(name: &str, kvk: &str) -> Party {
    Party {
        name: name.into(),
        kvk: kvk.into(),
        seat: "Zeist".into(),
        contact: "info@voorbeeld.example".into(),
        fg_contact: Some("fg@voorbeeld.example".into()),
        representative: None,
    }
}

pub(super) fn signed(agreement: AgreementId) -> Event {
    AgreementSigned {
        agreement,
        parties: Box::new(Parties {
            controller: party("Stichting De Horizon", "90000001"),
            processor: party("Lesvenster BV", "90000002"),
        }),
        model: AgreementModel::Covenant4General,
        terms: terms(24),
        by: ASKER,
    }
    .into()
}

fn terms(breach_hours: u16) -> Terms {
    let starts = record::TimestampMicros(500);
    Terms { starts, ends: None, objection: "P6W".into(), breach_hours }
}

fn authorised() -> Event {
    let told = Contact {
        name: "Noor de Wit".into(),
        function: "bestuurssecretaris".into(),
        email: "noor@horizon.example".into(),
        phone: None,
    };
    ContactAuthorised {
        contact: CONTACT,
        agreement: AGREEMENT,
        side: Side::Controller,
        may_instruct: true,
        by: ASKER,
        person: about(person(1), leaf(1), PERMANENT, told),
    }
    .into()
}

#[test]
fn an_agreement_is_shown_with_all_that_belongs_to_it() {
    let (text, by) = ("hoger bedrag".to_owned(), ASKER);
    let amended = AgreementAmended {
        agreement: AGREEMENT,
        terms: terms(12),
        text: "Artikel 7".into(),
        for_controller: ASKER,
        for_processor: APPROVER,
    };
    let deviation = DeviationRecorded { agreement: AGREEMENT, article: "12".into(), text, by };
    let contract = UnderlyingContractLinked { agreement: AGREEMENT, contract: "LO-1".into(), by };
    let views = views([
        signed(AGREEMENT),
        authorised(),
        amended.into(),
        deviation.into(),
        contract.into(),
        ContactRevoked { contact: CONTACT, by }.into(),
    ]);
    let row = views.agreements().list().next().unwrap();
    assert_eq!(row.controller.name, "Stichting De Horizon");
    assert_eq!(row.processor.kvk, "90000002");
    assert_eq!((row.model, row.breach_hours), ("covenant-4-general", 12));
    assert_eq!((row.amendments.len(), row.deviations.len()), (1, 1));
    assert_eq!(row.amendments[0].for_processor, APPROVER);
    assert_eq!(row.contracts, ["LO-1"]);
    assert_eq!((row.ended, row.end_reason), (None, None));
    let contact = &row.contacts[0];
    assert_eq!((contact.subject, contact.side), (person(1), "controller"));
    assert!(contact.may_instruct);
    assert!(contact.until.is_some());
    assert_eq!(views.agreements().contact_at(CONTACT), Some(contact.seq));
}

#[test]
fn an_erased_contact_person_leaves_the_register() {
    let mut views = views([signed(AGREEMENT), authorised()]);
    let leaves = [leaf(1)].into_iter().collect::<std::collections::BTreeSet<LeafId>>();
    views.forget(&Forgotten { leaves, ..Forgotten::default() });
    let row = views.agreements().list().next().unwrap();
    assert!(row.contacts.is_empty());
    assert_eq!(views.agreements().contact_at(CONTACT), None);
    assert_eq!(row.by, ASKER);
}

#[test]
fn an_agreement_that_ended_says_why() {
    let other = AgreementId::from_bytes([0xA7; 16]);
    let by: ActorId = ASKER;
    let views = views([
        signed(AGREEMENT),
        signed(other),
        AgreementSuperseded { agreement: AGREEMENT, successor: other, by }.into(),
        AgreementEnded { agreement: other, reason: EndReason::ByController, by }.into(),
    ]);
    let reasons: Vec<_> =
        views.agreements().list().map(|row| (row.end_reason, row.successor)).collect();
    assert_eq!(reasons, [(Some("superseded"), Some(other)), (Some("by-controller"), None)]);
    assert_eq!(running(&views, AsOf::NOW), 0);
    assert_eq!(running(&views, AsOf::Seq(record::Seq(2))), 2);
}

fn running(views: &Views, as_of: AsOf) -> usize {
    views.agreements().running(as_of).count()
}
