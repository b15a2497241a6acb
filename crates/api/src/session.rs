//! Sessions: who is signed in, held in memory alone.
//!
//! *Invariant:* of a session's text only the digest is kept; it is new after every sign-in.
//! *Invariant:* a session ends after half an hour without a request and after twelve hours at the
//! latest, at a sign-out, at a restart of the server, and when the account's sessions are revoked,
//! its password changes or it is suspended.
//! *Invariant:* the numbers of sessions and of remembered failures are limited.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use events::access::AccountId;
use record::{JournalId, SubjectId, TimestampMicros};

/// Half an hour: a class room's computer is left alone sooner or later.
const IDLE_MAX: Duration = Duration::from_secs(30 * 60);
/// A long working day.
const AGE_MAX: Duration = Duration::from_secs(12 * 60 * 60);
/// A session costs about 200 bytes; the largest school board has fewer people.
const SESSIONS_MAX: usize = 50_000;
/// More failures than this within the time below and the account waits.
const FAILURES_MAX: u32 = 5;
/// For so long after the last failure.
const FAILURES_FOR: Duration = Duration::from_secs(15 * 60);
/// Failures of so many login names are remembered; then the oldest go.
const FAILED_MAX: usize = 10_000;

/// Who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) tenant: JournalId,
    pub(crate) account: AccountId,
    pub(crate) person: SubjectId,
    /// Whether a second factor was shown.
    pub(crate) second_factor: bool,
    /// When it began, as the journal tells time: what ends sessions is compared with it.
    pub(crate) since: TimestampMicros,
    began: Instant,
    seen: Instant,
}

/// What a failed sign-in is counted under: a digest of tenant and login name.
pub(crate) type Tried = [u8; 32];

/// All sessions, and the failures of late.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    sessions: HashMap<[u8; 32], Session>,
    failed: BTreeMap<Tried, (u32, Instant)>,
    /// The last time step that each account showed a code of: a code is taken once.
    steps: HashMap<AccountId, u64>,
}

impl Sessions {
    /// Begins a session under a digest; false when there are too many.
    pub(crate) fn begin(
        &self,
        digest: [u8; 32],
        (tenant, account, person): (JournalId, AccountId, SubjectId),
        second_factor: bool,
        since: TimestampMicros,
        now: Instant,
    ) -> bool {
        let mut kept = self.kept();
        if kept.sessions.len() >= SESSIONS_MAX {
            kept.sessions.retain(|_, session| session.runs(now));
        }
        if kept.sessions.len() >= SESSIONS_MAX {
            return false;
        }
        let session =
            Session { tenant, account, person, second_factor, since, began: now, seen: now };
        kept.sessions.insert(digest, session);
        true
    }

    /// The session under a digest, if it still runs; it is seen now.
    pub(crate) fn find(&self, digest: &[u8; 32], now: Instant) -> Option<Session> {
        let mut kept = self.kept();
        let session = kept.sessions.get_mut(digest)?;
        if !session.runs(now) {
            kept.sessions.remove(digest);
            return None;
        }
        session.seen = now;
        Some(*session)
    }

    /// The same, without its being seen: what waits for news does not keep a session alive.
    pub(crate) fn peek(&self, digest: &[u8; 32], now: Instant) -> Option<Session> {
        self.kept().sessions.get(digest).filter(|session| session.runs(now)).copied()
    }

    /// Ends a session.
    pub(crate) fn end(&self, digest: &[u8; 32]) {
        self.kept().sessions.remove(digest);
    }

    /// Whether a sign-in under this name may be tried now.
    pub(crate) fn may_try(&self, tried: &Tried, now: Instant) -> bool {
        let kept = self.kept();
        let failed = kept.failed.get(tried);
        failed.is_none_or(|(count, last)| *count < FAILURES_MAX || since(*last, now) > FAILURES_FOR)
    }

    /// Notes how a sign-in under this name ended.
    pub(crate) fn tried(&self, tried: Tried, succeeded: bool, now: Instant) {
        let mut kept = self.kept();
        if succeeded {
            kept.failed.remove(&tried);
            return;
        }
        if kept.failed.len() >= FAILED_MAX {
            kept.failed.retain(|_, (_, last)| since(*last, now) <= FAILURES_FOR);
        }
        if kept.failed.len() >= FAILED_MAX {
            kept.failed.pop_first();
        }
        let (count, last) = kept.failed.entry(tried).or_insert((0, now));
        *count = if since(*last, now) > FAILURES_FOR { 1 } else { count.saturating_add(1) };
        *last = now;
    }

    /// Takes the code of a time step, once.
    pub(crate) fn takes_step(&self, account: AccountId, step: u64) -> bool {
        let mut kept = self.kept();
        let fresh = kept.steps.get(&account).is_none_or(|last| *last < step);
        if fresh {
            kept.steps.insert(account, step);
        }
        fresh
    }

    /// Held for one look-up or one change.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn runs(&self, now: Instant) -> bool {
        since(self.seen, now) <= IDLE_MAX && since(self.began, now) <= AGE_MAX
    }
}

fn since(then: Instant, now: Instant) -> Duration {
    now.saturating_duration_since(then)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: (JournalId, AccountId, SubjectId) = (
        JournalId::from_bytes([1; 16]),
        AccountId::from_bytes([2; 16]),
        SubjectId::from_bytes([3; 16]),
    );
    const THEN: TimestampMicros = TimestampMicros(7);

    #[test]
    fn a_session_ends_when_it_is_idle_old_or_ended() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let at = |minutes: u64| start + Duration::from_secs(60 * minutes);
        assert!(sessions.begin([9; 32], WHO, false, THEN, at(0)));
        for minutes in (0..720).step_by(30) {
            assert!(sessions.find(&[9; 32], at(minutes)).is_some(), "{minutes}");
        }
        assert!(sessions.find(&[9; 32], at(721)).is_none());
        assert!(sessions.begin([9; 32], WHO, false, THEN, at(0)));
        assert!(sessions.find(&[9; 32], at(31)).is_none());
        assert!(sessions.begin([9; 32], WHO, false, THEN, at(0)));
        sessions.end(&[9; 32]);
        assert!(sessions.find(&[9; 32], at(0)).is_none());
    }

    #[test]
    fn after_five_failures_a_name_waits_a_quarter_of_an_hour() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let at = |minutes: u64| start + Duration::from_secs(60 * minutes);
        for _ in 0..5 {
            assert!(sessions.may_try(&[4; 32], at(0)));
            sessions.tried([4; 32], false, at(0));
        }
        assert!(!sessions.may_try(&[4; 32], at(15)));
        assert!(sessions.may_try(&[4; 32], at(16)));
        assert!(sessions.may_try(&[5; 32], at(0)), "another name does not wait");
        sessions.tried([4; 32], true, at(16));
        assert!(sessions.may_try(&[4; 32], at(16)));
    }

    #[test]
    fn a_code_is_taken_once() {
        let sessions = Sessions::default();
        assert!(sessions.takes_step(WHO.1, 7));
        assert!(!sessions.takes_step(WHO.1, 7));
        assert!(!sessions.takes_step(WHO.1, 6));
        assert!(sessions.takes_step(WHO.1, 8));
    }
}
