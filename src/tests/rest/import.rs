//! Many keys from one paste.

use super::openai_key;
use crate::harness::TestApp;
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::{Value, json};
use sqlx::PgPool;

const IMPORT: &str = "/api/v1/projects/main/keys/import";

#[sqlx::test(migrations = false)]
async fn a_paste_is_recognised_and_its_chosen_lines_are_added(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    let call = |path: &str, body: &Value| app.call("POST", path).bearer(&token).json(body.clone()).send();
    let secrets = [
        openai_key(Behaviour::Valid),
        Sandbox::key("anthropic", Behaviour::Revoked),
        Sandbox::key("xai", Behaviour::Valid),
    ];
    let text = format!(
        "# production\nOPENAI_API_KEY={}\nANTHROPIC_API_KEY=\"{}\"\nDEBUG=1\nXAI_API_KEY={}\n",
        secrets[0], secrets[1], secrets[2]
    );
    let preview = call(&format!("{IMPORT}/preview"), &json!({ "text": text })).await;
    assert!(secrets.iter().all(|secret| !preview.text().contains(secret)));
    let preview = preview.expect(200);
    let candidates = preview["candidates"].as_array().unwrap();
    let seen: Vec<_> = candidates.iter().map(|one| (&one["line"], &one["provider"])).collect();
    let (openai, anthropic, xai) = (json!("openai"), json!("anthropic"), json!("xai"));
    assert_eq!(seen, [(&json!(2), &openai), (&json!(3), &anthropic), (&json!(5), &xai)]);
    assert_eq!(candidates[0]["variable"], "OPENAI_API_KEY");
    assert_eq!(app.sandbox.requests().len(), 0, "a preview asks nobody");

    let choices = json!([
        { "line": 2, "provider": "openai", "name": "Production" },
        { "line": 3, "provider": "anthropic" },
        { "line": 4, "provider": "openai" },
    ]);
    let imported = call(IMPORT, &json!({ "text": text, "choices": choices })).await;
    assert!(secrets.iter().all(|secret| !imported.text().contains(secret)));
    let results = imported.expect(200)["results"].as_array().unwrap().clone();
    assert_eq!(results[0]["key"]["name"], "Production");
    assert_eq!(results[0]["error"], Value::Null);
    assert_eq!(
        (&results[1]["key"], &results[1]["error"]["code"]),
        (&Value::Null, &json!("invalid_api_key"))
    );
    assert_eq!(results[2]["key"], Value::Null);
    assert!(results[2]["error"]["detail"].is_string());
    let list = app
        .call("GET", "/api/v1/projects/main/keys")
        .bearer(&token)
        .send()
        .await
        .expect(200);
    assert_eq!(list["keys"].as_array().unwrap().len(), 1);

    for wrong in [
        json!({ "text": text }),
        json!({ "text": text, "choices": [1] }),
        json!({ "text": text, "choices": [{ "line": 2 }] }),
        json!({ "text": text, "choices": [{ "line": 2, "provider": "openai", "colour": "red" }] }),
    ] {
        call(IMPORT, &wrong).await.problem(400, "invalid_input");
    }
}
