//! Reading the trail, page by page and one by one.

use super::{EVENTS, Scene};
use latchkey::service::audit::{AuditFilter, Place};
use serde_json::Value;
use sqlx::PgPool;
use time::Duration;
use url::Url;

#[sqlx::test(migrations = false)]
async fn one_event_is_told_by_its_place(pool: PgPool) {
    let scene = Scene::start(pool).await;
    let auditor = scene.app.token(&["read:audit"]).await;
    let get = |place: &str| {
        scene
            .app
            .call("GET", &format!("{EVENTS}/{place}"))
            .bearer(&auditor)
            .send()
    };
    let list = scene.app.call("GET", EVENTS).bearer(&auditor).send().await.expect(200);
    let newest = &list["events"][0];
    assert_eq!(&get(&newest["sequence"].to_string()).await.expect(200), newest);
    for nothing in ["0", "9999", "-1", "first", "99999999999999999999"] {
        get(nothing).await.problem(404, "not_found");
    }
}

#[sqlx::test(migrations = false)]
async fn a_time_is_a_stretch_of_the_chain(pool: PgPool) {
    let scene = Scene::start(pool).await;
    for _ in 0..4 {
        scene.app.pass(std::time::Duration::from_hours(2));
        scene.work(3).await;
    }
    let (audit, owner) = (&scene.app.services.audit, &scene.app.own.owner);
    let events = scene.events().await;
    // As a release before this one may have left it: neighbours a moment out of order.
    let (first, second) = (events[events.len() - 2].sequence, events[events.len() - 1].sequence);
    scene
        .tamper(&format!(
            "update audit_events set occurred_at = occurred_at + case sequence when {first} then 1 else -1 end
                 * interval '5 seconds'
             where org_id = $1 and sequence in ({first}, {second}) and $2 is not null"
        ))
        .await;
    let events = scene.events().await;
    let ends = events.iter().map(|event| event.occurred_at);
    let mut times: Vec<_> = ends.flat_map(|at| [at, at + Duration::SECOND]).collect();
    times.push(events[0].occurred_at - Duration::DAY);
    for from in &times {
        for to in &times {
            let filter = AuditFilter {
                from: Some(*from),
                to: Some(*to),
                ..AuditFilter::default()
            };
            let found = audit.page(owner, &filter, Place::Newest, 1_000).await.unwrap();
            let mut expected: Vec<_> = events
                .iter()
                .filter(|event| (*from..*to).contains(&event.occurred_at))
                .map(|event| event.sequence)
                .collect();
            expected.reverse();
            let found: Vec<_> = found.iter().map(|event| event.sequence).collect();
            assert_eq!(found, expected, "from {from} to {to}");
        }
    }
}

#[sqlx::test(migrations = false)]
async fn pages_go_both_ways(pool: PgPool) {
    let scene = Scene::start(pool).await;
    scene.work(110).await;
    let token = scene.app.token(&["read:audit"]).await;
    let page = |query: String| {
        let call = scene.app.call("POST", "/_fn/audit").bearer(&token);
        let call = call
            .header("content-type", "application/x-www-form-urlencoded")
            .body(query);
        async move { call.send().await.expect(200) }
    };
    let sequences = |page: &Value| -> Vec<i64> {
        let events = page["events"].as_array().unwrap();
        events.iter().map(|event| event["sequence"].as_i64().unwrap()).collect()
    };
    let next = |page: &Value, way: &str| page[way].as_str().map(|query| query.trim_start_matches('?').to_owned());
    let first = page(String::new()).await;
    assert_eq!(first["newer"], Value::Null);
    let second = page(next(&first, "older").unwrap()).await;
    let third = page(next(&second, "older").unwrap()).await;
    assert_eq!(third["older"], Value::Null);
    let all: Vec<_> = [&first, &second, &third].into_iter().flat_map(sequences).collect();
    let count = i64::try_from(scene.events().await.len()).unwrap();
    assert_eq!(all, (1..=count).rev().collect::<Vec<_>>());
    let back = page(next(&third, "newer").unwrap()).await;
    assert_eq!(sequences(&back), sequences(&second));
    let start = page(next(&back, "newer").unwrap()).await;
    assert_eq!(sequences(&start), sequences(&first));
    assert_eq!(start["newer"], Value::Null);
}

#[sqlx::test(migrations = false)]
async fn names_stand_for_ids_and_those_who_left_keep_theirs(pool: PgPool) {
    let scene = Scene::start(pool).await;
    let token = scene.app.token(&["read:audit"]).await;
    let made = crate::notifications::hook(&scene.app, "mine").await;
    let leave = "alter table memberships disable trigger all; delete from memberships";
    sqlx::raw_sql(leave).execute(&scene.app.database).await.unwrap();
    let page = async |query: &'static str| {
        let call = scene.app.call("POST", "/_fn/audit").bearer(&token);
        let form = call.header("content-type", "application/x-www-form-urlencoded");
        form.body(query).send().await.expect(200)
    };
    let webhook = page("event=webhook.created").await["events"][0]["target"].clone();
    assert_eq!(webhook["kind"], "Webhook");
    let origin = Url::parse(&made.webhook.url).unwrap().origin().ascii_serialization();
    assert_eq!(webhook["name"], origin.as_str(), "it has no description");
    let page = page("event=project.created").await;
    let event = &page["events"][0];
    assert_eq!(event["event"], "Project created");
    assert_eq!(event["actor"]["name"], "owner@acme.example");
    assert_eq!(
        (&event["target"]["name"], &event["target"]["href"]),
        (&"Main".into(), &"/projects/main/settings".into())
    );
    assert!(!page.to_string().contains("rival"), "{page}");
}
