//! Forms of signing in, accounts, roles, support, and the journal.

use crate::fields::{Choices, Field, Kind, field};
use crate::form::{Form, Source};
use crate::language::{Say, say};

const ROLES: Choices = &[
    ("school-leader", say("schoolleider", "school leader")),
    ("observer", say("observator", "observer")),
    ("teacher", say("leraar", "teacher")),
    ("analyst", say("analist", "analyst")),
    ("privacy-officer", say("privacy officer", "privacy officer")),
    ("authorised-contact", say("bevoegd contactpersoon", "authorised contact")),
    ("fg", say("FG", "data protection officer")),
    ("auditor", say("auditor", "auditor")),
    ("tenant-administrator", say("beheerder", "administrator")),
    ("support", say("helpdesk van de verwerker", "support of the processor")),
    ("platform-operator", say("verwerker", "processor")),
];

const PASSWORD_RULE: (&str, &str) = (
    "Minstens 12 tekens, en niet de inlognaam. Een zin werkt goed; plakken mag.",
    "At least 12 characters, and not the login name. A sentence works well; pasting is fine.",
);
const LOGIN: Field = field("login", Kind::Login, "Inlognaam", "Login name");
const NEW: Field = field("password", Kind::NewPassword, "Nieuw wachtwoord", "New password")
    .hint(PASSWORD_RULE.0, PASSWORD_RULE.1);

const fn form(
    operation: &'static str,
    title: Say,
    lead: Say,
    fields: &'static [Field],
    next: &'static str,
) -> Form {
    Form { id: operation, operation, title, lead, fields, button: title, next, shows: &[] }
}

/// Signing in.
pub const SIGN_IN: Form = form(
    "sign-in",
    say("Inloggen", "Sign in"),
    say("", ""),
    &[
        LOGIN,
        field("password", Kind::Password, "Wachtwoord", "Password"),
        field("code", Kind::Code, "Code van uw app", "Code of your app")
            .hint(
                "Zes cijfers; alleen als u een tweede factor hebt ingesteld",
                "Six digits; only if you have set a second factor",
            )
            .optional(),
    ],
    "work",
);

/// Setting a password with a code.
pub const NEW_PASSWORD: Form = form(
    "new-password",
    say("Wachtwoord instellen", "Set a password"),
    say(
        "Met de code die u van de beheerder kreeg. De code werkt één keer.",
        "With the code that the administrator gave you. The code works once.",
    ),
    &[LOGIN, field("code", Kind::Code, "Code van de beheerder", "Code of the administrator"), NEW],
    "sign-in",
);

pub(super) const FORMS: &[Form] = &[
    form(
        "open-account",
        say("Een account openen", "Open an account"),
        say(
            "Daarna geeft u een code voor het eerste wachtwoord.",
            "After that you give out a code for the first password.",
        ),
        &[field("person", Kind::Pick(Source::People), "Persoon", "Person"), LOGIN],
        "accounts",
    ),
    Form {
        shows: &[(
            "code",
            say(
                "Code voor een nieuw wachtwoord, tot het eind van morgen en één keer",
                "Code for a new password, until the end of tomorrow and once",
            ),
        )],
        ..form(
            "reset-password",
            say("Code voor een wachtwoord geven", "Give out a code for a password"),
            say(
                "De code staat één keer op het scherm en wordt nergens bewaard.",
                "The code stands on the screen once and is kept nowhere.",
            ),
            &[],
            "accounts",
        )
    },
    form(
        "remove-second-factor",
        say("Tweede factor verwijderen", "Remove the second factor"),
        say(
            "Alleen als die verloren is. U hebt er zelf een tweede factor voor nodig.",
            "Only if it is lost. You need a second factor of your own for it.",
        ),
        &[],
        "accounts",
    ),
    form(
        "suspend-account",
        say("Account schorsen", "Suspend the account"),
        say("Het doet niets meer tot iemand het hervat.", "It does nothing until it is resumed."),
        &[],
        "accounts",
    ),
    form("resume-account", say("Account hervatten", "Resume"), say("", ""), &[], "accounts"),
    form(
        "revoke-sessions",
        say("Sessies beëindigen", "End sessions"),
        say("", ""),
        &[],
        "accounts",
    ),
    form(
        "grant-role",
        say("Een rol geven", "Give a role"),
        say("U hebt er een tweede factor voor nodig.", "You need a second factor for it."),
        &[
            field("account", Kind::Brought, "Account", "Account"),
            field("role", Kind::Choice(ROLES), "Rol", "Role"),
            field("reach", Kind::Pick(Source::Reaches), "Bereik", "Reach"),
            field("until", Kind::Moment, "Tot", "Until")
                .hint("Een auditor heeft een eind nodig", "An auditor needs an end")
                .optional(),
        ],
        "accounts",
    ),
    form("revoke-role", say("Rol intrekken", "Take the role away"), say("", ""), &[], "accounts"),
    form(
        "open-support",
        say("De helpdesk toelaten", "Let support in"),
        say(
            "De helpdesk van de verwerker kijkt mee, hoogstens 14 dagen, en verandert niets.",
            "The processor's support looks along, for at most 14 days, and changes nothing.",
        ),
        &[
            field("reason", Kind::Area, "Waarom", "Why").hint("Noem niemand", "Name nobody"),
            field("until", Kind::Moment, "Tot", "Until"),
        ],
        "accounts",
    ),
    form(
        "close-support",
        say("Helpdesk uitsluiten", "Let support out"),
        say("", ""),
        &[],
        "accounts",
    ),
    form(
        "set-own-password",
        say("Mijn wachtwoord wijzigen", "Change my password"),
        say("Al uw sessies eindigen; daarna logt u opnieuw in.", "All your sessions end."),
        &[field("current", Kind::Password, "Huidig wachtwoord", "Present password"), NEW],
        "sign-in",
    ),
    form(
        "set-own-second-factor",
        say("Mijn tweede factor instellen", "Set my second factor"),
        say(
            "Zet het geheim in uw authenticator-app en vul de code in die de app toont.",
            "Put the secret into your authenticator app and fill in the code that it shows.",
        ),
        &[
            field("secret", Kind::FreshSecret, "Geheim voor de app", "Secret for the app"),
            field("code", Kind::Code, "Code van de app", "Code of the app")
                .hint("Zes cijfers", "Six digits"),
        ],
        "sign-in",
    ),
    form(
        "revoke-own-sessions",
        say("Overal uitloggen", "Sign out everywhere"),
        say("", ""),
        &[],
        "sign-in",
    ),
    Form {
        shows: &[
            ("records", say("Nagelopen records, de jongste", "Records gone through, the newest")),
            ("chain", say("De keten klopt", "The chain agrees")),
            ("checkpoint", say("Het controlepunt klopt", "The checkpoint agrees")),
            ("erased", say("Gewiste delen, met een bewijs", "Erased parts, with a receipt")),
            ("key_lost", say("Delen zonder sleutel en bewijs", "Parts without key and receipt")),
            ("tampered", say("Veranderde delen", "Changed parts")),
        ],
        ..form(
            "verify-journal",
            say("Het journaal nalopen", "Verify the journal"),
            say(
                "De jongste records worden gelezen, aan de keten en hun sleutels getoetst. \
                 Het hele journaal loopt u buiten de server na, met `zegel verify`.",
                "The newest records are read and held against the chain and their keys. \
                 The whole journal is verified outside the server, with `zegel verify`.",
            ),
            &[],
            "journal",
        )
    },
];
