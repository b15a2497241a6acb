//! What a version of an annex must hold to be published.

use std::collections::BTreeSet;

use events::annex::{
    ANNEX_NAME_BYTES_MAX, ANNEX_TEXT_BYTES_MAX, CODE_BYTES_MAX, Contents, Coupling, ENTRIES_MAX,
    FieldTick, General, Location, Module, Purpose, RetentionRule, Service, SubjectKind,
    Subprocessor, TICKS_MAX, Transfer, is_eea,
};

use crate::deadline::{Date, Period};
use crate::refusal::{Refusal, Rule};
use crate::state::{check_free_text, check_limit, check_text};

static NOT_A_DATE: Rule = Rule::invalid(
    "date",
    "a date is written like `2025-02-01`",
    "een datum schrijf je als `2025-02-01`",
);
static NOT_A_CODE: Rule = Rule::invalid(
    "id",
    "a code has small letters, digits and hyphens only",
    "een code heeft alleen kleine letters, cijfers en streepjes",
);
static NOT_A_COUNTRY: Rule = Rule::invalid(
    "country",
    "a country is written as two capitals (ISO 3166-1)",
    "een land schrijf je met twee hoofdletters (ISO 3166-1)",
);
static TWICE: Rule = Rule::invalid(
    "contents",
    "a service, a purpose and a box of the table of data stand once",
    "een dienst, een doel en een vakje van de gegevenstabel staan er één keer",
);
static LAW_NEEDED: Rule = Rule::invalid(
    "fields",
    "a ticked citizen service number or special category names the law that allows it \
     (UAVG art. 22 and 46)",
    "een aangekruist BSN of bijzonder gegeven noemt de wet die het toelaat (UAVG art. 22 en 46)",
);
static UNKNOWN_SERVICE: Rule = Rule::invalid(
    "locations",
    "a location names a service of this annex",
    "een locatie noemt een dienst van deze bijlage",
);
static TRANSFER_MISSING: Rule = Rule::invalid(
    "transfers",
    "who processes outside the EEA names the transfer and its safeguard (GDPR art. 44)",
    "wie buiten de EER verwerkt, noemt de doorgifte en haar waarborg (AVG art. 44)",
);
static NO_SAFEGUARD: Rule = Rule::invalid(
    "subprocessors",
    "a subprocessor with a seat or parent outside the EEA names its safeguard",
    "een subverwerker met zetel of moeder buiten de EER noemt de waarborg",
);
static NOT_COUPLED: Rule = Rule::invalid(
    "couplings",
    "a coupling brings only fields that are ticked for it",
    "een koppeling brengt alleen velden die daarvoor zijn aangekruist",
);

pub(super) fn date(text: &str) -> Result<(), Refusal> {
    let date = text.parse::<Date>();
    NOT_A_DATE.unless(date.is_ok_and(|date| date.to_string() == text))
}

/// A code of a service or a purpose.
pub(crate) fn code(text: &str) -> Result<(), Refusal> {
    check_text(text, CODE_BYTES_MAX, "id")?;
    let allowed =
        |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    NOT_A_CODE.unless(text.bytes().all(allowed))
}

pub(super) fn contents(contents: &Contents) -> Result<(), Refusal> {
    general(&contents.general)?;
    entries(&contents.services, "services")?;
    entries(&contents.purposes, "purposes")?;
    check_limit(contents.fields.len(), TICKS_MAX, "fields")?;
    check_limit(contents.retention.len(), ENTRIES_MAX, "retention")?;
    entries(&contents.locations, "locations")?;
    check_limit(contents.transfers.len(), ENTRIES_MAX, "transfers")?;
    check_limit(contents.subprocessors.len(), ENTRIES_MAX, "subprocessors")?;
    check_limit(contents.couplings.len(), ENTRIES_MAX, "couplings")?;
    text(&contents.security, "security")?;
    contents.services.iter().try_for_each(service)?;
    contents.purposes.iter().try_for_each(purpose)?;
    contents.fields.iter().try_for_each(tick)?;
    contents.retention.iter().try_for_each(retention)?;
    contents.transfers.iter().try_for_each(transfer)?;
    contents.locations.iter().try_for_each(|place| location(place, contents))?;
    contents.subprocessors.iter().try_for_each(|sub| subprocessor(sub, contents))?;
    contents.couplings.iter().try_for_each(|found| coupling(found, contents))?;
    once(contents)
}

fn general(general: &General) -> Result<(), Refusal> {
    name(&general.product, "product")?;
    text(&general.explanation, "explanation")?;
    name(&general.supplier_url, "supplier_url")?;
    name(&general.product_url, "product_url")?;
    entries(&general.sectors, "sectors")?;
    entries(&general.users, "users")
}

fn service(service: &Service) -> Result<(), Refusal> {
    code(&service.id)?;
    text(&service.description, "description")?;
    text(&service.processing, "processing")?;
    check_limit(service.modules.len(), Module::ALL.len(), "modules")
}

