//! What leaves with a request: the package of what is kept, and the certificate of what was erased.
//!
//! *Invariant:* the package holds what the approved decision gives, and all of that; what is withheld
//! stands in it by category, with the ground.
//! *Invariant:* the certificate is computed from the journal and names nobody.

use std::collections::BTreeSet;

use engine::{PackagedPart, TrailLine};
use events::access::Outcome;
use events::request::{CategoryDecision, RequestKind, Verdict};
use projections::{
    CategoryRow, ErasureRow, RequestRow, TRAIL_GROUND, Words, category_words, ground_words,
    role_name,
};
use record::{Seq, SubjectId, TimestampMicros};
use report::{
    Block, Cell, Column, Document, Kind, Language, Level, Moment, Report, Section, Table,
};
use serde::Serialize;

use super::super::file::{CSV, HTML, JSON, PDF, csv, fault, language, say, utc};
use super::{request, whose};
use crate::operation::{Answer, At, Plan, Planned, Stop};

/// Most looks of one package.
const LOOKS_MAX: usize = 20_000;
/// How many lines of the trail are read at a time.
const LOOKS_AT_ONCE: usize = 500;
/// A text that is longer goes on in the next row.
const CELL_BYTES: usize = 20_000;

/// Everything that is given to one person.
#[derive(Serialize)]
struct Package {
    request: String,
    /// Microseconds since 1970.
    made_at: u64,
    parts: Vec<Part>,
    looks: Vec<Look>,
    withheld: Vec<Withheld>,
}

#[derive(Serialize)]
struct Part {
    /// Place in the journal.
    seq: u64,
    at: u64,
    event: String,
    category: u16,
    name: Option<Words>,
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    field: &'static str,
    value: String,
}

/// One look at the person's data.
#[derive(Serialize)]
struct Look {
    seq: u64,
    at: u64,
    /// In which role; null for what everybody may who has an account.
    role: Option<&'static str>,
    operation: String,
    purpose: String,
    allowed: bool,
    /// Which categories of data.
    categories: Vec<u16>,
    /// Who, only where the school decided so.
    who: Option<String>,
}

#[derive(Serialize)]
struct Withheld {
    category: u16,
    name: Option<Words>,
    ground: Words,
}

/// What was done with a request for erasure.
#[derive(Serialize)]
struct Certificate {
    request: RequestRow,
    /// Whether the keys are destroyed and the views forgot; true where nothing was to be erased.
    completed: bool,
    /// Order, approval and receipt, as the journal holds them.
    erasure: Option<ErasureRow>,
    erased: Vec<CategoryRow>,
    kept: Vec<CategoryRow>,
    /// Years of the trail that name the person as who acted.
    trail: Vec<TrailYear>,
}

#[derive(Serialize)]
struct TrailYear {
    year: u16,
    ground: Words,
    /// Until when, in microseconds since 1970; null once that year is cut.
    until: Option<u64>,
}

pub(super) fn download_package(at: &At<'_>) -> Planned {
    let (id, request, thing) = request(at)?;
    let person = whose(at, id)?;
    let not_decided = || Stop::input("request", "a decision that another person approved");
    let decided = request.decided().filter(|_| request.has_package()).ok_or_else(not_decided)?;
    let given: BTreeSet<u16> = decided
        .decisions
        .iter()
        .filter(|it| it.verdict == Verdict::Given)
        .map(|it| it.category)
        .collect();
    let looks_given = given.contains(&events::category::TRAIL_LOOKED.0);
    let looks = if looks_given { looks(at, person, decided.names_lookers)? } else { Vec::new() };
    // Looks are told with what they were for, so not once more as parts.
    let told = given.iter().copied().filter(|it| *it != events::category::TRAIL_LOOKED.0).collect();
    let parts = at.engine.package(at.tenant, person, &told)?;
    let package = Package {
        request: id.to_string(),
        made_at: at.now.0,
        parts: parts.into_iter().map(part).collect(),
        looks,
        withheld: decided.decisions.iter().filter_map(withheld).collect(),
    };
    let (language, _) = language(at)?;
    let (content_type, ending, bytes) = match at.path.text("form") {
        Some("json") => (JSON, "json", json(&package)?),
        None | Some("html") => {
            let report = package_report(at, &package, language)?;
            (HTML, "html", report.html().into_bytes())
        }
        Some("csv") => (
            CSV,
            "csv",
            csv(at, &package_report(at, &package, language)?, "a table of the package, from 1")?,
        ),
        Some(_) => return Err(Stop::input("form", "`html`, `json` or `csv`")),
    };
    let file_name = Some(format!("package.{ending}"));
    let plan = Plan::exports(thing, Answer { content_type, bytes, file_name })?;
    Ok(plan.about(person, &given.into_iter().collect::<Vec<_>>()))
}

