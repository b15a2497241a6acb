//! Requests of data subjects, with their clocks.

use serde::Deserialize;

use super::Words;
use crate::page::page;

page! {
    Requests => RequestsPage "requests.html";
}

/// The register of requests.
#[derive(Debug, Deserialize)]
pub struct Requests {
    see_requests: Register,
    #[serde(default)]
    page: u64,
}

#[derive(Debug, Deserialize)]
struct Register {
    requests: Vec<Shown>,
    total: u64,
}

#[derive(Debug, Deserialize)]
struct Shown {
    request: Row,
    clock: Option<Clock>,
}

#[derive(Debug, Deserialize)]
struct Row {
    right: Words,
    school_at: Option<u64>,
    processor_at: Option<u64>,
    approved: bool,
    carried_out: bool,
}

#[derive(Debug, Deserialize)]
struct Clock {
    ends_at: u64,
    counted: Words,
    remaining: Words,
}

/// As many as an operation shows at a time.
const PAGE: u64 = 100;

impl Requests {
    fn before(&self) -> Option<u64> {
        self.page.checked_sub(1)
    }

    fn next(&self) -> Option<u64> {
        let next = self.page.saturating_add(1);
        (next.saturating_mul(PAGE) < self.see_requests.total).then_some(next)
    }
}

impl Row {
    /// The earlier receipt: from it the month runs.
    fn received_at(&self) -> Option<u64> {
        self.school_at.into_iter().chain(self.processor_at).min()
    }
}
