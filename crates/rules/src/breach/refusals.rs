//! What the rules of incidents and breaches say no to.

use crate::refusal::Rule;

pub(crate) static UNKNOWN_INCIDENT: Rule =
    Rule::unknown("the incident is unknown", "het incident is onbekend");
pub(crate) static CLOSED: Rule =
    Rule::conflict("the incident is closed", "het incident is gesloten");
pub(crate) static NOT_CLOSED: Rule =
    Rule::conflict("the incident is not closed", "het incident is niet gesloten");
pub(crate) static TOO_MANY: Rule = Rule::conflict(
    "a tenant has at most 10,000 incidents",
    "een omgeving telt ten hoogste 10.000 incidenten",
);
pub(crate) static CASE_TAKEN: Rule = Rule::conflict(
    "the processor's case has an incident here already",
    "bij deze zaak van de verwerker hoort hier al een incident",
);
pub(crate) static REPORTER: Rule = Rule::conflict(
    "what the system found has no reporter, and everything else has one",
    "wat het systeem vond heeft geen melder, en al het andere wel",
);
pub(crate) static OWN_TERM: Rule = Rule::conflict(
    "what is told of an incident stands under its own holder and its own term",
    "wat over een incident wordt verteld staat onder zijn eigen houder en zijn eigen termijn",
);
pub(crate) static TERM_RUNS: Rule = Rule::conflict(
    "the term of an open incident has not ended",
    "de termijn van een open incident is niet geëindigd",
);
pub(crate) static IN_FUTURE: Rule =
    Rule::conflict("this moment has not come yet", "dit moment is nog niet geweest");
pub(crate) static BEFORE_DISCOVERY: Rule = Rule::conflict(
    "this cannot be before the incident was discovered",
    "dit kan niet voor de ontdekking van het incident liggen",
);
pub(crate) static PERIOD_TURNED: Rule = Rule::conflict(
    "an incident begins before it ends and before it is discovered",
    "een incident begint voordat het eindigt en voordat het wordt ontdekt",
);
pub(crate) static COUNT_TURNED: Rule =
    Rule::conflict("at least is more than at most", "ten minste is meer dan ten hoogste");
pub(crate) static LISTED_TWICE: Rule =
    Rule::conflict("nothing is listed twice", "niets staat twee keer in een lijst");
pub(crate) static NOT_CLASSIFIED: Rule =
    Rule::conflict("the incident is not judged yet", "het incident is nog niet beoordeeld");
pub(crate) static NO_PERSONAL_DATA: Rule = Rule::conflict(
    "a breach involves personal data; judge the incident anew, or withdraw the breach first",
    "bij een datalek zijn persoonsgegevens betrokken; beoordeel het incident opnieuw, of trek het \
     datalek eerst in",
);
pub(crate) static CONFIRMED_ALREADY: Rule =
    Rule::conflict("the breach is confirmed already", "het datalek is al vastgesteld");
pub(crate) static NOT_CONFIRMED: Rule =
    Rule::conflict("no breach is confirmed", "er is geen datalek vastgesteld");
pub(crate) static NOTIFY_HOURS: Rule = Rule::invalid(
    "notify_hours",
    "the term to tell the school is 1 to 720 hours",
    "de termijn om de school te informeren is 1 tot 720 uur",
);
pub(crate) static NOT_FROZEN: Rule = Rule::conflict(
    "who and what is concerned is not fixed yet",
    "wie en wat het betreft is nog niet vastgelegd",
);
pub(crate) static NEXT_VERSION: Rule = Rule::conflict(
    "a notice is corrected by the next version",
    "een melding wordt gecorrigeerd door de volgende versie",
);
pub(crate) static NOT_STATED: Rule = Rule::conflict(
    "what the notice says is not stated yet: every item known or marked as not yet known",
    "wat de melding zegt is nog niet opgesteld: elk onderdeel bekend of nog niet bekend",
);
pub(crate) static NOT_NEWEST: Rule =
    Rule::conflict("the school is told the newest version", "de school krijgt de nieuwste versie");
pub(crate) static NOTIFIED_ALREADY: Rule = Rule::conflict(
    "the school was told; what came after is a follow-up",
    "de school is geïnformeerd; wat daarna komt is een vervolg",
);
pub(crate) static NOT_NOTIFIED: Rule =
    Rule::conflict("the school was not told yet", "de school is nog niet geïnformeerd");
