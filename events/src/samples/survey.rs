//! Samples of rounds, their audiences and their codes.

use record::{ActorId, CommandId, ScopeId};

use super::{PERSON, ROUND, SURVEY, Sample, about};
use crate::annex::{Module, SubjectKind};
use crate::organisation::SchoolId;
use crate::survey::*;
use crate::{Event, codec};

const BY: ActorId = ActorId::from_bytes([0xA1; 16]);
const ANSWERS_SCOPE: ScopeId = ScopeId::from_bytes([0x51; 16]);
const IDENTITY_SCOPE: ScopeId = ScopeId::from_bytes([0x52; 16]);
const CODE: CodeDigest = [0xC0; 16];

pub(crate) fn all() -> Vec<Event> {
    let (round, group) = (ROUND, "H3a".to_owned());
    let audience = Audience {
        module: Module::Surveys,
        kind: SubjectKind::Pupil,
        purpose: "feedback-en-onderzoek".to_owned(),
        school: Some(SchoolId::from_bytes([0x5A; 16])),
        division: Division::Groups,
        confidential: true,
    };
    vec![
        opened(Some(Box::new(audience))).into(),
        CodesIssued { round, group: group.clone(), codes: vec![[0xC1; 16]], uses: 30, by: BY }
            .into(),
        GuestsInvited {
            round,
            group,
            by: BY,
            guests: vec![about(PERSON, Invitation { code: CODE })],
        }
        .into(),
        AnswersMarked { round, guests: vec![about(PERSON, Answered { round })] }.into(),
        RemindersListed { round, reminded: 12, by: BY }.into(),
    ]
}

fn opened(audience: Option<Box<Audience>>) -> RoundOpened {
    RoundOpened {
        round: ROUND,
        survey: SURVEY,
        name: "Voorjaar".to_owned(),
        floor: 10,
        answers_scope: ANSWERS_SCOPE,
        identity_scope: IDENTITY_SCOPE,
        audience,
    }
}

/// Version 1 had no audience; its bytes are written as that version wrote them.
pub(crate) fn round_v1() -> Sample {
    let event = Event::from(opened(None));
    let mut parts = event.draft(CommandId::from_bytes([0; 16])).parts;
    let name = "Voorjaar".to_owned();
    let facts = (ROUND, SURVEY, name, 10u16, ANSWERS_SCOPE, IDENTITY_SCOPE);
    parts.iter_mut().take(1).for_each(|part| part.bytes = codec::encode(&facts));
    Sample { name: "survey.round-opened", version: 1, event, parts }
}
