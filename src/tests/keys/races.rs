//! Two at once: one is the winner, who comes too late is told so, and no reader ever finds a gap.

#![expect(clippy::large_futures, reason = "both sides of a race are held at once")]

use super::{add, default_key, is_changed, keys, look_at, new_key, owner, project, rotate, run, seen, system};
use crate::harness::TestApp;
use futures::future::join_all;
use latchkey::domain::Overlap;
use latchkey::service::ServiceError;
use latchkey::service::keys::KeySelector;
use serde_json::json;
use sqlx::PgPool;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Barrier;

/// How many defaults OpenAI has in the own project, and that none of them was deleted.
async fn defaults(app: &TestApp) -> i64 {
    sqlx::query_scalar(
        "select count(*) from provider_keys
         where project_id = $1 and provider = 'openai' and is_default and deleted_at is null",
    )
    .bind(app.own.project.id.as_uuid())
    .fetch_one(&app.database)
    .await
    .unwrap()
}

/// Makes both begin at once.
async fn both<Left, Right>(left: impl Future<Output = Left>, right: impl Future<Output = Right>) -> (Left, Right) {
    let start = Barrier::new(2);
    tokio::join!(
        async {
            start.wait().await;
            left.await
        },
        async {
            start.wait().await;
            right.await
        }
    )
}

/// How much later each side of a race begins. Whoever won begins later the next time, so that the two come ever closer
/// and both win now and then, however long each takes on this machine.
#[derive(Default)]
struct Handicap {
    left: Duration,
    right: Duration,
}

impl Handicap {
    async fn race<Left, Right>(
        &self,
        left: impl Future<Output = Left>,
        right: impl Future<Output = Right>,
    ) -> (Left, Right) {
        let left = async {
            tokio::time::sleep(self.left).await;
            left.await
        };
        let right = async {
            tokio::time::sleep(self.right).await;
            right.await
        };
        both(left, right).await
    }

    fn left_won(&mut self) {
        shift(&mut self.left, &mut self.right);
    }

    fn right_won(&mut self) {
        shift(&mut self.right, &mut self.left);
    }
}

fn shift(winner: &mut Duration, loser: &mut Duration) {
    const STEP: Duration = Duration::from_millis(4);
    if *loser >= STEP {
        *loser -= STEP;
    } else {
        *winner += STEP;
    }
}

