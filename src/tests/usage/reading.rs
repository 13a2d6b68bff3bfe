//! Reading calls back.

use super::{event, event_at, record};
use crate::harness::TestApp;
use futures::TryStreamExt;
use latchkey::domain::{Actor, Clock, KeySource, ProjectId, Role, Scopes, SystemClock, TokenId};
use latchkey::service::ServiceError;
use latchkey::service::projects::ProjectRef;
use latchkey::service::usage::{Call, CallFilter, FirstSteps, MOST_CALLS, StatusFilter};
use sqlx::PgPool;
use std::time::Duration;

fn of(id: ProjectId) -> ProjectRef {
    ProjectRef::Id(id)
}

async fn found(app: &TestApp, filter: CallFilter) -> Vec<Call> {
    let usage = &app.services.usage;
    let listed = usage
        .list(&app.own.owner, &of(app.own.project.id), &filter, None, MOST_CALLS)
        .await;
    listed.unwrap().1
}

#[sqlx::test(migrations = false)]
async fn pages_hold_every_call_once_the_newest_first(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let now = SystemClock.now();
    // Three of each second, so that pages end between calls of the same time.
    let events: Vec<_> = (0..21)
        .map(|number| event_at(&app.own, now - Duration::from_secs(number / 3)))
        .collect();
    record(&app.services, events.clone()).await;
    let (usage, project) = (&app.services.usage, of(app.own.project.id));
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let page = usage
            .list(&app.own.owner, &project, &CallFilter::default(), cursor, 4)
            .await;
        let (_, page) = page.unwrap();
        let Some(last) = page.last() else { break };
        cursor = Some(last.cursor());
        seen.extend(page);
    }
    assert_eq!(seen.len(), events.len());
    assert!(seen.is_sorted_by(|a, b| (a.occurred_at, a.id) > (b.occurred_at, b.id)));
}

