//! Nobody gives, or touches, more than they hold themselves.

use super::{Browser, invited, joined, roles, user_id};
use crate::harness::TestApp;
use latchkey::domain::Role;
use sqlx::PgPool;

#[sqlx::test(migrations = false)]
async fn admins_neither_make_nor_touch_owners(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut admin = joined(&app, "ada@acme.example", Role::Admin).await;
    joined(&app, "mia@acme.example", Role::Member).await;
    invited(&app, "otto@acme.example", Role::Owner).await;
    let owner = user_id(&app, "owner@acme.example").await;
    let (ada, mia) = (
        user_id(&app, "ada@acme.example").await,
        user_id(&app, "mia@acme.example").await,
    );
    let page = admin.call("members", &[]).await.expect(200);
    assert_eq!(page["roles"], serde_json::json!(["admin", "member", "viewer"]));
    assert_eq!(page["invitations"][0]["can_revoke"], false);
    let invitation = page["invitations"][0]["id"].as_str().unwrap().to_owned();
    let before = roles(&app).await;
    let forbidden: [(&str, &[(&str, &str)]); 7] = [
        ("set_member_role", &[("member_id", &mia), ("role", "owner")]),
        ("set_member_role", &[("member_id", &ada), ("role", "owner")]),
        ("set_member_role", &[("member_id", &owner), ("role", "viewer")]),
        ("set_member_role", &[("member_id", &owner), ("role", "owner")]),
        ("remove_member", &[("member_id", &owner)]),
        ("invite_member", &[("email", "new@acme.example"), ("role", "owner")]),
        ("revoke_invitation", &[("invitation_id", &invitation)]),
    ];
    for (function, form) in forbidden {
        let refused = admin.call(function, form).await.expect(403);
        assert_eq!(refused["code"], "insufficient_scope", "{function} {form:?}");
    }
    assert_eq!(roles(&app).await, before);
    // Nor may one who invites somebody anew take an owner's invitation away.
    let anew = [("email", "otto@acme.example"), ("role", "viewer")];
    assert_eq!(admin.status("invite_member", &anew).await, 403);
    // Their own like, and all below, are theirs to make and to change.
    for role in ["admin", "viewer", "member"] {
        let form = [("member_id", &*mia), ("role", role)];
        assert_eq!(admin.status("set_member_role", &form).await, 200, "{role}");
    }
    assert_eq!(admin.status("remove_member", &[("member_id", &mia)]).await, 200);
}

#[sqlx::test(migrations = false)]
async fn members_and_viewers_change_nobody(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mia = {
        joined(&app, "mia@acme.example", Role::Member).await;
        user_id(&app, "mia@acme.example").await
    };
    for (email, role) in [("max@acme.example", Role::Member), ("vera@acme.example", Role::Viewer)] {
        let mut person = joined(&app, email, role).await;
        let own = user_id(&app, email).await;
        for id in [&mia, &own] {
            let form = [("member_id", &**id), ("role", "viewer")];
            assert_eq!(person.status("set_member_role", &form).await, 403);
            assert_eq!(person.status("remove_member", &form[..1]).await, 403);
        }
        let invitation = [("email", "new@acme.example"), ("role", "viewer")];
        assert_eq!(person.status("invite_member", &invitation).await, 403);
    }
}

#[sqlx::test(migrations = false)]
async fn a_token_gives_no_role_that_holds_more_than_it_does(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let status = async |token: &str, role: &str| {
        let email = format!("{role}-{}@acme.example", &token[7..15]);
        app.call("POST", "/_fn/invite_member")
            .bearer(token)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("email={email}&role={role}"))
            .send()
            .await
            .status
            .as_u16()
    };
    let bare = app.token(&["write:members"]).await;
    let reader = app.token(&["write:members", "read:byok", "read:usage"]).await;
    let all = app.token(&["*"]).await;
    let project = app.project_token(&["*"]).await;
    for (token, role, expected) in [
        (&bare, "viewer", 403),
        (&reader, "viewer", 200),
        (&reader, "member", 403),
        (&reader, "admin", 403),
        (&all, "owner", 200),
        (&project, "viewer", 403),
    ] {
        assert_eq!(status(token, role).await, expected, "{role}");
    }
    // A token is nobody's place: it neither joins nor leaves nor turns.
    let link = invited(&app, "new@acme.example", Role::Viewer).await;
    let elsewhere = app.foreign.owner.org.to_string();
    for (function, form) in [
        ("leave_organization", String::new()),
        ("enter_organization", format!("organization_id={elsewhere}")),
        ("create_organization", "name=Mine".to_owned()),
    ] {
        let call = app.call("POST", &format!("/_fn/{function}")).bearer(&all);
        let call = call
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        assert_eq!(call.send().await.status.as_u16(), 403, "{function}");
    }
    let mut invitation = Browser::new(&app);
    let shown = invitation.call("invitation", &[("link", &link)]).await.expect(200);
    assert_eq!(shown["invitation"]["visitor"], "new");
}
