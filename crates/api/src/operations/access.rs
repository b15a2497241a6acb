//! Accounts, roles, tokens, support, and the trail.
//!
//! *Invariant:* a code and a token are answered once to whoever asks for them under the same key,
//! and never kept: of both only a digest is recorded.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events::access::{
    AccessReviewed, AccountId, AccountOpened, AccountResumed, AccountSuspended, GrantId, Login,
    Outcome, Password, PasswordSet, Reach, ResetIssued, ReviewId, Role, RoleGranted, RoleRevoked,
    SecondFactor, SecondFactorRemoved, SecondFactorSet, SessionsRevoked, SupportClosed, SupportId,
    SupportOpened, SuspendedBecause, TokenId, TokenIssued, TokenRevoked,
};
use events::category;
use events::organisation::{SchoolId, TeamId};
use projections::{GrantRow, ROLES, SupportRow, TokenRow, role_name};
use record::{Seq, SubjectId, TimestampMicros};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use totp_rs::Secret;

use super::{Done, Made, Nothing, PAGE_MAX, id_in, person_in};
use crate::credentials::{digest_of_secret, step_of_code};
use crate::operation::{At, Operation, Plan, Planned, Scope, Stop, Thing};

const PURPOSE: &str = "access";
const DAY_MICROS: u64 = 24 * 60 * 60 * 1_000_000;
/// A code for a new password holds for so long from the beginning of today.
const RESET_DAYS: u64 = 2;

pub(super) fn operations() -> Vec<Operation> {
    [accounts(), own(), roles(), tokens(), support(), trail()].concat()
}

fn accounts() -> Vec<Operation> {
    vec![
        Operation::shows_people::<Accounts>(
            "see-accounts",
            "/accounts",
            PURPOSE,
            "A page of the accounts; `page` counts from 0",
            see_accounts,
        )
        .knows(&[("page", "^[0-9]{1,6}$")]),
        Operation::does::<NewAccount, Made>(
            "open-account",
            "/accounts",
            PURPOSE,
            "Open an account for a person; `reset-password` gives out its first code",
            open_account,
        ),
        Operation::does::<Nothing, Code>(
            "reset-password",
            "/accounts/{account}/password-reset",
            PURPOSE,
            "Give out a code that sets a new password, once",
            reset_password,
        ),
        Operation::does::<Nothing, Done>(
            "remove-second-factor",
            "/accounts/{account}/second-factor-removal",
            PURPOSE,
            "Remove a second factor that was lost",
            |at, _: Nothing| {
                let (account, by) = (account_of(at)?, at.who.actor);
                Plan::does(
                    account_thing(at, account)?,
                    SecondFactorRemoved { account, by },
                    &Done {},
                )
            },
        ),
        Operation::does::<Nothing, Done>(
            "suspend-account",
            "/accounts/{account}/suspension",
            PURPOSE,
            "Suspend an account: it does nothing until it is resumed",
            |at, _: Nothing| {
                let (account, by) = (account_of(at)?, Some(at.who.actor));
                let because = SuspendedBecause::Decided;
                let event = AccountSuspended { account, because, by };
                Plan::does(account_thing(at, account)?, event, &Done {})
            },
        ),
        Operation::does::<Nothing, Done>(
            "resume-account",
            "/accounts/{account}/resumption",
            PURPOSE,
            "Let a suspended account in again",
            |at, _: Nothing| {
                let (account, by) = (account_of(at)?, at.who.actor);
                Plan::does(account_thing(at, account)?, AccountResumed { account, by }, &Done {})
            },
        ),
        Operation::does::<Nothing, Done>(
            "revoke-sessions",
            "/accounts/{account}/sessions-end",
            PURPOSE,
            "End all sessions of an account",
            |at, _: Nothing| {
                let (account, by) = (account_of(at)?, at.who.actor);
                Plan::does(account_thing(at, account)?, SessionsRevoked { account, by }, &Done {})
            },
        ),
    ]
}

fn own() -> Vec<Operation> {
    vec![
        Operation::does::<OwnFactor, Done>(
            "set-own-second-factor",
            "/own/second-factor",
            PURPOSE,
            "Set one's own second factor: 20 random bytes, and a code that shows they were kept",
            set_factor,
        ),
        Operation::does::<Nothing, Done>(
            "revoke-own-sessions",
            "/own/sessions-end",
            PURPOSE,
            "End all one's own sessions",
            |at, _: Nothing| {
                let (account, by) = (at.who.account, at.who.actor);
                Plan::does(at.own("account"), SessionsRevoked { account, by }, &Done {})
            },
        ),
        Operation::does::<OwnPassword, Done>(
            "set-own-password",
            "/own/password",
            PURPOSE,
            "Set one's own password; all sessions end",
            set_password,
        ),
    ]
}

