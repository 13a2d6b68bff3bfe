//! Webhooks: who may be called, and keeping them.

use super::{hook, working};
use crate::harness::TestApp;
use crate::jobs::{QUICK, until};
use secrecy::ExposeSecret;
use serde_json::json;
use sqlx::PgPool;

#[sqlx::test(migrations = false)]
async fn only_addresses_on_the_public_internet_are_accepted(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["write:settings"]).await;
    let create = |url: &str| {
        let body = json!({ "url": url });
        app.call("POST", "/api/v1/webhooks").bearer(&token).json(body).send()
    };
    for url in [
        "http://example.com/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://10.0.0.8:8443/",
        "https://user:word@example.com/",
        "https://example.com:22/",
        "nonsense",
        "http://127.0.0.1:1/webhooks/other",
    ] {
        let refused = create(url).await;
        let problem = refused.problem(400, "invalid_input");
        assert_eq!(problem["errors"][0]["field"], "url", "{url}: {problem}");
    }
    create(&app.sandbox.inbox_address("mine")).await.expect(201);
    let again = create(&app.sandbox.inbox_address("mine")).await;
    assert_eq!(again.status, 409, "{}", again.text());
}

#[sqlx::test(migrations = false)]
async fn an_address_that_is_accepted_no_more_is_not_called(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let made = hook(&app, "before").await;
    // As if it had been saved before the rules were what they are.
    sqlx::query("update webhooks set url = 'https://localhost/hook'")
        .execute(&app.database)
        .await
        .unwrap();
    app.services
        .webhooks
        .test(&app.own.owner, made.webhook.id)
        .await
        .unwrap();
    let jobs = working(&app).await;
    let deliveries = || async {
        let webhooks = &app.services.webhooks;
        let all = webhooks.deliveries(&app.own.owner, made.webhook.id, None, 10).await;
        all.unwrap().remove(0)
    };
    let tried = until(deliveries, |logged| !logged.attempts.is_empty()).await;
    assert_eq!(tried.attempts[0].status, None);
    assert!(tried.attempts[0].answer.contains("private network"), "{tried:?}");
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn a_webhook_is_changed_at_the_version_that_was_seen(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["write:settings"]).await;
    let made = hook(&app, "mine").await;
    let path = format!("/api/v1/webhooks/{}", made.webhook.id);
    let patch = |tag: &'static str, body: serde_json::Value| {
        let call = app.call("PATCH", &path).bearer(&token);
        call.header("if-match", tag).json(body).send()
    };
    let changed = patch("\"1\"", json!({ "kinds": ["key.unhealthy"], "description": "Pager" })).await;
    let body = changed.expect(200);
    assert_eq!((&body["version"], &body["description"]), (&json!(2), &json!("Pager")));
    assert_eq!(body["kinds"], json!(["key.unhealthy"]));
    assert_eq!(patch("\"1\"", json!({ "is_active": false })).await.status, 412);
    let off = patch("\"2\"", json!({ "is_active": false })).await.expect(200);
    assert_eq!(
        (&off["is_active"], &off["kinds"]),
        (&json!(false), &json!(["key.unhealthy"]))
    );
    assert_eq!(patch("*", json!({ "kinds": ["key.nonsense"] })).await.status, 400);
    let test = app.call("POST", &format!("{path}/test")).bearer(&token).send().await;
    assert_eq!(test.status, 409, "it is off");
    let all = patch("*", json!({ "kinds": [], "is_active": true })).await.expect(200);
    assert_eq!(all["kinds"], json!([]));
    assert_eq!(app.call("DELETE", &path).bearer(&token).send().await.status, 204);
    assert_eq!(app.call("GET", &path).bearer(&token).send().await.status, 404);
    let events = app.services.audit.list(&app.own.owner, 0, 100).await.unwrap();
    let about: Vec<_> = events
        .iter()
        .filter(|event| event.event.starts_with("webhook."))
        .map(|event| event.event.as_str())
        .collect();
    assert_eq!(
        about,
        [
            "webhook.created",
            "webhook.changed",
            "webhook.disabled",
            "webhook.enabled",
            "webhook.deleted"
        ]
    );
    let details = serde_json::to_string(&events.iter().map(|event| &event.details).collect::<Vec<_>>()).unwrap();
    assert!(
        !details.contains("/webhooks/mine"),
        "only the origin is told: {details}"
    );
    assert!(!details.contains(made.secret.expose_secret()));
}

#[sqlx::test(migrations = false)]
async fn the_dashboard_overwrites_nobodys_change_unseen(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let made = hook(&app, "mine").await;
    let mut browser = crate::tokens::browser(&app).await;
    let id = made.webhook.id.to_string();
    let mut change = async |version: &str, description: &str| {
        let fields = [
            ("webhook_id", id.as_str()),
            ("url", made.webhook.url.as_str()),
            ("description", description),
            ("row_version", version),
        ];
        browser.post(app.call("POST", "/_fn/change_webhook"), &fields).await
    };
    change("1", "Pager").await.expect(200);
    assert_eq!(change("1", "Chat").await.expect(409)["code"], "conflict");
    let kept = app
        .services
        .webhooks
        .get(&app.own.owner, made.webhook.id)
        .await
        .unwrap();
    assert_eq!(kept.description, "Pager");
    change("2", "Chat").await.expect(200);
}

#[sqlx::test(migrations = false)]
async fn an_altered_secret_signs_nothing(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (one, other) = (hook(&app, "one").await, hook(&app, "other").await);
    // The other webhook's secret, in this one's place.
    sqlx::query("update webhooks set sealed_secret = (select sealed_secret from webhooks where id = $2) where id = $1")
        .bind(one.webhook.id.as_uuid())
        .bind(other.webhook.id.as_uuid())
        .execute(&app.database)
        .await
        .unwrap();
    let sent = app
        .services
        .webhooks
        .test(&app.own.owner, one.webhook.id)
        .await
        .unwrap();
    let job = json!({ "org": app.own.owner.org, "delivery": sent.delivery.id });
    let delivered = app
        .services
        .webhooks
        .deliver(serde_json::from_value(job).unwrap())
        .await;
    assert!(
        matches!(delivered, Err(latchkey::service::ServiceError::Open(_))),
        "{delivered:?}"
    );
    assert!(app.sandbox.inbox("one").is_empty());
}
