//! The pages of the console: one line each.

use console::pages::{
    Accounts, Agreements, Analysis, Annex, Dossier, Gate, Incidents, Journal, Organisation, Own,
    People, Person, Registers, Requests, Retention, Rounds, Surveys, Trail, Work,
};
use console::{Frame, NotRendered, Page, Say};
use serde_json::Value;

/// Why a page is not shown.
pub(super) enum Unfit {
    /// An operation answered in another shape than the page expects: a bug of ours.
    Answer(String),
    /// The template failed: a bug of ours.
    Page,
}

impl From<NotRendered> for Unfit {
    fn from(_: NotRendered) -> Self {
        Self::Page
    }
}

type Render = fn(Value, &Frame) -> Result<String, Unfit>;

/// One page.
pub(super) struct Entry {
    /// Its address below the tenant's pages.
    pub(super) path: &'static str,
    /// Whether the address ends in the id of a thing.
    pub(super) of_thing: bool,
    pub(super) title: Say,
    /// Whether it is a place to go for who may see one of these; none for everybody.
    pub(super) place_for: Option<&'static [&'static str]>,
    /// What it shows: all of these.
    pub(super) shows: &'static [&'static str],
    /// What it shows besides, to who may do the second of each pair.
    pub(super) tries: &'static [(&'static str, &'static str)],
    /// What else it offers to who may.
    pub(super) offers: &'static [&'static str],
    pub(super) render: Render,
}

const fn page<P: Page>(path: &'static str, dutch: &'static str, english: &'static str) -> Entry {
    Entry {
        path,
        of_thing: false,
        title: Say { dutch, english },
        place_for: None,
        shows: &[],
        tries: &[],
        offers: &[],
        render: |answers, frame| {
            let page: P = serde_json::from_value(answers)
                .map_err(|error| Unfit::Answer(error.to_string()))?;
            Ok(page.html(frame)?)
        },
    }
}

/// Everybody may go there.
const EVERYBODY: Option<&[&str]> = Some(&[]);

/// All pages, in the order of the places to go.
const ENTRIES: &[Entry] = &[
    Entry {
        place_for: EVERYBODY,
        shows: &["see-own-account"],
        tries: &[("see-incidents", "see-incidents"), ("see-agreement", "accept-annex")],
        offers: &["report-incident"],
        ..page::<Work>("work", "Mijn werk", "My work")
    },
    Entry {
        place_for: Some(&["see-incidents"]),
        shows: &["see-incidents"],
        offers: &["report-incident"],
        ..page::<Incidents>("incidents", "Incidenten", "Incidents")
    },
    Entry {
        of_thing: true,
        shows: &["see-dossier"],
        offers: &[
            "note-incident",
            "classify-incident",
            "confirm-breach",
            "freeze-breach-scope",
            "state-notice",
            "notify-school",
            "follow-up-incident",
            "record-awareness",
            "record-authority-report",
            "record-informing",
            "record-costs",
            "record-lesson",
            "withdraw-breach",
            "close-incident",
            "reopen-incident",
        ],
        ..page::<Dossier>("incidents", "Dossier van een incident", "Dossier of an incident")
    },
    Entry {
        place_for: Some(&["see-processing-register"]),
        shows: &["see-processing-register"],
        offers: &["export-register"],
        ..page::<Registers>("registers", "Verwerkingsregisters", "Processing registers")
    },
    Entry {
        place_for: Some(&["see-agreement"]),
        shows: &["see-agreement"],
        offers: &[
            "sign-agreement",
            "authorise-contact",
            "revoke-contact",
            "record-participation-consent",
            "withdraw-participation-consent",
        ],
        ..page::<Agreements>("agreements", "Overeenkomsten", "Agreements")
    },
    Entry {
        of_thing: true,
        shows: &["see-annex"],
        offers: &[
            "accept-annex",
            "refuse-annex",
            "enable-service",
            "withdraw-service",
            "state-legal-basis",
        ],
        ..page::<Annex>("annexes", "Privacybijlage", "Privacy annex")
    },
    Entry {
        place_for: Some(&["see-gate"]),
        shows: &["see-gate"],
        ..page::<Gate>("gate", "Veldpoort", "Field gate")
    },
    Entry {
        place_for: Some(&["see-requests"]),
        shows: &["see-requests"],
        ..page::<Requests>("requests", "Verzoeken", "Requests")
    },
    Entry {
        place_for: Some(&["see-retention"]),
        shows: &["see-retention"],
        ..page::<Retention>("retention", "Bewaren", "Retention")
    },
    Entry {
        place_for: Some(&["see-surveys"]),
        shows: &["see-surveys"],
        ..page::<Surveys>("surveys", "Onderzoeken", "Surveys")
    },
    Entry {
        of_thing: true,
        shows: &["see-rounds"],
        tries: &[("see-surveys", "see-surveys")],
        ..page::<Rounds>("surveys", "Rondes van een onderzoek", "Rounds of a survey")
    },
    Entry {
        of_thing: true,
        shows: &["see-analysis"],
        ..page::<Analysis>("results", "Uitkomsten van een ronde", "Results of a round")
    },
    Entry {
        place_for: Some(&["see-organisation"]),
        shows: &["see-organisation"],
        offers: &["describe-board", "add-school", "remove-school", "form-team", "dissolve-team"],
        ..page::<Organisation>("organisation", "Organisatie", "Organisation")
    },
    Entry {
        place_for: Some(&["see-people"]),
        shows: &["see-people"],
        offers: &["register-person"],
        ..page::<People>("people", "Mensen", "People")
    },
    Entry {
        of_thing: true,
        shows: &["see-person"],
        tries: &[("see-organisation", "see-organisation")],
        offers: &[
            "person-joins",
            "person-leaves",
            "team-join",
            "team-leave",
            "record-representation",
            "end-representation",
            "see-trail",
        ],
        ..page::<Person>("people", "Persoon", "Person")
    },
    Entry {
        place_for: Some(&["see-accounts"]),
        shows: &["see-accounts"],
        tries: &[("see-grants", "see-grants"), ("see-support", "see-support")],
        offers: &[
            "open-account",
            "reset-password",
            "remove-second-factor",
            "suspend-account",
            "resume-account",
            "revoke-sessions",
            "grant-role",
            "revoke-role",
            "open-support",
            "close-support",
        ],
        ..page::<Accounts>("accounts", "Accounts en rollen", "Accounts and roles")
    },
    Entry {
        place_for: Some(&["see-trail"]),
        shows: &["see-trail"],
        ..page::<Trail>("trail", "Wie keek waarnaar", "Who looked at what")
    },
    Entry {
        place_for: Some(&["see-health", "verify-journal"]),
        tries: &[("see-health", "see-health")],
        offers: &["verify-journal"],
        ..page::<Journal>("journal", "Journaal", "Journal")
    },
    Entry {
        place_for: EVERYBODY,
        shows: &["see-own-account", "see-own-trail"],
        ..page::<Own>("own", "Mijn account", "My account")
    },
];

