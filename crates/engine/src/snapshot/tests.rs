//! A snapshot is a shortcut: whatever happens to it, the state is that of the fold.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use events::{Answer, Identity, Question, QuestionKind, RoundId, SurveyId};
use record::public::{Cut, ErasureApproved};
use record::{ActorId, CommandId, OrderId, ScopeId, Seq, SubjectId, TimestampMicros};
use rules::Command;
use tempfile::TempDir;

use super::*;
use crate::{Clock, Engine, ErasureRequest, Paths, ReplayVerdict, Request};

/// Fails when the encoding of a snapshot changed: raise `VERSION`, and put the new digest here.
const GOLDEN: (u16, &str) = (5, "71a62d118a84289b526065ca14f3326170eecc4cedaf2a1d89b0dbd77b9666a6");

struct School {
    home: TempDir,
    engine: Option<Engine>,
    id: JournalId,
    now: Arc<AtomicU64>,
    next: u8,
}

fn clock(now: &Arc<AtomicU64>) -> Clock {
    let now = Arc::clone(now);
    Clock::new(move || TimestampMicros(now.fetch_add(1, Ordering::Relaxed)))
}

impl School {
    /// Two people, of whom one answered and was linked.
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicU64::new(1));
        let mut engine = Engine::create(Paths::under(home.path()), clock(&now)).unwrap();
        let id = engine.start_tenant("De Linde").unwrap();
        let mut school = Self { home, engine: Some(engine), id, now, next: 0 };
        let survey = SurveyId::from_bytes([6; 16]);
        let question = Question { text: "And?".to_owned(), kind: QuestionKind::Agree5 };
        school.run(Command::DefineSurvey {
            survey,
            title: "Spring".to_owned(),
            questions: vec![question],
        });
        school.run(Command::OpenRound {
            round: ROUND,
            survey,
            name: "Spring".to_owned(),
            floor: 5,
            answers_scope: ScopeId::from_bytes([8; 16]),
            identity_scope: ScopeId::from_bytes([9; 16]),
            audience: None,
        });
        school.register(ANNA);
        school.register(BART);
        school.respond(PSEUDONYM);
        let (round, person, pseudonym) = (ROUND, ANNA, PSEUDONYM);
        school.run(Command::LinkRespondent { round, person, pseudonym, import: None });
        school
    }

    fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().unwrap()
    }

    fn run(&mut self, command: Command) {
        self.next += 1;
        let (id, command_id) = (self.id, CommandId::from_bytes([self.next; 16]));
        self.engine().execute_one(id, Request { id: command_id, command }).unwrap();
    }

    fn register(&mut self, person: SubjectId) {
        let id = self.id;
        let scope = self.engine().permanent_scope(id).unwrap();
        let identity = Identity { name: "Niemand".to_owned(), email: None };
        self.run(Command::RegisterPerson { person, scope, identity, import: None });
    }

    fn respond(&mut self, pseudonym: SubjectId) {
        let (answers, group) = (vec![Answer::Score(4)], "3a".to_owned());
        let (round, import) = (ROUND, None);
        self.run(Command::SubmitResponse { round, pseudonym, group, answers, import });
    }

    fn order(&mut self, target: Cut) -> OrderId {
        let id = self.id;
        let request = ErasureRequest {
            targets: vec![target],
            ground: "art-17".to_owned(),
            ordered_by: ActorId::from_bytes([1; 16]),
            four_eyes: true,
        };
        self.engine().order_erasure(id, request).unwrap()
    }

    fn approve(&mut self, order: OrderId) {
        let id = self.id;
        let approved_by = ActorId::from_bytes([2; 16]);
        self.engine().approve_erasure(id, ErasureApproved { order, approved_by }).unwrap();
    }

    fn erase(&mut self, target: Cut) {
        let order = self.order(target);
        self.approve(order);
    }

    fn keep(&mut self) -> u64 {
        let id = self.id;
        assert!(self.engine().keep_snapshot(id).unwrap());
        self.size()
    }

    fn size(&mut self) -> u64 {
        let id = self.id;
        self.engine().store.size(id)
    }

    fn close(&mut self) {
        self.engine = None;
    }

    fn open(&mut self) {
        self.close();
        let paths = Paths::under(self.home.path());
        self.engine = Some(Engine::open(paths, clock(&self.now)).unwrap());
    }

    /// How many records opening took from a snapshot.
    fn restored(&mut self) -> u64 {
        let id = self.id;
        self.engine().tenant(id).unwrap().snapshot_size()
    }

    /// All that is folded.
    fn folded(&mut self) -> Vec<(&'static str, Vec<u8>)> {
        let id = self.id;
        self.engine().tenant(id).unwrap().model.digest_inputs()
    }

    fn file(&self) -> PathBuf {
        self.home.path().join("snapshots").join(format!("{}.snapshot", self.id))
    }

    fn verdict(&mut self) -> ReplayVerdict {
        let id = self.id;
        self.engine().checkpoint(id).unwrap();
        self.engine().replay_check(id, None, &mut |_| {}).unwrap().verdict
    }
}

