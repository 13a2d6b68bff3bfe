//! Lists in pages.

use super::openai_key;
use crate::harness::TestApp;
use latchkey::sandbox::Behaviour;
use serde_json::{Value, json};
use sqlx::PgPool;

/// Reads a list to its end, `limit` at a time, and gives the ids of what stands in it.
async fn read(app: &TestApp, token: &str, path: &str, things: &str, limit: usize) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), None);
    loop {
        let behind = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let page = app
            .call("GET", &format!("{path}?limit={limit}{behind}"))
            .bearer(token)
            .send()
            .await;
        let page = page.expect(200);
        let found = page[things].as_array().unwrap();
        assert!(found.len() <= limit, "{path}");
        ids.extend(found.iter().map(|thing| thing["id"].as_str().unwrap().to_owned()));
        match &page["next_cursor"] {
            Value::String(next) => {
                assert_eq!(found.len(), limit, "{path}: a page before the last is full");
                cursor = Some(next.clone());
            }
            last => {
                assert_eq!(last, &Value::Null, "{path}");
                return ids;
            }
        }
    }
}

#[sqlx::test(migrations = false)]
async fn the_pages_together_are_the_list(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    for number in 0..6 {
        // Names that are the same but for their case stand beside each other, and none is lost between pages.
        let name = if number % 2 == 0 { "twin" } else { "TWIN" };
        let post = |path: &str, body: Value| app.call("POST", path).bearer(&token).json(body).send();
        post("/api/v1/projects", json!({ "name": name })).await.expect(201);
        post("/api/v1/tokens", json!({ "scopes": ["read:byok"] }))
            .await
            .expect(201);
        let email = format!("invited-{number}@acme.example");
        post("/api/v1/invitations", json!({ "email": email, "role": "viewer" }))
            .await
            .expect(201);
        let secret = format!("{}-{number}", openai_key(Behaviour::Valid));
        let key = json!({ "provider": "openai", "secret": secret });
        post("/api/v1/projects/main/keys", key).await.expect(201);
        let provider = ["openai", "xai", "mistral", "cohere", "groq", "gemini"][number];
        post("/api/v1/locks", json!({ "provider": provider })).await.expect(201);
    }
    for (path, things, count) in [
        ("/api/v1/projects", "projects", 7),
        ("/api/v1/tokens", "tokens", 7),
        ("/api/v1/invitations", "invitations", 6),
        ("/api/v1/projects/main/keys", "keys", 6),
        ("/api/v1/locks", "locks", 6),
        ("/api/v1/members", "members", 1),
        ("/api/v1/audit-events", "events", 34),
    ] {
        let whole = read(&app, &token, path, things, 200).await;
        assert_eq!(whole.len(), count, "{path}");
        for limit in [1, 2, 5] {
            assert_eq!(
                read(&app, &token, path, things, limit).await,
                whole,
                "{path} by {limit}"
            );
        }
        for query in [
            "limit=0",
            "limit=201",
            "limit=x",
            "cursor=x",
            "cursor=eyJ4IjoxfQ",
            "order=name",
        ] {
            let refused = app.call("GET", &format!("{path}?{query}")).bearer(&token).send().await;
            refused.problem(400, "invalid_input");
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_place_stays_where_it_was_when_things_come_and_go(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    let make = |name: &'static str| {
        let call = app.call("POST", "/api/v1/projects").bearer(&token);
        async move { call.json(json!({ "name": name })).send().await.expect(201) }
    };
    for name in ["Beta", "Delta", "Zeta"] {
        make(name).await;
    }
    let page = |path: String| app.call("GET", &path).bearer(&token).send();
    let first = page("/api/v1/projects?limit=2".to_owned()).await.expect(200);
    assert_eq!(first["projects"][1]["name"], "Delta");
    for name in ["Alpha", "Epsilon"] {
        make(name).await;
    }
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = page(format!("/api/v1/projects?limit=9&cursor={cursor}"))
        .await
        .expect(200);
    let names: Vec<_> = second["projects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["Epsilon", "Main", "Zeta"]);
}
