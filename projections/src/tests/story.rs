//! Events of the tests, and a fold that gives them their places.

use events::discover::{Bucket, Cell, QuestionResult, Shown};
use events::*;
use record::public::{
    Cut, ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered, KeysDestroyed,
    PartsPurged, PublicPart, TenantStarted,
};
use record::{
    ActorId, CommandId, JournalId, LeafId, OrderId, ScopeId, Seq, SubjectId, TimestampMicros,
};

use crate::Views;

pub(super) const SURVEY: SurveyId = SurveyId::from_bytes([1; 16]);
pub(super) const PERMANENT: ScopeId = ScopeId::from_bytes([5; 16]);
pub(super) const ASKER: ActorId = ActorId::from_bytes([10; 16]);
pub(super) const APPROVER: ActorId = ActorId::from_bytes([11; 16]);

pub(super) fn round(number: u8) -> RoundId {
    RoundId::from_bytes([0x20 + number; 16])
}

pub(super) fn import(number: u8) -> ImportId {
    ImportId::from_bytes([0x30 + number; 16])
}

pub(super) fn order(number: u8) -> OrderId {
    OrderId::from_bytes([0x40 + number; 16])
}

pub(super) fn person(number: u8) -> SubjectId {
    SubjectId::from_bytes([0x60 + number; 16])
}

pub(super) fn pseudonym(number: u8) -> SubjectId {
    SubjectId::from_bytes([0x80 + number; 16])
}

