//! People known by name: registered once each; what they are to schools and teams, and who acts for
//! a child.
//!
//! *Invariant:* an entry that names two people goes with either: it is kept only while both are
//! known.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::annex::{Entrance, FieldId, SubjectKind};
use events::organisation::{SchoolId, TeamId};
use events::people::{
    AFFILIATIONS_MAX, Affiliation, EMAIL_BYTES_MAX, Membership, NAME_BYTES_MAX, Position,
    Representation,
};
use events::{
    About, Event, Forgotten, Identity, ImportId, KeptMap, PartKeys, PeopleEvent, PersonRegistered,
};
use record::public::Cut;
use record::{LeafId, ScopeId, SubjectId, TimestampMicros};

use crate::refusal::{Refusal, Rule};
use crate::state::{State, check_free_text, check_limit};
use crate::survey::Asks as _;

static JOINED_ALREADY: Rule =
    Rule::conflict("the person is there already", "deze persoon hoort daar al bij");
static NOT_THERE: Rule =
    Rule::conflict("the person does not belong there", "deze persoon hoort daar niet bij");
static TOO_MANY: Rule = Rule::conflict(
    "a person belongs to at most 50 schools",
    "een persoon hoort bij ten hoogste 50 scholen",
);
static NOT_ONESELF: Rule =
    Rule::conflict("nobody acts for themselves in this way", "niemand vertegenwoordigt zichzelf");

/// What a name is to the gate.
const NAMES: [FieldId; 2] = [FieldId::GivenName, FieldId::Surname];

/// The registered people, by id; no names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct People {
    registered: BTreeMap<SubjectId, (Option<LeafId>, ScopeId)>,
    affiliations: KeptMap<(SubjectId, SchoolId, Position), ()>,
    memberships: KeptMap<(SubjectId, TeamId), ()>,
    /// By child and representative: whether with parental authority.
    representations: KeptMap<(SubjectId, SubjectId), bool>,
}

impl State {
    pub(crate) fn register_person(
        &self,
        person: SubjectId,
        scope: ScopeId,
        identity: &Identity,
        import: Option<ImportId>,
        now: TimestampMicros,
    ) -> Result<Vec<Event>, Refusal> {
        check_free_text(&identity.name, NAME_BYTES_MAX, "name")?;
        let email = identity.email.as_ref().map_or(0, String::len);
        check_limit(email, EMAIL_BYTES_MAX, "email")?;
        self.check_identity_scope(scope, import)?;
        self.check_imported(identity, import, now)?;
        if self.people.knows(person) {
            return Err(Refusal::PersonRegistered);
        }
        if self.erasures.is_erased(&Cut::Subject(person)) {
            return Err(Refusal::AlreadyErased);
        }
        let person = About::new(person, scope, identity.clone());
        let event = PersonRegistered { import, person };
        Ok(vec![Event::People(PeopleEvent::PersonRegistered(event))])
    }

    /// Whom an import brings is of the kind that its round asks.
    fn check_imported(
        &self,
        identity: &Identity,
        import: Option<ImportId>,
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let Some(import) = import else { return Ok(()) };
        let round = self.surveys.round(self.imports.underway(import)?.round)?;
        let Some(audience) = &round.audience else { return Ok(()) };
        let email = match audience.kind {
            SubjectKind::Parent => FieldId::PrivateEmail,
            SubjectKind::Staff | SubjectKind::Pupil => FieldId::SchoolEmail,
        };
        let email = identity.email.as_ref().map(|_| email);
        let fields: Vec<FieldId> = NAMES.into_iter().chain(email).collect();
        self.pass(&audience.asks(&fields), Entrance::Import, 1, now)
    }

