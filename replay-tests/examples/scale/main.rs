//! What a large journal costs to open, in time and in memory (docs/benchmarks.md).
//!
//! Usage: `scale fill DIR EVENTS [close]` makes an installation with one tenant: 1,000 rounds, which
//! stay open unless `close` is said, answered by 100,000 pseudonyms. Then, each in a process of its own
//! so that memory tells: `scale scan DIR` reads every record and does nothing with it; `scale fold
//! DIR` drops the snapshot, opens, and leaves a snapshot behind; `scale open DIR` opens from it.
#![expect(clippy::print_stdout, reason = "standard output is how it reports")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Instant, SystemTime};

use engine::{Clock, Engine, Paths, Request};
use events::{Answer, Question, QuestionKind, RoundId, SurveyId};
use journal::Store;
use record::{CommandId, JournalId, ScopeId, Seq, SubjectId, TimestampMicros};
use rules::Command;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ROUNDS: u64 = 1_000;
const PEOPLE: u64 = 100_000;
const GROUP: usize = 1_024;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["fill", home, events] => fill(Path::new(home), events.parse()?, false),
        ["fill", home, events, "close"] => fill(Path::new(home), events.parse()?, true),
        ["scan", home] => scan(Path::new(home)),
        ["fold", home] => {
            let snapshots = Path::new(home).join("snapshots");
            if snapshots.exists() {
                fs::remove_dir_all(snapshots)?;
            }
            open(Path::new(home))
        }
        ["open", home] => open(Path::new(home)),
        _ => Err("usage: scale fill DIR EVENTS [close] | scale scan|fold|open DIR".into()),
    }
}

fn clock() -> Clock {
    Clock::new(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        TimestampMicros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    })
}

/// Sixteen bytes that look random.
fn id(kind: &str, number: u64) -> [u8; 16] {
    let hash = blake3::hash(format!("{kind} {number}").as_bytes());
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}

fn fill(home: &Path, events: u64, closes: bool) -> Outcome {
    let mut engine = Engine::create(Paths::under(home), clock())?;
    let tenant = engine.start_tenant("scale")?;
    let survey = SurveyId::from_bytes(id("survey", 0));
    let question = |at| Question { text: format!("Question {at}"), kind: QuestionKind::Agree5 };
    let questions = (1..=10).map(question).collect();
    run(&mut engine, tenant, &mut vec![define(survey, questions)])?;
    let started = Instant::now();
    let (mut group, mut number) = (Vec::with_capacity(GROUP), 0);
    for round in 0..ROUNDS {
        group.push(open_round(survey, round));
        for _ in 0..events / ROUNDS {
            group.push(respond(round, number));
            number += 1;
            if group.len() >= GROUP {
                run(&mut engine, tenant, &mut group)?;
            }
        }
        if closes {
            run(&mut engine, tenant, &mut group)?;
            engine.close_round(tenant, RoundId::from_bytes(id("round", round)))?;
        }
    }
    run(&mut engine, tenant, &mut group)?;
    engine.publish_with_digests()?;
    let took = started.elapsed();
    let size = engine.tenants().iter().map(|tenant| tenant.records).sum::<u64>();
    println!("filled: {size} records in {took:.1?}");
    report(size)
}

fn run(engine: &mut Engine, tenant: JournalId, group: &mut Vec<Command>) -> Outcome {
    let request = |command| {
        let mut id = [0; 16];
        getrandom(&mut id);
        Request { id: CommandId::from_bytes(id), command }
    };
    let requests: Vec<_> = group.drain(..).map(request).collect();
    for done in engine.execute(tenant, &requests)? {
        done?;
    }
    Ok(())
}

/// Command ids need not be secret here, only different.
fn getrandom(bytes: &mut [u8; 16]) {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    *bytes = id("command", NEXT.fetch_add(1, Ordering::Relaxed));
}

fn define(survey: SurveyId, questions: Vec<Question>) -> Command {
    Command::DefineSurvey { survey, title: "scale".to_owned(), questions }
}

fn open_round(survey: SurveyId, round: u64) -> Command {
    Command::OpenRound {
        round: RoundId::from_bytes(id("round", round)),
        survey,
        name: format!("Round {round}"),
        floor: 5,
        answers_scope: ScopeId::from_bytes(id("answers", round)),
        identity_scope: ScopeId::from_bytes(id("identity", round)),
        audience: None,
    }
}

fn respond(round: u64, number: u64) -> Command {
    let answer = |at: u64| Answer::Score(u8::try_from(1 + (number + at) % 5).unwrap_or(1));
    Command::SubmitResponse {
        round: RoundId::from_bytes(id("round", round)),
        pseudonym: SubjectId::from_bytes(id("pseudonym", number % PEOPLE)),
        group: "group 1".to_owned(),
        answers: (0..10).map(answer).collect(),
        import: None,
    }
}

fn scan(home: &Path) -> Outcome {
    let started = Instant::now();
    let store = Store::open(&home.join("db"), false)?;
    println!("followed in {:.2?}", started.elapsed());
    let (mut records, started) = (0, Instant::now());
    for journal in store.journals() {
        for record in store.scan(journal, Seq(0), Seq(store.size(journal))) {
            record?;
            records += 1;
        }
    }
    println!("read: {records} records in {:.2?}", started.elapsed());
    report(records)
}

fn open(home: &Path) -> Outcome {
    let started = Instant::now();
    let engine = Engine::open(Paths::under(home), clock())?;
    let took = started.elapsed();
    for row in engine.tenants() {
        let id = JournalId::from_hex(&row.tenant).ok_or("an id")?;
        let kept = engine.tenant(id)?.snapshot_size();
        println!("opened: {} records in {took:.2?}, snapshot of {kept} now", row.records);
        report(row.records)?;
    }
    let snapshots = fs::read_dir(home.join("snapshots"))?;
    for file in snapshots {
        println!("snapshot: {} bytes", file?.metadata()?.len());
    }
    let closing = Instant::now();
    drop(engine);
    println!("closed in {:.2?}", closing.elapsed());
    Ok(())
}

/// Resident memory now and at its highest.
fn report(records: u64) -> Outcome {
    let status = fs::read_to_string("/proc/self/status")?;
    for name in ["VmRSS", "VmHWM"] {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        let kib: u64 = line.split_whitespace().nth(1).unwrap_or("0").parse()?;
        println!("{name}: {} MiB, {} bytes a record", kib / 1024, kib * 1024 / records.max(1));
    }
    Ok(())
}