#[sqlx::test(migrations = false)]
async fn each_filter_finds_its_calls(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let now = SystemClock.now();
    let plain = event_at(&app.own, now);
    let mut other = event_at(&app.own, now - Duration::from_hours(2));
    other.provider = "anthropic".parse().unwrap();
    other.model_asked = Some("claude-test".to_owned());
    other.model_answered = None;
    other.key_source = Some(KeySource::Byok);
    other.status = 503;
    other.token = TokenId::from_uuid(uuid::Uuid::from_u128(2));
    other.session = Some("nightly".to_owned());
    other.labels = [("env", "prod"), ("repo", "payments")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    let mut broken = event_at(&app.own, now - Duration::from_hours(1));
    broken.error_code = Some("upstream_timeout");
    record(&app.services, [plain.clone(), other.clone(), broken.clone()]).await;
    let label = |key: &str, value: &str| Some((key.to_owned(), value.to_owned()));
    let every = CallFilter::default;
    let hour_ago = now - Duration::from_mins(90);
    for (filter, expected) in [
        (every(), vec![&plain, &broken, &other]),
        (
            CallFilter {
                from: Some(hour_ago),
                ..every()
            },
            vec![&plain, &broken],
        ),
        (
            CallFilter {
                to: Some(hour_ago),
                ..every()
            },
            vec![&other],
        ),
        (
            CallFilter {
                provider: "anthropic".parse().ok(),
                ..every()
            },
            vec![&other],
        ),
        (
            CallFilter {
                model: Some("claude-test".to_owned()),
                ..every()
            },
            vec![&other],
        ),
        (
            CallFilter {
                model: Some("gpt-test".to_owned()),
                ..every()
            },
            vec![&plain, &broken],
        ),
        (
            CallFilter {
                model: Some("gpt-test-2026".to_owned()),
                ..every()
            },
            vec![&plain, &broken],
        ),
        (
            CallFilter {
                key_source: Some(KeySource::Byok),
                ..every()
            },
            vec![&other],
        ),
        (
            CallFilter {
                status: Some(StatusFilter::Ok),
                ..every()
            },
            vec![&plain],
        ),
        (
            CallFilter {
                status: Some(StatusFilter::Failed),
                ..every()
            },
            vec![&broken, &other],
        ),
        (
            CallFilter {
                status: Some(StatusFilter::Exactly(503)),
                ..every()
            },
            vec![&other],
        ),
        (
            CallFilter {
                status: Some(StatusFilter::Exactly(u16::MAX)),
                ..every()
            },
            vec![],
        ),
        (
            CallFilter {
                token: Some(other.token),
                ..every()
            },
            vec![&other],
        ),
        (
            CallFilter {
                session: Some("nightly".to_owned()),
                ..every()
            },
            vec![&other],
        ),
        (
            CallFilter {
                label: label("env", "prod"),
                ..every()
            },
            vec![&other],
        ),
        (
            CallFilter {
                label: label("env", "test"),
                ..every()
            },
            vec![],
        ),
        (
            CallFilter {
                label: label("env\" or true", "prod"),
                ..every()
            },
            vec![],
        ),
    ] {
        let ids: Vec<_> = found(&app, filter.clone()).await.iter().map(|call| call.id).collect();
        let expected: Vec<_> = expected.iter().map(|event| event.id).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_call_that_took_long_arrives_when_it_ends(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (usage, project) = (&app.services.usage, of(app.own.project.id));
    record(&app.services, [event(&app.own)]).await;
    let seen = found(&app, CallFilter::default()).await;
    let since = seen[0].recorded_at;
    // It came in before the one that was seen, and is recorded after it.
    let long = event_at(&app.own, SystemClock.now() - Duration::from_mins(50));
    record(&app.services, [long.clone()]).await;
    let filter = CallFilter::default();
    let arrived = usage
        .arrived_since(&app.own.owner, &project, &filter, since)
        .await
        .unwrap();
    assert_eq!(arrived[0].id, long.id, "the last one recorded");
    let later = arrived[0].recorded_at + Duration::from_mins(1);
    assert!(
        usage
            .arrived_since(&app.own.owner, &project, &filter, later)
            .await
            .unwrap()
            .is_empty()
    );
}

/// However many calls there are a second, who looks on sees the newest and goes on from there.
#[sqlx::test(migrations = false)]
async fn who_looks_on_is_told_of_the_newest_of_many(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let project = of(app.own.project.id);
    let many = usize::from(MOST_CALLS) + 50;
    record(&app.services, (0..many).map(|_| event(&app.own))).await;
    let last = event(&app.own);
    record(&app.services, [last.clone()]).await;
    let since = SystemClock.now() - Duration::from_hours(1);
    let usage = &app.services.usage;
    let arrived = usage
        .arrived_since(&app.own.owner, &project, &CallFilter::default(), since)
        .await
        .unwrap();
    assert_eq!(arrived.len(), usize::from(MOST_CALLS));
    assert_eq!(arrived[0].id, last.id);
    assert!(arrived.is_sorted_by(|one, next| one.recorded_at >= next.recorded_at));
}

#[sqlx::test(migrations = false)]
async fn an_export_holds_all_calls_and_none_made_meanwhile(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let now = SystemClock.now();
    let events = (0..2_500).map(|number| event_at(&app.own, now - Duration::from_millis(number)));
    record(&app.services, events).await;
    let (usage, project) = (&app.services.usage, of(app.own.project.id));
    let (_, pages) = usage
        .export(&app.own.owner, &project, CallFilter::default())
        .await
        .unwrap();
    record(&app.services, [event_at(&app.own, now + Duration::from_mins(1))]).await;
    let pages: Vec<Vec<Call>> = pages.try_collect().await.unwrap();
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [1_000, 1_000, 500]);
    let mut ids: Vec<_> = pages.iter().flatten().map(|call| call.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 2_500);
}

#[sqlx::test(migrations = false)]
async fn nobody_reads_what_is_not_theirs(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let usage = &app.services.usage;
    let second = app.services.projects.create(&app.own.owner, "Second").await.unwrap();
    let mut elsewhere = event(&app.own);
    elsewhere.project = second.id;
    let (own, foreign) = (event(&app.own), event(&app.foreign));
    record(&app.services, [own.clone(), elsewhere.clone(), foreign.clone()]).await;
    let calls = found(&app, CallFilter::default()).await;
    assert_eq!(calls.iter().map(|call| call.id).collect::<Vec<_>>(), [own.id]);

    let of_one_project = Actor {
        project: Some(app.own.project.id),
        scopes: Scopes::parse(["read:usage"]).unwrap(),
        ..app.own.owner.clone()
    };
    let filter = CallFilter::default();
    for (actor, project, call) in [
        (&app.own.owner, app.foreign.project.id, foreign.id),
        (&app.foreign.owner, app.own.project.id, own.id),
        (&of_one_project, second.id, elsewhere.id),
    ] {
        let project = of(project);
        let listed = usage.list(actor, &project, &filter, None, 10).await;
        assert!(matches!(listed, Err(ServiceError::Missing(_))));
        assert!(matches!(
            usage.get(actor, &project, call).await,
            Err(ServiceError::Missing(_))
        ));
        assert!(usage.export(actor, &project, filter.clone()).await.is_err());
    }
    // A call of another project is not there either.
    let foreign_call = usage.get(&app.own.owner, &of(app.own.project.id), elsewhere.id).await;
    assert!(matches!(foreign_call, Err(ServiceError::Missing(_))));
    let blind = Actor {
        scopes: Scopes::parse(["read:byok"]).unwrap(),
        ..app.own.owner.clone()
    };
    let refused = usage.list(&blind, &of(app.own.project.id), &filter, None, 10).await;
    assert!(matches!(refused, Err(ServiceError::Refused(_))));
    assert!(Role::Viewer.scopes().permit(latchkey::domain::Scope::ReadUsage));
}

#[sqlx::test(migrations = false)]
async fn the_first_steps_tick_themselves(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (usage, project) = (&app.services.usage, of(app.own.project.id));
    let steps = async || usage.first_steps(&app.own.owner, &project).await.unwrap();
    let mut expected = FirstSteps {
        has_key: false,
        has_token: false,
        has_call: false,
    };
    app.project_token(&["read:byok"]).await;
    record(&app.services, [event(&app.foreign)]).await;
    assert_eq!(steps().await, expected);
    crate::jobs::bring(&app, "openai", latchkey::sandbox::Behaviour::Valid).await;
    expected.has_key = true;
    assert_eq!(steps().await, expected);
    app.project_token(&["use:gateway"]).await;
    expected.has_token = true;
    assert_eq!(steps().await, expected);
    assert!(!usage.has_calls(&app.own.owner).await.unwrap());
    record(&app.services, [event(&app.own)]).await;
    expected.has_call = true;
    assert_eq!(steps().await, expected);
    assert!(usage.has_calls(&app.own.owner).await.unwrap());
}
