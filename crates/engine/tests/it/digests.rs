//! When the digests of views follow a receipt.

use engine::{Clock, Engine, ErasureRequest, Paths, ReplayVerdict, Request};
use events::Identity;
use record::public::{Cut, ErasureApproved};
use record::{CommandId, JournalId, SubjectId, TimestampMicros};
use rules::Command;

use crate::world::{OFFICER, PRINCIPAL};

/// More records than the digests of which are taken at once.
const LARGE: u64 = 33_000;

fn clock() -> Clock {
    let ticks = std::sync::atomic::AtomicU64::new(1);
    Clock::new(move || TimestampMicros(ticks.fetch_add(1, std::sync::atomic::Ordering::Relaxed)))
}

fn person(number: u64) -> SubjectId {
    SubjectId::from_bytes(u128::from(number + 1).to_be_bytes())
}

fn large_school(paths: Paths) -> (Engine, JournalId) {
    let mut engine = Engine::create(paths, clock()).unwrap();
    let school = engine.start_tenant("De Linde").unwrap();
    let scope = engine.permanent_scope(school).unwrap();
    let requests: Vec<_> = (0..LARGE)
        .map(|number| Request {
            id: CommandId::from_bytes(u128::from(number + 1).to_be_bytes()),
            command: Command::RegisterPerson {
                person: person(number),
                scope,
                identity: Identity { name: "Anna de Vries".to_owned(), email: None },
                import: None,
            },
        })
        .collect();
    assert!(engine.execute(school, &requests).unwrap().iter().all(Result::is_ok));
    (engine, school)
}

fn erase(engine: &mut Engine, school: JournalId, target: Cut, ground: &str) {
    let request = ErasureRequest {
        targets: vec![target],
        ground: ground.to_owned(),
        ordered_by: PRINCIPAL,
        four_eyes: true,
    };
    let order = engine.order_erasure(school, request).unwrap();
    engine.approve_erasure(school, ErasureApproved { order, approved_by: OFFICER }).unwrap();
}

fn verdict(engine: &Engine, school: JournalId) -> ReplayVerdict {
    engine.replay_check(school, None, &mut |_| {}).unwrap().verdict
}

#[test]
fn in_a_large_journal_digests_follow_receipts_with_the_next_checkpoint_or_opening() {
    let home = tempfile::tempdir().unwrap();
    let (mut engine, school) = large_school(Paths::under(home.path()));
    engine.publish_grown().unwrap();
    assert_eq!(verdict(&engine, school), ReplayVerdict::Equal);

    erase(&mut engine, school, Cut::Subject(person(1)), "art-17");
    erase(&mut engine, school, Cut::Subject(person(2)), "art-17");
    let stale = verdict(&engine, school);
    assert!(matches!(stale, ReplayVerdict::NotComparable { .. }), "{stale:?}");
    let published = engine.published(school).unwrap();
    engine.publish_grown().unwrap();
    assert_eq!(verdict(&engine, school), ReplayVerdict::Equal);
    assert_eq!(engine.published(school).unwrap(), published, "the checkpoint stands already");

    erase(&mut engine, school, Cut::Subject(person(3)), "art-17");
    drop(engine);
    let engine = Engine::open(Paths::under(home.path()), clock()).unwrap();
    assert_eq!(verdict(&engine, school), ReplayVerdict::Equal);
}

/// How many records all journals have together.
fn records(paths: &Paths) -> u64 {
    let store = journal::Store::open(&paths.database, false).unwrap();
    store.journals().into_iter().map(|id| store.size(id)).sum()
}

#[test]
fn an_ended_tenant_is_published_once() {
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    let mut engine = Engine::create(paths.clone(), clock()).unwrap();
    let school = engine.start_tenant("De Linde").unwrap();
    erase(&mut engine, school, Cut::Tenant, "contract-end");
    drop(engine);

    let before = records(&paths);
    for _ in 0..2 {
        let mut engine = Engine::open(paths.clone(), clock()).unwrap();
        engine.publish_grown().unwrap();
    }
    assert_eq!(records(&paths), before);
}
