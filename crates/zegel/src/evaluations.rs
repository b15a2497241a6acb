//! The UCI course evaluations: 28 items on a five-point scale, grouped by instructor and class.
//!
//! SOURCE: N. Gunduz, E. Fokoue, "Turkiye Student Evaluation", UCI Machine Learning Repository,
//! 2013, CC BY 4.0. *Invariant:* a row is known by its number, never by its content: 1,843 of the
//! 5,820 rows equal another and are yet other people.

use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, bail};
use engine::ImportRow;
use events::{Answer, Identity, Question, QuestionKind};
use flate2::read::GzDecoder;

use crate::names;

/// The file itself, compressed.
pub(crate) const SHIPPED: &[u8] = include_bytes!("../data/turkiye-student-evaluation.csv.gz");
/// Title of the survey.
pub(crate) const TITLE: &str = "Course evaluation (28 items)";
/// Most bytes of a file, unpacked.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
const LEADING: [&str; 5] = ["instr", "class", "nb.repeat", "attendance", "difficulty"];

const ITEMS: [&str; 28] = [
    "The semester course content, teaching method and evaluation system were provided at the start",
    "The course aims and objectives were clearly stated at the beginning of the period",
    "The course was worth the amount of credit assigned to it",
    "The course was taught according to the syllabus announced on the first day of class",
    "The class discussions, homework assignments, applications and studies were satisfactory",
    "The textbook and other courses resources were sufficient and up to date",
    "The course allowed field work, applications, laboratory, discussion and other studies",
    "The quizzes, assignments, projects and exams contributed to helping the learning",
    "I greatly enjoyed the class and was eager to actively participate during the lectures",
    "My initial expectations about the course were met at the end of the period or year",
    "The course was relevant and beneficial to my professional development",
    "The course helped me look at life and the world with a new perspective",
    "The instructor's knowledge was relevant and up to date",
    "The instructor came prepared for classes",
    "The instructor taught in accordance with the announced lesson plan",
    "The instructor was committed to the course and was understandable",
    "The instructor arrived on time for classes",
    "The instructor has a smooth and easy to follow delivery and speech",
    "The instructor made effective use of class hours",
    "The instructor explained the course and was eager to be helpful to students",
    "The instructor demonstrated a positive approach to students",
    "The instructor was open and respectful of the views of students about the course",
    "The instructor encouraged participation in the course",
    "The instructor gave relevant homework and projects, and helped and guided students",
    "The instructor responded to questions about the course inside and outside of the course",
    "The instructor's evaluation system effectively measured the course objectives",
    "The instructor provided solutions to exams and discussed them with students",
    "The instructor treated all students in a right and objective manner",
];

/// The 28 questions.
pub(crate) fn questions() -> Vec<Question> {
    let question = |text: &&str| Question { text: (*text).to_owned(), kind: QuestionKind::Agree5 };
    ITEMS.iter().map(question).collect()
}

/// Reads a file, unpacked when its name ends in `.gz`.
pub(crate) fn read_file(path: &Path, invented_names: bool) -> anyhow::Result<Vec<ImportRow>> {
    let file =
        std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let packed = path.extension().is_some_and(|extension| extension == "gz");
    if packed { read(GzDecoder::new(file), invented_names) } else { read(file, invented_names) }
}

/// Reads the file that is shipped inside the binary.
pub(crate) fn read_shipped() -> anyhow::Result<Vec<ImportRow>> {
    read(GzDecoder::new(SHIPPED), true)
}

