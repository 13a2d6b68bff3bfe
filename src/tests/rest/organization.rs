//! The organization, and its default project.

use super::fields;
use crate::harness::TestApp;
use serde_json::{Value, json};
use sqlx::PgPool;

const ORGANIZATION: &str = "/api/v1/organization";

#[sqlx::test(migrations = false)]
async fn it_is_renamed_and_chooses_a_default_project(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["write:settings"]).await;
    let call = |method: &str| app.call(method, ORGANIZATION).bearer(&token).header("if-match", "*");
    let seen = call("GET").send().await.expect(200);
    assert_eq!(
        fields(&seen),
        ["created_at", "default_project_id", "id", "name", "version"]
    );
    assert_eq!(
        (&seen["name"], &seen["default_project_id"]),
        (&json!("Acme"), &Value::Null)
    );
    let renamed = call("PATCH")
        .json(json!({ "name": " Acme Corp " }))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&renamed["name"], &renamed["version"]),
        (&json!("Acme Corp"), &json!(2))
    );
    let chosen = call("PATCH")
        .json(json!({ "default_project": "main" }))
        .send()
        .await
        .expect(200);
    assert_eq!(chosen["default_project_id"], app.own.project.id.to_string());
    assert_eq!(chosen["name"], "Acme Corp", "what is left out stays");
    // Nothing to change is no change.
    let same = call("PATCH")
        .json(json!({ "name": "Acme Corp" }))
        .send()
        .await
        .expect(200);
    assert_eq!(same["version"], chosen["version"]);

    let told = app.services.audit.list(&app.own.owner, 0, 1_000).await.unwrap();
    let told: Vec<_> = told
        .iter()
        .filter(|event| event.event == "organization.profile_changed")
        .collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].details["from"]["name"], "Acme");
    assert_eq!(told[1].details["to"]["default_project"], app.own.project.id.to_string());
}

#[sqlx::test(migrations = false)]
async fn what_cannot_be_is_refused(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["write:settings"]).await;
    let patch = |body: Value| {
        let call = app.call("PATCH", ORGANIZATION).bearer(&token).header("if-match", "*");
        call.json(body).send()
    };
    patch(json!({ "name": "RIVAL" })).await.problem(409, "conflict");
    patch(json!({ "name": "" })).await.problem(400, "invalid_input");
    patch(json!({ "default_project": "nosuchproject" }))
        .await
        .problem(404, "not_found");
    let foreign = app.foreign.project.id.to_string();
    patch(json!({ "default_project": foreign }))
        .await
        .problem(404, "not_found");
    let project_token = app.project_token(&["*"]).await;
    let call = app
        .call("PATCH", ORGANIZATION)
        .bearer(&project_token)
        .header("if-match", "*");
    call.json(json!({ "name": "X" }))
        .send()
        .await
        .problem(403, "insufficient_scope");
    let reader = app.token(&["read:byok"]).await;
    let call = app.call("PATCH", ORGANIZATION).bearer(&reader).header("if-match", "*");
    call.json(json!({ "name": "X" }))
        .send()
        .await
        .problem(403, "insufficient_scope");
}

#[sqlx::test(migrations = false)]
async fn the_database_itself_refuses_anothers_project(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let refused = sqlx::query("update organizations set default_project_id = $1 where org_id = $2")
        .bind(app.foreign.project.id.as_uuid())
        .bind(app.own.owner.org.as_uuid())
        .execute(&app.database)
        .await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("organizations_default_project"), "{refused}");
}

#[sqlx::test(migrations = false)]
async fn the_catalogue_says_what_can_be_brought(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["use:gateway"]).await;
    let list = app
        .call("GET", "/api/v1/providers")
        .bearer(&token)
        .send()
        .await
        .expect(200);
    let providers = list["providers"].as_array().unwrap();
    assert_eq!(providers.len(), latchkey::providers::catalogue().len());
    assert_eq!(
        fields(&providers[0]),
        ["key_page", "key_prefixes", "name", "needs_endpoint", "slug"]
    );
    let needy: Vec<_> = providers.iter().filter(|one| one["needs_endpoint"] == true).collect();
    assert_eq!(needy.len(), 1);
    assert_eq!(needy[0]["slug"], "azure_openai");
}
