//! A version of an annex is published, and governs once a contact person of the school accepted it.

use events::Event;
use events::agreement::{AgreementSuperseded, ContactAuthorised, ContactId, Side};
use events::annex::*;
use record::TimestampMicros;

use super::agreement::*;
use super::harness::*;
use crate::{Asked, Refusal, Repeat, repeats};

pub(super) const ANNEX: AnnexId = AnnexId::from_bytes([0x51; 16]);
const SECOND: AnnexId = AnnexId::from_bytes([0x52; 16]);

pub(super) fn published(version: u32, contents: Contents) -> AnnexVersionPublished {
    AnnexVersionPublished {
        annex: ANNEX,
        agreement: AGREEMENT,
        version,
        date: "2025-02-01".into(),
        contents: Box::new(contents),
        by: actor(PROCESSOR),
    }
}

pub(super) fn accepted(version: u32) -> AnnexVersionAccepted {
    AnnexVersionAccepted { annex: ANNEX, version, by: actor(SCHOOL) }
}

/// What lets in what the contents tick, from the beginning of time, as it was folded.
pub(super) fn governed(contents: Contents) -> [Event; 3] {
    let mut signed = signed(AGREEMENT);
    (signed.terms.starts, signed.terms.ends) = (TimestampMicros(0), None);
    [signed.into(), published(5, contents).into(), accepted(5).into()]
}

/// Version 5 of the example, accepted.
pub(super) fn version_5() -> Given {
    agreed().does(&propose(published(5, examples::version_5()))).does(&propose(accepted(5)))
}

pub(super) fn service(by: u8) -> OptionalServiceAccepted {
    OptionalServiceAccepted { annex: ANNEX, service: "koppeling".into(), by: actor(by) }
}

pub(super) fn consented(module: Module) -> ParticipationConsentRecorded {
    ParticipationConsentRecorded {
        module,
        council: Council::Participation,
        date: "2026-09-01".into(),
        reference: "MR 2026-07".into(),
        by: actor(SCHOOL),
    }
}

#[test]
fn versions_strictly_increase() {
    let given = version_5();
    for version in [4, 5] {
        let earlier = propose(published(version, examples::version_6()));
        given.when(&earlier).then_says("higher than those before");
    }
    let sixth = published(6, examples::version_6());
    given.when(&propose(sixth.clone())).then([sixth.into()]);
}

#[test]
fn a_repeated_command_is_the_same() {
    let publish = propose(published(5, examples::version_5()));
    let happened = agreed().when(&publish).events();
    assert_eq!(repeats(&publish, &happened), Repeat::Same);
    let other = propose(published(5, examples::version_6()));
    assert_eq!(repeats(&other, &happened), Repeat::Different);
}

#[test]
fn a_version_is_accepted_by_a_contact_person_of_the_school_only() {
    let given = agreed().does(&propose(published(5, examples::version_5())));
    let by = |number| AnnexVersionAccepted { by: actor(number), ..accepted(5) };
    given.when(&propose(by(PROCESSOR))).then_says("may instruct");
    given.when(&propose(by(9))).then_says("nobody is known");
    given.when(&propose(accepted(6))).then_says("version of the annex is unknown");
    given.when(&propose(accepted(5))).then([accepted(5).into()]);
}

#[test]
fn only_the_newest_accepted_version_governs() {
    let given = version_5().does(&propose(published(6, examples::version_6())));
    assert_eq!(given.state.governing_version(ANNEX), Some(5));
    let given = given.does(&propose(accepted(6)));
    assert_eq!(given.state.governing_version(ANNEX), Some(6));
    given.when(&propose(accepted(5))).then_says("later one governs");
    given.when(&propose(accepted(6))).then_says("later one governs");
}

#[test]
fn a_refused_version_does_not_govern() {
    let refused = AnnexVersionRefused { annex: ANNEX, version: 6, by: actor(SCHOOL) };
    let by_processor = AnnexVersionRefused { by: actor(PROCESSOR), ..refused.clone() };
    let given = version_5().does(&propose(published(6, examples::version_6())));
    given.when(&propose(by_processor)).then_says("may instruct");
    let given = given.does(&propose(refused));
    given.when(&propose(accepted(6))).then_says("accepted or refused");
    assert_eq!(given.state.governing_version(ANNEX), Some(5));
}

#[test]
fn a_module_is_under_one_annex() {
    let second = AnnexVersionPublished { annex: SECOND, ..published(1, examples::version_5()) };
    let accept = AnnexVersionAccepted { annex: SECOND, ..accepted(1) };
    version_5()
        .does(&propose(second))
        .when(&propose(accept))
        .then_says("covers one of these modules");
}

#[test]
fn an_annex_of_the_successor_takes_the_modules_over() {
    let contact = ContactAuthorised {
        contact: ContactId::from_bytes([0x47; 16]),
        agreement: OTHER,
        ..contact(Side::Controller, true)
    };
    let superseded =
        AgreementSuperseded { agreement: AGREEMENT, successor: OTHER, by: actor(PROCESSOR) };
    let second = AnnexVersionPublished {
        annex: SECOND,
        agreement: OTHER,
        ..published(1, examples::version_6())
    };
    let accept = AnnexVersionAccepted { annex: SECOND, ..accepted(1) };
    let given = version_5().does(&propose(signed(OTHER))).does(&propose(contact));
    let given = given.does(&propose(second)).does(&propose(superseded)).does(&propose(accept));
    let fields = [FieldId::Answers];
    let (module, kind, purpose) = (Module::Surveys, SubjectKind::Pupil, "feedback-en-onderzoek");
    let verdict = given.state.gate(&Asked { module, kind, fields: &fields, purpose }, STARTS);
    assert_eq!(verdict.annex, Some((SECOND, 1)));
    assert_eq!(verdict.allowed, fields);
}

