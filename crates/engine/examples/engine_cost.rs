//! What the road costs, piece by piece, to be run under a profiler.
//!
//! `cargo run --release -p engine --example engine_cost -- DIRECTORY batches 200000`
//!
//! Further words: `replay N`, `mints N` (sealing and storing alone, of new people and of known ones), `writers N` (so many
//! waiting callers), `single N`, `cut ENTRIES`. `zegel bench` measures the same beside its limits.
#![expect(clippy::print_stdout, reason = "this program exists to print")]

use std::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use engine::{Clock, Engine, ErasureRequest, Handle, Paths, Request, Writer};
use events::{Answer, Identity, Question, QuestionKind, RoundId, SurveyId};
use journal::{Append, Batch, Store};
use record::public::{Cut, ErasureApproved};
use record::{
    ActorId, Addressee, Category, CommandId, Draft, DraftPart, EventKind, JournalId, Origin,
    PersonLabel, Plaintext, ScopeId, SubjectId, TimestampMicros,
};
use rules::Command;
use vault::Vault;

type Failed = Box<dyn Error + Send + Sync>;

const GROUP: usize = 1_024;

fn main() -> Result<(), Failed> {
    let mut words = std::env::args().skip(1);
    let directory = PathBuf::from(words.next().ok_or("which directory?")?);
    let what = words.next().ok_or("what?")?;
    let count: usize = words.next().ok_or("how many?")?.parse()?;
    std::fs::create_dir_all(&directory)?;
    let sync = sync_time(&directory)?;
    println!("fdatasync of an append, median: {sync:?}");
    let home = directory.join("home");
    match what.as_str() {
        "batches" => batches(&home, count).map(drop)?,
        "replay" => replay(&home, count)?,
        "mints" => [64, GROUP]
            .into_iter()
            .try_for_each(|group| mints(&home.join(group.to_string()), count, group))?,
        "writers" => writers(&home, count, 64_000 / count)?,
        "single" => single(&home, count, sync)?,
        "cut" => cut(&home, count, sync)?,
        _ => return Err("batches, replay, mints, writers, single or cut".into()),
    }
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}

fn sync_time(directory: &Path) -> Result<Duration, Failed> {
    let mut file = File::create(directory.join("sync"))?;
    let mut took = Vec::new();
    for _ in 0..501 {
        let started = Instant::now();
        file.write_all(&[7; 300])?;
        file.sync_data()?;
        took.push(started.elapsed());
    }
    median(took)
}

fn median(mut took: Vec<Duration>) -> Result<Duration, Failed> {
    took.sort_unstable();
    Ok(*took.get(took.len() / 2).ok_or("nothing was measured")?)
}

/// Batches of 1,024 events, each of them minting a key.
fn batches(home: &Path, events: usize) -> Result<(Engine, JournalId), Failed> {
    let (mut engine, tenant) = install(home)?;
    let round = open_round(&mut engine, tenant)?;
    let (mut took, mut count) = (Duration::ZERO, 0);
    while count < events {
        let group = (0..GROUP).map(|_| response(round)).collect::<Result<Vec<_>, Failed>>()?;
        let started = Instant::now();
        engine.execute(tenant, &group)?.into_iter().try_for_each(|done| done.map(drop))?;
        took += started.elapsed();
        count += GROUP;
    }
    println!("{count} events in batches: {:.0} events/s", rate(count, took));
    Ok((engine, tenant))
}

/// Every view rebuilt from the first record.
fn replay(home: &Path, events: usize) -> Result<(), Failed> {
    let (mut engine, tenant) = batches(home, events)?;
    engine.publish_with_digests()?;
    for _ in 0..5 {
        let started = Instant::now();
        let check = engine.replay_check(tenant, None, &mut |_| {})?;
        println!("replay: {:.0} events/s, {:?}", rate(events, started.elapsed()), check.verdict);
    }
    Ok(())
}

/// Sealing and storing alone, in groups: first with new people, then with the same ones again.
fn mints(home: &Path, events: usize, group: usize) -> Result<(), Failed> {
    std::fs::create_dir_all(home)?;
    let origin = Origin::first(JournalId::from_bytes(random()?));
    let (mut vault, pages) = Vault::create(&home.join("slots"))?;
    let mut store = Store::open(&home.join("db"), true)?;
    let pages = vec![(origin.journal, pages)];
    store.commit(Batch { pages, ..Batch::default() })?;
    let people = (0..events).map(|_| Ok(SubjectId::from_bytes(random()?)));
    let people = people.collect::<Result<Vec<_>, Failed>>()?;
    let mut rates = Vec::new();
    for _ in 0..2 {
        let started = Instant::now();
        for some in people.chunks(group) {
            let seal = |person: &SubjectId| Ok(vault.seal(origin, draft(&vault, *person)?)?);
            let sealed = some.iter().map(seal).collect::<Result<Vec<_>, Failed>>()?;
            let pages = vec![(origin.journal, vault.take_page_writes()?)];
            let recorded_at = TimestampMicros(1);
            let append = Append { origin, expected: None, recorded_at, sealed };
            store.commit(Batch { appends: vec![append], pages, ..Batch::default() })?;
        }
        rates.push(rate(events, started.elapsed()));
    }
    println!("groups of {group}, events/s with mints and without: {rates:.0?}");
    Ok(())
}

