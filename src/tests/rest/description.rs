//! The API's description: committed as it is served, and shown by a page that asks nobody else for anything.

use crate::harness::TestApp;
use latchkey::web::openapi;
use sqlx::PgPool;
use std::fs;
use std::path::Path;

const COMMITTED: &str = "docs/openapi.json";
/// Set, the test writes the file that it compares.
const WRITE: &str = "LATCHKEY_WRITE_OPENAPI";

#[test]
fn the_committed_description_is_the_one_that_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(COMMITTED);
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, openapi::text()).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == openapi::text(),
        "{COMMITTED} is out of date; run scripts/describe-api and commit it"
    );
}

#[sqlx::test(migrations = false)]
async fn everybody_may_read_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let served = app.call("GET", "/api/v1/openapi.json").send().await;
    assert_eq!(served.expect(200)["openapi"], "3.1.0");
    assert_eq!(served.text(), openapi::text());
    assert!(
        !served.text().contains("127.0.0.1"),
        "it says nothing of this deployment"
    );
}

#[sqlx::test(migrations = false)]
async fn the_page_runs_nothing_but_our_own_scripts(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let page = app.call("GET", "/docs").send().await;
    assert_eq!(page.status.as_u16(), 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let policy = page.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(page.text().contains(nonce), "the page's styles carry the nonce");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(!page.text().contains("https://"), "it loads nothing from elsewhere");
    let again = app.call("GET", "/docs").send().await;
    assert!(
        !again.header("content-security-policy").contains(nonce),
        "a nonce is for one answer"
    );
    let scripts = page.text();
    let scripts = scripts
        .split("<script src=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap());
    let mut sizes = Vec::new();
    for script in scripts {
        let answer = app.call("GET", script).send().await;
        assert_eq!(answer.status.as_u16(), 200, "{script}");
        assert!(answer.header("content-type").starts_with("text/javascript"), "{script}");
        sizes.push(answer.body.len());
    }
    assert_eq!(sizes.len(), 2);
    assert!(sizes[1] > 1_000_000, "the reference itself");
}