/// Reads rows from anything.
pub(crate) fn read(source: impl Read, invented_names: bool) -> anyhow::Result<Vec<ImportRow>> {
    let mut reader = csv::ReaderBuilder::new().from_reader(source.take(FILE_BYTES_MAX));
    check_heading(reader.headers().context("the heading cannot be read")?)?;
    let mut rows = Vec::new();
    for (number, record) in reader.records().enumerate() {
        let record =
            record.map_err(|error| anyhow::anyhow!("row {}: {}", number + 1, rule(&error)))?;
        if rows.len() >= engine::IMPORT_ROWS_MAX {
            bail!("more than {} rows: split the file", engine::IMPORT_ROWS_MAX);
        }
        let identity =
            invented_names.then(|| Identity { name: names::invented(number), email: None });
        rows.push(row(&record, identity).with_context(|| format!("row {}", number + 1))?);
    }
    if rows.is_empty() {
        bail!("the file has no rows");
    }
    Ok(rows)
}

/// What is wrong with a row, without what it says.
fn rule(error: &csv::Error) -> &'static str {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { .. } => "it does not have 33 columns",
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8",
        _ => "it cannot be read as CSV",
    }
}

fn check_heading(heading: &csv::StringRecord) -> anyhow::Result<()> {
    let items = (1..=ITEMS.len()).map(|item| format!("Q{item}"));
    let expected: Vec<String> =
        LEADING.iter().map(|name| (*name).to_owned()).chain(items).collect();
    let wrong = expected.iter().enumerate().find(|(place, name)| {
        heading.get(*place).is_none_or(|found| found.trim() != name.as_str())
    });
    if heading.is_empty() {
        bail!("the file is empty");
    }
    if heading.len() == 1 && heading.iter().any(|text| text.contains(';')) {
        bail!("heading: the columns must be separated by commas, not by `;`");
    }
    if let Some((place, name)) = wrong {
        bail!("heading, column {}: expected `{name}`", place + 1);
    }
    if heading.len() != expected.len() {
        bail!("heading: expected {} columns, found {}", expected.len(), heading.len());
    }
    Ok(())
}

fn row(record: &csv::StringRecord, identity: Option<Identity>) -> anyhow::Result<ImportRow> {
    let instructor = number(record, 0, "instr", 1..=255)?;
    let class = number(record, 1, "class", 1..=255)?;
    number(record, 2, "nb.repeat", 0..=255)?;
    number(record, 3, "attendance", 0..=255)?;
    number(record, 4, "difficulty", 0..=255)?;
    let answer = |item: usize| -> anyhow::Result<Answer> {
        let name = format!("Q{}", item + 1);
        number(record, LEADING.len() + item, &name, 1..=5).map(Answer::Score)
    };
    let answers = (0..ITEMS.len()).map(answer).collect::<anyhow::Result<Vec<_>>>()?;
    let group = format!("instructor {instructor}, class {class:02}");
    Ok(ImportRow { group, answers, identity })
}

fn number(
    record: &csv::StringRecord,
    place: usize,
    column: &str,
    allowed: std::ops::RangeInclusive<u8>,
) -> anyhow::Result<u8> {
    let value = record.get(place).and_then(|text| text.trim().parse::<u8>().ok());
    match value.filter(|value| allowed.contains(value)) {
        Some(value) => Ok(value),
        None => bail!("column {column}: expected {} to {}", allowed.start(), allowed.end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_has_5820_rows_in_14_groups() {
        let rows = read_shipped().unwrap();
        let groups: std::collections::BTreeSet<_> = rows.iter().map(|row| &row.group).collect();
        assert_eq!((rows.len(), groups.len()), (5_820, 14));
    }

    #[test]
    fn a_bad_value_is_named_by_row_and_column_and_not_repeated() {
        let heading = "instr,class,nb.repeat,attendance,difficulty,".to_owned()
            + &(1..=28).map(|item| format!("Q{item}")).collect::<Vec<_>>().join(",");
        let line = format!("1,2,1,0,4{}", ",3".repeat(27));
        let text = format!("{heading}\n{line},3\n{line},9\n");
        let error = format!("{:#}", read(text.as_bytes(), false).unwrap_err());
        assert_eq!(error, "row 2: column Q28: expected 1 to 5");
    }
}
