//! `zegel demo`: an invented school board and its year, around real evaluations by invented people.

mod board;
mod clock;
mod year;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use engine::{Engine, ErasureRequest, ReplayVerdict};
use record::JournalId;
use record::note::Vkey;
use record::public::{Cut, ErasureApproved};
use serde::Serialize;

use self::board::{Account, Board};
use self::clock::Behind;
use crate::cli::Demo;
use crate::commands::{erase, export, import, serve, show};
use crate::evaluations;
use crate::home::{Home, random};
use crate::output::{Output, table};

const TENANT: &str = "voorbeeld";
const ROUND: &str = "course evaluations";
const FLOOR: u16 = 5;
/// How long ago the year begins.
const DAYS: u64 = 365;

/// What the demonstration did, for programs.
#[derive(Serialize)]
struct Shown {
    data: String,
    tenant: String,
    responses: usize,
    analysis: serde_json::Value,
    erased_subject: String,
    receipt: engine::Receipt,
    replay: ReplayVerdict,
    bundle: String,
    verdict: evidence::Verdict,
    accounts: Vec<Account>,
    /// Invented people of the board, by name.
    people: BTreeMap<&'static str, String>,
}

pub(super) fn run(demo: &Demo, output: Output) -> anyhow::Result<ExitCode> {
    let directory = fresh(demo.data.as_deref())?;
    let story = Behind::from_days_ago(DAYS);
    let (home, mut engine) = Home::create(&directory, None, story.clock())?;
    output.say(format!("A fresh installation in {}", directory.display()))?;
    let verdict = show_road(&mut engine, &home, &directory, &story, output)?;
    if verdict.exit_code() != 0 || demo.no_serve {
        return Ok(ExitCode::from(verdict.exit_code()));
    }
    for tenant in engine.tenants() {
        let (listen, id) = (demo.listen, tenant.tenant);
        output.say(format!("The console, once it serves: http://{listen}/console/{id}"))?;
    }
    serve::serve(home, engine, demo.listen, None, output)?;
    Ok(ExitCode::SUCCESS)
}

fn show_road(
    engine: &mut Engine,
    home: &Home,
    directory: &Path,
    story: &Behind,
    output: Output,
) -> anyhow::Result<evidence::Verdict> {
    let tenant = engine.start_tenant(TENANT)?;
    output.say(format!("Tenant `{TENANT}`: {tenant}"))?;
    let (accounts, people) = tell_year(engine, tenant, story)?;
    output.say("A year of the board: three schools, agreement and annex, lessons, incidents")?;
    let rows = evaluations::read_shipped()?;
    let round =
        import::open_evaluation_round(engine, tenant, ROUND, FLOOR, Some(year::audience()))?;
    import::import_rows(engine, tenant, ROUND, round, &rows, output)?;
    output.say(format!("Imported {} responses, each sealed for its own subject", rows.len()))?;
    engine.close_round(tenant, round)?;
    let (analysis, text) = show::overview(engine, tenant, round)?;
    output.say(format!("The round is closed and its analysis published:\n\n{text}\n"))?;
    let (subject, receipt) = erase_one(engine, home, tenant)?;
    output.say(format!("{}\n", erase::render(&receipt)))?;
    let replay = engine.replay_check(tenant, None, &mut |_| {})?.verdict;
    output.say(format!("Every view rebuilt from the journal: {}", word(&replay)))?;
    let bundle = directory.join("bundle");
    export::bundle(engine, tenant, &bundle, output)?;
    let report = verify(&bundle, &engine.vkey())?;
    output.say(format!("\n{}", report.to_text()))?;
    let shown = Shown {
        data: directory.display().to_string(),
        tenant: tenant.to_string(),
        responses: rows.len(),
        analysis,
        erased_subject: subject,
        receipt,
        replay,
        bundle: bundle.display().to_string(),
        verdict: report.verdict,
        accounts,
        people,
    };
    output.say(sign_in_table(&shown.accounts))?;
    if output.is_json() {
        output.result(&shown, |_| String::new())?;
    }
    Ok(report.verdict)
}

/// The board and its year, up to now.
fn tell_year(
    engine: &mut Engine,
    tenant: JournalId,
    story: &Behind,
) -> anyhow::Result<(Vec<Account>, BTreeMap<&'static str, String>)> {
    let mut board = Board::begin(engine, tenant)?;
    year::tell(&mut board, story)?;
    let people = board.people.iter().map(|(name, person)| (*name, person.to_string()));
    Ok((board.accounts, people.collect()))
}

fn sign_in_table(accounts: &[Account]) -> String {
    let row = |account: &Account| {
        [account.role.to_owned(), account.login.clone(), account.second_factor.clone()]
    };
    let rows = table(["role", "login", "second factor"], accounts.iter().map(row).collect());
    let password = accounts.first().map_or("", |account| account.password.as_str());
    format!("Sign in with the password {password} and a code of the second factor:\n{rows}")
}

/// Erases the first imported person, with everything that person answered.
fn erase_one(
    engine: &mut Engine,
    home: &Home,
    tenant: JournalId,
) -> anyhow::Result<(String, engine::Receipt)> {
    let people = engine.tenant(tenant)?.views().people().list(0, usize::MAX).people;
    let imported = people.iter().find(|row| row.import.is_some());
    let subject = imported.context("nobody was imported")?.subject;
    let actor = home.actor()?;
    let request = ErasureRequest {
        targets: vec![Cut::Subject(subject)],
        ground: "art-17".to_owned(),
        ordered_by: actor,
        four_eyes: false,
    };
    let order = engine.order_erasure(tenant, request)?;
    let receipt = engine.approve_erasure(tenant, ErasureApproved { order, approved_by: actor })?;
    Ok((subject.to_string(), receipt))
}

fn verify(bundle: &Path, vkey: &str) -> anyhow::Result<evidence::Report> {
    let options = evidence::Options { key: Some(Vkey::parse(vkey)?), previous: None };
    Ok(evidence::verify(bundle, &options))
}

fn word(verdict: &ReplayVerdict) -> &'static str {
    if *verdict == ReplayVerdict::Equal { "equal to the live ones" } else { "NOT equal" }
}

/// An empty directory: the one asked for, or a new one among the temporary files.
fn fresh(wanted: Option<&Path>) -> anyhow::Result<PathBuf> {
    let Some(wanted) = wanted else {
        let name = JournalId::from_bytes(random()?).to_string();
        return Ok(std::env::temp_dir().join(format!("zegel-demo-{name}")));
    };
    let occupied = wanted.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        bail!("{} is not empty: the demonstration wants a fresh directory", wanted.display());
    }
    Ok(wanted.to_owned())
}
