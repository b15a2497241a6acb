//! A year of the invented board: agreement and annex, lessons observed, incidents.
//!
//! *Invariant:* everything goes the way of any other command, through the rules; the clock alone is
//! the demonstration's own while the year is told.

use events::access::Role;
use events::agreement::{
    AgreementId, AgreementModel, AgreementSigned, Contact, ContactAuthorised, ContactId, Parties,
    Party, Side, Terms,
};
use events::annex::{
    AnnexId, AnnexVersionAccepted, AnnexVersionPublished, Contents, Council, LegalBasis,
    LegalBasisStated, Module, OptionalServiceAccepted, ParticipationConsentRecorded, SubjectKind,
    examples,
};
use events::breach::{
    AuthorityNotified, BreachConfirmed, BreachScopeFrozen, Broken, Count, DataCount, DataKind,
    DetectedBy, FrozenScope, Group, GroupCount, IncidentClassified, IncidentId, IncidentKind,
    IncidentReported, Involved, Item, Occurred, Phase, Protection, Risk, Severity, Source, Story,
    Until,
};
use events::observe::{
    Assessment, Authorship, InstrumentId, InstrumentPublished, ObservationId, ObservationPlanned,
    ObservationRecorded, ObservationShared, PlannedLesson, Purpose, Remark, SelfEvaluationRecorded,
    Variant,
};
use events::survey::{Audience, Division};
use events::{About, RoundId, SurveyId};
use record::{CommandId, ScopeId, SubjectId};
use rules::Command;
use rules::observe::example_instrument;

use super::board::Board;
use super::clock::{Behind, HOUR_MICROS};
use crate::home::random;

const PURPOSE: &str = "feedback-en-onderzoek";

/// Whom the evaluations of the year ask.
pub(super) fn audience() -> Audience {
    Audience {
        module: Module::Surveys,
        kind: SubjectKind::Pupil,
        purpose: PURPOSE.to_owned(),
        school: None,
        division: Division::Groups,
        confidential: true,
    }
}

/// Tells the year, up to the evaluations.
pub(super) fn tell(board: &mut Board<'_>, clock: &Behind) -> anyhow::Result<()> {
    let annex = agree(board, clock)?;
    refuse_pupils(board)?;
    clock.passes_days(20);
    publish(board, annex, 6, examples::version_6())?;
    couple(board, annex.0)?;
    board.fill()?;
    consent(board)?;
    clock.passes_days(14);
    observe(board, clock)?;
    clock.passes_days(30);
    a_list_goes_astray(board, clock)?;
    clock.is_hours_ago(20);
    a_bag_is_lost(board)?;
    clock.is_now();
    Ok(())
}

fn agree(board: &mut Board<'_>, clock: &Behind) -> anyhow::Result<(AnnexId, AgreementId)> {
    let (agreement, by) = (AgreementId::from_bytes(random()?), board.by(Role::AuthorisedContact)?);
    let party = |name: &str, kvk: &str, seat: &str, mail: &str, fg: Option<&str>| Party {
        name: name.into(),
        kvk: kvk.into(),
        seat: seat.into(),
        contact: format!("{mail}@voorbeeld.example"),
        fg_contact: fg.map(Into::into),
        representative: None,
    };
    let fg = Some("fg@voorbeeld.example");
    let parties = Parties {
        controller: party("Stichting Voorbeeld", "90000001", "Zeist", "bestuur", fg),
        processor: party("Lesvenster BV", "90000002", "Utrecht", "privacy", None),
    };
    let starts = board.now();
    board.happens(AgreementSigned {
        agreement,
        parties: Box::new(parties),
        model: AgreementModel::Covenant4General,
        terms: Terms { starts, ends: None, objection: "P6W".into(), breach_hours: 24 },
        by,
    })?;
    let contact = Contact {
        name: "Cas Voorbeeld".into(),
        function: "bestuurssecretaris".into(),
        email: "cas.voorbeeld@voorbeeld.example".into(),
        phone: None,
    };
    let contact = board.about(board.person("Cas Voorbeeld")?, contact)?;
    board.happens(ContactAuthorised {
        contact: ContactId::from_bytes(random()?),
        agreement,
        side: Side::Controller,
        may_instruct: true,
        by,
        person: contact,
    })?;
    clock.passes_days(2);
    let annex = AnnexId::from_bytes(random()?);
    publish(board, (annex, agreement), 5, examples::version_5())?;
    let basis = LegalBasis::PublicTask;
    board.happens(LegalBasisStated { annex, purpose: PURPOSE.into(), basis, note: None, by })?;
    Ok((annex, agreement))
}

