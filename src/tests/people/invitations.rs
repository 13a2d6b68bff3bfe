//! Invitations: made, seen, accepted, and what ends them.

use super::{Browser, PASSWORD, actor, events, invited, invited_by, joined, roles, user_id};
use crate::harness::TestApp;
use latchkey::domain::Role;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::Duration;

const NEW: &str = "new@acme.example";

/// What the page behind a link shows to nobody in particular.
async fn offer(app: &TestApp, link: &str) -> Value {
    let shown = Browser::new(app).call("invitation", &[("link", link)]).await;
    shown.expect(200)["invitation"].clone()
}

/// The link neither shows nor does anything, to anybody.
async fn assert_spent(app: &TestApp, link: &str) {
    assert_eq!(offer(app, link).await, Value::Null);
    let form = [("link", link), ("password", PASSWORD)];
    let refused = Browser::new(app).call("accept_invitation", &form).await.expect(404);
    assert!(
        refused["message"].as_str().unwrap().contains("does not work"),
        "{refused}"
    );
    let mut owner = Browser::of(app, "owner@rival.example").await;
    assert_eq!(owner.status("accept_invitation", &form).await, 404);
}

#[sqlx::test(migrations = false)]
async fn somebody_new_chooses_a_password_and_joins_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let link = invited(&app, "New@Acme.example", Role::Member).await;
    let shown = offer(&app, &link).await;
    assert_eq!(shown["email"], NEW);
    assert_eq!(
        (&shown["organization"], &shown["role"]),
        (&json!("Acme"), &json!("member"))
    );
    assert_eq!(shown["visitor"], "new");
    assert_eq!(shown["invited_by"], "owner@acme.example");

    let mut person = Browser::new(&app);
    let weak = [("link", &*link), ("password", "password12345")];
    let refused = person.call("accept_invitation", &weak).await.expect(400);
    assert_eq!(refused["fields"][0]["field"], "password");
    let form = [("link", &*link), ("password", PASSWORD)];
    let joined = person.call("accept_invitation", &form).await;
    assert_eq!(joined.header("location"), "/", "{}", joined.text());
    let session = person.session().await;
    assert_eq!(session["email"], NEW);
    assert_eq!(
        (&session["organization"], &session["role"]),
        (&json!("Acme"), &json!("member"))
    );
    assert_eq!(
        roles(&app).await,
        ["new@acme.example member", "owner@acme.example owner"]
    );
    let told = events(&app, "member.joined").await;
    assert_eq!((&told[0]["email"], &told[0]["is_new"]), (&json!(NEW), &json!(true)));

    assert_spent(&app, &link).await;
    Browser::of(&app, NEW).await;
}

#[sqlx::test(migrations = false)]
async fn whoever_has_an_account_joins_with_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let rival = "owner@rival.example";
    let link = invited(&app, rival, Role::Viewer).await;
    assert_eq!(offer(&app, &link).await["visitor"], "known");
    let mut person = Browser::of(&app, rival).await;
    let shown = person.call("invitation", &[("link", &link)]).await.expect(200);
    assert_eq!(shown["invitation"]["visitor"], "invited");
    let before = person.cookie.clone();
    let joined = person.call("accept_invitation", &[("link", &link)]).await;
    assert_eq!(joined.header("location"), "/", "{}", joined.text());
    assert_ne!(person.cookie, before, "a new place, a new id");
    let session = person.session().await;
    assert_eq!(
        (&session["organization"], &session["role"]),
        (&json!("Acme"), &json!("viewer"))
    );
    assert_eq!(session["organizations"].as_array().unwrap().len(), 2);
    assert_eq!(
        person.status("create_project", &[("name", "Mine")]).await,
        403,
        "a viewer here"
    );
    assert_spent(&app, &link).await;
}

