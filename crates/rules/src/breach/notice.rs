//! What a report, a frozen scope and a notice must hold, whatever came before.

use std::collections::BTreeSet;

use events::breach::{
    BREACH_NAME_BYTES_MAX, BREACH_TEXT_BYTES_MAX, Count, FrozenScope, Item, NOTICE_LIST_MAX,
    NoticeFacts, Occurred, Until,
};
use record::TimestampMicros;

use super::refusals::*;
use crate::numbers::without_bsn;
use crate::refusal::Refusal;
use crate::state::{check_limit, check_text};

/// A text of the organisation's: not empty, not too long, and without what may be a BSN.
pub(super) fn check_own_text(text: &str, limit: usize, field: &'static str) -> Result<(), Refusal> {
    check_text(text, limit, field)?;
    Ok(without_bsn(field, text)?)
}

pub(super) const fn check_list(
    length: usize,
    limit: usize,
    field: &'static str,
) -> Result<(), Refusal> {
    if length == 0 {
        return Err(Refusal::Empty { field });
    }
    check_limit(length, limit, field)
}

pub(super) fn check_count(count: Option<&Count>) -> Result<(), Refusal> {
    COUNT_TURNED.unless(count.is_none_or(|count| count.min <= count.max))
}

pub(super) fn check_occurred(
    Occurred { from, until }: &Occurred,
    discovered_at: Option<&TimestampMicros>,
) -> Result<(), Refusal> {
    let Some(from) = from.known() else { return Ok(()) };
    let ended = match until {
        Item::Known(Until::Ended(at)) => Some(at),
        Item::Known(Until::Ongoing) | Item::NotYetKnown => None,
    };
    PERIOD_TURNED.unless(ended.into_iter().chain(discovered_at).all(|later| from <= later))
}

pub(super) fn check_frozen(FrozenScope { groups, kinds, .. }: &FrozenScope) -> Result<(), Refusal> {
    let counted = groups.iter().map(|entry| (entry.group, entry.people));
    check_counts(counted, groups.len(), "groups")?;
    let counted = kinds.iter().map(|entry| (entry.kind, entry.records));
    check_counts(counted, kinds.len(), "kinds")
}

fn check_counts<K: Ord>(
    mut counted: impl Iterator<Item = (K, Item<Count>)>,
    length: usize,
    field: &'static str,
) -> Result<(), Refusal> {
    check_list(length, NOTICE_LIST_MAX, field)?;
    let mut seen = BTreeSet::new();
    counted.try_for_each(|(key, count)| {
        LISTED_TWICE.unless(seen.insert(key))?;
        check_count(count.known())
    })
}

pub(super) fn check_notice(notice: &NoticeFacts, now: TimestampMicros) -> Result<(), Refusal> {
    let texts = [
        (&notice.summary, "summary"),
        (&notice.security, "security"),
        (&notice.course, "course"),
        (&notice.cause, "cause"),
        (&notice.discovery, "discovery"),
        (&notice.measures_taken, "measures_taken"),
        (&notice.measures_proposed, "measures_proposed"),
        (&notice.consequences_school, "consequences_school"),
        (&notice.consequences_people, "consequences_people"),
    ];
    for (text, field) in texts.iter().filter_map(|(text, field)| Some((text.known()?, field))) {
        check_own_text(text, BREACH_TEXT_BYTES_MAX, field)?;
    }
    if let Some(contact) = notice.contact.known() {
        check_own_text(contact, BREACH_NAME_BYTES_MAX, "contact")?;
    }
    check_notice_lists(notice)?;
    let discovered_at = notice.discovered_at.known();
    IN_FUTURE.unless(discovered_at.is_none_or(|at| *at <= now))?;
    check_occurred(&Occurred { from: notice.from, until: notice.until }, discovered_at)
}

fn check_notice_lists(notice: &NoticeFacts) -> Result<(), Refusal> {
    if let Some(groups) = notice.groups.known() {
        let counted = groups.iter().map(|entry| (entry.group, entry.people));
        check_counts(counted, groups.len(), "groups")?;
    }
    if let Some(kinds) = notice.kinds.known() {
        let counted = kinds.iter().map(|entry| (entry.kind, entry.records));
        check_counts(counted, kinds.len(), "kinds")?;
    }
    // An empty list says that there are none.
    let subprocessors = notice.subprocessors.known().map_or(&[][..], Vec::as_slice);
    check_limit(subprocessors.len(), NOTICE_LIST_MAX, "subprocessors")?;
    subprocessors
        .iter()
        .try_for_each(|name| check_own_text(name, BREACH_NAME_BYTES_MAX, "subprocessors"))?;
    let countries = notice.countries.known().map_or(&[][..], Vec::as_slice);
    check_limit(countries.len(), NOTICE_LIST_MAX, "countries")?;
    let is_country =
        |text: &String| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    NOT_A_COUNTRY.unless(countries.iter().all(is_country))
}
