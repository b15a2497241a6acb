//! Codes by which people answer without an account, and who is reminded.
//!
//! *Invariant:* a code is known by a keyed digest alone.
//! *Invariant:* nothing here says which answer was given with which code: the pseudonym of an answer
//! is another keyed digest of the code, so that a second answer is refused and nobody who lacks the
//! code can tell whose the first one was (docs/anonymity.md).
//! *Invariant:* that people answered is recorded for at least the floor of a group at a time.

use std::collections::BTreeSet;

use bincode::{Decode, Encode};
use events::survey::{
    AnswersMarked, Audience, CODE_USES_MAX, CODES_MAX, CodeDigest, CodesIssued, Division,
    GROUP_BYTES_MAX, GuestsInvited, SurveyEvent, TOGETHER,
};
use events::{About, Event, RoundId};
use record::public::Cut;
use record::{ScopeId, SubjectId};

use super::{NOT_DIVIDED, Round, Surveys};
use crate::people::told;
use crate::refusal::{Refusal, Rule};
use crate::state::{State, check_free_text, check_limit};

static UNKNOWN_AUDIENCE: Rule = Rule::conflict(
    "this round does not say whom it asks, so no codes are issued for it",
    "deze ronde zegt niet wie zij bevraagt, dus er worden geen codes voor uitgegeven",
);
static USES: Rule = Rule::invalid(
    "uses",
    "a code takes 1 to 200 answers",
    "een code geldt voor 1 tot 200 antwoorden",
);
static TWICE: Rule = Rule::invalid(
    "guests",
    "each person is named once, in the order of the ids",
    "elke persoon wordt één keer genoemd, op volgorde van de kenmerken",
);
static INVITED_ALREADY: Rule =
    Rule::conflict("this person was invited already", "deze persoon is al uitgenodigd");
static NOT_INVITED: Rule =
    Rule::conflict("this person was not invited", "deze persoon is niet uitgenodigd");
static TOO_FEW: Rule = Rule::conflict(
    "that people answered is recorded for at least the floor at a time",
    "dat mensen antwoordden wordt vastgelegd voor ten minste de kleinste groep tegelijk",
);

/// A code, as the rules know it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Code {
    /// The round that it opens.
    pub round: RoundId,
    /// The group of whoever answers with it.
    pub group: String,
    /// How many answers it takes.
    pub uses: u16,
}

impl State {
    pub(crate) fn survey_event(&self, event: &SurveyEvent) -> Result<Vec<Event>, Refusal> {
        match event {
            SurveyEvent::CodesIssued(event) => self.issue_codes(event)?,
            SurveyEvent::GuestsInvited(event) => self.invite_guests(event)?,
            SurveyEvent::AnswersMarked(event) => self.mark_answers(event)?,
            SurveyEvent::RemindersListed(event) => {
                self.access.check_actor(event.by)?;
                self.surveys.open_round(event.round)?;
            }
            SurveyEvent::SurveyDefined(_)
            | SurveyEvent::RoundOpened(_)
            | SurveyEvent::ResponseSubmitted(_)
            | SurveyEvent::RespondentLinked(_)
            | SurveyEvent::RoundClosed(_) => return Err(Refusal::OwnCommand),
        }
        Ok(vec![Event::Survey(event.clone())])
    }