fn roles() -> Vec<Operation> {
    vec![
        Operation::shows::<Grants>(
            "see-grants",
            "/grants",
            PURPOSE,
            "Every role that was ever given, also those that were taken away",
            |at| {
                let grants = at.tenant()?.views().access().grants().collect();
                Plan::shows(at.board("grants"), &Grants { grants })
            },
        ),
        Operation::does::<NewGrant, Made>(
            "grant-role",
            "/grants",
            PURPOSE,
            "Give an account a role",
            grant,
        ),
        Operation::does::<Nothing, Done>(
            "revoke-role",
            "/grants/{grant}/revocation",
            PURPOSE,
            "Take a role away",
            revoke,
        ),
        Operation::does::<Review, Made>(
            "review-access",
            "/access-reviews",
            PURPOSE,
            "Record that all roles were looked through, and which were found right",
            review,
        ),
    ]
}

fn tokens() -> Vec<Operation> {
    vec![
        Operation::shows::<Tokens>(
            "see-tokens",
            "/tokens",
            PURPOSE,
            "Every token that was ever given out; of the token itself nothing is kept",
            |at| {
                let tokens = at.tenant()?.views().access().tokens().collect();
                Plan::shows(at.board("tokens"), &Tokens { tokens })
            },
        ),
        Operation::does::<OwnToken, Issued>(
            "issue-own-token",
            "/own/tokens",
            PURPOSE,
            "Give out a token that acts for one's own account; the answer holds it",
            |at, body: OwnToken| issue(at, at.who.account, at.own("token"), body),
        ),
        Operation::does::<OwnToken, Issued>(
            "issue-token",
            "/accounts/{account}/tokens",
            PURPOSE,
            "Give out a token that acts for an account; the answer holds it",
            |at, body: OwnToken| {
                let account = account_of(at)?;
                issue(at, account, account_thing(at, account)?, body)
            },
        ),
        Operation::does::<Nothing, Done>(
            "revoke-token",
            "/tokens/{token}/revocation",
            PURPOSE,
            "Take a token back",
            revoke_token,
        ),
    ]
}

fn support() -> Vec<Operation> {
    vec![
        Operation::shows::<Supports>(
            "see-support",
            "/support",
            PURPOSE,
            "When the processor's support was let in, why, and until when",
            |at| {
                let supports = at.tenant()?.views().access().supports().collect();
                Plan::shows(at.board("support"), &Supports { supports })
            },
        ),
        Operation::does::<NewSupport, Made>(
            "open-support",
            "/support",
            PURPOSE,
            "Let the processor's support look, for at most 14 days",
            |at, body: NewSupport| {
                let support = SupportId::from_bytes(at.made("support")?);
                let (reason, by) = (body.reason, at.who.actor);
                let until = TimestampMicros(body.until);
                let event = SupportOpened { support, reason, until, by };
                Plan::does(at.board("support"), event, &Made::of(support))
            },
        ),
        Operation::does::<Nothing, Done>(
            "close-support",
            "/support/{support}/closing",
            PURPOSE,
            "Let support look no more",
            |at, _: Nothing| {
                let support = at.path.id("support", SupportId::from_hex)?;
                let mut known = at.tenant()?.views().access().supports();
                known.find(|row| row.support == support).ok_or(Stop::Unknown)?;
                let event = SupportClosed { support, by: at.who.actor };
                Plan::does(at.board("support"), event, &Done {})
            },
        ),
    ]
}

fn trail() -> Vec<Operation> {
    vec![
        Operation::shows_people::<Trail>(
            "see-trail",
            "/trail",
            "supervision",
            "Who did or looked at what, newest first; `before` is the `next` of the page before, \
             `person` limits it to what concerns one person",
            see_trail,
        )
        .knows(&[("before", "^[0-9a-f]{1,16}$"), ("person", "^[0-9a-f]{32}$")]),
        Operation::shows_people::<Trail>(
            "see-own-trail",
            "/own/trail",
            "supervision",
            "Who looked at one's own data, when, for what purpose and in which role; no names",
            see_own_trail,
        )
        .knows(&[("before", "^[0-9a-f]{1,16}$")]),
    ]
}

/// A page of accounts.
#[derive(Serialize, JsonSchema)]
struct Accounts {
    /// At most 100.
    accounts: Vec<Account>,
}

