//! Samples of the organisation, its people, and who may do what.

use record::{ActorId, ScopeId, SubjectId, TimestampMicros};

use super::{PERSON, about};
use crate::Event;
use crate::access::*;
use crate::organisation::*;
use crate::people::*;

const SCHOOL: SchoolId = SchoolId::from_bytes([0x5A; 16]);
const TEAM: TeamId = TeamId::from_bytes([0x7A; 16]);
const ACCOUNT: AccountId = AccountId::from_bytes([0xAC; 16]);
const GRANT: GrantId = GrantId::from_bytes([0x6A; 16]);
const TOKEN: TokenId = TokenId::from_bytes([0x70; 16]);
const SUPPORT: SupportId = SupportId::from_bytes([0x5B; 16]);
const BY: ActorId = ActorId::from_bytes([0xA1; 16]);
const HOLDER: SubjectId = SubjectId::from_bytes([0x40; 16]);
const NOON: TimestampMicros = TimestampMicros(1_795_773_600_000_000);

pub(crate) fn all() -> Vec<Event> {
    [organisation(), people(), accounts(), grants(), trail()].concat()
}

fn organisation() -> Vec<Event> {
    vec![
        BoardDescribed {
            name: "Stichting De Horizon".into(),
            kvk: "90000001".into(),
            contact: "bestuur@horizon.example".into(),
            fg_contact: "fg@horizon.example".into(),
        }
        .into(),
        SchoolAdded { school: SCHOOL, name: "De Regenboog".into(), brin: "99ZZ".into() }.into(),
        SchoolRemoved { school: SCHOOL }.into(),
        TeamFormed { team: TEAM, school: SCHOOL, name: "Onderbouw".into() }.into(),
        TeamDissolved { team: TEAM }.into(),
    ]
}

fn people() -> Vec<Event> {
    let affiliation = || Affiliation { school: SCHOOL, position: Position::Staff };
    let representative = SubjectId::from_bytes([0xCC; 16]);
    let representation = || Representation { representative, authority: true };
    vec![
        PersonJoined { person: about(PERSON, affiliation()) }.into(),
        PersonLeft { person: about(PERSON, affiliation()) }.into(),
        TeamJoined { person: about(PERSON, Membership { team: TEAM }) }.into(),
        TeamLeft { person: about(PERSON, Membership { team: TEAM }) }.into(),
        RepresentationRecorded { child: about(PERSON, representation()) }.into(),
        RepresentationEnded { child: about(PERSON, representation()) }.into(),
    ]
}

fn accounts() -> Vec<Event> {
    let login = Login { name: "noor@regenboog.example".into(), index: [0x1D; 16] };
    let password = Password { phc: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".into() };
    vec![
        AccountOpened { account: ACCOUNT, holder: about(PERSON, login) }.into(),
        PasswordSet { account: ACCOUNT, password: about(PERSON, password) }.into(),
        ResetIssued { account: ACCOUNT, digest: [0xD2; 32], until: NOON, by: Some(BY) }.into(),
        SecondFactorSet {
            account: ACCOUNT,
            factor: about(PERSON, SecondFactor { secret: [0x2F; 20] }),
        }
        .into(),
        SecondFactorRemoved { account: ACCOUNT, by: BY }.into(),
        AccountSuspended {
            account: ACCOUNT,
            because: SuspendedBecause::MissingInSync,
            by: Some(BY),
        }
        .into(),
        AccountResumed { account: ACCOUNT, by: BY }.into(),
        SessionsRevoked { account: ACCOUNT, by: BY }.into(),
    ]
}

fn grants() -> Vec<Event> {
    vec![
        RoleGranted {
            grant: GRANT,
            account: ACCOUNT,
            role: Role::Observer,
            reach: Reach::School(SCHOOL),
            until: Some(NOON),
            by: Some(BY),
        }
        .into(),
        RoleRevoked { grant: GRANT, by: BY }.into(),
        AccessReviewed { review: ReviewId::from_bytes([0x4E; 16]), kept: vec![GRANT], by: BY }
            .into(),
        TokenIssued {
            token: TOKEN,
            account: ACCOUNT,
            name: "Rapportage".into(),
            digest: [0xD1; 32],
            operations: vec!["analysis".into()],
            until: NOON,
            by: BY,
        }
        .into(),
        TokenRevoked { token: TOKEN, by: BY }.into(),
        SupportOpened { support: SUPPORT, reason: "storing 12".into(), until: NOON, by: BY }.into(),
        SupportClosed { support: SUPPORT, by: BY }.into(),
    ]
}

fn trail() -> Vec<Event> {
    let name = ActorName { account: ACCOUNT, person: PERSON, name: "Noor de Wit".into() };
    let looked = || Looked { categories: vec![1, 5], reason: Some("zaak 7".into()) };
    let other = SubjectId::from_bytes([0xCC; 16]);
    vec![
        TrailYearOpened { year: 2026, scope: ScopeId::from_bytes([0x54; 16]), holder: HOLDER }
            .into(),
        ActorNamed { actor: BY, year: 2026, name: about(HOLDER, name) }.into(),
        Acted {
            actor: Some(BY),
            operation: "person".into(),
            role: Some(Role::PrivacyOfficer),
            purpose: "request".into(),
            outcome: Outcome::Allowed,
            policy: "privacy-officer-looks".into(),
            whose: vec![about(PERSON, looked()), about(other, looked())],
        }
        .into(),
    ]
}
