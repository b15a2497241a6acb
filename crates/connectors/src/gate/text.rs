//! The value of a field that is wanted, as a peer sent it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Reason;
use crate::citizen_number;
use crate::contact::Field;

pub(super) enum Text {
    Plain(String),
    /// Sources number people, too; a name is never a number.
    Number(String),
    Null,
    Other,
}

impl Text {
    /// The key of a person, if it is one.
    pub(super) fn into_key(self) -> Option<String> {
        match self {
            Self::Plain(text) | Self::Number(text) => Some(text).filter(|text| !text.is_empty()),
            Self::Null | Self::Other => None,
        }
    }

    /// The value of a field; nothing and blanks are no value.
    pub(super) fn into_field(self, field: Field) -> Result<Option<String>, Reason> {
        let text = match self {
            Self::Plain(text) => text,
            Self::Null => return Ok(None),
            Self::Number(_) | Self::Other => return Err(Reason::NotText(field)),
        };
        let text = text.trim();
        let foreign = |letter: char| letter.is_numeric() && !letter.is_ascii();
        if citizen_number::is_in(text) {
            return Err(Reason::CitizenNumber(field));
        }
        if text.len() > field.bytes_max() {
            return Err(Reason::TooLong(field));
        }
        if text.chars().any(|letter| letter.is_control() || foreign(letter)) {
            return Err(Reason::NotPlain(field));
        }
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text::Plain(text.to_owned()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
        Ok(Text::Number(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
        Ok(Text::Number(number.to_string()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Text, E> {
        Ok(Text::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
        Ok(Text::Other)
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Text::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::Other)
    }
}
