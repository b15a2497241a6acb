//! What a document looks like: sizes, colours and distances, and which tag each block becomes.
//!
//! *Invariant:* nothing is told by colour, size or place alone: what they show is in the tags too.

use std::num::NonZeroU16;

use krilla::tagging::{ListNumbering, TableHeaderScope, Tag, TagKind};

use super::face::{Faces, Ink, Style, Weight};
use super::flow::{Flow, LYING, Leaf, SIDE, UPRIGHT};
use super::grid::{Align, Grid, GridCell, GridColumn, Header, Pad};
use crate::check::Report;
use crate::model::{Block, Cell, Column, Kind, Language, Level, Section, Table};
use crate::words::particulars;

const BLACK: Ink = Ink(0x1c, 0x1f, 0x24);
const BLUE: Ink = Ink(0x1b, 0x3a, 0x63);
// Contrast on white 7.0 to 1, on the shade 6.2 (WCAG 2.1, 1.4.3 asks 4.5); the others have more.
pub(super) const GREY: Ink = Ink(0x52, 0x5a, 0x66);
const PALE: Ink = Ink(0xd5, 0xda, 0xe1);
const SHADE: Ink = Ink(0xee, 0xf2, 0xf7);

const fn style(weight: Weight, size: f32, leading: f32, ink: Ink) -> Style {
    Style { weight, size, leading, ink }
}

const TITLE: Style = style(Weight::Bold, 21.0, 27.0, BLUE);
const SUBJECT: Style = style(Weight::Regular, 11.5, 16.0, GREY);
const CHAPTER: Style = style(Weight::Bold, 13.5, 18.0, BLUE);
const PART: Style = style(Weight::Bold, 11.0, 15.0, BLUE);
const BODY: Style = style(Weight::Regular, 9.5, 14.0, BLACK);
const LABEL: Style = style(Weight::Bold, 9.5, 14.0, GREY);
const CAPTION: Style = style(Weight::Bold, 9.5, 14.0, BLACK);
const HEAD: Style = style(Weight::Bold, 8.5, 11.5, BLUE);
const CELL: Style = style(Weight::Regular, 8.5, 11.5, BLACK);
const NOTE: Style = style(Weight::Regular, 8.5, 11.5, GREY);

/// More columns lie.
const COLUMNS_UPRIGHT: usize = 6;
/// Between a caption and its table.
const CAPTION_GAP: f32 = 3.0;
/// Left and right of the text of a cell.
const CELL_SIDE: f32 = 5.0;
/// A small table stays small: the eye must find the way from one cell to the next.
const STRETCH_MAX: f32 = 2.0;
/// A word that is longer may break, so that one address does not take the whole page.
const WORD_MAX: f32 = 110.0;
/// Before labels stop pushing their values to the right.
const LABEL_MAX: f32 = 200.0;

/// The pages, the tree over them, and what the outline points to.
pub(super) struct Laid {
    pub flow: Flow,
    pub tree: Vec<Node>,
    pub outline: Vec<Stop>,
}

pub(super) enum Node {
    Branch(TagKind, Vec<Node>),
    Leaf(Leaf),
}

/// A heading in the outline, and where it stands.
pub(super) struct Stop {
    pub text: String,
    pub level: Level,
    pub page: usize,
    pub y: f32,
}

pub(super) fn lay(report: &Report, faces: &Faces) -> Laid {
    let document = report.document();
    let lies = report.tables().any(|table| table.columns.len() > COLUMNS_UPRIGHT);
    let flow = Flow::new(if lies { LYING } else { UPRIGHT });
    let laid = Laid { flow, tree: Vec::new(), outline: Vec::new() };
    let mut composer = Composer { faces, language: document.language, laid };
    composer.opening(report);
    for section in &document.sections {
        composer.section(section);
    }
    composer.laid
}

struct Composer<'a> {
    faces: &'a Faces,
    language: Language,
    laid: Laid,
}

