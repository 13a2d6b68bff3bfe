//! Several organizations for one person: which one a session is in, and how people get into another.

use super::{Browser, PASSWORD, events, invited, joined, roles};
use crate::harness::TestApp;
use latchkey::domain::Role;
use latchkey::service::ServiceError;
use latchkey::service::accounts::NewMember;
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::PgPool;

const RIVAL: &str = "owner@rival.example";

/// The owner of Rival, who is a viewer of Acme besides, and whose session is in Acme.
async fn in_both(app: &TestApp) -> Browser<'_> {
    let link = invited(app, RIVAL, Role::Viewer).await;
    let mut person = Browser::of(app, RIVAL).await;
    let joined = person.call("accept_invitation", &[("link", &link)]).await;
    assert_eq!(joined.header("location"), "/", "{}", joined.text());
    person
}

fn names(session: &Value) -> Vec<&str> {
    let organizations = session["organizations"].as_array().unwrap();
    let names = organizations.iter();
    names
        .map(|organization| organization["name"].as_str().unwrap())
        .collect()
}

#[sqlx::test(migrations = false)]
async fn a_session_turns_to_another_organization_under_a_new_id(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut person = in_both(&app).await;
    let session = person.session().await;
    assert_eq!(names(&session), ["Acme", "Rival"]);
    assert_eq!(session["organizations"][0]["is_current"], true);
    assert_eq!(person.status("create_project", &[("name", "Mine")]).await, 403);

    let before = Browser {
        app: &app,
        cookie: person.cookie.clone(),
    };
    let rival = app.foreign.owner.org.to_string();
    let turned = person.call("enter_organization", &[("organization_id", &rival)]).await;
    assert_eq!(turned.header("location"), "/", "{}", turned.text());
    let session = person.session().await;
    assert_eq!(
        (&session["organization"], &session["role"]),
        (&json!("Rival"), &json!("owner"))
    );
    assert_eq!(session["organization_id"], rival);
    assert_eq!(
        person.status("create_project", &[("name", "Mine")]).await,
        200,
        "an owner here"
    );
    assert_ne!(before.cookie, person.cookie);
    let mut before = before;
    assert_eq!(
        before.status("session", &[]).await,
        401,
        "the id before is worth nothing"
    );

    // The next session begins where this one was.
    let mut next = Browser::of(&app, RIVAL).await;
    assert_eq!(next.session().await["organization"], "Rival");
    let acme = app.own.owner.org.to_string();
    next.call("enter_organization", &[("organization_id", &acme)]).await;
    assert_eq!(Browser::of(&app, RIVAL).await.session().await["organization"], "Acme");
    assert_eq!(events(&app, "organization.entered").await.len(), 1);
    // Sessions do not follow one another.
    assert_eq!(person.session().await["organization"], "Rival");
}

#[sqlx::test(migrations = false)]
async fn nobody_turns_to_an_organization_that_they_do_not_belong_to(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut owner = Browser::of(&app, "owner@acme.example").await;
    let rival = app.foreign.owner.org.to_string();
    for org in [&*rival, &uuid::Uuid::nil().to_string(), "nonsense", ""] {
        let refused = owner.call("enter_organization", &[("organization_id", org)]).await;
        assert_eq!(
            refused.expect(404)["message"],
            "There is no such organization.",
            "{org}"
        );
    }
    assert_eq!(owner.session().await["organization"], "Acme");
    assert_eq!(events(&app, "organization.entered").await.len(), 0);
}

#[sqlx::test(migrations = false)]
async fn whoever_leaves_turns_to_what_they_have_left(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut person = in_both(&app).await;
    let left = person.call("leave_organization", &[]).await;
    assert_eq!(left.header("location"), "/", "{}", left.text());
    let session = person.session().await;
    assert_eq!(names(&session), ["Rival"]);
    assert_eq!(session["organization"], "Rival");
    assert_eq!(roles(&app).await, ["owner@acme.example owner"]);

    let mut viewer = joined(&app, "vera@acme.example", Role::Viewer).await;
    viewer.call("leave_organization", &[]).await;
    assert_eq!(viewer.status("session", &[]).await, 401);
}

#[sqlx::test(migrations = false)]
async fn only_operators_create_organizations(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let request = app.own.owner.request;
    let operator = member("Acme", "opal@acme.example", Role::Viewer, true);
    app.services.accounts.create_member(operator, request).await.unwrap();
    let mut owner = Browser::of(&app, "owner@acme.example").await;
    let refused = owner.call("create_organization", &[("name", "Mine")]).await.expect(403);
    assert_eq!(refused["message"], "Only the operator of this Latchkey may do this.");
    assert_eq!(owner.session().await["is_operator"], false);

    let mut operator = Browser::of(&app, "opal@acme.example").await;
    assert_eq!(operator.session().await["is_operator"], true);
    for wrong in ["", &"long ".repeat(20)] {
        let refused = operator.call("create_organization", &[("name", wrong)]).await;
        assert_eq!(refused.expect(400)["fields"][0]["field"], "name");
    }
    let taken = operator.call("create_organization", &[("name", "RIVAL")]).await;
    taken.conflict("There is an organization of that name already.");
    let created = operator.call("create_organization", &[("name", "Northwind")]).await;
    assert_eq!(created.header("location"), "/", "{}", created.text());
    let session = operator.session().await;
    assert_eq!(
        (&session["organization"], &session["role"]),
        (&json!("Northwind"), &json!("owner"))
    );
    assert_eq!(names(&session), ["Acme", "Northwind"]);
    assert_eq!(session["projects"], json!([]));
}

#[sqlx::test(migrations = false)]
async fn the_command_line_adds_whoever_is_here_with_their_own_password_only(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let request = app.own.owner.request;
    let create = async |member| app.services.accounts.create_member(member, request).await;
    let other = NewMember {
        password: SecretString::from("another strong passphrase here"),
        ..member("Acme", RIVAL, Role::Admin, false)
    };
    let refused = create(other).await.unwrap_err();
    assert!(
        matches!(&refused, ServiceError::Conflict(why) if why.contains("another password")),
        "{refused:?}"
    );
    let refused = create(member("Acme", RIVAL, Role::Admin, true)).await.unwrap_err();
    assert!(
        matches!(&refused, ServiceError::Conflict(why) if why.contains("operator")),
        "{refused:?}"
    );
    assert_eq!(roles(&app).await, ["owner@acme.example owner"]);

    create(member("Acme", "Owner@Rival.example", Role::Admin, false))
        .await
        .unwrap();
    assert_eq!(
        roles(&app).await,
        ["owner@acme.example owner", "owner@rival.example admin"]
    );
    let refused = create(member("Acme", RIVAL, Role::Owner, false)).await.unwrap_err();
    assert!(
        matches!(&refused, ServiceError::Conflict(why) if why.contains("belongs to Acme already")),
        "{refused:?}"
    );
    create(member("Northwind", RIVAL, Role::Owner, false)).await.unwrap();
    let mut person = Browser::of(&app, RIVAL).await;
    assert_eq!(names(&person.session().await), ["Acme", "Northwind", "Rival"]);
}

fn member(organization: &str, email: &str, role: Role, is_operator: bool) -> NewMember {
    NewMember {
        organization: organization.to_owned(),
        email: email.to_owned(),
        password: SecretString::from(PASSWORD),
        role,
        is_operator,
    }
}
