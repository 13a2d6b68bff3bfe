//! The doubles, called as applications call the providers.

mod anthropic_shape;
mod cohere;
mod gemini;
mod manners;
mod media;
mod openai_shape;
mod paths;
mod probes;
mod refusals;
mod seen;

use super::{Behaviour, Sandbox};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// A sandbox and an application that calls it.
struct Caller {
    sandbox: Sandbox,
    client: reqwest::Client,
    behaviour: Behaviour,
}

impl Caller {
    async fn start() -> Self {
        Self::with(Behaviour::Valid).await
    }

    /// One whose keys behave so.
    async fn with(behaviour: Behaviour) -> Self {
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        Self {
            sandbox: Sandbox::start().await.unwrap(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            behaviour,
        }
    }

    fn key(&self, slug: &str) -> String {
        Sandbox::key(slug, self.behaviour)
    }

    fn url(&self, slug: &str, path: &str) -> String {
        format!("http://{}/providers/{slug}{path}", self.sandbox.address())
    }

    /// A request with the key where the provider wants it.
    fn request(&self, method: Method, slug: &str, path: &str) -> RequestBuilder {
        let request = self.client.request(method, self.url(slug, path));
        let key = self.key(slug);
        match slug {
            "anthropic" if path == "/v1/chat/completions" => request.bearer_auth(key),
            "gemini" if path.starts_with("/v1beta/openai/") => request.bearer_auth(key),
            "deepseek" if path.starts_with("/anthropic/") => request.header("x-api-key", key),
            "anthropic" => request
                .header("anthropic-version", "2023-06-01")
                .header("x-api-key", key),
            "gemini" => request.header("x-goog-api-key", key),
            "azure_openai" => request.header("api-key", key),
            _ => request.bearer_auth(key),
        }
    }

    async fn send(&self, slug: &str, path: &str, body: &Value) -> Response {
        self.request(Method::POST, slug, path).json(body).send().await.unwrap()
    }

    async fn get(&self, slug: &str, path: &str) -> Value {
        let answer = self.request(Method::GET, slug, path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{slug} {path}");
        answer.json().await.unwrap()
    }

    async fn post(&self, slug: &str, path: &str, body: &Value) -> Value {
        let answer = self.send(slug, path, body).await;
        assert_eq!(answer.status(), 200, "{slug} {path}");
        answer.json().await.unwrap()
    }

    /// The events of a streamed answer.
    async fn events(&self, slug: &str, path: &str, body: &Value) -> Vec<Event> {
        let answer = self.send(slug, path, body).await;
        assert_eq!(answer.status(), 200, "{slug} {path}");
        assert_eq!(answer.headers()["content-type"], "text/event-stream; charset=utf-8");
        events(&answer.text().await.unwrap())
    }
}

/// A server-sent event.
#[derive(Debug, PartialEq)]
enum Event {
    Comment(String),
    Done,
    Data { name: Option<String>, value: Value },
}

impl Event {
    fn value(&self) -> &Value {
        match self {
            Self::Data { value, .. } => value,
            other => panic!("{other:?} has no value"),
        }
    }

    fn has_data(&self) -> bool {
        matches!(self, Self::Data { .. })
    }
}

fn events(text: &str) -> Vec<Event> {
    assert!(
        text.ends_with("\n\n") || text.ends_with("\r\n\r\n"),
        "the last event is cut: {text}"
    );
    let text = text.replace("\r\n", "\n");
    text.split_terminator("\n\n").map(event).collect()
}

fn event(text: &str) -> Event {
    let mut name = None;
    for line in text.lines() {
        match line.split_once(": ") {
            Some(("", comment)) => return Event::Comment(comment.to_owned()),
            Some(("event", value)) => name = Some(value.to_owned()),
            Some(("data", "[DONE]")) => return Event::Done,
            Some(("data", value)) => {
                let value = serde_json::from_str(value).unwrap();
                return Event::Data { name, value };
            }
            _ => panic!("a strange line: {line}"),
        }
    }
    panic!("an event without data: {text}")
}

/// The texts at a pointer of every event that has one there, joined.
fn joined(events: &[Event], pointer: &str) -> String {
    let values = events.iter().filter(|event| event.has_data()).map(Event::value);
    values.filter_map(|value| value.pointer(pointer)?.as_str()).collect()
}

/// A chat of three words, of which the user says the last two.
fn chat(model: &str) -> Value {
    json!({
        "model": model,
        "messages": [
            {"role": "system", "content": "Greet"},
            {"role": "user", "content": "Hello there"},
        ],
    })
}

fn streamed(mut body: Value) -> Value {
    body["stream"] = true.into();
    body
}
