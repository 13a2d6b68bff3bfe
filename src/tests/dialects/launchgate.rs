//! LaunchGate: "BYOK Keys".

use super::{Reader, served_by, valid};
use serde_json::{Value, json};
use sqlx::PgPool;

const HOST: &str = "https://api.launchgate.ai";
const CREDENTIAL: &str = "LAUNCHGATE_API_KEY";

const ADD: &str = r#"curl -X POST https://api.launchgate.ai/v1/byok-keys \
  -H "Authorization: Bearer $LAUNCHGATE_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{ "provider": "openai", "name": "Production OpenAI Key", "key": "sk-...", "is_default": true }'"#;

const TEST: &str = r#"curl -X POST https://api.launchgate.ai/v1/byok-keys/{keyId}/test \
  -H "Authorization: Bearer $LAUNCHGATE_API_KEY""#;

const REVOKE: &str = r#"curl -X DELETE https://api.launchgate.ai/v1/byok-keys/{keyId} \
  -H "Authorization: Bearer $LAUNCHGATE_API_KEY""#;

/// The document shows no listing; the shape of its other calls gives this one.
const LIST: &str = r#"curl https://api.launchgate.ai/v1/byok-keys \
  -H "Authorization: Bearer $LAUNCHGATE_API_KEY""#;

/// The command with a key in place of the elided one.
fn add(secret: &str) -> String {
    ADD.replace("sk-...", secret)
}

/// The command about this key.
fn about(command: &str, key: &Value) -> String {
    command.replace("{keyId}", key["id"].as_str().unwrap())
}

async fn listed(reader: &Reader) -> Vec<Value> {
    let list = reader.run(LIST, &[]).await.expect(200, &[]);
    list["keys"].as_array().unwrap().clone()
}

#[sqlx::test(migrations = false)]
async fn a_key_is_added_tested_and_revoked(pool: PgPool) {
    let reader = Reader::new(pool, HOST, CREDENTIAL).await;
    let secret = valid("openai", "f3Qz");
    let added = reader.run(&add(&secret), &[]).await.expect(201, &[&secret]);
    assert_eq!(added["name"], "Production OpenAI Key");
    assert_eq!(
        (&added["provider"], &added["is_default"]),
        (&json!("openai"), &json!(true))
    );
    assert_eq!(
        added["key_prefix"], "sk-proj-...f3Qz",
        "what can be shown without giving any of the secret away"
    );
    assert_eq!(listed(&reader).await, std::slice::from_ref(&added));

    let tested = reader.run(&about(TEST, &added), &[]).await.expect(200, &[&secret]);
    assert_eq!(
        (&tested["valid"], &tested["health_status"]),
        (&json!(true), &json!("healthy"))
    );
    reader.app.sandbox.revoke(&secret);
    let tested = reader.run(&about(TEST, &added), &[]).await.expect(200, &[&secret]);
    assert_eq!(
        (&tested["valid"], &tested["health_status"]),
        (&json!(false), &json!("unhealthy"))
    );
    assert!(
        tested["last_health_error"]
            .as_str()
            .unwrap()
            .contains("Incorrect API key"),
        "{tested}"
    );

    reader.run(&about(REVOKE, &added), &[]).await.expect_nothing();
    assert_eq!(listed(&reader).await, [] as [Value; 0]);
    reader.run(&about(TEST, &added), &[]).await.expect(404, &[]);
    // "will fail until a new key is added for that provider"
    assert_eq!(reader.call_model("openai").await.status.as_u16(), 403);
    reader.run(&add(&valid("openai", "new1")), &[]).await.expect(201, &[]);
    assert_eq!(served_by(&reader.call_model("openai").await), ("byok", ""));
}

