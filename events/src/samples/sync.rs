//! Samples of couplings and their runs.

use record::{ActorId, ScopeId};

use super::{PERSON, about};
use crate::Event;
use crate::annex::FieldId;
use crate::organisation::SchoolId;
use crate::sync::*;

const COUPLING: CouplingId = CouplingId::from_bytes([0x5E; 16]);
const RUN: SyncRunId = SyncRunId::from_bytes([0x62; 16]);
const BY: ActorId = ActorId::from_bytes([0xA1; 16]);

pub(crate) fn all() -> Vec<Event> {
    [arrives(), takes_its_place(), ended()].concat()
}

fn arrives() -> Vec<Event> {
    let entry = StaffEntry {
        given_name: Some("Noor".into()),
        initials: Some("N.".into()),
        prefix: Some("de".into()),
        surname: Some("Wit".into()),
        email: "noor@regenboog.example".into(),
    };
    let known = Match { coupling: COUPLING, index: [1; 16] };
    let rejected = vec![Counted { name: "Geboortedatum".into(), count: 2 }];
    let stopped = vec![Counted { name: "no-address".into(), count: 1 }];
    let downloaded = Downloaded { people: 1, repeated: 1, pages: 2, rejected, stopped };
    vec![
        CouplingSwitchedOn {
            coupling: COUPLING,
            source: SyncSource::Afas,
            school: Some(SchoolId::from_bytes([0x5A; 16])),
            fields: vec![FieldId::GivenName, FieldId::Surname],
            purpose: "feedback-en-onderzoek".into(),
            hour: 3,
            by: Some(BY),
        }
        .into(),
        SyncStarted { coupling: COUPLING, run: RUN, scope: ScopeId::from_bytes([0x72; 16]) }.into(),
        ContactDelivered {
            run: RUN,
            contact: about(PERSON, entry),
            known: Some(about(PERSON, known)),
        }
        .into(),
        DownloadCompleted { run: RUN, downloaded: Box::new(downloaded) }.into(),
    ]
}

fn takes_its_place() -> Vec<Event> {
    let missed = || about(PERSON, Missed { coupling: COUPLING });
    let decided = DecidedOf { coupling: COUPLING, decision: MissingDecision::Leaves };
    let because = HeldBecause::FarFewer;
    vec![
        SyncHeld { run: RUN, because, people: 1, before: 2, missing: 1 }.into(),
        ContactsReplaced { run: RUN, by: Some(BY) }.into(),
        PeopleMissed { run: RUN, people: vec![missed()] }.into(),
        PeopleReturned { run: RUN, people: vec![missed()] }.into(),
        MissingDecided { by: BY, person: about(PERSON, decided) }.into(),
    ]
}

fn ended() -> Vec<Event> {
    vec![
        SyncFailed { run: RUN, because: "staff: the answer broke off".into() }.into(),
        SyncRejected { run: RUN, by: Some(BY) }.into(),
        CouplingSwitchedOff { coupling: COUPLING, by: None }.into(),
    ]
}
