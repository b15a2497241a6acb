//! Samples of requests of data subjects and of retention.

use record::{ActorId, TimestampMicros};

use super::{ORDER, PERSON, ROUND, SCOPE, about};
use crate::Event;
use crate::request::*;
use crate::retention::*;

const REQUEST: RequestId = RequestId::from_bytes([0x4E; 16]);
const RUN: RunId = RunId::from_bytes([0x4F; 16]);
const BY: ActorId = ActorId::from_bytes([0xA1; 16]);
const OTHER: ActorId = ActorId::from_bytes([0xA2; 16]);
const NOON: TimestampMicros = TimestampMicros(1_795_773_600_000_000);

pub(crate) fn all() -> Vec<Event> {
    [asked(), decided(), runs()].concat()
}

fn asked() -> Vec<Event> {
    let (request, by) = (REQUEST, BY);
    let represented = Represented { representative: record::SubjectId::from_bytes([0xCC; 16]) };
    let text = "Noor heeft er recht op".to_owned();
    vec![
        RequestReceived {
            request,
            kind: RequestKind::Erasure,
            school_at: Some(NOON),
            processor_at: Some(TimestampMicros(NOON.0 - 1)),
            by,
            person: about(PERSON, Requester { own_account: false }),
        }
        .into(),
        RequestForwarded { request, at: NOON, by }.into(),
        IdentityChecked {
            request,
            shown: IdentityShown::InPerson,
            under_16: true,
            by,
            represented: Some(about(PERSON, represented)),
        }
        .into(),
        RequestExtended { request, because: ExtendedBecause::Complex, told_at: NOON, by }.into(),
        AdviceGiven {
            request,
            advised: Advised::GrantInPart,
            by: OTHER,
            advice: Some(about(PERSON, AdviceText { text })),
        }
        .into(),
    ]
}

fn decided() -> Vec<Event> {
    let (request, by) = (REQUEST, BY);
    let verdicts = [
        Verdict::Given,
        Verdict::Withheld { ground: Ground::RightsOfOthers },
        Verdict::Erased,
        Verdict::Kept { ground: Ground::LegalDuty, until: Some(NOON) },
    ];
    let decisions = (1..).zip(verdicts);
    let decisions =
        decisions.map(|(category, verdict)| CategoryDecision { category, verdict }).collect();
    vec![
        DecisionProposed { request, decisions, names_lookers: false, by }.into(),
        DecisionApproved { request, by: OTHER }.into(),
        RequestCarriedOut { request, order: Some(ORDER), trail_years: vec![2026], by }.into(),
        PackageHandedOver { request, handed: HandedBy::InPerson, at: NOON, by }.into(),
        RequestClosed { request, ending: Ending::DoneInPart, told_at: NOON, by }.into(),
    ]
}

fn runs() -> Vec<Event> {
    let (run, by) = (RUN, BY);
    let expired = vec![Expired { scope: SCOPE, held: Held::Identities(ROUND), ended_at: NOON }];
    vec![
        TermStated { kind: TermKind::Identities, period: "P1Y".into(), by }.into(),
        RunProposed { run, expired, by }.into(),
        RunApproved { run, by: OTHER }.into(),
        RunCarriedOut { run, order: Some(ORDER), kept: vec![SCOPE], by }.into(),
    ]
}
