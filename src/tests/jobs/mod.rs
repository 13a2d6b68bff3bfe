//! Work that nobody waits for: done once, by any instance, and again when one dies over it.

mod dying;
mod killing;
mod live;
mod metrics;
mod operating;
mod probing;
mod queue;

use crate::harness::TestApp;
use latchkey::domain::{HealthReason, KeyId, NextProbe, ProviderKey, ProviderSlug};
use latchkey::jobs::Pace;
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::keys::{KeySelector, SaveKey};
use latchkey::service::projects::ProjectRef;
use secrecy::SecretString;
use serde_json::Value;
use std::time::Duration;
use time::OffsetDateTime;

/// Dead instances are noticed at once, and jobs whose time has come too.
pub(crate) const QUICK: Pace = Pace {
    heartbeat: Duration::from_millis(200),
    dead_after: Duration::from_millis(1_500),
    look: Duration::from_millis(50),
    grace: Duration::from_secs(3),
};
/// How long something that must happen is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Saves the own project's key for a provider.
pub(crate) async fn bring(app: &TestApp, provider: &str, behaviour: Behaviour) -> ProviderKey {
    let save = SaveKey {
        secret: SecretString::from(Sandbox::key(provider, behaviour)),
        name: None,
        endpoint: None,
        api_version: None,
        seen_row_version: None,
        allow_unverified: false,
        added_by_name: "owner".to_owned(),
    };
    let saved = app
        .services
        .keys
        .save(&app.own.owner, &project(app), provider, save)
        .await;
    saved.unwrap().key
}

fn project(app: &TestApp) -> ProjectRef {
    ProjectRef::Id(app.own.project.id)
}

async fn look_at(app: &TestApp, key: KeyId) -> ProviderKey {
    let keys = &app.services.keys;
    keys.get(&app.own.owner, &project(app), &KeySelector::Id(key))
        .await
        .unwrap()
}

/// When the key is probed next, and after how many failures in a row.
async fn next_probe(app: &TestApp, key: KeyId) -> NextProbe {
    let (at, failures) = sqlx::query_as("select probe_at, probe_attempts from provider_keys where id = $1")
        .bind(key.as_uuid())
        .fetch_one(&app.database)
        .await
        .unwrap();
    NextProbe { at, failures }
}

async fn make_due(app: &TestApp) {
    sqlx::query("update provider_keys set probe_at = null")
        .execute(&app.database)
        .await
        .unwrap();
}

/// How many jobs wait or are at work, those of the clock aside.
async fn jobs_about_keys(app: &TestApp) -> i64 {
    sqlx::query_scalar(
        "select count(*) from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
         where t.identifier in ('reprobe', 'second_opinion')",
    )
    .fetch_one(&app.database)
    .await
    .unwrap()
}

/// Waits until `condition` holds of what `look` sees.
pub(crate) async fn until<T, Look: Future<Output = T>>(
    mut look: impl FnMut() -> Look,
    condition: impl Fn(&T) -> bool,
) -> T {
    let waiting = async {
        loop {
            let seen = look().await;
            if condition(&seen) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .expect("it did not happen")
}

/// Waits until no job about a key is left.
async fn until_done(app: &TestApp) {
    until(|| jobs_about_keys(app), |jobs| *jobs == 0).await;
}

/// How often a provider was asked anything with that key.
fn asked(app: &TestApp, provider: &str, behaviour: Behaviour) -> usize {
    let key = Sandbox::key(provider, behaviour);
    let requests = app.sandbox.requests();
    requests.iter().filter(|seen| seen.key == key).count()
}

/// The details of the own organization's audit events of that name, with the kind of who acted.
async fn told(app: &TestApp, event: &str) -> Vec<(String, Value)> {
    let events = app.services.audit.list(&app.own.owner, 0, 1_000).await.unwrap();
    let events = events.into_iter().filter(|one| one.event == event);
    events.map(|one| (one.actor_kind, one.details)).collect()
}

fn reason(key: &ProviderKey) -> Option<HealthReason> {
    key.health.reason
}

/// Every provider with an address of its own.
fn providers() -> Vec<ProviderSlug> {
    let own = latchkey::providers::catalogue()
        .iter()
        .filter(|one| one.origin().is_some());
    own.map(|provider| provider.slug().parse().unwrap()).collect()
}

fn minutes(from: OffsetDateTime, to: OffsetDateTime) -> f64 {
    (to - from).as_seconds_f64() / 60.0
}
