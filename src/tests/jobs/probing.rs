//! Probes that nobody asked for.

use super::{QUICK, asked, bring, look_at, make_due, minutes, next_probe, providers, reason, told, until_done};
use crate::harness::TestApp;
use latchkey::domain::{HealthReason, ProviderSlug};
use latchkey::jobs;
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::keys::Reprobe;
use sqlx::PgPool;
use std::time::Duration;
use time::OffsetDateTime;

/// Lets the clock pass, and every probe that is due then be made.
async fn probes_after(app: &TestApp, time: Duration) -> usize {
    app.pass(time);
    let due = app.services.keys.queue_due_probes().await.unwrap();
    until_done(app).await;
    due
}

async fn now(app: &TestApp, key: latchkey::domain::KeyId) -> OffsetDateTime {
    look_at(app, key).await.health.checked_at.unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_key_is_probed_daily_and_after_growing_pauses_while_it_does_not_work(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    let key = bring(&app, "openai", Behaviour::Valid).await.id;
    assert_eq!(probes_after(&app, Duration::from_hours(18)).await, 0);

    app.sandbox.revoke(&Sandbox::key("openai", Behaviour::Valid));
    assert_eq!(probes_after(&app, Duration::from_hours(6)).await, 1);
    for (failures, least, most) in [(1, 0.8, 1.2), (2, 1.6, 2.4), (3, 3.2, 4.8)] {
        let found = look_at(&app, key).await;
        assert_eq!(reason(&found), Some(HealthReason::Invalid));
        let next = next_probe(&app, key).await;
        assert_eq!(next.failures, failures);
        let pause = minutes(now(&app, key).await, next.at);
        assert!((least..=most).contains(&pause), "{failures}: {pause}");
        assert_eq!(probes_after(&app, Duration::from_mins(5)).await, 1);
    }
    let unhealthy = told(&app, "key.became_unhealthy").await;
    assert_eq!(unhealthy.len(), 1, "told once: {unhealthy:?}");
    let (actor, details) = &unhealthy[0];
    assert_eq!((actor.as_str(), &details["reason"]), ("system", &"invalid".into()));

    app.sandbox.restore(&Sandbox::key("openai", Behaviour::Valid));
    assert_eq!(probes_after(&app, Duration::from_hours(7)).await, 1);
    assert_eq!(reason(&look_at(&app, key).await), None);
    let next = next_probe(&app, key).await;
    assert_eq!(next.failures, 0);
    assert!((19.0 * 60.0..=24.0 * 60.0).contains(&minutes(now(&app, key).await, next.at)));
    assert_eq!(told(&app, "key.recovered").await.len(), 1);
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn two_instances_probe_each_key_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let second = app.second_instance().await;
    for provider in providers() {
        bring(&app, provider.as_str(), Behaviour::Slow).await;
    }
    // Some providers are asked more than one thing in a probe.
    let slow = |provider: &ProviderSlug| asked(&app, provider.as_str(), Behaviour::Slow);
    let of_one_probe: Vec<_> = providers().iter().map(slow).collect();
    make_due(&app).await;
    app.sandbox.clear_calls();
    let working = [
        jobs::start(app.services.clone(), QUICK).await.unwrap(),
        jobs::start(second.services.clone(), QUICK).await.unwrap(),
    ];
    // Asked for again and again, by both, while the probes are under way.
    for _ in 0..5 {
        let both = tokio::join!(
            app.services.keys.queue_due_probes(),
            second.services.keys.queue_due_probes()
        );
        both.0.unwrap();
        both.1.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    until_done(&app).await;
    assert_eq!(providers().iter().map(slow).collect::<Vec<_>>(), of_one_probe);
    for jobs in working {
        jobs.stop(QUICK.grace).await;
    }
}

#[sqlx::test(migrations = false)]
async fn keys_that_are_switched_off_or_deleted_are_left_alone(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (off, deleted) = (
        bring(&app, "openai", Behaviour::Valid).await,
        bring(&app, "anthropic", Behaviour::Valid).await,
    );
    let (keys, owner, project) = (&app.services.keys, &app.own.owner, super::project(&app));
    let select = |id| latchkey::service::keys::KeySelector::Id(id);
    keys.set_active(owner, &project, &select(off.id), false).await.unwrap();
    keys.delete(owner, &project, &select(deleted.id)).await.unwrap();
    make_due(&app).await;
    assert_eq!(keys.queue_due_probes().await.unwrap(), 0);
    app.sandbox.clear_calls();
    for key in [off.id, deleted.id] {
        let job = Reprobe { org: owner.org, key };
        keys.reprobe(job).await.unwrap();
    }
    assert!(app.sandbox.requests().is_empty());
}

#[sqlx::test(migrations = false)]
async fn a_job_finds_nothing_in_another_organization(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = bring(&app, "openai", Behaviour::Valid).await;
    make_due(&app).await;
    app.sandbox.clear_calls();
    let job = Reprobe {
        org: app.foreign.owner.org,
        key: key.id,
    };
    app.services.keys.reprobe(job).await.unwrap();
    assert!(app.sandbox.requests().is_empty());
}