#[sqlx::test(migrations = false)]
async fn a_thousand_swaps_leave_one_default_at_every_moment(pool: PgPool) {
    const WORKERS: usize = 8;
    const EACH: usize = 125;
    let app = TestApp::start(pool).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(add(&app, &format!("Key {number}"), number).await.id);
    }
    let token = app.project_token(&["use:gateway"]).await;
    let (done, looks, calls) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let start = Barrier::new(WORKERS + 2);
    let swapping = async {
        let workers = (0..WORKERS).map(|worker| {
            let (app, ids, start) = (&app, &ids, &start);
            async move {
                start.wait().await;
                let mut swapped = 0;
                for round in 0..EACH {
                    let wanted = ids[(worker * 3 + round) % ids.len()];
                    let selector = KeySelector::Id(wanted);
                    match keys(app).make_default(owner(app), &project(app), &selector).await {
                        Ok(key) => {
                            assert!(key.is_default);
                            swapped += 1;
                        }
                        Err(ServiceError::Changed(_)) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
                swapped
            }
        });
        let swapped: usize = join_all(workers).await.into_iter().sum();
        done.store(true, Ordering::Relaxed);
        swapped
    };
    let looking = async {
        start.wait().await;
        while !done.load(Ordering::Relaxed) {
            assert_eq!(defaults(&app).await, 1);
            assert!(default_key(&app).await.is_some(), "a reader found no default");
            looks.fetch_add(1, Ordering::Relaxed);
        }
    };
    let calling = async {
        start.wait().await;
        while !done.load(Ordering::Relaxed) {
            let call = app.call("POST", "/gateway/openai/v1/chat/completions").bearer(&token);
            let served = call
                .json(json!({ "model": "gpt-4o-mini", "messages": [] }))
                .send()
                .await;
            assert_eq!(served.status.as_u16(), 200, "{}", served.text());
            assert_eq!(served.header("x-latchkey-key-source"), "byok");
            calls.fetch_add(1, Ordering::Relaxed);
        }
    };
    let (swapped, (), ()) = tokio::join!(swapping, looking, calling);
    assert!(swapped >= WORKERS, "{swapped}");
    assert!(looks.load(Ordering::Relaxed) > 20 && calls.load(Ordering::Relaxed) > 20);
    assert_eq!(defaults(&app).await, 1);
    // Who was told of a success was right: the trail has as many changes as the rows have versions.
    let changes = super::told(&app, "key.default_changed").await.len();
    let mut versions = 0;
    for id in &ids {
        versions += look_at(&app, *id).await.row_version - 1;
    }
    assert_eq!(
        versions,
        2 * i64::try_from(changes).unwrap(),
        "each change is of two keys"
    );
}

#[sqlx::test(migrations = false)]
async fn of_rotating_and_deleting_one_wins(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (mut rotated, mut deleted) = (0, 0);
    let mut handicap = Handicap::default();
    for round in 0..30 {
        let key = add(&app, "Production", round).await;
        let (system, project, selector) = (system(&app), project(&app), seen(&key));
        let rotating = rotate(&app, &key, 1_000 + round, Overlap::Day);
        let deleting = keys(&app).delete(&system, &project, &selector);
        let (rotation, deletion) = handicap.race(rotating, deleting).await;
        let default = default_key(&app).await;
        match (&rotation, &deletion) {
            (Ok(saved), Err(ServiceError::Changed(_))) => {
                assert_eq!(default.unwrap().id, saved.key.id);
                assert!(look_at(&app, key.id).await.may_serve(saved.key.created_at).is_ok());
                rotated += 1;
                handicap.left_won();
            }
            (Err(ServiceError::Changed(_)), Ok(_)) => {
                assert!(default.is_none());
                deleted += 1;
                handicap.right_won();
            }
            other => panic!("{other:?}"),
        }
        assert!(defaults(&app).await <= 1);
        forget_all(&app).await;
    }
    assert!(rotated > 0 && deleted > 0, "{rotated} {deleted}");
}

#[sqlx::test(migrations = false)]
async fn of_two_rotations_one_wins(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for round in 0..30 {
        let key = add(&app, "Production", round).await;
        let (left, right) = both(
            rotate(&app, &key, 1_000 + round, Overlap::Day),
            rotate(&app, &key, 2_000 + round, Overlap::Hour),
        )
        .await;
        let (winner, loser) = if left.is_ok() { (left, right) } else { (right, left) };
        let winner = winner.unwrap().key;
        assert!(is_changed(&loser), "{loser:?}");
        assert_eq!(default_key(&app).await.unwrap().id, winner.id);
        assert_eq!(look_at(&app, key.id).await.superseded_by, Some(winner.id));
        let count: i64 = sqlx::query_scalar("select count(*) from provider_keys where deleted_at is null")
            .fetch_one(&app.database)
            .await
            .unwrap();
        assert_eq!(count, 2, "the loser's key was not kept");
        forget_all(&app).await;
    }
}

#[sqlx::test(migrations = false)]
async fn of_choosing_and_deleting_a_key_one_wins(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (mut chosen, mut deleted) = (0, 0);
    let mut handicap = Handicap::default();
    for round in 0..60 {
        let first = add(&app, "First", round).await;
        let second = add(&app, "Second", 1_000 + round).await;
        let (owner, project, selector) = (owner(&app), project(&app), seen(&second));
        let choosing = keys(&app).make_default(owner, &project, &selector);
        let deleting = keys(&app).delete(owner, &project, &selector);
        let (choice, deletion) = handicap.race(choosing, deleting).await;
        let default = default_key(&app).await.unwrap().id;
        match (&choice, &deletion) {
            (Ok(_), Err(ServiceError::Changed(_))) => {
                assert_eq!(default, second.id);
                chosen += 1;
                handicap.left_won();
            }
            (Err(ServiceError::Changed(_)), Ok(_)) => {
                assert_eq!(default, first.id);
                deleted += 1;
                handicap.right_won();
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(defaults(&app).await, 1);
        forget_all(&app).await;
    }
    assert!(chosen > 0 && deleted > 0, "{chosen} {deleted}");
}

#[sqlx::test(migrations = false)]
async fn of_many_first_keys_one_is_the_default(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let start = Barrier::new(10);
    let adding = (0..10).map(|number| {
        let (app, start) = (&app, &start);
        async move {
            start.wait().await;
            add(app, &format!("Key {number}"), number).await
        }
    });
    let added = join_all(adding).await;
    assert_eq!(added.iter().filter(|key| key.is_default).count(), 1);
    let mut places: Vec<_> = added.iter().map(|key| key.position).collect();
    places.sort_unstable();
    assert_eq!(places, (1..=10).collect::<Vec<_>>());
}

#[sqlx::test(migrations = false)]
async fn of_many_keys_of_one_name_one_is_added(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (start, system) = (Barrier::new(10), system(&app));
    let adding = (0..10).map(|number| {
        let (app, start, system) = (&app, &start, &system);
        async move {
            start.wait().await;
            let new = new_key("Production", number, true);
            keys(app).add(system, &project(app), "openai", new).await
        }
    });
    let (added, refused): (Vec<_>, Vec<_>) = join_all(adding).await.into_iter().partition(Result::is_ok);
    assert_eq!((added.len(), refused.len()), (1, 9));
    assert!(refused.iter().all(super::is_name_taken));
    assert_eq!(defaults(&app).await, 1);
}

#[sqlx::test(migrations = false)]
async fn a_key_that_is_erased_is_not_restored(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for round in 0..20 {
        let key = add(&app, "", round).await;
        let (actor, selector) = (system(&app), KeySelector::Id(key.id));
        keys(&app).delete(&actor, &project(&app), &selector).await.unwrap();
        let (restored, erased) = both(
            keys(&app).restore(&actor, &project(&app), key.id),
            keys(&app).purge(&actor, &project(&app), &selector),
        )
        .await;
        assert!(erased.is_ok() || is_changed(&erased), "{erased:?}");
        let is_purged: bool = sqlx::query_scalar("select purged_at is not null from provider_keys where id = $1")
            .bind(key.id.as_uuid())
            .fetch_one(&app.database)
            .await
            .unwrap();
        assert_eq!(is_purged, erased.is_ok());
        assert!(restored.is_ok() || is_purged, "{restored:?}");
        forget_all(&app).await;
    }
}

/// Deletes every key, as if by hand.
async fn forget_all(app: &TestApp) {
    run(
        app,
        "update provider_keys set is_default = false, is_active = false, deleted_at = now() where deleted_at is null",
    )
    .await
    .unwrap();
}