#[sqlx::test(migrations = false)]
async fn one_key_a_provider_is_the_default(pool: PgPool) {
    let reader = Reader::new(pool, HOST, CREDENTIAL).await;
    let (first, second, third) = (
        valid("openai", "1111"),
        valid("openai", "2222"),
        valid("openai", "3333"),
    );
    let named = |secret: &str, name: &str, is_default: bool| {
        let command = add(secret).replace("Production OpenAI Key", name);
        command.replace("\"is_default\": true", &format!("\"is_default\": {is_default}"))
    };
    // The first is the default, whatever it asks for; then only the one that asks to be.
    reader.run(&named(&first, "First", false), &[]).await.expect(201, &[]);
    reader.run(&named(&second, "Second", false), &[]).await.expect(201, &[]);
    assert_eq!(defaults(&listed(&reader).await), ["First"]);
    // "automatically unsets the previous default for that provider"
    reader.run(&named(&third, "Third", true), &[]).await.expect(201, &[]);
    let keys = listed(&reader).await;
    assert_eq!((keys.len(), defaults(&keys)), (3, vec!["Third"]));
    // Another provider has a default of its own.
    let google = r#"{ "provider": "google", "key": "THE_KEY" }"#.replace("THE_KEY", &valid("gemini", "4444"));
    let begin = ADD.find("'{").unwrap();
    let command = format!("{}'{google}'", &ADD[..begin]);
    let added = reader.run(&command, &[]).await.expect(201, &[]);
    assert_eq!(
        (&added["provider"], &added["is_default"]),
        (&json!("google"), &json!(true))
    );
    let keys = listed(&reader).await;
    assert_eq!(
        keys.iter().filter(|key| key["provider"] == "google").count(),
        1,
        "{keys:?}"
    );
    assert!(keys.iter().all(|key| key["provider"] != "gemini"));
    let native = reader
        .app
        .call("GET", "/api/v1/projects/main/keys?provider=gemini")
        .bearer(&reader.token)
        .send()
        .await;
    assert_eq!(native.expect(200)["keys"].as_array().unwrap().len(), 1);
}

fn defaults(keys: &[Value]) -> Vec<&str> {
    let defaults = keys.iter().filter(|key| key["is_default"] == true);
    defaults.map(|key| key["name"].as_str().unwrap()).collect()
}

#[sqlx::test(migrations = false)]
async fn every_provider_of_the_table_can_be_brought(pool: PgPool) {
    let reader = Reader::new(pool, HOST, CREDENTIAL).await;
    let endpoint = reader.app.sandbox.azure_endpoint();
    for (config_value, slug) in [
        ("openai", "openai"),
        ("anthropic", "anthropic"),
        ("google", "gemini"),
        ("azure_openai", "azure_openai"),
    ] {
        let mut body =
            json!({ "provider": config_value, "name": config_value, "key": valid(slug, "0000"), "is_default": true });
        if config_value == "azure_openai" {
            // "Configured per deployment"
            body["endpoint"] = json!(endpoint);
        }
        let begin = ADD.find("'{").unwrap();
        let added = reader
            .run(&format!("{}'{body}'", &ADD[..begin]), &[])
            .await
            .expect(201, &[]);
        assert_eq!(added["provider"], config_value);
        assert_eq!(added["health_status"], "healthy");
    }
}

#[sqlx::test(migrations = false)]
async fn calls_without_a_project_work_in_the_default_project(pool: PgPool) {
    let mut reader = Reader::new(pool, HOST, CREDENTIAL).await;
    // A token of the whole organization: its oldest project, until it chose another.
    reader.token = reader.app.token(&["*"]).await;
    let call = |method: &str, path: &str| reader.app.call(method, path).bearer(&reader.token);
    call("POST", "/api/v1/projects")
        .json(json!({ "name": "Second" }))
        .send()
        .await
        .expect(201);
    reader.run(&add(&valid("openai", "1111")), &[]).await.expect(201, &[]);
    let keys_of = |project: &'static str| {
        let list = call("GET", &format!("/api/v1/projects/{project}/keys"));
        async move { list.send().await.expect(200)["keys"].as_array().unwrap().len() }
    };
    assert_eq!((keys_of("main").await, keys_of("second").await), (1, 0));
    let chosen = call("PATCH", "/api/v1/organization").header("if-match", "*");
    chosen
        .json(json!({ "default_project": "second" }))
        .send()
        .await
        .expect(200);
    assert_eq!(listed(&reader).await, [] as [Value; 0]);
    reader.run(&add(&valid("openai", "2222")), &[]).await.expect(201, &[]);
    assert_eq!((keys_of("main").await, keys_of("second").await), (1, 1));
    // A token of a project: that one, whatever was chosen.
    reader.token = reader.app.project_token(&["read:byok"]).await;
    let keys = listed(&reader).await;
    assert_eq!(keys[0]["key_prefix"], "sk-proj-...1111", "{keys:?}");
}
