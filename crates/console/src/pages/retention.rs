//! Terms of retention, what is over, and the runs that cut it.

use serde::Deserialize;

use crate::page::page;

page! {
    Retention => RetentionPage "retention.html";
}

/// How long what is kept.
#[derive(Debug, Deserialize)]
pub struct Retention {
    see_retention: Shown,
}

#[derive(Debug, Deserialize)]
struct Shown {
    terms: Vec<Term>,
    scopes: Vec<Scope>,
    expired: Vec<Expired>,
    runs: Vec<Run>,
}

#[derive(Debug, Deserialize)]
struct Term {
    kind: String,
    period: String,
    stated_at: u64,
}

#[derive(Debug, Deserialize)]
struct Scope {
    kind: String,
    of: String,
    begun_at: u64,
    until: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Expired {
    kind: String,
    of: String,
    ended_at: u64,
}

#[derive(Debug, Deserialize)]
struct Run {
    expired: Vec<Expired>,
    proposed_at: u64,
    approved_by: Option<String>,
    carried_out_at: Option<u64>,
}
