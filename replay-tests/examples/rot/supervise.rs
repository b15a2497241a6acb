//! Starts workers, counts what they say, and replaces those that die or hang.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Nothing that is opened here takes longer, unless it never ends.
const SECONDS_MAX: u64 = 40;
/// A worker keeps the memory of engines that failed: it is replaced before that is much.
const NUMBERS_OF_A_WORKER: u64 = 500;
const GOOD: [&str; 2] = ["harmless", "named"];

/// What is damaged, and how it is chosen.
pub(crate) struct Job<'a> {
    pub(crate) directory: &'a str,
    pub(crate) older: &'a str,
    pub(crate) seed: u64,
    pub(crate) more: &'a [&'a str],
}

type Failure = Box<dyn Error + Send + Sync>;

/// What became of the damage, by kind of file and kind of damage.
#[derive(Default)]
struct Tally {
    outcomes: BTreeMap<(String, String, String), u64>,
    messages: BTreeMap<String, (u64, String)>,
    bad: u64,
}

/// Runs all numbers, in as many processes at a time as are asked for.
///
/// # Errors
/// If anything ended otherwise than `harmless` or `named`, or no worker starts.
pub(crate) fn run(job: &Job<'_>, count: u64, workers: u64) -> Result<(), Box<dyn Error>> {
    let lanes: Vec<_> = (0..workers).map(|lane| lane * count / workers).collect();
    let ends = lanes.iter().skip(1).copied().chain([count]);
    let ranges: Vec<_> = lanes.iter().copied().zip(ends).collect();
    let tallies = std::thread::scope(|scope| {
        let start = |(from, to)| scope.spawn(move || run_lane(job, from, to));
        let running: Vec<_> = ranges.into_iter().map(start).collect();
        let joined = running.into_iter().map(|lane| lane.join().map_err(|_| "a lane panicked"));
        joined.collect::<Result<Vec<_>, _>>()
    })?;
    let mut all = Tally::default();
    for tally in tallies {
        all.add(tally.map_err(|failure| failure.to_string())?);
    }
    all.print(count, job.seed);
    if all.bad == 0 {
        Ok(())
    } else {
        Err(format!("{} not harmless and not named", all.bad).into())
    }
}

fn run_lane(job: &Job<'_>, from: u64, to: u64) -> Result<Tally, Failure> {
    let (mut tally, mut next) = (Tally::default(), from);
    while next < to {
        let end = to.min(next + NUMBERS_OF_A_WORKER);
        let (mut worker, lines) = start(job, next, end)?;
        next = follow(&mut worker, &lines, &mut tally, next, end)?;
        // Either it has ended, or it hangs.
        let _ended = worker.kill();
        worker.wait()?;
    }
    Ok(tally)
}

fn start(job: &Job<'_>, from: u64, to: u64) -> Result<(Child, Receiver<String>), Failure> {
    let numbers = [job.seed, from, to].map(|number| number.to_string());
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["worker", job.directory, job.older]).args(numbers).args(job.more);
    let mut worker = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
    let out = worker.stdout.take().ok_or("no pipe")?;
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                break;
            }
        }
    });
    Ok((worker, told))
}

/// Counts what a worker says; returns the number after the last one that ended in any way.
fn follow(
    worker: &mut Child,
    lines: &Receiver<String>,
    tally: &mut Tally,
    from: u64,
    to: u64,
) -> Result<u64, Failure> {
    let mut begun: Option<(u64, String, String, String)> = None;
    let mut next = from;
    loop {
        let line = lines.recv_timeout(Duration::from_secs(SECONDS_MAX));
        let ended = match &line {
            Ok(line) => {
                let words: Vec<&str> = line.splitn(5, '\t').collect();
                match words.as_slice() {
                    ["begin", number, kind, file, at] => {
                        let (kind, file) = ((*kind).to_owned(), (*file).to_owned());
                        begun = Some((number.parse()?, kind, file, (*at).to_owned()));
                        continue;
                    }
                    ["end", _, outcome, text] => ((*outcome).to_owned(), (*text).to_owned()),
                    _ => return Err(format!("a worker says `{line}`").into()),
                }
            }
            Err(RecvTimeoutError::Timeout) => ("hung".to_owned(), String::new()),
            Err(RecvTimeoutError::Disconnected) => ("died".to_owned(), worker.wait()?.to_string()),
        };
        let Some((number, kind, file, at)) = begun.take() else {
            let good = next == to && line.is_err();
            return if good { Ok(next) } else { Err(format!("a worker fails: {ended:?}").into()) };
        };
        tally.note(number, &kind, &file, &at, ended);
        next = number + 1;
        if line.is_err() {
            return Ok(next);
        }
    }
}

impl Tally {
    fn note(&mut self, number: u64, kind: &str, file: &str, at: &str, ended: (String, String)) {
        let (outcome, text) = ended;
        if !GOOD.contains(&outcome.as_str()) {
            self.bad += 1;
            eprintln!("{outcome}: number {number}, {kind} {file} at {at}: {text}");
        }
        let sort = sort_of(file);
        let message = format!("{outcome} {sort}: {}", without_numbers(&text));
        let seen = self.messages.entry(message).or_insert((0, text));
        seen.0 += 1;
        *self.outcomes.entry((sort, kind.to_owned(), outcome)).or_default() += 1;
    }

    fn add(&mut self, other: Self) {
        for (key, count) in other.outcomes {
            *self.outcomes.entry(key).or_default() += count;
        }
        for (key, (count, text)) in other.messages {
            self.messages.entry(key).or_insert((0, text)).0 += count;
        }
        self.bad += other.bad;
    }

    fn print(&self, count: u64, seed: u64) {
        for (count, text) in self.messages.iter().map(|(key, (count, _))| (count, key)) {
            eprintln!("{count:>8} {text}");
        }
        let row = |((file, kind, outcome), count): (&(String, String, String), &u64)| {
            format!(
                r#"{{"file":"{file}","damage":"{kind}","outcome":"{outcome}","count":{count}}}"#
            )
        };
        let rows: Vec<_> = self.outcomes.iter().map(row).collect();
        let (rows, bad) = (rows.join(","), self.bad);
        println!(r#"{{"count":{count},"seed":{seed},"bad":{bad},"seen":[{rows}]}}"#);
    }
}

/// A file by what it is for, without ids.
fn sort_of(file: &str) -> String {
    let (directory, name) = file.rsplit_once('/').unwrap_or(("", file));
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    match (stem.len(), stem) {
        (32, _) => format!("{directory}/*.{ending}"),
        (_, "snap") => format!("{directory}/snap.*"),
        _ => file.to_owned(),
    }
}

fn without_numbers(text: &str) -> String {
    let blank = |c: char| if c.is_ascii_digit() { '#' } else { c };
    let mut out: String = text.chars().map(blank).collect();
    while out.contains("##") {
        out = out.replace("##", "#");
    }
    out.chars().take(260).collect()
}