pub(super) fn see_certificate(at: &At<'_>) -> Planned {
    let (id, request, thing) = request(at)?;
    if request.kind != RequestKind::Erasure || request.carried_out.is_none() {
        return Err(Stop::input("request", "an erasure that was carried out"));
    }
    let tenant = at.tenant()?;
    let row = tenant.views().requests().row(id).ok_or(Stop::Unknown)?;
    let erasure = row.order.and_then(|order| tenant.views().erasures().order(order));
    let completed = match row.order {
        Some(_) => erasure.as_ref().is_some_and(|it| it.completed.is_some()),
        None => true,
    };
    let with = |verdict| row.decisions.iter().filter(move |it| it.verdict == verdict).cloned();
    let year = |year: &u16| TrailYear {
        year: *year,
        ground: TRAIL_GROUND,
        until: tenant.state().trail_kept_until(*year).map(|at| at.0),
    };
    let certificate = Certificate {
        completed,
        erased: with("erased").collect(),
        kept: with("kept").collect(),
        trail: row.trail_years.iter().map(year).collect(),
        erasure,
        // The certificate names nobody: not by a reference either.
        request: RequestRow { person: None, ..row },
    };
    let (language, _) = language(at)?;
    let (content_type, ending, bytes) = match at.path.text("form") {
        None | Some("json") => (JSON, "json", json(&certificate)?),
        Some("html") => {
            (HTML, "html", certificate_report(at, &certificate, language)?.html().into_bytes())
        }
        Some("pdf") => {
            let report = certificate_report(at, &certificate, language)?;
            (PDF, "pdf", report.pdf().map_err(|_| fault())?)
        }
        Some(_) => return Err(Stop::input("form", "`json`, `pdf` or `html`")),
    };
    let file_name = Some(format!("certificate.{ending}"));
    Plan::exports(thing, Answer { content_type, bytes, file_name })
}

fn part(part: PackagedPart) -> Part {
    let PackagedPart { item, at, fields } = part;
    Part {
        seq: item.seq,
        at: at.0,
        event: item.event,
        category: item.category,
        name: category_words(item.category),
        fields: fields.into_iter().map(|(field, value)| Field { field, value }).collect(),
    }
}

/// Every look at a person's data, oldest first.
fn looks(at: &At<'_>, person: SubjectId, named: bool) -> Result<Vec<Look>, Stop> {
    let mut lines: Vec<TrailLine> = Vec::new();
    let mut before = Seq(u64::MAX);
    while lines.len() < LOOKS_MAX {
        let page = at.engine.trail(at.tenant, Some(person), before, LOOKS_AT_ONCE)?;
        let Some(last) = page.last() else { break };
        before = last.seq;
        lines.extend(page);
    }
    lines.reverse();
    Ok(lines.into_iter().map(|line| look(line, person, named)).collect())
}

fn look(line: TrailLine, person: SubjectId, named: bool) -> Look {
    let theirs = line.acted.whose.iter().filter(|part| part.subject() == Some(person));
    let categories: BTreeSet<u16> =
        theirs.filter_map(events::About::value).flat_map(|it| it.categories.clone()).collect();
    Look {
        seq: line.seq.0,
        at: line.at.0,
        role: line.acted.role.map(role_name),
        allowed: line.acted.outcome == Outcome::Allowed,
        operation: line.acted.operation,
        purpose: line.acted.purpose,
        categories: categories.into_iter().collect(),
        who: line.who.map(|(_, name)| name).filter(|_| named),
    }
}

