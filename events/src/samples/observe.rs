//! Samples of observing.

use record::{ActorId, SubjectId, TimestampMicros};

use super::{PERSON, about};
use crate::observe::*;
use crate::organisation::SchoolId;
use crate::{About, Event};

const INSTRUMENT: InstrumentId = InstrumentId::from_bytes([0x19; 16]);
const OBSERVATION: ObservationId = ObservationId::from_bytes([0x0B; 16]);
const SCHOOL: SchoolId = SchoolId::from_bytes([0x5A; 16]);
const BY: ActorId = ActorId::from_bytes([0xA1; 16]);
const OBSERVER: SubjectId = SubjectId::from_bytes([0xCC; 16]);
const NOON: TimestampMicros = TimestampMicros(1_795_773_600_000_000);

pub(crate) fn all() -> Vec<Event> {
    [instruments(), observed(), said()].concat()
}

fn wording(dutch: &str, english: &str) -> Wording {
    Wording { dutch: dutch.into(), english: english.into() }
}

fn instruments() -> Vec<Event> {
    let item = Item {
        text: wording("rondt de les af", "closes the lesson"),
        examples: vec![wording("vat samen", "sums up")],
    };
    let content = Instrument {
        title: wording("Kijkwijzer", "Viewing guide"),
        scale: vec![wording("zwak", "weak"), wording("sterk", "strong")],
        domains: vec![Domain { title: wording("Uitleg", ""), items: vec![item] }],
    };
    vec![
        InstrumentPublished { instrument: INSTRUMENT, version: 1, content, by: BY }.into(),
        InstrumentWithdrawn { instrument: INSTRUMENT, version: 1, by: BY }.into(),
    ]
}

fn observer() -> About<Authorship> {
    about(OBSERVER, Authorship { observation: OBSERVATION })
}

fn remark() -> Remark {
    Remark { item: Some(0), text: "duidelijk slot".into() }
}

fn observed() -> Vec<Event> {
    let (observation, by) = (OBSERVATION, BY);
    let assessment = || Assessment { scores: vec![Some(2), None], remarks: vec![remark()] };
    let corrected = CorrectedAssessment {
        scores: vec![Some(1), None],
        remarks: vec![Remark { item: None, text: "rustig begin".into() }],
        reason: "verkeerde regel".into(),
    };
    vec![
        ObservationPlanned {
            observation,
            instrument: INSTRUMENT,
            version: 1,
            variant: Variant::Coaching,
            purpose: Purpose::Induction,
            school: SCHOOL,
            by,
            teacher: about(PERSON, PlannedLesson { lesson_at: NOON, group: "H3a".into() }),
            observer: observer(),
        }
        .into(),
        ObservationRecorded {
            observation,
            teacher: about(PERSON, assessment()),
            observer: observer(),
        }
        .into(),
        SelfEvaluationRecorded { observation, teacher: about(PERSON, assessment()) }.into(),
        ObservationShared { observation, by }.into(),
        ObservationCorrected {
            observation,
            teacher: about(PERSON, corrected),
            observer: observer(),
        }
        .into(),
    ]
}

fn said() -> Vec<Event> {
    let (observation, by) = (OBSERVATION, BY);
    let later = || about(PERSON, LaterRemark { remark: remark() });
    let answer = Acknowledgement::AsksCorrection;
    let because = WithdrawnBecause::Objection;
    vec![
        TeacherRemarkAdded { observation, teacher: later() }.into(),
        ObserverRemarkAdded { observation, teacher: later(), observer: observer() }.into(),
        ObservationSeen { observation, teacher: about(PERSON, Response { answer }) }.into(),
        ObservationWithdrawn { observation, because, by }.into(),
    ]
}
