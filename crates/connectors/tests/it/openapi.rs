//! Every request to Somtoday is one that its OpenAPI document (14.10.0) allows, and asks for no
//! more than it needs.
//!
//! The table carries over the facts of the document. With `ZEGEL_SOMTODAY_OPENAPI` naming a copy of
//! it, the table itself is compared with it; the document is not in the repository.

use std::collections::BTreeSet;

use serde_json::Value;
use standins::{Asked, People, System};

use crate::support::*;

struct Operation {
    path: &'static str,
    /// Name, whether it must be there, and the largest number.
    query: &'static [(&'static str, bool, Option<u64>)],
    /// The list in the answer, and the fields of its items that we read.
    list: &'static str,
    item: &'static str,
    read: &'static [&'static str],
}

const OPERATIONS: [Operation; 3] = [
    Operation {
        path: "/connect/instelling",
        query: &[("brin", false, None), ("naam", false, None)],
        list: "instellingen",
        item: "Instelling",
        read: &["uuid", "brins"],
    },
    Operation {
        path: "/connect/vestiging",
        query: &[("uuid", false, None), ("veldpermissies", false, None)],
        list: "vestigingen",
        item: "Vestiging",
        read: &["uuid"],
    },
    Operation {
        path: "/connect/vestiging/{vestigingUUID}/medewerker",
        query: &[
            ("peilschooljaar", false, None),
            ("uuid", false, None),
            ("offset", false, None),
            ("amount", true, Some(200)),
            ("veldpermissies", false, None),
            ("subject", false, None),
        ],
        list: "medewerkers",
        item: "Medewerker",
        read: &["uuid", "roepnaam", "voorletters", "voorvoegsel", "achternaam", "emailadres"],
    },
];

impl Operation {
    fn is(&self, path: &str) -> bool {
        let (ours, theirs) = (self.path.split('/'), path.split('/'));
        let same = |(ours, theirs): (&str, &str)| ours.starts_with('{') || ours == theirs;
        ours.clone().count() == theirs.clone().count() && ours.zip(theirs).all(same)
    }

    fn allows(&self, asked: &Asked) {
        assert_eq!((asked.method.as_str(), asked.body.as_str()), ("GET", ""));
        for (name, value) in &asked.query {
            let (_, _, most) = self.query.iter().find(|(known, ..)| known == name).unwrap();
            let within = |most: &u64| value.parse::<u64>().unwrap() <= *most;
            assert!(most.as_ref().is_none_or(within), "{name}={value}");
        }
        for (name, ..) in self.query.iter().filter(|(_, required, _)| *required) {
            assert!(asked.parameter(name).is_some(), "{name} is missing");
        }
        let bearer = asked.header("authorization").unwrap();
        assert!(
            bearer.starts_with("Bearer ") && asked.header("accept") == Some("application/json")
        );
    }
}

#[test]
fn every_request_is_one_that_the_document_allows() {
    let mut setup = setup(System::Somtoday);
    setup.role.people = People { seed: 5, count: 700 };
    setup.limits.page_rows = 200;
    let outcome = run(setup);
    assert_eq!(outcome.people.len(), 700);
    let mut used = BTreeSet::new();
    for asked in &outcome.asked {
        let Some(path) = asked.path.strip_prefix("/rest/v1") else {
            assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/oauth2/token"));
            assert_eq!(asked.query.len(), 1, "the organisation, and nothing else");
            assert!(asked.parameter("organisation").is_some());
            continue;
        };
        let operation = OPERATIONS.iter().find(|operation| operation.is(path)).unwrap();
        operation.allows(asked);
        used.insert(operation.path);
    }
    assert_eq!(used.len(), OPERATIONS.len(), "each operation is used");
}

#[test]
fn the_table_says_what_the_document_says() {
    let Some(path) = std::env::var_os("ZEGEL_SOMTODAY_OPENAPI") else {
        println!("skipped: ZEGEL_SOMTODAY_OPENAPI names no copy of Somtoday's OpenAPI document");
        return;
    };
    let document: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for operation in &OPERATIONS {
        let get = &document["paths"][operation.path]["get"];
        let parameters = get["parameters"].as_array().unwrap();
        let query: BTreeSet<(&str, bool, Option<u64>)> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| {
                let required = parameter["required"].as_bool().unwrap_or(false);
                let most = parameter["schema"]["maximum"].as_u64();
                (parameter["name"].as_str().unwrap(), required, most)
            })
            .collect();
        assert_eq!(query, operation.query.iter().copied().collect(), "{}", operation.path);
        let answer = &get["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
        let answer = schema(&document, answer.as_str().unwrap());
        let item = answer["properties"][operation.list]["items"]["$ref"].as_str().unwrap();
        assert!(item.ends_with(&format!("/{}", operation.item)));
        let fields = schema(&document, item)["properties"].as_object().unwrap();
        for field in operation.read {
            assert!(fields.contains_key(*field), "{field}");
        }
    }
    let tokens = document["components"]["securitySchemes"].as_object().unwrap().values();
    for token in tokens {
        let url = token["flows"]["clientCredentials"]["tokenUrl"].as_str().unwrap();
        assert!(url.contains("/oauth2/token"), "{url}");
    }
}

fn schema<'a>(document: &'a Value, reference: &str) -> &'a Value {
    document.pointer(reference.trim_start_matches('#')).unwrap()
}
