//! One sample of every event version, with ids that are easy to find in a hex dump: for golden bytes
//! and for laws that must hold of every event (feature `samples`).

mod access;
mod agreement;
mod breach;
mod observe;
mod request;
pub mod story;
mod survey;
mod sync;

use record::public::*;
use record::{
    ActorId, Addressee, DraftPart, Hash, JournalId, LeafId, OrderId, PartHeader, PartKind,
    Plaintext, ScopeId, Seq, SubjectId,
};

use crate::discover::{Bucket, Cell, QuestionResult, Shown};
use crate::*;

/// An event version: the event it decodes to, and its parts as they are encoded.
#[derive(Debug)]
pub struct Sample {
    /// Name of the event.
    pub name: &'static str,
    /// Version of its encoding.
    pub version: u16,
    /// The event.
    pub event: Event,
    /// Its parts as this version encodes them.
    pub parts: Vec<DraftPart>,
}

pub(crate) const LEAF: LeafId = LeafId::from_bytes([0xE1; 16]);
pub(crate) const SCOPE: ScopeId = ScopeId::from_bytes([0x5C; 16]);
const IMPORT: ImportId = ImportId::from_bytes([0x14; 16]);
pub(crate) const ROUND: RoundId = RoundId::from_bytes([0x20; 16]);
pub(crate) const SURVEY: SurveyId = SurveyId::from_bytes([0x53; 16]);
const ORDER: OrderId = OrderId::from_bytes([0x0D; 16]);
const TENANT: JournalId = JournalId::from_bytes([0x7E; 16]);
pub(crate) const PERSON: SubjectId = SubjectId::from_bytes([0xAA; 16]);
pub(crate) const PSEUDONYM: SubjectId = SubjectId::from_bytes([0xBB; 16]);

/// Every version that was ever written, by name.
#[must_use]
pub fn all() -> Vec<Sample> {
    let current = events().into_iter().map(|event| {
        let (name, version) = event.name_and_version();
        let parts = event.draft(CommandId::from_bytes([0; 16])).parts;
        Sample { name, version, event, parts }
    });
    current.chain([response_v1(), survey::round_v1()]).collect()
}

/// Version 1 had no import; its bytes are written as that version wrote them.
fn response_v1() -> Sample {
    let event = response(None);
    let mut parts = event.draft(CommandId::from_bytes([0; 16])).parts;
    parts.iter_mut().take(1).for_each(|facts| facts.bytes = codec::encode(&(ROUND,)));
    Sample { name: "survey.response-submitted", version: 1, event, parts }
}

/// The parts as opening them would give them.
#[must_use]
pub fn opened(parts: &[DraftPart]) -> Vec<OpenPart> {
    parts.iter().map(open).collect()
}

fn open(part: &DraftPart) -> OpenPart {
    let (kind, subject) = match part.to {
        Addressee::Public => (PartKind::Public, None),
        Addressee::Facts => (PartKind::Sealed, None),
        Addressee::Person(label) => (PartKind::Sealed, Some(label.subject)),
    };
    let bytes = Plaintext::new(part.bytes.as_slice().to_vec());
    OpenPart { header: header(kind), content: Content::Open { subject, bytes } }
}

/// A part header with the sample's leaf and scope.
#[must_use]
pub fn header(kind: PartKind) -> PartHeader {
    PartHeader { kind, leaf: LEAF, scope: SCOPE, length: 64, digest: Hash([0; 32]) }
}

pub(crate) fn about<T>(subject: SubjectId, value: T) -> About<T> {
    About::Known { subject, leaf: Some(LEAF), scope: SCOPE, value }
}

pub(crate) fn response(import: Option<ImportId>) -> Event {
    let answers = vec![
        Answer::Score(4),
        Answer::NotApplicable,
        Answer::Choice(1),
        Answer::Text("Fijne les".to_owned()),
    ];
    let response = about(PSEUDONYM, Response { group: "H3a".to_owned(), answers });
    Event::Survey(SurveyEvent::ResponseSubmitted(ResponseSubmitted {
        round: ROUND,
        import,
        response,
    }))
}

fn events() -> Vec<Event> {
    [
        public(),
        erasures(),
        sealed(),
        vec![published()],
        access::all(),
        observe::all(),
        breach::all(),
        agreement::all(),
        survey::all(),
        request::all(),
        sync::all(),
    ]
    .concat()
}

