//! What a test knows of a tenant by itself: every part, whose it is, which keys are held, who was
//! erased. It asks the engine for headers and states alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use engine::{EngineError, ErasureRequest, PartState, Receipt, RestoredJournal};
use events::{Answer, Identity, Question, QuestionKind, RoundId, SurveyId};
use record::public::{Cut, ErasureApproved};
use record::{ActorId, JournalId, ScopeId, Seq, SubjectId};
use rules::Command;

use super::site::Site;

/// The keys that a file of pages holds.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    pub(crate) epoch: u64,
    pub(crate) size: u64,
    keys: Keys,
}

/// Ids as the engine prints them.
#[derive(Clone, Debug, Default)]
struct Keys {
    leaves: BTreeSet<String>,
    scopes: BTreeSet<String>,
}

/// A copy of a backup or escrow, and what is in it.
pub(crate) struct Image {
    pub(crate) directory: PathBuf,
    pub(crate) pages: Vec<Pages>,
    pub(crate) known: Vec<Known>,
}

/// What must be there after a restore.
pub(crate) struct Expected {
    pub(crate) known: Known,
    /// Whether records of a history that was given up stay away.
    pub(crate) cut_short: bool,
    /// Keys that are cut although no fence lists them.
    pub(crate) swept: u64,
}

/// A sealed part.
#[derive(Clone, Debug)]
struct Part {
    seq: u64,
    index: usize,
    leaf: String,
    scope: String,
}

#[derive(Clone, Debug)]
struct Round {
    seq: u64,
    id: RoundId,
    answers: ScopeId,
    identities: ScopeId,
}

/// Whose a leaf is, and for which scope.
#[derive(Clone, Debug)]
struct Owner {
    subject: SubjectId,
    scope: String,
}

/// A published checkpoint that somebody outside keeps.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    era: u32,
    size: u64,
    pub(crate) text: String,
}

/// One tenant, as its journal is now.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) id: JournalId,
    pub(crate) size: u64,
    /// Era and place of each declared restore of this journal.
    pub(crate) restores: Vec<(u32, u64)>,
    survey: SurveyId,
    rounds: Vec<Round>,
    parts: Vec<Part>,
    people: Vec<(u64, SubjectId)>,
    pseudonyms: Vec<(u64, SubjectId, RoundId)>,
    links: Vec<(u64, SubjectId, SubjectId)>,
    owners: BTreeMap<String, Owner>,
    held: Keys,
    escrow: Keys,
    // What no restore takes back.
    erased: Keys,
    erased_people: BTreeSet<SubjectId>,
    notes: Vec<Note>,
}

impl Known {
    pub(crate) fn start(site: &mut Site, number: usize) -> Self {
        let id = site.engine().start_tenant(&format!("School {number}")).unwrap();
        let survey = SurveyId::from_bytes(site.dice.id());
        let mut known = Self {
            id,
            size: 1,
            restores: Vec::new(),
            survey,
            rounds: Vec::new(),
            parts: Vec::new(),
            people: Vec::new(),
            pseudonyms: Vec::new(),
            links: Vec::new(),
            owners: BTreeMap::new(),
            held: Keys::default(),
            escrow: Keys::default(),
            erased: Keys::default(),
            erased_people: BTreeSet::new(),
            notes: Vec::new(),
        };
        let permanent = site.engine().permanent_scope(id).unwrap();
        known.held.scopes.insert(permanent.to_string());
        known.escrow = known.held.clone();
        let question = Question { text: "How was it?".to_owned(), kind: QuestionKind::Agree5 };
        let define = Command::DefineSurvey {
            survey,
            title: "Lessons".to_owned(),
            questions: vec![question],
        };
        site.run(id, define).unwrap();
        known.follow(site, None);
        // The facts leaf stands in the first pages already.
        known.escrow = known.held.clone();
        known.open_round(site);
        known
    }

    /// Reads the headers of what was added; its new leaves are this subject's.
    fn follow(&mut self, site: &mut Site, subject: Option<SubjectId>) {
        for row in site.engine().journal_rows(self.id, Seq(self.size), 1_000).unwrap() {
            for (index, part) in row.parts.into_iter().enumerate() {
                if part.state == PartState::Public {
                    continue;
                }
                self.held.leaves.insert(part.leaf.clone());
                if let Some(subject) = subject.filter(|_| index > 0) {
                    let owner = Owner { subject, scope: part.scope.clone() };
                    self.owners.insert(part.leaf.clone(), owner);
                }
                self.parts.push(Part { seq: row.seq, index, leaf: part.leaf, scope: part.scope });
            }
            self.size = row.seq + 1;
        }
    }

