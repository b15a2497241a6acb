//! The gate lets through what the accepted annex ticks, and nothing else.

use events::agreement::{AgreementEnded, EndReason};
use events::annex::*;
use events::gate::*;
use record::TimestampMicros;

use super::agreement::*;
use super::annex::*;
use super::harness::*;
use crate::{Asked, GateVerdict, Refusal};

const PURPOSE: &str = "feedback-en-onderzoek";

fn asked(module: Module, kind: SubjectKind, fields: &[FieldId]) -> Asked<'_> {
    Asked { module, kind, fields, purpose: PURPOSE }
}

fn pupils(fields: &[FieldId]) -> Asked<'_> {
    asked(Module::Surveys, SubjectKind::Pupil, fields)
}

fn verdict(given: &Given, asked: &Asked<'_>) -> GateVerdict {
    given.state.gate(asked, STARTS)
}

#[test]
fn without_an_agreement_that_holds_nothing_passes() {
    let fields = [FieldId::GivenName];
    let refused = |given: &Given, at| given.state.gate(&pupils(&fields), at);
    let none = refused(&given([]), STARTS);
    assert_eq!(none.refused, Some(GateRule::NoAgreement));
    assert_eq!(none.rejected, fields);
    assert!(none.allowed.is_empty());
    let given = version_5();
    assert_eq!(refused(&given, STARTS).refused, None);
    for outside in [STARTS.0 - 1, 9_000_000] {
        let verdict = refused(&given, TimestampMicros(outside));
        assert_eq!(verdict.refused, Some(GateRule::NoAgreement));
    }
    let ended =
        AgreementEnded { agreement: AGREEMENT, reason: EndReason::TermOver, by: actor(PROCESSOR) };
    let given = given.does(&propose(ended));
    assert_eq!(refused(&given, STARTS).refused, Some(GateRule::NoAgreement));
}

#[test]
fn an_annex_that_is_only_published_lets_nothing_through() {
    let given = agreed().does(&propose(published(5, examples::version_5())));
    let verdict = verdict(&given, &pupils(&[FieldId::GivenName]));
    assert_eq!(verdict.refused, Some(GateRule::NotInAnnex));
}

#[test]
fn a_module_that_no_annex_covers_is_refused() {
    let fields = [FieldId::GivenName];
    let given = version_5();
    for module in [Module::Monitor, Module::Learning, Module::Dossier] {
        let verdict = verdict(&given, &asked(module, SubjectKind::Pupil, &fields));
        assert_eq!(verdict.refused, Some(GateRule::NotInAnnex));
    }
}

#[test]
fn an_annex_under_an_ended_agreement_lets_nothing_through() {
    let ended =
        AgreementEnded { agreement: AGREEMENT, reason: EndReason::TermOver, by: actor(PROCESSOR) };
    let given = version_5().does(&propose(signed(OTHER))).does(&propose(ended));
    let verdict = verdict(&given, &pupils(&[FieldId::GivenName]));
    assert_eq!(verdict.refused, Some(GateRule::NotInAnnex));
}

#[test]
fn pupils_answers_pass_from_version_6_on() {
    let fields = [FieldId::GivenName, FieldId::BirthDate, FieldId::PupilNumber, FieldId::Answers];
    let given = version_5();
    let fifth = verdict(&given, &pupils(&fields));
    assert_eq!(fifth.annex, Some((ANNEX, 5)));
    assert_eq!(fifth.allowed, [FieldId::GivenName, FieldId::BirthDate]);
    assert_eq!(fifth.rejected, [FieldId::PupilNumber, FieldId::Answers]);
    assert_eq!(fifth.refusal(), None);
    let given = given.does(&propose(published(6, examples::version_6())));
    assert_eq!(verdict(&given, &pupils(&fields)), fifth, "not accepted yet");
    let sixth = verdict(&given.does(&propose(accepted(6))), &pupils(&fields));
    assert_eq!(sixth.annex, Some((ANNEX, 6)));
    assert_eq!(sixth.rejected, [FieldId::PupilNumber]);
}

#[test]
fn each_kind_of_people_and_each_module_has_its_own_ticks() {
    let given = version_5();
    let fields = [FieldId::Initials, FieldId::SchoolEmail, FieldId::PrivateEmail];
    let allowed = |module, kind| verdict(&given, &asked(module, kind, &fields)).allowed;
    let staff = allowed(Module::Surveys, SubjectKind::Staff);
    assert_eq!(staff, [FieldId::Initials, FieldId::SchoolEmail]);
    assert_eq!(allowed(Module::Surveys, SubjectKind::Pupil), [FieldId::SchoolEmail]);
    assert_eq!(allowed(Module::Schoolscan, SubjectKind::Parent), [FieldId::PrivateEmail]);
    let given = given.does(&propose(consented(Module::Development)));
    let pupil = asked(Module::Development, SubjectKind::Pupil, &fields);
    assert!(verdict(&given, &pupil).allowed.is_empty());
}

#[test]
fn keys_of_a_source_system_never_pass_unless_ticked() {
    let fields = [FieldId::StaffNumber, FieldId::SourceKey, FieldId::EckId, FieldId::Bsn];
    let given = version_5().does(&propose(service(SCHOOL)));
    let verdict = verdict(&given, &asked(Module::Coupling, SubjectKind::Staff, &fields));
    assert_eq!(verdict.rejected, fields);
    assert_eq!(verdict.refused, None);
}