const ROUND: RoundId = RoundId::from_bytes([7; 16]);
const ANNA: SubjectId = SubjectId::from_bytes([0xA1; 16]);
const BART: SubjectId = SubjectId::from_bytes([0xB1; 16]);
const PSEUDONYM: SubjectId = SubjectId::from_bytes([0xA2; 16]);
const LATER: SubjectId = SubjectId::from_bytes([0xB2; 16]);

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn opens_from_a_snapshot_and_what_came_after() {
    let mut school = School::new();
    let kept = school.keep();
    school.respond(LATER);
    let live = school.folded();
    school.open();
    assert_eq!(school.restored(), kept);
    assert_eq!(school.folded(), live);
    let id = school.id;
    assert_eq!(school.engine().store.resumed(id), kept, "the chain is followed from there");
    assert_eq!(school.verdict(), ReplayVerdict::Equal);
    // What lies before is still there for whoever reads all of it.
    assert!(school.engine().health().unwrap().is_sound());
    assert_eq!(school.engine().store.resumed(id), 0);
}

#[test]
fn a_cut_kills_it_and_only_the_slot_of_before_opens_it() {
    let mut school = School::new();
    let kept = school.keep();
    school.close();
    let before = tempfile::tempdir().unwrap();
    copy(school.home.path(), before.path());
    let snapshot = fs::read(school.file()).unwrap();
    school.open();
    assert_eq!(school.restored(), kept);
    school.erase(Cut::Subject(ANNA));
    assert!(!school.file().exists(), "the cut removes it");
    assert_eq!(school.restored(), 0);
    let live = school.folded();
    // Somebody puts it back.
    fs::write(school.file(), &snapshot).unwrap();
    school.open();
    assert_eq!(school.restored(), 0, "its key is gone");
    assert!(!school.file().exists());
    assert_eq!(school.folded(), live);
    assert_eq!(school.verdict(), ReplayVerdict::Equal);
    // The control: with the slots of before the cut, the same bytes open.
    let id = school.id;
    let old = Engine::open(Paths::under(before.path()), clock(&school.now)).unwrap();
    assert_eq!(old.tenant(id).unwrap().snapshot_size(), kept);
    let old_vault = old.tenant(id).unwrap().vault.as_ref().unwrap();
    let snapshots = Snapshots::new(school.home.path().join("snapshots"));
    fs::write(school.file(), &snapshot).unwrap();
    assert!(snapshots.restore(old_vault, id).is_some());
    let tenant = school.engine().tenant(id).unwrap();
    assert!(snapshots.restore(tenant.vault.as_ref().unwrap(), id).is_none());
}

#[test]
fn an_old_slot_without_its_pages_opens_nothing() {
    let mut school = School::new();
    school.keep();
    let snapshot = fs::read(school.file()).unwrap();
    school.close();
    let slots = school.home.path().join("keys").join(format!("{}.slots", school.id));
    let old_slots = fs::read(&slots).unwrap();
    school.open();
    school.erase(Cut::Subject(ANNA));
    school.close();
    fs::write(school.file(), &snapshot).unwrap();
    fs::write(&slots, old_slots).unwrap();
    // With the old slots alone nothing opens any more: their root has no pages.
    let opened = Engine::open(Paths::under(school.home.path()), clock(&school.now));
    assert!(opened.is_err());
}