fn publish(
    board: &mut Board<'_>,
    (annex, agreement): (AnnexId, AgreementId),
    version: u32,
    contents: Contents,
) -> anyhow::Result<()> {
    let (contents, date) = (Box::new(contents), board.today());
    let by = board.by(Role::PlatformOperator)?;
    board.happens(AnnexVersionPublished { annex, agreement, version, date, contents, by })?;
    let by = board.by(Role::AuthorisedContact)?;
    board.happens(AnnexVersionAccepted { annex, version, by })
}

/// Version 5 does not tick what pupils answer: asking them is refused, and the refusal recorded.
fn refuse_pupils(board: &mut Board<'_>) -> anyhow::Result<()> {
    let survey = SurveyId::from_bytes(random()?);
    let question =
        events::Question { text: "Hoe was de les?".into(), kind: events::QuestionKind::Agree5 };
    let define =
        Command::DefineSurvey { survey, title: "Lesfeedback".into(), questions: vec![question] };
    board.executes(define)?;
    let open = Command::OpenRound {
        round: RoundId::from_bytes(random()?),
        survey,
        name: "najaar".into(),
        floor: 5,
        answers_scope: ScopeId::from_bytes(random()?),
        identity_scope: ScopeId::from_bytes(random()?),
        audience: Some(Box::new(audience())),
    };
    anyhow::ensure!(board.executes(open).is_err(), "version 5 must refuse pupils' answers");
    Ok(())
}

/// The school enables what brings contact data of its staff.
fn couple(board: &mut Board<'_>, annex: AnnexId) -> anyhow::Result<()> {
    let (service, by) = ("koppeling".to_owned(), board.by(Role::AuthorisedContact)?);
    board.happens(OptionalServiceAccepted { annex, service, by })
}

fn consent(board: &mut Board<'_>) -> anyhow::Result<()> {
    let (by, date) = (board.by(Role::SchoolLeader)?, board.today());
    board.happens(ParticipationConsentRecorded {
        module: Module::Observation,
        council: Council::Participation,
        date,
        reference: "MR 2026-03".into(),
        by,
    })
}

fn observe(board: &mut Board<'_>, clock: &Behind) -> anyhow::Result<()> {
    let (instrument, by) = (InstrumentId::from_bytes(random()?), board.by(Role::Observer)?);
    let content = example_instrument();
    let items: usize = content.domains.iter().map(|domain| domain.items.len()).sum();
    board.happens(InstrumentPublished { instrument, version: 1, content, by })?;
    let lessons = [
        ("Tess Voorbeeld", Variant::Coaching, Purpose::Development),
        ("Bo Lestijd", Variant::Peer, Purpose::Development),
        ("Guus Lestijd", Variant::Appraisal, Purpose::Appraisal),
        ("Tess Voorbeeld", Variant::Coaching, Purpose::Development),
    ];
    for (number, (teacher, variant, purpose)) in lessons.into_iter().enumerate() {
        let lesson = Lesson { instrument, items, number, teacher, variant, purpose };
        lesson.is_observed(board)?;
        clock.passes_days(21);
    }
    Ok(())
}

struct Lesson {
    instrument: InstrumentId,
    items: usize,
    number: usize,
    teacher: &'static str,
    variant: Variant,
    purpose: Purpose,
}

impl Lesson {
    fn is_observed(&self, board: &mut Board<'_>) -> anyhow::Result<()> {
        let observation = ObservationId::from_bytes(random()?);
        let (teacher, otto) = (board.person(self.teacher)?, board.person("Otto Voorbeeld")?);
        let (school, by) = (board.school(0)?, board.by(Role::Observer)?);
        let lesson = PlannedLesson { lesson_at: board.now(), group: "H3a".into() };
        let authorship = |board: &Board<'_>| board.about(otto, Authorship { observation });
        let planned = ObservationPlanned {
            observation,
            instrument: self.instrument,
            version: 1,
            variant: self.variant,
            purpose: self.purpose,
            school,
            by,
            teacher: board.about(teacher, lesson)?,
            observer: authorship(board)?,
        };
        board.happens(planned)?;
        let seen = self.assessment(0, "De doelen stonden op het bord.");
        let recorded = ObservationRecorded {
            observation,
            teacher: board.about(teacher, seen)?,
            observer: authorship(board)?,
        };
        board.happens(recorded)?;
        let own = self.assessment(1, "Ik was tevreden over het begin.");
        let own: About<Assessment> = board.about(teacher, own)?;
        board.happens(SelfEvaluationRecorded { observation, teacher: own })?;
        if self.variant == Variant::Appraisal {
            board.happens(ObservationShared { observation, by })?;
        }
        Ok(())
    }