/// One account.
#[derive(Serialize, JsonSchema)]
struct Account {
    account: String,
    person: String,
    /// What it signs in with; null when it is erased.
    login: Option<String>,
    suspended: bool,
    second_factor: bool,
}

/// An account to open.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    /// A person who is known by name.
    person: String,
    /// At most 254 bytes; compared without regard to case.
    login: String,
}

/// A code that sets a new password.
#[derive(Serialize, JsonSchema)]
struct Code {
    /// Holds until the end of tomorrow (UTC), and once.
    code: String,
}

/// A second factor to set.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OwnFactor {
    /// 20 random bytes in Base32 (RFC 4648), as an authenticator app takes them.
    secret: String,
    /// The present code of six digits.
    code: String,
}

/// A password to set.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPassword {
    /// The present one.
    pub(crate) current: String,
    /// The new one: at least 12 characters, at most 256 bytes, not the login name.
    pub(crate) password: String,
    /// Filled in by the server: the digest.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) digest: Option<String>,
}

/// Every role that was given.
#[derive(Serialize, JsonSchema)]
struct Grants {
    grants: Vec<GrantRow>,
}

/// A role to give.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewGrant {
    account: String,
    /// For example `observer`; the names stand in the answer of `see-grants`.
    role: String,
    /// `own`, `board`, `school:ID` or `team:ID`.
    reach: String,
    /// Microseconds since 1970; an auditor's role needs an end within 366 days.
    until: Option<u64>,
}

/// A review of who may do what.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Review {
    /// The roles that were found right.
    kept: Vec<String>,
}

/// Every token that was given out.
#[derive(Serialize, JsonSchema)]
struct Tokens {
    tokens: Vec<TokenRow>,
}

/// A token to give out.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OwnToken {
    /// What it is for; at most 100 bytes.
    name: String,
    /// The operations it is limited to, by their names in the OpenAPI document.
    operations: Vec<String>,
    /// Microseconds since 1970, within 366 days.
    until: u64,
}

/// A token that was given out.
#[derive(Serialize, JsonSchema)]
struct Issued {
    id: String,
    /// `Authorization: Bearer` and this.
    token: String,
}

/// Every support access.
#[derive(Serialize, JsonSchema)]
struct Supports {
    supports: Vec<SupportRow>,
}

/// A support access to open.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewSupport {
    /// Why; names nobody; at most 1,000 bytes.
    reason: String,
    /// Microseconds since 1970, within 14 days.
    until: u64,
}

/// A page of the trail.
#[derive(Serialize, JsonSchema)]
struct Trail {
    /// Newest first; at most 100.
    lines: Vec<Line>,
    /// Where the next page begins; null on the last one.
    next: Option<String>,
}

/// One line of the trail.
#[derive(Serialize, JsonSchema)]
struct Line {
    /// Its place in the journal.
    seq: u64,
    /// Microseconds since 1970.
    at: u64,
    /// Who, as long as the year of the trail is kept; null where names are not shown.
    who: Option<String>,
    /// As what; null for what everybody may who has an account.
    role: Option<String>,
    operation: String,
    purpose: String,
    allowed: bool,
    /// The policy that decided.
    policy: String,
    /// Whose data: ids, or null where the person is erased.
    whose: Vec<Option<String>>,
}

fn see_accounts(at: &At<'_>) -> Planned {
    let skip = at.rows_before_page()?;
    let tenant = at.tenant()?;
    let rows: Vec<_> = tenant.views().access().accounts().skip(skip).take(PAGE_MAX).collect();
    let state = tenant.state();
    let account = |row: &projections::AccountRow| {
        Ok(Account {
            account: row.account.to_string(),
            person: row.subject.to_string(),
            login: at.engine.login_name(at.tenant, row.account)?,
            suspended: state
                .account(row.account)
                .is_some_and(|(_, known)| known.suspended.is_some()),
            second_factor: state.second_factor_at(row.account).is_some(),
        })
    };
    let accounts = rows.iter().map(account).collect::<Result<Vec<_>, Stop>>()?;
    let plan = Plan::shows(at.board("accounts"), &Accounts { accounts })?;
    Ok(rows.iter().fold(plan, |plan, row| plan.about(row.subject, &[category::LOGIN.0])))
}

fn open_account(at: &At<'_>, body: NewAccount) -> Planned {
    let person = person_in(&body.person)?;
    let account = AccountId::from_bytes(at.made("account")?);
    let name = body.login.to_lowercase();
    let index = at.engine.stands_for(at.tenant, engine::LOGIN, name.as_bytes())?;
    let opened = AccountOpened { account, holder: at.about(person, Login { name, index })? };
    let plan = Plan::does(at.board("accounts"), opened, &Made::of(account))?;
    Ok(plan.about(person, &[category::LOGIN.0]))
}

