//! Keys by their ids.

use super::{fields, openai_key};
use crate::harness::{Call, TestApp};
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::{Value, json};
use sqlx::PgPool;

const KEYS: &str = "/api/v1/projects/main/keys";

struct Caller {
    app: TestApp,
    token: String,
}

impl Caller {
    async fn new(pool: PgPool) -> Self {
        let app = TestApp::start(pool).await;
        let token = app.token(&["read:byok", "write:byok"]).await;
        Self { app, token }
    }

    fn call(&self, method: &str, path: &str) -> Call {
        self.app.call(method, path).bearer(&self.token).header("if-match", "*")
    }

    async fn add(&self, name: &str) -> Value {
        let secret = format!("{}-{name}", openai_key(Behaviour::Valid));
        let body = json!({ "provider": "openai", "name": name, "secret": secret });
        let added = self.call("POST", KEYS).json(body).send().await;
        assert!(!added.text().contains(&secret));
        added.expect(201)["key"].clone()
    }

    async fn patch(&self, key: &Value, change: Value) -> crate::harness::Answer {
        self.call("PATCH", &path(key)).json(change).send().await
    }

    async fn names(&self) -> Vec<String> {
        let list = self.call("GET", KEYS).send().await.expect(200);
        let keys = list["keys"].as_array().unwrap().clone();
        keys.iter()
            .map(|key| key["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn path(key: &Value) -> String {
    format!("{KEYS}/{}", key["id"].as_str().unwrap())
}

#[sqlx::test(migrations = false)]
async fn a_key_is_added_changed_and_deleted(pool: PgPool) {
    let caller = Caller::new(pool).await;
    let key = caller.add("first").await;
    let known = [
        "added_by",
        "api_version",
        "created_at",
        "deleted_at",
        "endpoint",
        "fallback",
        "health",
        "id",
        "is_active",
        "is_default",
        "last_used_at",
        "name",
        "position",
        "project_id",
        "provider",
        "purged_at",
        "redacted",
        "retires_at",
        "rotation_undone_at",
        "secret_version",
        "superseded_by",
        "updated_at",
        "version",
    ];
    assert_eq!(fields(&key), known);
    assert_eq!(
        (&key["is_default"], &key["health"]["status"]),
        (&json!(true), &json!("healthy"))
    );
    assert_eq!(caller.call("GET", &path(&key)).send().await.expect(200), key);

    let renamed = caller.patch(&key, json!({ "name": "renamed" })).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["version"]), (&json!("renamed"), &json!(2)));
    let fallback = json!({ "on_missing": "platform", "on_failure": "project" });
    let decided = caller.patch(&key, fallback.clone()).await.expect(200);
    assert_eq!(decided["fallback"], fallback);
    assert_eq!(
        caller.patch(&key, json!({ "is_active": false })).await.expect(200)["is_active"],
        false
    );

    let secret = format!("{}-other", openai_key(Behaviour::Valid));
    let replaced = caller
        .call("PUT", &path(&key))
        .json(json!({ "secret": secret }))
        .send()
        .await;
    assert!(!replaced.text().contains(&secret));
    let replaced = replaced.expect(200)["key"].clone();
    assert_eq!(
        (&replaced["secret_version"], &replaced["name"]),
        (&json!(2), &json!("renamed"))
    );

    let used = caller
        .call("GET", &format!("{}/dependents", path(&key)))
        .send()
        .await
        .expect(200);
    assert_eq!(
        used,
        json!({ "tokens_last_hour": 0, "calls_last_hour": 0, "last_call_at": null })
    );

    assert_eq!(caller.call("DELETE", &path(&key)).send().await.status.as_u16(), 204);
    caller.call("GET", &path(&key)).send().await.problem(404, "not_found");
    assert_eq!(caller.names().await, [] as [String; 0]);
    let deleted = caller
        .call("GET", &format!("{KEYS}?deleted=true"))
        .send()
        .await
        .expect(200);
    assert_eq!(deleted["keys"][0]["id"], key["id"]);
    let restored = caller
        .call("POST", &format!("{}/restore", path(&key)))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&restored["is_default"], &restored["is_active"]),
        (&json!(true), &json!(true))
    );
}

