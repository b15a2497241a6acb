//! What the rules of couplings say no to.

use crate::refusal::Rule;

pub(crate) static UNKNOWN_COUPLING: Rule =
    Rule::unknown("the coupling is unknown", "de koppeling is onbekend");
pub(crate) static UNKNOWN_RUN: Rule = Rule::unknown("the run is unknown", "de run is onbekend");
pub(crate) static IS_OFF: Rule =
    Rule::conflict("the coupling is switched off", "de koppeling staat uit");
pub(crate) static RUNS_ALREADY: Rule = Rule::conflict(
    "a run of this coupling arrives or waits for a decision",
    "een run van deze koppeling loopt nog of wacht op een besluit",
);
pub(crate) static WRONG_STAGE: Rule =
    Rule::conflict("the run is not at that stage", "de run is niet in die fase");
pub(crate) static HOUR: Rule =
    Rule::invalid("hour", "an hour is from 0 to 23", "een uur is van 0 tot en met 23");
pub(crate) static FIELDS: Rule = Rule::invalid(
    "fields",
    "names and the school e-mail can be fetched, each named once",
    "namen en het school-e-mailadres zijn op te halen, elk één keer genoemd",
);
pub(crate) static TOO_MANY: Rule = Rule::conflict(
    "a tenant has at most 50 couplings",
    "een omgeving telt ten hoogste 50 koppelingen",
);
pub(crate) static OTHER_COUPLING: Rule = Rule::conflict(
    "the system and the school of a coupling stay as they are",
    "het systeem en de school van een koppeling blijven zoals ze zijn",
);
pub(crate) static NO_ADDRESS: Rule = Rule::conflict(
    "the annex does not tick the school e-mail of staff, and without it nobody is known",
    "de bijlage vinkt het school-e-mailadres van personeel niet aan, en zonder is niemand bekend",
);
pub(crate) static OTHER_SCOPE: Rule = Rule::conflict(
    "what a run brings is kept for the term of that run",
    "wat een run brengt, geldt voor de termijn van die run",
);
pub(crate) static DELIVERED_ALREADY: Rule =
    Rule::conflict("the run brought this person already", "de run bracht deze persoon al");
pub(crate) static UNKNOWN_PERSON: Rule = Rule::conflict(
    "a person who is new to a coupling comes with what they are known by",
    "wie nieuw is voor een koppeling, komt met een kenmerk",
);
pub(crate) static OTHER_PERSON: Rule =
    Rule::conflict("this address stands for somebody else", "dit adres hoort bij iemand anders");
pub(crate) static NOT_ALL_RECORDED: Rule = Rule::conflict(
    "not everybody who was downloaded is recorded",
    "niet iedereen die is opgehaald, is vastgelegd",
);
pub(crate) static NOT_MISSING: Rule =
    Rule::conflict("this person is not missing", "deze persoon ontbreekt niet");
