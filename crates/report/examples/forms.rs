//! Writes a register with invented data in every form: `forms FOLDER [ROWS]`.
//!
//! It shows what a form looks like, and with many rows what it costs.

use std::error::Error;
use std::path::Path;

use report::{
    Block, Cell, Column, Date, Document, Kind, Language, Level, Mark, Minutes, Moment, Number,
    Report, Section, Table,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("forms FOLDER [ROWS]")?;
    let rows = arguments.next().map_or(Ok(40), |rows| rows.parse())?;
    let report = Report::new(register(rows)?)?;
    let folder = Path::new(&folder);
    std::fs::write(folder.join("register.pdf"), report.pdf()?)?;
    std::fs::write(folder.join("register.xlsx"), report.xlsx()?)?;
    std::fs::write(folder.join("register.html"), report.html())?;
    for file in report.csv(Mark::With) {
        std::fs::write(folder.join(file.name), file.bytes)?;
    }
    Ok(())
}

fn register(rows: u32) -> Result<Document, Box<dyn Error>> {
    let section = |heading: &str, level, blocks| Section { heading: heading.into(), level, blocks };
    Ok(Document {
        title: "Register van verwerkingsactiviteiten".into(),
        language: Language::Dutch,
        subject: "Artikel 30, lid 2, AVG: wat Voorbeeld Software B.V. verwerkt voor haar scholen"
            .into(),
        issuer: "Voorbeeld Software B.V.".into(),
        made_at: Moment::parse("2026-11-27T14:05:00+01:00")?,
        reference: "REG-2026-0042".into(),
        sections: vec![
            section("De verwerker", Level::One, about()),
            section("Verwerkingen per school", Level::One, vec![Block::Table(purposes())]),
            section("Uitvoering", Level::One, vec![]),
            section("Bewaring en uren", Level::Two, vec![Block::Table(terms(rows)?)]),
            section("Beveiliging", Level::Two, security()),
        ],
    })
}

fn about() -> Vec<Block> {
    let facts = [
        ("Naam", "Voorbeeld Software B.V."),
        ("Adres", "Dorpsstraat 1, 1234 AB Voorbeeldstad"),
        ("Functionaris voor gegevensbescherming", "fg@voorbeeld.example"),
        ("Doorgifte buiten de EER", "Geen"),
    ];
    let text = "Dit register is gemaakt uit de gebeurtenissen die Zegel vastlegt. Het wordt niet \
                met de hand bijgehouden: wat hier staat, gold op het moment van opmaken. Wie het \
                wil nagaan, vraagt het bewijs op dat bij het kenmerk hoort.";
    vec![
        Block::Paragraph(text.into()),
        Block::Facts(facts.map(|(label, value)| (label.into(), value.into())).to_vec()),
    ]
}

fn security() -> Vec<Block> {
    let points = [
        "Elk deel van een gebeurtenis is versleuteld met een eigen sleutel.",
        "Sleutels worden overschreven zodra een termijn afloopt of een betrokkene wordt gewist.",
        "Het journaal is een keten; een wijziging achteraf valt op bij iedere controle.",
    ];
    vec![Block::List(points.map(String::from).to_vec())]
}

fn purposes() -> Table {
    let columns = ["School", "Doel", "Categorieën van gegevens", "Ontvangers"];
    let rows = [
        ["Basisschool De Wilg", "Evaluatie van lessen", "Antwoorden, leerjaar", "Geen"],
        ["Basisschool De Wilg", "Inloggen", "Pseudoniem, rol", "Voorbeeld Hosting B.V."],
        [
            "Łódź-college",
            "Evaluatie van lessen, met een langere toelichting op het waarom",
            "Antwoorden, leerjaar, vrije tekst van leerlingen vanaf zestien jaar",
            "Geen",
        ],
        [
            "Scholengroep Noord",
            "Rapportage aan het bestuur",
            "Groepsgemiddelden vanaf tien antwoorden",
            "Bestuur van de scholengroep",
        ],
    ];
    Table {
        caption: "Categorieën van verwerkingen".into(),
        columns: columns.map(|name| Column::new(name, Kind::Text)).to_vec(),
        rows: rows.map(|row| row.map(Cell::from).to_vec()).to_vec(),
        note: "Een groepsgemiddelde telt niet als persoonsgegeven als de groep groot genoeg is."
            .into(),
    }
}

fn terms(count: u32) -> Result<Table, Box<dyn Error>> {
    let columns = vec![
        Column::new("Nr.", Kind::Number),
        Column::new("Soort gegevens", Kind::Text),
        Column::new("Grond", Kind::Text),
        Column::new("Bewaard tot", Kind::Date),
        Column::new("Bedrag (€)", Kind::Number),
        Column::new("Besteed", Kind::Hours),
    ];
    let kinds = ["Antwoorden op een vragenlijst", "Toestemming", "Toegang van een medewerker"];
    let grounds =
        ["Overeenkomst, bijlage 1", "Toestemming van een ouder of voogd", "Wettelijke plicht"];
    let mut rows = Vec::new();
    for at in 0..count {
        let pick = |list: [&'static str; 3]| {
            list.into_iter().cycle().nth(usize::try_from(at).unwrap_or(0) % 3)
        };
        let month = u8::try_from(at % 12)? + 1;
        rows.push(vec![
            Cell::from(Number::from(at + 1)),
            Cell::from(pick(kinds).unwrap_or_default()),
            Cell::from(pick(grounds).unwrap_or_default()),
            if at % 7 == 3 { Cell::Empty } else { Date::new(2027, month, 28)?.into() },
            Number::new(i64::from(at) * 1_275 + 50, 2)?.into(),
            Minutes(at * 37).into(),
        ]);
    }
    let caption = "Wat bewaard wordt, tot wanneer, en wat het kostte".to_owned();
    Ok(Table { caption, columns, rows, note: String::new() })
}
