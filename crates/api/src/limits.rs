//! How long and how much: every number of the server, each with its reason.
//!
//! *Invariant:* whoever holds a connection open without using it loses it within these times.

use std::time::Duration;

/// A request's head is a kilobyte: who needs longer for it holds a connection on purpose.
///
/// The same time ends a connection that stays idle between two requests.
const HEAD_READ_MAX: Duration = Duration::from_secs(10);
/// 64 KiB in this time is 6.4 KiB/s, which a bad mobile connection reaches.
const BODY_READ_MAX: Duration = Duration::from_secs(10);
/// A full writer's queue drains within seconds; who waited this long should ask again.
const REQUEST_MAX: Duration = Duration::from_secs(30);
/// The largest answer is some tens of KiB: the same pace as for a body.
const ANSWER_WRITE_MAX: Duration = Duration::from_secs(10);
/// Bounds what no other time does, such as a caller that asks for ever on one connection.
const CONNECTION_MAX: Duration = Duration::from_secs(300);
/// How long a stop waits for what runs; service managers kill after more.
const FINISH_MAX: Duration = Duration::from_secs(10);
/// The largest response is 200 answers; with free text of everyday length this is ten times it.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// The smallest power of two that holds the head of a browser behind two proxies.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// More than any honest caller sends.
const HEADERS_MAX: usize = 64;
/// A connection costs about 20 KiB, so these cost 20 MiB; one school needs far fewer.
pub const CONNECTIONS_MAX: usize = 1_024;
/// Fewer places than this and two classes that answer at once would push each other out.
const CONNECTIONS_MIN: usize = 64;
/// What the process opens besides connections: database, guard, keys, and connections on their end.
const DESCRIPTORS_KEPT: u64 = 256;
/// What may be asked of the engine at the same time, answers not yet given included.
///
/// A commit of so many takes about two syncs of a quick disk, and whoever is let in waits for two
/// commits at the most: more at once would make each wait longer and hardly more of them done.
const AT_WORK_MAX: usize = 32;

/// How many connections fit under the process's limit of open files; none when it is too low.
#[must_use]
pub fn connections_within(descriptors: u64) -> Option<usize> {
    let left = usize::try_from(descriptors.saturating_sub(DESCRIPTORS_KEPT)).unwrap_or(usize::MAX);
    Some(left.min(CONNECTIONS_MAX)).filter(|connections| *connections >= CONNECTIONS_MIN)
}

/// Whoever is turned down hears it after this: a caller who asks again and again without a look at
/// `Retry-After` would otherwise keep the processor busy with refusals, and whoever is admitted waits
/// for it.
const TURNED_DOWN_AFTER: Duration = Duration::from_millis(50);

/// The numbers in force; tests use shorter ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) head_read: Duration,
    pub(crate) body_read: Duration,
    pub(crate) request: Duration,
    pub(crate) answer_write: Duration,
    pub(crate) connection: Duration,
    pub(crate) finish: Duration,
    pub(crate) body_bytes: usize,
    pub(crate) head_bytes: usize,
    pub(crate) headers: usize,
    pub(crate) connections: usize,
    pub(crate) at_work: usize,
    pub(crate) turned_down: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_read: HEAD_READ_MAX,
            body_read: BODY_READ_MAX,
            request: REQUEST_MAX,
            answer_write: ANSWER_WRITE_MAX,
            connection: CONNECTION_MAX,
            finish: FINISH_MAX,
            body_bytes: BODY_BYTES_MAX,
            head_bytes: HEAD_BYTES_MAX,
            headers: HEADERS_MAX,
            connections: CONNECTIONS_MAX,
            at_work: AT_WORK_MAX,
            turned_down: TURNED_DOWN_AFTER,
        }
    }
}
