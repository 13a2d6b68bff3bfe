//! The ends of chains, kept outside of the database.

use super::{EVENTS, Scene, text};
use serde_json::Value;
use sqlx::PgPool;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

fn lines(scene: &Scene) -> Vec<Value> {
    let text = text(&scene.heads());
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[sqlx::test(migrations = false)]
async fn only_what_went_on_is_written_down_again(pool: PgPool) {
    let scene = Scene::start(pool).await;
    let audit = &scene.app.services.audit;
    assert_eq!(audit.export_heads().await.unwrap(), 2);
    assert_eq!(audit.export_heads().await.unwrap(), 0);
    scene
        .app
        .services
        .projects
        .create(&scene.app.own.owner, "Another")
        .await
        .unwrap();
    assert_eq!(audit.export_heads().await.unwrap(), 1);
    let lines = lines(&scene);
    assert_eq!(lines.len(), 4);
    assert!(lines[0]["audit_root"].is_string() && lines[0]["deployment"].is_string());
    assert_eq!(lines[3]["organization"], scene.app.own.owner.org.to_string());
    assert_eq!(lines[3]["sequence"], scene.events().await.len());
    let mode = fs::metadata(scene.heads()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(scene.flaw().await, None);
}

#[sqlx::test(migrations = false)]
async fn a_file_that_was_moved_away_begins_anew(pool: PgPool) {
    let scene = Scene::start(pool).await;
    let audit = &scene.app.services.audit;
    audit.export_heads().await.unwrap();
    fs::rename(scene.heads(), scene.folder.join("kept.jsonl")).unwrap();
    assert_eq!(audit.export_heads().await.unwrap(), 2);
    assert_eq!(lines(&scene).len(), 3);
}

#[sqlx::test(migrations = false)]
async fn a_line_that_a_crash_left_half_written_is_dropped(pool: PgPool) {
    let scene = Scene::start(pool).await;
    scene.app.services.audit.export_heads().await.unwrap();
    let whole = text(&scene.heads());
    let mut file = fs::OpenOptions::new().append(true).open(scene.heads()).unwrap();
    file.write_all(&whole.as_bytes()[..40]).unwrap();
    scene.work(1).await;
    // Another server on the same folder, as after a crash, knows only what the file says.
    let other = scene
        .app
        .another(crate::harness::Setup {
            audit_heads: scene.heads(),
            ..crate::harness::Setup::default()
        })
        .await;
    assert_eq!(other.services.audit.export_heads().await.unwrap(), 2);
    assert!(text(&scene.heads()).starts_with(&whole));
    assert_eq!(lines(&scene).len(), 5);
}

#[sqlx::test(migrations = false)]
async fn a_head_over_rest_is_a_line_of_such_a_file(pool: PgPool) {
    let scene = Scene::start(pool).await;
    let auditor = scene.app.token(&["read:audit"]).await;
    let head = scene
        .app
        .call("GET", &format!("{EVENTS}/head"))
        .bearer(&auditor)
        .send()
        .await;
    let line = head.text().trim().to_owned();
    assert_eq!(head.expect(200)["sequence"], scene.events().await.len());
    let file = scene.file("elsewhere.jsonl", format!("{line}\n"));
    let (code, said) = scene
        .run(&[
            "audit",
            "verify",
            "--organization",
            "Acme",
            "--heads",
            file.to_str().unwrap(),
        ])
        .await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("the newest exported head"), "{said}");
    scene
        .tamper("delete from audit_events where org_id = $1 and sequence > 2 and $2 is not null")
        .await;
    let (code, said) = scene
        .run(&[
            "audit",
            "verify",
            "--organization",
            "Acme",
            "--heads",
            file.to_str().unwrap(),
        ])
        .await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("The chain ends with event 2"), "{said}");
}

#[sqlx::test(migrations = false)]
async fn a_server_writes_them_down_at_the_start_and_at_the_end(pool: PgPool) {
    let scene = Scene::start(pool).await;
    let mut program = scene.app.program([]).await;
    let heads = program.data_dir().join("audit-heads.jsonl");
    for _ in 0..200 {
        if heads.exists() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(text(&heads).lines().count(), 3, "the root and two organizations");
    scene.work(1).await;
    program.terminate();
    assert!(program.ended().await, "{}", program.said());
    assert_eq!(text(&heads).lines().count(), 5);
    assert!(
        program
            .said()
            .contains("the ends of the audit chains were written down")
    );
}