pub(super) fn leaf(number: u8) -> LeafId {
    LeafId::from_bytes([number, 0xEE, 0xEE, 0xEE, 0xEE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

pub(super) fn identity_scope(number: u8) -> ScopeId {
    ScopeId::from_bytes([0xF8 + number; 16])
}

pub(super) fn answers_scope(number: u8) -> ScopeId {
    ScopeId::from_bytes([0xF0 + number; 16])
}

pub(super) fn about<T>(subject: SubjectId, leaf: LeafId, scope: ScopeId, value: T) -> About<T> {
    About::Known { subject, leaf: Some(leaf), scope, value }
}

pub(super) fn started() -> Event {
    let operator = JournalId::from_bytes([0xF0; 16]);
    Event::from(PublicPart::TenantStarted(TenantStarted { operator, name: "De Regenboog".into() }))
}

pub(super) fn defined() -> Event {
    let kind = QuestionKind::Choice { options: vec!["ochtend".into(), "middag".into()] };
    let questions = vec![
        Question { text: "Wat vind je?".into(), kind: QuestionKind::Agree4 },
        Question { text: "Wanneer?".into(), kind },
    ];
    let event = SurveyDefined { survey: SURVEY, title: "Leerlingen".into(), questions };
    Event::Survey(SurveyEvent::SurveyDefined(event))
}

pub(super) fn opened(number: u8) -> Event {
    Event::Survey(SurveyEvent::RoundOpened(RoundOpened {
        round: round(number),
        survey: SURVEY,
        name: "Voorjaar".into(),
        floor: 5,
        answers_scope: answers_scope(number),
        identity_scope: identity_scope(number),
        audience: None,
    }))
}

pub(super) fn closed(number: u8) -> Event {
    Event::Survey(SurveyEvent::RoundClosed(RoundClosed { round: round(number) }))
}

pub(super) fn responded(of: u8, who: u8, from: Option<u8>, under: LeafId) -> Event {
    let response = Response { group: "H3a".into(), answers: vec![Answer::Score(3)] };
    Event::Survey(SurveyEvent::ResponseSubmitted(ResponseSubmitted {
        round: round(of),
        import: from.map(import),
        response: about(pseudonym(who), under, answers_scope(of), response),
    }))
}

pub(super) fn linked(of: u8, who: u8, as_pseudonym: u8, under: LeafId) -> Event {
    let link = Link { person: person(who), pseudonym: pseudonym(as_pseudonym) };
    Event::Survey(SurveyEvent::RespondentLinked(RespondentLinked {
        round: round(of),
        import: None,
        link: about(person(who), under, identity_scope(of), link),
    }))
}

pub(super) fn registered(who: u8, from: Option<u8>, under: LeafId) -> Event {
    let identity = Identity { name: "Noor de Wit".into(), email: None };
    Event::People(PeopleEvent::PersonRegistered(PersonRegistered {
        import: from.map(import),
        person: about(person(who), under, from.map_or(PERMANENT, identity_scope), identity),
    }))
}

pub(super) fn import_started(number: u8, of: u8, under: LeafId) -> Event {
    let secret = about(
        pseudonym(100 + number),
        under,
        identity_scope(of),
        ImportSecret { seed: [0x5E; 32] },
    );
    Event::Import(ImportEvent::ImportStarted(ImportStarted {
        import: import(number),
        name: format!("import {number}"),
        round: round(of),
        rows: 3,
        identities: Some(secret),
    }))
}

pub(super) fn import_completed(number: u8) -> Event {
    Event::Import(ImportEvent::ImportCompleted(ImportCompleted { import: import(number) }))
}

pub(super) fn import_abandoned(number: u8) -> Event {
    Event::Import(ImportEvent::ImportAbandoned(ImportAbandoned { import: import(number) }))
}

pub(super) fn published(of: u8, responses: u32) -> Event {
    let cells = vec![
        Cell {
            group: None,
            shown: Shown::Full {
                n: responses,
                counts: vec![1, 2],
                mean_millionths: 3_000_000,
                deviation_millionths: 500_000,
            },
        },
        Cell { group: Some("H3a".into()), shown: Shown::Hidden },
        Cell {
            group: Some("H3b".into()),
            shown: Shown::Distribution { n: 7, counts: vec![Bucket::Hidden, Bucket::Shown(5)] },
        },
    ];
    let questions = vec![QuestionResult { question: 0, cells }];
    let publication = Publication { round: round(of), floor: 5, responses, questions };
    Event::Discover(DiscoverEvent::AnalysisPublished(AnalysisPublished { publication }))
}

pub(super) fn ordered(number: u8, targets: Vec<Cut>) -> Event {
    Event::from(PublicPart::ErasureOrdered(ErasureOrdered {
        order: order(number),
        ground: "art-17".into(),
        ordered_by: ASKER,
        four_eyes: true,
        targets,
    }))
}

pub(super) fn approved(number: u8) -> Event {
    let order = order(number);
    Event::from(PublicPart::ErasureApproved(ErasureApproved { order, approved_by: APPROVER }))
}

pub(super) fn fenced(number: u8, gone: &Forgotten) -> Event {
    let (leaves, scopes) = lists(gone);
    Event::from(PublicPart::ErasureFenced(ErasureFenced {
        order: order(number),
        epoch_before: 3,
        tenant: gone.tenant,
        leaves,
        scopes,
    }))
}

pub(super) fn receipt(number: u8, gone: &Forgotten) -> Event {
    let (leaves, scopes) = lists(gone);
    Event::from(PublicPart::KeysDestroyed(KeysDestroyed {
        order: order(number),
        ground: "art-17".into(),
        approved_by: APPROVER,
        epoch_before: 3,
        epoch_after: 4,
        level: 1,
        backup_days: 30,
        tenant: gone.tenant,
        leaves,
        scopes,
    }))
}

pub(super) fn completed(number: u8) -> Event {
    Event::from(PublicPart::ErasureCompleted(ErasureCompleted { order: order(number) }))
}

pub(super) fn purged(number: u8) -> Event {
    let parts = vec![(Seq(4), 1), (Seq(5), 1)];
    Event::from(PublicPart::PartsPurged(PartsPurged { order: order(number), parts }))
}

fn lists(gone: &Forgotten) -> (Vec<LeafId>, Vec<ScopeId>) {
    match gone.tenant {
        true => (Vec::new(), Vec::new()),
        false => (gone.leaves.iter().copied().collect(), gone.scopes.iter().copied().collect()),
    }
}

pub(super) fn place(seq: u64) -> Place {
    Place {
        seq: Seq(seq),
        recorded_at: TimestampMicros(1_000 + seq),
        command: CommandId::from_bytes([0; 16]),
    }
}

/// Views of a tenant that started and of what happened since, at places 0, 1, 2 …
pub(super) fn views(events: impl IntoIterator<Item = Event>) -> Views {
    let mut views = Views::default();
    let all = std::iter::once(started()).chain(events);
    for (seq, event) in (0..).zip(all) {
        views.apply(&place(seq), &event);
    }
    views
}
