//! LGTM: "BYOK (Bring Your Own Key)". It documents what happens to a key, no calls.

use super::{call_model, served_by, valid};
use crate::harness::TestApp;
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::json;
use sqlx::PgPool;

const OPENAI: &str = "/api/v1/projects/main/byok-keys/openai";

/// "we validate it against the provider's /v1/models endpoint", "Validate provider key before saving".
#[sqlx::test(migrations = false)]
async fn a_key_is_validated_at_the_list_of_models_before_it_is_saved(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["read:byok", "write:byok"]).await;
    for (provider, models) in [
        ("openai", "/v1/models"),
        ("anthropic", "/v1/models"),
        ("gemini", "/v1beta/models"),
    ] {
        let path = format!("/api/v1/projects/main/byok-keys/{provider}");
        app.sandbox.clear_calls();
        let refused = json!({ "api_key": Sandbox::key(provider, Behaviour::Revoked) });
        app.call("PUT", &path)
            .bearer(&token)
            .json(refused)
            .send()
            .await
            .problem(400, "invalid_api_key");
        let asked = app.sandbox.requests();
        assert!(
            asked.iter().any(|call| call.path_and_query.starts_with(models)),
            "{provider}: {asked:?}"
        );
        app.call("GET", &path)
            .bearer(&token)
            .send()
            .await
            .problem(404, "not_found");
        let accepted = json!({ "api_key": valid(provider, "AbCd") });
        let key = app
            .call("PUT", &path)
            .bearer(&token)
            .json(accepted)
            .send()
            .await
            .expect(200);
        assert!(key["api_key_prefix"].as_str().unwrap().ends_with("...AbCd"), "{key}");
    }
}

/// "Store { encrypted, iv, authTag } — never the plaintext".
#[sqlx::test(migrations = false)]
async fn the_database_never_has_the_plaintext(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["write:byok"]).await;
    let secret = valid("openai", "AbCd");
    app.call("PUT", OPENAI)
        .bearer(&token)
        .json(json!({ "api_key": secret }))
        .send()
        .await
        .expect(200);
    let row: String = sqlx::query_scalar("select k::text from provider_keys k")
        .fetch_one(&app.database)
        .await
        .unwrap();
    let sealed: Vec<u8> = sqlx::query_scalar("select sealed from provider_keys")
        .fetch_one(&app.database)
        .await
        .unwrap();
    assert!(!row.contains(&secret) && !row.contains(&secret[8..]), "{row}");
    assert!(
        !sealed
            .windows(8)
            .any(|bytes| secret.as_bytes().windows(8).any(|part| part == bytes))
    );
}

/// "In-flight jobs using the old key get a 401 … new jobs use the new key immediately. The old encrypted blob gets replaced
/// atomically."
#[sqlx::test(migrations = false)]
async fn a_key_revoked_at_the_provider_is_replaced_at_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["read:byok", "write:byok", "use:gateway"]).await;
    let (old, new) = (valid("openai", "1111"), valid("openai", "2222"));
    let put = |secret: &str| {
        app.call("PUT", OPENAI)
            .bearer(&token)
            .json(json!({ "api_key": secret }))
    };
    put(&old).send().await.expect(200);
    app.sandbox.revoke(&old);
    let refused = call_model(&app, &token, "openai").await;
    assert_eq!(refused.status.as_u16(), 401, "{}", refused.text());
    // A second key that does not work leaves everything as it is.
    put(&Sandbox::key("openai", Behaviour::Blocked))
        .send()
        .await
        .problem(400, "invalid_api_key");
    let before = sealed(&app).await;
    put(&new).send().await.expect(200);
    let after = sealed(&app).await;
    assert_eq!(
        (before.len(), after.len()),
        (1, 1),
        "there is one blob before and after"
    );
    assert_eq!((before[0].1, after[0].1), (1, 2));
    assert_ne!(before[0].0, after[0].0);
    assert_eq!(served_by(&call_model(&app, &token, "openai").await), ("byok", ""));
    assert!(app.sandbox.calls_with(&new) > 0);
}

/// Every blob that there is, and which secret of its key it holds.
async fn sealed(app: &TestApp) -> Vec<(Vec<u8>, i64)> {
    let blobs = sqlx::query_as("select sealed, secret_version from provider_keys");
    blobs.fetch_all(&app.database).await.unwrap()
}