fn purpose(purpose: &Purpose) -> Result<(), Refusal> {
    code(&purpose.id)?;
    text(&purpose.text, "text")?;
    check_limit(purpose.modules.len(), Module::ALL.len(), "modules")
}

fn tick(tick: &FieldTick) -> Result<(), Refusal> {
    check_limit(tick.modules.len(), Module::ALL.len(), "modules")?;
    tick.law.as_ref().map_or(Ok(()), |law| name(law, "law"))?;
    text_if_any(tick.note.as_ref(), "note")?;
    LAW_NEEDED.unless(!tick.ticked || tick.passes())
}

fn retention(rule: &RetentionRule) -> Result<(), Refusal> {
    name(&rule.scope, "scope")?;
    text(&rule.rule, "rule")?;
    rule.period.as_ref().map_or(Ok(()), |period| Ok(Period::parse(period).map(drop)?))
}

fn location(location: &Location, contents: &Contents) -> Result<(), Refusal> {
    name(&location.place, "place")?;
    country(&location.country)?;
    let known = |id: &String| contents.services.iter().any(|service| service.id == *id);
    UNKNOWN_SERVICE.unless(location.service.as_ref().is_none_or(known))?;
    TRANSFER_MISSING.unless(is_covered(&location.country, contents))
}

fn transfer(transfer: &Transfer) -> Result<(), Refusal> {
    country(&transfer.country)?;
    text(&transfer.description, "description")?;
    name(&transfer.framework, "framework")?;
    text_if_any(transfer.supplementary.as_ref(), "supplementary")
}

fn subprocessor(sub: &Subprocessor, contents: &Contents) -> Result<(), Refusal> {
    name(&sub.name, "name")?;
    text(&sub.task, "task")?;
    text(&sub.categories, "categories")?;
    country(&sub.storage_country)?;
    country(&sub.seat_country)?;
    sub.parent_country.as_ref().map_or(Ok(()), |parent| country(parent))?;
    text_if_any(sub.safeguard.as_ref(), "safeguard")?;
    TRANSFER_MISSING.unless(is_covered(&sub.storage_country, contents))?;
    let inside = is_eea(&sub.seat_country)
        && sub.parent_country.as_ref().is_none_or(|parent| is_eea(parent));
    NO_SAFEGUARD.unless(inside || sub.safeguard.is_some())
}

fn coupling(coupling: &Coupling, contents: &Contents) -> Result<(), Refusal> {
    name(&coupling.system, "system")?;
    name(&coupling.frequency, "frequency")?;
    check_limit(coupling.fields.len(), ENTRIES_MAX, "fields")?;
    let ticked = |field| {
        contents.fields.iter().any(|tick| {
            tick.passes()
                && tick.field == field
                && tick.kind == coupling.subject
                && tick.modules.contains(&Module::Coupling)
        })
    };
    NOT_COUPLED.unless(coupling.fields.iter().all(|field| ticked(*field)))
}

/// Nothing contradicts itself by standing twice.
fn once(contents: &Contents) -> Result<(), Refusal> {
    let services: BTreeSet<&String> = contents.services.iter().map(|found| &found.id).collect();
    TWICE.unless(services.len() == contents.services.len())?;
    let purposes: BTreeSet<&String> = contents.purposes.iter().map(|found| &found.id).collect();
    TWICE.unless(purposes.len() == contents.purposes.len())?;
    let boxes = || contents.fields.iter().flat_map(boxes_of);
    TWICE.unless(boxes().collect::<BTreeSet<_>>().len() == boxes().count())
}

fn boxes_of(
    tick: &FieldTick,
) -> impl Iterator<Item = (SubjectKind, Module, events::annex::FieldId)> + '_ {
    tick.modules.iter().map(|module| (tick.kind, *module, tick.field))
}

fn is_covered(country: &str, contents: &Contents) -> bool {
    is_eea(country) || contents.transfers.iter().any(|transfer| transfer.country == country)
}

fn country(text: &str) -> Result<(), Refusal> {
    NOT_A_COUNTRY.unless(text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase()))
}

fn name(text: &str, field: &'static str) -> Result<(), Refusal> {
    check_text(text, ANNEX_NAME_BYTES_MAX, field)
}

fn text(text: &str, field: &'static str) -> Result<(), Refusal> {
    check_free_text(text, ANNEX_TEXT_BYTES_MAX, field)
}

fn text_if_any(found: Option<&String>, field: &'static str) -> Result<(), Refusal> {
    found.map_or(Ok(()), |found| text(found, field))
}

fn entries<T>(list: &[T], field: &'static str) -> Result<(), Refusal> {
    if list.is_empty() {
        return Err(Refusal::Empty { field });
    }
    check_limit(list.len(), ENTRIES_MAX, field)
}
