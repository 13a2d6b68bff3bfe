//! The canary scan's part about webhooks: what messages are signed with.

use super::canary::everything;
use super::scan::{Canary, Seen};
use crate::harness::{Answer, Call, TestApp};
use serde_json::{Value, json};

const SECRET_PREFIX: &str = "whsec_";

/// Secrets of webhooks; the answers that show them once are not looked at.
pub(super) async fn webhooks(app: &TestApp, token: &str, seen: &mut Seen) -> Vec<Canary> {
    let url = app.sandbox.inbox_address("canary");
    let created = post(app, token, "/api/v1/webhooks", json!({ "url": url }))
        .await
        .expect(201);
    let path = format!("/api/v1/webhooks/{}", created["webhook"]["id"].as_str().unwrap());
    let rotate = format!("{path}/rotate-secret");
    let rotated = post(app, token, &rotate, json!({ "overlap": "1h" })).await.expect(200);
    let form = format!("url={url}-too");
    let by_form = function(app, token, "create_webhook")
        .body(form)
        .send()
        .await
        .expect(200);
    let canaries = [&created["secret"], &rotated["secret"], &by_form["secret"]].map(canary);

    let id = created["webhook"]["id"].as_str().unwrap();
    let test = post(app, token, &format!("{path}/test"), json!({})).await;
    seen.push(("a test message".to_owned(), everything(&test)));
    // With both secrets, and to one that does not take it.
    let delivery: Value = serde_json::from_slice(&test.body).unwrap();
    let job = json!({ "org": app.own.owner.org, "delivery": delivery["id"] });
    let delivered = app
        .services
        .webhooks
        .deliver(serde_json::from_value(job).unwrap())
        .await;
    delivered.unwrap();
    for message in app.sandbox.inbox("canary") {
        seen.push(("a message".to_owned(), format!("{message:?}").into_bytes()));
    }
    let misplaced = canaries[0].text.clone();
    let calls = [
        app.call("GET", "/api/v1/webhooks").bearer(token),
        app.call("GET", &path).bearer(token),
        app.call("GET", &format!("{path}/deliveries")).bearer(token),
        app.call("GET", &format!("/api/v1/webhooks/{misplaced}")).bearer(token),
        app.call("POST", "/api/v1/webhooks")
            .bearer(token)
            .json(json!({ "url": misplaced })),
        app.call("POST", "/api/v1/webhooks")
            .bearer(token)
            .json(json!({ "url": url, "kinds": [misplaced] })),
        function(app, token, "webhooks").body(String::new()),
        function(app, token, "webhook").body(format!("webhook_id={id}")),
        function(app, token, "create_webhook").body(format!("url={misplaced}")),
        // With no script the answer waits in the session.
        function(app, token, "create_webhook")
            .header("accept", "text/html")
            .body(format!("url={url}-without-script")),
        function(app, token, "rotate_webhook_secret")
            .header("accept", "text/html")
            .body(format!("webhook_id={id}")),
    ];
    for call in calls {
        let answer = call.send().await;
        seen.push((format!("webhook: {}", answer.status), everything(&answer)));
    }
    canaries.into()
}

async fn post(app: &TestApp, token: &str, path: &str, body: Value) -> Answer {
    app.call("POST", path).bearer(token).json(body).send().await
}

fn canary(secret: &Value) -> Canary {
    let text = secret.as_str().unwrap().to_owned();
    assert!(text.starts_with(SECRET_PREFIX));
    Canary {
        prefix: SECRET_PREFIX.len(),
        text,
    }
}

fn function(app: &TestApp, token: &str, name: &str) -> Call {
    app.call("POST", &format!("/_fn/{name}"))
        .bearer(token)
        .header("content-type", "application/x-www-form-urlencoded")
}
