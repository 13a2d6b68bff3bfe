//! Events on their way to the database.

use super::{FEE, event, event_at, record, recorded};
use crate::harness::{TestApp, Wire};
use latchkey::domain::{CallId, KeySource, MicroDollars, SystemClock, SystemRandom, TokenId};
use latchkey::service::projects::ProjectRef;
use sqlx::{PgPool, Row};
use std::time::Duration;
use time::macros::datetime;

#[sqlx::test(migrations = false)]
async fn a_call_is_kept_as_it_was_with_its_price_and_fee(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut priced = event(&app.own);
    priced.reported_cost = None;
    priced.model_asked = Some("gpt-4.1".to_owned());
    priced.model_answered = Some("gpt-4.1-2025-04-14".to_owned());
    priced.tokens.input = Some(1_000);
    priced.tokens.output = Some(100);
    priced.session = Some("nightly".to_owned());
    priced.labels = [("env".to_owned(), "prod".to_owned())].into();
    let mut unknown = event(&app.own);
    unknown.reported_cost = None;
    let mut refused = event(&app.own);
    refused.key_source = None;
    refused.reported_cost = None;
    refused.status = 424;
    refused.error_code = Some("no_key");
    let reported = event(&app.own);
    let events = [priced, unknown, refused, reported];
    record(&app.services, events.clone()).await;
    let project = ProjectRef::Id(app.own.project.id);
    let mut calls = Vec::new();
    for event in &events {
        let call = app
            .services
            .usage
            .get(&app.own.owner, &project, event.id)
            .await
            .unwrap();
        assert_eq!(
            call.occurred_at,
            event
                .occurred_at
                .replace_nanosecond(event.occurred_at.microsecond() * 1_000)
                .unwrap()
        );
        assert_eq!(
            (call.project, call.token, call.tokens),
            (event.project, event.token, event.tokens)
        );
        assert_eq!(
            (call.status, call.error_code.as_deref()),
            (event.status, event.error_code)
        );
        assert_eq!((&call.session, &call.labels), (&event.session, &event.labels));
        assert_eq!(
            (call.latency_ms, call.response_bytes),
            (event.latency_ms, event.response_bytes)
        );
        calls.push(call);
    }
    // 1000 tokens at 2 dollars and 100 at 8 dollars a million; a tenth of it, and 100 for the call.
    assert_eq!(
        (calls[0].cost, calls[0].fee),
        (Some(MicroDollars(2_800)), MicroDollars(380))
    );
    assert!(calls[0].prices_version.as_deref().unwrap().starts_with("genai-prices-"));
    assert_eq!(
        (calls[1].cost, calls[1].fee),
        (None, MicroDollars(100)),
        "unknown is not nothing"
    );
    assert_eq!(
        (calls[2].cost, calls[2].fee),
        (None, MicroDollars(0)),
        "it reached no provider"
    );
    assert_eq!(
        (calls[3].cost, calls[3].fee),
        (Some(MicroDollars(1_000)), MicroDollars(200))
    );
    assert_eq!(calls[3].prices_version, None, "the provider itself said so");
}

#[sqlx::test(migrations = false)]
async fn use_is_noted_on_token_and_key_without_a_word_to_anybody(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.project_token(&["use:gateway"]).await;
    let (token, row_version) = (
        "select id, null::bigint from tokens",
        "select row_version from provider_keys",
    );
    let token: uuid::Uuid = sqlx::query(token).fetch_one(&app.database).await.unwrap().get(0);
    let key = crate::jobs::bring(&app, "openai", latchkey::sandbox::Behaviour::Valid).await;
    let mut listener = sqlx::postgres::PgListener::connect_with(&app.database).await.unwrap();
    listener.listen("latchkey_changed").await.unwrap();
    let mut call = event(&app.own);
    call.token = TokenId::from_uuid(token);
    (call.key, call.key_source) = (Some(key.id), Some(KeySource::Byok));
    record(&app.services, [call]).await;
    let used: (bool, bool) = sqlx::query_as(
        "select (select last_used_at is not null from tokens), (select last_used_at is not null from provider_keys)",
    )
    .fetch_one(&app.database)
    .await
    .unwrap();
    assert_eq!(used, (true, true));
    let version: i64 = sqlx::query_scalar(row_version).fetch_one(&app.database).await.unwrap();
    assert_eq!(version, key.row_version);
    sqlx::query("select pg_notify('latchkey_changed', 'the end')")
        .execute(&app.database)
        .await
        .unwrap();
    assert_eq!(listener.recv().await.unwrap().payload(), "the end");
}

