//! The canary scan of calls through the gateway: keys that go out with them and are quoted in what comes back, keys
//! that stand where they do not belong, and the words of prompts and answers. (The browser has no part in these.)

use super::canary::{everything, provider_key, random_letters, tables};
use super::capture::Log;
use super::scan::{Canary, Seen, hits};
use crate::gateway::hostile::upstream::{RawUpstream, SCRIPT};
use crate::gateway::{NATIVES, Native};
use crate::harness::{Setup, TestApp};
use latchkey::providers;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Providers that repeat in their answers what keys they got; the sandbox, which repeats prompts, stands for the rest.
const QUOTING: [&str; 6] = ["openai", "anthropic", "gemini", "cohere", "mistral", "xai"];
const QUOTES: [&str; 5] = [
    "quotes the key",
    "quotes the key in two pieces",
    "quotes the key in headers and trailers",
    "refuses and quotes the key",
    // Last, because the key is not used any more then.
    "refuses the key and quotes it",
];

/// What is looked for, and where.
#[derive(Default)]
struct Scan {
    canaries: Vec<Canary>,
    seen: Seen,
}

#[sqlx::test(migrations = false)]
async fn nothing_of_a_call_turns_up_anywhere(pool: PgPool) {
    let log = Log::capture();
    let upstream = RawUpstream::start();
    let upstreams = QUOTING.map(|slug| (slug.to_owned(), upstream.url(slug))).into();
    let app = TestApp::start_with(
        pool,
        Setup {
            upstreams,
            ..Setup::default()
        },
    )
    .await;
    let token = app.project_token(&["read:byok", "write:byok", "use:gateway"]).await;
    let mut scan = Scan::default();
    for native in NATIVES {
        let prefix = providers::find(native.slug)
            .unwrap()
            .prefixes()
            .first()
            .copied()
            .unwrap_or_default();
        let key = provider_key(prefix, "valid");
        bring(&app, &token, native.slug, &key.text).await;
        scan.canaries.push(key);
        scan.calls(&app, &token, native).await;
    }
    until_marked(&app, &token).await;
    let cards = app
        .call("GET", "/api/v1/projects/main/byok-keys")
        .bearer(&token)
        .send()
        .await;
    assert!(cards.text().contains("Incorrect API key provided"), "{}", cards.text());
    scan.seen.push(("cards".to_owned(), everything(&cards)));
    scan.misplaced(&app, &token).await;
    let prefix = token.len() - 40 - 9;
    scan.canaries.push(Canary { text: token, prefix });

    app.services.ledger.flush_and_stop(Duration::from_secs(10)).await;
    assert!(app.services.ledger.written() > 50, "the calls were recorded");
    scan.seen.push(("log".to_owned(), log.bytes()));
    scan.seen.extend(tables(&app.database).await);
    let hits = hits(&scan.canaries, &scan.seen);
    assert!(
        hits.is_empty(),
        "what must not be kept or shown turned up:\n{}",
        hits.join("\n")
    );
}

async fn bring(app: &TestApp, token: &str, provider: &str, secret: &str) {
    let mut body = json!({ "api_key": secret });
    if provider == "azure_openai" {
        body["endpoint"] = json!(app.sandbox.azure_endpoint());
    }
    let path = format!("/api/v1/projects/main/byok-keys/{provider}");
    app.call("PUT", &path).bearer(token).json(body).send().await.expect(200);
}

/// Waits until every key that was refused is marked so.
async fn until_marked(app: &TestApp, token: &str) {
    let begun = Instant::now();
    loop {
        let cards = app
            .call("GET", "/api/v1/projects/main/byok-keys")
            .bearer(token)
            .send()
            .await
            .expect(200);
        let cards = cards["keys"].as_array().unwrap().clone();
        let unhealthy = cards.iter().filter(|card| card["health_status"] == "unhealthy").count();
        // A refusal of Mistral's and of some others' needs a second opinion, and the sandbox gives a good one.
        if unhealthy >= 3 {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{cards:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

impl Scan {
    /// Calls with a prompt of its own each, streamed and not, and where a provider quotes, in each of its ways.
    async fn calls(&mut self, app: &TestApp, token: &str, native: &Native) {
        let scripts: &[&str] = if QUOTING.contains(&native.slug) { &QUOTES } else { &[""] };
        for script in scripts {
            for streams in [false, true] {
                let words = random_letters(40);
                let prompt = format!("prompt {words}");
                let path = if streams { native.streamed_path } else { native.path };
                let body = if streams {
                    native.streamed_body()
                } else {
                    (native.body)()
                };
                let call = native.call(app, path).bearer(token).header(SCRIPT, script);
                let answer = call.json(saying(body, &prompt)).send().await;
                // What a caller is told of the caller's own words is no leak.
                let shown = String::from_utf8_lossy(&everything(&answer)).replace(&words, "");
                self.seen
                    .push((format!("{} {script}", native.slug), shown.into_bytes()));
                self.canaries.push(Canary {
                    text: prompt,
                    prefix: 7,
                });
            }
        }
    }

    /// A provider's key in every place of a call where it is not expected.
    async fn misplaced(&mut self, app: &TestApp, token: &str) {
        let lost = provider_key("sk-proj-", "valid");
        let secret = lost.text.as_str();
        let chat = "/gateway/openai/v1/chat/completions";
        let post = |path: &str| app.call("POST", path).header("content-type", "application/json");
        let ours = |path: &str| post(path).bearer(token);
        let calls = [
            post(chat).bearer(secret),
            post(chat).header("authorization", secret),
            post(chat).header("x-api-key", secret),
            post(&format!("{chat}?key={secret}")),
            ours(&format!("/gateway/{secret}/v1/chat/completions")),
            ours(&format!("/gateway/openai/v1/{secret}")),
            ours(&format!("/gateway/openai/v1/../{secret}")),
            ours(&format!("/gateway/openai/v1/files?key={secret}&access_token={secret}")),
            ours(chat).header("x-latchkey-project", secret),
            ours(chat).header("x-latchkey-session", &format!("{secret}{}", " ".repeat(200) + secret)),
            ours(chat).header("x-latchkey-labels", secret),
            ours("/v1/chat/completions").body(format!("{{\"model\": \"{secret}\"}}")),
            ours("/v1/chat/completions").body(format!("{{\"model\": \"{secret}/{secret}\"}}")),
            ours("/v1/chat/completions").body(format!("{{\"{secret}\": ")),
            ours("/v1/embeddings").body(secret),
        ];
        for call in calls {
            let answer = call.send().await;
            assert!(answer.status.is_client_error(), "{}", answer.text());
            self.seen
                .push((format!("misplaced: {}", answer.status), everything(&answer)));
        }
        self.canaries.push(lost);
    }
}

/// A call's body with this prompt.
fn saying(mut body: Value, prompt: &str) -> Value {
    let place = if body["contents"].is_array() {
        "/contents/0/parts/0/text"
    } else {
        "/messages/0/content"
    };
    *body.pointer_mut(place).unwrap() = json!(prompt);
    body
}