pub(crate) static NOTHING_NEW: Rule = Rule::conflict(
    "the school was told this version already",
    "de school heeft deze versie al gekregen",
);
pub(crate) static BEFORE_NOTICE: Rule =
    Rule::conflict("a follow-up comes after the notice", "een vervolg komt na de melding");
pub(crate) static AWARE_EARLIER: Rule = Rule::conflict(
    "the school knew at the latest when it was told; only an earlier moment can be stated",
    "de school wist het uiterlijk toen zij werd geïnformeerd; alleen een eerder moment kan nog \
     worden vastgelegd",
);
pub(crate) static NOT_AWARE: Rule = Rule::conflict(
    "since when the school knows is not stated yet",
    "sinds wanneer de school het weet is nog niet vastgelegd",
);
pub(crate) static REPORT_BEFORE_AWARE: Rule = Rule::conflict(
    "a report cannot be before the school knew",
    "een melding kan niet liggen voor het moment waarop de school het wist",
);
pub(crate) static LATE_NEEDS_REASONS: Rule = Rule::invalid(
    "late_because",
    "a report later than 72 hours needs reasons (GDPR art. 33(1))",
    "bij een melding later dan 72 uur horen de redenen (AVG art. 33 lid 1)",
);
pub(crate) static REPORTED_ALREADY: Rule = Rule::conflict(
    "the authority was told; what comes after is a follow-up",
    "de toezichthouder is geïnformeerd; wat daarna komt is een vervolg",
);
pub(crate) static NOT_REPORTED: Rule =
    Rule::conflict("the authority was not told yet", "de toezichthouder is nog niet geïnformeerd");
pub(crate) static RISK_WANTS_REPORT: Rule = Rule::conflict(
    "only a breach that is unlikely to be a risk goes without a report (GDPR art. 33(1))",
    "alleen een datalek met waarschijnlijk geen risico blijft zonder melding (AVG art. 33 lid 1)",
);
pub(crate) static INFORMED_ALREADY: Rule =
    Rule::conflict("the people concerned were told", "de betrokkenen zijn geïnformeerd");
pub(crate) static GROUND_DOES_NOT_FIT: Rule = Rule::conflict(
    "the risk is high, or the agreement wants everybody told, so this is no ground",
    "het risico is hoog, of de overeenkomst wil dat iedereen het hoort, dus dit is geen grond",
);
pub(crate) static INTELLIGIBLE: Rule = Rule::conflict(
    "the data are not stated to be unintelligible (GDPR art. 34(3)(a))",
    "er is niet vastgelegd dat de gegevens onbegrijpelijk zijn (AVG art. 34 lid 3 onder a)",
);
pub(crate) static PUBLIC_NOTICE: Rule = Rule::conflict(
    "where telling each takes too much effort a public notice is given, and only there (GDPR art. \
     34(3)(c))",
    "waar ieder informeren te veel moeite kost is er een openbare mededeling, en alleen daar (AVG \
     art. 34 lid 3 onder c)",
);
pub(crate) static WITHDRAW_AT_AUTHORITY: Rule = Rule::conflict(
    "a report to the authority is withdrawn there too, and only then",
    "een melding bij de toezichthouder wordt daar ook ingetrokken, en alleen dan",
);
pub(crate) static OUTCOME_DIFFERS: Rule = Rule::conflict(
    "a confirmed breach is closed as one, or withdrawn first; nothing else is closed as a breach",
    "een vastgesteld datalek wordt als datalek gesloten, of eerst ingetrokken; iets anders niet",
);
pub(crate) static UNTOLD: Rule = Rule::conflict(
    "the school was not told the newest version yet",
    "de school heeft de nieuwste versie nog niet gekregen",
);
pub(crate) static WANTS_FOLLOW_UP: Rule = Rule::conflict(
    "the notice left items open, so the school waits for a follow-up",
    "de melding liet onderdelen open, dus de school wacht op een vervolg",
);
pub(crate) static AUTHORITY_UNDECIDED: Rule = Rule::conflict(
    "whether the authority is told is not decided",
    "over de melding bij de toezichthouder is niet beslist",
);
pub(crate) static PEOPLE_UNDECIDED: Rule = Rule::conflict(
    "whether the people concerned are told is not decided",
    "over het informeren van de betrokkenen is niet beslist",
);
pub(crate) static NOT_A_COUNTRY: Rule = Rule::invalid(
    "countries",
    "a country has two capitals (ISO 3166-1)",
    "een land is twee hoofdletters (ISO 3166-1)",
);
