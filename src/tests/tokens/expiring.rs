//! How long a token lives, and what the page says of it.

use super::{browser, make, owner, rotate};
use crate::harness::{Browser, TestApp};
use latchkey::domain::Overlap;
use serde_json::Value;
use sqlx::PgPool;
use std::time::Duration;

async fn page(app: &TestApp, browser: &mut Browser) -> Value {
    let fields = [("project", "main")];
    browser.post(app.call("POST", "/_fn/tokens"), &fields).await.expect(200)
}

async fn create(app: &TestApp, browser: &mut Browser, life: &str, day: &str) -> crate::harness::Answer {
    let fields = [
        ("project", "main"),
        ("name", "x"),
        ("scopes[]", "read:byok"),
        ("expires_days", life),
        ("expires_on", day),
    ];
    browser.post(app.call("POST", "/_fn/create_token"), &fields).await
}

/// Each life that the page offers is given, and ends on the day that stood beside it.
#[sqlx::test(migrations = false)]
async fn a_token_ends_on_the_day_that_the_page_names(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut browser = browser(&app).await;
    let offered = page(&app, &mut browser).await;
    let lives = offered["expiries"].as_array().unwrap().clone();
    let values: Vec<_> = lives.iter().map(|life| life["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["7", "30", "90", "365", "own", "0"]);
    let (earliest, latest) = (
        offered["earliest_end"].as_str().unwrap(),
        offered["latest_end"].as_str().unwrap(),
    );
    for life in &lives {
        let (value, label) = (life["value"].as_str().unwrap(), life["label"].as_str().unwrap());
        create(&app, &mut browser, value, latest).await.expect(200);
        let end = page(&app, &mut browser).await["tokens"][0]["expires_at"].clone();
        match value {
            "0" => assert_eq!(end, Value::Null),
            "own" => assert!(end["exact"].as_str().unwrap().starts_with(latest), "{end}"),
            _ => {
                let day = label.split(['(', ')']).nth(1).unwrap();
                assert!(end["exact"].as_str().unwrap().starts_with(day), "{label}: {end}");
            }
        }
    }
    create(&app, &mut browser, "own", earliest).await.expect(200);
    for (life, day, field) in [
        ("own", "", "expires_on"),
        ("own", "2020-01-01", "expires_on"),
        ("own", "9999-12-31", "expires_on"),
        ("soon", "", "expires_days"),
        ("4000", "", "expires_days"),
    ] {
        let refused = create(&app, &mut browser, life, day).await.expect(400);
        assert_eq!(refused["fields"][0]["field"], field, "{refused}");
    }
}

#[sqlx::test(migrations = false)]
async fn the_page_marks_what_ends_soon_and_puts_what_has_ended_below(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut browser = browser(&app).await;
    let status = async |browser: &mut Browser, id: &str| {
        let page = page(&app, browser).await;
        let find = |list: &str| {
            let tokens = page[list].as_array().unwrap();
            tokens.iter().find(|token| token["id"] == id).cloned()
        };
        let (working, ended) = (find("tokens"), find("ended"));
        assert!(working.is_some() != ended.is_some());
        let is_working = working.is_some();
        let token = working.or(ended).unwrap();
        assert_eq!(token["seconds_left"].is_u64(), token["status"] == "rotated_out");
        (token["status"].as_str().unwrap().to_owned(), is_working)
    };
    let month = make(&app, &["read:byok"], 30).await.token.id;
    let week = make(&app, &["read:byok"], 7).await.token.id.to_string();
    let id = month.to_string();
    assert_eq!(status(&mut browser, &id).await, ("working".to_owned(), true));
    assert_eq!(status(&mut browser, &week).await, ("working".to_owned(), true));
    app.pass(Duration::from_hours(24 * 6));
    assert_eq!(status(&mut browser, &week).await, ("expires_soon".to_owned(), true));
    assert_eq!(status(&mut browser, &id).await, ("working".to_owned(), true));
    app.pass(Duration::from_hours(24 * 18));
    let mut browser = super::browser(&app).await;
    assert_eq!(status(&mut browser, &week).await, ("expired".to_owned(), false));
    assert_eq!(status(&mut browser, &id).await, ("expires_soon".to_owned(), true));
    let rotated = rotate(&app, month, Overlap::Hour).await.unwrap();
    assert_eq!(status(&mut browser, &id).await, ("rotated_out".to_owned(), true));
    let shown = page(&app, &mut browser).await;
    let old = shown["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|token| token["id"] == id.as_str())
        .unwrap();
    assert_eq!(
        old["successor"],
        latchkey::service::tokens::shown(&rotated.minted.token)
    );
    assert!(
        (3_590..=3_600).contains(&old["seconds_left"].as_u64().unwrap()),
        "{old}"
    );
    assert_eq!(old["can_rotate"], false);
    let new = rotated.minted.token.id;
    assert_eq!(
        status(&mut browser, &new.to_string()).await,
        ("working".to_owned(), true)
    );
    app.services.tokens.end(owner(&app), new).await.unwrap();
    assert_eq!(
        status(&mut browser, &new.to_string()).await,
        ("revoked".to_owned(), false)
    );
}
