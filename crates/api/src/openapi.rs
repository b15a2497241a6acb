//! The OpenAPI 3.1 document, made of the operations that the router is made of.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::answer::{Answering, Form, Recorded, WithCode, Withdrawing, Withdrawn};
use crate::operation::{Member, Operation};
use crate::operations;
use crate::sign_in::{NewPassword, SignedIn, SigningIn};
use crate::timeline::Kind;

/// Where operations stand.
pub(crate) const BASE: &str = "/v1/tenants/{tenant}";

/// The document, as JSON; made once, since anybody may ask for it.
pub(crate) fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(written);
    &DOCUMENT
}

fn written() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut schemas = settings.into_generator();
    let mut paths = Map::new();
    for operation in operations::all() {
        let method = operation.method.as_str().to_lowercase();
        let described = described(&operation, &mut schemas);
        add(&mut paths, operation.path, &method, described);
    }
    for (path, method, described) in before_sign_in(&mut schemas) {
        add(&mut paths, path, method, described);
    }
    for (path, described) in with_a_code(&mut schemas) {
        add(&mut paths, path, "post", described);
    }
    let definitions = schemas.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Zegel",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Every action a sealed event",
            "license": { "name": "EUPL-1.2", "identifier": "EUPL-1.2" },
        },
        "paths": paths,
        "components": {
            "schemas": with_problem(definitions),
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-zegel" },
                "token": { "type": "http", "scheme": "bearer" },
            },
        },
    })
}

fn add(paths: &mut Map<String, Value>, path: &str, method: &str, described: Value) {
    let entry = paths.entry(format!("{BASE}{path}")).or_insert_with(|| json!({}));
    if let Some(entry) = entry.as_object_mut() {
        entry.insert(method.to_owned(), described);
    }
}

fn described(operation: &Operation, schemas: &mut SchemaGenerator) -> Value {
    let answer = match operation.files {
        [] => shown(&(operation.answer)(schemas)),
        files => handed_over(files),
    };
    let mut responses = problems(if operation.changes() { WRITES } else { READS });
    responses.insert("200".to_owned(), answer);
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "security": [{ "session": [] }, { "token": [] }],
        "parameters": parameters(operation),
        "responses": responses,
    });
    if let (Some(body), Some(described)) = (operation.body, described.as_object_mut()) {
        described.insert("requestBody".to_owned(), required(&body(schemas)));
    }
    described
}

/// What is asked before anybody is known.
fn before_sign_in(schemas: &mut SchemaGenerator) -> Vec<(&'static str, &'static str, Value)> {
    let signing_in = of::<SigningIn>(schemas);
    let (signed_in, new_password) = (of::<SignedIn>(schemas), of::<NewPassword>(schemas));
    let open = |id: &str, summary: &str, body: Option<&Schema>, status: &str, answer: Value| {
        let mut responses = problems(OPEN);
        responses.insert(status.to_owned(), answer);
        let mut described = json!({
            "operationId": id,
            "summary": summary,
            "security": [],
            "parameters": [tenant()],
            "responses": responses,
        });
        if let (Some(body), Some(described)) = (body, described.as_object_mut()) {
            described.insert("requestBody".to_owned(), required(body));
        }
        described
    };
    let nothing = || json!({ "description": "It is done" });
    vec![
        (
            "/sign-in",
            "post",
            open(
                "sign-in",
                "Sign in: begins a session",
                Some(&signing_in),
                "200",
                shown(&signed_in),
            ),
        ),
        ("/sign-out", "post", open("sign-out", "Sign out", None, "204", nothing())),
        (
            "/new-password",
            "post",
            open(
                "new-password",
                "Set a password with a code",
                Some(&new_password),
                "204",
                nothing(),
            ),
        ),
    ]
}