impl Composer<'_> {
    fn opening(&mut self, report: &Report) {
        let document = report.document();
        let flow = &mut self.laid.flow;
        flow.rule(flow.y, 44.0, 3.5, BLUE);
        flow.y += 14.0;
        self.stop(&document.title, Level::One);
        self.text(&document.title, TITLE, heading(1, &document.title));
        if !document.subject.is_empty() {
            self.laid.flow.gap(2.0);
            self.text(&document.subject, SUBJECT, Tag::P.into());
        }
        self.laid.flow.gap(10.0);
        let flow = &mut self.laid.flow;
        flow.rule(flow.y, flow.text_width(), 0.75, PALE);
        flow.y += 8.0;
        let facts = particulars(document).map(|(label, value)| (label.to_owned(), value));
        self.facts(&facts);
    }

    fn section(&mut self, section: &Section) {
        let (style, level, above, below) = match section.level {
            Level::One => (CHAPTER, 2, 24.0, 6.0),
            Level::Two => (PART, 3, 14.0, 4.0),
        };
        let flow = &mut self.laid.flow;
        flow.gap(above);
        // A heading takes the first lines of what it is about along, or the heading after it.
        flow.room(if section.blocks.is_empty() { 190.0 } else { 130.0 });
        self.stop(&section.heading, section.level);
        self.text(&section.heading, style, heading(level, &section.heading));
        self.laid.flow.y += below;
        for block in &section.blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(text) => self.text(text, BODY, Tag::P.into()),
            Block::Facts(facts) => self.facts(facts),
            Block::List(points) => self.list(points),
            Block::Table(table) => self.table(table),
        }
        self.laid.flow.gap(8.0);
    }

    fn stop(&mut self, text: &str, level: Level) {
        let flow = &self.laid.flow;
        let stop = Stop { text: text.to_owned(), level, page: flow.page(), y: flow.y };
        self.laid.outline.push(stop);
    }

    fn text(&mut self, text: &str, style: Style, tag: TagKind) {
        let node = self.text_node(text, style, tag);
        self.laid.tree.extend(node);
    }

    /// Running text over the whole width, which may go on on the next page.
    fn text_node(&mut self, text: &str, style: Style, tag: TagKind) -> Option<Node> {
        // A mark without a branch is none, and a branch without words says nothing.
        if text.trim().is_empty() {
            return None;
        }
        let flow = &mut self.laid.flow;
        let width = flow.text_width();
        let grid = plain_grid(vec![GridColumn { x: SIDE, width, align: Align::Left }], 0.0);
        let cell = GridCell::new(self.faces, text, style, width);
        let leaves = grid.row(flow, &[cell]);
        Some(Node::Branch(tag, leaves.into_iter().map(Node::Leaf).collect()))
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        let widths =
            facts.iter().map(|(label, _)| self.faces.width(&self.faces.settable(label), LABEL));
        let width = widths.fold(0.0, f32::max).min(LABEL_MAX);
        self.pairs(facts, (LABEL, BODY), (width + 1.0, 16.0), ListNumbering::None);
    }

    fn list(&mut self, points: &[String]) {
        let bulleted: Vec<(String, String)> =
            points.iter().map(|point| ("•".to_owned(), point.clone())).collect();
        self.pairs(&bulleted, (BODY, BODY), (6.0, 6.0), ListNumbering::Disc);
    }

    /// Items of a list, each a label and what it labels.
    fn pairs(
        &mut self,
        pairs: &[(String, String)],
        styles: (Style, Style),
        (width, gap): (f32, f32),
        numbering: ListNumbering,
    ) {
        let flow = &mut self.laid.flow;
        let rest = flow.text_width() - width - gap;
        let label = GridColumn { x: SIDE, width, align: Align::Left };
        let value = GridColumn { x: SIDE + width + gap, width: rest, align: Align::Left };
        let grid = plain_grid(vec![label, value], 1.0);
        let mut items = Vec::new();
        for (label, value) in pairs {
            let cells = [
                GridCell::new(self.faces, label, styles.0, width),
                GridCell::new(self.faces, value, styles.1, rest),
            ];
            let leaves = grid.row(flow, &cells);
            let tags = [TagKind::from(Tag::Lbl), TagKind::from(Tag::LBody)];
            items.push(Node::Branch(Tag::LI.into(), under(tags, leaves)));
        }
        if !items.is_empty() {
            self.laid.tree.push(Node::Branch(Tag::L(numbering).into(), items));
        }
    }

    fn table(&mut self, table: &Table) {
        let language = self.language;
        let row = |row: &Vec<Cell>| row.iter().map(|cell| cell.shown(language)).collect();
        let shown: Vec<Vec<String>> = table.rows.iter().map(row).collect();
        let grid = self.table_grid(table, &shown);
        let caption = self.faces.settable(&table.caption);
        let caption = self.faces.lines(&caption, CAPTION, self.laid.flow.text_width());
        let above: f32 = caption.iter().map(|_| CAPTION.leading).sum::<f32>() + CAPTION_GAP;
        self.laid.flow.room(above + grid.height_of_start(CELL.leading));
        let caption = self.text_node(&table.caption, CAPTION, Tag::Caption.into());
        let flow = &mut self.laid.flow;
        flow.y += CAPTION_GAP;
        let leaves: Vec<Leaf> = table.columns.iter().map(|_| flow.leaf()).collect();
        grid.header(flow, Some(&leaves));
        let head = row_node(leaves, || Tag::TH(TableHeaderScope::Column).into());
        let mut rows = Vec::with_capacity(shown.len());
        for row in &shown {
            let cells: Vec<GridCell> = (row.iter().zip(&grid.columns))
                .map(|(text, column)| GridCell::new(self.faces, text, CELL, column.width))
                .collect();
            rows.push(row_node(grid.row(flow, &cells), || Tag::TD.into()));
        }
        let mut parts: Vec<Node> = caption.into_iter().collect();
        parts.push(Node::Branch(Tag::THead.into(), vec![head]));
        if !rows.is_empty() {
            parts.push(Node::Branch(Tag::TBody.into(), rows));
        }
        self.laid.tree.push(Node::Branch(Tag::Table.into(), parts));
        if !table.note.is_empty() {
            self.laid.flow.gap(3.0);
            self.text(&table.note, NOTE, Tag::P.into());
        }
        self.laid.flow.gap(4.0);
    }

    fn table_grid(&self, table: &Table, shown: &[Vec<String>]) -> Grid {
        let mut x = SIDE;
        let widths = self.widths(table, shown);
        let width = widths.iter().sum();
        let columns: Vec<GridColumn> = (table.columns.iter().zip(widths))
            .map(|(column, width)| {
                let inner = width - 2.0 * CELL_SIDE;
                let made = GridColumn { x: x + CELL_SIDE, width: inner, align: align(column) };
                x += width;
                made
            })
            .collect();
        let cells = (table.columns.iter().zip(&columns))
            .map(|(column, place)| GridCell::new(self.faces, &column.name, HEAD, place.width))
            .collect();
        let header = Header { cells, shade: SHADE, rule: BLUE };
        let pad = Pad { above: 3.5, below: 4.0 };
        Grid { columns, width, pad, header: Some(header), rule: Some(PALE), keeps_rows: true }
    }

    /// Each column gets what its longest word needs, and of the rest in the measure of its text.
    fn widths(&self, table: &Table, shown: &[Vec<String>]) -> Vec<f32> {
        let total = self.laid.flow.text_width();
        let needs: Vec<Need> = (table.columns.iter().enumerate())
            .map(|(at, column)| {
                let cells = shown.iter().filter_map(|row| row.get(at));
                let mut need = Need::default();
                need.take(self.faces, &column.name, HEAD, true);
                let may_break = column.kind == Kind::Text;
                cells.for_each(|text| need.take(self.faces, text, CELL, may_break));
                need
            })
            .collect();
        shared(&needs, total)
    }
}