fn withheld(decision: &CategoryDecision) -> Option<Withheld> {
    let Verdict::Withheld { ground } = decision.verdict else { return None };
    let (category, ground) = (decision.category, ground_words(ground));
    Some(Withheld { category, name: category_words(category), ground })
}

fn package_report(at: &At<'_>, package: &Package, language: Language) -> Result<Report, Stop> {
    let mut rows = Vec::new();
    for part in &package.parts {
        for field in &part.fields {
            let name = category_name(language, part.category, part.name);
            for piece in pieces(&field.value) {
                let cells = [moment(part.at)?, name.clone(), part.event.clone()];
                let told = [field.field.to_owned(), piece.to_owned()];
                rows.push(cells.into_iter().chain(told).collect());
            }
        }
    }
    let kept = table(
        say(language, "Wat over u wordt bewaard", "What is kept about you"),
        &[
            say(language, "Wanneer", "When"),
            say(language, "Soort", "Category"),
            say(language, "Gebeurtenis", "Event"),
            say(language, "Veld", "Field"),
            say(language, "Inhoud", "Content"),
        ],
        rows,
    );
    let rows = package.looks.iter().map(|look| {
        let allowed =
            if look.allowed { ("toegestaan", "allowed") } else { ("geweigerd", "refused") };
        let allowed = say(language, allowed.0, allowed.1).to_owned();
        let role = look.role.unwrap_or_default().to_owned();
        let who = look.who.clone().unwrap_or_default();
        let what = (look.purpose.clone(), look.operation.clone());
        Ok(vec![moment(look.at)?, what.0, role, what.1, allowed, who])
    });
    let looks = table(
        say(language, "Wie uw gegevens inzag", "Who looked at your data"),
        &[
            say(language, "Wanneer", "When"),
            say(language, "Waarvoor", "Purpose"),
            say(language, "Rol", "Role"),
            say(language, "Handeling", "Operation"),
            say(language, "Uitkomst", "Outcome"),
            say(language, "Naam", "Name"),
        ],
        rows.collect::<Result<_, Stop>>()?,
    );
    let rows = package.withheld.iter().map(|it| {
        let name = category_name(language, it.category, it.name);
        vec![name, word(language, it.ground).to_owned()]
    });
    let withheld = table(
        say(language, "Wat niet is gegeven", "What is not given"),
        &[say(language, "Soort", "Category"), say(language, "Grond", "Ground")],
        rows.collect(),
    );
    let title = say(language, "Inzagepakket", "Access package");
    finished(at, title, package.request.clone(), language, vec![kept, looks, withheld])
}

fn certificate_report(
    at: &At<'_>,
    certificate: &Certificate,
    language: Language,
) -> Result<Report, Stop> {
    let erased =
        certificate.erased.iter().map(|it| vec![category_name(language, it.category, it.name)]);
    let erased = table(
        say(language, "Gewist", "Erased"),
        &[say(language, "Soort", "Category")],
        erased.collect(),
    );
    let kept = certificate.kept.iter().map(|it| {
        let until = it.until.map_or(Ok(String::new()), moment)?;
        let ground = it.ground.map_or("", |ground| word(language, ground)).to_owned();
        Ok(vec![category_name(language, it.category, it.name), ground, until])
    });
    let trail = certificate.trail.iter().map(|it| {
        let until = it.until.map_or(Ok(String::new()), moment)?;
        let name = say(language, "spoor van", "trail of");
        Ok(vec![format!("{name} {}", it.year), word(language, it.ground).to_owned(), until])
    });
    let kept = table(
        say(language, "Bewaard", "Kept"),
        &[
            say(language, "Wat", "What"),
            say(language, "Grond", "Ground"),
            say(language, "Tot", "Until"),
        ],
        kept.chain(trail).collect::<Result<_, Stop>>()?,
    );
    let facts = match &certificate.erasure {
        Some(it) => erasure_facts(it, language)?,
        None => Vec::new(),
    };
    let receipt = Section {
        heading: say(language, "Bewijs van vernietiging", "Receipt").to_owned(),
        level: Level::One,
        blocks: vec![Block::Facts(facts)],
    };
    let reference = certificate.request.request.to_string();
    let title = say(language, "Certificaat van wissing", "Certificate of erasure");
    let mut sections = vec![erased, kept];
    if certificate.erasure.is_some() {
        sections.push(receipt);
    }
    finished(at, title, reference, language, sections)
}

