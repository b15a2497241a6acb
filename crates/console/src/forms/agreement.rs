//! Forms of agreements, annexes and councils.

use crate::fields::{Choices, Field, Kind, field};
use crate::form::{Form, Source};
use crate::language::{Say, say};

const MODELS: Choices = &[
    ("covenant-4", say("convenant 4.0", "covenant 4.0")),
    ("covenant-4-general", say("convenant 4.0, algemeen", "covenant 4.0, general")),
    ("covenant-3", say("convenant 3", "covenant 3")),
    ("own", say("eigen tekst", "a text of our own")),
];
const SIDES: Choices =
    &[("controller", say("de school", "the school")), ("processor", say("verwerker", "processor"))];
const BASES: Choices = &[
    ("public-task", say("taak van algemeen belang", "public task")),
    ("legal-obligation", say("wettelijke plicht", "legal obligation")),
    ("contract", say("overeenkomst", "contract")),
    ("consent", say("toestemming", "consent")),
    ("legitimate-interest", say("gerechtvaardigd belang", "legitimate interests")),
    ("vital-interests", say("vitale belangen", "vital interests")),
];
const MODULES: Choices = &[
    ("observation", say("lesobservaties", "lesson observations")),
    ("development", say("ontwikkeling", "development")),
];
const COUNCILS: Choices = &[
    ("participation", say("MR", "participation council")),
    ("joint-participation", say("GMR", "joint participation council")),
    ("works", say("OR", "works council")),
];

const VERSION: Field = field("version", Kind::Pick(Source::Versions), "Versie", "Version");
const SERVICE: Field = field("service", Kind::Pick(Source::Services), "Dienst", "Service");
const MODULE: Field = field("module", Kind::Choice(MODULES), "Onderdeel", "Module");

const fn form(
    operation: &'static str,
    title: Say,
    lead: Say,
    fields: &'static [Field],
    next: &'static str,
) -> Form {
    Form { id: operation, operation, title, lead, fields, button: title, next, shows: &[] }
}

pub(super) const FORMS: &[Form] = &[
    form(
        "sign-agreement",
        say("Een overeenkomst vastleggen", "Record an agreement"),
        say("Die getekend is.", "That was signed."),
        &[
            field("controller.name", Kind::Line, "Naam van het bestuur", "Name of the board"),
            field("controller.kvk", Kind::Line, "KvK-nummer van het bestuur", "Its number"),
            field("controller.seat", Kind::Line, "Zetel van het bestuur", "Its seat"),
            field("controller.contact", Kind::Line, "Bereikbaar op", "Where it is reached"),
            field("processor.name", Kind::Line, "Naam van de verwerker", "Name of the processor"),
            field("processor.kvk", Kind::Line, "KvK-nummer van de verwerker", "Its number"),
            field("processor.seat", Kind::Line, "Zetel van de verwerker", "Its seat"),
            field("processor.contact", Kind::Line, "Bereikbaar op", "Where it is reached"),
            field("model", Kind::Choice(MODELS), "Model", "Model"),
            field("terms.starts", Kind::Moment, "Vanaf", "From"),
            field("terms.ends", Kind::Moment, "Tot", "Until").optional(),
            field("terms.objection", Kind::Line, "Bezwaartermijn", "Time to object")
                .hint("Zoals P6W: zes weken", "Like P6W: six weeks"),
            field("terms.breach_hours", Kind::Number, "Datalek melden binnen uren", "Breach hours")
                .hint("1 tot 72", "1 to 72"),
        ],
        "agreements",
    ),
    form(
        "authorise-contact",
        say("Een contactpersoon aanwijzen", "Name a contact person"),
        say("U hebt er een tweede factor voor nodig.", "You need a second factor for it."),
        &[
            field("side", Kind::Choice(SIDES), "Voor", "For"),
            field("may_instruct", Kind::Check, "Mag instructies geven", "May instruct"),
            field("person", Kind::Line, "Nummer van de persoon", "Id of the person")
                .hint(
                    "Wie een account heeft en hier instructies geeft; het staat op diens pagina",
                    "Of who has an account and instructs here; it stands on that person's page",
                )
                .optional(),
            field("name", Kind::Line, "Naam", "Name"),
            field("function", Kind::Line, "Functie", "Function"),
            field("email", Kind::Line, "E-mailadres", "E-mail address"),
            field("phone", Kind::Line, "Telefoonnummer", "Telephone number").optional(),
        ],
        "agreements",
    ),
    form(
        "revoke-contact",
        say("Contactpersoon intrekken", "Revoke the contact person"),
        say("", ""),
        &[],
        "agreements",
    ),
    form(
        "accept-annex",
        say("Een versie aanvaarden", "Accept a version"),
        say(
            "Vanaf dan geldt zij. U hebt er een tweede factor voor nodig.",
            "It governs from then on. You need a second factor for it.",
        ),
        &[VERSION],
        "annexes/{thing}",
    ),
    form(
        "refuse-annex",
        say("Een versie weigeren", "Refuse a version"),
        say("De vorige blijft gelden.", "The one before goes on."),
        &[VERSION],
        "annexes/{thing}",
    ),
    form(
        "enable-service",
        say("Een optionele dienst aanzetten", "Accept an optional service"),
        say("", ""),
        &[SERVICE],
        "annexes/{thing}",
    ),
    form(
        "withdraw-service",
        say("Een optionele dienst uitzetten", "Withdraw an optional service"),
        say("", ""),
        &[SERVICE],
        "annexes/{thing}",
    ),
    form(
        "state-legal-basis",
        say("Een grondslag vaststellen", "State a legal basis"),
        say("", ""),
        &[
            field("purpose", Kind::Pick(Source::Purposes), "Doel", "Purpose"),
            field("basis", Kind::Choice(BASES), "Grondslag", "Legal basis"),
            field("note", Kind::Area, "Waarom", "Why")
                .hint("Noem niemand", "Name nobody")
                .optional(),
        ],
        "annexes/{thing}",
    ),
    form(
        "record-participation-consent",
        say("Instemming van een raad vastleggen", "Record the consent of a council"),
        say("", ""),
        &[
            MODULE,
            field("council", Kind::Choice(COUNCILS), "Raad", "Council"),
            field("date", Kind::Day, "Datum van het besluit", "Date of the decision"),
            field("reference", Kind::Line, "Waar het besluit bewaard wordt", "Where it is kept"),
        ],
        "agreements",
    ),
    form(
        "withdraw-participation-consent",
        say("Instemming intrekken", "Withdraw a consent"),
        say("", ""),
        &[MODULE],
        "agreements",
    ),
];