    /// What the annex lets the tenant know of people of a kind. The staff that signs the agreement
    /// and accepts the annex must be known before either holds.
    fn check_position(&self, position: Position, now: TimestampMicros) -> Result<(), Refusal> {
        match position {
            Position::Staff if !self.is_governed(now) => Ok(()),
            Position::Staff => self.pass_any(SubjectKind::Staff, &NAMES, now),
            Position::Pupil => self.pass_any(SubjectKind::Pupil, &NAMES, now),
            Position::Parent => self.pass_any(SubjectKind::Parent, &NAMES, now),
            // Whoever answers and is nothing else to the school: the round says what they are.
            Position::Respondent => Ok(()),
        }
    }

    /// Identities of an import end with the identity scope of its round.
    fn check_identity_scope(
        &self,
        scope: ScopeId,
        import: Option<ImportId>,
    ) -> Result<(), Refusal> {
        self.erasures.check_scope(scope)?;
        let Some(import) = import else { return Ok(()) };
        let round = self.imports.underway(import)?.round;
        let round = self.surveys.round(round)?;
        if round.identity_scope == scope { Ok(()) } else { Err(Refusal::WrongScope) }
    }
}

impl State {
    pub(crate) fn people(
        &self,
        event: &PeopleEvent,
        now: TimestampMicros,
    ) -> Result<Vec<Event>, Refusal> {
        match event {
            // Registering has a command of its own: an import brings it too.
            PeopleEvent::PersonRegistered(event) => {
                let About::Known { subject, scope, value, .. } = &event.person else {
                    return Err(Refusal::AlreadyErased);
                };
                return self.register_person(*subject, *scope, value, event.import, now);
            }
            PeopleEvent::PersonJoined(event) => {
                let (person, to) = self.about(&event.person)?;
                self.organisation.check_school(to.school)?;
                JOINED_ALREADY.unless(!self.people.belongs(person, to.school, to.position))?;
                self.check_position(to.position, now)?;
                TOO_MANY.unless(self.people.affiliations.of(person).count() < AFFILIATIONS_MAX)?;
            }
            PeopleEvent::PersonLeft(event) => {
                let (person, from) = self.about(&event.person)?;
                NOT_THERE.unless(self.people.belongs(person, from.school, from.position))?;
            }
            PeopleEvent::TeamJoined(event) => {
                let (person, to) = self.about(&event.person)?;
                self.organisation.check_team(to.team)?;
                let there = self.people.memberships.contains(&(person, to.team));
                JOINED_ALREADY.unless(!there)?;
                TOO_MANY.unless(self.people.memberships.of(person).count() < AFFILIATIONS_MAX)?;
            }
            PeopleEvent::TeamLeft(event) => {
                let (person, from) = self.about(&event.person)?;
                NOT_THERE.unless(self.people.memberships.contains(&(person, from.team)))?;
            }
            PeopleEvent::RepresentationRecorded(event) => {
                let (child, by) = self.about(&event.child)?;
                NOT_ONESELF.unless(child != by.representative)?;
                self.check_known(by.representative)?;
                let there = self.people.representations.contains(&(child, by.representative));
                JOINED_ALREADY.unless(!there)?;
            }
            PeopleEvent::RepresentationEnded(event) => {
                let (child, by) = self.about(&event.child)?;
                let there = self.people.representations.contains(&(child, by.representative));
                NOT_THERE.unless(there)?;
            }
        }
        Ok(vec![Event::People(event.clone())])
    }

