//! At every entrance stands the gate, and codes let people in without telling who said what.

use events::annex::*;
use events::gate::{FieldsRejected, ProcessingRefused, Rejected};
use events::organisation::{SchoolAdded, SchoolId};
use events::people::{Affiliation, PersonJoined, Position};
use events::survey::*;
use events::{About, Event, GateEvent};
use record::{ActorId, SubjectId};

use super::agreement::{actor, propose};
use super::annex::{ANNEX, governed, version_5};
use super::harness::*;
use crate::{Command, KeptOut, Refusal};

const SCHOOL: SchoolId = SchoolId::from_bytes([0x75; 16]);
const BY: ActorId = ActorId::from_bytes([super::agreement::SCHOOL; 16]);

fn audience(kind: SubjectKind) -> Audience {
    Audience {
        module: Module::Surveys,
        kind,
        purpose: "feedback-en-onderzoek".into(),
        school: None,
        division: Division::Groups,
        confidential: false,
    }
}

fn open(audience: Option<Audience>) -> Command {
    Command::OpenRound {
        round: ROUND,
        survey: SURVEY,
        name: "Voorjaar".into(),
        floor: 5,
        answers_scope: ANSWERS,
        identity_scope: IDENTITIES,
        audience: audience.map(Box::new),
    }
}

/// Two people who may act, and a survey, under these contents.
fn school(contents: Contents) -> Given {
    let mut given = version_5();
    governed(contents).iter().for_each(|event| given.fold(event));
    given.fold(&defined());
    let added = SchoolAdded { school: SCHOOL, name: "De Regenboog".into(), brin: "99ZZ".into() };
    given.does(&propose(added))
}

/// A round for pupils that is open under version 6.
fn pupils() -> Given {
    school(examples::version_6()).does(&open(Some(audience(SubjectKind::Pupil))))
}

fn kept_out(refusal: Refusal) -> KeptOut {
    match refusal {
        Refusal::KeptOut(kept) => *kept,
        other => panic!("{other:?}"),
    }
}

fn rejected(field: FieldId, entrance: Entrance, count: u32) -> GateEvent {
    let fields = vec![Rejected { field, count }];
    let (module, kind) = (Module::Surveys, SubjectKind::Pupil);
    FieldsRejected { entrance, module, kind, fields, annex: ANNEX, version: 5 }.into()
}

#[test]
fn nobody_is_asked_what_the_annex_does_not_tick() {
    let fifth = school(examples::version_5());
    let kept = kept_out(fifth.when(&open(Some(audience(SubjectKind::Pupil)))).refusal());
    assert_eq!(kept.record, rejected(FieldId::Answers, Entrance::Route, 1));
    assert!(kept.to_string().ends_with("does not tick these data of these people: answers"));
    assert!(Refusal::KeptOut(Box::new(kept)).dutch().ends_with("niet aan: answers"));
    fifth.when(&open(Some(audience(SubjectKind::Parent)))).events();
    fifth.when(&open(Some(audience(SubjectKind::Staff)))).events();
    pupils();
}

#[test]
fn a_round_without_an_agreement_is_refused() {
    let kept = given([defined()]).when(&open(Some(audience(SubjectKind::Staff)))).refusal();
    let GateEvent::ProcessingRefused(ProcessingRefused { rule, .. }) = kept_out(kept).record else {
        panic!("another event")
    };
    assert_eq!(rule, GateRule::NoAgreement);
}

#[test]
fn once_anything_was_signed_every_round_says_whom_it_asks() {
    given([defined()]).when(&open(None)).events();
    school(examples::version_6()).when(&open(None)).then_says("names the module, the people");
    let other = Audience { purpose: "reclame".into(), ..audience(SubjectKind::Pupil) };
    let refusal = school(examples::version_6()).when(&open(Some(other))).refusal();
    assert!(matches!(kept_out(refusal).record, GateEvent::ProcessingRefused(_)));
    let nowhere =
        Audience { school: Some(SchoolId::from_bytes([1; 16])), ..audience(SubjectKind::Pupil) };
    school(examples::version_6()).when(&open(Some(nowhere))).then_says("school is unknown");
}

