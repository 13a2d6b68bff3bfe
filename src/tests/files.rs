//! The dashboard's files.

use crate::harness::TestApp;
use leptos::prelude::{Owner, provide_context};
use leptos_axum::ResponseOptions;
use sqlx::PgPool;

/// Below the folder that the tests' servers serve files from, which is the project's.
const ICON: &str = "/public/favicon.svg";

#[sqlx::test(migrations = false)]
async fn a_file_has_its_own_status_whatever_page_its_thread_draws(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let owner = Owner::new();
    owner.set();
    let of_a_page = ResponseOptions::default();
    of_a_page.set_status(http::StatusCode::FORBIDDEN);
    provide_context(of_a_page);
    let icon = app.call("GET", ICON).send().await;
    assert_eq!(
        (icon.status.as_u16(), icon.header("content-type")),
        (200, "image/svg+xml")
    );
    let missing = app.call("GET", "/public/none.svg").send().await;
    assert_eq!(missing.status, 404);
    assert!(missing.header("content-type").starts_with("text/html"));
    assert_eq!(
        app.call("GET", "/public").send().await.status,
        404,
        "no folder is listed"
    );
}
