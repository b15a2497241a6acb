//! How much a run may take, and how it learns of time.

use std::time::Duration;

/// Most rows that are asked for in one page.
// SOURCE: Somtoday Connect 14.10.0, parameter `amount`; AFAS allows more and is asked for the same.
pub(crate) const PAGE_ROWS_MAX: u16 = 200;

/// Limits of one run. The defaults fit a board of 50,000 people with room to spare.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Rows asked for in one page, from 1 to 200.
    pub page_rows: u16,
    /// Longest body of one answer, in bytes.
    pub page_bytes_max: usize,
    /// All bodies of a run together, in bytes.
    // SOURCE: AFAS allows a call 75 MB; here a whole run keeps to it, with either system.
    pub run_bytes_max: usize,
    /// Pages of staff in a run.
    pub pages_max: u64,
    /// People in a run.
    pub people_max: u64,
    /// Time from the start of a run, waiting included.
    pub run_time_max: Duration,
    /// Time for one request and its whole answer.
    pub answer_time_max: Duration,
    /// Longest wait that a busy peer may ask for; beyond it the run ends and says how long.
    pub wait_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_rows: PAGE_ROWS_MAX,
            page_bytes_max: 4 * 1024 * 1024,
            run_bytes_max: 75 * 1000 * 1000,
            pages_max: 1_000,
            people_max: 50_000,
            run_time_max: Duration::from_secs(3_600),
            answer_time_max: Duration::from_secs(120),
            wait_max: Duration::from_secs(600),
        }
    }
}

/// Time, as the binary or a test gives it.
pub trait Pace {
    /// Time since a fixed moment; never goes back.
    fn elapsed(&self) -> Duration;
    /// Returns when that much time has passed.
    fn pause(&self, wait: Duration);
}