fn reset_password(at: &At<'_>, _: Nothing) -> Planned {
    let account = account_of(at)?;
    let (code, digest) = secret(at, "reset")?;
    // To the day, so that a repetition of the command is the same command.
    let today = at.now.0 / DAY_MICROS * DAY_MICROS;
    let until = TimestampMicros(today.saturating_add(RESET_DAYS * DAY_MICROS));
    let event = ResetIssued { account, digest, until, by: Some(at.who.actor) };
    Plan::does(account_thing(at, account)?, event, &Code { code })
}

fn set_factor(at: &At<'_>, body: OwnFactor) -> Planned {
    let rule = || Stop::input("secret", "20 bytes in Base32");
    let secret = Secret::try_from_base32(&body.secret).map_err(|_| rule())?;
    let secret: [u8; 20] = secret.as_bytes().try_into().map_err(|_| rule())?;
    let shown = step_of_code(&secret, &body.code, at.now.0 / 1_000_000);
    shown.ok_or_else(|| Stop::input("code", "the present code of the secret"))?;
    let (account, person) = (at.who.account, at.who.person);
    let event = SecondFactorSet { account, factor: at.about(person, SecondFactor { secret })? };
    Ok(Plan::does(at.own("account"), event, &Done {})?.about(person, &[category::CREDENTIAL.0]))
}

fn set_password(at: &At<'_>, body: OwnPassword) -> Planned {
    let phc = body.digest.ok_or(Stop::Unknown)?;
    let (account, person) = (at.who.account, at.who.person);
    let event = PasswordSet { account, password: at.about(person, Password { phc })? };
    Ok(Plan::does(at.own("account"), event, &Done {})?.about(person, &[category::CREDENTIAL.0]))
}

fn grant(at: &At<'_>, body: NewGrant) -> Planned {
    let account = id_in("account", &body.account, AccountId::from_hex)?;
    let unknown = |field, rule| Stop::input(field, rule);
    let role = ROLES.into_iter().find(|role| role_name(*role) == body.role);
    let role = role.ok_or_else(|| unknown("role", "the name of a role"))?;
    let reach = reach_in(&body.reach)
        .ok_or_else(|| unknown("reach", "`own`, `board`, `school:ID` or `team:ID`"))?;
    let grant = GrantId::from_bytes(at.made("grant")?);
    let until = body.until.map(TimestampMicros);
    let event = RoleGranted { grant, account, role, reach, until, by: Some(at.who.actor) };
    Plan::does(at.board("grants"), event, &Made::of(grant))
}

fn reach_in(text: &str) -> Option<Reach> {
    match text.split_once(':') {
        None if text == "own" => Some(Reach::Own),
        None if text == "board" => Some(Reach::Board),
        Some(("school", id)) => SchoolId::from_hex(id).map(Reach::School),
        Some(("team", id)) => TeamId::from_hex(id).map(Reach::Team),
        _ => None,
    }
}

fn revoke(at: &At<'_>, _: Nothing) -> Planned {
    let grant = at.path.id("grant", GrantId::from_hex)?;
    let mut known = at.tenant()?.views().access().grants();
    known.find(|row| row.grant == grant).ok_or(Stop::Unknown)?;
    Plan::does(at.board("grants"), RoleRevoked { grant, by: at.who.actor }, &Done {})
}

fn review(at: &At<'_>, body: Review) -> Planned {
    let kept = body.kept.iter().map(|id| id_in("kept", id, GrantId::from_hex));
    let kept = kept.collect::<Result<Vec<_>, _>>()?;
    let review = ReviewId::from_bytes(at.made("review")?);
    let event = AccessReviewed { review, kept, by: at.who.actor };
    Plan::does(at.board("grants"), event, &Made::of(review))
}

fn issue(at: &At<'_>, account: AccountId, thing: Thing, body: OwnToken) -> Planned {
    let token = TokenId::from_bytes(at.made("token")?);
    let (text, digest) = secret(at, "token")?;
    let OwnToken { name, operations, until } = body;
    let (until, by) = (TimestampMicros(until), at.who.actor);
    let event = TokenIssued { token, account, name, digest, operations, until, by };
    Plan::does(thing, event, &Issued { id: token.to_string(), token: text })
}

