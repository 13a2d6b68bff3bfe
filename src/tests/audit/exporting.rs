//! The trail as a file.

use super::{EVENTS, Scene, project};
use sqlx::PgPool;

#[sqlx::test(migrations = false)]
async fn an_export_holds_the_filter_and_nothing_else(pool: PgPool) {
    let scene = Scene::start(pool).await;
    let auditor = scene.app.token(&["read:audit", "write:projects"]).await;
    let create = |name: &'static str| {
        let call = scene.app.call("POST", "/api/v1/projects").bearer(&auditor);
        call.json(project(name)).send()
    };
    create("=1+1").await.expect(201);
    create("Second").await.expect(201);
    let get = |query: &str| {
        scene
            .app
            .call("GET", &format!("{EVENTS}/export{query}"))
            .bearer(&auditor)
            .send()
    };
    let lines = get("?format=jsonl&event=project.created").await;
    assert_eq!(lines.header("content-type"), "application/jsonl; charset=utf-8");
    assert_eq!(
        lines.header("content-disposition"),
        "attachment; filename=\"audit.jsonl\""
    );
    let lines = lines.text();
    assert_eq!(lines.lines().count(), 3);
    for line in lines.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["event"], "project.created");
        assert_eq!(event["organization"], scene.app.own.owner.org.to_string());
        assert_eq!(event["mac"].as_str().unwrap().len(), 64);
        assert_eq!(event["previous_mac"].as_str().unwrap().len(), 64);
    }
    let csv = get("").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let csv = csv.text();
    assert_eq!(csv.lines().count(), 1 + scene.events().await.len());
    assert!(csv.starts_with("sequence,time,event,actor_kind,actor_id,target_kind,target_id,details,"));
    get("?format=xlsx").await.problem(400, "invalid_input");
    get("?actor=me").await.problem(400, "invalid_input");
    let of_project = scene.app.project_token(&["read:audit"]).await;
    let refused = scene
        .app
        .call("GET", &format!("{EVENTS}/export"))
        .bearer(&of_project)
        .send()
        .await;
    refused.problem(403, "insufficient_scope");
}

/// More than one page of them.
#[sqlx::test(migrations = false)]
async fn a_long_export_is_whole(pool: PgPool) {
    let scene = Scene::start(pool).await;
    scene
        .tamper(
            "insert into audit_events select (jsonb_populate_record(e, jsonb_build_object('sequence', n))).*
             from audit_events e, generate_series(1001, 3500) n
             where e.org_id = $1 and e.sequence = 1 and $2 is not null",
        )
        .await;
    let auditor = scene.app.token(&["read:audit"]).await;
    let export = scene
        .app
        .call("GET", &format!("{EVENTS}/export?format=jsonl"))
        .bearer(&auditor)
        .send()
        .await;
    let sequences: Vec<i64> = export
        .text()
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["sequence"]
                .as_i64()
                .unwrap()
        })
        .collect();
    assert_eq!(sequences.len(), scene.events().await.len());
    assert!(sequences.is_sorted_by(|one, next| one < next));
}
