//! Usage by the hour.

use super::{event, event_at, record};
use crate::harness::TestApp;
use latchkey::domain::{Clock, KeySource, SystemClock};
use latchkey::service::projects::ProjectRef;
use serde_json::Value;
use sqlx::PgPool;
use std::time::Duration;
use time::macros::{date, datetime};

/// What the hours add up to, and what the events themselves do.
async fn sums(app: &TestApp) -> (Value, Value) {
    sqlx::query_as(
        "select (select jsonb_build_object('calls', sum(calls), 'failed', sum(failed_calls), 'in', sum(input_tokens),
                        'out', sum(output_tokens), 'cost', sum(cost_micros), 'without', sum(calls_without_cost),
                        'fee', sum(fee_micros)) from usage_hours),
                (select jsonb_build_object('calls', count(*), 'failed', count(*) filter (where status >= 400),
                        'in', sum(input_tokens), 'out', sum(output_tokens), 'cost', sum(cost_micros),
                        'without', count(*) filter (where cost_micros is null and key_source is not null),
                        'fee', sum(fee_micros)) from usage_events)",
    )
    .fetch_one(&app.database)
    .await
    .unwrap()
}

async fn rows(app: &TestApp) -> Vec<Value> {
    sqlx::query_scalar("select to_jsonb(h) || jsonb_build_object('at', ctid::text) from usage_hours h order by 1")
        .fetch_all(&app.database)
        .await
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn hours_add_up_and_computing_them_again_changes_nothing(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut failed = event(&app.own);
    failed.status = 500;
    failed.reported_cost = None;
    let mut refused = event(&app.own);
    refused.key_source = None;
    refused.reported_cost = None;
    refused.status = 424;
    let mut own_key = event(&app.own);
    own_key.key_source = Some(KeySource::Byok);
    let before = event_at(&app.own, SystemClock.now() - Duration::from_mins(70));
    let events = [
        event(&app.own),
        event(&app.own),
        failed,
        refused,
        own_key,
        before,
        event(&app.foreign),
    ];
    record(&app.services, events).await;
    let maintenance = &app.services.maintenance;
    maintenance.roll_up_usage().await.unwrap();
    let (hours, events) = sums(&app).await;
    assert_eq!(hours, events);
    let kept = rows(&app).await;
    maintenance.roll_up_usage().await.unwrap();
    assert_eq!(rows(&app).await, kept, "not even written again");
    record(&app.services, [event(&app.own)]).await;
    maintenance.roll_up_usage().await.unwrap();
    let (hours, events) = sums(&app).await;
    assert_eq!(hours, events);
}

#[sqlx::test(migrations = false)]
async fn the_job_and_a_rebuild_come_to_the_same(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let times = [
        datetime!(2026-01-31 23:59:59.5 UTC),
        datetime!(2026-02-01 00:00 UTC),
        datetime!(2026-02-01 13:30 UTC),
    ];
    record(
        &app.services,
        times
            .map(|at| event_at(&app.own, at))
            .into_iter()
            .chain([event(&app.own)]),
    )
    .await;
    let maintenance = &app.services.maintenance;
    let mut days = 0;
    maintenance
        .rebuild_usage_hours(date!(2026 - 01 - 31), |_| days += 1)
        .await
        .unwrap();
    assert!(days >= 2, "{days}");
    let (hours, events) = sums(&app).await;
    assert_eq!(hours, events);
    // What stands there wrongly is put right from that day on, and only from then on.
    sqlx::query("update usage_hours set calls = 7, fee_micros = 1")
        .execute(&app.database)
        .await
        .unwrap();
    sqlx::query("insert into usage_hours select org_id, hour, project_id, gen_random_uuid(), provider, model, key_source, 1, 0, 0, 0, 0, 0, 0, 0, 0 from usage_hours")
        .execute(&app.database)
        .await
        .unwrap();
    maintenance
        .rebuild_usage_hours(date!(2026 - 02 - 01), |_| ())
        .await
        .unwrap();
    let wrong: Vec<i64> = sqlx::query_scalar("select calls from usage_hours where hour < '2026-02-01Z' order by 1")
        .fetch_all(&app.database)
        .await
        .unwrap();
    assert_eq!(wrong, [1, 7]);
    maintenance
        .rebuild_usage_hours(date!(2026 - 01 - 01), |_| ())
        .await
        .unwrap();
    let (hours, events) = sums(&app).await;
    assert_eq!(hours, events);
}

#[sqlx::test(migrations = false)]
async fn what_was_called_lately_can_be_chosen_among(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.project_token(&["use:gateway"]).await;
    let token: uuid::Uuid = sqlx::query_scalar("select id from tokens")
        .fetch_one(&app.database)
        .await
        .unwrap();
    let mut call = event(&app.own);
    call.token = latchkey::domain::TokenId::from_uuid(token);
    record(&app.services, [call, event(&app.foreign)]).await;
    app.services.maintenance.roll_up_usage().await.unwrap();
    let project = ProjectRef::Id(app.own.project.id);
    let choices = app.services.usage.choices(&app.own.owner, &project).await.unwrap();
    assert_eq!(choices.models, ["gpt-test-2026"]);
    assert_eq!(choices.providers.len(), 1);
    assert_eq!(
        choices.tokens.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(),
        ["use:gateway"]
    );
}
