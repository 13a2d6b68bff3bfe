//! A rotation that undoes itself, because the provider refuses the new key.

use super::{add, default_key, keys, look_at, names, owner, project, rotate, run, secret, system, told};
use crate::harness::{Setup, SmtpServer, TestApp};
use crate::jobs::QUICK;
use latchkey::domain::{HealthReason, Overlap, ProviderKey, Role, Verdict};
use latchkey::jobs;
use latchkey::providers;
use latchkey::service::accounts::NewMember;
use latchkey::service::keys::{Depth, KeySelector, Reprobe};
use latchkey::service::live_health::Sighting;
use secrecy::SecretString;
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;

struct Rotated {
    app: TestApp,
    old: ProviderKey,
    new: ProviderKey,
}

impl Rotated {
    async fn start(pool: PgPool) -> Self {
        Self::of(TestApp::start(pool).await).await
    }

    async fn of(app: TestApp) -> Self {
        let old = add(&app, "Production", 1).await;
        add(&app, "Other", 3).await;
        let new = rotate(&app, &old, 2, Overlap::Day).await.unwrap().key;
        Self { app, old, new }
    }

    /// Has the provider refuse the new key, and asks it.
    async fn refuse_and_probe(&self) {
        self.app.sandbox.revoke(&secret(2));
        run(&self.app, "update provider_keys set probe_at = null")
            .await
            .unwrap();
        let job = Reprobe {
            org: self.app.own.owner.org,
            key: self.new.id,
        };
        keys(&self.app).reprobe(job).await.unwrap();
        let new = look_at(&self.app, self.new.id).await;
        assert_eq!(new.health.reason, Some(HealthReason::Invalid));
    }

    async fn assert_undone(&self, found_by: &str) {
        let (old, new) = (
            look_at(&self.app, self.old.id).await,
            look_at(&self.app, self.new.id).await,
        );
        assert!(old.is_default && old.retires_at.is_none() && old.superseded_by.is_none());
        assert!(!new.is_default && new.rotation_undone_at.is_some());
        assert_eq!(names(&self.app).await, ["Production 2", "Production*", "Other"]);
        let told = told(&self.app, "key.rotation_undone").await;
        assert_eq!(told.len(), 1);
        assert_eq!(
            (&told[0]["restored"], &told[0]["found_by"]),
            (&json!(old.id), &json!(found_by))
        );
        assert_eq!(told[0]["reason"], "invalid");
        assert!(!told[0].to_string().contains(&secret(2)));
    }

    async fn assert_not_undone(&self) {
        assert_eq!(default_key(&self.app).await.unwrap().id, self.new.id);
        assert!(told(&self.app, "key.rotation_undone").await.is_empty());
    }
}

#[sqlx::test(migrations = false)]
async fn a_probe_that_nobody_asked_for_undoes_it(pool: PgPool) {
    let rotated = Rotated::start(pool).await;
    rotated.refuse_and_probe().await;
    rotated.assert_undone("probe").await;
    rotated.app.pass(Duration::from_hours(25));
    assert_eq!(keys(&rotated.app).retire_due().await.unwrap(), 0);
}

#[sqlx::test(migrations = false)]
async fn owners_and_admins_are_mailed(pool: PgPool) {
    let server = SmtpServer::start().await;
    let setup = Setup {
        smtp: Some(server.url()),
        ..Setup::default()
    };
    let rotated = Rotated::of(TestApp::start_with(pool, setup).await).await;
    let app = &rotated.app;
    for (email, role) in [("ada@acme.example", Role::Owner), ("max@acme.example", Role::Admin)] {
        let member = NewMember {
            organization: "Acme".to_owned(),
            email: email.to_owned(),
            password: SecretString::from("correct horse battery staple"),
            role,
            is_operator: false,
        };
        let request = owner(app).request;
        app.services.accounts.create_member(member, request).await.unwrap();
    }
    rotated.refuse_and_probe().await;
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    let mut told = Vec::new();
    // That the new key is refused, and that the old one took over.
    for _ in 0..6 {
        let mail = server.next().await;
        if mail.header("Subject") != "OpenAI: the new key of Main was taken back" {
            continue;
        }
        let text = &mail.parts()[0].1;
        assert!(
            text.contains("“Production 2”") && text.contains("“Production”"),
            "{text}"
        );
        assert!(text.contains("http://127.0.0.1:3000/projects/main/keys"));
        assert!(!mail.raw.contains(&secret(1)) && !mail.raw.contains(&secret(2)));
        told.push(mail.to);
    }
    told.sort();
    assert_eq!(told, ["ada@acme.example", "max@acme.example", "owner@acme.example"]);
    jobs.stop(QUICK.grace).await;
    assert!(server.is_empty().await);
}