#[sqlx::test(migrations = false)]
async fn a_call_of_any_month_finds_its_partition(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let months = [
        datetime!(2031-01-31 23:59:59.999 UTC),
        datetime!(2031-02-01 00:00 UTC),
        datetime!(2024-02-29 12:00 UTC),
    ];
    record(&app.services, months.map(|at| event_at(&app.own, at))).await;
    let partitions: Vec<String> =
        sqlx::query_scalar("select distinct tableoid::regclass::text from usage_events order by 1")
            .fetch_all(&app.database)
            .await
            .unwrap();
    let expected = ["2024_02", "2031_01", "2031_02"].map(|month| format!("usage_partitions.usage_events_{month}"));
    assert_eq!(partitions, expected);
    // Two instances at once, and again.
    let second = app.second_instance().await;
    let (first, second) = tokio::join!(
        app.services.maintenance.create_usage_partitions(),
        second.services.maintenance.create_usage_partitions()
    );
    first.unwrap();
    second.unwrap();
}

#[sqlx::test(migrations = false)]
async fn what_postgres_cannot_hold_does_not_take_others_with_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut strange = event(&app.own);
    strange.model_asked = Some("nul\0 and \u{7} bell".to_owned());
    strange.session = Some("x".repeat(10_000));
    strange.labels = [("ke\0y".to_owned(), "va\nlue".to_owned())].into();
    let mut impossible = event(&app.own);
    impossible.operation = "nul\0";
    let services = &app.services;
    services.ledger.record(impossible, FEE);
    record(services, [strange.clone(), event(&app.own)]).await;
    assert_eq!((recorded(&app).await, services.ledger.dropped()), (2, 1));
    let project = ProjectRef::Id(app.own.project.id);
    let call = services.usage.get(&app.own.owner, &project, strange.id).await.unwrap();
    assert_eq!(call.model_asked.as_deref(), Some("nul and  bell"));
    assert_eq!(call.session.map(|session| session.len()), Some(256));
    assert_eq!(call.labels, [("key".to_owned(), "value".to_owned())].into());
}

#[sqlx::test(migrations = false)]
async fn shutting_down_writes_what_waits(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let second = app.second_instance().await;
    let ledger = &second.services.ledger;
    for _ in 0..5_000 {
        ledger.record(event(&app.own), FEE);
    }
    ledger.flush_and_stop(Duration::from_secs(20)).await;
    assert_eq!(
        (recorded(&app).await, ledger.written(), ledger.dropped()),
        (5_000, 5_000, 0)
    );
    ledger.record(event(&app.own), FEE);
    assert_eq!(ledger.dropped(), 1, "after the end nothing is taken");
}

#[sqlx::test(migrations = false)]
async fn while_the_database_is_away_events_wait_and_then_are_lost_and_counted(pool: PgPool) {
    const MANY: u64 = 70_000;
    let app = TestApp::start(pool).await;
    let (options, wire) = Wire::to(&app.database.connect_options()).await;
    let port = options.get_port();
    let second = app.another_over(options).await;
    wire.cut().await;
    let ledger = &second.services.ledger;
    let event = event(&app.own);
    for _ in 0..MANY {
        let mut event = event.clone();
        event.id = CallId::new(&SystemClock, &SystemRandom);
        ledger.record(event, FEE);
    }
    let dropped = ledger.dropped();
    assert!(dropped > 0 && dropped <= MANY - 65_536, "{dropped}");
    assert_eq!(ledger.written(), 0);
    let _mended = Wire::at(port, &app.database.connect_options()).await;
    let writing = async {
        while ledger.written() < MANY - dropped {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), writing).await.unwrap();
    assert_eq!(u64::try_from(recorded(&app).await).unwrap(), MANY - dropped);
    assert_eq!(ledger.dropped(), dropped);
}