#[sqlx::test(migrations = false)]
async fn who_is_not_signed_in_joins_with_the_password_that_they_have(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let link = invited(&app, "owner@rival.example", Role::Member).await;
    let mut person = Browser::new(&app);
    let wrong = [("link", &*link), ("password", "a password that I choose now")];
    let refused = person.call("accept_invitation", &wrong).await.expect(401);
    assert_eq!(refused["code"], "invalid_credentials");
    assert_eq!(offer(&app, &link).await["visitor"], "known", "it was not used up");
    let form = [("link", &*link), ("password", PASSWORD)];
    let joined = person.call("accept_invitation", &form).await;
    assert_eq!(joined.header("location"), "/", "{}", joined.text());
    let session = person.session().await;
    assert_eq!(
        (&session["email"], &session["organization"]),
        (&json!("owner@rival.example"), &json!("Acme"))
    );
}

#[sqlx::test(migrations = false)]
async fn an_invitation_is_for_its_address_only(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let link = invited(&app, NEW, Role::Admin).await;
    let mut other = Browser::of(&app, "owner@rival.example").await;
    let shown = other.call("invitation", &[("link", &link)]).await.expect(200);
    assert_eq!(
        shown["invitation"]["visitor"],
        json!({ "other": "owner@rival.example" })
    );
    let form = [("link", &*link), ("password", PASSWORD)];
    let refused = other.call("accept_invitation", &form).await;
    refused.conflict("This invitation is for new@acme.example.");
    assert_eq!(roles(&app).await, ["owner@acme.example owner"]);
    assert_eq!(offer(&app, &link).await["visitor"], "new");
}