    /// Scores that differ from lesson to lesson, with one item left out.
    fn assessment(&self, shift: usize, remark: &str) -> Assessment {
        let score = |item: usize| {
            let score = (item * 7 + self.number + shift) % 3 + 2;
            if item == 3 { None } else { u8::try_from(score).ok() }
        };
        Assessment {
            scores: (0..self.items).map(score).collect(),
            remarks: vec![Remark { item: None, text: remark.into() }],
        }
    }
}

/// What is told of an incident when it is reported.
struct Report {
    kind: IncidentKind,
    story: &'static str,
    people: Count,
}

impl Report {
    fn is_made(&self, board: &mut Board<'_>) -> anyhow::Result<IncidentId> {
        let incident = IncidentId::from_bytes(random()?);
        let (scope, holder) = (ScopeId::from_bytes(random()?), SubjectId::from_bytes(random()?));
        let (discovered_at, by) = (board.now(), board.by(Role::Teacher)?);
        let story = About::new(holder, scope, Story { text: self.story.into() });
        board.happens(IncidentReported {
            incident,
            scope,
            holder,
            kind: self.kind,
            detected_by: DetectedBy::Staff,
            occurred: Box::new(Occurred {
                from: Item::Known(discovered_at),
                until: Item::Known(Until::Ended(discovered_at)),
            }),
            discovered_at,
            people: Item::Known(self.people),
            operator_case: None,
            by: Some(by),
            story: Some(story),
        })?;
        Ok(incident)
    }
}

fn classified(board: &mut Board<'_>, incident: IncidentId, risk: Risk) -> anyhow::Result<()> {
    let assessment = events::breach::Assessment {
        severity: Severity::Medium,
        broken: Broken { confidentiality: true, integrity: false, availability: false },
        risk,
        personal_data: Involved::Yes,
    };
    let by = board.by(Role::PrivacyOfficer)?;
    board.happens(IncidentClassified { incident, assessment, by })
}

/// A breach that was told to the authority, and waits for the decision about the people concerned.
fn a_list_goes_astray(board: &mut Board<'_>, clock: &Behind) -> anyhow::Result<()> {
    let story = "Een klassenlijst met resultaten ging naar een verkeerd adres.";
    let report =
        Report { kind: IncidentKind::Misaddressed, story, people: Count { min: 24, max: 26 } };
    let incident = report.is_made(board)?;
    clock.passes(2 * HOUR_MICROS);
    classified(board, incident, Risk::Present)?;
    let (confirmed_at, by) = (board.now(), board.by(Role::PrivacyOfficer)?);
    let informs_all = false;
    board.happens(BreachConfirmed { incident, confirmed_at, notify_hours: 24, informs_all, by })?;
    let people = Item::Known(Count { min: 26, max: 26 });
    let concerns = FrozenScope {
        groups: vec![GroupCount { group: Group::Pupils, people }],
        kinds: vec![DataCount {
            kind: DataKind::Results,
            records: Item::Known(Count { min: 26, max: 52 }),
        }],
        protection: Item::Known(Protection::None),
        source: Source::Stated,
    };
    board.happens(BreachScopeFrozen { incident, concerns, by })?;
    board.happens(events::breach::SchoolAware { incident, at: confirmed_at, by })?;
    clock.passes(20 * HOUR_MICROS);
    let (at, phase) = (board.now(), Phase::First);
    let reference = Some("AP-VOORBEELD-1".to_owned());
    board.happens(AuthorityNotified { incident, phase, at, reference, late_because: None, by })
}

/// An incident that was judged this week, with its clocks running.
fn a_bag_is_lost(board: &mut Board<'_>) -> anyhow::Result<()> {
    let story = "Een tas met ingevulde formulieren bleef in de trein liggen.";
    let report = Report { kind: IncidentKind::Lost, story, people: Count { min: 5, max: 12 } };
    let incident = report.is_made(board)?;
    classified(board, incident, Risk::Unlikely)
}

impl Board<'_> {
    /// Carries out a command that is not an event alone.
    fn executes(&mut self, command: Command) -> anyhow::Result<()> {
        let id = CommandId::from_bytes(random()?);
        self.engine.execute_one(self.tenant, engine::Request { id, command })?;
        Ok(())
    }
}
