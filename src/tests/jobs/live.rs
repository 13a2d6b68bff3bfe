//! What live traffic tells of keys.

use super::{QUICK, asked, bring, jobs_about_keys, look_at, reason, told, until, until_done};
use crate::harness::TestApp;
use latchkey::domain::{HealthReason, ProviderKey, Verdict};
use latchkey::jobs;
use latchkey::providers;
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::live_health::Sighting;
use sqlx::PgPool;
use std::time::Duration;

fn sighting(app: &TestApp, key: &ProviderKey, verdict: Verdict, needs_second_opinion: bool) -> Sighting {
    Sighting {
        actor: app.own.owner.clone(),
        project: key.project,
        key: key.id,
        secret_version: key.secret_version,
        provider: providers::find(key.provider.as_str()).unwrap(),
        verdict,
        needs_second_opinion,
    }
}

fn refused() -> Verdict {
    Verdict::because(HealthReason::Invalid, "Incorrect API key provided.")
}

async fn until_reason(app: &TestApp, key: &ProviderKey, wanted: Option<HealthReason>) -> ProviderKey {
    until(|| look_at(app, key.id), |key| reason(key) == wanted).await
}

#[sqlx::test(migrations = false)]
async fn a_refusal_is_kept_and_told_once_however_often_it_is_seen(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let second = app.second_instance().await;
    let key = bring(&app, "openai", Behaviour::Valid).await;
    for _ in 0..100 {
        app.services.live_health.observe(sighting(&app, &key, refused(), false));
        second
            .services
            .live_health
            .observe(sighting(&app, &key, refused(), false));
    }
    let found = until_reason(&app, &key, Some(HealthReason::Invalid)).await;
    assert_eq!(found.health.message.as_deref(), Some("Incorrect API key provided."));
    assert_eq!(found.row_version, key.row_version, "its configuration is as it was");
    // Something later in the same queues: when it is there, everything before it is.
    let other = bring(&app, "anthropic", Behaviour::Valid).await;
    app.services
        .live_health
        .observe(sighting(&app, &other, refused(), false));
    second
        .services
        .live_health
        .observe(sighting(&app, &other, refused(), false));
    until_reason(&app, &other, Some(HealthReason::Invalid)).await;
    let told = told(&app, "key.became_unhealthy").await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter()
            .all(|(actor, details)| actor == "user" && details["found_by"] == "live_traffic")
    );
}

#[sqlx::test(migrations = false)]
async fn a_spent_quota_rests_until_its_time_and_a_success_ends_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = bring(&app, "openai", Behaviour::Valid).await;
    let spent = Verdict::because(HealthReason::Exhausted, "You exceeded your current quota.");
    let spent = spent.retry_after(Some(Duration::from_mins(10)));
    app.services.live_health.observe(sighting(&app, &key, spent, false));
    let found = until_reason(&app, &key, Some(HealthReason::Exhausted)).await;
    let rests = found.health.retry_at.unwrap() - found.health.checked_at.unwrap();
    assert_eq!(rests, Duration::from_mins(10));
    app.services
        .live_health
        .observe(sighting(&app, &key, Verdict::healthy(), false));
    until_reason(&app, &key, None).await;
    let events: Vec<_> = told(&app, "key.recovered").await;
    assert_eq!(events.len(), 1);
}

#[sqlx::test(migrations = false)]
async fn what_is_seen_of_a_replaced_secret_says_nothing_of_the_new_one(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let old = bring(&app, "openai", Behaviour::Valid).await;
    let new = bring(&app, "openai", Behaviour::Slow).await;
    assert_eq!((new.id, new.secret_version), (old.id, old.secret_version + 1));
    app.services.live_health.observe(sighting(&app, &old, refused(), false));
    let other = bring(&app, "anthropic", Behaviour::Valid).await;
    app.services
        .live_health
        .observe(sighting(&app, &other, refused(), false));
    until_reason(&app, &other, Some(HealthReason::Invalid)).await;
    assert_eq!(reason(&look_at(&app, new.id).await), None);
}

#[sqlx::test(migrations = false)]
async fn an_ambiguous_refusal_counts_after_two_probes_a_minute_apart(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    let key = bring(&app, "mistral", Behaviour::Valid).await;
    app.sandbox.revoke(&Sandbox::key("mistral", Behaviour::Valid));
    app.sandbox.clear_calls();
    app.services.live_health.observe(sighting(&app, &key, refused(), true));
    let waits: f64 = until(
        || async {
            let waits = sqlx::query_scalar(
                "select extract(epoch from run_at - now())::float8 from graphile_worker.jobs
                 where task_identifier = 'second_opinion' and key like '%:last'",
            );
            waits.fetch_optional(&app.database).await.unwrap()
        },
        Option::is_some,
    )
    .await
    .unwrap();
    assert!((50.0..=60.0).contains(&waits), "{waits}");
    assert_eq!(asked(&app, "mistral", Behaviour::Valid), 1);
    assert_eq!(reason(&look_at(&app, key.id).await), None, "not yet");
    sqlx::query("update graphile_worker._private_jobs set run_at = now() where key like 'second_opinion:%'")
        .execute(&app.database)
        .await
        .unwrap();
    until_reason(&app, &key, Some(HealthReason::Invalid)).await;
    assert_eq!(asked(&app, "mistral", Behaviour::Valid), 2);
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn an_ambiguous_refusal_that_a_probe_does_not_confirm_changes_nothing(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = bring(&app, "mistral", Behaviour::Valid).await;
    app.sandbox.clear_calls();
    app.services.live_health.observe(sighting(&app, &key, refused(), true));
    until(|| jobs_about_keys(&app), |jobs| *jobs == 1).await;
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    until_done(&app).await;
    assert_eq!(asked(&app, "mistral", Behaviour::Valid), 1);
    assert_eq!(reason(&look_at(&app, key.id).await), None);
    assert!(told(&app, "key.became_unhealthy").await.is_empty());
    jobs.stop(QUICK.grace).await;
}