/// The page at an address.
pub(super) fn find(path: &str, of_thing: bool) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.path == path && entry.of_thing == of_thing)
}

/// What must be asked to know where one may go.
pub(super) fn asked_by_places() -> Vec<&'static str> {
    ENTRIES.iter().filter_map(|entry| entry.place_for).flatten().copied().collect()
}

/// Where somebody may go.
pub(super) fn places(may: &[String]) -> impl Iterator<Item = &'static Entry> {
    let open = |entry: &&Entry| {
        entry.place_for.is_some_and(|all| {
            all.is_empty() || all.iter().any(|one| may.iter().any(|may| may == one))
        })
    };
    ENTRIES.iter().filter(open).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use console::Kind;

    use super::*;
    use crate::console::asking::operation;
    use crate::openapi;

    #[test]
    fn what_a_page_shows_and_offers_are_operations() {
        for entry in ENTRIES {
            let named = entry.shows.iter().chain(entry.offers);
            let tried = entry.tries.iter().flat_map(|(shown, gate)| [shown, gate]);
            let places = entry.place_for.into_iter().flatten();
            for name in named.chain(tried).chain(places) {
                assert!(operation(name).is_some(), "{}: {name}", entry.path);
            }
            let of_thing = entry.shows.iter().any(|name| operation(name).unwrap().names_a_thing());
            assert_eq!(entry.of_thing, of_thing, "{}", entry.path);
        }
    }

    #[test]
    fn pages_ask_about_no_more_operations_than_may_be_asked() {
        for entry in ENTRIES {
            let asked = asked_by_places().len() + entry.offers.len() + entry.tries.len();
            assert!(asked <= 64, "{}", entry.path);
        }
    }

    /// What a schema says at a place, however often it refers or chooses.
    fn at<'a>(schema: &'a Value, path: &[&str]) -> Vec<&'a Value> {
        let document = openapi::document();
        if let Some(name) = schema["$ref"].as_str() {
            return at(document.pointer(name.trim_start_matches('#')).unwrap(), path);
        }
        let choices = ["anyOf", "oneOf", "allOf"].into_iter();
        let choices = choices.flat_map(|name| schema[name].as_array().into_iter().flatten());
        let mut found: Vec<&Value> = choices.flat_map(|choice| at(choice, path)).collect();
        match path {
            [] => found.push(schema),
            [name, rest @ ..] if name.bytes().all(|byte| byte.is_ascii_digit()) => {
                found.extend(schema.get("items").into_iter().flat_map(|items| at(items, rest)));
            }
            [name, rest @ ..] => {
                let within = schema["properties"].get(name);
                found.extend(within.into_iter().flat_map(|within| at(within, rest)));
            }
        }
        found
    }

    fn body_of(form: &console::Form) -> &'static Value {
        let path = match form.id {
            "sign-in" | "new-password" => format!("{}/{}", openapi::BASE, form.id),
            _ => format!("{}{}", openapi::BASE, operation(form.operation).unwrap().path),
        };
        &openapi::document()["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    }

    #[test]
    fn a_form_has_the_fields_of_its_operation_and_all_that_are_required() {
        let open = [&console::SIGN_IN, &console::NEW_PASSWORD];
        let mut names = BTreeSet::new();
        for form in console::forms().chain(open) {
            assert!(names.insert(form.id), "{} is there twice", form.id);
            let body = body_of(form);
            for field in form.fields {
                let path: Vec<&str> = field.name.split('.').collect();
                let found = at(body, &path);
                assert!(!found.is_empty(), "{}: the body has no {}", form.id, field.name);
                let Kind::Choice(choices) = field.kind else { continue };
                let listed = found.iter().flat_map(|schema| {
                    let all = schema["enum"].as_array().into_iter().flatten();
                    all.chain(schema.get("const")).filter_map(Value::as_str)
                });
                let listed: BTreeSet<&str> = listed.collect();
                for (choice, _) in choices {
                    let known = listed.is_empty() || listed.contains(choice);
                    assert!(known, "{}: {} has no {choice}", form.id, field.name);
                }
            }
            for schema in at(body, &[]) {
                let required = schema["required"].as_array().into_iter().flatten();
                for name in required.filter_map(Value::as_str) {
                    // A body that is one of several has a form for each.
                    let of_another = form.id != form.operation;
                    let has = form.fields.iter().any(|it| it.name.split('.').next() == Some(name));
                    assert!(has || of_another, "{}: {name} is required", form.id);
                }
            }
        }
    }
}
