//! What the database itself refuses, whatever the server does.

use super::{make, rotate};
use crate::harness::TestApp;
use latchkey::domain::{Overlap, TokenId};
use sqlx::PgPool;

/// Lets a token be superseded, past everything that would forbid it.
async fn supersede(app: &TestApp, old: TokenId, by: TokenId, expires: &str) -> Result<u64, String> {
    let update = format!("update tokens set superseded_by = $2, expires_at = {expires} where id = $1");
    let done = sqlx::query(sqlx::AssertSqlSafe(update))
        .bind(old.as_uuid())
        .bind(by.as_uuid())
        .execute(&app.database)
        .await;
    done.map(|done| done.rows_affected()).map_err(|error| error.to_string())
}

#[sqlx::test(migrations = false)]
async fn a_successor_is_another_token_of_the_organization_and_of_one_only(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (old, new) = (
        make(&app, &["read:byok"], 0).await.token.id,
        make(&app, &["read:byok"], 0).await.token.id,
    );
    let foreign: uuid::Uuid = {
        app.foreign_token().await;
        sqlx::query_scalar("select id from tokens where org_id = $1")
            .bind(app.foreign.owner.org.as_uuid())
            .fetch_one(&app.database)
            .await
            .unwrap()
    };
    let refused = |result: Result<u64, String>, constraint: &str| {
        let error = result.unwrap_err();
        assert!(error.contains(constraint), "{error}");
    };
    refused(
        supersede(&app, old, old, "now()").await,
        "tokens_not_their_own_successor",
    );
    refused(supersede(&app, old, new, "null").await, "tokens_superseded_expire");
    let foreign = TokenId::from_uuid(foreign);
    refused(
        supersede(&app, old, foreign, "now()").await,
        "tokens_successor_is_of_the_organization",
    );
    let rotated = rotate(&app, old, Overlap::Hour).await.unwrap();
    let heir = rotated.minted.token.id;
    refused(supersede(&app, new, heir, "now()").await, "tokens_take_over_from_one");
    assert_eq!(supersede(&app, new, old, "now()").await, Ok(1));
}
