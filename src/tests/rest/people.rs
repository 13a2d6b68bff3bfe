//! Members and invitations over REST.

use super::fields;
use crate::harness::{Call, TestApp};
use latchkey::domain::Role;
use latchkey::service::accounts::NewMember;
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::PgPool;

const MEMBERS: &str = "/api/v1/members";
const INVITATIONS: &str = "/api/v1/invitations";

#[sqlx::test(migrations = false)]
async fn members_are_listed_changed_and_removed(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let member = NewMember {
        organization: "Acme".to_owned(),
        email: "ada@acme.example".to_owned(),
        password: SecretString::from("correct horse battery staple"),
        role: Role::Member,
        is_operator: false,
    };
    app.services
        .accounts
        .create_member(member, app.own.owner.request)
        .await
        .unwrap();
    let token = app.token(&["write:members"]).await;
    let owner = app.token(&["*"]).await;
    let call = |token: &str, method: &str, path: &str| -> Call { app.call(method, path).bearer(token) };
    let list = call(&token, "GET", MEMBERS).send().await.expect(200);
    let members = list["members"].as_array().unwrap();
    assert_eq!(fields(&members[0]), ["email", "id", "joined_at", "live_tokens", "role"]);
    let roles: Vec<_> = members.iter().map(|one| (&one["email"], &one["role"])).collect();
    let (ada, first) = (json!("ada@acme.example"), json!("owner@acme.example"));
    assert_eq!(roles, [(&ada, &json!("member")), (&first, &json!("owner"))]);

    let path = |member: &Value| format!("{MEMBERS}/{}", member["id"].as_str().unwrap());
    let role =
        |token: &str, member: &Value, role: &str| call(token, "PATCH", &path(member)).json(json!({ "role": role }));
    role(&owner, &members[0], "chief")
        .send()
        .await
        .problem(400, "invalid_input");
    assert_eq!(
        role(&owner, &members[0], "admin").send().await.expect(200)["role"],
        "admin"
    );
    // Nobody gives what they do not hold.
    role(&token, &members[0], "owner")
        .send()
        .await
        .problem(403, "insufficient_scope");
    // The last owner stays one.
    role(&owner, &members[1], "viewer")
        .send()
        .await
        .problem(409, "conflict");
    call(&owner, "DELETE", &path(&members[1]))
        .send()
        .await
        .problem(409, "conflict");
    assert_eq!(
        call(&owner, "DELETE", &path(&members[0])).send().await.status.as_u16(),
        204
    );
    call(&owner, "DELETE", &path(&members[0]))
        .send()
        .await
        .problem(404, "not_found");
}

#[sqlx::test(migrations = false)]
async fn an_invitation_is_made_shown_and_revoked(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    let call = |method: &str, path: &str| -> Call { app.call(method, path).bearer(&token) };
    let body = json!({ "email": "grace@example.com", "role": "viewer" });
    let made = call("POST", INVITATIONS).json(body).send().await.expect(201);
    let link = made["link"].as_str().unwrap();
    assert!(
        link.starts_with("http://127.0.0.1:3000/invitations/lk_invitation_"),
        "{link}"
    );
    let list = call("GET", INVITATIONS).send().await;
    assert!(
        !list.text().contains(link.rsplit('/').next().unwrap()),
        "the link is told once"
    );
    assert_eq!(list.expect(200)["invitations"], json!([made["invitation"]]));
    let path = format!("{INVITATIONS}/{}", made["invitation"]["id"].as_str().unwrap());
    assert_eq!(call("DELETE", &path).send().await.status.as_u16(), 204);
    call("DELETE", &path).send().await.problem(404, "not_found");
    call("POST", INVITATIONS)
        .json(json!({ "email": "no address", "role": "viewer" }))
        .send()
        .await
        .problem(400, "invalid_input");
    let member = json!({ "email": "owner@acme.example", "role": "viewer" });
    call("POST", INVITATIONS)
        .json(member)
        .send()
        .await
        .problem(409, "conflict");
}
