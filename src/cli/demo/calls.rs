//! Sample calls: made over HTTP through the demo's own gateway, as an application makes them.

use reqwest::{Client, RequestBuilder, Response, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::time::sleep;

/// Between two calls, so that whoever looks already sees them arrive.
const PAUSE: Duration = Duration::from_millis(250);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long the server may take until it is ready.
const MOST_LOOKS: u32 = 300;
/// How long one call may take.
const LIMIT: Duration = Duration::from_secs(30);

const INSTRUCTIONS: &str = "You answer customers of a bicycle shop. Be brief and kind, name the article by its number, \
     quote prices with tax, and never promise a date that the warehouse has not confirmed. When an order cannot be \
     found, ask for the address it was placed with; when a customer wants money back, say what is needed for it and \
     hand over to a colleague.";
const QUESTIONS: [&str; 3] = [
    "My order 4711 should have come on Tuesday. Where is it, and can I still change the address?",
    "Does the trailer 20-118 fit a frame with disc brakes?",
    "Summarise this conversation in one sentence for the colleague who takes over.",
];

/// One call.
struct SampleCall {
    path: &'static str,
    session: &'static str,
    labels: &'static str,
    body: Value,
}

/// Waits until the server is ready, then makes every call, one after the other.
pub(super) async fn make(listen: SocketAddr, token: SecretString) {
    match make_all(reachable(listen), &token).await {
        Ok(calls) => tracing::info!(calls, "made the sample calls, which Activity shows"),
        Err(error) => tracing::warn!(error = &*error, "the sample calls could not be made"),
    }
}

async fn make_all(server: SocketAddr, token: &SecretString) -> Result<usize, Box<dyn Error + Send + Sync>> {
    let client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .timeout(LIMIT)
        .build()?;
    until_ready(&client, server).await?;
    let calls = calls();
    for call in &calls {
        // What it comes to is Activity's to show; a stream is recorded when it was read to its end.
        call.request(&client, server, token).send().await?.bytes().await?;
        sleep(PAUSE).await;
    }
    Ok(calls.len())
}

async fn until_ready(client: &Client, server: SocketAddr) -> Result<Response, reqwest::Error> {
    let mut looks = 1;
    loop {
        let looked = client.get(format!("http://{server}/readyz")).send().await;
        match looked.and_then(Response::error_for_status) {
            Err(_) if looks < MOST_LOOKS => looks += 1,
            ready => return ready,
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Who listens on every address listens on this machine's own.
fn reachable(mut listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() {
        listen.set_ip(match listen {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    listen
}

impl SampleCall {
    fn request(&self, client: &Client, server: SocketAddr, token: &SecretString) -> RequestBuilder {
        client
            .post(format!("http://{server}{}", self.path))
            .bearer_auth(token.expose_secret())
            .header("anthropic-version", "2023-06-01")
            .header("x-latchkey-session", self.session)
            .header("x-latchkey-labels", self.labels)
            .json(&self.body)
    }
}

/// Every call: two of several turns, some that stand alone.
fn calls() -> Vec<SampleCall> {
    let [order, trailer, summary] = QUESTIONS;
    vec![
        of_support("/gateway/openai/v1/chat/completions", chat("gpt-4o-mini", order)),
        of_support(
            "/gateway/openai/v1/chat/completions",
            streamed(chat("gpt-4o-mini", trailer)),
        ),
        of_support("/v1/chat/completions", streamed(chat("openai/gpt-4o", summary))),
        // Its credit is spent: the operator's key serves.
        of_support("/gateway/anthropic/v1/messages", messages("claude-haiku-4-5", order)),
        of_support(
            "/gateway/anthropic/v1/messages",
            streamed(messages("claude-sonnet-4-5", trailer)),
        ),
        of_search("/v1/embeddings", embedding("openai/text-embedding-3-small", trailer)),
        of_search(
            "/gateway/openai/v1/embeddings",
            embedding("text-embedding-3-small", order),
        ),
        // Its key was revoked.
        of_nightly(
            "/gateway/gemini/v1beta/models/gemini-2.5-flash:generateContent",
            contents(summary),
        ),
        of_nightly("/v1/responses", response("openai/gpt-4.1-mini", summary)),
        of_nightly(
            "/gateway/azure_openai/openai/v1/chat/completions",
            chat("gpt-4o-mini", summary),
        ),
        of_nightly(
            "/gateway/azure_openai/openai/v1/chat/completions",
            streamed(chat("gpt-4o-mini", order)),
        ),
        // Its key has made too many calls: the operator's serves.
        of_nightly(
            "/gateway/openrouter/api/v1/chat/completions",
            chat("mistralai/mistral-small-3.2-24b-instruct", trailer),
        ),
        of_support(
            "/gateway/openai/v1/responses",
            streamed(response("gpt-4.1-mini", summary)),
        ),
        of_support(
            "/gateway/openai/v1/chat/completions",
            streamed(chat("gpt-4o-mini", summary)),
        ),
    ]
}

fn of_support(path: &'static str, body: Value) -> SampleCall {
    of("ticket-4711", "team=support,env=prod", path, body)
}

fn of_search(path: &'static str, body: Value) -> SampleCall {
    of("catalogue-index", "team=search,env=prod", path, body)
}

fn of_nightly(path: &'static str, body: Value) -> SampleCall {
    of("nightly-report", "team=support,env=test", path, body)
}

fn of(session: &'static str, labels: &'static str, path: &'static str, body: Value) -> SampleCall {
    SampleCall {
        path,
        session,
        labels,
        body,
    }
}

fn chat(model: &str, question: &str) -> Value {
    json!({
        "model": model,
        "messages": [{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": question}],
    })
}

fn response(model: &str, question: &str) -> Value {
    json!({"model": model, "instructions": INSTRUCTIONS, "input": question})
}

fn messages(model: &str, question: &str) -> Value {
    json!({
        "model": model,
        "max_tokens": 512,
        "system": INSTRUCTIONS,
        "messages": [{"role": "user", "content": question}],
    })
}

fn contents(question: &str) -> Value {
    json!({
        "systemInstruction": {"parts": [{"text": INSTRUCTIONS}]},
        "contents": [{"role": "user", "parts": [{"text": question}]}],
    })
}

fn embedding(model: &str, text: &str) -> Value {
    json!({"model": model, "input": [INSTRUCTIONS, text]})
}

fn streamed(mut body: Value) -> Value {
    body["stream"] = true.into();
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::{find, find_operation};
    use reqwest::Method;

    #[test]
    fn a_server_on_every_address_is_reached_on_this_machine() {
        for (listen, reached) in [
            ("0.0.0.0:3000", "127.0.0.1:3000"),
            ("[::]:3000", "[::1]:3000"),
            ("10.0.0.7:80", "10.0.0.7:80"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), reached.parse().unwrap());
        }
    }

    #[test]
    fn every_call_is_one_that_its_provider_takes() {
        for call in calls() {
            let (slug, path) = if let Some(native) = call.path.strip_prefix("/gateway/") {
                native.split_at(native.find('/').unwrap())
            } else {
                let model = call.body["model"].as_str().unwrap();
                (model.split('/').next().unwrap(), call.path)
            };
            let provider = find(slug).unwrap();
            assert!(find_operation(provider, &Method::POST, path).is_some(), "{}", call.path);
        }
    }
}