    /// A part about somebody who is registered, under a term that runs.
    pub(crate) fn about<'a, T>(&self, part: &'a About<T>) -> Result<(SubjectId, &'a T), Refusal> {
        let About::Known { subject, scope, value, .. } = part else {
            return Err(Refusal::AlreadyErased);
        };
        self.check_known(*subject)?;
        self.erasures.check_scope(*scope)?;
        Ok((*subject, value))
    }

    pub(crate) fn check_known(&self, person: SubjectId) -> Result<(), Refusal> {
        let known = self.people.knows(person) || self.syncs.knows(person);
        if known { Ok(()) } else { Err(Refusal::SubjectUnknown) }
    }

    /// Whether a person belongs to a school as this.
    #[must_use]
    pub fn belongs(&self, person: SubjectId, school: SchoolId, position: Position) -> bool {
        self.people.belongs(person, school, position)
    }

    /// The schools that a person belongs to, and as what.
    pub fn affiliations_of(
        &self,
        person: SubjectId,
    ) -> impl Iterator<Item = (SchoolId, Position)> + '_ {
        self.people.affiliations.of(person).map(|((_, school, position), _)| (*school, *position))
    }

    /// The teams that a person belongs to.
    pub fn teams_of(&self, person: SubjectId) -> impl Iterator<Item = TeamId> + '_ {
        self.people.memberships.of(person).map(|((_, team), _)| *team)
    }

    /// Whether somebody acts for a child with parental authority.
    #[must_use]
    pub fn has_authority_over(&self, representative: SubjectId, child: SubjectId) -> bool {
        self.people.representations.get(&(child, representative)) == Some(&true)
    }
}

impl People {
    pub(crate) fn knows(&self, person: SubjectId) -> bool {
        self.registered.contains_key(&person)
    }

    fn belongs(&self, person: SubjectId, school: SchoolId, position: Position) -> bool {
        self.affiliations.contains(&(person, school, position))
    }

    pub(crate) fn evolve(&mut self, event: &PeopleEvent) {
        match event {
            PeopleEvent::PersonRegistered(event) => {
                if let Some(keys) = event.person.keys() {
                    self.registered.insert(keys.subject, (keys.leaf, keys.scope));
                }
            }
            PeopleEvent::PersonJoined(event) => {
                if let Some((keys, told)) = told(&event.person) {
                    self.affiliations.insert(affiliation(keys.subject, told), keys, ());
                }
            }
            PeopleEvent::PersonLeft(event) => {
                if let Some((keys, told)) = told(&event.person) {
                    self.affiliations.remove(&affiliation(keys.subject, told));
                }
            }
            PeopleEvent::TeamJoined(event) => {
                if let Some((keys, Membership { team })) = told(&event.person) {
                    self.memberships.insert((keys.subject, *team), keys, ());
                }
            }
            PeopleEvent::TeamLeft(event) => {
                if let Some((keys, Membership { team })) = told(&event.person) {
                    self.memberships.remove(&(keys.subject, *team));
                }
            }
            PeopleEvent::RepresentationRecorded(event) => {
                if let Some((keys, Representation { representative, authority })) =
                    told(&event.child).filter(|(_, by)| self.knows(by.representative))
                {
                    self.representations.insert((keys.subject, *representative), keys, *authority);
                }
            }
            PeopleEvent::RepresentationEnded(event) => {
                if let Some((keys, by)) = told(&event.child) {
                    self.representations.remove(&(keys.subject, by.representative));
                }
            }
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.forget_registered(gone);
        self.affiliations.forget(gone);
        self.memberships.forget(gone);
        self.representations.forget(gone);
        let registered = &self.registered;
        self.representations.retain(|(_, representative)| registered.contains_key(representative));
    }

    fn forget_registered(&mut self, gone: &Forgotten) {
        let covers = |subject: SubjectId, (leaf, scope): (Option<LeafId>, ScopeId)| {
            gone.covers(&PartKeys { subject, leaf, scope })
        };
        match gone.few_owners(self.registered.len()) {
            None => self.registered.retain(|subject, keys| !covers(*subject, *keys)),
            Some(owners) => owners.iter().for_each(|subject| {
                if self.registered.get(subject).is_some_and(|keys| covers(*subject, *keys)) {
                    self.registered.remove(subject);
                }
            }),
        }
    }
}

fn affiliation(
    person: SubjectId,
    Affiliation { school, position }: &Affiliation,
) -> (SubjectId, SchoolId, Position) {
    (person, *school, *position)
}

/// What a part tells and the keys it stands under, unless it is gone.
pub(crate) fn told<T>(about: &About<T>) -> Option<(PartKeys, &T)> {
    about.keys().zip(about.value())
}
