//! OpenAI's calls under `/v1`, with models named `provider/model`: for the providers that speak that shape
//! themselves. Nothing is translated.

use super::answer::GatewayBody;
use super::intake::{Intake, Measure};
use super::load::provider_and_model;
use super::outgoing::Outgoing;
use super::refusal::Refusal;
use super::{Arrival, CallerBody, Proxy, no_provider};
use crate::providers::{self, ErrorShape, OpenAiCall, Provider};
use http::{Method, Response, StatusCode};
use http_body_util::Full;

/// What a path under `/v1` calls.
pub(super) fn call_at(path: &str) -> Option<OpenAiCall> {
    match path {
        "/v1/chat/completions" => Some(OpenAiCall::ChatCompletions),
        "/v1/responses" => Some(OpenAiCall::Responses),
        "/v1/embeddings" => Some(OpenAiCall::Embeddings),
        "/v1/models" => Some(OpenAiCall::Models),
        _ => None,
    }
}

impl Proxy {
    pub(super) async fn openai(
        &self,
        arrival: Arrival<'_>,
        call: OpenAiCall,
        method: Method,
        body: impl CallerBody,
    ) -> Result<Response<GatewayBody>, (Refusal, ErrorShape)> {
        let answered = match (call, &method) {
            (OpenAiCall::Models, &Method::GET) => self.models(&arrival).await,
            (OpenAiCall::Models, _) => Err(wrong_method("GET")),
            (_, &Method::POST) => self.named_model(arrival, call, body).await,
            _ => Err(wrong_method("POST")),
        };
        answered.map_err(|refusal| (refusal, ErrorShape::OpenAi))
    }

    async fn named_model(
        &self,
        arrival: Arrival<'_>,
        call: OpenAiCall,
        body: impl CallerBody,
    ) -> Result<Response<GatewayBody>, Refusal> {
        let caller = self.recognise(&arrival).await?;
        let limits = self.gateway.limits();
        let measure = Measure {
            keep: limits.body,
            most: limits.body,
            idle: limits.idle,
        };
        let Intake::Whole(body) = Intake::read(body, arrival.headers, &measure).await? else {
            return Err(Refusal::too_large(limits.body));
        };
        let (slug, model) = provider_and_model(arrival.headers, &body)?;
        let provider = providers::find(&slug).ok_or_else(no_provider)?;
        let path = provider.openai_path(call).ok_or_else(|| not_spoken(provider, call))?;
        let outgoing = Outgoing {
            provider,
            method: Method::POST,
            path: path.to_owned(),
            headers: arrival.headers,
            operation: providers::find_operation(provider, &Method::POST, path),
            shape: ErrorShape::OpenAi,
            model: Some(model),
        };
        let call = self.admit(&arrival, caller, provider).await?;
        Ok(self.exchange(call, outgoing, Full::new(body)).await)
    }
}

fn wrong_method(right: &str) -> Refusal {
    let message = format!("Call this address with {right}.");
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}

fn not_spoken(provider: &dyn Provider, call: OpenAiCall) -> Refusal {
    let what = match call {
        OpenAiCall::ChatCompletions => "chat completions",
        OpenAiCall::Responses => "responses",
        OpenAiCall::Embeddings => "embeddings",
        OpenAiCall::Models => "models",
    };
    let (name, slug) = (provider.name(), provider.slug());
    let paths: Vec<String> = provider
        .inference_paths()
        .iter()
        .filter(|path| path.method == Method::POST)
        .take(3)
        .map(|path| format!("/gateway/{slug}{}", path.pattern))
        .collect();
    let message = format!(
        "{name} does not speak OpenAI's {what} itself, and nothing is translated here. Call it natively: {}.",
        paths.join(", ")
    );
    Refusal::new(StatusCode::BAD_REQUEST, "not_spoken_by_provider", message)
}
