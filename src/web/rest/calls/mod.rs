//! What calls through the gateway used.

pub(super) mod export;
mod filter;
pub(super) mod get;
pub(super) mod list;

use super::moment::Moment;
use crate::domain::{FallbackReason, KeySource};
use crate::service::usage::Call;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a project's calls stand.
const COLLECTION: &str = "/api/v1/projects/{project}/calls";
/// Where one stands.
const ITEM: &str = "/api/v1/projects/{project}/calls/{call}";

/// A call through the gateway, without its prompt and its answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Call)]
struct CallBody {
    /// Its answer carried it as `x-latchkey-request-id`.
    id: Uuid,
    /// When it came in.
    occurred_at: Moment,
    token_id: Uuid,
    #[schema(example = "openai")]
    provider: String,
    /// What kind of call: `chat`, `embeddings`, …; `other` outside the inference paths.
    #[schema(example = "chat")]
    operation: String,
    model_asked: Option<String>,
    model_answered: Option<String>,
    /// The project's key that served or would have.
    key_id: Option<Uuid>,
    /// Which secret of that key.
    key_version: Option<i64>,
    /// Whose key served, `byok` or `platform`; null when the call was refused before it reached a provider.
    key_source: Option<&'static str>,
    /// Why the platform key served.
    fallback_reason: Option<&'static str>,
    /// The HTTP status that the caller got.
    #[schema(example = 200)]
    status: u16,
    /// Latchkey's own code, when Latchkey refused or failed.
    error_code: Option<String>,
    streamed: bool,
    tokens: CallTokens,
    /// Where the tokens' numbers come from: `provider`, `estimated`, `missing`.
    usage_source: &'static str,
    /// What the provider charges, in millionths of a US dollar; null when that is not known.
    #[schema(example = 1250)]
    cost_micros: Option<i64>,
    /// What the operator charges besides, in millionths of a US dollar.
    fee_micros: i64,
    latency_ms: i64,
    first_byte_ms: Option<i64>,
    request_bytes: i64,
    response_bytes: i64,
    /// The caller's own name for a series of calls.
    session: Option<String>,
    /// The caller's own labels.
    labels: BTreeMap<String, String>,
}

/// Tokens as the provider counts them; null where it did not say.
#[derive(Serialize, ToSchema)]
struct CallTokens {
    /// All of the input, cached parts included.
    input: Option<i64>,
    /// All of the output, reasoning included.
    output: Option<i64>,
    /// The part of the input that was read from the provider's cache.
    cached_input: Option<i64>,
    /// The part of the input that was written to the provider's cache.
    cache_write: Option<i64>,
    /// The part of the output that was reasoning.
    reasoning: Option<i64>,
}

impl From<Call> for CallBody {
    fn from(call: Call) -> Self {
        Self {
            id: call.id.as_uuid(),
            occurred_at: call.occurred_at.into(),
            token_id: call.token.as_uuid(),
            provider: call.provider.to_string(),
            operation: call.operation,
            model_asked: call.model_asked,
            model_answered: call.model_answered,
            key_id: call.key.map(|key| key.as_uuid()),
            key_version: call.key_version,
            key_source: call.key_source.map(KeySource::as_str),
            fallback_reason: call.fallback_reason.map(FallbackReason::as_str),
            status: call.status,
            error_code: call.error_code,
            streamed: call.streamed,
            tokens: CallTokens {
                input: call.tokens.input,
                output: call.tokens.output,
                cached_input: call.tokens.cached_input,
                cache_write: call.tokens.cache_write,
                reasoning: call.tokens.reasoning,
            },
            usage_source: call.usage_source.as_str(),
            cost_micros: call.cost.map(|cost| cost.0),
            fee_micros: call.fee.0,
            latency_ms: call.latency_ms,
            first_byte_ms: call.first_byte_ms,
            request_bytes: call.request_bytes,
            response_bytes: call.response_bytes,
            session: call.session,
            labels: call.labels,
        }
    }
}
