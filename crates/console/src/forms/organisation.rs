//! Forms of the organisation and its people.

use crate::fields::{Choices, Field, Kind, field};
use crate::form::{Form, Source};
use crate::language::{Say, say};

const POSITIONS: Choices = &[
    ("staff", say("medewerker", "staff")),
    ("pupil", say("leerling", "pupil")),
    ("parent", say("ouder", "parent")),
    ("respondent", say("respondent", "respondent")),
];

const SCHOOL: Field = field("school", Kind::Pick(Source::Schools), "School", "School");
const POSITION: Field =
    field("position", Kind::Choice(POSITIONS), "Hoedanigheid", "What they are to the school");
const TEAM: Field = field("team", Kind::Pick(Source::Teams), "Team", "Team");
const REPRESENTING: &[Field] = &[
    field("representative", Kind::Pick(Source::People), "Vertegenwoordiger", "Representative"),
    field("authority", Kind::Check, "Met ouderlijk gezag", "With parental authority"),
];
const SAVE: Say = say("Opslaan", "Save");

const fn form(
    operation: &'static str,
    title: Say,
    fields: &'static [Field],
    next: &'static str,
) -> Form {
    let (lead, button) = (say("", ""), SAVE);
    Form { id: operation, operation, title, lead, fields, button, next, shows: &[] }
}

pub(super) const FORMS: &[Form] = &[
    form(
        "describe-board",
        say("Het bestuur beschrijven", "Describe the board"),
        &[
            field("name", Kind::Line, "Naam van het bestuur", "Name of the board"),
            field("kvk", Kind::Line, "KvK-nummer", "Trade register number")
                .hint("8 cijfers", "8 digits"),
            field("contact", Kind::Line, "Waar het bestuur bereikbaar is", "Where it is reached"),
            field("fg_contact", Kind::Line, "Waar de FG bereikbaar is", "Where the DPO is reached"),
        ],
        "organisation",
    ),
    form(
        "add-school",
        say("Een school toevoegen", "Add a school"),
        &[
            field("name", Kind::Line, "Naam van de school", "Name of the school"),
            field("brin", Kind::Line, "BRIN", "BRIN").hint(
                "Twee cijfers en twee letters, en twee cijfers voor een vestiging",
                "Two digits and two letters, and two digits for a location",
            ),
        ],
        "organisation",
    ),
    form("remove-school", say("Een school verwijderen", "Remove a school"), &[], "organisation"),
    form(
        "form-team",
        say("Een team vormen", "Form a team"),
        &[SCHOOL, field("name", Kind::Line, "Naam van het team", "Name of the team")],
        "organisation",
    ),
    form("dissolve-team", say("Een team opheffen", "Dissolve a team"), &[], "organisation"),
    form(
        "register-person",
        say("Een persoon inschrijven", "Register a person"),
        &[
            field("name", Kind::Line, "Naam", "Name"),
            field("email", Kind::Line, "E-mailadres", "E-mail address").optional(),
        ],
        "people/{made}",
    ),
    form(
        "person-joins",
        say("Aan een school verbinden", "Connect with a school"),
        &[SCHOOL, POSITION],
        "people/{thing}",
    ),
    form(
        "person-leaves",
        say("Van een school losmaken", "Disconnect from a school"),
        &[SCHOOL, POSITION],
        "people/{thing}",
    ),
    form("team-join", say("In een team plaatsen", "Put into a team"), &[TEAM], "people/{thing}"),
    form("team-leave", say("Uit een team halen", "Take out of a team"), &[TEAM], "people/{thing}"),
    form(
        "record-representation",
        say("Vastleggen wie vertegenwoordigt", "Record who represents"),
        REPRESENTING,
        "people/{thing}",
    ),
    form(
        "end-representation",
        say("Vertegenwoordiging beëindigen", "End a representation"),
        REPRESENTING,
        "people/{thing}",
    ),
];
