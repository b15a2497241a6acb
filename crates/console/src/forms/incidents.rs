//! Forms of incidents and breaches.

use crate::fields::{Choices, Field, Kind, field};
use crate::form::Form;
use crate::language::{Say, say};

const KINDS: Choices = &[
    ("misaddressed", say("verkeerd geadresseerd", "sent to the wrong person")),
    ("lost", say("verloren of gestolen", "lost or stolen")),
    ("unauthorised", say("onbevoegd ingezien", "seen without authority")),
    ("published", say("per ongeluk gepubliceerd", "published by mistake")),
    ("malware", say("kwaadaardige software", "malware")),
    ("unavailable", say("niet beschikbaar", "unavailable")),
    ("other", say("iets anders", "something else")),
];
const DETECTED: Choices = &[
    ("staff", say("een medewerker", "a member of staff")),
    ("processor", say("de verwerker", "the processor")),
    ("subprocessor", say("een subverwerker", "a subprocessor")),
    ("outsider", say("iemand van buiten", "somebody from outside")),
];
const SEVERITIES: Choices = &[
    ("low", say("laag", "low")),
    ("medium", say("middel", "medium")),
    ("high", say("hoog", "high")),
];
const RISKS: Choices = &[
    ("unlikely", say("onwaarschijnlijk", "unlikely")),
    ("present", say("aanwezig", "present")),
    ("high", say("hoog", "high")),
];
const INVOLVED: Choices = &[
    ("yes", say("ja", "yes")),
    ("no", say("nee", "no")),
    ("not-yet-known", say("nog niet bekend", "not yet known")),
];
const PROTECTION: Choices = &[
    ("none", say("niet", "not")),
    ("partly", say("gedeeltelijk", "partly")),
    ("full", say("geheel", "fully")),
];
const GROUPS: Choices = &[
    ("pupils", say("leerlingen", "pupils")),
    ("parents", say("ouders", "parents")),
    ("staff", say("medewerkers", "staff")),
    ("respondents", say("respondenten", "respondents")),
    ("others", say("anderen", "others")),
];
const DATA: Choices = &[
    ("contact", say("contactgegevens", "contact data")),
    ("credentials", say("inloggegevens", "credentials")),
    ("results", say("resultaten", "results")),
    ("answers", say("antwoorden", "answers")),
    ("financial", say("financiële gegevens", "financial data")),
    ("health", say("gezondheid", "health")),
    ("religion", say("godsdienst", "religion")),
    ("other-special", say("andere bijzondere gegevens", "other special categories")),
    ("national-id", say("burgerservicenummer", "citizen service number")),
    ("other", say("andere gegevens", "other data")),
];
const MEANS: Choices = &[
    ("email", say("e-mail", "e-mail")),
    ("telephone", say("telefoon", "telephone")),
    ("here", say("in Zegel", "in Zegel")),
    ("letter", say("brief", "letter")),
    ("in-person", say("mondeling", "in person")),
    ("public-notice", say("openbare mededeling", "public notice")),
];
const PHASES: Choices = &[
    ("first", say("eerste melding", "first report")),
    ("follow-up", say("vervolgmelding", "follow-up")),
];
const GROUNDS: Choices = &[
    ("no-high-risk", say("geen hoog risico", "no high risk")),
    ("unintelligible", say("de gegevens zijn onleesbaar", "the data are unintelligible")),
    ("measures-taken", say("maatregelen namen het risico weg", "measures took the risk away")),
    ("disproportionate", say("onevenredige inspanning", "disproportionate effort")),
];
const OUTCOMES: Choices =
    &[("no-breach", say("geen datalek", "no breach")), ("breach", say("datalek", "breach"))];

const NOBODY: (&str, &str) = ("Noem niemand bij naam", "Name nobody");
const AT: Field = field("at", Kind::Moment, "Wanneer", "When");
const HOW: Field = field("means", Kind::Choice(MEANS), "Hoe", "How");
const VERSION: Field = field("version", Kind::Number, "Versie van de melding", "Notice version");
const REASON: Field = field("reason", Kind::Area, "Waarom", "Why").hint(NOBODY.0, NOBODY.1);
const TEXT: Field = field("text", Kind::Area, "Tekst", "Text").hint(NOBODY.0, NOBODY.1);
const DOSSIER: &str = "incidents/{thing}";

