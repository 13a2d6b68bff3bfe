//! A token that takes over from another is like it, and opens nothing that the rotator could not have opened.

use super::{bearer_of, browser, look_at, make, make_for, owner, project, rotate, rotate_as, text, told, works};
use crate::harness::TestApp;
use latchkey::domain::{Overlap, Role, Scope, TokenId};
use latchkey::service::{Missing, ServiceError};
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;
use time::Duration as Span;

#[sqlx::test(migrations = false)]
async fn the_new_token_is_like_the_old_one_and_both_work(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let old = make(&app, &["read:byok", "use:gateway"], 30).await;
    app.pass(Duration::from_hours(24 * 20));
    let rotated = rotate(&app, old.token.id, Overlap::Hour).await.unwrap();
    let (new, replaced) = (&rotated.minted.token, &rotated.replaced);
    assert_eq!(
        (&new.name, &new.scopes, new.project),
        (&old.token.name, &old.token.scopes, old.token.project)
    );
    assert_ne!((new.id, &new.public_id), (old.token.id, &old.token.public_id));
    assert_eq!(
        new.expires_at.unwrap() - new.created_at,
        Span::days(30),
        "as long a life"
    );
    assert_eq!((new.last_used_at, new.superseded_by), (None, None));
    assert_eq!(new.created_by_name, "rotator");
    assert_eq!(replaced.superseded_by, Some(new.id));
    assert_eq!(replaced.expires_at.unwrap() - new.created_at, Span::HOUR);
    assert_eq!(replaced.revoked_at, None);
    assert_eq!(look_at(&app, new.id).await, *new);
    assert_eq!(look_at(&app, old.token.id).await, *replaced);
    assert!(works(&app, text(&old)).await && works(&app, text(&rotated.minted)).await);

    let events = told(&app, "token.rotated").await;
    let expected = json!({
        "name": "Nightly deploy",
        "scopes": ["read:byok", "use:gateway"],
        "project": app.own.project.id.to_string(),
        "replaces": old.token.id.to_string(),
        "overlap": "1h",
    });
    assert_eq!(events, [(new.id.to_string(), expected)]);
    assert!(told(&app, "token.revoked").await.is_empty());
}

#[sqlx::test(migrations = false)]
async fn without_an_end_there_is_none_and_one_that_is_nearer_stays(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let endless = make(&app, &["read:byok"], 0).await;
    let rotated = rotate(&app, endless.token.id, Overlap::Week).await.unwrap();
    assert_eq!(rotated.minted.token.expires_at, None);
    let until = rotated.replaced.expires_at.unwrap();
    assert_eq!(until - rotated.minted.token.created_at, Span::WEEK);

    let short = make(&app, &["read:byok"], 1).await;
    let rotated = rotate(&app, short.token.id, Overlap::Week).await.unwrap();
    assert_eq!(
        rotated.replaced.expires_at,
        look_at(&app, short.token.id).await.expires_at
    );
    assert!(
        rotated.replaced.expires_at.unwrap() <= short.token.expires_at.unwrap(),
        "an overlap is no longer life"
    );
}

#[sqlx::test(migrations = false)]
async fn without_overlap_the_old_one_stops_at_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let old = make(&app, &["read:byok"], 0).await;
    assert!(works(&app, text(&old)).await);
    let rotated = rotate(&app, old.token.id, Overlap::Now).await.unwrap();
    assert!(rotated.replaced.revoked_at.is_some());
    assert!(!works(&app, text(&old)).await && works(&app, text(&rotated.minted)).await);
    let ended = told(&app, "token.revoked").await;
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].0, old.token.id.to_string());
    assert_eq!(ended[0].1["superseded_by"], rotated.minted.token.id.to_string());
}

#[sqlx::test(migrations = false)]
async fn nobody_gets_by_rotating_what_they_could_not_have_made(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let all = make(&app, &["*"], 0).await;
    let gateway = make(&app, &["use:gateway"], 0).await;
    let whole = make_for(&app, None, &["read:byok"], 0).await;
    let maker = make(&app, &["write:tokens", "read:byok"], 0).await;
    let (maker, local) = (bearer_of(&app, &maker.token), make(&app, &["*"], 0).await);
    let mut admin = owner(&app).clone();
    admin.scopes = Role::Admin.scopes();
    let refused = |result: Result<_, ServiceError>, scope| match result.err() {
        Some(ServiceError::Refused(refusal)) => assert_eq!(refusal.scope, scope),
        other => panic!("{other:?}"),
    };
    refused(
        rotate_as(&app, &maker, gateway.token.id, Overlap::Day).await,
        Scope::UseGateway,
    );
    refused(rotate_as(&app, &maker, all.token.id, Overlap::Day).await, Scope::All);
    refused(rotate_as(&app, &admin, all.token.id, Overlap::Day).await, Scope::All);
    let reader = bearer_of(&app, &gateway.token);
    refused(
        rotate_as(&app, &reader, gateway.token.id, Overlap::Day).await,
        Scope::WriteTokens,
    );
    // A token of one project does not know of those of the whole organization, whatever it may do.
    let local = bearer_of(&app, &local.token);
    let missing = rotate_as(&app, &local, whole.token.id, Overlap::Day).await;
    assert!(
        matches!(missing, Err(ServiceError::Missing(Missing::Token))),
        "{missing:?}"
    );
    let rotate = latchkey::service::tokens::RotateToken {
        overlap: Overlap::Day,
        rotated_by_name: String::new(),
    };
    let whole_only = app.services.tokens.rotate(&local, None, gateway.token.id, rotate).await;
    assert!(
        matches!(whole_only, Err(ServiceError::OneProjectOnly(_))),
        "{whole_only:?}"
    );
    for token in [&all, &gateway, &whole] {
        assert_eq!(look_at(&app, token.token.id).await, token.token, "nothing changed");
    }
    assert!(told(&app, "token.rotated").await.is_empty());
    // What the rotator holds, it can rotate: itself too.
    let Ok(rotated) = rotate_as(&app, &maker, token_of(&maker), Overlap::Day).await else {
        panic!("a token may rotate itself");
    };
    assert_eq!(
        rotated.minted.token.project,
        Some(app.own.project.id),
        "its reach stays"
    );
}

