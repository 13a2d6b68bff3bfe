//! Members: seen, changed, removed, left.

use super::{Browser, PASSWORD, events, invited, joined, roles, user_id};
use crate::harness::TestApp;
use latchkey::domain::Role;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::Duration;

#[sqlx::test(migrations = false)]
async fn whoever_belongs_sees_who_belongs(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut viewer = joined(&app, "vera@acme.example", Role::Viewer).await;
    invited(&app, "ida@acme.example", Role::Member).await;
    let page = viewer.call("members", &[]).await.expect(200);
    assert_eq!(page["organization"], "Acme");
    assert_eq!(emails(&page["members"]), ["owner@acme.example", "vera@acme.example"]);
    assert_eq!(page["members"][1]["is_you"], true);
    assert_eq!(page["members"][0]["is_last_owner"], true);
    for member in page["members"].as_array().unwrap() {
        assert!(
            member["can_change"] == false && member["can_remove"] == false,
            "{member}"
        );
    }
    assert_eq!((&page["can_write"], &page["roles"]), (&json!(false), &json!([])));
    assert_eq!(page["invitations"], json!([]), "who is invited is for those who invite");

    let mut owner = Browser::of(&app, "owner@acme.example").await;
    let page = owner.call("members", &[]).await.expect(200);
    assert_eq!(page["roles"], json!(["owner", "admin", "member", "viewer"]));
    assert_eq!(emails(&page["invitations"]), ["ida@acme.example"]);

    let mut stranger = Browser::of(&app, "owner@rival.example").await;
    let page = stranger.call("members", &[]).await.expect(200);
    assert_eq!(emails(&page["members"]), ["owner@rival.example"]);
}

#[sqlx::test(migrations = false)]
async fn a_role_is_in_force_with_the_next_request_of_every_session(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut first = joined(&app, "mia@acme.example", Role::Member).await;
    let mut second = Browser::of(&app, "mia@acme.example").await;
    let mut owner = Browser::of(&app, "owner@acme.example").await;
    let mia = user_id(&app, "mia@acme.example").await;
    let mut change = async |role: &str| {
        let form = [("member_id", &*mia), ("role", role)];
        assert_eq!(owner.status("set_member_role", &form).await, 200);
    };
    for (role, may) in [("viewer", 403), ("admin", 200), ("member", 403), ("owner", 200)] {
        change(role).await;
        for session in [&mut first, &mut second] {
            let project = format!("By {role}");
            assert_eq!(
                session.status("create_project", &[("name", &project)]).await,
                may,
                "{role}"
            );
            assert_eq!(session.session().await["role"], role);
        }
    }
    let changes = events(&app, "member.role_changed").await;
    assert_eq!(changes.len(), 4);
    assert_eq!(
        changes[0],
        json!({ "email": "mia@acme.example", "from": "member", "to": "viewer" })
    );
    // What is as it should be already is no change.
    change("owner").await;
    assert_eq!(events(&app, "member.role_changed").await.len(), 4);
}

#[sqlx::test(migrations = false)]
async fn whoever_is_removed_is_out_at_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut admin = joined(&app, "ada@acme.example", Role::Admin).await;
    let mut again = Browser::of(&app, "ada@acme.example").await;
    let form = [("project", "main"), ("name", "ci"), ("scopes[0]", "read:byok")];
    let token = admin.call("create_token", &form).await.expect(200)["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let ada = user_id(&app, "ada@acme.example").await;
    let mut owner = Browser::of(&app, "owner@acme.example").await;
    let page = owner.call("members", &[]).await.expect(200);
    assert_eq!(page["members"][0]["live_tokens"], 1, "the page can say what stays");

    assert_eq!(owner.status("remove_member", &[("member_id", &ada)]).await, 200);
    for session in [&mut admin, &mut again] {
        assert_eq!(session.status("session", &[]).await, 401);
        assert_eq!(session.status("create_project", &[("name", "Late")]).await, 401);
    }
    let credentials = [("email", "ada@acme.example"), ("password", PASSWORD)];
    assert_eq!(Browser::new(&app).status("sign_in", &credentials).await, 401);
    let keys = app.call("GET", "/api/v1/projects/main/byok-keys").bearer(&token);
    keys.send().await.expect(200);
    assert_eq!(
        events(&app, "member.removed").await,
        [json!({ "email": "ada@acme.example", "role": "admin" })]
    );
    assert_eq!(owner.status("remove_member", &[("member_id", &ada)]).await, 404);
}

#[sqlx::test(migrations = false)]
async fn the_last_owner_stays(pool: PgPool) {
    let app = TestApp::start(pool).await;
    joined(&app, "ada@acme.example", Role::Admin).await;
    let mut owner = Browser::of(&app, "owner@acme.example").await;
    let me = user_id(&app, "owner@acme.example").await;
    let demotion = [("member_id", &*me), ("role", "admin")];
    owner
        .call("set_member_role", &demotion)
        .await
        .conflict("at least one owner");
    owner
        .call("remove_member", &[("member_id", &me)])
        .await
        .conflict("at least one owner");
    owner
        .call("leave_organization", &[])
        .await
        .conflict("at least one owner");
    assert_eq!(
        roles(&app).await,
        ["ada@acme.example admin", "owner@acme.example owner"]
    );

    let ada = user_id(&app, "ada@acme.example").await;
    let promotion = [("member_id", &*ada), ("role", "owner")];
    assert_eq!(owner.status("set_member_role", &promotion).await, 200);
    let left = owner.call("leave_organization", &[]).await;
    assert!(
        left.status.is_success() || left.status.is_redirection(),
        "{}",
        left.text()
    );
    assert_eq!(owner.status("session", &[]).await, 401);
    assert_eq!(roles(&app).await, ["ada@acme.example owner"]);
    assert_eq!(events(&app, "member.left").await.len(), 1);
}

