//! The HTTP API: routes, JSON and limits (docs/format/http.md).
//!
//! *Invariant:* everything that a stranger can make the server wait for or keep has a limit.
//! *Invariant:* no answer and no log line repeats what a request said; a refusal states the rule,
//! a fault states an id.
//! *Invariant:* `async` ends here: the engine is asked through its writer's queue.

mod crowd;
mod limits;
mod serve;
mod service;
mod timely;

mod credentials;
mod session;

mod caller;
mod live;
mod operation;
mod perform;
mod sign_in;

mod operations;

mod console;

mod openapi;

mod checkpoint;
mod discover;
mod health;
mod survey;

mod answer;
mod ask;
mod form;
mod language;
mod log;
mod metrics;
mod parse;
mod problem;
mod token;

pub mod timeline;

#[cfg(feature = "trial")]
pub mod trial;

#[cfg(test)]
mod tests;

pub use credentials::{NotDigested, digest_of_secret, digest_password, fresh_secret};
pub use limits::{CONNECTIONS_MAX, connections_within};
pub use metrics::serve_metrics;
pub use serve::serve;
pub use service::Service;
