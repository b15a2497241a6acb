//! The stand-ins refuse what the real systems are documented to refuse: a client that asked wrongly
//! would not pass its tests.

use serde_json::Value;

use crate::http::{Asked, Reply, pairs};
use crate::{People, afas, somtoday};

const PEOPLE: People = People { seed: 1, count: 30 };

fn asked(method: &str, target: &str, header: (&str, &str), body: &str) -> Asked {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Asked {
        method: method.to_owned(),
        path: path.to_owned(),
        query: pairs(query),
        headers: vec![(header.0.to_owned(), header.1.to_owned())],
        body: body.to_owned(),
    }
}

fn rows(reply: &Reply, list: &str) -> usize {
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    answer[list].as_array().map_or(0, Vec::len)
}

#[test]
fn afas_checks_token_connector_and_parameters() {
    use base64::Engine as _;
    let token = format!("<token><version>1</version><data>{}</data></token>", afas::TOKEN);
    let token = base64::engine::general_purpose::STANDARD.encode(token);
    let token = format!("AfasToken {token}");
    let page = "/profitrestservices/connectors/Zegel_Medewerkers";
    let requests = [
        ("?skip=0&take=10&orderbyfieldids=Medewerker", 200, 10),
        ("?skip=20&take=100&orderbyfieldids=Medewerker", 200, 10),
        ("?skip=30&take=10&orderbyfieldids=Medewerker", 200, 0),
        ("?skip=-1&take=-1", 200, 30),
        ("?skip=2&take=-1", 500, 0),
        ("?skip=a&take=1", 400, 0),
        ("?skip=0&take=1&orderbyfieldids=Other", 500, 0),
        ("?skip=0&take=1&filterfieldids=Medewerker", 500, 0),
    ];
    for (query, status, count) in requests {
        let asked = asked("GET", &format!("{page}{query}"), ("authorization", &token), "");
        let reply = afas::answer(&asked, PEOPLE, None);
        assert_eq!((reply.status, rows(&reply, "rows")), (status, count), "{query}");
    }
    for (path, token, status) in [
        (page, "AfasToken x", 401),
        (page, "", 401),
        ("/other", token.as_str(), 401),
        ("/ProfitRestServices/connectors/Other", token.as_str(), 401),
        ("/ProfitRestServices/METAINFO/get/zegel_medewerkers", token.as_str(), 200),
    ] {
        let asked = asked("GET", path, ("authorization", token), "");
        assert_eq!(afas::answer(&asked, PEOPLE, None).status, status, "{path}");
    }
}

#[test]
fn somtoday_checks_client_token_location_and_parameters() {
    let mut memory = somtoday::Memory { token_lasts: 100, ..somtoday::Memory::default() };
    let form = ("content-type", "application/x-www-form-urlencoded");
    let right = "grant_type=client_credentials&client_id=zegel&client_secret=open%26shut";
    let here = format!("/oauth2/token?organisation={}", somtoday::ORGANISATION);
    let tokens = [
        (here.as_str(), "grant_type=password", 400),
        (here.as_str(), "grant_type=client_credentials&client_id=zegel&client_secret=x", 401),
        ("/oauth2/token?organisation=x", right, 400),
        ("/oauth2/token", right, 400),
        (here.as_str(), right, 200),
    ];
    for (target, body, status) in tokens {
        let asked = asked("POST", target, form, body);
        assert_eq!(somtoday::answer(&asked, PEOPLE, None, &mut memory).status, status, "{body}");
    }
    let place = "/rest/v1/connect/vestiging/0a1b2c3d-0000-4000-8000-100000000000/medewerker";
    let requests = [
        ("?amount=5", 200, 5),
        ("?offset=100&amount=200&veldpermissies=true", 200, 0),
        ("", 400, 0),
        ("?amount=201", 400, 0),
        ("?amount=0", 400, 0),
        ("?amount=5&offset=x", 400, 0),
        ("?amount=5&skip=1", 400, 0),
    ];
    for (query, status, count) in requests {
        let bearer = ("authorization", "Bearer token-1");
        let asked = asked("GET", &format!("{place}{query}"), bearer, "");
        let reply = somtoday::answer(&asked, PEOPLE, None, &mut memory);
        assert_eq!((reply.status, rows(&reply, "medewerkers")), (status, count), "{query}");
    }
    let stranger = asked("GET", place, ("authorization", "Bearer token-0"), "");
    assert_eq!(somtoday::answer(&stranger, PEOPLE, None, &mut memory).status, 401);
}