#[test]
fn an_answer_is_refused_once_the_annex_ticks_it_no_more() {
    let mut given = pupils();
    given.when(&submit(PSEUDONYM, answers(1))).events();
    governed(examples::version_5()).iter().for_each(|event| given.fold(event));
    let kept = kept_out(given.when(&submit(PSEUDONYM, answers(1))).refusal());
    assert_eq!(kept.record, rejected(FieldId::Answers, Entrance::Route, 1));
    let kept = kept_out(given.when(&start_import(40)).refusal());
    assert_eq!(kept.record, rejected(FieldId::Answers, Entrance::Import, 40));
    given.when(&propose(kept.record.clone())).then([kept.record.into()]);
}

#[test]
fn a_round_of_before_annexes_were_asked_is_let_be() {
    let mut given = school(examples::version_5());
    given.fold(&opened());
    given.when(&submit(PSEUDONYM, answers(1))).events();
}

#[test]
fn whom_an_import_brings_passes_the_gate_of_its_round() {
    let identity = |email| events::Identity { name: "Noor de Wit".into(), email };
    let brings = |email| Command::RegisterPerson {
        person: PERSON,
        scope: IDENTITIES,
        identity: identity(email),
        import: Some(IMPORT),
    };
    let mail = || Some("noor@school.example".to_owned());
    let given = school(examples::version_6())
        .does(&open(Some(audience(SubjectKind::Parent))))
        .does(&start_import(1));
    given.when(&brings(mail())).events();
    let mut unticked = examples::version_6();
    unticked.fields.retain(|tick| tick.field != FieldId::PrivateEmail);
    let mut given = given;
    governed(unticked).iter().for_each(|event| given.fold(event));
    given.when(&brings(None)).events();
    assert_eq!(kept_out(given.when(&brings(mail())).refusal()).fields, [FieldId::PrivateEmail]);
}

#[test]
fn pupils_and_parents_are_known_once_an_annex_lets_them_be() {
    let joins = |position| {
        let affiliation = Affiliation { school: SCHOOL, position };
        propose(PersonJoined { person: About::new(PERSON, PERMANENT, affiliation) })
    };
    let added = SchoolAdded { school: SCHOOL, name: "De Regenboog".into(), brin: "99ZZ".into() };
    let before = given([]).does(&register(PERSON)).does(&propose(added));
    before.when(&joins(Position::Staff)).events();
    for position in [Position::Pupil, Position::Parent] {
        kept_out(before.when(&joins(position)).refusal());
    }
    let mut contents = examples::version_6();
    contents
        .fields
        .retain(|tick| (tick.kind, tick.field) != (SubjectKind::Parent, FieldId::Surname));
    let given = school(contents).does(&register(PERSON));
    given.when(&joins(Position::Pupil)).events();
    given.when(&joins(Position::Staff)).events();
    let kept = kept_out(given.when(&joins(Position::Parent)).refusal());
    assert_eq!(kept.fields, [FieldId::Surname]);
}

#[test]
fn what_may_be_a_bsn_stops_every_free_text_of_a_survey() {
    let given = pupils();
    let mut told = answers(1);
    told[2] = Answer::Text("mijn nummer is 111222333".into());
    given.when(&submit(PSEUDONYM, told)).then_says("`answers` has nine digits");
    let mut named = submit(PSEUDONYM, answers(1));
    if let Command::SubmitResponse { group, .. } = &mut named {
        *group = "111222333".into();
    }
    given.when(&named).then_says("`group` has nine digits");
    let survey = SurveyId::from_bytes([0x31; 16]);
    let title = "Leerling 111222333".to_owned();
    let define = Command::DefineSurvey { survey, title, questions: questions() };
    given.when(&define).then_says("`title` has nine digits");
    let name = events::Identity { name: "Noor 111222333".into(), email: None };
    let (person, scope) = (SubjectId::from_bytes([0x32; 16]), PERMANENT);
    let register = Command::RegisterPerson { person, scope, identity: name, import: None };
    given.when(&register).then_says("`name` has nine digits");
}