#[test]
fn an_altered_state_is_seen_by_a_replay() {
    let mut school = School::new();
    let id = school.id;
    let tenant = school.engine().tenants.get_mut(&id).unwrap();
    tenant.model.commands.note(CommandId::from_bytes([0xEE; 16]), Seq(3));
    school.keep();
    school.open();
    assert!(school.restored() > 0);
    let views = vec!["commands".to_owned()];
    assert_eq!(school.verdict(), ReplayVerdict::Different { views });
    // Without it the fold is right again.
    school.close();
    fs::remove_file(school.file()).unwrap();
    school.open();
    assert_eq!(school.verdict(), ReplayVerdict::Equal);
}

#[test]
fn no_byte_of_it_may_differ() {
    let mut school = School::new();
    let kept = school.keep();
    let live = school.folded();
    let (file, id) = (school.file(), school.id);
    let sound = fs::read(&file).unwrap();
    let snapshots = Snapshots::new(school.home.path().join("snapshots"));
    let tenant = school.engine.as_ref().unwrap().tenant(id).unwrap();
    let vault = tenant.vault.as_ref().unwrap();
    assert!(snapshots.restore(vault, id).is_some());
    for place in 0..sound.len() {
        let mut flipped = sound.clone();
        flipped[place] ^= 1 << (place % 8);
        fs::write(&file, &flipped).unwrap();
        assert!(snapshots.restore(vault, id).is_none(), "byte {place} does not matter");
        fs::write(&file, &sound[..place]).unwrap();
        assert!(snapshots.restore(vault, id).is_none(), "cut off at {place}");
    }
    fs::write(&file, [&sound[..], &[0]].concat()).unwrap();
    assert!(snapshots.restore(vault, id).is_none(), "a byte follows");
    // And through the whole opening, at some of the places: head, position, pieces.
    let places: BTreeSet<usize> = (0..sound.len()).step_by(sound.len() / 24).collect();
    for place in places.into_iter().chain([8, 23, 24, 40, 64]) {
        let mut flipped = sound.clone();
        flipped[place] ^= 0x10;
        school.close();
        fs::write(&file, &flipped).unwrap();
        school.open();
        assert_eq!(school.restored(), 0, "byte {place}");
        assert_eq!(school.folded(), live);
        assert!(!file.exists(), "what does not open is removed");
    }
    school.close();
    fs::write(&file, &sound).unwrap();
    school.open();
    assert_eq!(school.restored(), kept);
}

#[test]
fn a_crash_while_writing_leaves_the_one_before() {
    let mut school = School::new();
    let kept = school.keep();
    let first = fs::read(school.file()).unwrap();
    school.respond(LATER);
    school.keep();
    let second = fs::read(school.file()).unwrap();
    let live = school.folded();
    let unfinished = school.file().with_extension("new");
    for written in (0..=second.len()).step_by(second.len() / 12) {
        school.close();
        fs::write(school.file(), &first).unwrap();
        fs::write(&unfinished, &second[..written]).unwrap();
        school.open();
        assert_eq!(school.restored(), kept);
        assert_eq!(school.folded(), live);
        assert!(!unfinished.exists());
    }
}

#[test]
fn one_from_elsewhere_or_from_the_future_is_ignored() {
    let mut school = School::new();
    school.keep();
    school.close();
    let before = tempfile::tempdir().unwrap();
    copy(school.home.path(), before.path());
    school.open();
    school.respond(LATER);
    school.keep();
    let future = fs::read(school.file()).unwrap();
    let other = school.engine().start_tenant("Other").unwrap();
    let live = school.folded();
    school.close();
    // Under another tenant's name.
    let name = school.file().with_file_name(format!("{other}.snapshot"));
    fs::write(&name, &future).unwrap();
    school.open();
    assert_eq!(school.engine().tenant(other).unwrap().snapshot_size(), 0);
    assert!(!name.exists());
    assert_eq!(school.folded(), live);
    // Beside an older copy of everything else.
    school.close();
    let id = school.id;
    let snapshot = before.path().join("snapshots").join(format!("{id}.snapshot"));
    fs::write(&snapshot, &future).unwrap();
    let old = Engine::open(Paths::under(before.path()), clock(&school.now)).unwrap();
    assert_eq!(old.tenant(id).unwrap().snapshot_size(), 0);
    assert!(!snapshot.exists());
}

