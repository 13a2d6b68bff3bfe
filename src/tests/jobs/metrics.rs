//! What the operator's monitoring reads.

use super::{QUICK, until};
use crate::harness::{Received, Socket, TestApp};
use latchkey::jobs;
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::web::serve_metrics;
use sqlx::PgPool;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

async fn ask(address: SocketAddr, path: &str) -> Received {
    let mut socket = Socket::connect(address).await;
    socket
        .send(&format!(
            "GET {path} HTTP/1.1\r\nhost: latchkey\r\nconnection: close\r\n\r\n"
        ))
        .await;
    socket.answer().await.unwrap()
}

async fn add_job(app: &TestApp, task: &str, payload: &str) {
    sqlx::query("select graphile_worker.add_job($1, payload := $2::json, run_at := now() - interval '5 minutes')")
        .bind(task)
        .bind(payload)
        .execute(&app.database)
        .await
        .unwrap();
}

async fn calls(app: &TestApp) {
    let token = app.project_token(&["*"]).await;
    super::bring(app, "openai", Behaviour::Valid).await;
    let chat = serde_json::json!({ "model": "gpt-4o", "messages": [{ "role": "user", "content": "Hi" }] });
    let call = |path: &str| app.call("POST", path).bearer(&token).json(chat.clone());
    call("/gateway/openai/v1/chat/completions").send().await.expect(200);
    let refused = call("/gateway/mistral/v1/chat/completions").send().await;
    assert!(refused.status.is_client_error(), "{}", refused.text());
    let stranger = app
        .call("POST", "/gateway/openai/v1/chat/completions")
        .json(chat.clone());
    assert_eq!(stranger.send().await.status.as_u16(), 401);
    let keys = app.call("GET", "/api/v1/projects/main/keys").bearer(&token);
    keys.send().await.expect(200);
    assert!(
        app.sandbox
            .calls()
            .iter()
            .any(|call| call.key == Sandbox::key("openai", Behaviour::Valid))
    );
}

#[sqlx::test(migrations = false)]
async fn everything_is_counted_where_it_happens(pool: PgPool) {
    let app = TestApp::start(pool).await;
    add_job(&app, "reprobe", r#"{"key": 7}"#).await;
    add_job(&app, "forget_expired", "null").await;
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    calls(&app).await;
    let settled = |text: &String| {
        [
            r#"latchkey_job_duration_seconds_count{task="forget_expired",outcome="done"}"#,
            r#"latchkey_job_duration_seconds_count{task="reprobe",outcome="failed"}"#,
        ]
        .iter()
        .all(|line| text.contains(line))
    };
    let text = until(async || app.services.metrics.render().await.unwrap(), settled).await;
    jobs.stop(QUICK.grace).await;
    for line in [
        r#"latchkey_http_requests_total{method="GET",route="/api/v1/projects/{project}/keys",status="2xx"} 1"#,
        r#"latchkey_gateway_calls_total{provider="openai",outcome="served"} 1"#,
        r#"latchkey_gateway_calls_total{provider="mistral",outcome="refused"} 1"#,
        "latchkey_gateway_calls_turned_away_total 1",
        "latchkey_usage_events_dropped_total 0",
        "latchkey_live_health_sightings_dropped_total 0",
        "latchkey_refusals_waiting 0",
        "latchkey_job_queue_readable 1",
        r#"latchkey_jobs_given_up{task="reprobe"} 0"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    for id in [app.own.owner.org.to_string(), app.own.project.id.to_string()] {
        assert!(!text.contains(&id), "{text}");
    }
}

#[sqlx::test(migrations = false)]
async fn the_queue_is_looked_at_no_more_often_than_every_five_seconds(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let begun = Instant::now();
    let render = async || app.services.metrics.render().await.unwrap();
    render().await;
    add_job(&app, "reprobe", "{}").await;
    let late = r#"latchkey_jobs_late{task="reprobe"} 1"#;
    let text = until(render, |text| text.contains(late)).await;
    assert!(begun.elapsed() >= Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(text.contains(r#"latchkey_jobs_queued{task="reprobe"} 1"#), "{text}");
    let due = text
        .lines()
        .find_map(|line| line.strip_prefix(r#"latchkey_jobs_longest_due_seconds{task="reprobe"} "#));
    assert!(due.unwrap().parse::<f64>().unwrap() >= 300.0, "{text}");
}

#[sqlx::test(migrations = false)]
async fn figures_that_cannot_be_read_are_left_out(pool: PgPool) {
    let app = TestApp::start(pool).await;
    add_job(&app, "reprobe", "{}").await;
    sqlx::query("revoke usage on schema graphile_worker from latchkey_app")
        .execute(&app.database)
        .await
        .unwrap();
    let text = app.services.metrics.render().await.unwrap();
    assert!(text.contains("latchkey_job_queue_readable 0"), "{text}");
    assert!(!text.contains("latchkey_jobs_queued{"), "{text}");
}

#[sqlx::test(migrations = false)]
async fn they_have_a_listener_of_their_own(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(serve_metrics(listener, app.services.metrics.clone(), stop.clone()));
    let answer = ask(address, "/metrics").await;
    assert_eq!(answer.status, 200);
    let kind = answer.header("content-type").unwrap();
    assert!(
        kind.starts_with("application/openmetrics-text; version=1.0.0"),
        "{kind}"
    );
    assert!(answer.text().contains("latchkey_job_servers 0"), "{}", answer.text());
    for path in ["/", "/readyz", "/api/v1/projects", "/metrics/"] {
        assert_eq!(ask(address, path).await.status, 404, "{path}");
    }
    let elsewhere = app.call("GET", "/metrics").send().await;
    assert_eq!(elsewhere.status.as_u16(), 404, "the public address serves none");
    stop.cancel();
    // The listener went in and does not come back. Whether somebody listens there now says nothing: other tests take
    // ports too.
    let ended = tokio::time::timeout(Duration::from_secs(10), serving).await;
    ended.expect("it ends when it is told to").unwrap();
}

#[sqlx::test(migrations = false)]
async fn the_program_serves_them_where_it_is_told_and_ends_with_them(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let address = crate::harness::free_address().await;
    let variable = ("LATCHKEY_METRICS_LISTEN".to_owned(), address.to_string());
    let mut program = app.program([variable]).await;
    let answer = ask(address, "/metrics").await;
    assert!(
        answer.text().contains("latchkey_http_requests_total"),
        "{}",
        answer.text()
    );
    program.terminate();
    assert!(program.ended().await, "{}", program.said());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