    fn run(&mut self, site: &mut Site, command: Command, subject: Option<SubjectId>) -> bool {
        match site.run(self.id, command) {
            Ok(_) => {
                self.follow(site, subject);
                true
            }
            Err(EngineError::Refused(_)) => false,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn register(&mut self, site: &mut Site) {
        let person = SubjectId::from_bytes(site.dice.id());
        let scope = match site.dice.below(2) {
            0 => site.engine().permanent_scope(self.id).unwrap(),
            _ => match self.any_round(site) {
                Some(round) => round.identities,
                None => return,
            },
        };
        let seq = self.size;
        let identity = Identity { name: name_of(person), email: None };
        let register = Command::RegisterPerson { person, scope, identity, import: None };
        if self.run(site, register, Some(person)) {
            self.people.push((seq, person));
        }
    }

    pub(crate) fn open_round(&mut self, site: &mut Site) {
        let round = Round {
            seq: self.size,
            id: RoundId::from_bytes(site.dice.id()),
            answers: ScopeId::from_bytes(site.dice.id()),
            identities: ScopeId::from_bytes(site.dice.id()),
        };
        let open = Command::OpenRound {
            round: round.id,
            survey: self.survey,
            name: "Spring".to_owned(),
            floor: 5,
            answers_scope: round.answers,
            identity_scope: round.identities,
            audience: None,
        };
        if self.run(site, open, None) {
            self.held.scopes.insert(round.answers.to_string());
            self.held.scopes.insert(round.identities.to_string());
            self.rounds.push(round);
        }
    }

    pub(crate) fn respond(&mut self, site: &mut Site) {
        let Some(round) = self.any_round(site) else { return };
        let pseudonym = SubjectId::from_bytes(site.dice.id());
        let seq = self.size;
        let submit = Command::SubmitResponse {
            round: round.id,
            pseudonym,
            group: "one".to_owned(),
            answers: vec![Answer::Score(3)],
            import: None,
        };
        if self.run(site, submit, Some(pseudonym)) {
            self.pseudonyms.push((seq, pseudonym, round.id));
        }
    }

    pub(crate) fn link(&mut self, site: &mut Site) {
        if self.people.is_empty() || self.pseudonyms.is_empty() {
            return;
        }
        let (_, person) = self.people[site.dice.below(self.people.len())];
        let (_, pseudonym, round) = self.pseudonyms[site.dice.below(self.pseudonyms.len())];
        let seq = self.size;
        let link = Command::LinkRespondent { round, person, pseudonym, import: None };
        if self.run(site, link, Some(person)) {
            self.links.push((seq, person, pseudonym));
        }
    }

    /// Erases somebody of whom keys are held, with the pseudonyms behind their links.
    pub(crate) fn erase(&mut self, site: &mut Site) -> bool {
        let held = |person: &SubjectId| self.leaves_of(*person).next().is_some();
        let people: Vec<SubjectId> =
            self.people.iter().map(|(_, person)| *person).filter(held).collect();
        if people.is_empty() {
            return false;
        }
        let person = people[site.dice.below(people.len())];
        // A link leads on while it opens: its leaf is the person's.
        let linked =
            self.links.iter().filter(|(seq, whose, _)| *whose == person && self.opens(*seq));
        let subjects: Vec<SubjectId> =
            linked.map(|(_, _, pseudonym)| *pseudonym).chain([person]).collect();
        let dead: Vec<String> =
            subjects.iter().flat_map(|subject| self.leaves_of(*subject).cloned()).collect();
        if !self.cut(site, Cut::Subject(person)) {
            return false;
        }
        self.erased_people.insert(person);
        self.destroy(dead, None);
        true
    }

    pub(crate) fn end_scope(&mut self, site: &mut Site) -> bool {
        let held = |round: &&Round| self.held.scopes.contains(&round.answers.to_string());
        let rounds: Vec<Round> = self.rounds.iter().filter(held).cloned().collect();
        if rounds.len() < 2 {
            return false;
        }
        let scope = rounds[site.dice.below(rounds.len())].answers;
        let text = scope.to_string();
        let under = self.parts.iter().filter(|part| part.scope == text);
        let dead: Vec<String> = under.map(|part| part.leaf.clone()).collect();
        let dead = dead.into_iter().filter(|leaf| self.held.leaves.contains(leaf)).collect();
        if !self.cut(site, Cut::Scope(scope)) {
            return false;
        }
        self.destroy(dead, Some(text));
        true
    }

    fn cut(&mut self, site: &mut Site, target: Cut) -> bool {
        let Some(receipt) = self.receipt(site, target) else { return false };
        assert_eq!(receipt.backup_days, 30, "the escrow follows");
        self.follow(site, None);
        true
    }

    fn receipt(&mut self, site: &mut Site, target: Cut) -> Option<Receipt> {
        let request = ErasureRequest {
            targets: vec![target],
            ground: "art-17".to_owned(),
            ordered_by: ActorId::from_bytes([0xA1; 16]),
            four_eyes: false,
        };
        let order = match site.engine().order_erasure(self.id, request) {
            Ok(order) => order,
            Err(EngineError::Refused(_) | EngineError::NothingKept) => return None,
            Err(error) => panic!("{error}"),
        };
        let approval = ErasureApproved { order, approved_by: ActorId::from_bytes([0xA2; 16]) };
        Some(site.engine().approve_erasure(self.id, approval).unwrap())
    }

    /// Erases the first of the people, whatever the escrow does.
    pub(crate) fn erase_for_receipt(&mut self, site: &mut Site) -> Receipt {
        let (_, person) = self.people.remove(0);
        self.receipt(site, Cut::Subject(person)).expect("keys are held of them")
    }

    pub(crate) fn end_tenant(&mut self, site: &mut Site) {
        let receipt = self.receipt(site, Cut::Tenant).expect("it runs");
        assert!(receipt.tenant && receipt.backup_days == 30);
    }

    fn destroy(&mut self, leaves: Vec<String>, scope: Option<String>) {
        for leaf in leaves {
            self.held.leaves.remove(&leaf);
            self.erased.leaves.insert(leaf);
        }
        if let Some(scope) = scope {
            self.held.scopes.remove(&scope);
            self.erased.scopes.insert(scope);
        }
        self.escrow = self.held.clone();
    }

    /// Keeps the newest checkpoint, as somebody outside does.
    pub(crate) fn note(&mut self, site: &mut Site) {
        site.engine().publish_with_digests().unwrap();
        let text = site.engine().published(self.id).unwrap().unwrap();
        let mut lines = text.lines();
        let era = lines.next().unwrap().rsplit('/').next().unwrap().parse().unwrap();
        let size = lines.next().unwrap().parse().unwrap();
        if self.notes.iter().all(|note| (note.era, note.size) != (era, size)) {
            self.notes.push(Note { era, size, text });
        }
    }

    pub(crate) fn newest_note(&self) -> Note {
        self.notes.last().unwrap().clone()
    }

    /// A few of them, the newest among them.
    pub(crate) fn some_notes(&self, site: &mut Site) -> Vec<Note> {
        let mut some: Vec<Note> =
            (0..2).map(|_| self.notes[site.dice.below(self.notes.len())].clone()).collect();
        some.push(self.newest_note());
        some
    }

    /// What a verifier must say to a checkpoint of before.
    pub(crate) fn verdict_of(&self, note: &Note) -> &'static str {
        let leaving = self.restores.iter().find(|(era, _)| *era > note.era);
        match leaving {
            Some((_, size)) if note.size > *size => "lost range named",
            _ => "prefix",
        }
    }

    /// The keys in the pages of now; a backup ships the escrow anew.
    pub(crate) fn held_now(&self, site: &mut Site) -> Pages {
        let epoch = site.engine().key_state(self.id).unwrap().epoch.unwrap();
        Pages { epoch, size: self.size, keys: self.held.clone() }
    }

    /// The keys in the escrow of now.
    pub(crate) fn escrowed(&self, directory: &Path) -> Pages {
        let bytes = std::fs::read(directory.join(format!("{}.escrow", self.id))).unwrap();
        let number = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap());
        Pages { epoch: number(24), size: number(32), keys: self.escrow.clone() }
    }

