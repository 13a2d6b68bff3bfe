//! Delivering messages: signed after the specification, tried again, sent once more on demand, given up in the end.

use super::{hook, titles, types, working};
use crate::harness::TestApp;
use crate::jobs::{QUICK, until};
use http::{HeaderMap, HeaderName, HeaderValue};
use latchkey::domain::{Overlap, WebhookId};
use latchkey::sandbox::ReceivedMessage;
use latchkey::service::ServiceError;
use latchkey::service::webhooks::{DeliveryStatus, LoggedDelivery, WebhookChange, WebhookSpec};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sqlx::PgPool;
use standardwebhooks::Webhook as Verifier;
use std::time::Duration;

/// Whether a receiver that knows `secret` believes a message.
fn is_signed(message: &ReceivedMessage, secret: &SecretString) -> bool {
    let headers: HeaderMap = message
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.parse::<HeaderName>().unwrap(),
                value.parse::<HeaderValue>().unwrap(),
            )
        })
        .collect();
    let verifier = Verifier::new(secret.expose_secret()).unwrap();
    verifier.verify(message.body.as_bytes(), &headers).is_ok()
}

async fn log(app: &TestApp, id: WebhookId) -> Vec<LoggedDelivery> {
    app.services
        .webhooks
        .deliveries(&app.own.owner, id, None, 50)
        .await
        .unwrap()
}

async fn deliver(app: &TestApp, logged: &LoggedDelivery) -> Result<(), ServiceError> {
    let job = json!({ "org": app.own.owner.org, "delivery": logged.delivery.id });
    app.services
        .webhooks
        .deliver(serde_json::from_value(job).unwrap())
        .await
}