fn token_of(actor: &latchkey::domain::Actor) -> TokenId {
    match actor.principal {
        latchkey::domain::Principal::Token(token) => token,
        other => panic!("{other:?}"),
    }
}

#[sqlx::test(migrations = false)]
async fn what_works_no_longer_or_was_rotated_already_is_not_rotated(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let conflict = |result: Result<latchkey::service::tokens::RotatedToken, ServiceError>, words: &str| match result {
        Err(ServiceError::Conflict(message)) => assert!(message.contains(words), "{message}"),
        other => panic!("{other:?}"),
    };
    let rotated = make(&app, &["read:byok"], 0).await.token.id;
    rotate(&app, rotated, Overlap::Day).await.unwrap();
    conflict(rotate(&app, rotated, Overlap::Day).await, "rotated out already");
    let revoked = make(&app, &["read:byok"], 0).await.token.id;
    app.services
        .tokens
        .revoke(owner(&app), &project(&app), revoked)
        .await
        .unwrap();
    conflict(rotate(&app, revoked, Overlap::Day).await, "works no longer");
    let expired = make(&app, &["read:byok"], 1).await.token.id;
    app.pass(Duration::from_hours(24));
    conflict(rotate(&app, expired, Overlap::Day).await, "works no longer");
}

#[sqlx::test(migrations = false)]
async fn over_rest_a_token_is_rotated_and_its_overlap_ended(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.token(&["*"]).await;
    let body = json!({ "name": "CI", "scopes": ["read:byok"], "expires_days": 90 });
    let made = app
        .call("POST", "/api/v1/tokens")
        .bearer(&admin)
        .json(body)
        .send()
        .await
        .expect(201);
    let path = format!("/api/v1/tokens/{}", made["token"]["id"].as_str().unwrap());
    let post = |what: &str| app.call("POST", &format!("{path}/{what}")).bearer(&admin);
    post("end-overlap").send().await.problem(409, "conflict");
    let wrong = post("rotate").json(json!({ "overlap": "2h" })).send().await;
    wrong.problem(400, "invalid_input");
    assert_eq!(wrong.wrong_fields(), ["overlap"]);

    let rotated = post("rotate")
        .header("idempotency-key", "once")
        .json(json!({ "overlap": "7d" }))
        .send()
        .await;
    let rotated = rotated.expect(201);
    let again = post("rotate")
        .header("idempotency-key", "once")
        .json(json!({ "overlap": "7d" }))
        .send()
        .await;
    assert_eq!(again.expect(201), rotated, "sent again, it is not rotated again");
    post("rotate").send().await.problem(409, "conflict");
    let (old, new) = (made["text"].as_str().unwrap(), rotated["text"].as_str().unwrap());
    for field in ["name", "scopes", "project_id"] {
        assert_eq!(rotated["token"][field], made["token"][field], "{field}");
    }
    let shown = app.call("GET", &path).bearer(&admin).send().await.expect(200);
    assert_eq!(shown["superseded_by"], rotated["token"]["id"]);
    assert_eq!(shown["is_active"], true);
    assert!(works(&app, old).await && works(&app, new).await);

    let ended = post("end-overlap").send().await.expect(200);
    assert_eq!(ended["is_active"], false);
    assert!(ended["revoked_at"].is_string());
    assert_eq!(
        post("end-overlap").send().await.expect(200),
        ended,
        "ending it twice changes nothing"
    );
    assert!(!works(&app, old).await && works(&app, new).await);
    assert_eq!(told(&app, "token.revoked").await.len(), 1);
}

#[sqlx::test(migrations = false)]
async fn without_script_the_new_token_is_shown_once_with_the_old_ones_end(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let old = make(&app, &["read:byok"], 0).await;
    let mut browser = browser(&app).await;
    let (page, id) = ("/projects/main/tokens", old.token.id.to_string());
    let fields = [("project", "main"), ("token_id", &id), ("overlap", "1h")];
    let sent = browser
        .submit(app.call("POST", "/_fn/rotate_token"), page, &fields)
        .await;
    assert_eq!(
        (sent.status.as_u16(), sent.header("location")),
        (303, page),
        "{}",
        sent.text()
    );
    let shown = browser.open(app.call("GET", page)).await.text();
    assert!(
        shown.contains("Save the new “Nightly deploy” now") && shown.contains("in 1 h"),
        "{shown}"
    );
    assert!(
        shown.contains("59 min") && shown.contains("Revoke now"),
        "the countdown and its end"
    );
    let new = shown
        .split("data-token=\"\">")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
        .to_owned();
    assert!(works(&app, &new).await && works(&app, text(&old)).await);
    let once_more = browser.open(app.call("GET", page)).await.text();
    assert!(!once_more.contains(&new), "it is shown once");

    let again = browser
        .submit(app.call("POST", "/_fn/rotate_token"), page, &fields)
        .await;
    assert_eq!(again.header("location"), format!("{page}?error=conflict"));
    let ended = browser
        .submit(app.call("POST", "/_fn/end_token_overlap"), page, &fields[..2])
        .await;
    assert_eq!(ended.header("location"), page);
    assert!(
        browser
            .open(app.call("GET", page))
            .await
            .text()
            .contains("Token revoked.")
    );
    assert!(works(&app, &new).await && !works(&app, text(&old)).await);
}