#[sqlx::test(migrations = false)]
async fn used_expired_revoked_and_made_up_links_are_the_same(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let revoked = invited(&app, "revoked@acme.example", Role::Viewer).await;
    let mut owner = Browser::of(&app, "owner@acme.example").await;
    let page = owner.call("members", &[]).await.expect(200);
    let id = page["invitations"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(owner.status("revoke_invitation", &[("invitation_id", &id)]).await, 200);
    assert_eq!(owner.status("revoke_invitation", &[("invitation_id", &id)]).await, 404);
    assert_spent(&app, &revoked).await;

    for made_up in ["", "nonsense", "lk_invitation_x"] {
        assert_eq!(offer(&app, made_up).await, Value::Null);
    }
    assert_eq!(
        offer(&app, &app.token(&["*"]).await).await,
        Value::Null,
        "a token is no link"
    );
    assert_eq!(
        Browser::new(&app)
            .status("accept_invitation", &[("link", &app.token(&["*"]).await)])
            .await,
        404
    );

    let late = invited(&app, NEW, Role::Viewer).await;
    app.pass(Duration::from_hours(7 * 24 - 1));
    assert_ne!(offer(&app, &late).await, Value::Null);
    app.pass(Duration::from_hours(1));
    assert_spent(&app, &late).await;
}

#[sqlx::test(migrations = false)]
async fn a_new_invitation_ends_the_one_before(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let first = invited(&app, NEW, Role::Admin).await;
    let mut owner = Browser::of(&app, "owner@acme.example").await;
    let form = [("email", NEW), ("role", "viewer")];
    let created = owner.call("invite_member", &form).await.expect(200);
    assert_eq!(created["replaces_another"], true);
    let link = created["link"].as_str().unwrap();
    let second = link.strip_prefix("http://127.0.0.1:3000/invitations/").unwrap();
    assert_eq!(offer(&app, &first).await, Value::Null);
    assert_eq!(offer(&app, second).await["role"], "viewer");
    let page = owner.call("members", &[]).await.expect(200);
    assert_eq!(page["invitations"].as_array().unwrap().len(), 1);
    // Members are not invited, and an address must be one.
    let member = [("email", "OWNER@acme.example"), ("role", "viewer")];
    owner
        .call("invite_member", &member)
        .await
        .conflict("belongs to the organization already");
    for wrong in ["nobody", "a b@example.com"] {
        let refused = owner
            .call("invite_member", &[("email", wrong), ("role", "viewer")])
            .await;
        assert_eq!(refused.expect(400)["fields"][0]["field"], "email");
    }
    let refused = owner
        .call("invite_member", &[("email", "x@acme.example"), ("role", "king")])
        .await;
    assert_eq!(refused.expect(400)["fields"][0]["field"], "role");
}

#[sqlx::test(migrations = false)]
async fn who_goes_leaves_no_way_back_in(pool: PgPool) {
    let app = TestApp::start(pool).await;
    joined(&app, "ada@acme.example", Role::Admin).await;
    let ada = actor(&app, "ada@acme.example", Role::Admin).await;
    let kept = invited_by(&app, &ada, "ada@elsewhere.example", Role::Admin).await;
    let others = invited(&app, NEW, Role::Admin).await;
    let id = user_id(&app, "ada@acme.example").await;
    let mut owner = Browser::of(&app, "owner@acme.example").await;
    assert_eq!(owner.status("remove_member", &[("member_id", &id)]).await, 200);
    assert_spent(&app, &kept).await;
    assert_ne!(offer(&app, &others).await, Value::Null, "what others have made stays");
    assert_eq!(
        events(&app, "invitation.revoked").await[0]["email"],
        "ada@elsewhere.example"
    );
}

#[sqlx::test(migrations = false)]
async fn who_may_invite_no_more_has_not_invited(pool: PgPool) {
    let app = TestApp::start(pool).await;
    joined(&app, "otto@acme.example", Role::Owner).await;
    let otto = actor(&app, "otto@acme.example", Role::Owner).await;
    let as_owner = invited_by(&app, &otto, "one@acme.example", Role::Owner).await;
    let as_viewer = invited_by(&app, &otto, "two@acme.example", Role::Viewer).await;
    let id = user_id(&app, "otto@acme.example").await;
    let mut owner = Browser::of(&app, "owner@acme.example").await;
    let mut become_of = async |role: &str| {
        assert_eq!(
            owner
                .status("set_member_role", &[("member_id", &id), ("role", role)])
                .await,
            200
        );
    };
    become_of("admin").await;
    assert_eq!(offer(&app, &as_owner).await, Value::Null, "an admin makes no owners");
    assert_ne!(offer(&app, &as_viewer).await, Value::Null);
    become_of("member").await;
    assert_eq!(offer(&app, &as_viewer).await, Value::Null);
}

#[sqlx::test(migrations = false)]
async fn invitations_of_another_organization_are_not_there(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let link = invited(&app, NEW, Role::Viewer).await;
    let id: uuid::Uuid = sqlx::query_scalar("select id from invitations")
        .fetch_one(&app.database)
        .await
        .unwrap();
    let mut stranger = Browser::of(&app, "owner@rival.example").await;
    let page = stranger.call("members", &[]).await.expect(200);
    assert_eq!(page["invitations"], json!([]));
    for id in [id.to_string(), uuid::Uuid::nil().to_string(), "nonsense".to_owned()] {
        let refused = stranger.call("revoke_invitation", &[("invitation_id", &id)]).await;
        refused.expect(404);
    }
    assert_ne!(offer(&app, &link).await, Value::Null);
}

#[sqlx::test(migrations = false)]
async fn old_invitations_are_forgotten(pool: PgPool) {
    let app = TestApp::start(pool).await;
    invited(&app, NEW, Role::Viewer).await;
    let count = async || -> i64 {
        let count = sqlx::query_scalar("select count(*) from invitations");
        count.fetch_one(&app.database).await.unwrap()
    };
    app.pass(Duration::from_hours(24 * 90));
    app.services.maintenance.forget_expired().await.unwrap();
    assert_eq!(count().await, 1);
    app.pass(Duration::from_hours(24 * 8));
    app.services.maintenance.forget_expired().await.unwrap();
    assert_eq!(count().await, 0);
}