fn erasure_facts(it: &ErasureRow, language: Language) -> Result<Vec<(String, String)>, Stop> {
    let fact =
        |label: (&str, &str), value: String| (say(language, label.0, label.1).to_owned(), value);
    let count = |number: Option<u64>| number.map_or_else(String::new, |it| it.to_string());
    Ok(vec![
        fact(("Opdracht", "Order"), it.order.to_string()),
        fact(("Grond", "Ground"), it.ground.clone()),
        fact(("Voorgesteld door", "Proposed by"), it.ordered_by.to_string()),
        fact(
            ("Goedgekeurd door", "Approved by"),
            it.approved_by.map_or_else(String::new, |by| by.to_string()),
        ),
        fact(("Bewijs, plaats in het journaal", "Receipt, place"), count(it.receipt)),
        fact(("Vernietigd op", "Destroyed at"), it.destroyed_at.map_or(Ok(String::new()), moment)?),
        fact(("Sleutels vernietigd", "Keys destroyed"), it.leaves.to_string()),
        fact(("Sleuteltijdperk na", "Key epoch after"), count(it.epoch_after)),
        fact(("Niveau", "Level"), it.level.map_or_else(String::new, |it| it.to_string())),
        fact(
            ("Dagen tot ook de reservekopieën weg zijn", "Days until backups are gone too"),
            it.backup_days.map_or_else(String::new, |it| it.to_string()),
        ),
    ])
}

fn finished(
    at: &At<'_>,
    title: &str,
    reference: String,
    language: Language,
    sections: Vec<Section>,
) -> Result<Report, Stop> {
    let board = at.tenant()?.views().organisation().chart().board.map(|board| board.name);
    let unnamed = say(language, "niet vastgelegd", "not recorded").to_owned();
    let document = Document {
        title: title.to_owned(),
        language,
        subject: String::new(),
        issuer: board.unwrap_or(unnamed),
        made_at: Moment::parse(&moment(at.now.0)?).map_err(|_| fault())?,
        reference,
        sections,
    };
    Report::new(document).map_err(|_| fault())
}

fn table(caption: &str, columns: &[&str], rows: Vec<Vec<String>>) -> Section {
    let table = Table {
        caption: caption.to_owned(),
        columns: columns.iter().map(|name| Column::new(*name, Kind::Text)).collect(),
        rows: rows.into_iter().map(|row| row.into_iter().map(Cell::from).collect()).collect(),
        note: String::new(),
    };
    let blocks = vec![Block::Table(table)];
    Section { heading: caption.to_owned(), level: Level::One, blocks }
}

/// A text in pieces that fit a cell; an empty text is one piece.
fn pieces(text: &str) -> Vec<&str> {
    let (mut all, mut rest) = (Vec::new(), text);
    while rest.len() > CELL_BYTES {
        let end = rest.floor_char_boundary(CELL_BYTES);
        let (piece, left) = rest.split_at(end);
        all.push(piece);
        rest = left;
    }
    all.push(rest);
    all
}

const fn word(language: Language, words: Words) -> &'static str {
    say(language, words.dutch, words.english)
}

fn category_name(language: Language, category: u16, name: Option<Words>) -> String {
    name.map_or_else(|| category.to_string(), |name| word(language, name).to_owned())
}

fn moment(micros: u64) -> Result<String, Stop> {
    utc(TimestampMicros(micros)).ok_or_else(fault)
}

fn json(answer: &impl Serialize) -> Result<Vec<u8>, Stop> {
    serde_json::to_vec(answer).map_err(|_| fault())
}
