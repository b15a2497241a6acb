//! Invented staff, made from a seed.
//!
//! *Invariant:* nobody here exists: names are built from syllables, addresses end in
//! `school.example`, and no number passes the test of citizen numbers.

/// How many people there are, and which.
#[derive(Debug, Clone, Copy)]
pub struct People {
    /// The same seed gives the same people.
    pub seed: u64,
    /// How many.
    pub count: usize,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// Place among the people, from 0.
    pub index: usize,
    /// First name.
    pub given_name: String,
    /// Initials.
    pub initials: String,
    /// Prefix of the surname, for one in four.
    pub prefix: Option<String>,
    /// Surname.
    pub surname: String,
    /// School address, unique.
    pub email: String,
}

const FIRST: [&str; 8] = ["Bel", "Dra", "Fen", "Hil", "Jor", "Mar", "Tam", "Wil"];
const SECOND: [&str; 8] = ["da", "ke", "lo", "mi", "na", "rie", "sa", "ven"];
const HOUSE: [&str; 8] = ["Zel", "Brug", "Vink", "Dool", "Kraam", "Lind", "Oost", "Plas"];
const PLACE: [&str; 8] = ["mond", "stra", "veen", "horst", "kamp", "wijk", "zicht", "daal"];
const PREFIXES: [&str; 3] = ["van", "de", "van der"];

impl People {
    /// The person at a place; beyond `count` there are more, for lists that do not end.
    #[must_use]
    pub fn person(self, index: usize) -> Person {
        let mut bits = mixed(self.seed ^ mixed(u64::try_from(index).unwrap_or(0)));
        let mut pick = |from: &[&'static str]| {
            let count = u64::try_from(from.len()).unwrap_or(1);
            let at = usize::try_from(bits % count).unwrap_or(0);
            bits /= count;
            from.get(at).copied().unwrap_or_default()
        };
        let given_name = format!("{}{}", pick(&FIRST), pick(&SECOND));
        let surname = format!("{}{}", pick(&HOUSE), pick(&PLACE));
        let prefixed = pick(&["yes", "no", "no", "no"]) == "yes";
        let prefix = prefixed.then(|| pick(&PREFIXES).to_owned());
        let initials =
            format!("{}.{}.", given_name.chars().next().unwrap_or('X'), pick(&["A", "J"]));
        let email = format!("{given_name}.{surname}.{index}@school.example").to_lowercase();
        Person { index, given_name, initials, prefix, surname, email }
    }

    /// Everybody.
    #[must_use]
    pub fn all(self) -> Vec<Person> {
        (0..self.count).map(|index| self.person(index)).collect()
    }
}

/// Mixes all bits with each other.
// SOURCE: splitmix64, Steele, Lea and Flood 2014.
fn mixed(seed: u64) -> u64 {
    let bits = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
