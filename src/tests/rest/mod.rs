//! REST under `/api/v1`.

mod access;
mod audit;
mod bad_input;
mod calls;
mod description;
mod idempotency;
mod import;
mod keys;
mod limits;
mod locks;
mod native_keys;
mod organization;
mod outages;
mod paging;
mod people;
mod projects;
mod rotation;
mod settings;
mod tokens;
mod tokens_by_id;
mod versions;

use crate::harness::{Answer, TestApp};
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::{Value, json};

const KEYS: &str = "/api/v1/projects/main/byok-keys";
const OPENAI: &str = "/api/v1/projects/main/byok-keys/openai";
const TOKENS: &str = "/api/v1/projects/main/api-keys";

fn openai_key(behaviour: Behaviour) -> String {
    Sandbox::key("openai", behaviour)
}

/// Brings an OpenAI key.
async fn put_openai(app: &TestApp, token: &str, secret: &str) -> Answer {
    app.call("PUT", OPENAI)
        .bearer(token)
        .json(json!({ "api_key": secret }))
        .send()
        .await
}

/// The project's keys as the list shows them.
async fn listed(app: &TestApp, token: &str) -> Vec<Value> {
    let list = app.call("GET", KEYS).bearer(token).send().await.expect(200);
    assert_eq!(fields(&list), ["keys"]);
    list["keys"].as_array().unwrap().clone()
}

/// The names of an object's fields, sorted.
fn fields(object: &Value) -> Vec<&str> {
    let mut names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
