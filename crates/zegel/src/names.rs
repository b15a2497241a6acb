//! Obviously invented respondents for trying things out: sixty first names, ninety-seven surnames.
//!
//! *Invariant:* 60 × 97 = 5,820 different names, none of a real person: things, not names.

const FIRST: [&str; 60] = [
    "Kiezel",
    "Lantaarn",
    "Paraplu",
    "Fluitketel",
    "Regenton",
    "Wolkje",
    "Knikker",
    "Sterappel",
    "Vlieger",
    "Pannenkoek",
    "Tandwiel",
    "Zandloper",
    "Kompas",
    "Dobbelsteen",
    "Walnoot",
    "Theepot",
    "Vingerhoed",
    "Schelp",
    "Hagelslag",
    "Kruiwagen",
    "Stoplicht",
    "Madelief",
    "Zonnescherm",
    "Kastanje",
    "Trommel",
    "Veertje",
    "Waslijn",
    "Krekel",
    "Dakpan",
    "Kurk",
    "Peper",
    "Gieter",
    "Molenwiek",
    "Spiegel",
    "Kwastje",
    "Draaimolen",
    "Boterbloem",
    "Anker",
    "Stuiter",
    "Lampion",
    "Fietsbel",
    "Klaver",
    "Rozijn",
    "Kapstok",
    "Zeepbel",
    "Hinkelsteen",
    "Puzzel",
    "Vuurtoren",
    "Poppetje",
    "Sneeuwbol",
    "Tuinslang",
    "Kaneel",
    "Brievenbus",
    "Winterpeen",
    "Zwaluw",
    "Hooiberg",
    "Speldje",
    "Knoop",
    "Mosterd",
    "Wegwijzer",
];
const PREFIX: [&str; 10] = [
    "Nergens",
    "Verzonnen",
    "Papieren",
    "Droom",
    "Maan",
    "Sprookjes",
    "Wolken",
    "Niemands",
    "Schaduw",
    "Spiegel",
];
const SUFFIX: [&str; 10] =
    ["huizen", "broek", "veld", "dam", "stra", "berg", "hoven", "meer", "woud", "dijk"];
const SURNAMES: usize = 97;

/// The invented name of row `row`; repeats after 5,820.
pub(crate) fn invented(row: usize) -> String {
    let surname = row % SURNAMES;
    let first = (row / SURNAMES) % FIRST.len();
    let pick = |list: &'static [&'static str], index: usize| list.get(index).copied().unwrap_or("");
    let (prefix, suffix) = (pick(&PREFIX, surname / 10), pick(&SUFFIX, surname % 10));
    format!("{} van {prefix}{suffix}", pick(&FIRST, first))
}

#[cfg(test)]
mod tests {
    #[test]
    fn five_thousand_eight_hundred_and_twenty_names_differ() {
        let names: std::collections::BTreeSet<_> = (0..5_820).map(super::invented).collect();
        assert_eq!(names.len(), 5_820);
    }
}