/// What is narrower than its equal share gets what it needs; the others share what is left.
fn shared(needs: &[Need], total: f32) -> Vec<f32> {
    let most: f32 = needs.iter().map(|need| need.most).sum();
    if most <= total {
        let stretch = (total / most).min(STRETCH_MAX);
        return needs.iter().map(|need| need.most * stretch).collect();
    }
    let mut wide: Vec<&Need> = needs.iter().collect();
    let mut left = total;
    loop {
        let share = left / (1u8..).zip(&wide).last().map_or(1.0, |(count, _)| f32::from(count));
        let (narrow, wider): (Vec<&Need>, _) = wide.iter().partition(|need| need.most <= share);
        if narrow.is_empty() {
            return needs.iter().map(|need| need.width(share, &wide, left)).collect();
        }
        left -= narrow.iter().map(|need| need.most).sum::<f32>();
        wide = wider;
    }
}

/// The widths that a column needs, in points, with its sides.
#[derive(Default)]
struct Need {
    /// So that no word breaks.
    least: f32,
    /// So that no line breaks.
    most: f32,
}

impl Need {
    /// The width of this column, where the wide ones have `left` to share, each about `share`.
    fn width(&self, share: f32, wide: &[&Self], left: f32) -> f32 {
        if self.most <= share {
            return self.most;
        }
        let least: f32 = wide.iter().map(|need| need.least).sum();
        let most: f32 = wide.iter().map(|need| need.most).sum();
        if least < left {
            self.least + (left - least) * (self.most - self.least) / (most - least)
        } else {
            share
        }
    }

    fn take(&mut self, faces: &Faces, text: &str, style: Style, may_break: bool) {
        let sides = 2.0 * CELL_SIDE + 0.5;
        let text = faces.settable(text);
        for line in text.split('\n') {
            // One long text must not leave its neighbours with nothing.
            self.most = self.most.max(faces.width(line, style).min(600.0) + sides);
            let words = line.split(' ').map(|word| faces.width(word, style));
            let word = words.fold(0.0, f32::max);
            let word = if may_break { word.min(WORD_MAX) } else { word };
            self.least = self.least.max(word + sides);
        }
    }
}

