//! What must hold once a killed installation is opened again.
//!
//! Every check answers with what is wrong instead of panicking, so that the controls can ask for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use journal::{Guard, Store};
use record::public::PublicPart;
use record::{JournalId, Record, Seq};
use serde_json::Value;

use crate::support::zegel;

/// Enough of what a failed command printed to see why.
const SAID_MAX: usize = 400;

/// What an order wants gone.
#[derive(Debug, Clone)]
pub(crate) enum Doomed {
    Leaves(BTreeSet<String>),
    Scope(String),
    Everything,
}

/// How far the order is, once whatever was fenced is finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Order {
    Absent,
    Waiting(String),
    Done,
}

impl Doomed {
    fn holds(&self, part: &Value) -> bool {
        let text = |field: &str| part[field].as_str().unwrap_or_default();
        match self {
            Self::Leaves(leaves) => leaves.contains(text("leaf")),
            Self::Scope(scope) => scope == text("scope"),
            Self::Everything => true,
        }
    }
}

/// Opens what is left and checks all of it.
pub(crate) fn check(data: &Path, tenant: &str, doomed: &Doomed) -> Result<Order, String> {
    run(&["doctor", "--data", text(data)])?;
    let order = order(data, tenant)?;
    replay(data, &order, doomed)?;
    parts(data, tenant, &order, doomed)?;
    bundle(data, tenant)?;
    if matches!(doomed, Doomed::Everything) {
        closings(data, tenant, &order)?;
    }
    Ok(order)
}

/// Every view rebuilt from the journal equals the digests that stand beside a checkpoint.
fn replay(data: &Path, order: &Order, doomed: &Doomed) -> Result<(), String> {
    let ended = *order == Order::Done && matches!(doomed, Doomed::Everything);
    let expected = if ended { "ended" } else { "equal" };
    let checks = run(&["replay", "--check", "--data", text(data)])?;
    let verdicts: Vec<_> = list(&checks).map(|check| &check["verdict"]["kind"]).collect();
    if verdicts == [expected] { Ok(()) } else { Err(format!("replay: {verdicts:?}")) }
}

/// The one order there is: it waits, or it is done with a receipt. Nothing is in between.
fn order(data: &Path, tenant: &str) -> Result<Order, String> {
    let keys = run(&["show", "key", "--data", text(data), "--tenant", tenant])?;
    let mut erasures = list(&keys["erasures"]);
    let Some(erasure) = erasures.next() else { return Ok(Order::Absent) };
    if erasures.next().is_some() {
        return Err("more than one order".to_owned());
    }
    let id = erasure["order"].as_str().unwrap_or_default().to_owned();
    let done = erasure["receipt"].is_u64() && erasure["completed"].is_u64();
    match erasure["stage"].as_str() {
        Some("ordered") if erasure["receipt"].is_null() => Ok(Order::Waiting(id)),
        Some("completed") if done => Ok(Order::Done),
        _ => Err(format!("in between: {erasure}")),
    }
}

/// All doomed parts are erased, or all are open; no other part is harmed, no key lost.
fn parts(data: &Path, tenant: &str, order: &Order, doomed: &Doomed) -> Result<(), String> {
    let mut seen = BTreeMap::<(bool, String), usize>::new();
    for row in journal(data, tenant)? {
        for part in list(&row["parts"]).filter(|part| part["state"] != "public") {
            let state = part["state"].as_str().unwrap_or_default().to_owned();
            *seen.entry((doomed.holds(part), state)).or_default() += 1;
        }
    }
    let fate = if *order == Order::Done { "erased" } else { "open" };
    let expected = |(dies, state): &(bool, String)| state == if *dies { fate } else { "open" };
    let touched = seen.keys().any(|(dies, _)| *dies);
    if touched && seen.keys().all(expected) {
        Ok(())
    } else {
        Err(format!("order {order:?}, doomed or not and state of the parts: {seen:?}"))
    }
}