#[sqlx::test(migrations = false)]
async fn it_is_undone_and_owners_are_told_or_neither(pool: PgPool) {
    let server = SmtpServer::start().await;
    let setup = Setup {
        smtp: Some(server.url()),
        ..Setup::default()
    };
    let rotated = Rotated::of(TestApp::start_with(pool, setup).await).await;
    let app = &rotated.app;
    let queue = |may: &'static str| run(app, may);
    queue("revoke usage on schema graphile_worker from latchkey_app")
        .await
        .unwrap();
    app.sandbox.revoke(&secret(2));
    run(app, "update provider_keys set probe_at = null").await.unwrap();
    let job = Reprobe {
        org: app.own.owner.org,
        key: rotated.new.id,
    };
    keys(app).reprobe(job).await.unwrap_err();
    rotated.assert_not_undone().await;

    queue("grant usage on schema graphile_worker to latchkey_app")
        .await
        .unwrap();
    rotated.refuse_and_probe().await;
    rotated.assert_undone("probe").await;
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    assert_eq!(server.next().await.to, "owner@acme.example");
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn a_test_that_somebody_asked_for_undoes_it(pool: PgPool) {
    let rotated = Rotated::start(pool).await;
    rotated.app.sandbox.revoke(&secret(2));
    let tested = keys(&rotated.app)
        .test(
            owner(&rotated.app),
            &project(&rotated.app),
            &KeySelector::Id(rotated.new.id),
            Depth::Listed,
        )
        .await
        .unwrap();
    assert!(!tested.is_default && tested.rotation_undone_at.is_some());
    rotated.assert_undone("probe").await;
}

#[sqlx::test(migrations = false)]
async fn a_call_that_is_refused_undoes_it_and_the_next_one_is_served(pool: PgPool) {
    let rotated = Rotated::start(pool).await;
    let app = &rotated.app;
    let token = app.project_token(&["use:gateway"]).await;
    let call = async || {
        let call = app.call("POST", "/gateway/openai/v1/chat/completions").bearer(&token);
        call.json(json!({ "model": "gpt-4o-mini", "messages": [] }))
            .send()
            .await
    };
    let served = call().await;
    assert_eq!(
        served.header("x-latchkey-key-id"),
        rotated.new.id.to_string(),
        "{}",
        served.text()
    );
    app.sandbox.revoke(&secret(2));
    assert_eq!(call().await.status.as_u16(), 401);
    let waiting = async {
        loop {
            let served = call().await;
            if served.status.is_success() {
                break served;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let served = tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap();
    assert_eq!(served.header("x-latchkey-key-id"), rotated.old.id.to_string());
    rotated.assert_undone("live_traffic").await;
}

#[sqlx::test(migrations = false)]
async fn what_is_seen_of_many_calls_undoes_it_once(pool: PgPool) {
    let rotated = Rotated::start(pool).await;
    let app = &rotated.app;
    let second = app.second_instance().await;
    let working = jobs::start(app.services.clone(), QUICK).await.unwrap();
    for _ in 0..50 {
        for services in [&app.services, &second.services] {
            services.live_health.observe(Sighting {
                actor: system(app),
                project: app.own.project.id,
                key: rotated.new.id,
                secret_version: 1,
                provider: providers::find("openai").unwrap(),
                verdict: Verdict::because(HealthReason::Blocked, "The account is shut."),
                needs_second_opinion: false,
            });
        }
    }
    crate::jobs::until(
        || default_key(app),
        |key| key.as_ref().is_some_and(|key| key.id == rotated.old.id),
    )
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(told(app, "key.rotation_undone").await.len(), 1);
    working.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn only_a_definite_refusal_undoes_it(pool: PgPool) {
    let rotated = Rotated::start(pool).await;
    for reason in [
        HealthReason::Exhausted,
        HealthReason::RateLimited,
        HealthReason::Restricted,
    ] {
        rotated.app.services.live_health.observe(Sighting {
            actor: system(&rotated.app),
            project: rotated.app.own.project.id,
            key: rotated.new.id,
            secret_version: 1,
            provider: providers::find("openai").unwrap(),
            verdict: Verdict::because(reason, "No."),
            needs_second_opinion: false,
        });
    }
    crate::jobs::until(
        || look_at(&rotated.app, rotated.new.id),
        |key| key.health.reason.is_some(),
    )
    .await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    rotated.assert_not_undone().await;
}

#[sqlx::test(migrations = false)]
async fn a_predecessor_that_cannot_serve_takes_nothing_back(pool: PgPool) {
    let rotated = Rotated::start(pool).await;
    let (app, old) = (&rotated.app, KeySelector::Id(rotated.old.id));
    keys(app)
        .set_active(owner(app), &project(app), &old, false)
        .await
        .unwrap();
    rotated.refuse_and_probe().await;
    rotated.assert_not_undone().await;
    // The next look finds it able to.
    keys(app)
        .set_active(owner(app), &project(app), &old, true)
        .await
        .unwrap();
    rotated.refuse_and_probe().await;
    rotated.assert_undone("probe").await;
}

#[sqlx::test(migrations = false)]
async fn an_overlap_that_is_over_is_over(pool: PgPool) {
    let rotated = Rotated::start(pool).await;
    rotated.app.pass(Duration::from_hours(25));
    rotated.refuse_and_probe().await;
    rotated.assert_not_undone().await;
}

#[sqlx::test(migrations = false)]
async fn the_mark_goes_with_a_new_secret(pool: PgPool) {
    let rotated = Rotated::start(pool).await;
    rotated.refuse_and_probe().await;
    let save = latchkey::service::keys::SaveKey {
        secret: secrecy::SecretString::from(secret(9)),
        name: None,
        endpoint: None,
        api_version: None,
        seen_row_version: None,
        allow_unverified: false,
        added_by_name: "owner".to_owned(),
    };
    let app = &rotated.app;
    let selector = KeySelector::Id(rotated.new.id);
    let replaced = keys(app)
        .replace(owner(app), &project(app), &selector, save)
        .await
        .unwrap();
    assert!(replaced.key.rotation_undone_at.is_none() && !replaced.key.is_default);
    assert_eq!((replaced.key.id, replaced.key.secret_version), (rotated.new.id, 2));
    assert_eq!(look_at(app, rotated.new.id).await, replaced.key);
}
