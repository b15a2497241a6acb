//! The law of every fold: what lives equals what is rebuilt from the parts that still open, after
//! any history and any cuts; and nothing of a forgotten person is left.
//!
//! A history is made of the samples of every sealed event, told about a few people under a few
//! terms; so a new event is under the law as soon as it has a sample.

use std::collections::BTreeMap;
use std::fmt::Debug;

use record::public::{PublicPart, TenantStarted};
use record::{
    Addressee, Category, CommandId, EventKind, JournalId, LeafId, PartHeader, PartKind, ScopeId,
    Seq, SubjectId, TimestampMicros,
};

use super::{PERSON, PSEUDONYM, Sample, header};
use crate::{Content, Event, Forgotten, OpenPart, Place, category};

/// The people of the stories; the samples name some of them in what they tell of others.
pub const PEOPLE: [SubjectId; 4] =
    [PERSON, PSEUDONYM, SubjectId::from_bytes([0xCC; 16]), SubjectId::from_bytes([0xDD; 16])];
/// The terms of the stories.
pub const SCOPES: [ScopeId; 3] = [
    ScopeId::from_bytes([0x51; 16]),
    ScopeId::from_bytes([0x52; 16]),
    ScopeId::from_bytes([0x54; 16]),
];

/// Something that is folded from events and forgets.
pub trait Folded: Default + Debug + PartialEq {
    /// Folds one event.
    fn fold(&mut self, place: &Place, event: &Event);
    /// Lets go of what was destroyed.
    fn forget(&mut self, gone: &Forgotten);
    /// All of it, as bytes.
    fn bytes(&self) -> Vec<u8>;
}

/// One step of a story; every number is taken modulo what there is.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// A sample happens to somebody.
    Happens {
        /// Which sample.
        which: usize,
        /// The first person that it tells about.
        who: usize,
        /// The first term.
        scope: usize,
    },
    /// The keys of a person, a leaf or a scope are destroyed.
    Cut {
        /// 0 person, 1 leaf, else scope.
        kind: u8,
        /// Which of those that hold keys.
        which: usize,
    },
}

/// A journal in memory with the keys of every part, and what was folded from it alive.
#[derive(Debug, Default)]
pub struct Story<F> {
    live: F,
    history: Vec<(EventKind, Vec<Stored>)>,
    shared: BTreeMap<(SubjectId, Category, ScopeId), LeafId>,
    owners: BTreeMap<LeafId, (SubjectId, ScopeId)>,
    dead: Forgotten,
    cuts: usize,
    /// Which person a category tells about, if it is one for all of the story.
    tells_of: BTreeMap<Category, usize>,
    /// Which term a category of a person stands under.
    kept_for: BTreeMap<(SubjectId, Category), ScopeId>,
}

/// Categories of which everybody may have parts: folds find them by the person. What the others tell
/// of (an account, a case) has one id in the samples, so it belongs to one person in a story, as the
/// rules see to it.
const OF_EVERYBODY: [Category; 7] = [
    category::IDENTITY,
    category::ANSWERS,
    category::LINK,
    category::AFFILIATION,
    category::REPRESENTATION,
    category::TRAIL_LOOKED,
    category::CONCERNED,
];

#[derive(Debug)]
struct Stored {
    header: PartHeader,
    subject: Option<SubjectId>,
    bytes: Vec<u8>,
}

impl<F: Folded> Story<F> {
    /// A tenant that started.
    #[must_use]
    pub fn new() -> Self {
        let mut story = Self::default();
        let (operator, name) = (JournalId::from_bytes([0x09; 16]), "De Regenboog".to_owned());
        let started = Event::from(PublicPart::TenantStarted(TenantStarted { operator, name }));
        story.live.fold(&place(0), &started);
        let part = started.parts().remove(0);
        let bytes = part.bytes.as_slice().to_vec();
        let stored = Stored { header: header(PartKind::Public), subject: None, bytes };
        story.history.push((started.kind(), vec![stored]));
        story
    }

    /// What lives.
    #[must_use]
    pub const fn live(&self) -> &F {
        &self.live
    }

    /// Takes one step.
    pub fn take(&mut self, step: Step) {
        match step {
            Step::Happens { which, who, scope } => self.happen(which, who, scope),
            Step::Cut { kind, which } => self.cut(kind, which),
        }
    }

    /// Folds what still opens, from empty.
    ///
    /// # Panics
    /// If a stored event does not decode.
    #[must_use]
    pub fn rebuilt(&self) -> F {
        let mut rebuilt = F::default();
        for (seq, (kind, parts)) in (0..).zip(&self.history) {
            let parts = parts.iter().map(|part| self.reopened(part)).collect();
            let event = Event::decode(kind, parts);
            assert!(event.is_ok(), "a stored event must decode: {}", kind.name());
            event.iter().for_each(|event| rebuilt.fold(&place(seq), event));
        }
        rebuilt
    }

    /// A person of whom everything is destroyed and whom what lives still mentions.
    #[must_use]
    pub fn remembered(&self) -> Option<SubjectId> {
        let bytes = self.live.bytes();
        let mentions =
            |subject: &&SubjectId| bytes.windows(16).any(|window| window == subject.as_bytes());
        self.dead.subjects.iter().find(mentions).copied()
    }