/// Every row of the journal.
pub(crate) fn journal(data: &Path, tenant: &str) -> Result<Vec<Value>, String> {
    const PAGE: usize = 10_000;
    let mut rows = Vec::new();
    loop {
        let (from, most) = (rows.len().to_string(), PAGE.to_string());
        let shown = ["show", "journal", "--data", text(data), "--tenant", tenant];
        let page = run(&[shown.as_slice(), &["--from", &from, "--most", &most]].concat())?;
        let before = rows.len();
        rows.extend(list(&page).cloned());
        if rows.len() < before + PAGE {
            return Ok(rows);
        }
    }
}

/// An auditor who has the key alone finds nothing wrong.
fn bundle(data: &Path, tenant: &str) -> Result<(), String> {
    let holder = tempfile::tempdir().unwrap();
    let out = holder.path().join("bundle");
    let exported = ["export", "bundle", "--data", text(data), "--tenant", tenant];
    run(&[exported.as_slice(), &["--out", text(&out)]].concat())?;
    let key = std::fs::read_to_string(data.join("vkey")).unwrap();
    run(&["verify", text(&out), "--key", key.trim()]).map(|_| ())
}

/// The fence and the receipt of a whole tenant stand in the operator journal, once each and in
/// this order, as copies of records of the tenant, and in the guard of the operator journal.
fn closings(data: &Path, tenant: &str, order: &Order) -> Result<(), String> {
    let expected: &[bool] = if *order == Order::Done { &[false, true] } else { &[] };
    let tenant = tenant_id(data, tenant)?;
    let store = Store::open(&data.join("db"), false).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    let mut operator = None;
    for id in store.journals() {
        let size = store.head(id).map_or(0, |head| head.size);
        for record in store.scan(id, Seq(0), Seq(size)) {
            let record = record.map_err(|error| error.to_string())?;
            match PublicPart::of(&record) {
                Ok(Some(PublicPart::InstallationStarted(_))) => operator = Some(id),
                Ok(Some(PublicPart::TenantClosing(closing))) if closing.tenant == tenant => {
                    let copied = store.read(tenant, closing.seq).map_err(|e| e.to_string())?;
                    if copied.header.record_hash() != closing.record {
                        return Err("a closing names another record".to_owned());
                    }
                    found.push((record, closing.destroyed));
                }
                _ => {}
            }
        }
    }
    let operator = operator.ok_or("no operator journal")?;
    let guard = Guard::open(&data.join("guard"), operator).map_err(|error| error.to_string())?;
    let kept = |record: &Record| guard.kept().contains(record);
    let destroyed: Vec<bool> = found.iter().map(|(_, destroyed)| *destroyed).collect();
    if destroyed == expected && found.iter().all(|(record, _)| kept(record)) {
        Ok(())
    } else {
        Err(format!("closings {destroyed:?}, {} records kept", guard.kept().len()))
    }
}

fn tenant_id(data: &Path, name: &str) -> Result<JournalId, String> {
    let tenants = run(&["show", "tenants", "--data", text(data)])?;
    let named = list(&tenants).find(|tenant| tenant["name"] == name);
    let id = named.and_then(|tenant| JournalId::from_hex(tenant["tenant"].as_str()?));
    id.ok_or_else(|| format!("no tenant {name}"))
}

/// Runs the binary, and gives what it printed or what it complained of.
pub(crate) fn run(arguments: &[&str]) -> Result<Value, String> {
    let output = zegel(&[&["--json"], arguments].concat());
    let (out, error) = (output.stdout, String::from_utf8_lossy(&output.stderr).into_owned());
    if !output.status.success() {
        let out: String = String::from_utf8_lossy(&out).chars().take(SAID_MAX).collect();
        return Err(format!("zegel {arguments:?}: {}: {error}{out}", output.status));
    }
    serde_json::from_slice(&out).map_err(|error| error.to_string())
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
