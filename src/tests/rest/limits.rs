//! What is left of a limit is told before it is used up.

use super::{KEYS, OPENAI, openai_key, put_openai};
use crate::harness::TestApp;
use latchkey::sandbox::Behaviour;
use sqlx::PgPool;

/// How many probes are left, as an answer says.
fn left(header: &str) -> u32 {
    let rest = header
        .strip_prefix("\"probes\";r=")
        .unwrap_or_else(|| panic!("{header}"));
    rest.split(';').next().unwrap().parse().unwrap()
}

#[sqlx::test(migrations = false)]
async fn calls_that_may_probe_say_how_many_probes_are_left(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    let first = put_openai(&app, &token, &openai_key(Behaviour::Valid)).await;
    assert_eq!(first.header("ratelimit-policy"), "\"probes\";q=120;w=120");
    assert_eq!(left(first.header("ratelimit")), 119);
    let test = || app.call("POST", &format!("{OPENAI}/test")).bearer(&token).send();
    // A second gives one back.
    assert!(left(test().await.header("ratelimit")) <= 119);
    // What asks no provider tells nothing.
    assert_eq!(
        app.call("GET", KEYS).bearer(&token).send().await.header("ratelimit"),
        ""
    );
    let refused = loop {
        let answer = test().await;
        if answer.status.as_u16() == 429 {
            break answer;
        }
    };
    refused.problem(429, "too_many_requests");
    assert_eq!(left(refused.header("ratelimit")), 0);
    assert_eq!(refused.header("retry-after"), "1");
    // Another organization has its own.
    let foreign = app.foreign_token().await;
    let theirs = put_openai(&app, &foreign, &openai_key(Behaviour::Valid)).await;
    assert_eq!(left(theirs.header("ratelimit")), 119);
}
