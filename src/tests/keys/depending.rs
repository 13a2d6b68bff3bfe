//! What a page says before a key is deleted or switched off.

use super::{add, is_missing, keys, owner, project};
use crate::harness::TestApp;
use crate::usage::{event, record};
use latchkey::domain::{CallId, KeySource, SystemClock, SystemRandom, TokenId, UsageEvent};
use latchkey::service::keys::KeyDependents;
use sqlx::PgPool;
use std::time::Duration;

#[sqlx::test(migrations = false)]
async fn tokens_and_calls_of_the_last_hour_are_counted(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (used, idle) = (add(&app, "Used", 1).await, add(&app, "Idle", 2).await);
    let call = |minutes: u64, token: TokenId, source: KeySource| {
        let template = event(&app.own);
        UsageEvent {
            id: CallId::new(&SystemClock, &SystemRandom),
            occurred_at: template.occurred_at - Duration::from_mins(minutes),
            token,
            key: Some(used.id),
            key_version: Some(1),
            key_source: Some(source),
            ..template
        }
    };
    let [one, two, three] = [(); 3].map(|()| TokenId::new(&SystemClock, &SystemRandom));
    let events = [
        call(4, one, KeySource::Byok),
        call(5, one, KeySource::Byok),
        call(30, two, KeySource::Byok),
        call(50, three, KeySource::Platform),
        call(90, three, KeySource::Byok),
    ];
    let last = events[0].occurred_at;
    record(&app.services, events).await;
    let dependents = async |id| keys(&app).dependents(owner(&app), &project(&app), id).await;
    let found = dependents(used.id).await.unwrap();
    assert_eq!((found.tokens_last_hour, found.calls_last_hour), (2, 3));
    assert!((found.last_call_at.unwrap() - last).abs() < time::Duration::SECOND);
    assert_eq!(
        dependents(idle.id).await.unwrap(),
        KeyDependents {
            tokens_last_hour: 0,
            calls_last_hour: 0,
            last_call_at: None,
        }
    );
    // Long ago is not forgotten, but nobody of the last hour.
    app.pass(Duration::from_hours(2));
    let later = dependents(used.id).await.unwrap();
    assert_eq!((later.tokens_last_hour, later.calls_last_hour), (0, 0));
    assert!(later.last_call_at.is_some());
    let foreign = keys(&app).dependents(&app.foreign.owner, &project(&app), used.id).await;
    assert!(is_missing(&foreign));
}
