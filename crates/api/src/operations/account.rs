//! One's own account: as what one is signed in, and which operations that opens.

use projections::{reach_name, role_name};
use schemars::JsonSchema;
use serde::Serialize;

use crate::operation::{At, Operation, Plan, Planned, Stop};

const PURPOSE: &str = "access";
/// Each costs about 20 µs for each role on the writer's thread.
const ASKED_MAX: usize = 64;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::shows::<OwnAccount>(
            "see-own-account",
            "/own/account",
            PURPOSE,
            "As what one is signed in; `may` asks about at most 64 operations, their names joined \
             by `_`: which of them may be done with what is the whole organisation's, or one's own",
            see_own_account,
        )
        .knows(&[("may", "^[a-z-]+(_[a-z-]+)*$")]),
    ]
}

/// As what somebody is signed in.
#[derive(Serialize, JsonSchema)]
struct OwnAccount {
    account: String,
    person: String,
    /// Whether a second factor was set; grave acts need it shown.
    second_factor: bool,
    /// The roles that hold now.
    roles: Vec<OwnRole>,
    /// Which of the operations that were asked about may be done.
    may: Vec<String>,
}

/// A role that holds now.
#[derive(Serialize, JsonSchema)]
struct OwnRole {
    role: &'static str,
    /// `own`, `board`, `school:ID` or `team:ID`.
    reach: String,
    /// Microseconds since 1970; null without an end.
    until: Option<u64>,
}

fn see_own_account(at: &At<'_>) -> Planned {
    let state = at.tenant()?.state();
    let role = |grant: &rules::Grant| OwnRole {
        role: role_name(grant.role),
        reach: reach_name(grant.reach),
        until: grant.until.map(|until| until.0),
    };
    let roles = state.grants_of(at.who.account, at.now).map(|(_, grant)| role(&grant)).collect();
    let asked: Vec<&str> = at.path.text("may").into_iter().flat_map(|may| may.split('_')).collect();
    if asked.len() > ASKED_MAX {
        return Err(Stop::input("may", "at most 64 operations"));
    }
    let (board, own) = (at.board("organisation"), at.own("account"));
    let is_own = |name: &str| {
        let mut known = super::all().into_iter();
        known.any(|operation| operation.id == name && operation.path.starts_with("/own/"))
    };
    let may = |name: &&str| (at.may)(name, if is_own(name) { &own } else { &board });
    let shown = OwnAccount {
        account: at.who.account.to_string(),
        person: at.who.person.to_string(),
        second_factor: state.second_factor_at(at.who.account).is_some(),
        roles,
        may: asked.into_iter().filter(may).map(str::to_owned).collect(),
    };
    Plan::shows(at.own("account"), &shown)
}
