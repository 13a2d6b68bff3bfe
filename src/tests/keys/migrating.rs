//! Keys that the first releases stored.

use latchkey::store;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, PgPool};
use std::borrow::Cow;

/// The last migration of the releases that knew one key for a provider.
const BEFORE: i64 = 2;

static MIGRATOR: Migrator = sqlx::migrate!();

/// A database as those releases left it: one live key of OpenAI with two that were deleted, one of xAI; and, because
/// nothing forbade it, two live ones of one name of Mistral.
async fn fill(pool: &PgPool) {
    let before = MIGRATOR.iter().filter(|migration| migration.version <= BEFORE);
    let mut migrator = Migrator::DEFAULT;
    migrator.migrations = Cow::Owned(before.cloned().collect());
    migrator.run(pool).await.unwrap();
    let key = |id: u8, provider: &str, name: &str, state: &str| {
        let (is_default, deleted_at) = match state {
            "default" => (true, "null"),
            "beside" => (false, "null"),
            _ => (false, "now()"),
        };
        format!(
            "insert into provider_keys (org_id, project_id, id, provider, name, is_default, is_active, sealed, redacted,
                 endpoint, added_by_name, created_at, updated_at, deleted_at)
             values ('{ORG}', '{PROJECT}', '00000000-0000-7000-8000-0000000000{id:02}', '{provider}', '{name}',
                 {is_default}, {is_default}, '\\x01', 'sk-...cdef', 'https://api.example.com', 'owner',
                 now() + interval '{id} seconds', now(), {deleted_at})"
        )
    };
    for statement in [
        format!("insert into organizations (org_id, name, created_at) values ('{ORG}', 'Acme', now())"),
        format!(
            "insert into projects (org_id, id, slug, name, created_at, updated_at)
             values ('{ORG}', '{PROJECT}', 'main', 'Main', now(), now())"
        ),
        key(1, "openai", "Production", "deleted"),
        key(2, "openai", "Production", "deleted"),
        key(3, "openai", "Production", "default"),
        key(4, "xai", "", "default"),
        key(5, "mistral", "Same", "beside"),
        key(6, "mistral", "SAME", "default"),
        key(7, "mistral", "", "beside"),
        key(8, "mistral", "", "beside"),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(pool).await.unwrap();
    }
}

const ORG: &str = "00000000-0000-7000-8000-00000000aaaa";
const PROJECT: &str = "00000000-0000-7000-8000-00000000bbbb";

#[sqlx::test(migrations = false)]
async fn they_get_places_and_keep_their_names_where_these_are_one_keys(pool: PgPool) {
    fill(&pool).await;
    store::migrate(&pool.connect_options()).await.unwrap();
    let keys: Vec<(String, i32, String, bool, bool)> = sqlx::query_as(
        "select provider, position, name, is_default,
                sealed = '\\x01' and fingerprint is null and retires_at is null and superseded_by is null
                and purged_at is null
         from provider_keys order by provider, position",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let told: Vec<_> = keys
        .iter()
        .map(|(provider, position, name, is_default, _)| (provider.as_str(), *position, name.as_str(), *is_default))
        .collect();
    assert_eq!(
        told,
        [
            ("mistral", 1, "Same (000000000005)", false),
            ("mistral", 2, "SAME", true),
            ("mistral", 3, "", false),
            ("mistral", 4, "", false),
            ("openai", 1, "Production", false),
            ("openai", 2, "Production", false),
            ("openai", 3, "Production", true),
            ("xai", 1, "", true),
        ]
    );
    assert!(keys.iter().all(|key| key.4), "and nothing else changed");
    let forced: bool = sqlx::query_scalar("select relforcerowsecurity from pg_class where relname = 'provider_keys'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(forced);
}
