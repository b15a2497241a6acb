//! `zegel account open`, `zegel account code`: the first administrator, and the processor's own
//! people, whom nobody in the tenant could let in.
//!
//! *Invariant:* no password passes through the command line: a code is printed once, and with it the
//! holder sets the password.

use anyhow::{Context as _, bail};
use engine::LOGIN;
use events::About;
use events::access::{AccountId, AccountOpened, GrantId, Login, Reach, ResetIssued, RoleGranted};
use projections::{ROLES, role_name};
use record::{SubjectId, TimestampMicros};
use serde::Serialize;

use crate::cli::{AccountCommand, TenantArgs};
use crate::commands::Opened;
use crate::home::random;
use crate::output::Output;

/// A code holds for so long.
const CODE_MICROS: u64 = 2 * 24 * 60 * 60 * 1_000_000;

#[derive(Serialize)]
struct Given {
    account: String,
    code: String,
}

pub(super) fn run(command: &AccountCommand, output: Output) -> anyhow::Result<()> {
    match command {
        AccountCommand::Open { of, person, login, role } => {
            open(of, person, login, role.as_deref(), output)
        }
        AccountCommand::Code { of, login } => code(of, login, output),
    }
}

fn open(
    of: &TenantArgs,
    person: &str,
    login: &str,
    role: Option<&str>,
    output: Output,
) -> anyhow::Result<()> {
    let person = SubjectId::from_hex(person).context("`person` is an id of 32 digits")?;
    let role = match role {
        Some(name) => {
            let known = ROLES.into_iter().find(|role| role_name(*role) == name);
            let names = || ROLES.map(role_name).join(", ");
            Some(known.with_context(|| format!("`role` is one of {}", names()))?)
        }
        None => None,
    };
    let mut opened = Opened::open(of)?;
    let (engine, tenant) = (&mut opened.engine, opened.tenant);
    let account = AccountId::from_bytes(random()?);
    let name = login.to_lowercase();
    let index = engine.stands_for(tenant, LOGIN, name.as_bytes())?;
    let scope = engine.permanent_scope(tenant)?;
    let holder = About::new(person, scope, Login { name, index });
    engine.propose(tenant, AccountOpened { account, holder }.into())?;
    if let Some(role) = role {
        let (grant, reach) = (GrantId::from_bytes(random()?), Reach::Board);
        let granted = RoleGranted { grant, account, role, reach, until: None, by: None };
        engine.propose(tenant, granted.into())?;
    }
    give(opened, account, output)
}

fn code(of: &TenantArgs, login: &str, output: Output) -> anyhow::Result<()> {
    let opened = Opened::open(of)?;
    let Some(found) = opened.engine.sign_in(opened.tenant, login)? else {
        bail!("no account has this login name");
    };
    give(opened, found.account, output)
}

/// Gives out a code that sets a new password, once.
fn give(mut opened: Opened, account: AccountId, output: Output) -> anyhow::Result<()> {
    let code = api::fresh_secret().context("the operating system gives no randomness")?;
    let digest = api::digest_of_secret(&code).context("a fresh code must have a digest")?;
    let until = TimestampMicros(opened.engine.now().0.saturating_add(CODE_MICROS));
    let issued = ResetIssued { account, digest, until, by: None };
    opened.engine.propose(opened.tenant, issued.into())?;
    // The trail of this year begins with it, so that the first password finds it open.
    opened.engine.name_actor(opened.tenant, account)?;
    opened.finish()?;
    let given = Given { account: account.to_string(), code };
    output.result(&given, |given| {
        format!(
            "Account {}\nCode for a new password, for two days and once: {}",
            given.account, given.code
        )
    })
}
