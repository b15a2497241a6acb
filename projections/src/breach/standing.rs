//! How an incident stood at a moment: the fold of what was done about it until then.

use events::breach::{
    Assessment, Count, FrozenScope, IncidentId, Means, NoticeFacts, Outcome, Phase, Risk,
};
use record::{Seq, TimestampMicros};

use super::rows::{
    self, Clocks, CountRow, DecisionRow, Dossier, IncidentRow, NoticeRow, NoticeVersionRow,
    StepRow, Value,
};
use super::words::{self, Words, words};
use super::{Did, Entry, Incident, Report};

const HOUR_MICROS: u64 = 60 * 60 * 1_000_000;
/// Exactly; the rules judge by the same arithmetic.
// SOURCE: GDPR article 33(1).
const REPORT_HOURS: u64 = 72;

/// A decision, and up to which risk it holds.
struct Decided {
    row: DecisionRow,
    up_to: Risk,
}

pub(super) struct Standing<'a> {
    pub(super) last: Seq,
    reported_at: TimestampMicros,
    entries: Vec<&'a Entry>,
    assessment: Option<Assessment>,
    confirmed: Option<(TimestampMicros, u32)>,
    frozen: Option<&'a FrozenScope>,
    listed: u32,
    versions: Vec<(&'a Entry, &'a NoticeFacts)>,
    notices: Vec<NoticeRow>,
    aware_at: Option<TimestampMicros>,
    first_report: Option<TimestampMicros>,
    authority: Option<Decided>,
    subjects: Option<Decided>,
    is_withdrawn: bool,
    closed: Option<(TimestampMicros, Outcome, &'a str)>,
}

impl<'a> Standing<'a> {
    /// Nothing before the incident was reported.
    pub(super) fn of(incident: &'a Incident, moment: TimestampMicros) -> Option<Self> {
        let until = incident.history.iter().filter(|entry| entry.at <= moment);
        let entries: Vec<&Entry> = until.collect();
        let (first, last) = (entries.first()?, entries.last()?);
        let mut standing = Self {
            last: last.seq,
            reported_at: first.at,
            entries: entries.clone(),
            assessment: None,
            confirmed: None,
            frozen: None,
            listed: 0,
            versions: Vec::new(),
            notices: Vec::new(),
            aware_at: None,
            first_report: None,
            authority: None,
            subjects: None,
            is_withdrawn: false,
            closed: None,
        };
        entries.into_iter().for_each(|entry| standing.take(entry));
        Some(standing)
    }

    fn take(&mut self, entry: &'a Entry) {
        match &entry.did {
            Did::Reported | Did::Noted | Did::CostsAgreed(_) | Did::Lesson(_) => {}
            Did::Judged(assessment) => self.assessment = Some(*assessment),
            Did::Confirmed { at, notify_hours } => {
                if self.is_withdrawn {
                    (self.authority, self.subjects, self.first_report) = (None, None, None);
                }
                (self.confirmed, self.is_withdrawn) = (Some((*at, *notify_hours)), false);
            }
            Did::Frozen(scope) => self.frozen = Some(scope),
            Did::Listed(people) => self.listed = self.listed.saturating_add(*people),
            Did::Stated(notice) => self.versions.push((entry, notice.as_ref())),
            Did::Notified { at, means, version, to } => self.notices.push(NoticeRow {
                at: at.0,
                means: words::means(*means),
                version: *version,
                to: to.clone(),
                measures: None,
                by: entry.by,
            }),
            Did::FollowedUp { at, means, version, measures } => self.notices.push(NoticeRow {
                at: at.0,
                means: words::means(*means),
                version: *version,
                to: Vec::new(),
                measures: Some(measures.clone()),
                by: entry.by,
            }),
            Did::Aware(at) => self.aware_at = Some(*at),
            Did::ToAuthority(report) => self.authority_told(entry, report),
            Did::NotToAuthority { reason } => {
                let row = DecisionRow { reason: Some(reason.clone()), ..decision(entry, false) };
                self.authority = Some(Decided { row, up_to: Risk::Unlikely });
            }
            Did::Informed { .. } | Did::NotInformed { .. } => self.decide_on_people(entry),
            Did::Withdrawn { .. } => {
                (self.confirmed, self.is_withdrawn) = (None, true);
            }
            Did::Closed { outcome, reason } => self.closed = Some((entry.at, *outcome, reason)),
            Did::Reopened { .. } => self.closed = None,
        }
    }