fn align(column: &Column) -> Align {
    match column.kind {
        Kind::Number | Kind::Hours => Align::Right,
        Kind::Text | Kind::Date => Align::Left,
    }
}

/// Rows without shade, rules or header, and so without a width of their own.
fn plain_grid(columns: Vec<GridColumn>, pad: f32) -> Grid {
    Grid {
        columns,
        width: 0.0,
        pad: Pad { above: pad, below: pad },
        header: None,
        rule: None,
        keeps_rows: false,
    }
}

fn heading(level: u16, text: &str) -> TagKind {
    let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
    Tag::Hn(level, Some(text.to_owned())).into()
}

fn row_node(leaves: Vec<Leaf>, tag: impl Fn() -> TagKind) -> Node {
    let cells = leaves.into_iter().map(|leaf| Node::Branch(tag(), vec![Node::Leaf(leaf)]));
    Node::Branch(Tag::TR.into(), cells.collect())
}

fn under(tags: [TagKind; 2], leaves: Vec<Leaf>) -> Vec<Node> {
    let pairs = tags.into_iter().zip(leaves);
    pairs.map(|(tag, leaf)| Node::Branch(tag, vec![Node::Leaf(leaf)])).collect()
}

#[cfg(test)]
mod tests {
    use super::super::flow::{BOTTOM, Mark, TOP};
    use super::*;
    use crate::model::Document;
    use crate::values::Moment;

    /// Chapters with tables that begin everywhere on a page, and with names and words of any width.
    fn awkward(columns: usize) -> Document {
        let text = |length: usize| "Woord-".repeat(length);
        let table = |at: usize| Table {
            caption: "Bijschrift ".repeat(at % 27 + 1),
            columns: (0..columns)
                .map(|column| {
                    let kinds = [Kind::Text, Kind::Number, Kind::Date, Kind::Hours];
                    Column::new("W".repeat((at * 7 + column) % 120 + 1), kinds[column % 4])
                })
                .collect(),
            rows: vec![vec![Cell::Empty; columns]; at % 3]
                .into_iter()
                .map(|mut row| {
                    row[0] = text(at * at % 900).into();
                    row
                })
                .collect(),
            note: " ".into(),
        };
        let section = |at: usize| Section {
            heading: text(at % 40 + 1),
            level: if at % 3 == 1 { Level::Two } else { Level::One },
            blocks: vec![
                Block::Paragraph(" \u{a0}".into()),
                Block::Paragraph(text(at * 13 % 400)),
                Block::Facts(vec![(text(at % 20 + 1), text(at * 5 % 300))]),
                Block::List(vec![String::new(), text(at)]),
                Block::Table(table(at)),
            ],
        };
        Document {
            title: text(40),
            language: Language::English,
            subject: text(40),
            issuer: text(40),
            made_at: Moment::parse("2026-11-27T14:05:00Z").unwrap(),
            reference: text(40),
            sections: (0..60).map(section).collect(),
        }
    }

    #[test]
    fn every_mark_stands_inside_the_margins() {
        let faces = Faces::read().unwrap();
        for columns in [1, 2, 5, 7, 16] {
            let report = Report::new(awkward(columns)).unwrap();
            let laid = lay(&report, &faces);
            let sheet = laid.flow.sheet;
            let (right, bottom) = (sheet.width - SIDE + 0.1, sheet.height - BOTTOM + 0.1);
            for mark in laid.flow.pages.iter().flatten() {
                let (x, y, width) = match mark {
                    Mark::Text { x, y, style, text, .. } => {
                        (*x, *y, faces.width(text.trim_end(), *style))
                    }
                    Mark::Box { x, y, width, height, .. } => (*x, *y + *height, *width),
                };
                let inside = x >= SIDE - 0.1 && x + width <= right && y >= TOP && y <= bottom;
                assert!(inside, "{columns} columns: {mark:?}");
            }
            report.pdf().unwrap();
        }
    }

    #[test]
    fn columns_share_the_whole_width_unless_they_are_small() {
        let need = |least: f32, most: f32| Need { least, most };
        let all = |needs: &[Need]| shared(needs, 480.0);
        assert_eq!(all(&[need(20.0, 90.0), need(20.0, 270.0)]), [120.0, 360.0]);
        assert_eq!(all(&[need(20.0, 60.0), need(20.0, 60.0)]), [120.0, 120.0]);
        assert_eq!(all(&[need(50.0, 80.0), need(60.0, 900.0)]), [80.0, 400.0]);
        let long = all(&[need(400.0, 900.0), need(400.0, 900.0), need(10.0, 20.0)]);
        assert_eq!(long, [230.0, 230.0, 20.0]);
    }
}