#[sqlx::test(migrations = false)]
async fn the_database_refuses_to_lose_the_last_owner(pool: PgPool) {
    let app = TestApp::start(pool).await;
    joined(&app, "ada@acme.example", Role::Admin).await;
    for change in [
        "delete from memberships where role = 'owner'",
        "update memberships set role = 'admin' where role = 'owner'",
        "update memberships set org_id = (select org_id from organizations where name = 'Rival')
         where role = 'owner' and org_id = (select org_id from organizations where name = 'Acme')",
    ] {
        let refused = sqlx::query(change).execute(&app.database).await.unwrap_err();
        let constraint = refused.as_database_error().and_then(|error| error.constraint());
        assert_eq!(constraint, Some("memberships_keep_an_owner"), "{change}: {refused}");
    }
    assert_eq!(
        roles(&app).await,
        ["ada@acme.example admin", "owner@acme.example owner"]
    );
}

#[sqlx::test(migrations = false)]
async fn what_only_owners_may_asks_who_it_is_after_a_while(pool: PgPool) {
    let app = TestApp::start(pool).await;
    joined(&app, "mia@acme.example", Role::Member).await;
    joined(&app, "otto@acme.example", Role::Owner).await;
    let (mia, otto) = (
        user_id(&app, "mia@acme.example").await,
        user_id(&app, "otto@acme.example").await,
    );
    let mut owner = Browser::of(&app, "owner@acme.example").await;
    app.pass(Duration::from_mins(20));
    let before = roles(&app).await;
    let delicate: [(&str, &[(&str, &str)]); 4] = [
        ("set_member_role", &[("member_id", &mia), ("role", "owner")]),
        ("set_member_role", &[("member_id", &otto), ("role", "viewer")]),
        ("remove_member", &[("member_id", &otto)]),
        ("invite_member", &[("email", "new@acme.example"), ("role", "owner")]),
    ];
    for (function, form) in delicate {
        let refused = owner.call(function, form).await.expect(403);
        assert_eq!(refused["code"], "recent_sign_in_required", "{function}");
    }
    assert_eq!(roles(&app).await, before);
    // What admins may as well needs no more than the session.
    let plain = [("member_id", &*mia), ("role", "admin")];
    assert_eq!(owner.status("set_member_role", &plain).await, 200);
}

#[sqlx::test(migrations = false)]
async fn a_page_of_another_organization_changes_nothing_here(pool: PgPool) {
    let app = TestApp::start(pool).await;
    joined(&app, "mia@acme.example", Role::Member).await;
    let mia = user_id(&app, "mia@acme.example").await;
    let mut owner = Browser::of(&app, "owner@acme.example").await;
    let elsewhere = app.foreign.owner.org.to_string();
    let forms: [(&str, &[(&str, &str)]); 5] = [
        ("set_member_role", &[("member_id", &mia), ("role", "viewer")]),
        ("remove_member", &[("member_id", &mia)]),
        ("invite_member", &[("email", "new@acme.example"), ("role", "member")]),
        ("revoke_invitation", &[("invitation_id", &mia)]),
        ("leave_organization", &[]),
    ];
    for (function, form) in forms {
        let form: Vec<_> = form.iter().copied().chain([("organization_id", &*elsewhere)]).collect();
        owner
            .call(function, &form)
            .await
            .conflict("turned to another organization");
    }
    let here = app.own.owner.org.to_string();
    let form = [("member_id", &*mia), ("role", "viewer"), ("organization_id", &*here)];
    assert_eq!(owner.status("set_member_role", &form).await, 200);
}

#[sqlx::test(migrations = false)]
async fn members_of_another_organization_are_not_there(pool: PgPool) {
    let app = TestApp::start(pool).await;
    joined(&app, "mia@acme.example", Role::Member).await;
    let mia = user_id(&app, "mia@acme.example").await;
    let nobody = uuid::Uuid::nil().to_string();
    let mut stranger = Browser::of(&app, "owner@rival.example").await;
    for id in [&*mia, &*nobody, "nonsense"] {
        let changed = stranger
            .call("set_member_role", &[("member_id", id), ("role", "viewer")])
            .await;
        let removed = stranger.call("remove_member", &[("member_id", id)]).await;
        for answer in [changed, removed] {
            let told = answer.expect(404);
            assert_eq!(told["message"], "There is no such member.", "{id}");
        }
    }
    assert_eq!(
        roles(&app).await,
        ["mia@acme.example member", "owner@acme.example owner"]
    );
}

fn emails(people: &Value) -> Vec<&str> {
    let people = people.as_array().unwrap();
    people.iter().map(|person| person["email"].as_str().unwrap()).collect()
}
