//! One observation as a file: the same tables for every form.

use projections::{AssessmentRow, ItemRemark, ObservationReport, Opened};
use record::TimestampMicros;
use report::{
    Block, Cell, Column, Document, Kind, Language, Level, Moment, Number, Report, Section, Table,
};

use super::super::file::{PDF, XLSX, fault, language, say, utc};
use crate::operation::{Answer, At, Stop};

/// What an observation is handed over as.
pub(super) const FORMS: &[&str] = &[PDF, XLSX];

/// The file that the query asks for.
pub(super) fn export(at: &At<'_>, shown: &ObservationReport) -> Result<Answer, Stop> {
    let (language, code) = language(at)?;
    let report = Report::new(document(at, language, shown)?).map_err(|_| fault())?;
    let (content_type, ending, bytes) = match at.path.text("form") {
        None | Some("pdf") => (PDF, "pdf", report.pdf().map_err(|_| fault())?),
        Some("xlsx") => (XLSX, "xlsx", report.xlsx().map_err(|_| fault())?),
        Some(_) => return Err(Stop::input("form", "`pdf` or `xlsx`")),
    };
    Ok(Answer { content_type, bytes, file_name: Some(format!("observation-{code}.{ending}")) })
}

fn document(at: &At<'_>, language: Language, shown: &ObservationReport) -> Result<Document, Stop> {
    let views = at.tenant()?.views();
    let board = views.organisation().chart().board.map(|board| board.name);
    let unnamed = say(language, "niet vastgelegd", "not recorded");
    let perspectives = [
        (say(language, "Observatie", "Observation"), shown.observed.as_ref()),
        (say(language, "Zelfevaluatie", "Self-evaluation"), shown.self_evaluation.as_ref()),
    ];
    let mut sections = vec![lesson(language, shown)];
    for (heading, told) in perspectives {
        sections.extend(told.map(|told| assessed(at, language, shown, heading, told)).transpose()?);
    }
    sections.push(said(language, shown));
    let made_at = utc(at.now).and_then(|text| Moment::parse(&text).ok()).ok_or_else(fault)?;
    Ok(Document {
        title: say(language, "Verslag van een lesobservatie", "Report of a lesson observation")
            .to_owned(),
        language,
        subject: String::new(),
        issuer: board.unwrap_or_else(|| unnamed.to_owned()),
        made_at,
        reference: shown.observation.to_string(),
        sections,
    })
}

fn lesson(language: Language, shown: &ObservationReport) -> Section {
    let erased = || say(language, "gewist", "erased").to_owned();
    let (group, at) = match &shown.lesson {
        Opened::Known(lesson) => {
            (lesson.group.clone(), utc(TimestampMicros(lesson.lesson_at)).unwrap_or_default())
        }
        Opened::Erased => (erased(), erased()),
    };
    let facts = vec![
        (say(language, "Variant", "Variant").to_owned(), shown.variant.to_owned()),
        (say(language, "Doel", "Purpose").to_owned(), shown.purpose.to_owned()),
        (say(language, "Groep", "Group").to_owned(), group),
        (say(language, "Les op", "Lesson at").to_owned(), at),
    ];
    section(say(language, "De les", "The lesson"), vec![Block::Facts(facts)])
}

fn assessed(
    at: &At<'_>,
    language: Language,
    shown: &ObservationReport,
    heading: &str,
    told: &Opened<AssessmentRow>,
) -> Result<Section, Stop> {
    let Opened::Known(told) = told else {
        let erased = say(language, "Dit is gewist.", "This is erased.");
        return Ok(section(heading, vec![Block::Paragraph(erased.to_owned())]));
    };
    let instruments = at.tenant()?.views().instruments();
    let content = instruments.content(shown.instrument, shown.version).ok_or(Stop::Unknown)?;
    let titles = content.domains.iter().map(|domain| match language {
        Language::English if !domain.title.english.is_empty() => domain.title.english.clone(),
        _ => domain.title.dutch.clone(),
    });
    let rows = titles.zip(&told.domains).map(|(title, score)| {
        let whole =
            |count: u64| u32::try_from(count).map_or(Cell::Empty, |n| Number::from(n).into());
        vec![
            title.into(),
            score.mean_millionths.map_or(Cell::Empty, mean),
            whole(score.n_answered),
            whole(score.n_items),
        ]
    });
    let columns = vec![
        Column::new(say(language, "Domein", "Domain"), Kind::Text),
        Column::new(say(language, "Gemiddelde", "Mean"), Kind::Number),
        Column::new(say(language, "Beantwoord", "Answered"), Kind::Number),
        Column::new(say(language, "Onderdelen", "Items"), Kind::Number),
    ];
    let note = say(
        language,
        "Een domein heeft een gemiddelde als ten minste de helft is beantwoord.",
        "A domain has a mean when at least half of it was answered.",
    );
    let table =
        Table { caption: heading.to_owned(), columns, rows: rows.collect(), note: note.to_owned() };
    let remarks: Vec<String> = told.remarks.iter().map(|found| remark(language, found)).collect();
    let remarks = (!remarks.is_empty()).then_some(Block::List(remarks));
    Ok(section(heading, [Block::Table(table)].into_iter().chain(remarks).collect()))
}

/// Corrections, later remarks and answers, in their order.
fn said(language: Language, shown: &ObservationReport) -> Section {
    let erased = || say(language, "gewist", "erased").to_owned();
    let corrected = shown.corrections.iter().map(|found| {
        let reason = match &found.reason {
            Opened::Known(reason) => reason.clone(),
            Opened::Erased => erased(),
        };
        format!("{}: {reason}", say(language, "Gecorrigeerd", "Corrected"))
    });
    let remarks = shown.remarks.iter().map(|found| {
        let by = match found.by {
            "teacher" => say(language, "Leraar", "Teacher"),
            _ => say(language, "Observator", "Observer"),
        };
        match &found.remark {
            Opened::Known(told) => format!("{by}: {}", remark(language, told)),
            Opened::Erased => format!("{by}: {}", erased()),
        }
    });
    let points: Vec<String> = corrected.chain(remarks).collect();
    let nothing = say(language, "Er is niets aan toegevoegd.", "Nothing was added.");
    let block = match points.is_empty() {
        true => Block::Paragraph(nothing.to_owned()),
        false => Block::List(points),
    };
    section(say(language, "Wat erover is gezegd", "What was said of it"), vec![block])
}

fn remark(language: Language, told: &ItemRemark) -> String {
    match told.item {
        None => told.text.clone(),
        Some(item) => {
            let word = say(language, "onderdeel", "item");
            format!("{word} {}: {}", u32::from(item) + 1, told.text)
        }
    }
}

/// Millionths, as hundredths: what people compare.
fn mean(millionths: u64) -> Cell {
    let hundredths = i64::try_from(millionths.saturating_add(5_000) / 10_000).ok();
    let number = hundredths.and_then(|units| Number::new(units, 2).ok());
    number.map_or(Cell::Empty, Cell::from)
}

fn section(heading: &str, blocks: Vec<Block>) -> Section {
    Section { heading: heading.to_owned(), level: Level::One, blocks }
}