#[test]
fn a_round_without_groups_takes_none() {
    let together = Audience { division: Division::Together, ..audience(SubjectKind::Pupil) };
    let given = school(examples::version_6()).does(&open(Some(together)));
    given.when(&submit(PSEUDONYM, answers(1))).then_says("published without groups");
    let mut whole = submit(PSEUDONYM, answers(1));
    if let Command::SubmitResponse { group, .. } = &mut whole {
        *group = TOGETHER.into();
    }
    given.when(&whole).events();
}

fn guest(number: u8) -> SubjectId {
    SubjectId::from_bytes([0x90 + number; 16])
}

fn invited(numbers: &[u8]) -> GuestsInvited {
    let guests = numbers.iter().map(|number| {
        About::new(guest(*number), IDENTITIES, Invitation { code: [0xC0 + number; 16] })
    });
    GuestsInvited { round: ROUND, group: "H3a".into(), by: BY, guests: guests.collect() }
}

fn marked(numbers: &[u8]) -> AnswersMarked {
    let answered = |number: &u8| About::new(guest(*number), IDENTITIES, Answered { round: ROUND });
    AnswersMarked { round: ROUND, guests: numbers.iter().map(answered).collect() }
}

fn guests() -> Given {
    let known = (0..7).fold(pupils(), |given, number| given.does(&register(guest(number))));
    known.does(&propose(invited(&[0, 1, 2, 3, 4, 5])))
}

#[test]
fn a_code_is_known_by_its_digest_and_belongs_to_one_round_and_group() {
    let issue = |codes: Vec<CodeDigest>, uses| CodesIssued {
        round: ROUND,
        group: "H3a".into(),
        codes,
        uses,
        by: BY,
    };
    let given = pupils();
    given.when(&propose(issue(Vec::new(), 1))).then_says("`codes` is empty");
    given.when(&propose(issue(vec![[1; 16]], 0))).then_says("1 to 200");
    given.when(&propose(issue(vec![[1; 16], [1; 16]], 1))).then_refused(Refusal::IdInUse);
    let unknown = CodesIssued { by: actor(9), ..issue(vec![[1; 16]], 1) };
    given.when(&propose(unknown)).then_says("nobody is known");
    let given = given.does(&propose(issue(vec![[1; 16]], 30)));
    let code = given.state.code(&[1; 16]).unwrap();
    assert_eq!((code.round, code.group.as_str(), code.uses), (ROUND, "H3a", 30));
    assert_eq!(given.state.invited_by(&[1; 16]), None);
    given.when(&propose(issue(vec![[1; 16]], 1))).then_refused(Refusal::IdInUse);
    let mut given = given;
    given.fold(&closed());
    assert!(given.state.code(&[1; 16]).is_none(), "a closed round has no codes");
}

#[test]
fn people_are_invited_once_and_reminded_until_enough_of_them_answered() {
    let given = guests();
    given.when(&propose(invited(&[0]))).then_says("invited already");
    given.when(&propose(invited(&[6, 5]))).then_says("named once");
    assert_eq!(given.state.invited_by(&[0xC2; 16]), Some(guest(2)));
    assert_eq!(given.state.unanswered(ROUND).len(), 6);
    given.when(&propose(marked(&[0, 1, 2, 3]))).then_says("at least the floor");
    given.when(&propose(marked(&[0, 1, 2, 3, 6]))).then_says("not invited");
    given.when(&propose(marked(&[1, 0, 2, 3, 4]))).then_says("order of the ids");
    let given = given.does(&propose(marked(&[0, 1, 2, 3, 4])));
    assert_eq!(given.state.unanswered(ROUND), [guest(5)]);
}

#[test]
fn an_erased_guest_leaves_no_code_and_is_reminded_of_nothing() {
    let mut given = guests().does(&propose(marked(&[0, 1, 2, 3, 4])));
    let gone = events::Forgotten { subjects: [guest(5)].into(), ..events::Forgotten::default() };
    given.state.forget(&gone);
    assert!(given.state.code(&[0xC5; 16]).is_none());
    assert!(given.state.unanswered(ROUND).is_empty());
}

#[test]
fn events_of_surveys_that_have_commands_are_not_proposed() {
    let opened: Event = opened();
    pupils().when(&Command::Propose(opened)).then_refused(Refusal::OwnCommand);
}
