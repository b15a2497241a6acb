//! Figures: a value beside its limit and its target, and the median of several runs of each.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::output::table;

/// What the control wastes at each event of the road; nothing otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Handicap(u32);

impl Handicap {
    pub(super) const fn micros(micros: u32) -> Self {
        Self(micros)
    }

    pub(super) const fn get(self) -> u32 {
        self.0
    }

    /// Keeps this thread busy for so many events.
    pub(super) fn waste(self, events: usize) {
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        let (started, wasted) = (Instant::now(), Duration::from_micros(self.0.into()) * events);
        while started.elapsed() < wasted {
            std::hint::spin_loop();
        }
    }
}

/// One figure of one run.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    what: String,
    unit: &'static str,
    value: f64,
    limit: Option<Limit>,
}

#[derive(Debug, Clone, Copy)]
struct Limit {
    value: f64,
    is: &'static str,
    target: Option<Target>,
}

/// What the value divided by its limit is to be.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Figure {
    pub(super) fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { what: what.into(), unit, value, limit: None }
    }

    /// The same beside a limit.
    pub(super) fn beside(self, value: f64, is: &'static str) -> Self {
        Self { limit: Some(Limit { value, is, target: None }), ..self }
    }

    /// The same with a target for the ratio to its limit.
    pub(super) fn target(self, target: Target) -> Self {
        let limit = self.limit.map(|limit| Limit { target: Some(target), ..limit });
        Self { limit, ..self }
    }
}

/// A median, with the least and the most of all runs.
#[derive(Debug, Clone, Copy, Serialize)]
struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { median: median(values), least, most }
    }

    fn text(self, format: impl Fn(f64) -> String) -> String {
        let (median, least, most) = (format(self.median), format(self.least), format(self.most));
        if least == most { median } else { format!("{median} ({least}–{most})") }
    }
}

/// One line of the report: a figure over all runs.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    what: String,
    unit: &'static str,
    value: Spread,
    limit: Option<Spread>,
    limit_is: Option<&'static str>,
    ratio: Option<Spread>,
    target: Option<Target>,
    met: Option<bool>,
}

/// The lines of several runs, in the order of the first; ratios are taken within each run, since a
/// machine that is slow for a while is slow for both.
pub(super) fn lines(runs: &[Vec<Figure>]) -> Vec<Line> {
    let first = runs.first().map(Vec::as_slice).unwrap_or_default();
    let same = |wanted: &Figure| -> Vec<&Figure> {
        runs.iter().flatten().filter(|figure| figure.what == wanted.what).collect()
    };
    first.iter().map(|figure| line(figure, &same(figure))).collect()
}

fn line(first: &Figure, all: &[&Figure]) -> Line {
    let values: Vec<f64> = all.iter().map(|figure| figure.value).collect();
    let pairs: Vec<(f64, f64)> = all
        .iter()
        .filter_map(|figure| Some((figure.value, figure.limit?.value)))
        .filter(|(_, limit)| *limit > 0.0)
        .collect();
    let spread = |of: fn(&(f64, f64)) -> f64| {
        let values: Vec<f64> = pairs.iter().map(of).collect();
        (!values.is_empty()).then(|| Spread::of(&values))
    };
    let ratio = spread(|(value, limit)| value / limit);
    let target = first.limit.and_then(|limit| limit.target);
    Line {
        what: first.what.clone(),
        unit: first.unit,
        value: Spread::of(&values),
        limit: spread(|(_, limit)| *limit),
        limit_is: first.limit.map(|limit| limit.is),
        ratio,
        target,
        met: target.zip(ratio).map(|(target, ratio)| target.is_met(ratio.median)),
    }
}

impl Target {
    fn is_met(self, ratio: f64) -> bool {
        match self {
            Self::AtLeast(least) => ratio >= least,
            Self::AtMost(most) => ratio <= most,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {least}"),
            Self::AtMost(most) => format!("≤ {most}"),
        }
    }
}

/// All lines as one table.
pub(super) fn render(lines: &[Line]) -> String {
    let row = |line: &Line| {
        let met = line.met.map_or("", |met| if met { "met" } else { "missed" });
        [
            line.what.clone(),
            format!("{} {}", line.value.text(number), line.unit),
            line.limit.map_or(String::new(), |limit| limit.text(number)),
            line.ratio.map_or(String::new(), |ratio| ratio.text(|ratio| format!("{ratio:.2}"))),
            line.target.map_or(String::new(), Target::text),
            met.to_owned(),
            line.limit_is.unwrap_or_default().to_owned(),
        ]
    };
    let heading = ["figure", "value", "limit", "ratio", "target", "", "the limit is"];
    table(heading, lines.iter().map(row).collect())
}

fn number(value: f64) -> String {
    match value {
        _ if value >= 1_000.0 => format!("{value:.0}"),
        _ if value >= 10.0 || value == 0.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// The middle of some values; 0 of none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// So many in that time, a second.
pub(super) fn rate(count: usize, took: Duration) -> f64 {
    to_f64(count) / took.as_secs_f64().max(1e-9)
}

/// Exact up to 2^32, which is far above anything measured here in one unit.
pub(super) fn to_f64(count: impl TryInto<u64>) -> f64 {
    let count = count.try_into().unwrap_or(u64::MAX);
    Duration::from_micros(count).as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_the_median_of_the_runs_and_its_ratio_is_taken_within_each() {
        let run = |value, limit| {
            let figure = Figure::new("appends", value, "events/s");
            vec![figure.beside(limit, "a raw file").target(Target::AtLeast(0.5))]
        };
        let runs = [run(10.0, 100.0), run(60.0, 100.0), run(4.0, 8.0)];
        let [line] = lines(&runs).try_into().unwrap();
        assert_eq!((line.value.median, line.value.least, line.value.most), (10.0, 4.0, 60.0));
        assert_eq!(line.ratio.unwrap().median, 0.5);
        assert_eq!(line.met, Some(true));
        let [missed] = lines(&runs[..1]).try_into().unwrap();
        assert_eq!(missed.met, Some(false));
    }
}
