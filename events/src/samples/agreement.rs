//! Samples of agreements, annexes and the gate.

use record::{ActorId, TimestampMicros};

use super::{PERSON, about};
use crate::Event;
use crate::agreement::*;
use crate::annex::examples;
use crate::annex::*;
use crate::gate::*;

const AGREEMENT: AgreementId = AgreementId::from_bytes([0xA6; 16]);
const CONTACT: ContactId = ContactId::from_bytes([0xC0; 16]);
const ANNEX: AnnexId = AnnexId::from_bytes([0xB1; 16]);
const BY: ActorId = ActorId::from_bytes([0xA1; 16]);

pub(crate) fn all() -> Vec<Event> {
    [agreements(), annexes(), accepted(), gate()].concat()
}

/// The parties of the example: a board and a processor, both invented.
fn parties() -> Box<Parties> {
    let controller = Party {
        name: "Stichting De Horizon".into(),
        kvk: "90000001".into(),
        seat: "Zeist".into(),
        contact: "bestuur@horizon.example".into(),
        fg_contact: Some("fg@horizon.example".into()),
        representative: None,
    };
    let processor = Party {
        name: "Lesvenster BV".into(),
        kvk: "90000002".into(),
        seat: "Utrecht".into(),
        contact: "privacy@lesvenster.example".into(),
        fg_contact: None,
        representative: None,
    };
    Box::new(Parties { controller, processor })
}

fn terms() -> Terms {
    let starts = TimestampMicros(1_795_773_600_000_000);
    Terms { starts, ends: None, objection: "P6W".into(), breach_hours: 24 }
}

fn agreements() -> Vec<Event> {
    let successor = AgreementId::from_bytes([0xA7; 16]);
    let person = Contact {
        name: "Noor de Wit".into(),
        function: "bestuurssecretaris".into(),
        email: "noor@horizon.example".into(),
        phone: None,
    };
    vec![
        AgreementSigned {
            agreement: AGREEMENT,
            parties: parties(),
            model: AgreementModel::Covenant4General,
            terms: terms(),
            by: BY,
        }
        .into(),
        AgreementAmended {
            agreement: AGREEMENT,
            terms: Terms { breach_hours: 12, ..terms() },
            text: "Artikel 7: melden binnen 12 uur".into(),
            for_controller: BY,
            for_processor: ActorId::from_bytes([0xA2; 16]),
        }
        .into(),
        AgreementSuperseded { agreement: AGREEMENT, successor, by: BY }.into(),
        AgreementEnded { agreement: AGREEMENT, reason: EndReason::Jointly, by: BY }.into(),
        ContactAuthorised {
            contact: CONTACT,
            agreement: AGREEMENT,
            side: Side::Controller,
            may_instruct: true,
            by: BY,
            person: about(PERSON, person),
        }
        .into(),
        ContactRevoked { contact: CONTACT, by: BY }.into(),
        DeviationRecorded {
            agreement: AGREEMENT,
            article: "12 lid 2".into(),
            text: "De aansprakelijkheid is hoger dan in het model".into(),
            by: BY,
        }
        .into(),
        UnderlyingContractLinked { agreement: AGREEMENT, contract: "LO-2026-14".into(), by: BY }
            .into(),
    ]
}

fn annexes() -> Vec<Event> {
    let published = |version, date: &str, contents| {
        let (annex, agreement, date) = (ANNEX, AGREEMENT, date.into());
        let contents = Box::new(contents);
        AnnexVersionPublished { annex, agreement, version, date, contents, by: BY }.into()
    };
    vec![
        published(5, "2025-02-01", examples::version_5()),
        AnnexVersionAccepted { annex: ANNEX, version: 5, by: BY }.into(),
        AnnexVersionRefused { annex: ANNEX, version: 6, by: BY }.into(),
    ]
}

fn accepted() -> Vec<Event> {
    vec![
        OptionalServiceAccepted { annex: ANNEX, service: "koppeling".into(), by: BY }.into(),
        OptionalServiceWithdrawn { annex: ANNEX, service: "koppeling".into(), by: BY }.into(),
        ParticipationConsentRecorded {
            module: Module::Observation,
            council: Council::JointParticipation,
            date: "2026-09-01".into(),
            reference: "GMR 2026-07".into(),
            by: BY,
        }
        .into(),
        ParticipationConsentWithdrawn { module: Module::Observation, by: BY }.into(),
        LegalBasisStated {
            annex: ANNEX,
            purpose: "feedback-en-onderzoek".into(),
            basis: LegalBasis::PublicTask,
            note: Some("zorg voor de kwaliteit van het onderwijs".into()),
            by: BY,
        }
        .into(),
    ]
}

fn gate() -> Vec<Event> {
    vec![
        FieldsRejected {
            entrance: Entrance::Import,
            module: Module::Surveys,
            kind: SubjectKind::Pupil,
            fields: vec![Rejected { field: FieldId::Answers, count: 3 }],
            annex: ANNEX,
            version: 5,
        }
        .into(),
        ProcessingRefused {
            entrance: Entrance::Connector,
            module: Module::Coupling,
            purpose: Some("feedback-en-onderzoek".into()),
            rule: GateRule::NotAccepted,
            count: 1,
        }
        .into(),
    ]
}