    /// A later report changes nothing but the reasons that the first did not give.
    fn authority_told(&mut self, entry: &Entry, report: &Report) {
        if report.phase == Phase::FollowUp {
            let unexplained =
                |decided: &&mut Decided| decided.row.is_told && decided.row.reason.is_none();
            if let Some(decided) = self.authority.as_mut().filter(unexplained) {
                decided.row.reason.clone_from(&report.late_because);
            }
        } else {
            self.first_report = Some(report.at);
            let row = DecisionRow {
                at: Some(report.at.0),
                reference: report.reference.clone(),
                reason: report.late_because.clone(),
                ..decision(entry, true)
            };
            self.authority = Some(Decided { row, up_to: Risk::High });
        }
    }

    fn decide_on_people(&mut self, entry: &Entry) {
        self.subjects = match &entry.did {
            Did::Informed { at, means, people } => {
                let row = DecisionRow {
                    at: Some(at.0),
                    means: Some(words::means(*means)),
                    people: Some(people.into()),
                    ..decision(entry, true)
                };
                Some(Decided { row, up_to: Risk::High })
            }
            Did::NotInformed { because, reason, public_notice_at } => {
                let row = DecisionRow {
                    at: public_notice_at.map(|at| at.0),
                    means: public_notice_at.map(|_| words::means(Means::PublicNotice)),
                    ground: Some(words::not_informed(*because)),
                    reason: Some(reason.clone()),
                    ..decision(entry, false)
                };
                let low = *because == events::breach::NotInformedBecause::NoHighRisk;
                Some(Decided { row, up_to: if low { Risk::Present } else { Risk::High } })
            }
            _ => return,
        };
    }

    fn risk(&self) -> Option<Risk> {
        self.assessment.map(|assessment| assessment.risk)
    }

    fn shown(&self, decided: Option<&Decided>) -> Option<DecisionRow> {
        let decided = decided?;
        let fits = self.risk().is_none_or(|risk| risk <= decided.up_to);
        let holds = fits && !self.is_withdrawn;
        Some(DecisionRow { holds, ..decided.row.clone() })
    }

    /// When the school knew: the earliest of what was stated and when it was told of a breach.
    fn aware(&self) -> Option<u64> {
        let told = self.notices.first().zip(self.confirmed);
        let told = told.map(|(notice, (at, _))| notice.at.max(at.0));
        self.aware_at.map(|at| at.0).into_iter().chain(told).min()
    }

    fn clocks(&self) -> Clocks {
        let (confirmed, hours) = self.confirmed.unzip();
        let notified_at = self.notices.first().map(|notice| notice.at);
        let aware_at = self.aware();
        let later = |at: u64, hours: u64| at.saturating_add(hours.saturating_mul(HOUR_MICROS));
        Clocks {
            confirmed_at: confirmed.map(|at| at.0),
            notify_hours: hours,
            notify_by: confirmed.zip(hours).map(|(at, hours)| later(at.0, u64::from(hours))),
            notified_at,
            notified_after_hours: notified_at
                .zip(confirmed)
                .map(|(told, at)| told.saturating_sub(at.0) / HOUR_MICROS),
            aware_at,
            report_by: aware_at.map(|at| later(at, REPORT_HOURS)),
            reported_at: self.first_report.map(|at| at.0),
        }
    }

    fn step(&self) -> Words {
        match () {
            () if self.closed.is_some() => words("closed", "gesloten"),
            () if self.is_withdrawn => words("withdrawn", "ingetrokken"),
            () if self.notices.len() > 1 => words("followed up", "opgevolgd"),
            () if !self.notices.is_empty() => words("the school was told", "school geïnformeerd"),
            () if self.confirmed.is_some() => {
                words("confirmed as a breach", "vastgesteld als datalek")
            }
            () if self.assessment.is_some() => words("judged", "beoordeeld"),
            () => words("reported", "gemeld"),
        }
    }

    /// The newest numbers: of the notice, else of the frozen scope, else the first guess.
    fn people(&self, incident: &Incident) -> Option<CountRow> {
        let stated = self.versions.last().and_then(|(_, notice)| notice.groups.known());
        let frozen = self.frozen.map(|scope| &scope.groups);
        let Some(groups) = stated.or(frozen) else {
            return incident.people.known().map(CountRow::from);
        };
        let counts: Option<Vec<&Count>> = groups.iter().map(|it| it.people.known()).collect();
        let none = CountRow { min: 0, max: 0 };
        counts.map(|counts| {
            counts.iter().fold(none, |sum, count| CountRow {
                min: sum.min.saturating_add(count.min),
                max: sum.max.saturating_add(count.max),
            })
        })
    }

