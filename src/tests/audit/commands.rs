//! `latchkey audit …`, with the database and without.

use super::{Scene, ran, text};
use sqlx::PgPool;

#[sqlx::test(migrations = false)]
async fn the_database_is_verified(pool: PgPool) {
    let scene = Scene::start(pool).await;
    scene.work(3).await;
    let (code, said) = scene.run(&["audit", "verify"]).await;
    assert_eq!(code, 0, "{said}");
    for name in ["Acme", "Rival"] {
        assert!(said.contains(&format!("{name}: ")), "{said}");
    }
    assert!(
        said.contains("events verified, unbroken; no exported head to compare with."),
        "{said}"
    );
    scene.app.services.audit.export_heads().await.unwrap();
    scene
        .tamper("delete from audit_events where org_id = $1 and sequence = 4 and $2 is not null")
        .await;
    let (code, said) = scene.run(&["audit", "verify"]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("Acme: Event 4 is not in its place"), "{said}");
    assert!(said.contains("Rival: ") && said.contains("is part of it."), "{said}");
    assert!(said.contains("1 of 2 audit chains cannot be trusted"), "{said}");
    let (code, said) = scene.run(&["audit", "verify", "--organization", "Rival"]).await;
    assert_eq!((code, said.contains("Acme")), (0, false), "{said}");
}

#[sqlx::test(migrations = false)]
async fn an_export_is_verified_without_a_database(pool: PgPool) {
    let scene = Scene::start(pool).await;
    scene.work(3).await;
    let (code, events) = scene.run(&["audit", "export", "--organization", "Acme"]).await;
    assert_eq!(code, 0, "{events}");
    let own = scene.app.own.owner.org.to_string();
    let events: Vec<_> = events.lines().filter(|line| line.contains(&own)).collect();
    let events = events.join("\n");
    assert_eq!(events.lines().count(), scene.events().await.len());
    let heads = scene.folder.join("on-demand.jsonl");
    let (code, said) = scene.run(&["audit", "heads", "--out", heads.to_str().unwrap()]).await;
    assert_eq!((code, said.trim_end().ends_with(": 2.")), (0, true), "{said}");
    let (_, printed) = scene.run(&["audit", "heads"]).await;
    assert_eq!(
        printed.lines().filter(|line| line.contains("signature")).count(),
        2,
        "{printed}"
    );

    let offline = |text: String, more: &'static [&'static str]| {
        let export = scene.file("events.jsonl", text);
        let command = scene.app.command_without_database();
        let heads = heads.clone();
        async move {
            let (export, heads) = (export.to_str().unwrap(), heads.to_str().unwrap());
            let arguments = ["audit", "verify", "--export", export, "--heads", heads];
            ran(command, &[&arguments[..], more].concat()).await
        }
    };
    let (code, said) = offline(events.clone(), &[]).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains(&own) && said.contains("is part of it."), "{said}");
    let edited = events.replacen("Project 1", "Project 7", 1);
    let (code, said) = offline(edited, &[]).await;
    assert_eq!(
        (code, said.contains("is not as Latchkey wrote it")),
        (1, true),
        "{said}"
    );
    let without_third: Vec<_> = events
        .lines()
        .enumerate()
        .filter(|(at, _)| *at != 2)
        .map(|(_, line)| line)
        .collect();
    let (code, said) = offline(without_third.join("\n"), &[]).await;
    assert_eq!(
        (code, said.contains("Event 3 is not in its place")),
        (1, true),
        "{said}"
    );
    let (code, said) = offline(without_third.join("\n"), &["--filtered"]).await;
    assert_eq!(code, 0, "{said}");
    let (code, said) = offline("no export at all".to_owned(), &[]).await;
    assert_eq!((code, said.contains("line 1 of the export")), (1, true), "{said}");

    let other = text(&heads).replace("\"sequence\":", "\"sequence\":1");
    std::fs::write(&heads, other).unwrap();
    let (code, said) = offline(events.clone(), &[]).await;
    assert_eq!(
        (code, said.contains("was not signed by this deployment")),
        (1, true),
        "{said}"
    );
}

#[sqlx::test(migrations = false)]
async fn another_master_key_verifies_nothing(pool: PgPool) {
    let scene = Scene::start(pool).await;
    scene.app.services.audit.export_heads().await.unwrap();
    let export = scene.file("events.jsonl", "{}");
    let mut command = scene.app.command_without_database();
    let another = latchkey::vault::MasterKey::generate(&latchkey::domain::SystemRandom).to_base64();
    command.env("LATCHKEY_MASTER_KEY", secrecy::ExposeSecret::expose_secret(&another));
    let heads = scene.heads();
    let (export, heads) = (export.to_str().unwrap(), heads.to_str().unwrap());
    let (code, said) = ran(command, &["audit", "verify", "--export", export, "--heads", heads]).await;
    assert_eq!(
        (code, said.contains("LATCHKEY_MASTER_KEY_PREVIOUS")),
        (1, true),
        "{said}"
    );
}
