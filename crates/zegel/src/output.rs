//! What the person at the terminal sees: tables, or JSON; progress on a terminal only.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// Text or JSON on standard output; diagnostics and progress on standard error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// The one result of a command: as JSON, or as the text that `render` makes of it.
    pub(crate) fn result<T: Serialize>(
        self,
        result: &T,
        render: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        let text = if self.json { serde_json::to_string_pretty(result)? } else { render(result) };
        print_line(&text).context("done, but the result cannot be written to standard output")
    }

    /// A line for a person; nothing in JSON.
    pub(crate) fn say(self, line: impl Display) -> anyhow::Result<()> {
        if self.json { Ok(()) } else { print_line(&line.to_string()) }
    }

    /// A progress bar, on a terminal only.
    pub(crate) fn progress(self, total: u64, what: &'static str) -> ProgressBar {
        if self.json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(total);
        let style = ProgressStyle::with_template("{msg} {bar:32} {pos}/{len} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }

    /// An error, and exit code 1.
    pub(crate) fn failure(self, error: &anyhow::Error) -> ExitCode {
        let message = chain(error);
        let line = if self.json {
            serde_json::json!({ "error": message }).to_string()
        } else {
            format!("zegel: {message}")
        };
        let _ = writeln!(std::io::stderr(), "{line}");
        ExitCode::from(1)
    }
}

/// A table with a heading row.
pub(crate) fn table<const N: usize>(heading: [&str; N], rows: Vec<[String; N]>) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(heading);
    if let Some(columns) = terminal_columns() {
        table.set_width(columns);
    }
    rows.into_iter().for_each(|row| {
        table.add_row(row);
    });
    keep_ids_whole(&mut table);
    table.to_string()
}

/// How wide the terminal is; a pipe or a file has no width.
fn terminal_columns() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(size.ws_col)
}

/// An id broken over two lines cannot be copied.
fn keep_ids_whole(table: &mut Table) {
    const ID_CHARACTERS: usize = 32;
    let holds_id = |text: &str| {
        text.split_whitespace()
            .any(|word| word.len() >= ID_CHARACTERS && word.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let columns = (0..table.column_count()).filter(|column| {
        table
            .row_iter()
            .any(|row| row.cell_iter().nth(*column).is_some_and(|cell| holds_id(&cell.content())))
    });
    // One more than the id on both sides: the padding counts.
    let least = ColumnConstraint::LowerBoundary(Width::Fixed(34));
    for column in columns.collect::<Vec<_>>() {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(least);
        }
    }
}

/// An error and its causes, each said once: many of ours repeat their cause in their own words.
fn chain(error: &anyhow::Error) -> String {
    let mut message = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

/// A closed pipe is the reader's choice, not an error.
fn print_line(line: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