    pub(super) fn row(&self, id: IncidentId, incident: &Incident) -> IncidentRow {
        let told = self.notices.last().map_or(0, |notice| notice.version);
        IncidentRow {
            incident: id,
            number: incident.number,
            kind: words::kind(incident.kind),
            step: self.step(),
            reported_at: self.reported_at.0,
            discovered_at: incident.discovered_at.0,
            is_breach: self.confirmed.is_some(),
            severity: self.assessment.map(|it| words::severity(it.severity)),
            risk: self.risk().map(words::risk),
            people: self.people(incident),
            clocks: self.clocks(),
            version: u32::try_from(self.versions.len()).unwrap_or(u32::MAX),
            told_version: told,
            authority: self.shown(self.authority.as_ref()),
            subjects: self.shown(self.subjects.as_ref()),
            outcome: self.closed.map(|(_, outcome, _)| words::outcome(outcome)),
            reason: self.closed.map(|(_, _, reason)| reason.to_owned()),
            closed_at: self.closed.map(|(at, _, _)| at.0),
        }
    }

    pub(super) fn dossier(&self, id: IncidentId, incident: &Incident) -> Dossier {
        let frozen = self.frozen;
        let protection = frozen.and_then(|it| it.protection.known());
        Dossier {
            row: self.row(id, incident),
            operator_case: incident.operator_case,
            detected_by: words::detected_by(incident.detected_by),
            from: incident.occurred.from.known().map(|at| Value::Moment(at.0)),
            until: incident.occurred.until.known().map(rows::until),
            broken: self.assessment.map_or_else(Vec::new, |it| words::broken(&it.broken)),
            personal_data: self.assessment.map(|it| words::involved(it.personal_data)),
            groups: frozen.map(|it| rows::groups(&it.groups)),
            kinds: frozen.map(|it| rows::kinds(&it.kinds)),
            protection: protection.map(|it| Value::Words(words::protection(*it))),
            source: frozen.map(|it| words::source(it.source)),
            listed: self.listed,
            still_listed: 0,
            versions: self.version_rows(),
            notices: self.notices.clone(),
            is_withdrawn: self.is_withdrawn,
            steps: self.entries.iter().map(|entry| step(entry)).collect(),
            stories: Vec::new(),
        }
    }

    fn version_rows(&self) -> Vec<NoticeVersionRow> {
        let mut before = &NoticeFacts::UNKNOWN;
        let mut rows = Vec::new();
        for (version, (entry, notice)) in (1..).zip(&self.versions) {
            rows.push(NoticeVersionRow {
                version,
                stated_at: entry.at.0,
                by: entry.by,
                changed: notice.changed_from(before),
                open: notice.open(),
                items: rows::items(notice),
            });
            before = notice;
        }
        rows
    }
}

fn decision(entry: &Entry, is_told: bool) -> DecisionRow {
    DecisionRow {
        is_told,
        holds: true,
        at: None,
        means: None,
        people: None,
        reference: None,
        ground: None,
        reason: None,
        recorded_at: entry.at.0,
        by: entry.by,
    }
}

fn step(entry: &Entry) -> StepRow {
    let (step, text) = match &entry.did {
        Did::Reported => (words("reported", "gemeld"), None),
        Did::Noted => (words("more was told", "aangevuld"), None),
        Did::Judged(_) => (words("judged", "beoordeeld"), None),
        Did::Confirmed { .. } => (words("confirmed as a breach", "vastgesteld als datalek"), None),
        Did::Frozen(_) => (words("scope fixed", "omvang vastgelegd"), None),
        Did::Listed(_) => (words("people listed", "betrokkenen vastgelegd"), None),
        Did::Stated(_) => (words("notice stated", "melding opgesteld"), None),
        Did::Notified { .. } => (words("the school was told", "school geïnformeerd"), None),
        Did::Aware(_) => (words("the school knew", "school op de hoogte"), None),
        Did::FollowedUp { measures, .. } => (words("followed up", "opgevolgd"), Some(measures)),
        Did::ToAuthority(report) => (
            words("the authority was told", "toezichthouder geïnformeerd"),
            report.late_because.as_ref(),
        ),
        Did::NotToAuthority { reason } => (
            words("not reported to the authority", "niet gemeld bij de toezichthouder"),
            Some(reason),
        ),
        Did::Informed { .. } => (words("people were told", "betrokkenen geïnformeerd"), None),
        Did::NotInformed { reason, .. } => {
            (words("people were not told", "betrokkenen niet geïnformeerd"), Some(reason))
        }
        Did::CostsAgreed(agreed) => (words("costs agreed", "kosten afgesproken"), Some(agreed)),
        Did::Lesson(lesson) => (words("lesson", "les"), Some(lesson)),
        Did::Withdrawn { reason } => (words("withdrawn", "ingetrokken"), Some(reason)),
        Did::Closed { reason, .. } => (words("closed", "gesloten"), Some(reason)),
        Did::Reopened { reason } => (words("taken up again", "heropend"), Some(reason)),
    };
    StepRow { seq: entry.seq, at: entry.at.0, step, text: text.cloned(), by: entry.by }
}
