//! Two at once: one is the winner, and who comes too late is told so.

use super::{make, owner, project, rotate, told};
use crate::harness::TestApp;
use futures::future::join_all;
use latchkey::domain::Overlap;
use latchkey::service::ServiceError;
use sqlx::PgPool;

#[sqlx::test(migrations = false)]
async fn of_rotations_at_once_one_wins(pool: PgPool) {
    const AT_ONCE: usize = 8;
    let app = TestApp::start(pool).await;
    for round in 1..=10 {
        let old = make(&app, &["read:byok"], 0).await.token.id;
        let outcomes = join_all((0..AT_ONCE).map(|_| rotate(&app, old, Overlap::Hour))).await;
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1, "round {round}");
        for late in lost {
            assert!(matches!(late, Err(ServiceError::Conflict(_))), "{late:?}");
        }
        let heirs: i64 = sqlx::query_scalar(
            "select count(*) from tokens heir join tokens old on old.superseded_by = heir.id where old.id = $1",
        )
        .bind(old.as_uuid())
        .fetch_one(&app.database)
        .await
        .unwrap();
        assert_eq!(heirs, 1);
        let made: i64 = sqlx::query_scalar("select count(*) from tokens")
            .fetch_one(&app.database)
            .await
            .unwrap();
        assert_eq!(made, 2 * round, "who came too late left no token behind");
        assert_eq!(told(&app, "token.rotated").await.len(), usize::try_from(round).unwrap());
    }
}

#[sqlx::test(migrations = false)]
async fn of_rotating_and_revoking_either_comes_first_and_the_old_one_is_over(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for _ in 0..20 {
        let old = make(&app, &["read:byok"], 0).await.token.id;
        let project = project(&app);
        let (rotated, revoked) = tokio::join!(
            rotate(&app, old, Overlap::Hour),
            app.services.tokens.revoke(owner(&app), &project, old)
        );
        let revoked = revoked.unwrap();
        let rotated_first = revoked.superseded_by.is_some();
        assert_eq!(rotated.is_ok(), rotated_first, "{rotated:?}");
        assert!(revoked.revoked_at.is_some());
    }
}