    /// A backup or a restore shipped everything.
    pub(crate) fn shipped(&mut self) {
        self.escrow = self.held.clone();
    }

    /// This journal as it was backed up, put back with these pages; what was erased meanwhile
    /// stays erased, and what outsiders hold they hold.
    pub(crate) fn restored(
        &self,
        pages: &Pages,
        now: &Self,
        begun: &BTreeMap<u32, u64>,
    ) -> Expected {
        let mut known = self.clone();
        // Records of a history that a restore gave up do not come back.
        let given_up = |(era, start): (&u32, &u64)| {
            let era_there = self.restores.iter().rev().find(|(_, at)| at <= start);
            let era_there = era_there.map_or(0, |(era, _)| *era);
            (*start < self.size && era_there < *era).then_some(*start)
        };
        known.size = begun.iter().filter_map(given_up).min().unwrap_or(self.size);
        let size = known.size;
        known.restores.retain(|(_, at)| *at < size);
        known.rounds.retain(|round| round.seq < size);
        known.parts.retain(|part| part.seq < size);
        known.people.retain(|(seq, _)| *seq < size);
        known.pseudonyms.retain(|(seq, ..)| *seq < size);
        known.links.retain(|(seq, ..)| *seq < size);
        known.erased = now.erased.clone();
        known.erased_people = now.erased_people.clone();
        known.notes = now.notes.clone();
        known.owners.extend(now.owners.clone());
        known.held = pages.keys.clone();
        known.held.leaves.retain(|leaf| !known.erased.leaves.contains(leaf));
        known.held.scopes.retain(|scope| !known.erased.scopes.contains(scope));
        let mut swept = 0;
        for leaf in known.swept(pages) {
            swept += u64::from(known.held.leaves.remove(&leaf));
        }
        known.shipped();
        Expected { known, cut_short: size < self.size, swept }
    }