fn public() -> Vec<Event> {
    let tenant = TENANT;
    vec![
        PublicPart::InstallationStarted(InstallationStarted { vkey: "zegel+1+key".to_owned() }),
        PublicPart::TenantRegistered(TenantRegistered { tenant, name: "De Regenboog".to_owned() }),
        PublicPart::TenantWitnessed(TenantWitnessed { tenant, checkpoint: Hash([0xC4; 32]) }),
        PublicPart::TenantClosing(TenantClosing {
            tenant,
            seq: Seq(258),
            record: Hash([0x4E; 32]),
            destroyed: true,
        }),
        PublicPart::TenantStarted(TenantStarted {
            operator: JournalId::from_bytes([0x09; 16]),
            name: "De Regenboog".to_owned(),
        }),
        PublicPart::RestoreDeclared(RestoreDeclared {
            guarded_era: 1,
            guarded_size: 400,
            guarded_root: Hash([0x6D; 32]),
            guarded_epoch: 7,
            restored_size: 300,
            ground: "disk-lost".to_owned(),
            approved_by: ActorId::from_bytes([0xA2; 16]),
            lost_leaves: vec![LEAF],
            lost_scopes: vec![SCOPE],
        }),
    ]
    .into_iter()
    .map(Event::from)
    .collect()
}

fn erasures() -> Vec<Event> {
    let (ground, leaves, scopes) = ("art-17".to_owned(), vec![LEAF], vec![SCOPE]);
    let approved_by = ActorId::from_bytes([0xA2; 16]);
    vec![
        PublicPart::ErasureOrdered(ErasureOrdered {
            order: ORDER,
            ground: ground.clone(),
            ordered_by: ActorId::from_bytes([0xA1; 16]),
            four_eyes: true,
            targets: vec![Cut::Subject(PERSON), Cut::Leaf(LEAF), Cut::Scope(SCOPE), Cut::Tenant],
        }),
        PublicPart::ErasureApproved(ErasureApproved { order: ORDER, approved_by }),
        PublicPart::ErasureFenced(ErasureFenced {
            order: ORDER,
            epoch_before: 6,
            tenant: false,
            leaves: leaves.clone(),
            scopes: scopes.clone(),
        }),
        PublicPart::KeysDestroyed(KeysDestroyed {
            order: ORDER,
            ground,
            approved_by,
            epoch_before: 6,
            epoch_after: 7,
            level: 1,
            backup_days: 30,
            tenant: false,
            leaves,
            scopes,
        }),
        PublicPart::ErasureCompleted(ErasureCompleted { order: ORDER }),
        PublicPart::PartsPurged(PartsPurged { order: ORDER, parts: vec![(Seq(300), 1)] }),
    ]
    .into_iter()
    .map(Event::from)
    .collect()
}

fn sealed() -> Vec<Event> {
    let identity =
        Identity { name: "Noor de Wit".to_owned(), email: Some("noor@school.nl".to_owned()) };
    let link = Link { person: PERSON, pseudonym: PSEUDONYM };
    vec![
        Event::People(PeopleEvent::PersonRegistered(PersonRegistered {
            import: Some(IMPORT),
            person: about(PERSON, identity),
        })),
        Event::Survey(SurveyEvent::SurveyDefined(defined())),
        response(Some(IMPORT)),
        Event::Survey(SurveyEvent::RespondentLinked(RespondentLinked {
            round: ROUND,
            import: Some(IMPORT),
            link: about(PERSON, link),
        })),
        Event::Survey(SurveyEvent::RoundClosed(RoundClosed { round: ROUND })),
        Event::Import(ImportEvent::ImportStarted(ImportStarted {
            import: IMPORT,
            name: "Voorjaar".to_owned(),
            round: ROUND,
            rows: 100_000,
            identities: Some(about(PSEUDONYM, ImportSecret { seed: [0x5E; 32] })),
        })),
        Event::Import(ImportEvent::ImportCompleted(ImportCompleted { import: IMPORT })),
        Event::Import(ImportEvent::ImportAbandoned(ImportAbandoned { import: IMPORT })),
    ]
}

fn defined() -> SurveyDefined {
    let kinds = [
        QuestionKind::Agree4,
        QuestionKind::Agree5,
        QuestionKind::Grade10,
        QuestionKind::Choice { options: vec!["ochtend".to_owned(), "middag".to_owned()] },
        QuestionKind::YesNo,
        QuestionKind::Open,
    ];
    let question = |kind| Question { text: "Wat vind je?".to_owned(), kind };
    SurveyDefined {
        survey: SURVEY,
        title: "Leerlingen".to_owned(),
        questions: kinds.map(question).into(),
    }
}

fn published() -> Event {
    let (mean_millionths, deviation_millionths) = (3_250_000, 433_013);
    let shown = [
        Shown::Hidden,
        Shown::Count { n: 12 },
        Shown::Moments { n: 12, mean_millionths, deviation_millionths },
        Shown::Distribution { n: 12, counts: vec![Bucket::Shown(7), Bucket::Hidden] },
        Shown::Full { n: 300, counts: vec![0, 75, 225], mean_millionths, deviation_millionths },
    ];
    let cell = |shown| Cell { group: Some("H3a".to_owned()), shown };
    let everyone = Cell { group: None, shown: Shown::Count { n: 300 } };
    let cells = std::iter::once(everyone).chain(shown.map(cell)).collect();
    Event::Discover(DiscoverEvent::AnalysisPublished(AnalysisPublished {
        publication: Publication {
            round: ROUND,
            floor: 10,
            responses: 300,
            questions: vec![QuestionResult { question: 0, cells }],
        },
    }))
}
