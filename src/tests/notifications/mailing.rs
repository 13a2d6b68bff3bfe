//! Mails as they arrive: plain text and HTML, no secret, one id however often they are sent.

use super::{mailing, member, revoked, working};
use crate::jobs::{QUICK, until};
use latchkey::domain::Role;
use latchkey::sandbox::{Behaviour, Sandbox};
use sqlx::PgPool;

#[sqlx::test(migrations = false)]
async fn a_mail_tells_it_twice_and_holds_no_secret(pool: PgPool) {
    let (app, server) = mailing(pool).await;
    member(&app, "max@acme.example", Role::Admin).await;
    let jobs = working(&app).await;
    let key = revoked(&app).await;
    let mail = server.next().await;
    assert_eq!(
        mail.header("Subject"),
        format!("OpenAI refuses the key {} of Main", key.redacted)
    );
    let parts = mail.parts();
    let types: Vec<_> = parts.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(types, ["text/plain", "text/html"]);
    for (kind, text) in &parts {
        for wanted in [
            "Incorrect API key",
            "http://127.0.0.1:3000/projects/main/keys",
            "http://127.0.0.1:3000/unsubscribe?link=",
            "http://127.0.0.1:3000/notifications/choices",
            "max@acme.example",
        ] {
            assert!(text.contains(wanted), "{kind} lacks {wanted}: {text}");
        }
        assert!(!text.contains(&Sandbox::key("openai", Behaviour::Valid)), "{text}");
    }
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn what_a_provider_says_stays_text(pool: PgPool) {
    let (app, server) = mailing(pool).await;
    member(&app, "max@acme.example", Role::Admin).await;
    let project = app
        .services
        .projects
        .create(&app.own.owner, "<b>Bold & co</b>")
        .await
        .unwrap();
    let lock = latchkey::service::locks::NewLock {
        project: Some(latchkey::service::projects::ProjectRef::Id(project.id)),
        provider: None,
        reason: "<script>alert(1)</script>".to_owned(),
        locked_by_name: "owner".to_owned(),
    };
    let jobs = working(&app).await;
    app.services.locks.lock(&app.own.owner, lock).await.unwrap();
    let mail = server.next().await;
    let parts = mail.parts();
    assert!(parts[0].1.contains("<script>alert(1)</script>"));
    assert!(
        !parts[1].1.contains("<script>") && !parts[1].1.contains("<b>"),
        "{}",
        parts[1].1
    );
    assert!(
        parts[1].1.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{}",
        parts[1].1
    );
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn a_mail_that_is_sent_again_has_the_same_id(pool: PgPool) {
    let (app, server) = mailing(pool).await;
    member(&app, "max@acme.example", Role::Admin).await;
    let jobs = working(&app).await;
    revoked(&app).await;
    let first = server.next().await;
    let sent = || async {
        let sent: i64 = sqlx::query_scalar("select count(*) from notification_mails where sent_at is not null")
            .fetch_one(&app.database)
            .await
            .unwrap();
        sent
    };
    until(sent, |sent| *sent == 1).await;
    let (org, id): (uuid::Uuid, uuid::Uuid) = sqlx::query_as("select org_id, id from notification_mails")
        .fetch_one(&app.database)
        .await
        .unwrap();
    let job = serde_json::json!({ "org": org, "mail": id });
    let again = || serde_json::from_value(job.clone()).unwrap();
    app.services.notifications.send_mail(again()).await.unwrap();
    assert!(server.is_empty().await, "it was noted as sent");
    // As when the server died between sending and noting.
    sqlx::query("update notification_mails set sent_at = null")
        .execute(&app.database)
        .await
        .unwrap();
    app.services.notifications.send_mail(again()).await.unwrap();
    let second = server.next().await;
    assert_eq!(first.header("Message-ID"), format!("<{id}@example.com>"));
    assert_eq!(second.header("Message-ID"), first.header("Message-ID"));
    jobs.stop(QUICK.grace).await;
}