    /// Leaves that older pages bring back although no fence lists them, since they were lost when
    /// their person was erased or their scope ended: they are cut too, and stated lost.
    fn swept(&self, pages: &Pages) -> Vec<String> {
        let opened = |seq: u64| {
            let part = self.parts.iter().find(|part| part.seq == seq && part.index > 0);
            part.is_some_and(|part| {
                pages.keys.leaves.contains(&part.leaf) && pages.keys.scopes.contains(&part.scope)
            })
        };
        let links = self
            .links
            .iter()
            .filter(|(seq, person, _)| self.erased_people.contains(person) && opened(*seq));
        let mut subjects: BTreeSet<SubjectId> = links.map(|(_, _, behind)| *behind).collect();
        subjects.extend(&self.erased_people);
        let owned = self.owners.iter().filter(|(_, owner)| {
            subjects.contains(&owner.subject) || self.erased.scopes.contains(&owner.scope)
        });
        owned.map(|(leaf, _)| leaf.clone()).collect()
    }

    pub(crate) fn count_stated_lost(&self) -> u64 {
        let lost = self.parts.iter().filter(|part| self.state_of(part) == PartState::StatedLost);
        u64::try_from(lost.count()).unwrap()
    }

    /// Looks at every part, at the views, and tries to record again whom it erased.
    pub(crate) fn judge(
        &mut self,
        site: &mut Site,
        line: &RestoredJournal,
        figures: &mut BTreeMap<&'static str, u64>,
    ) -> Vec<String> {
        let mut problems = self.judge_parts(site, figures);
        let (mut leaves, mut scopes) = (BTreeSet::new(), BTreeSet::new());
        for part in &self.parts {
            let gone = |erased: &Keys, held: &Keys| {
                let leaf = !held.leaves.contains(&part.leaf) && !erased.leaves.contains(&part.leaf);
                let scope =
                    !held.scopes.contains(&part.scope) && !erased.scopes.contains(&part.scope);
                (leaf, scope)
            };
            let (leaf, scope) = gone(&self.erased, &self.held);
            leaves.extend(leaf.then_some(&part.leaf));
            scopes.extend(scope.then_some(&part.scope));
        }
        if line.keys_lost != leaves.len() + scopes.len() {
            let listed = line.keys_lost;
            problems.push(format!("{listed} keys listed lost, {leaves:?} {scopes:?} are"));
        }
        problems.extend(self.judge_people(site));
        let id = self.id.to_string();
        let tenants = site.engine().tenants();
        self.size = tenants.iter().find(|row| row.tenant == id).unwrap().records;
        problems
    }

