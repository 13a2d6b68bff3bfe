//! Nobody overwrites what they did not see: `ETag`, and `If-Match` on whatever is changed.

use super::{KEYS, OPENAI, openai_key, put_openai};
use crate::harness::{Answer, Call, TestApp};
use latchkey::sandbox::Behaviour;
use serde_json::{Value, json};
use sqlx::PgPool;

/// A thing with a version, and a change that each version of it permits.
struct Thing {
    path: String,
    method: &'static str,
    change: Value,
}

impl Thing {
    fn changed(&self, app: &TestApp, token: &str) -> Call {
        app.call(self.method, &self.path)
            .bearer(token)
            .json(self.change.clone())
    }
}

async fn things(app: &TestApp, token: &str) -> Vec<Thing> {
    put_openai(app, token, &openai_key(Behaviour::Valid)).await.expect(200);
    let path = "/api/v1/projects/main/keys";
    let key = app.call("GET", path).bearer(token).send().await.expect(200)["keys"][0].clone();
    let key = format!("{path}/{}", key["id"].as_str().unwrap());
    vec![
        thing("/api/v1/organization", "PATCH", json!({ "name": "Acme (new)" })),
        thing("/api/v1/projects/main", "PATCH", json!({ "name": "Main (new)" })),
        thing(
            "/api/v1/projects/main/settings",
            "PATCH",
            json!({ "opens_all_paths": true }),
        ),
        thing(&key, "PATCH", json!({ "name": "new" })),
        thing(&key, "PUT", json!({ "secret": openai_key(Behaviour::Valid) })),
        thing(&key, "DELETE", json!({})),
    ]
}

fn thing(path: &str, method: &'static str, change: Value) -> Thing {
    Thing {
        path: path.to_owned(),
        method,
        change,
    }
}

fn version(answer: &Answer) -> i64 {
    let tag = answer.header("etag");
    tag.trim_matches('"')
        .parse()
        .unwrap_or_else(|_| panic!("{tag}: {}", answer.text()))
}

#[sqlx::test(migrations = false)]
async fn a_change_names_the_version_that_it_is_for(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    for thing in things(&app, &token).await {
        let what = format!("{} {}", thing.method, thing.path);
        let look = || app.call("GET", &thing.path).bearer(&token).send();
        let seen = look().await;
        assert_eq!(seen.expect(200)["version"], version(&seen), "{what}");

        let unseen = thing.changed(&app, &token).send().await;
        unseen.problem(428, "precondition_required");
        for stale in [
            "\"0\"".to_owned(),
            format!("\"{}\"", version(&seen) + 1),
            "W/\"1\"".to_owned(),
        ] {
            let refused = thing.changed(&app, &token).header("if-match", &stale).send().await;
            refused.problem(412, "precondition_failed");
        }
        let twice = thing
            .changed(&app, &token)
            .header("if-match", "\"1\", \"2\"")
            .send()
            .await;
        twice.problem(400, "invalid_if_match");
        assert_eq!(version(&look().await), version(&seen), "{what}: nothing was changed");

        let changed = thing
            .changed(&app, &token)
            .header("if-match", seen.header("etag"))
            .send()
            .await;
        assert!(changed.status.is_success(), "{what}: {}", changed.text());
        if thing.method != "DELETE" {
            assert_eq!(version(&changed), version(&seen) + 1, "{what}");
            assert_eq!(version(&look().await), version(&changed), "{what}");
        }
    }
}

#[sqlx::test(migrations = false)]
async fn of_two_who_saw_the_same_one_changes_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    let names = ["One", "Two", "Three", "Four", "Five", "Six"];
    let rename = |name: &'static str| {
        let call = app
            .call("PATCH", "/api/v1/projects/main")
            .bearer(&token)
            .header("if-match", "\"1\"");
        call.json(json!({ "name": name })).send()
    };
    let answers = futures::future::join_all(names.map(rename)).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status.as_u16() == 200).collect();
    assert_eq!(won.len(), 1);
    let lost = answers.iter().filter(|answer| answer.status.as_u16() == 412);
    assert_eq!(lost.count(), names.len() - 1);
    let project = app
        .call("GET", "/api/v1/projects/main")
        .bearer(&token)
        .send()
        .await
        .expect(200);
    assert_eq!(project["name"], won[0].expect(200)["name"]);
}

#[sqlx::test(migrations = false)]
async fn a_star_changes_whatever_it_is(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    for name in ["One", "Two"] {
        let call = app
            .call("PATCH", "/api/v1/projects/main")
            .bearer(&token)
            .header("if-match", "*");
        assert_eq!(
            call.json(json!({ "name": name })).send().await.expect(200)["name"],
            name
        );
    }
}

#[sqlx::test(migrations = false)]
async fn the_dialects_do_without(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    put_openai(&app, &token, &openai_key(Behaviour::Valid))
        .await
        .expect(200);
    let switched = app
        .call("PATCH", OPENAI)
        .bearer(&token)
        .json(json!({ "is_active": false }));
    switched.send().await.expect(200);
    let list = app.call("GET", KEYS).bearer(&token).send().await;
    assert_eq!(list.header("etag"), "");
    assert_eq!(
        app.call("DELETE", OPENAI).bearer(&token).send().await.status.as_u16(),
        204
    );
}
