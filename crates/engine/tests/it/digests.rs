//! When the digests of views follow a receipt.

use engine::{Engine, Paths, ReplayVerdict, Request};
use events::Identity;
use record::public::Cut;
use record::{CommandId, JournalId, SubjectId};
use rules::Command;

use crate::world::{clock, erase};

/// More records than the digests of which are taken at once.
const LARGE: u64 = 33_000;

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

fn verdict(engine: &Engine, school: JournalId) -> ReplayVerdict {
    engine.replay_check(school, None, &mut |_| {}).unwrap().verdict
}

#[test]
fn in_a_large_journal_digests_follow_receipts_with_the_next_checkpoint_or_opening() {
    let home = tempfile::tempdir().unwrap();
    let (mut engine, school) = large_school(Paths::under(home.path()));
    engine.publish_with_digests().unwrap();
    assert_eq!(verdict(&engine, school), ReplayVerdict::Equal);

    erase(&mut engine, school, Cut::Subject(person(1)));
    erase(&mut engine, school, Cut::Subject(person(2)));
    let stale = verdict(&engine, school);
    assert!(matches!(stale, ReplayVerdict::NotComparable { .. }), "{stale:?}");
    let published = engine.published(school).unwrap();
    engine.publish_with_digests().unwrap();
    assert_eq!(verdict(&engine, school), ReplayVerdict::Equal);
    assert_eq!(engine.published(school).unwrap(), published, "the checkpoint stands already");

    erase(&mut engine, school, Cut::Subject(person(3)));
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
    erase(&mut engine, school, Cut::Tenant);
    drop(engine);

    let before = records(&paths);
    for _ in 0..2 {
        let mut engine = Engine::open(paths.clone(), clock()).unwrap();
        engine.publish_with_digests().unwrap();
    }
    assert_eq!(records(&paths), before);
}