    fn judge_parts(
        &self,
        site: &mut Site,
        figures: &mut BTreeMap<&'static str, u64>,
    ) -> Vec<String> {
        let mut problems = Vec::new();
        let rows = site.engine().journal_rows(self.id, Seq(0), 10_000).unwrap();
        let mut sealed = 0;
        for row in &rows {
            for (index, part) in row.parts.iter().enumerate() {
                if part.state == PartState::Public {
                    continue;
                }
                let place = (row.seq, index);
                let known = self.parts.iter().find(|known| (known.seq, known.index) == place);
                let Some(known) = known else {
                    problems.push(format!("part {place:?} is nobody's"));
                    continue;
                };
                sealed += 1;
                let expected = self.state_of(known);
                if part.state != expected {
                    let back = match part.state == PartState::Open {
                        true => "came back",
                        false => "is",
                    };
                    let state = part.state;
                    problems.push(format!("part {place:?} {back}: {state:?}, not {expected:?}"));
                }
                let word = match part.state {
                    PartState::Open => "open",
                    PartState::Erased => "erased",
                    PartState::StatedLost => "stated lost",
                    _ => "another",
                };
                *figures.entry(word).or_default() += 1;
            }
        }
        if sealed != self.parts.len() {
            problems.push(format!("{sealed} sealed parts of {}", self.parts.len()));
        }
        problems
    }

    /// No view holds anybody who was erased, and nothing more is recorded of them.
    fn judge_people(&self, site: &mut Site) -> Vec<String> {
        let mut problems = Vec::new();
        let views = site.engine().tenant(self.id).unwrap().views().digest_inputs();
        // The register of erasures holds public references alone.
        let searched: Vec<&Vec<u8>> =
            views.iter().filter(|(name, _)| *name != "erasure").map(|(_, bytes)| bytes).collect();
        let shows = |person: SubjectId| {
            let id = person.as_bytes();
            searched.iter().any(|bytes| bytes.windows(id.len()).any(|window| window == id))
        };
        for person in &self.erased_people {
            if shows(*person) {
                problems.push(format!("{person} came back in a view"));
            }
        }
        let open = self.people.iter().filter(|(seq, _)| self.opens(*seq));
        for (_, person) in open {
            if !shows(*person) {
                problems.push(format!("{person} is in no view"));
            }
        }
        let permanent = site.engine().permanent_scope(self.id).unwrap();
        for person in &self.erased_people {
            let identity = Identity { name: name_of(*person), email: None };
            let register = Command::RegisterPerson {
                person: *person,
                scope: permanent,
                identity,
                import: None,
            };
            if !matches!(site.run(self.id, register), Err(EngineError::Refused(_))) {
                problems.push(format!("{person} came back by being registered"));
            }
        }
        problems
    }

    fn state_of(&self, part: &Part) -> PartState {
        let erased =
            self.erased.leaves.contains(&part.leaf) || self.erased.scopes.contains(&part.scope);
        let held = self.held.leaves.contains(&part.leaf) && self.held.scopes.contains(&part.scope);
        match (erased, held) {
            (true, _) => PartState::Erased,
            (false, true) => PartState::Open,
            (false, false) => PartState::StatedLost,
        }
    }

    /// Whether the part about a person in this record opens.
    fn opens(&self, seq: u64) -> bool {
        let part = self.parts.iter().find(|part| part.seq == seq && part.index > 0);
        part.is_some_and(|part| self.state_of(part) == PartState::Open)
    }

    fn leaves_of(&self, subject: SubjectId) -> impl Iterator<Item = &String> {
        let owned = self.owners.iter().filter(move |(_, owner)| owner.subject == subject);
        owned.map(|(leaf, _)| leaf).filter(|leaf| self.held.leaves.contains(*leaf))
    }

    fn any_round(&self, site: &mut Site) -> Option<Round> {
        self.rounds.get(site.dice.below(self.rounds.len().max(1))).cloned()
    }
}

fn name_of(person: SubjectId) -> String {
    format!("Invented {}", replay_tests::names::in_letters(&person.to_string()))
}
