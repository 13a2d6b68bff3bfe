//! Projects over REST.

use super::fields;
use crate::harness::TestApp;
use serde_json::{Value, json};
use sqlx::PgPool;

const PROJECTS: &str = "/api/v1/projects";

#[sqlx::test(migrations = false)]
async fn a_project_is_made_listed_and_renamed(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["write:projects"]).await;
    let made = app
        .call("POST", PROJECTS)
        .bearer(&token)
        .json(json!({ "name": "Payments (EU)" }))
        .send()
        .await;
    let made = made.expect(201);
    assert_eq!(
        fields(&made),
        ["created_at", "id", "name", "slug", "updated_at", "version"]
    );
    assert_eq!(
        (&made["name"], &made["slug"]),
        (&json!("Payments (EU)"), &json!("payments-eu"))
    );

    let path = format!("{PROJECTS}/payments-eu");
    let renamed = app
        .call("PATCH", &path)
        .bearer(&token)
        .header("if-match", "\"1\"")
        .json(json!({ "name": "Payments" }))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&renamed["name"], &renamed["slug"]),
        (&json!("Payments"), &json!("payments-eu"))
    );

    let list = app.call("GET", PROJECTS).bearer(&token).send().await.expect(200);
    assert_eq!(fields(&list), ["next_cursor", "projects"]);
    let names: Vec<&Value> = list["projects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|project| &project["name"])
        .collect();
    assert_eq!(names, ["Main", "Payments"]);
}
