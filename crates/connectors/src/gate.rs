//! The gate: what a peer sends about people passes here, field by field.
//!
//! *Invariant:* the value of a field that is not wanted is skipped as bytes and never becomes a
//! value; only its name is counted. A row is let in, stopped with a reason, or known already.
//!
//! *Invariant:* of a key of the source only a hash is kept, under a key of this run.
// SOURCE: processor agreement, annex 1.F: any other field is rejected and counted.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::BuildHasher as _;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::citizen_number;
use crate::contact::{Field, StaffContact, Ticks};
use crate::error::Rule;
use crate::settings::is_name;

mod text;
use text::Text;

/// Names that are counted one by one; what comes after is counted together.
const NAMES_MAX: usize = 64;
/// Stands for names that are too many, too long or not plain.
const OTHER_NAMES: &str = "(other)";

/// A field that a peer sent and that did not come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Its name at the source, or `(other)`.
    pub field: String,
    /// How often it was sent.
    pub count: u64,
}

/// Rows that were not let in, for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Why.
    pub reason: Reason,
    /// How many rows.
    pub count: u64,
}

/// Why a row is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The source named no key.
    NoKey,
    /// There is no school e-mail.
    NoAddress,
    /// What stands there is no e-mail address.
    NotAnAddress,
    /// The address is not at the school.
    OtherDomain,
    /// The address belongs to another key already.
    AddressTaken,
    /// The value is longer than [`Field::bytes_max`].
    TooLong(Field),
    /// The value is a number, a list or an object.
    NotText(Field),
    /// The value has control characters, or digits of another script.
    NotPlain(Field),
    /// The value holds nine digits that pass the test of citizen numbers.
    CitizenNumber(Field),
}

/// How a source names what may come in.
pub(crate) struct Names {
    /// Where the rows stand.
    pub(crate) list: &'static str,
    /// Where it says which fields the school shares, if it does.
    pub(crate) permissions: Option<&'static str>,
    /// What else stands beside the rows and is no news.
    pub(crate) beside: &'static [&'static str],
    pub(crate) key: String,
    pub(crate) fields: Vec<(Field, String)>,
}

/// What a page brought.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) rows: usize,
    /// The same for the same keys in the same order.
    pub(crate) fingerprint: u64,
    /// The school does not share the key or the address.
    pub(crate) withheld: bool,
    pub(crate) people: Vec<StaffContact>,
}

pub(crate) struct Gate {
    ticks: Ticks,
    names: Names,
    hashers: [RandomState; 2],
    keys: HashSet<u128>,
    addresses: HashSet<u128>,
    rejected: BTreeMap<String, u64>,
    stopped: BTreeMap<Reason, u64>,
    repeated: u64,
}

impl Gate {
    pub(crate) fn new(ticks: Ticks, names: Names) -> Self {
        Self {
            ticks,
            names,
            hashers: [RandomState::new(), RandomState::new()],
            keys: HashSet::new(),
            addresses: HashSet::new(),
            rejected: BTreeMap::new(),
            stopped: BTreeMap::new(),
            repeated: 0,
        }
    }

    pub(crate) fn people(&self) -> u64 {
        u64::try_from(self.keys.len()).unwrap_or(u64::MAX)
    }

    pub(crate) fn repeated(&self) -> u64 {
        self.repeated
    }

    pub(crate) fn rejected(&self) -> Vec<Rejected> {
        let counted = self.rejected.iter();
        counted.map(|(field, count)| Rejected { field: field.clone(), count: *count }).collect()
    }

    pub(crate) fn stopped(&self) -> Vec<Stopped> {
        let counted = self.stopped.iter();
        counted.map(|(reason, count)| Stopped { reason: *reason, count: *count }).collect()
    }

    /// Reads a whole answer.
    pub(crate) fn page(&mut self, body: &[u8]) -> Result<Page, Rule> {
        let text = std::str::from_utf8(body).map_err(|_| Rule::NotUtf8)?;
        let mut reader = serde_json::Deserializer::from_str(text);
        let page = PageSeed(self).deserialize(&mut reader).map_err(|error| rule_of(&error))?;
        reader.end().map_err(|_| Rule::NotJson)?;
        Ok(page)
    }

    fn reject(&mut self, name: String) {
        let plain = is_name(&name) && !citizen_number::is_in(&name);
        let room = self.rejected.len() < NAMES_MAX || self.rejected.contains_key(&name);
        let name = if plain && room { name } else { OTHER_NAMES.to_owned() };
        *self.rejected.entry(name).or_default() += 1;
    }

    /// Which field of ours a name means, if it is ticked.
    fn wanted(&self, name: &str) -> Option<Field> {
        let mut named = self.names.fields.iter();
        let (field, _) = named.find(|(_, known)| known == name)?;
        self.ticks.allow(*field).then_some(*field)
    }

