//! Pages, tree and outline, given to the library that writes them.
//!
//! *Invariant:* what a page holds beside the document (header, footer, rules) is an artifact.

use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, TagGroup, TagTree};
use krilla::{Document as Pdf, SerializeSettings};

use super::PdfFault;
use super::compose::{GREY, Laid, Node, Stop};
use super::face::{Faces, Ink, Style, Weight};
use super::flow::{Mark, Role, SIDE, Sheet};
use crate::model::{Document, Level};
use crate::words::Words;

const RUNNING: Style = Style { weight: Weight::Regular, size: 7.5, leading: 10.0, ink: GREY };
/// Baselines of header and footer, from the edge of the page.
const HEADER_Y: f32 = 40.0;
const FOOTER_Y: f32 = 36.0;

pub(super) fn draw(document: &Document, faces: &Faces, laid: Laid) -> Result<Vec<u8>, PdfFault> {
    let mut pdf = Pdf::new_with(settings()?);
    let sheet = laid.flow.sheet;
    let mut tags = Tags { found: vec![Vec::new(); laid.flow.leaves()] };
    let count = laid.flow.pages.len();
    for (at, mut marks) in laid.flow.pages.into_iter().enumerate() {
        marks.extend(running(document, faces, sheet, (at + 1, count)));
        let size = PageSettings::from_wh(sheet.width, sheet.height);
        let mut page = pdf.start_page_with(size.unwrap_or_default());
        let mut surface = page.surface();
        for group in marks.chunk_by(|one, next| role(one) == role(next)) {
            draw_group(&mut surface, faces, group, &mut tags);
        }
        surface.finish();
        page.finish();
    }
    let code = Words::of(document.language).code;
    let mut tree = TagTree::new().with_lang(Some(code.to_owned()));
    laid.tree.into_iter().filter_map(|node| tags.group(node)).for_each(|group| tree.push(group));
    pdf.set_tag_tree(tree);
    pdf.set_outline(outline(&laid.outline));
    pdf.set_metadata(metadata(document));
    // The words of the library count what is wrong; its details may quote text.
    pdf.finish().map_err(|fault| PdfFault::Library(fault.to_string()))
}

fn settings() -> Result<SerializeSettings, PdfFault> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| PdfFault::Library("the standards exclude each other".to_owned()))?;
    Ok(SerializeSettings { configuration, ..SerializeSettings::default() })
}

fn metadata(document: &Document) -> Metadata {
    let (year, month, day) = document.made_at.date().parts();
    let (hour, minute, second) = document.made_at.time();
    let (zone_hours, zone_minutes) = document.made_at.zone();
    let made_at = DateTime::new(year).month(month).day(day).hour(hour).minute(minute);
    let made_at = made_at.second(second).utc_offset_hour(zone_hours);
    Metadata::new()
        .title(document.title.clone())
        .authors(vec![document.issuer.clone()])
        .language(Words::of(document.language).code.to_owned())
        .creation_date(made_at.utc_offset_minute(zone_minutes))
}

/// Header and footer of a page; the first page has its title, and so no header.
fn running(
    document: &Document,
    faces: &Faces,
    sheet: Sheet,
    (number, count): (usize, usize),
) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut line = |kind, y, left: &str, right: String| {
        let role = Role::Artifact(kind);
        let width = faces.width(&right, RUNNING);
        let space = sheet.width - 2.0 * SIDE - width - 20.0;
        let left = shortened(faces, left, space);
        let style = RUNNING;
        marks.push(Mark::Text { role, x: SIDE, y, style, text: left });
        let x = sheet.width - SIDE - width;
        marks.push(Mark::Text { role, x, y, style, text: right });
    };
    if number > 1 {
        let reference = shortened(faces, &document.reference, 200.0);
        line(ArtifactType::Header, HEADER_Y, &document.title, reference);
    }
    let left = format!("{} · {}", document.issuer, document.made_at);
    let page = Words::of(document.language).page(number, count);
    line(ArtifactType::Footer, sheet.height - FOOTER_Y, &left, page);
    marks
}

fn shortened(faces: &Faces, text: &str, width: f32) -> String {
    let text = faces.settable(text);
    if faces.width(&text, RUNNING) <= width {
        return text.into_owned();
    }
    let mut short = text.into_owned();
    while short.pop().is_some() {
        let ended = format!("{}…", short.trim_end());
        if faces.width(&ended, RUNNING) <= width {
            return ended;
        }
    }
    short
}

fn role(mark: &Mark) -> Role {
    match mark {
        Mark::Text { role, .. } => *role,
        Mark::Box { .. } => Role::Artifact(ArtifactType::Layout),
    }
}

/// Marks of one role, between the beginning and the end of one tag.
fn draw_group(surface: &mut Surface<'_>, faces: &Faces, marks: &[Mark], tags: &mut Tags) {
    let Some(role) = marks.first().map(role) else { return };
    match role {
        Role::Content(leaf) => {
            let found = surface.start_tagged(ContentTag::Other);
            if let Some(place) = tags.found.get_mut(leaf.0) {
                place.push(found);
            }
        }
        Role::Artifact(kind) => {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
        }
    }
    for mark in marks {
        draw_mark(surface, faces, mark);
    }
    surface.end_tagged();
}

fn draw_mark(surface: &mut Surface<'_>, faces: &Faces, mark: &Mark) {
    match mark {
        Mark::Text { x, y, style, text, .. } => {
            let face = faces.of(style.weight);
            surface.set_fill(Some(filled(style.ink)));
            let start = Point::from_xy(*x, *y);
            let glyphs = face.glyphs(text);
            surface.draw_glyphs(start, &glyphs, face.font.clone(), text, style.size, false);
        }
        Mark::Box { x, y, width, height, ink } => {
            let mut path = PathBuilder::new();
            if let Some(area) = Rect::from_xywh(*x, *y, *width, *height) {
                path.push_rect(area);
            }
            surface.set_fill(Some(filled(*ink)));
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
    }
}

fn filled(Ink(red, green, blue): Ink) -> Fill {
    Fill { paint: krilla::color::rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}

/// What the library calls each leaf; one name for each page that it stands on.
struct Tags {
    found: Vec<Vec<Identifier>>,
}

impl Tags {
    fn group(&mut self, node: Node) -> Option<TagGroup> {
        let Node::Branch(tag, children) = node else { return None };
        let mut group = TagGroup::new(tag);
        for child in children {
            match child {
                Node::Leaf(leaf) => {
                    let names = self.found.get_mut(leaf.0).map(std::mem::take).unwrap_or_default();
                    names.into_iter().for_each(|name| group.push(name));
                }
                branch @ Node::Branch(..) => {
                    self.group(branch).into_iter().for_each(|child| group.push(child));
                }
            }
        }
        Some(group)
    }
}

/// Chapters, with their parts under them.
fn outline(stops: &[Stop]) -> Outline {
    let mut outline = Outline::new();
    let mut chapter: Option<OutlineNode> = None;
    for stop in stops {
        let place = XyzDestination::new(stop.page, Point::from_xy(SIDE, stop.y));
        let node = OutlineNode::new(stop.text.clone(), place);
        match (&mut chapter, stop.level) {
            (Some(chapter), Level::Two) => chapter.push_child(node),
            (chapter, _) => {
                let whole = chapter.replace(node.with_open(true));
                whole.into_iter().for_each(|whole| outline.push_child(whole));
            }
        }
    }
    chapter.into_iter().for_each(|last| outline.push_child(last));
    outline
}
