//! Several keys for a provider: named, ordered, rotated, erased, and one of them always the default.

mod arranging;
mod constraints;
mod depending;
mod endings;
mod fingerprints;
mod importing;
mod migrating;
mod races;
mod removing;
mod rotating;
mod undoing;

use crate::harness::TestApp;
use latchkey::domain::{Actor, KeyId, Overlap, ProviderKey};
use latchkey::service::ServiceError;
use latchkey::service::keys::{AddKey, KeySelector, Keys, RotateKey, SavedKey};
use latchkey::service::projects::ProjectRef;
use secrecy::SecretString;
use serde_json::Value;
use sqlx::AssertSqlSafe;

/// One of many OpenAI keys that work.
fn secret(number: u32) -> String {
    format!("sk-proj-sandbox-valid-0123456789-{number:04}")
}

fn keys(app: &TestApp) -> &Keys {
    &app.services.keys
}

fn owner(app: &TestApp) -> &Actor {
    &app.own.owner
}

/// Who may probe as often as they like.
fn system(app: &TestApp) -> Actor {
    Actor::system(app.own.owner.org, app.own.owner.request)
}

fn project(app: &TestApp) -> ProjectRef {
    ProjectRef::Id(app.own.project.id)
}

fn new_key(name: &str, number: u32, is_default: bool) -> AddKey {
    AddKey {
        secret: SecretString::from(secret(number)),
        name: name.to_owned(),
        endpoint: None,
        api_version: None,
        allow_unverified: false,
        is_default,
        added_by_name: "owner".to_owned(),
    }
}

/// Adds an OpenAI key to the own project.
async fn add(app: &TestApp, name: &str, number: u32) -> ProviderKey {
    let new = new_key(name, number, false);
    let added = keys(app).add(&system(app), &project(app), "openai", new).await;
    added.unwrap().key
}

fn rotation(number: u32, overlap: Overlap) -> RotateKey {
    RotateKey {
        secret: SecretString::from(secret(number)),
        name: None,
        endpoint: None,
        api_version: None,
        overlap,
        added_by_name: "owner".to_owned(),
    }
}

async fn rotate(app: &TestApp, key: &ProviderKey, number: u32, overlap: Overlap) -> Result<SavedKey, ServiceError> {
    let rotation = rotation(number, overlap);
    keys(app)
        .rotate(&system(app), &project(app), &seen(key), rotation)
        .await
}

/// The key, as it was when it was read.
fn seen(key: &ProviderKey) -> KeySelector {
    KeySelector::seen(key.id, Some(key.row_version))
}

async fn look_at(app: &TestApp, key: KeyId) -> ProviderKey {
    let found = keys(app).get(owner(app), &project(app), &KeySelector::Id(key)).await;
    found.unwrap()
}

/// The default of OpenAI.
async fn default_key(app: &TestApp) -> Option<ProviderKey> {
    let selector = KeySelector::default_of("openai").unwrap();
    match keys(app).get(owner(app), &project(app), &selector).await {
        Ok(key) => Some(key),
        Err(ServiceError::Missing(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Names of the own project's keys that are not deleted, in order, the default marked.
async fn names(app: &TestApp) -> Vec<String> {
    let (_, keys) = keys(app).list(owner(app), &project(app)).await.unwrap();
    let live = keys.into_iter().filter(|key| key.deleted_at.is_none());
    live.map(|key| format!("{}{}", key.name, if key.is_default { "*" } else { "" }))
        .collect()
}

/// The details of the own organization's audit events of that name.
async fn told(app: &TestApp, event: &str) -> Vec<Value> {
    let events: Vec<(Value,)> =
        sqlx::query_as("select details from audit_events where org_id = $1 and event = $2 order by sequence")
            .bind(app.own.owner.org.as_uuid())
            .bind(event)
            .fetch_all(&app.database)
            .await
            .unwrap();
    events.into_iter().map(|(details,)| details).collect()
}

async fn run(app: &TestApp, statement: &str) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(AssertSqlSafe(statement.to_owned()))
        .execute(&app.database)
        .await;
    done.map(|done| done.rows_affected())
}

#[track_caller]
fn is_name_taken<T>(result: &Result<T, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::Invalid { field: "name", .. }))
}

fn is_changed<T>(result: &Result<T, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::Changed(_)))
}

fn is_missing<T>(result: &Result<T, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::Missing(_)))
}

fn is_conflict<T>(result: &Result<T, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::Conflict(_)))
}