const fn form(operation: &'static str, title: Say, fields: &'static [Field]) -> Form {
    let (lead, button) = (say("", ""), say("Vastleggen", "Record"));
    Form { id: operation, operation, title, lead, fields, button, next: DOSSIER, shows: &[] }
}

pub(super) const FORMS: &[Form] = &[
    Form {
        next: "incidents",
        button: say("Melden", "Report"),
        lead: say(
            "Iedereen met een account mag melden. Wat u niet weet, laat u leeg.",
            "Everybody with an account may report. Leave out what you do not know.",
        ),
        ..form(
            "report-incident",
            say("Een incident melden", "Report an incident"),
            &[
                field("kind", Kind::Choice(KINDS), "Wat er gebeurde", "What happened"),
                field("detected_by", Kind::Choice(DETECTED), "Ontdekt door", "Discovered by"),
                field("discovered_at", Kind::Moment, "Ontdekt op", "Discovered at"),
                field("from", Kind::Moment, "Sinds", "Since").optional(),
                field(
                    "people.min",
                    Kind::Number,
                    "Minstens zoveel mensen",
                    "At least so many people",
                )
                .optional(),
                field(
                    "people.max",
                    Kind::Number,
                    "Hoogstens zoveel mensen",
                    "At most so many people",
                )
                .optional(),
                field("story", Kind::Area, "In uw eigen woorden", "In your own words")
                    .hint(
                        "Eindigt met de termijn van het incident",
                        "Ends with the term of the incident",
                    )
                    .optional(),
            ],
        )
    },
    form(
        "note-incident",
        say("Een aantekening toevoegen", "Add a note"),
        &[field("story", Kind::Area, "Aantekening", "Note")
            .hint("Eindigt met de termijn van het incident", "Ends with the term of the incident")],
    ),
    form(
        "classify-incident",
        say("Beoordelen", "Judge"),
        &[
            field("severity", Kind::Choice(SEVERITIES), "Ernst", "Severity"),
            field("risk", Kind::Choice(RISKS), "Risico voor mensen", "Risk to people"),
            field("personal_data", Kind::Choice(INVOLVED), "Persoonsgegevens", "Personal data"),
            field(
                "broken.confidentiality",
                Kind::Check,
                "Iemand kan het gelezen hebben",
                "Somebody may have read it",
            ),
            field(
                "broken.integrity",
                Kind::Check,
                "Iemand kan het veranderd hebben",
                "Somebody may have changed it",
            ),
            field(
                "broken.availability",
                Kind::Check,
                "Het was onbereikbaar of is weg",
                "It could not be reached, or is gone",
            ),
        ],
    ),
    form(
        "confirm-breach",
        say("Als datalek vaststellen", "Establish as a breach"),
        &[
            field("confirmed_at", Kind::Moment, "De verwerker weet het sinds", "Known since"),
            field("term.hours", Kind::Number, "School informeren binnen uren", "Hours to tell")
                .hint("1 tot 720", "1 to 720"),
            field(
                "informs_all",
                Kind::Check,
                "De overeenkomst wil dat iedereen het hoort",
                "The agreement wants everybody told",
            ),
        ],
    ),
    form(
        "freeze-breach-scope",
        say("Omvang vastleggen", "Fix the scope"),
        &[
            field("groups.0.group", Kind::Choice(GROUPS), "Groep", "Group"),
            field("groups.0.people.min", Kind::Number, "Minstens", "At least").optional(),
            field("groups.0.people.max", Kind::Number, "Hoogstens", "At most").optional(),
            field("groups.1.group", Kind::Choice(GROUPS), "Tweede groep", "Second group")
                .optional(),
            field("groups.1.people.min", Kind::Number, "Minstens", "At least").optional(),
            field("groups.1.people.max", Kind::Number, "Hoogstens", "At most").optional(),
            field("kinds.0.kind", Kind::Choice(DATA), "Soort gegevens", "Kind of data"),
            field("kinds.1.kind", Kind::Choice(DATA), "Tweede soort", "Second kind").optional(),
            field("kinds.2.kind", Kind::Choice(DATA), "Derde soort", "Third kind").optional(),
            field("protection", Kind::Choice(PROTECTION), "Versleuteld", "Encrypted").optional(),
        ],
    ),
    form(
        "state-notice",
        say("De melding opstellen", "State the notice"),
        &[
            VERSION.hint("Een hoger dan de vorige", "One higher than the one before"),
            field("discovered_at", Kind::Moment, "Ontdekt op", "Discovered at").optional(),
            field("from", Kind::Moment, "Sinds", "Since").optional(),
            field("summary", Kind::Area, "Samenvatting", "Summary")
                .hint(NOBODY.0, NOBODY.1)
                .optional(),
            field("cause", Kind::Area, "Oorzaak", "Cause").optional(),
            field("measures_taken", Kind::Area, "Getroffen maatregelen", "Measures taken")
                .optional(),
            field("measures_proposed", Kind::Area, "Voorgestelde maatregelen", "Measures proposed")
                .optional(),
            field("consequences_people", Kind::Area, "Gevolgen voor mensen", "Consequences")
                .optional(),
            field("risk", Kind::Choice(RISKS), "Risico voor mensen", "Risk to people").optional(),
            field("contact", Kind::Line, "Waar u meer kunt vragen", "Where more can be asked")
                .hint("Een loket, geen persoon", "An office, not a person")
                .optional(),
        ],
    ),
    form(
        "notify-school",
        say("De school is geïnformeerd", "The school was told"),
        &[field("to", Kind::Many(crate::form::Source::Contacts), "Wie", "Whom"), AT, HOW, VERSION],
    ),
    form(
        "follow-up-incident",
        say("De school is opnieuw geïnformeerd", "The school was told more"),
        &[
            AT,
            HOW,
            VERSION,
            field("measures", Kind::Area, "Maatregelen sindsdien", "Measures since"),
        ],
    ),
    form(
        "record-awareness",
        say("Sinds wanneer de school het weet", "Since when the school knows"),
        &[AT],
    ),
    Form {
        id: "reported-to-authority",
        ..form(
            "record-authority-report",
            say("Gemeld bij de toezichthouder", "Reported to the authority"),
            &[
                field("reported.phase", Kind::Choice(PHASES), "Welke melding", "Which report"),
                field("reported.at", Kind::Moment, "Wanneer", "When"),
                field("reported.reference", Kind::Line, "Kenmerk", "Reference").optional(),
                field("reported.late_because", Kind::Area, "Waarom later dan 72 uur", "Why late")
                    .hint(NOBODY.0, NOBODY.1)
                    .optional(),
            ],
        )
    },
    Form {
        id: "not-reported-to-authority",
        ..form(
            "record-authority-report",
            say("Niet melden bij de toezichthouder", "Not reporting to the authority"),
            &[field("not-reported.reason", Kind::Area, "Waarom niet", "Why not")
                .hint(NOBODY.0, NOBODY.1)],
        )
    },
    Form {
        id: "people-informed",
        ..form(
            "record-informing",
            say("Mensen zijn geïnformeerd", "People were told"),
            &[
                field("informed.at", Kind::Moment, "Wanneer", "When"),
                field("informed.means", Kind::Choice(MEANS), "Hoe", "How"),
                field("informed.people.min", Kind::Number, "Minstens", "At least"),
                field("informed.people.max", Kind::Number, "Hoogstens", "At most"),
            ],
        )
    },
    Form {
        id: "people-not-informed",
        ..form(
            "record-informing",
            say("Mensen niet informeren", "Not telling people"),
            &[
                field("not-informed.because", Kind::Choice(GROUNDS), "Grond", "Ground"),
                field("not-informed.reason", Kind::Area, "Waarom", "Why").hint(NOBODY.0, NOBODY.1),
                field(
                    "not-informed.public_notice_at",
                    Kind::Moment,
                    "Openbaar op",
                    "Made public at",
                )
                .optional(),
            ],
        )
    },
    form("record-costs", say("Afspraken over kosten", "What was agreed on costs"), &[TEXT]),
    form("record-lesson", say("Een les vastleggen", "Record a lesson"), &[TEXT]),
    form(
        "withdraw-breach",
        say("Toch geen datalek", "No breach after all"),
        &[
            REASON,
            field(
                "authority_told_at",
                Kind::Moment,
                "Melding ingetrokken op",
                "Report withdrawn at",
            )
            .optional(),
        ],
    ),
    form(
        "close-incident",
        say("Sluiten", "Close"),
        &[field("outcome", Kind::Choice(OUTCOMES), "Uitkomst", "Outcome"), REASON],
    ),
    form("reopen-incident", say("Heropenen", "Take up again"), &[TEXT]),
];
