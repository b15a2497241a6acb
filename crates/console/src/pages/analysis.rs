//! A published analysis, as charts and as tables.

use serde::Deserialize;

use crate::chart::{Bar, Chart};
use crate::frame::Frame;
use crate::page::page;

page! {
    Analysis => AnalysisPage "analysis.html";
}

/// A published analysis.
#[derive(Debug, Deserialize)]
pub struct Analysis {
    see_analysis: Published,
}

#[derive(Debug, Deserialize)]
struct Published {
    published_at: u64,
    floor: u16,
    responses: u32,
    questions: Vec<Question>,
}

#[derive(Debug, Deserialize)]
struct Question {
    question: u16,
    cells: Vec<Cell>,
}

#[derive(Debug, Deserialize)]
struct Cell {
    group: Option<String>,
    hidden: bool,
    n: Option<u32>,
    counts: Option<Vec<Option<u32>>>,
    mean_millionths: Option<u64>,
}

impl Cell {
    fn mean(&self) -> String {
        let hundredths = self.mean_millionths.map(|mean| (mean + 5_000) / 10_000);
        hundredths
            .map_or_else(|| "–".to_owned(), |mean| format!("{},{:02}", mean / 100, mean % 100))
    }
}

impl Question {
    fn number(&self) -> u16 {
        self.question.saturating_add(1)
    }

    /// The counts of everybody as bars; none where they are not shown.
    fn chart(&self, frame: &Frame) -> Option<String> {
        let everybody = self.cells.iter().find(|cell| cell.group.is_none() && !cell.hidden)?;
        let counts = everybody.counts.as_ref()?;
        let bar =
            |(at, count): (usize, &Option<u32>)| Bar { label: (at + 1).to_string(), value: *count };
        let number = self.number();
        let title = match frame.language {
            crate::Language::Dutch => format!("Vraag {number}: hoe vaak elk antwoord"),
            crate::Language::English => format!("Question {number}: how often each answer"),
        };
        let bars = counts.iter().enumerate().map(bar).collect();
        Chart { id: format!("q{number}"), title, bars }.svg(frame)
    }
}