/// What a respondent does, who has no account.
fn with_a_code(schemas: &mut SchemaGenerator) -> Vec<(&'static str, Value)> {
    let open = |id: &str, summary: &str, body: Schema, answer: Schema, keyed: bool| {
        let mut responses = problems(WRITES);
        responses.insert("200".to_owned(), shown(&answer));
        let key = keyed.then(idempotency_key);
        json!({
            "operationId": id,
            "summary": summary,
            "security": [],
            "parameters": std::iter::once(tenant()).chain(key).collect::<Vec<_>>(),
            "requestBody": required(&body),
            "responses": responses,
        })
    };
    let (code, form) = (of::<WithCode>(schemas), of::<Form>(schemas));
    let (answering, recorded) = (of::<Answering>(schemas), of::<Recorded>(schemas));
    let (withdrawing, withdrawn) = (of::<Withdrawing>(schemas), of::<Withdrawn>(schemas));
    let says = "The questions that a code opens, and what happens with the answers";
    vec![
        ("/answer-form", open("answer-form", says, code, form, false)),
        ("/answers", open("answer", "Answer with a code", answering, recorded, true)),
        (
            "/answer-withdrawal",
            open("answer-withdrawal", "Take an answer back", withdrawing, withdrawn, false),
        ),
    ]
}

fn of<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Schema {
    schemas.subschema_for::<T>()
}

fn shown(answer: &Schema) -> Value {
    json!({
        "description": "It is done, or shown",
        "content": { "application/json": { "schema": answer } },
    })
}

fn handed_over(files: &[&str]) -> Value {
    let content: Map<String, Value> =
        files.iter().map(|file| ((*file).to_owned(), json!({}))).collect();
    json!({ "description": "A file", "content": content })
}

fn required(body: &Schema) -> Value {
    json!({ "required": true, "content": { "application/json": { "schema": body } } })
}

fn tenant() -> Value {
    path_parameter("tenant")
}

fn path_parameter(name: &str) -> Value {
    let schema = if name == "kind" { json!({ "type": "string", "enum": kinds() }) } else { id() };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn kinds() -> Vec<&'static str> {
    Kind::ALL.iter().map(|(name, _)| *name).collect()
}

fn id() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" })
}

fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": true,
        "description": "Names the request, so that its repetition is known",
        "schema": { "type": "string", "pattern": "^[!-~]{1,128}$" },
    })
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let mut parameters = vec![tenant()];
    let names = operation.path.split('/').filter_map(|part| part.strip_prefix('{'));
    parameters.extend(names.filter_map(|name| name.strip_suffix('}')).map(path_parameter));
    if operation.changes() {
        parameters.push(idempotency_key());
    }
    if operation.recorded {
        parameters.push(json!({
            "name": "Zegel-Reason",
            "in": "header",
            "required": false,
            "description": "Why, in percent-encoded UTF-8; recorded with whose data it is",
            "schema": { "type": "string", "pattern": "^([0-9A-Za-z._~+-]|%[0-9A-Fa-f]{2}){1,3000}$" },
        }));
    }
    if operation.shown_by.is_some() {
        parameters.push(json!({
            "name": "If-Match",
            "in": "header",
            "required": false,
            "description": "The `ETag` of the thing as it was read: whoever was overtaken changes nothing",
            "schema": { "type": "string", "pattern": "^\"[0-9a-f]{32}\"$" },
        }));
    }
    for Member { name, pattern, .. } in &operation.query {
        let schema = json!({ "type": "string", "pattern": pattern });
        parameters
            .push(json!({ "name": name, "in": "query", "required": false, "schema": schema }));
    }
    parameters
}

const OPEN: &[u16] = &[400, 401, 403, 405, 408, 411, 413, 415, 429, 500, 503];
const READS: &[u16] = &[304, 400, 401, 403, 404, 405, 408, 409, 410, 411, 500, 503];
const WRITES: &[u16] =
    &[400, 401, 403, 404, 405, 408, 409, 410, 411, 412, 413, 415, 422, 429, 500, 503];

fn problems(statuses: &[u16]) -> Map<String, Value> {
    let problem = |status: &u16| {
        let described = match status {
            304 => json!({ "description": "Not changed" }),
            _ => json!({
                "description": "A problem (RFC 9457)",
                "content": { "application/problem+json": {
                    "schema": { "$ref": "#/components/schemas/Problem" },
                } },
            }),
        };
        (status.to_string(), described)
    };
    statuses.iter().map(problem).collect()
}

fn with_problem(mut definitions: Map<String, Value>) -> Map<String, Value> {
    let problem = json!({
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": { "type": "string", "pattern": "^urn:zegel:problem:[a-z-]+$" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
        },
    });
    definitions.insert("Problem".to_owned(), problem);
    definitions
}
