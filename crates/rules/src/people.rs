//! People known by name: registered once each.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::people::{EMAIL_BYTES_MAX, NAME_BYTES_MAX};
use events::{
    About, Event, Forgotten, Identity, ImportId, PartKeys, PeopleEvent, PersonRegistered,
};
use record::public::Cut;
use record::{LeafId, ScopeId, SubjectId, Writer};

use crate::refusal::Refusal;
use crate::state::{State, check_limit, check_text};

/// The registered people, by id; no names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct People {
    registered: BTreeMap<SubjectId, (Option<LeafId>, ScopeId)>,
}

impl State {
    pub(crate) fn register_person(
        &self,
        person: SubjectId,
        scope: ScopeId,
        identity: &Identity,
        import: Option<ImportId>,
    ) -> Result<Vec<Event>, Refusal> {
        check_text(&identity.name, NAME_BYTES_MAX, "name")?;
        let email = identity.email.as_ref().map_or(0, String::len);
        check_limit(email, EMAIL_BYTES_MAX, "email")?;
        self.check_identity_scope(scope, import)?;
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

impl People {
    pub(crate) fn knows(&self, person: SubjectId) -> bool {
        self.registered.contains_key(&person)
    }

    pub(crate) fn evolve(&mut self, event: &PeopleEvent) {
        match event {
            PeopleEvent::PersonRegistered(event) => {
                if let Some(keys) = event.person.keys() {
                    self.registered.insert(keys.subject, (keys.leaf, keys.scope));
                }
            }
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
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

    pub(crate) fn write(&self, out: &mut Writer) {
        out.ids(self.registered.keys().map(SubjectId::as_bytes));
        for (leaf, scope) in self.registered.values() {
            write_leaf(out, *leaf);
            out.bytes(scope.as_bytes());
        }
    }
}

/// A leaf, or zeros before sealing.
pub(crate) fn write_leaf(out: &mut Writer, leaf: Option<LeafId>) {
    out.bytes(&leaf.map_or([0; 16], |leaf| *leaf.as_bytes()));
}