#[test]
fn a_bsn_passes_only_where_the_annex_ticks_it_and_names_a_law() {
    let bsn = [FieldId::Bsn];
    assert_eq!(verdict(&version_5(), &pupils(&bsn)).rejected, bsn);
    let with = |law: Option<&str>| {
        let mut contents = examples::version_5();
        let tick = contents.fields.iter_mut().find(|tick| tick.field == FieldId::Bsn).unwrap();
        tick.ticked = true;
        tick.law = law.map(str::to_owned);
        // Past the rule that refuses to publish it: the gate is the second lock.
        let mut given = agreed();
        given.fold(&published(5, contents).into());
        given.fold(&accepted(5).into());
        verdict(&given, &pupils(&bsn))
    };
    assert_eq!(with(None).rejected, bsn);
    assert_eq!(with(Some("WVO 2020 art. 8.3")).allowed, bsn);
}

#[test]
fn an_optional_service_runs_only_once_it_is_accepted() {
    let fields = [FieldId::Surname];
    let coupling = asked(Module::Coupling, SubjectKind::Staff, &fields);
    assert_eq!(verdict(&version_5(), &coupling).refused, Some(GateRule::NotAccepted));
    let given = version_5().does(&propose(service(SCHOOL)));
    assert_eq!(verdict(&given, &coupling).allowed, fields);
    let withdrawn =
        OptionalServiceWithdrawn { annex: ANNEX, service: "koppeling".into(), by: actor(SCHOOL) };
    let given = given.does(&propose(withdrawn));
    assert_eq!(verdict(&given, &coupling).refused, Some(GateRule::NotAccepted));
}

#[test]
fn what_follows_staff_waits_for_the_participation_council() {
    let fields = [FieldId::Observations];
    for module in [Module::Observation, Module::Development] {
        let scores = asked(module, SubjectKind::Staff, &fields);
        assert_eq!(verdict(&version_5(), &scores).refused, Some(GateRule::NoConsent));
        let given = version_5().does(&propose(consented(module)));
        assert_eq!(verdict(&given, &scores).allowed, fields);
        let withdrawn = ParticipationConsentWithdrawn { module, by: actor(SCHOOL) };
        let given = given.does(&propose(withdrawn));
        assert_eq!(verdict(&given, &scores).refused, Some(GateRule::NoConsent));
    }
}

#[test]
fn another_purpose_is_refused() {
    let fields = [FieldId::GivenName];
    for purpose in ["reclame", "benchmark", ""] {
        let verdict = verdict(&version_5(), &Asked { purpose, ..pupils(&fields) });
        assert_eq!(verdict.refused, Some(GateRule::OtherPurpose));
        assert_eq!(verdict.rejected, fields);
        assert!(verdict.refusal().unwrap().dutch().contains("doel"));
    }
}

#[test]
fn a_verdict_tells_what_to_record_and_never_a_value() {
    let given = version_5();
    let fields = [FieldId::Answers, FieldId::Phone, FieldId::Answers];
    let question = pupils(&fields);
    let record = verdict(&given, &question).record(&question, Entrance::Import, 3).unwrap();
    let rejected = |field| Rejected { field, count: 3 };
    let expected = FieldsRejected {
        entrance: Entrance::Import,
        module: Module::Surveys,
        kind: SubjectKind::Pupil,
        fields: vec![rejected(FieldId::Phone), rejected(FieldId::Answers)],
        annex: ANNEX,
        version: 5,
    };
    assert_eq!(record, expected.clone().into());
    given.when(&propose(expected.clone())).then([expected.into()]);
    let question = pupils(&[FieldId::GivenName]);
    assert_eq!(verdict(&given, &question).record(&question, Entrance::Route, 1), None);
    for (purpose, recorded) in [("reclame", Some("reclame")), ("voor Noor de Wit", None)] {
        let question = Asked { purpose, ..question };
        let record = verdict(&given, &question).record(&question, Entrance::Route, 1).unwrap();
        let GateEvent::ProcessingRefused(refused) = &record else { panic!("{record:?}") };
        assert_eq!(refused.purpose.as_deref(), recorded);
        given.when(&propose(record)).events();
    }
}

#[test]
fn a_rejection_is_true_of_the_version_that_it_names() {
    let given = version_5();
    let with = |fields: Vec<Rejected>, version| {
        given.when(&propose(FieldsRejected {
            entrance: Entrance::Route,
            module: Module::Surveys,
            kind: SubjectKind::Pupil,
            fields,
            annex: ANNEX,
            version,
        }))
    };
    let rejected = |field, count| Rejected { field, count };
    with(vec![rejected(FieldId::GivenName, 1)], 5).then_says("lets this field through");
    with(vec![rejected(FieldId::Answers, 0)], 5).then_says("counted from one");
    with(vec![rejected(FieldId::Answers, 1); 2], 5).then_says("counted from one");
    with(Vec::new(), 5).then_says("counted from one");
    with(vec![rejected(FieldId::Answers, 1)], 6).then_says("version of the annex is unknown");
    with(vec![rejected(FieldId::Answers, 1); 101], 5)
        .then_refused(Refusal::TooLarge { field: "fields", limit: REJECTED_FIELDS_MAX });
}

#[test]
fn a_refusal_holds_a_code_and_no_text() {
    let refused = |purpose: &str| ProcessingRefused {
        entrance: Entrance::Route,
        module: Module::Surveys,
        purpose: Some(purpose.into()),
        rule: GateRule::OtherPurpose,
        count: 1,
    };
    version_5().when(&propose(refused("reclame"))).events();
    version_5().when(&propose(refused("voor Noor de Wit"))).then_says("small letters");
}
