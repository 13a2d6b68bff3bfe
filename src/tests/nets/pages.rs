//! The pages' part of the authorization matrix, made from the dashboard's own routes.

use super::{calls, operations};
use crate::harness::{Call, TestApp};
use sqlx::PgPool;
use std::collections::BTreeSet;

/// Open to everyone; every other page leads to sign-in.
const PUBLIC: &[&str] = &[
    "/forgot-password",
    "/invitations/{token}",
    "/reset-password",
    "/setup",
    "/sign-in",
    "/unsubscribe",
];

/// For everyone who is signed in.
const OWN: &[&str] = &[
    "/",
    "/audit",
    "/audit/{sequence}",
    "/confirm",
    "/members",
    "/notifications",
    "/notifications/choices",
    "/organization",
    "/organizations",
    "/profile",
    "/profile/second-step",
    "/projects",
    "/webhooks",
];

/// For those who operate the deployment.
const OPERATORS: &[&str] = &["/operator/jobs"];

/// For those who reach the project, or the thing.
const IN_ORGANIZATION: &[&str] = &[
    "/projects/{project}/keys",
    "/projects/{project}/keys/import",
    "/projects/{project}/activity",
    "/projects/{project}/activity/{call}",
    "/projects/{project}/tokens",
    "/projects/{project}/settings",
    "/webhooks/{webhook}",
];

#[sqlx::test(migrations = false)]
async fn pages_are_shown_to_those_who_may_see_them(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (own, foreign) = (sign_in(&app, "acme").await, sign_in(&app, "rival").await);
    let project = app.own.project.id.to_string();
    let call = calls::record(&app).await.to_string();
    let webhook = operations::webhook(&app, "page").await;
    let address = |page: &str| {
        page.replace("{project}", &project)
            .replace("{call}", &call)
            .replace("{webhook}", &webhook)
            .replace("{sequence}", "1")
    };
    for page in OWN.iter().chain(IN_ORGANIZATION) {
        let path = address(page);
        let anonymous = page_call(&app, &path).send().await;
        assert_eq!(anonymous.status.as_u16(), 302, "{path}");
        assert_eq!(anonymous.header("location"), "/sign-in", "{path}");
        let shown = page_call(&app, &path).header("cookie", &own).send().await;
        assert!(
            shown.status.is_success() || shown.status.is_redirection(),
            "{path}: {}",
            shown.status
        );
        assert_ne!(shown.header("location"), "/sign-in", "{path}");
    }
    for page in IN_ORGANIZATION {
        let path = address(page);
        let strange = page_call(&app, &path).header("cookie", &foreign).send().await;
        assert_eq!(strange.status.as_u16(), 404, "{path}");
        let forged = page_call(&app, &path)
            .header("cookie", "__Host-latchkey=AAAAAAAAAAAAAAAAAAAAAA")
            .send()
            .await;
        assert_eq!(forged.status.as_u16(), 302, "{path}");
    }
    for page in PUBLIC {
        let open = page_call(&app, page).send().await;
        assert_eq!(open.status.as_u16(), 200, "{page}");
        assert!(
            open.header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
        assert_eq!(open.header("cache-control"), "no-store");
    }
}

#[sqlx::test(migrations = false)]
async fn operators_pages_are_shown_to_operators(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.operator("ops").await;
    let (owner, operator) = (sign_in(&app, "acme").await, sign_in(&app, "ops").await);
    for path in OPERATORS {
        let anonymous = page_call(&app, path).send().await;
        assert_eq!(anonymous.status.as_u16(), 302, "{path}");
        assert_eq!(anonymous.header("location"), "/sign-in", "{path}");
        let refused = page_call(&app, path).header("cookie", &owner).send().await;
        assert_eq!(refused.status.as_u16(), 403, "{path}");
        let shown = page_call(&app, path).header("cookie", &operator).send().await;
        assert_eq!(shown.status.as_u16(), 200, "{path}");
    }
}

#[tokio::test]
async fn every_page_is_in_the_matrix() {
    let routes = latchkey::web::page_routes();
    // The list names them too, as not the framework's to serve.
    let functions: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| path.to_owned())
        .collect();
    let pages: BTreeSet<_> = routes
        .iter()
        .map(|route| route.path().to_owned())
        .filter(|path| !functions.contains(path))
        .collect();
    let listed: BTreeSet<_> = [PUBLIC, OWN, OPERATORS, IN_ORGANIZATION]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(pages, listed);
}

/// What a browser asks when an address is opened.
fn page_call(app: &TestApp, path: &str) -> Call {
    app.call("GET", path).header("accept", "text/html")
}

/// The cookie of the owner of the organization with this name.
async fn sign_in(app: &TestApp, organization: &str) -> String {
    let answer = app
        .call("POST", "/_fn/sign_in")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!(
            "email=owner%40{organization}.example&password=correct+horse+battery+staple"
        ))
        .send()
        .await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap();
    assert!(cookie.starts_with("__Host-latchkey="), "{}", answer.text());
    cookie.to_owned()
}