fn draft(vault: &Vault, subject: SubjectId) -> Result<Draft, Failed> {
    let scope = vault.permanent_scope();
    let label = PersonLabel { subject, category: Category(1), scope, alone: false };
    let part = |to, bytes| DraftPart { to, bytes: Plaintext::new(vec![7; bytes]) };
    Ok(Draft {
        kind: EventKind::new("survey.response-submitted", 2)?,
        command: CommandId::from_bytes(random()?),
        new_scopes: Vec::new(),
        parts: vec![part(Addressee::Facts, 17), part(Addressee::Person(label), 40)],
    })
}

fn writers(home: &Path, writers: usize, each: usize) -> Result<(), Failed> {
    let (mut engine, tenant) = install(home)?;
    let round = open_round(&mut engine, tenant)?;
    let writer = Writer::start(engine)?;
    let started = Instant::now();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|_| {
                let handle = writer.handle();
                scope.spawn(move || append_each(&handle, tenant, round, each))
            })
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a writer panicked")?)
    })?;
    println!("{writers} writers: {:.0} events/s", rate(writers * each, started.elapsed()));
    writer.stop()?;
    Ok(())
}

fn append_each(
    handle: &Handle,
    tenant: JournalId,
    round: RoundId,
    each: usize,
) -> Result<(), Failed> {
    for _ in 0..each {
        let (answer, answered) = channel();
        let request = response(round)?;
        let done = move |done| {
            let _ = answer.send(done);
        };
        handle.execute(tenant, request, done).map_err(|stopped| format!("{stopped:?}"))?;
        answered.recv()??;
    }
    Ok(())
}

fn single(home: &Path, count: usize, sync: Duration) -> Result<(), Failed> {
    let (mut engine, tenant) = install(home)?;
    let round = open_round(&mut engine, tenant)?;
    let mut took = Vec::new();
    for _ in 0..count {
        let request = response(round)?;
        let started = Instant::now();
        engine.execute_one(tenant, request)?;
        took.push(started.elapsed());
    }
    let median = median(took)?;
    println!("one append, median: {median:?}, {:.2} of a sync", ratio(median, sync));
    Ok(())
}

/// One person among so many, from the order to the receipt.
fn cut(home: &Path, entries: usize, sync: Duration) -> Result<(), Failed> {
    let (mut engine, tenant) = install(home)?;
    let people = register(&mut engine, tenant, entries)?;
    let mut took = Vec::new();
    for person in people.iter().step_by((people.len() / 101).max(1)).take(101) {
        let actor = ActorId::from_bytes(random()?);
        let request = ErasureRequest {
            targets: vec![Cut::Subject(*person)],
            ground: "art-17".to_owned(),
            ordered_by: actor,
            four_eyes: false,
        };
        let started = Instant::now();
        let order = engine.order_erasure(tenant, request)?;
        engine.approve_erasure(tenant, ErasureApproved { order, approved_by: actor })?;
        took.push(started.elapsed());
    }
    let median = median(took)?;
    println!("one cut of {entries}, all of it, median: {median:?}, {:.2}", ratio(median, sync));
    Ok(())
}

fn install(home: &Path) -> Result<(Engine, JournalId), Failed> {
    let clock = Clock::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        TimestampMicros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    });
    let mut engine = Engine::create(Paths::under(home), clock)?;
    let tenant = engine.start_tenant("cost")?;
    Ok((engine, tenant))
}

fn open_round(engine: &mut Engine, tenant: JournalId) -> Result<RoundId, Failed> {
    let survey = SurveyId::from_bytes(random()?);
    let question =
        |number: u8| Question { text: format!("Question {number}"), kind: QuestionKind::Agree5 };
    let mut questions: Vec<_> = (1..=10).map(question).collect();
    questions.push(Question { text: "What else?".to_owned(), kind: QuestionKind::Open });
    let define = Command::DefineSurvey { survey, title: "cost".to_owned(), questions };
    let round = RoundId::from_bytes(random()?);
    let open = Command::OpenRound {
        round,
        survey,
        name: "cost".to_owned(),
        floor: 5,
        answers_scope: ScopeId::from_bytes(random()?),
        identity_scope: ScopeId::from_bytes(random()?),
        audience: None,
    };
    for command in [define, open] {
        engine.execute_one(tenant, request(command)?)?;
    }
    Ok(round)
}

fn register(
    engine: &mut Engine,
    tenant: JournalId,
    people: usize,
) -> Result<Vec<SubjectId>, Failed> {
    let scope = engine.permanent_scope(tenant)?;
    let mut registered = Vec::new();
    while registered.len() < people {
        let mut group = Vec::with_capacity(GROUP);
        for _ in 0..GROUP.min(people - registered.len()) {
            let person = SubjectId::from_bytes(random()?);
            let identity = Identity { name: "Niemand van Nergenshuizen".to_owned(), email: None };
            group.push(request(Command::RegisterPerson { person, scope, identity, import: None })?);
            registered.push(person);
        }
        engine.execute(tenant, &group)?.into_iter().try_for_each(|done| done.map(drop))?;
    }
    Ok(registered)
}

fn response(round: RoundId) -> Result<Request, Failed> {
    let pseudonym = SubjectId::from_bytes(random()?);
    let mut answers: Vec<_> = (0..10u8).map(|number| Answer::Score(1 + number % 5)).collect();
    answers.push(Answer::Text("z".repeat(264)));
    let group = "group 1".to_owned();
    request(Command::SubmitResponse { round, pseudonym, group, answers, import: None })
}

fn request(command: Command) -> Result<Request, Failed> {
    Ok(Request { id: CommandId::from_bytes(random()?), command })
}

fn random() -> Result<[u8; 16], Failed> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn rate(count: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / took.as_secs_f64()
}

fn ratio(took: Duration, sync: Duration) -> f64 {
    took.as_secs_f64() / sync.as_secs_f64()
}
