//! Documents with invented data, and with text that attacks.

use report::{
    Block, Cell, Column, Date, Document, Kind, Language, Level, Minutes, Moment, Number, Report,
    Section, Table,
};

/// Text that other programs run, end early, or take for something else.
pub(crate) const HOSTILE: &[&str] = &[
    "=HYPERLINK(\"http://evil.example\";\"klik\")",
    "+31 6 00000000",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    " =1+1",
    "\n=1+1",
    "＝1+1",
    "a\";=1+1;\"b",
    "komma, punt; \"aanhaling\" en\nregel",
    "<script>alert('x')</script> & <td>",
    "_x0041_ en _x0007_",
    "Łucja Çağla Ødegård ß ≤ → ✓ €",
    "e\u{301}\u{0}\u{7}\u{202e}omgekeerd\u{2066}",
    "emoji \u{1f600} en عربي",
    "2026-11-27",
    "0012",
    "1e5",
    "",
    " spaties  ",
];

pub(crate) fn table(caption: &str, rows: usize) -> Table {
    let columns = vec![
        Column::new("Nr.", Kind::Number),
        Column::new("=Naam", Kind::Text),
        Column::new("Datum", Kind::Date),
        Column::new("Bedrag", Kind::Number),
        Column::new("Uren", Kind::Hours),
    ];
    let row = |at: usize| {
        let number = u32::try_from(at).unwrap();
        let day = u8::try_from(at % 28).unwrap() + 1;
        vec![
            Cell::from(Number::from(number)),
            Cell::from(HOSTILE[at % HOSTILE.len()]),
            if at % 5 == 4 { Cell::Empty } else { Date::new(2027, 2, day).unwrap().into() },
            Number::new(i64::from(number) * 1001 - 5000, 2).unwrap().into(),
            Minutes(number * 61).into(),
        ]
    };
    let rows = (0..rows).map(row).collect();
    Table { caption: caption.to_owned(), columns, rows, note: "Een noot bij de tabel.".to_owned() }
}

pub(crate) fn document(tables: Vec<Table>) -> Document {
    let section = |heading: &str, level, blocks| Section { heading: heading.into(), level, blocks };
    Document {
        title: "Inzage <b>van</b> \"gegevens\"".into(),
        language: Language::Dutch,
        subject: "Voor: betrokkene 17 & haar school".into(),
        issuer: "Voorbeeld & Zn. B.V.".into(),
        made_at: Moment::parse("2026-11-27T00:30:15+01:00").unwrap(),
        reference: "INZ-2026-0017".into(),
        sections: vec![
            section(
                "Wat er is",
                Level::One,
                vec![
                    Block::Paragraph("Eerste alinea.\nMet een tweede regel.".into()),
                    Block::Facts(vec![("School".into(), "De <Wilg>".into())]),
                    Block::List(vec!["punt één".into(), "punt twee".into()]),
                ],
            ),
            section("Tabellen", Level::One, vec![]),
            section("Alle rijen", Level::Two, tables.into_iter().map(Block::Table).collect()),
        ],
    }
}

pub(crate) fn report(rows: usize) -> Report {
    let tables = vec![table("Antwoorden & toegang: alles", rows), table("Leeg", 0)];
    Report::new(document(tables)).unwrap()
}

/// The tables as every form shows them.
pub(crate) fn tables(report: &Report) -> Vec<&Table> {
    let blocks = report.document().sections.iter().flat_map(|section| &section.blocks);
    let tables = blocks.filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    });
    tables.collect()
}
