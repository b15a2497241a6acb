//! Rows of cells in columns: tables, and also facts, lists and running text.
//!
//! *Invariant:* a line never breaks over two pages, and a row that is to stay whole only if it is
//! higher than a page.
//! *Invariant:* after a page break the header of the grid stands first, as an artifact.

use std::ops::Range;

use krilla::tagging::ArtifactType;

use super::face::{Faces, Ink, Line, Style};
use super::flow::{Flow, Leaf, Mark, Role};

/// How far the baseline is below the top of the letters, in parts of the size of the font.
const BASELINE: f32 = 0.9;
/// A row that breaks leaves at least so many lines behind.
const LINES_KEPT: usize = 3;
/// More than a page holds in any style.
const LINES_OF_A_PAGE: usize = 200;

pub(super) struct Grid {
    pub columns: Vec<GridColumn>,
    /// Of all columns together, for the shade and the rules.
    pub width: f32,
    pub pad: Pad,
    /// Repeated on each page.
    pub header: Option<Header>,
    /// Drawn under each row.
    pub rule: Option<Ink>,
    /// Whether a row moves to the next page rather than break.
    pub keeps_rows: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct GridColumn {
    /// From the left side of the page.
    pub x: f32,
    pub width: f32,
    pub align: Align,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// Around the text of a cell; left and right have taken their part of the width already.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pad {
    pub above: f32,
    pub below: f32,
}

pub(super) struct Header {
    pub cells: Vec<GridCell>,
    pub shade: Ink,
    pub rule: Ink,
}

/// The text of one cell, in lines.
#[derive(Clone, Debug)]
pub(super) struct GridCell {
    pub lines: Vec<Line>,
    pub style: Style,
}

impl GridCell {
    pub(super) fn new(faces: &Faces, text: &str, style: Style, width: f32) -> Self {
        Self { lines: faces.lines(&faces.settable(text), style, width), style }
    }
}

impl Grid {
    /// Places a row, and returns a leaf for each of its cells.
    pub(super) fn row(&self, flow: &mut Flow, cells: &[GridCell]) -> Vec<Leaf> {
        let leaves: Vec<Leaf> = cells.iter().map(|_| flow.leaf()).collect();
        let (total, leading) = (lines(cells), leading(cells));
        let mut from = 0;
        while from < total {
            if self.moves_on(flow, total - from, leading) {
                flow.break_page();
                self.header(flow, None);
            }
            // One line at least, so that this ends under any header.
            let to = total.min(from + self.lines_in(flow.left(), leading).max(1));
            for ((cell, column), leaf) in cells.iter().zip(&self.columns).zip(&leaves) {
                self.cell(flow, (cell, *column), Role::Content(*leaf), from..to);
            }
            flow.y += self.height(to - from, leading);
            if let Some(ink) = self.rule {
                flow.rule(flow.y - 0.5, self.width, 0.5, ink);
            }
            from = to;
        }
        leaves
    }

    /// Whether what is left of a row is better begun on the next page.
    fn moves_on(&self, flow: &Flow, rest: usize, leading: f32) -> bool {
        let fits = self.lines_in(flow.left(), leading);
        let fits_whole = || {
            let page = flow.whole() - self.header_height();
            self.keeps_rows && rest <= self.lines_in(page, leading)
        };
        !flow.is_fresh() && fits < rest && (fits < LINES_KEPT || fits_whole())
    }

    /// Room for the header and the first lines of a row, so that neither stands alone.
    pub(super) fn height_of_start(&self, leading: f32) -> f32 {
        self.header_height() + self.height(2, leading)
    }

    /// Places the header: as content where leaves are given, else as a repetition.
    pub(super) fn header(&self, flow: &mut Flow, leaves: Option<&[Leaf]>) {
        let Some(header) = &self.header else { return };
        let height = self.header_height();
        flow.rule(flow.y, self.width, height, header.shade);
        for (at, (cell, column)) in header.cells.iter().zip(&self.columns).enumerate() {
            let leaf = leaves.and_then(|leaves| leaves.get(at));
            let repeated = Role::Artifact(ArtifactType::PaginationOther);
            let role = leaf.map_or(repeated, |leaf| Role::Content(*leaf));
            self.cell(flow, (cell, *column), role, 0..cell.lines.len());
        }
        flow.y += height;
        flow.rule(flow.y - 1.0, self.width, 1.0, header.rule);
    }

    fn header_height(&self) -> f32 {
        let cells = self.header.as_ref().map(|header| header.cells.as_slice());
        cells.map_or(0.0, |cells| self.height(lines(cells), leading(cells)))
    }

    /// Places these lines of a cell, from the top of the row on.
    fn cell(
        &self,
        flow: &mut Flow,
        (cell, column): (&GridCell, GridColumn),
        role: Role,
        shown: Range<usize>,
    ) {
        let style = cell.style;
        let mut y = flow.y + self.pad.above + (style.leading - style.size) / 2.0;
        y += style.size * BASELINE;
        for line in cell.lines.iter().take(shown.end).skip(shown.start) {
            let x = match column.align {
                Align::Left => column.x,
                Align::Right => column.x + column.width - line.width,
            };
            if !line.text.is_empty() {
                flow.place(Mark::Text { role, x, y, style, text: line.text.clone() });
            }
            y += style.leading;
        }
    }

    fn height(&self, lines: usize, leading: f32) -> f32 {
        let lines = u16::try_from(lines).unwrap_or(u16::MAX);
        self.pad.above + self.pad.below + f32::from(lines) * leading
    }

    /// How many lines of a row fit in this height.
    fn lines_in(&self, height: f32, leading: f32) -> usize {
        let fits = |lines: &usize| self.height(*lines, leading) <= height + 0.01;
        (1..LINES_OF_A_PAGE).take_while(fits).count()
    }
}

fn lines(cells: &[GridCell]) -> usize {
    cells.iter().map(|cell| cell.lines.len()).max().unwrap_or_default()
}

fn leading(cells: &[GridCell]) -> f32 {
    cells.iter().map(|cell| cell.style.leading).fold(0.0, f32::max)
}