fn revoke_token(at: &At<'_>, _: Nothing) -> Planned {
    let token = at.path.id("token", TokenId::from_hex)?;
    let mut known = at.tenant()?.views().access().tokens();
    let row = known.find(|row| row.token == token).ok_or(Stop::Unknown)?;
    let event = TokenRevoked { token, by: at.who.actor };
    Plan::does(account_thing(at, row.account)?, event, &Done {})
}

fn see_trail(at: &At<'_>) -> Planned {
    let of = match at.path.text("person") {
        Some(text) => Some(person_in(text)?),
        None => None,
    };
    let supervises = supervises(at)?;
    let (lines, whose) = page(at, of, |line| supervises || line.role != Some(Role::Fg), true)?;
    let plan = Plan::shows(at.board("trail"), &lines)?;
    let whose = whose.into_iter().take(events::access::LOOKED_MAX);
    Ok(whose.fold(plan, |plan, person| plan.about(person, &[category::TRAIL_LOOKED.0])))
}

/// What the FG looks at is not shown to those whom the FG supervises (GDPR art. 38(5)).
pub(super) fn supervises(at: &At<'_>) -> Result<bool, Stop> {
    let mut roles = at.tenant()?.state().grants_of(at.who.account, at.now);
    Ok(roles.any(|(_, grant)| matches!(grant.role, Role::Fg | Role::Auditor)))
}

fn see_own_trail(at: &At<'_>) -> Planned {
    let person = at.who.person;
    let (lines, _) = page(at, Some(person), |_| true, false)?;
    Ok(Plan::shows(at.own("trail"), &lines)?.about(person, &[category::TRAIL_LOOKED.0]))
}

/// A page of the trail, and whose data its lines tell of.
fn page(
    at: &At<'_>,
    of: Option<SubjectId>,
    shown: impl Fn(&events::access::Acted) -> bool,
    names: bool,
) -> Result<(Trail, Vec<SubjectId>), Stop> {
    let before = at
        .path
        .text("before")
        .map_or(Ok(u64::MAX), |text| u64::from_str_radix(text, 16).map_err(|_| Stop::Unknown))?;
    let rows = at.engine.trail(at.tenant, of, Seq(before), PAGE_MAX)?;
    let next = rows.last().filter(|_| rows.len() == PAGE_MAX);
    let next = next.map(|row| format!("{:x}", row.seq.0));
    let rows: Vec<_> = rows.into_iter().filter(|row| shown(&row.acted)).collect();
    let mut people: Vec<SubjectId> =
        rows.iter().flat_map(|row| &row.acted.whose).filter_map(events::About::subject).collect();
    people.sort_unstable();
    people.dedup();
    // Of a look at several people, the others are nobody's business but the supervisor's.
    let told =
        |person: Option<SubjectId>| person.filter(|person| of.is_none_or(|of| of == *person));
    let lines = rows.into_iter().map(|row| Line {
        seq: row.seq.0,
        at: row.at.0,
        who: row.who.map(|(_, name)| name).filter(|_| names),
        role: row.acted.role.map(|role| role_name(role).to_owned()),
        operation: row.acted.operation,
        purpose: row.acted.purpose,
        allowed: row.acted.outcome == Outcome::Allowed,
        policy: row.acted.policy,
        whose: row.acted.whose.iter().map(|whose| told(whose.subject())).map(text).collect(),
    });
    Ok((Trail { lines: lines.collect(), next }, people))
}

fn text(person: Option<SubjectId>) -> Option<String> {
    person.map(|person| person.to_string())
}

/// A text that only its holder knows, and what is kept of it: the same for the same command.
fn secret(at: &At<'_>, what: &str) -> Result<(String, [u8; 32]), Stop> {
    let halves =
        [at.made(&format!("{what}, first half"))?, at.made(&format!("{what}, second half"))?];
    let text = URL_SAFE_NO_PAD.encode(halves.concat());
    let digest = digest_of_secret(&text).ok_or(Stop::Unknown)?;
    Ok((text, digest))
}

/// The account that the path names, if there is one.
fn account_of(at: &At<'_>) -> Result<AccountId, Stop> {
    let account = at.path.id("account", AccountId::from_hex)?;
    at.tenant()?.state().account(account).ok_or(Stop::Unknown)?;
    Ok(account)
}

fn account_thing(at: &At<'_>, account: AccountId) -> Result<Thing, Stop> {
    let within = vec![Scope::Own(account.to_string()), Scope::Board];
    let known = at.tenant()?.state().account(account);
    let within = match known {
        Some((person, _)) => at.of_person("account", person)?.within,
        None => within,
    };
    Ok(Thing { kind: "account", id: account.to_string(), within })
}