#[test]
fn none_is_kept_while_an_erasure_is_under_way() {
    let mut school = School::new();
    let id = school.id;
    let order = school.order(Cut::Subject(ANNA));
    assert!(school.engine().keep_snapshot(id).unwrap(), "an order only waits");
    school.approve(order);
    school.keep();
    school.erase(Cut::Tenant);
    assert!(!school.engine().keep_snapshot(id).unwrap(), "nothing is left to keep");
    assert!(!school.file().exists());
}

#[test]
fn the_encoding_is_that_of_its_version() {
    // Every id of this model is fixed, so its bytes are.
    let mut model = Model::default();
    let place = |seq: u64| events::Place {
        seq: Seq(seq),
        recorded_at: TimestampMicros(1_000 + seq),
        command: CommandId::from_bytes([u8::try_from(seq).unwrap(); 16]),
    };
    for (seq, event) in (0..).zip(history()) {
        model.apply(&place(seq), &event);
    }
    let bytes = bincode::encode_to_vec(&model, configuration()).unwrap();
    assert!(decodes(&bytes));
    let again: (Model, usize) = bincode::decode_from_slice(&bytes, configuration()).unwrap();
    assert_eq!(again.0.digest_inputs(), model.digest_inputs());
    assert_eq!((VERSION, blake3::hash(&bytes).to_string().as_str()), GOLDEN);
}

/// At least one event of each capability, with fixed ids.
fn history() -> Vec<events::Event> {
    use events::{About, Event, ImportId, ImportStarted};
    use events::{ImportEvent, PeopleEvent, PersonRegistered, Response, ResponseSubmitted};
    use events::{RoundOpened, SurveyDefined, SurveyEvent, TenancyEvent};
    let survey = SurveyId::from_bytes([6; 16]);
    let kind = QuestionKind::Choice { options: vec!["a".to_owned(), "b".to_owned()] };
    let question = Question { text: "And?".to_owned(), kind };
    let started = record::public::TenantStarted {
        operator: JournalId::from_bytes([3; 16]),
        name: "De Linde".to_owned(),
    };
    let ordered = record::public::ErasureOrdered {
        order: OrderId::from_bytes([4; 16]),
        ground: "art-17".to_owned(),
        ordered_by: ActorId::from_bytes([1; 16]),
        four_eyes: true,
        targets: vec![Cut::Subject(ANNA), Cut::Tenant],
    };
    let identity = Identity { name: "Niemand".to_owned(), email: None };
    let person = About::new(ANNA, ScopeId::from_bytes([8; 16]), identity);
    let answers = vec![Answer::Choice(1)];
    let response = Response { group: "3a".to_owned(), answers };
    let response = About::new(PSEUDONYM, ScopeId::from_bytes([8; 16]), response);
    let import = Some(ImportId::from_bytes([2; 16]));
    vec![
        Event::Tenancy(TenancyEvent::TenantStarted(started)),
        Event::Survey(SurveyEvent::SurveyDefined(SurveyDefined {
            survey,
            title: "Spring".to_owned(),
            questions: vec![question],
        })),
        Event::Survey(SurveyEvent::RoundOpened(RoundOpened {
            round: ROUND,
            survey,
            name: "Spring".to_owned(),
            floor: 5,
            answers_scope: ScopeId::from_bytes([8; 16]),
            identity_scope: ScopeId::from_bytes([9; 16]),
            audience: None,
        })),
        Event::Import(ImportEvent::ImportStarted(ImportStarted {
            import: ImportId::from_bytes([2; 16]),
            name: "rows".to_owned(),
            round: ROUND,
            rows: 3,
            identities: None,
        })),
        Event::People(PeopleEvent::PersonRegistered(PersonRegistered { import, person })),
        Event::Survey(SurveyEvent::ResponseSubmitted(ResponseSubmitted {
            round: ROUND,
            import: None,
            response,
        })),
        Event::Erasure(events::ErasureEvent::ErasureOrdered(ordered)),
    ]
}