    fn issue_codes(&self, event: &CodesIssued) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        check_group(audience_of(self.surveys.open_round(event.round)?)?, &event.group)?;
        USES.unless((1..=CODE_USES_MAX).contains(&event.uses))?;
        check_count(event.codes.len(), "codes")?;
        let fresh: BTreeSet<_> = event.codes.iter().collect();
        let taken = event.codes.iter().any(|code| self.code(code).is_some());
        if taken || fresh.len() < event.codes.len() { Err(Refusal::IdInUse) } else { Ok(()) }
    }

    fn invite_guests(&self, event: &GuestsInvited) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        let round = self.surveys.open_round(event.round)?;
        check_group(audience_of(round)?, &event.group)?;
        check_count(event.guests.len(), "guests")?;
        let guests = self.guests(round.identity_scope, &event.guests)?;
        let mut guests = guests.iter();
        guests.try_for_each(|(guest, invitation)| {
            INVITED_ALREADY.unless(!self.is_invited(event.round, *guest))?;
            if self.code(&invitation.code).is_some() { Err(Refusal::IdInUse) } else { Ok(()) }
        })
    }

    fn mark_answers(&self, event: &AnswersMarked) -> Result<(), Refusal> {
        let round = self.surveys.round(event.round)?;
        TOO_FEW.unless(event.guests.len() >= usize::from(round.floor))?;
        let guests = self.guests(round.identity_scope, &event.guests)?;
        let mut guests = guests.iter();
        guests.try_for_each(|(guest, answered)| {
            NOT_INVITED
                .unless(answered.round == event.round && self.is_invited(event.round, *guest))
        })
    }

    /// People who are known, each once and in the order of their ids: no other order tells of
    /// anything.
    fn guests<'a, T>(
        &self,
        scope: ScopeId,
        guests: &'a [About<T>],
    ) -> Result<Vec<(SubjectId, &'a T)>, Refusal> {
        let known = guests.iter().map(|part| {
            let (keys, value) = told(part).ok_or(Refusal::AlreadyErased)?;
            self.check_known(keys.subject)?;
            if keys.scope != scope {
                return Err(Refusal::WrongScope);
            }
            Ok((keys.subject, value))
        });
        let known = known.collect::<Result<Vec<_>, _>>()?;
        self.erasures.check_scope(scope)?;
        TWICE.unless(known.is_sorted_by(|(one, _), (next, _)| one < next))?;
        Ok(known)
    }

    /// A code, while its round takes answers.
    #[must_use]
    pub fn code(&self, digest: &CodeDigest) -> Option<&Code> {
        self.surveys.shared.get(digest).or_else(|| self.surveys.personal.get(digest))
    }

    /// Whose code it is, if it is somebody's.
    #[must_use]
    pub fn invited_by(&self, digest: &CodeDigest) -> Option<SubjectId> {
        self.surveys.personal.keys_of(digest).map(|keys| keys.subject)
    }

    /// Whether a pseudonym answered this round while it is open, or its answer was taken back.
    #[must_use]
    pub fn has_answered(&self, round: RoundId, pseudonym: SubjectId) -> bool {
        let round = self.surveys.rounds.get(&round);
        round.is_some_and(|round| round.responded.contains_key(&pseudonym))
            || self.erasures.is_erased(&Cut::Subject(pseudonym))
    }

    /// Who was invited to a round and is not recorded as having answered, by id.
    #[must_use]
    pub fn unanswered(&self, round: RoundId) -> Vec<SubjectId> {
        let answered = |guest: &SubjectId| self.surveys.answered.contains(&(round, *guest));
        self.surveys.invited(round).into_iter().filter(|guest| !answered(guest)).collect()
    }

    fn is_invited(&self, round: RoundId, guest: SubjectId) -> bool {
        self.surveys.personal.of(guest).any(|(_, code)| code.value.round == round)
    }
}

impl Surveys {
    fn invited(&self, round: RoundId) -> BTreeSet<SubjectId> {
        let codes = self.personal.iter().filter(|(_, code)| code.value.round == round);
        codes.map(|(_, code)| code.keys.subject).collect()
    }

    /// A closed round takes no answers and reminds nobody.
    pub(super) fn end_codes(&mut self, round: RoundId) {
        self.shared.retain(|_, code| code.round != round);
        let codes = self.personal.iter().filter(|(_, code)| code.value.round == round);
        let ended: BTreeSet<CodeDigest> = codes.map(|(digest, _)| *digest).collect();
        self.personal.retain(|digest| !ended.contains(digest));
        self.answered.retain(|(answered, _)| *answered != round);
    }

    pub(super) fn evolve_codes(&mut self, event: &SurveyEvent) {
        match event {
            SurveyEvent::CodesIssued(event) => {
                let CodesIssued { round, group, uses, codes, .. } = event;
                let code = Code { round: *round, group: group.clone(), uses: *uses };
                self.shared.extend(codes.iter().map(|digest| (*digest, code.clone())));
            }
            SurveyEvent::GuestsInvited(event) => {
                let code = Code { round: event.round, group: event.group.clone(), uses: 1 };
                let known = event.guests.iter().filter_map(told);
                known.for_each(|(keys, told)| self.personal.insert(told.code, keys, code.clone()));
            }
            SurveyEvent::AnswersMarked(event) => {
                let known = event.guests.iter().filter_map(told);
                known.for_each(|(keys, told)| {
                    self.answered.insert((told.round, keys.subject), keys, ());
                });
            }
            _ => {}
        }
    }
}

fn audience_of(round: &Round) -> Result<&Audience, Refusal> {
    round.audience.as_deref().ok_or(Refusal::Says(&UNKNOWN_AUDIENCE))
}

fn check_group(audience: &Audience, group: &str) -> Result<(), Refusal> {
    check_free_text(group, GROUP_BYTES_MAX, "group")?;
    NOT_DIVIDED.unless(audience.division == Division::Groups || group == TOGETHER)
}

const fn check_count(count: usize, field: &'static str) -> Result<(), Refusal> {
    if count == 0 { Err(Refusal::Empty { field }) } else { check_limit(count, CODES_MAX, field) }
}