#[test]
fn an_optional_service_is_accepted_once_and_withdrawn() {
    let given = version_5();
    let other = OptionalServiceAccepted { service: "opslag".into(), ..service(SCHOOL) };
    given.when(&propose(other)).then_says("no such optional service");
    given.when(&propose(service(PROCESSOR))).then_says("may instruct");
    let withdrawn =
        OptionalServiceWithdrawn { annex: ANNEX, service: "koppeling".into(), by: actor(SCHOOL) };
    given.when(&propose(withdrawn.clone())).then_says("not accepted");
    let given = given.does(&propose(service(SCHOOL)));
    given.when(&propose(service(SCHOOL))).then_says("accepted already");
    given.does(&propose(withdrawn)).when(&propose(service(SCHOOL))).events();
}

#[test]
fn a_council_consents_to_what_follows_staff() {
    let given = agreed();
    given.when(&propose(consented(Module::Surveys))).then_says("does not follow staff");
    let no_date =
        ParticipationConsentRecorded { date: "2026-9-1".into(), ..consented(Module::Observation) };
    given.when(&propose(no_date)).then_says("a date is written");
    let withdrawn =
        ParticipationConsentWithdrawn { module: Module::Observation, by: actor(SCHOOL) };
    given.when(&propose(withdrawn)).then_says("no consent");
    given
        .does(&propose(consented(Module::Observation)))
        .when(&propose(consented(Module::Observation)))
        .then_says("recorded already");
}

#[test]
fn a_basis_is_stated_for_a_purpose_of_the_annex() {
    let stated = |purpose: &str| LegalBasisStated {
        annex: ANNEX,
        purpose: purpose.into(),
        basis: LegalBasis::PublicTask,
        note: None,
        by: actor(SCHOOL),
    };
    let given = version_5();
    given.when(&propose(stated("reclame"))).then_says("no such purpose");
    given.when(&propose(stated("feedback-en-onderzoek"))).events();
}

/// Publishes the example with a change.
fn with(change: impl FnOnce(&mut Contents)) -> Outcome {
    let mut contents = examples::version_5();
    change(&mut contents);
    agreed().when(&propose(published(5, contents)))
}

fn box_of(contents: &mut Contents, field: FieldId) -> &mut FieldTick {
    let pupil = |tick: &&mut FieldTick| tick.kind == SubjectKind::Pupil && tick.field == field;
    contents.fields.iter_mut().find(pupil).unwrap()
}

#[test]
fn the_examples_can_be_published() {
    for contents in [examples::version_5(), examples::version_6()] {
        agreed().when(&propose(published(7, contents))).events();
    }
}

#[test]
fn a_ticked_bsn_or_special_category_names_its_law() {
    for field in [FieldId::Bsn, FieldId::Health, FieldId::Religion] {
        with(|contents| box_of(contents, field).ticked = true).then_says("names the law");
        with(|contents| {
            let tick = box_of(contents, field);
            tick.ticked = true;
            tick.law = Some("WVO 2020 art. 2".into());
        })
        .events();
    }
}

#[test]
fn processing_outside_the_eea_names_its_safeguard() {
    let transfer = Transfer {
        country: "US".into(),
        description: "Opslag".into(),
        safeguard: Safeguard::Adequacy,
        framework: "EU-US Data Privacy Framework".into(),
        supplementary: None,
    };
    with(|contents| contents.locations[0].country = "US".into()).then_says("names the transfer");
    with(|contents| contents.subprocessors[0].storage_country = "US".into())
        .then_says("names the transfer");
    with(|contents| {
        contents.locations[0].country = "US".into();
        contents.transfers.push(transfer);
    })
    .events();
    with(|contents| contents.subprocessors[0].safeguard = None).then_says("names its safeguard");
    with(|contents| contents.locations[0].country = "Nederland".into()).then_says("two capitals");
}

#[test]
fn an_annex_does_not_contradict_itself() {
    with(|contents| {
        let mut other = box_of(contents, FieldId::Answers).clone();
        other.ticked = true;
        contents.fields.push(other);
    })
    .then_says("stand once");
    with(|contents| contents.services[1].id = "resultaten".into()).then_says("stand once");
    with(|contents| contents.services[1].id = "Met Spaties".into()).then_says("small letters");
    with(|contents| contents.locations[0].service = Some("iets".into()))
        .then_says("a service of this annex");
    with(|contents| contents.couplings[0].fields.push(FieldId::Phone)).then_says("ticked for it");
}

#[test]
fn every_list_and_text_of_an_annex_has_a_limit() {
    let too_large = |field, limit| Refusal::TooLarge { field, limit };
    with(|contents| contents.security = "x".repeat(2_001))
        .then_refused(too_large("security", 2_000));
    with(|contents| contents.general.product = "x".repeat(201))
        .then_refused(too_large("product", 200));
    with(|contents| {
        let tick = contents.fields[0].clone();
        contents.fields = vec![tick; TICKS_MAX + 1];
    })
    .then_refused(too_large("fields", TICKS_MAX));
    with(|contents| contents.purposes.clear()).then_refused(Refusal::Empty { field: "purposes" });
}
