//! `GET /v1/models`: the models of every provider that the project has a working key for, named `provider/model`.

use super::answer::GatewayBody;
use super::call::{self, Call};
use super::outgoing::Outgoing;
use super::refusal::Refusal;
use super::{Arrival, Proxy};
use crate::domain::KeySource;
use crate::providers::{self, ErrorShape, OpenAiCall, Provider};
use bytes::Bytes;
use futures::future::join_all;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response};
use http_body_util::{BodyExt, Empty, Limited};
use serde_json::{Value, json};

/// The longest list of one provider's, in bytes; OpenRouter's is the longest, about one megabyte.
const LONGEST_LIST: usize = 8 * 1024 * 1024;

impl Proxy {
    /// Asks each provider. One that gives no list is left out: its card says why.
    pub(super) async fn models(&self, arrival: &Arrival<'_>) -> Result<Response<GatewayBody>, Refusal> {
        let speaking = providers::catalogue()
            .iter()
            .filter_map(|provider| Some((*provider, provider.openai_path(OpenAiCall::Models)?)));
        let (mut asked, mut unknown_key) = (Vec::new(), None);
        for (provider, path) in speaking {
            let caller = self.recognise(arrival).await?;
            match self.admit(arrival, caller, provider).await {
                Ok(call) => asked.push(self.models_of(arrival, call, provider, path)),
                // A key that was named belongs to one provider, or has a namesake elsewhere.
                Err(refusal) if refusal.code == "key_not_found" => unknown_key = Some(refusal),
                Err(refusal) => return Err(refusal),
            }
        }
        if let (true, Some(refusal)) = (asked.is_empty(), unknown_key) {
            return Err(refusal);
        }
        let models: Vec<Value> = join_all(asked).await.into_iter().flatten().collect();
        let list = json!({ "object": "list", "data": models });
        let mut response = Response::new(GatewayBody::Left(list.to_string().into()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        call::sign(headers, arrival.id);
        Ok(response)
    }

    /// One provider's list; empty where the project has no key of its own for it. The shared platform key never
    /// reads.
    async fn models_of(
        &self,
        arrival: &Arrival<'_>,
        mut call: Call,
        provider: &'static dyn Provider,
        path: &'static str,
    ) -> Vec<Value> {
        let choice = call.admission.route.choose(self.clock.now());
        if !choice.is_ok_and(|choice| choice.lease.source == KeySource::Byok) {
            call.forget();
            return Vec::new();
        }
        call.id = self.ids.next(self.clock.now());
        let outgoing = Outgoing {
            provider,
            method: Method::GET,
            path: path.to_owned(),
            headers: arrival.headers,
            operation: providers::find_operation(provider, &Method::GET, path),
            shape: ErrorShape::OpenAi,
            model: None,
        };
        let answer = self.exchange(call, outgoing, Empty::<Bytes>::new()).await;
        if !answer.status().is_success() {
            return Vec::new();
        }
        let body = Limited::new(answer.into_body(), LONGEST_LIST).collect().await;
        let list = body.ok().and_then(|body| serde_json::from_slice(&body.to_bytes()).ok());
        list.map(|list| named(provider.slug(), list)).unwrap_or_default()
    }
}

/// The models of a list, with their provider in their names.
fn named(provider: &str, list: Value) -> Vec<Value> {
    // Together answers with the bare array.
    let models = match list {
        Value::Array(models) => models,
        Value::Object(mut list) => match list.remove("data") {
            Some(Value::Array(models)) => models,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let renamed = models.into_iter().filter_map(|mut model| {
        let id = model.get("id")?.as_str()?.trim_start_matches("models/").to_owned();
        let object = model.as_object_mut()?;
        object.insert("id".to_owned(), json!(format!("{provider}/{id}")));
        object.entry("object").or_insert_with(|| json!("model"));
        object.entry("owned_by").or_insert_with(|| json!(provider));
        Some(model)
    });
    renamed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_named_with_their_provider() {
        let list = json!({"data": [{"id": "gpt-4o", "object": "model", "owned_by": "system"}, {"name": "no id"}]});
        assert_eq!(
            named("openai", list),
            [json!({"id": "openai/gpt-4o", "object": "model", "owned_by": "system"})]
        );
        let bare = json!([{"id": "meta/llama"}]);
        assert_eq!(
            named("together", bare),
            [json!({"id": "together/meta/llama", "object": "model", "owned_by": "together"})]
        );
        assert_eq!(named("x", json!("no list")), Vec::<Value>::new());
    }
}