    fn happen(&mut self, which: usize, who: usize, scope: usize) {
        let samples = super::all();
        let sealed = |sample: &&Sample| sample.event.public_part().is_none();
        let samples: Vec<_> = samples.iter().filter(sealed).collect();
        let Some(sample) = samples.get(which % samples.len().max(1)) else { return };
        let mut parts = Vec::new();
        for (index, part) in sample.parts.iter().enumerate() {
            let bytes = part.bytes.as_slice().to_vec();
            let Addressee::Person(label) = part.to else {
                let header = header(PartKind::Sealed);
                parts.push(Stored { header, subject: None, bytes });
                continue;
            };
            let (subject, scope) = self.keys(label.category, who + index, scope + index);
            if self.dead.subjects.contains(&subject) || self.dead.scopes.contains(&scope) {
                return;
            }
            let leaf = self.leaf(subject, label.category, scope, label.alone);
            let header = PartHeader { leaf, scope, ..header(PartKind::Sealed) };
            parts.push(Stored { header, subject: Some(subject), bytes });
        }
        let Ok(kind) = EventKind::new(sample.name, sample.version) else { return };
        let opened = parts.iter().map(|part| self.reopened(part)).collect();
        let seq = u64::try_from(self.history.len()).unwrap_or(u64::MAX);
        if let Ok(event) = Event::decode(&kind, opened) {
            self.live.fold(&place(seq), &event);
            self.history.push((kind, parts));
        }
    }

    /// Whose a part is and under which term; terms that an event's facts name are the samples'.
    fn keys(&mut self, category: Category, who: usize, scope: usize) -> (SubjectId, ScopeId) {
        let who = match OF_EVERYBODY.contains(&category) {
            true => who,
            false => *self.tells_of.entry(category).or_insert(who),
        };
        let [first, ..] = PEOPLE;
        let subject = PEOPLE.get(who % PEOPLE.len()).copied().unwrap_or(first);
        let [answers, identities, trail] = SCOPES;
        let term = match category {
            category::ANSWERS => return (subject, answers),
            category::LINK | category::IMPORT_SECRET => return (subject, identities),
            category::TRAIL_ACTOR | category::TRAIL_LOOKED => return (subject, trail),
            _ => answers,
        };
        let term = SCOPES.get(scope % SCOPES.len()).copied().unwrap_or(term);
        (subject, *self.kept_for.entry((subject, category)).or_insert(term))
    }

    fn leaf(&mut self, who: SubjectId, what: Category, scope: ScopeId, alone: bool) -> LeafId {
        let shared = self.shared.get(&(who, what, scope)).copied().filter(|_| !alone);
        let leaf = shared.unwrap_or_else(|| {
            let mut bytes = [0xEE; 16];
            let number = self.owners.len() + self.dead.leaves.len();
            let number = u64::try_from(number).unwrap_or(u64::MAX).to_be_bytes();
            bytes.iter_mut().zip(number).for_each(|(byte, digit)| *byte = digit);
            LeafId::from_bytes(bytes)
        });
        if !alone {
            self.shared.insert((who, what, scope), leaf);
        }
        self.owners.insert(leaf, (who, scope));
        leaf
    }

    fn cut(&mut self, kind: u8, which: usize) {
        let nth = self.owners.iter().nth(which % self.owners.len().max(1));
        let Some((leaf, (subject, scope))) = nth.map(|(leaf, owner)| (*leaf, *owner)) else {
            return;
        };
        let dies = |other: &LeafId, (whose, term): &(SubjectId, ScopeId)| match kind {
            0 => *whose == subject,
            1 => *other == leaf,
            _ => *term == scope,
        };
        let mut gone = Forgotten::default();
        for (other, owner) in self.owners.iter().filter(|(other, owner)| dies(other, owner)) {
            gone.leaves.insert(*other);
            gone.owners.get_or_insert_default().insert(owner.0);
        }
        match kind {
            0 => drop(gone.subjects.insert(subject)),
            1 => {}
            _ => drop(gone.scopes.insert(scope)),
        }
        // Whether a fold is told whose keys died makes no difference to what it forgets.
        self.cuts += 1;
        if self.cuts.is_multiple_of(2) || !gone.scopes.is_empty() {
            gone.owners = None;
        }
        self.live.forget(&gone);
        self.shared.retain(|_, leaf| !gone.leaves.contains(leaf));
        self.owners.retain(|leaf, _| !gone.leaves.contains(leaf));
        self.dead.subjects.extend(gone.subjects);
        self.dead.leaves.extend(gone.leaves);
        self.dead.scopes.extend(gone.scopes);
    }

    fn reopened(&self, part: &Stored) -> OpenPart {
        let Stored { header, subject, bytes } = part;
        let dead = subject.is_some()
            && (self.dead.leaves.contains(&header.leaf)
                || self.dead.scopes.contains(&header.scope));
        let content = match dead {
            true => Content::Gone,
            false => {
                let bytes = record::Plaintext::new(bytes.clone());
                Content::Open { subject: *subject, bytes }
            }
        };
        OpenPart { header: *header, content }
    }
}

fn place(seq: u64) -> Place {
    let mut command = [0; 16];
    command.iter_mut().zip(seq.to_be_bytes()).for_each(|(byte, digit)| *byte = digit);
    Place {
        seq: Seq(seq),
        recorded_at: TimestampMicros(seq * 1_000),
        command: CommandId::from_bytes(command),
    }
}