#[sqlx::test(migrations = false)]
async fn a_message_is_signed_and_logged(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let made = hook(&app, "mine").await;
    let other = hook(&app, "other").await;
    let jobs = working(&app).await;
    super::revoked(&app).await;
    let messages = until(|| async { app.sandbox.inbox("mine") }, |all| !all.is_empty()).await;
    assert_eq!(types(&messages), ["key.unhealthy"]);
    assert!(is_signed(&messages[0], &made.secret));
    assert!(!is_signed(&messages[0], &other.secret));
    let mut altered = messages[0].clone();
    altered.body = altered.body.replace("unhealthy", "recovered");
    assert!(!is_signed(&altered, &made.secret));
    assert_eq!(messages[0].headers["content-type"], "application/json");

    let is_over = |all: &Vec<LoggedDelivery>| all[0].delivery.status != DeliveryStatus::Waiting;
    let logged = until(|| log(&app, made.webhook.id), is_over).await;
    assert_eq!(logged.len(), 1);
    assert_eq!(logged[0].delivery.status, DeliveryStatus::Delivered);
    assert_eq!(logged[0].delivery.payload, messages[0].body);
    assert_eq!(logged[0].delivery.message_id, messages[0].headers["webhook-id"]);
    let attempt = &logged[0].attempts[0];
    assert_eq!((attempt.status, &*attempt.answer), (Some(200), "Taken."));
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn a_rotated_secret_signs_beside_the_old_one_for_a_while(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let made = hook(&app, "mine").await;
    let webhooks = &app.services.webhooks;
    let owner = &app.own.owner;
    let rotated = webhooks
        .rotate_secret(owner, made.webhook.id, Overlap::Hour)
        .await
        .unwrap();
    assert_ne!(rotated.secret.expose_secret(), made.secret.expose_secret());
    let send = || async {
        let logged = webhooks.test(owner, made.webhook.id).await.unwrap();
        deliver(&app, &logged).await.unwrap();
        app.sandbox.inbox("mine").pop().unwrap()
    };
    let both = send().await;
    assert_eq!(both.headers["webhook-signature"].split(' ').count(), 2);
    assert!(is_signed(&both, &made.secret) && is_signed(&both, &rotated.secret));
    let keeps_old = async || {
        app.services.maintenance.forget_expired().await.unwrap();
        let kept =
            sqlx::query_scalar("select sealed_old_secret is not null and old_secret_until is not null from webhooks");
        kept.fetch_one(&app.database).await.unwrap()
    };
    assert!(keeps_old().await);
    app.pass(Duration::from_mins(61));
    let one = send().await;
    assert_eq!(
        one.headers["webhook-signature"].split(' ').count(),
        1,
        "its time is over"
    );
    assert!(!keeps_old().await);
    let at_once = webhooks
        .rotate_secret(owner, made.webhook.id, Overlap::Now)
        .await
        .unwrap();
    app.pass(Duration::from_secs(1));
    let newest = send().await;
    assert_eq!(newest.headers["webhook-signature"].split(' ').count(), 1);
    assert_eq!(at_once.webhook.old_secret_until, None);
}

/// A webhook that answers with this status.
async fn answering(app: &TestApp, status: u16) -> WebhookId {
    let spec = WebhookSpec {
        url: format!("{}?answer={status}", app.sandbox.inbox_address("refusing")),
        description: String::new(),
        kinds: Vec::new(),
    };
    let made = app.services.webhooks.create(&app.own.owner, spec, "owner".to_owned());
    made.await.unwrap().webhook.id
}

#[sqlx::test(migrations = false)]
async fn a_message_is_tried_for_a_day_with_growing_pauses(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let id = answering(&app, 503).await;
    app.services.webhooks.test(&app.own.owner, id).await.unwrap();
    let mut pauses = Vec::new();
    let mut last = log(&app, id).await.remove(0);
    while last.delivery.status == DeliveryStatus::Waiting {
        deliver(&app, &last).await.unwrap();
        let now = log(&app, id).await.remove(0);
        assert_eq!(now.attempts.len(), last.attempts.len() + 1);
        if let Some(next) = now.delivery.next_attempt_at {
            let pause = next - now.attempts[0].at;
            pauses.push(pause.as_seconds_f64());
            app.pass(pause.unsigned_abs());
        }
        last = now;
    }
    assert_eq!(last.delivery.status, DeliveryStatus::GivenUp);
    assert!((9..=14).contains(&pauses.len()), "{pauses:?}");
    assert!((4.0..=6.1).contains(&pauses[0]), "{pauses:?}");
    assert!(
        pauses.iter().sum::<f64>() < 86_400.0 && pauses.iter().sum::<f64>() > 40_000.0,
        "{pauses:?}"
    );
    let ids: std::collections::BTreeSet<_> = app
        .sandbox
        .inbox("refusing")
        .into_iter()
        .map(|message| message.headers["webhook-id"].clone())
        .collect();
    assert_eq!(ids.len(), 1, "every try under the same id");
    // And somebody is told, by other ways than this one.
    assert!(titles(&app).await[0].contains("does not take its messages"));
    app.pass(Duration::from_mins(10));
    super::revoked(&app).await;
    let jobs = working(&app).await;
    let kinds = || async { types(&app.sandbox.inbox("refusing")) };
    until(kinds, |all| all.contains(&"key.unhealthy".to_owned())).await;
    assert!(!kinds().await.contains(&"webhook.failing".to_owned()));
    jobs.stop(QUICK.grace).await;

    // Mended, it takes the message when somebody sends it again.
    let change = WebhookChange {
        url: Some(app.sandbox.inbox_address("mended")),
        ..WebhookChange::default()
    };
    let webhooks = &app.services.webhooks;
    webhooks.change(&app.own.owner, id, change, None).await.unwrap();
    webhooks.resend(&app.own.owner, id, last.delivery.id).await.unwrap();
    deliver(&app, &last).await.unwrap();
    let again = app.sandbox.inbox("mended").remove(0);
    assert_eq!(again.headers["webhook-id"], last.delivery.message_id);
    assert_eq!(again.body, last.delivery.payload);
}

#[sqlx::test(migrations = false)]
async fn who_is_gone_is_not_asked_again(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let id = answering(&app, 410).await;
    let logged = app.services.webhooks.test(&app.own.owner, id).await.unwrap();
    deliver(&app, &logged).await.unwrap();
    let logged = log(&app, id).await.remove(0);
    assert_eq!(logged.delivery.status, DeliveryStatus::GivenUp);
    deliver(&app, &logged).await.unwrap();
    assert_eq!(app.sandbox.inbox("refusing").len(), 1);
}

#[sqlx::test(migrations = false)]
async fn a_redirect_is_no_delivery(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let id = answering(&app, 307).await;
    let logged = app.services.webhooks.test(&app.own.owner, id).await.unwrap();
    deliver(&app, &logged).await.unwrap();
    assert_eq!(log(&app, id).await[0].delivery.status, DeliveryStatus::Waiting);
}

#[sqlx::test(migrations = false)]
async fn what_waits_for_one_that_is_off_is_given_up(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let made = hook(&app, "mine").await;
    let logged = app
        .services
        .webhooks
        .test(&app.own.owner, made.webhook.id)
        .await
        .unwrap();
    let off = WebhookChange {
        is_active: Some(false),
        ..WebhookChange::default()
    };
    let webhooks = &app.services.webhooks;
    webhooks
        .change(&app.own.owner, made.webhook.id, off, None)
        .await
        .unwrap();
    deliver(&app, &logged).await.unwrap();
    assert!(app.sandbox.inbox("mine").is_empty());
    assert_eq!(
        log(&app, made.webhook.id).await[0].delivery.status,
        DeliveryStatus::GivenUp
    );
}
