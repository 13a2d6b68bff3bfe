//! The canary scan's part about people: links that let somebody in.

use super::canary::everything;
use super::scan::{Canary, Seen};
use crate::harness::{Call, TestApp};

/// Links of invitations; the answers that show them once are not looked at.
pub(super) async fn invitations(app: &TestApp, token: &str, seen: &mut Seen) -> Vec<Canary> {
    let open = canary(app, token, "open@acme.example").await;
    let used = canary(app, token, "used@acme.example").await;
    // With no script the answer waits in the session.
    let flash = function(app, "invite_member")
        .bearer(token)
        .header("accept", "text/html")
        .body("email=flash%40acme.example&role=viewer");
    let list = function(app, "members").bearer(token);
    let offer = function(app, "invitation").body(format!("link={}", open.text));
    let weak = function(app, "accept_invitation").body(format!("link={}&password=weak", open.text));
    let weak_page = function(app, "accept_invitation")
        .header("accept", "text/html")
        .body(format!("link={}&password=weak", open.text));
    let accepted =
        function(app, "accept_invitation").body(format!("link={}&password=violet+anchor+mosaic+tundra", used.text));
    let again = function(app, "invitation").body(format!("link={}", used.text));
    let misplaced = function(app, "setup").body(format!("link={}", open.text));
    let elsewhere = app.call("GET", &format!("/api/v1/nonsense?link={}", open.text));
    for call in [
        flash, list, offer, weak, weak_page, accepted, again, misplaced, elsewhere,
    ] {
        let answer = call.send().await;
        seen.push((format!("invitation: {}", answer.status), everything(&answer)));
    }
    vec![open, used]
}

async fn canary(app: &TestApp, token: &str, email: &str) -> Canary {
    let call = function(app, "invite_member").bearer(token);
    let created = call.body(format!("email={email}&role=viewer")).send().await.expect(200);
    let link = created["link"].as_str().unwrap();
    let text = link.rsplit_once('/').unwrap().1.to_owned();
    Canary {
        prefix: text.len() - 40 - 9,
        text,
    }
}

fn function(app: &TestApp, name: &str) -> Call {
    app.call("POST", &format!("/_fn/{name}"))
        .header("content-type", "application/x-www-form-urlencoded")
}