#[sqlx::test(migrations = false)]
async fn one_of_several_is_the_default(pool: PgPool) {
    let caller = Caller::new(pool).await;
    let (one, two, three) = (
        caller.add("one").await,
        caller.add("two").await,
        caller.add("three").await,
    );
    let is_default = [&one, &two, &three].map(|key| key["is_default"].as_bool().unwrap());
    assert_eq!(is_default, [true, false, false]);
    assert_eq!(
        caller.patch(&two, json!({ "is_default": true })).await.expect(200)["is_default"],
        true
    );
    assert_eq!(
        caller.call("GET", &path(&one)).send().await.expect(200)["is_default"],
        false
    );
    caller
        .patch(&two, json!({ "is_default": false }))
        .await
        .problem(400, "invalid_input");
    // What is switched off cannot be the default.
    caller.patch(&three, json!({ "is_active": false })).await.expect(200);
    caller
        .patch(&three, json!({ "is_default": true }))
        .await
        .problem(409, "conflict");

    let order = json!({ "provider": "openai", "keys": [three["id"], one["id"], two["id"]] });
    let ordered = caller
        .call("PUT", &format!("{KEYS}/order"))
        .json(order)
        .send()
        .await
        .expect(200);
    let positions: Vec<_> = ordered["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["position"])
        .collect();
    assert_eq!(positions, [1, 2, 3]);
    assert_eq!(caller.names().await, ["three", "one", "two"]);
    let incomplete = json!({ "provider": "openai", "keys": [three["id"]] });
    let refused = caller
        .call("PUT", &format!("{KEYS}/order"))
        .json(incomplete)
        .send()
        .await;
    refused.problem(409, "conflict");
}

#[sqlx::test(migrations = false)]
async fn a_change_is_one_thing(pool: PgPool) {
    let caller = Caller::new(pool).await;
    let key = caller.add("one").await;
    for change in [
        json!({}),
        json!({ "name": "x", "is_active": false }),
        json!({ "is_default": true, "on_missing": "fail", "on_failure": "fail" }),
        json!({ "on_missing": "fail" }),
        json!({ "on_missing": "fail", "on_failure": "never" }),
        json!({ "colour": "red" }),
    ] {
        caller.patch(&key, change).await.problem(400, "invalid_input");
    }
    assert_eq!(caller.call("GET", &path(&key)).send().await.expect(200), key);
}

#[sqlx::test(migrations = false)]
async fn a_name_is_taken_once_a_provider(pool: PgPool) {
    let caller = Caller::new(pool).await;
    caller.add("Production").await;
    let other = caller.add("other").await;
    let refused = caller.patch(&other, json!({ "name": "PRODUCTION" })).await;
    refused.problem(400, "invalid_input");
    assert_eq!(refused.wrong_fields(), ["name"]);
    let elsewhere = json!({ "provider": "xai", "name": "Production", "secret": Sandbox::key("xai", Behaviour::Valid) });
    caller.call("POST", KEYS).json(elsewhere).send().await.expect(201);
}

#[sqlx::test(migrations = false)]
async fn a_secret_stored_twice_is_pointed_out(pool: PgPool) {
    let caller = Caller::new(pool).await;
    let body = json!({ "provider": "openai", "name": "one", "secret": openai_key(Behaviour::Valid) });
    let first = caller.call("POST", KEYS).json(body.clone()).send().await.expect(201);
    assert_eq!(first["twins"], json!([]));
    let mut again = body;
    again["name"] = json!("two");
    let second = caller.call("POST", KEYS).json(again).send().await.expect(201);
    assert_eq!(second["twins"][0]["id"], first["key"]["id"]);
    assert_eq!(
        fields(&second["twins"][0]),
        ["id", "name", "project_id", "project_name", "provider"]
    );
}

#[sqlx::test(migrations = false)]
async fn only_an_owner_purges(pool: PgPool) {
    let caller = Caller::new(pool).await;
    let key = caller.add("one").await;
    let purge = format!("{}?purge=true", path(&key));
    caller
        .call("DELETE", &purge)
        .send()
        .await
        .problem(403, "insufficient_scope");
    let owner = caller.app.token(&["*"]).await;
    let stale = caller
        .app
        .call("DELETE", &purge)
        .bearer(&owner)
        .header("if-match", "\"7\"")
        .send()
        .await;
    stale.problem(412, "precondition_failed");
    let purged = caller
        .app
        .call("DELETE", &purge)
        .bearer(&owner)
        .header("if-match", "\"1\"")
        .send()
        .await;
    assert_eq!((purged.status.as_u16(), purged.text()), (204, String::new()));
    let sealed: Option<Vec<u8>> = sqlx::query_scalar("select sealed from provider_keys")
        .fetch_one(&caller.app.database)
        .await
        .unwrap();
    assert_eq!(sealed, None);
    caller
        .call("POST", &format!("{}/restore", path(&key)))
        .send()
        .await
        .problem(404, "not_found");
}

#[sqlx::test(migrations = false)]
async fn what_is_no_key_is_not_found(pool: PgPool) {
    let caller = Caller::new(pool).await;
    caller.add("one").await;
    for id in ["no-id", "019aa5d2-0a5f-7c7e-b8c3-1a2b3c4d5e6f"] {
        let path = format!("{KEYS}/{id}");
        caller.call("GET", &path).send().await.problem(404, "not_found");
        caller.call("DELETE", &path).send().await.problem(404, "not_found");
        caller
            .call("POST", &format!("{path}/test"))
            .send()
            .await
            .problem(404, "not_found");
    }
    caller
        .call("GET", &format!("{KEYS}?deleted=perhaps"))
        .send()
        .await
        .problem(400, "invalid_input");
}