    fn admit(&mut self, row: Row, page: &mut Page) {
        let key = row.key.and_then(Text::into_key).map(|key| self.hash(&key));
        page.rows += 1;
        let [hasher, _] = &self.hashers;
        page.fingerprint = hasher.hash_one((page.fingerprint, key));
        let Some(key) = key else { return self.stop(Reason::NoKey) };
        if self.keys.contains(&key) {
            self.repeated += 1;
            return;
        }
        match contact(row.values, &self.ticks) {
            Err(reason) => self.stop(reason),
            Ok(contact) => {
                let address = self.hash(&contact.school_email.to_lowercase());
                if !self.addresses.insert(address) {
                    return self.stop(Reason::AddressTaken);
                }
                self.keys.insert(key);
                page.people.push(contact);
            }
        }
    }

    fn stop(&mut self, reason: Reason) {
        *self.stopped.entry(reason).or_default() += 1;
    }

    /// 128 bits, so that no two people are ever taken for one.
    fn hash(&self, text: &str) -> u128 {
        let halves = self.hashers.iter().map(|hasher| u128::from(hasher.hash_one(text)));
        halves.fold(0, |whole, half| (whole << 64) | half)
    }
}

pub(crate) fn rule_of(error: &serde_json::Error) -> Rule {
    if error.is_data() { Rule::Shape } else { Rule::NotJson }
}

fn contact(values: BTreeMap<Field, Text>, ticks: &Ticks) -> Result<StaffContact, Reason> {
    let mut clean = BTreeMap::new();
    for (field, value) in values {
        if let Some(text) = value.into_field(field)? {
            clean.insert(field, text);
        }
    }
    let school_email = clean.remove(&Field::SchoolEmail).ok_or(Reason::NoAddress)?;
    let domain = domain(&school_email).ok_or(Reason::NotAnAddress)?;
    if !ticks.allow_domain(domain) {
        return Err(Reason::OtherDomain);
    }
    Ok(StaffContact {
        given_name: clean.remove(&Field::GivenName),
        initials: clean.remove(&Field::Initials),
        prefix: clean.remove(&Field::Prefix),
        surname: clean.remove(&Field::Surname),
        school_email,
    })
}

/// The domain of an address: one `@`, something before it, labels after it, all printable ASCII.
fn domain(address: &str) -> Option<&str> {
    let (local, domain) = address.split_once('@')?;
    let graphic = address.bytes().all(|byte| byte.is_ascii_graphic());
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.bytes().all(plain)
    };
    let labels = domain.contains('.') && domain.split('.').all(label);
    ((1..=64).contains(&local.len()) && graphic && labels).then_some(domain)
}

#[derive(Default)]
struct Row {
    key: Option<Text>,
    values: BTreeMap<Field, Text>,
}

/// Reads an object around the rows.
struct PageSeed<'g>(&'g mut Gate);

impl<'de> DeserializeSeed<'de> for PageSeed<'_> {
    type Value = Page;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Page, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PageSeed<'_> {
    type Value = Page;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object with rows")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page, A::Error> {
        let gate = self.0;
        let mut page = None;
        let mut withheld = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == gate.names.list {
                if page.is_some() {
                    return Err(A::Error::custom("a list twice"));
                }
                page = Some(map.next_value_seed(ListSeed(&mut *gate))?);
            } else if Some(name.as_str()) == gate.names.permissions {
                let shared = map.next_value::<Option<BTreeMap<String, Option<bool>>>>()?;
                withheld = gate.withheld(&shared.unwrap_or_default());
            } else {
                map.next_value::<IgnoredAny>()?;
                if !gate.names.beside.contains(&name.as_str()) {
                    gate.reject(name);
                }
            }
        }
        let page = page.ok_or_else(|| A::Error::custom("no list"))?;
        Ok(Page { withheld, ..page })
    }
}

impl Gate {
    fn withheld(&self, shared: &BTreeMap<String, Option<bool>>) -> bool {
        let is_address = |(field, _): &&(Field, String)| *field == Field::SchoolEmail;
        let address = self.names.fields.iter().find(is_address).map(|(_, name)| name);
        let needed = address.into_iter().chain([&self.names.key]);
        let refused = |name: &String| shared.get(name) == Some(&Some(false));
        needed.into_iter().any(refused)
    }
}

/// Reads the rows, one by one.
struct ListSeed<'g>(&'g mut Gate);

impl<'de> DeserializeSeed<'de> for ListSeed<'_> {
    type Value = Page;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Page, D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ListSeed<'_> {
    type Value = Page;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Page, A::Error> {
        let mut page = Page::default();
        while let Some(row) = list.next_element_seed(RowSeed(&mut *self.0))? {
            self.0.admit(row, &mut page);
        }
        Ok(page)
    }
}

struct RowSeed<'g>(&'g mut Gate);

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = Row;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Row, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = Row;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object for a person")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut row = Row::default();
        while let Some(name) = map.next_key::<String>()? {
            let before = if name == self.0.names.key {
                row.key.replace(map.next_value()?)
            } else if let Some(field) = self.0.wanted(&name) {
                row.values.insert(field, map.next_value()?)
            } else {
                map.next_value::<IgnoredAny>()?;
                self.0.reject(name);
                None
            };
            if before.is_some() {
                return Err(A::Error::custom("a field twice"));
            }
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests;
