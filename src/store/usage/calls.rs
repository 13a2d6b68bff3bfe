//! Reading usage events back.

use super::filter::{CallFilter, Wanted};
use crate::domain::{
    CallId, FallbackReason, KeyId, KeySource, MicroDollars, ProjectId, ProviderSlug, TokenCounts, TokenId, UsageSource,
};
use crate::store::{OrgTx, StoreError};
use serde_json::Value;
use std::collections::BTreeMap;
use std::str::FromStr;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A call's id holds the millisecond in which it came in; the event's own time is as near as this.
const NEAR: Duration = Duration::seconds(5);
/// A call that is still told of as new may have come in this long ago: streams are recorded when they end.
const LONGEST_CALL: Duration = Duration::DAY;

/// One call, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The call; its answer carried it as `x-latchkey-request-id`.
    pub id: CallId,
    /// When it came in.
    pub occurred_at: OffsetDateTime,
    /// When it was recorded.
    pub recorded_at: OffsetDateTime,
    /// In which project.
    pub project: ProjectId,
    /// With which token.
    pub token: TokenId,
    /// To which provider.
    pub provider: ProviderSlug,
    /// What kind of call: `chat`, `embeddings`, …; `other` outside the inference paths.
    pub operation: String,
    /// The model that was asked for.
    pub model_asked: Option<String>,
    /// The model that answered.
    pub model_answered: Option<String>,
    /// The project's key that served or would have.
    pub key: Option<KeyId>,
    /// Which secret of that key.
    pub key_version: Option<i64>,
    /// Whose key served; `None` when the call was refused before it reached a provider.
    pub key_source: Option<KeySource>,
    /// Why the platform key served.
    pub fallback_reason: Option<FallbackReason>,
    /// The HTTP status that the caller got.
    pub status: u16,
    /// Latchkey's own code, when Latchkey refused or failed.
    pub error_code: Option<String>,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// Tokens.
    pub tokens: TokenCounts,
    /// Where they come from.
    pub usage_source: UsageSource,
    /// What the provider charges; `None` when that is not known.
    pub cost: Option<MicroDollars>,
    /// What the operator charges besides.
    pub fee: MicroDollars,
    /// Which prices told the cost; `None` where the provider itself did, and where none were asked.
    pub prices_version: Option<String>,
    /// From the request's head to the last byte of the answer, in milliseconds.
    pub latency_ms: i64,
    /// From the request's head to the first byte of the answer's body, in milliseconds.
    pub first_byte_ms: Option<i64>,
    /// Bytes of the request's body.
    pub request_bytes: i64,
    /// Bytes of the answer's body.
    pub response_bytes: i64,
    /// The caller's own name for a series of calls.
    pub session: Option<String>,
    /// The caller's own labels.
    pub labels: BTreeMap<String, String>,
}

/// A place in a list of calls: behind this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallCursor {
    /// When the call came in.
    pub occurred_at: OffsetDateTime,
    /// The call.
    pub id: CallId,
}

impl Call {
    /// The place behind this call.
    #[must_use]
    pub const fn cursor(&self) -> CallCursor {
        CallCursor {
            occurred_at: self.occurred_at,
            id: self.id,
        }
    }

    /// The model that answered, else the one that was asked for.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model_answered.as_deref().or(self.model_asked.as_deref())
    }
}

struct CallRow {
    id: Uuid,
    occurred_at: OffsetDateTime,
    recorded_at: OffsetDateTime,
    project_id: Uuid,
    token_id: Uuid,
    provider: String,
    operation: String,
    model_asked: Option<String>,
    model_answered: Option<String>,
    key_id: Option<Uuid>,
    key_version: Option<i64>,
    key_source: Option<String>,
    fallback_reason: Option<String>,
    status: i16,
    error_code: Option<String>,
    streamed: bool,
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    cached_input_tokens: Option<i64>,
    cache_write_tokens: Option<i64>,
    reasoning_tokens: Option<i64>,
    usage_source: String,
    cost_micros: Option<i64>,
    fee_micros: i64,
    prices_version: Option<String>,
    latency_ms: i64,
    first_byte_ms: Option<i64>,
    request_bytes: i64,
    response_bytes: i64,
    session: Option<String>,
    labels: Value,
}

impl TryFrom<CallRow> for Call {
    type Error = StoreError;

    fn try_from(row: CallRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: CallId::from_uuid(row.id),
            occurred_at: row.occurred_at,
            recorded_at: row.recorded_at,
            project: ProjectId::from_uuid(row.project_id),
            token: TokenId::from_uuid(row.token_id),
            provider: word("provider", &row.provider)?,
            operation: row.operation,
            model_asked: row.model_asked,
            model_answered: row.model_answered,
            key: row.key_id.map(KeyId::from_uuid),
            key_version: row.key_version,
            key_source: row.key_source.map(|source| word("source", &source)).transpose()?,
            fallback_reason: row.fallback_reason.map(|reason| word("reason", &reason)).transpose()?,
            status: u16::try_from(row.status).unwrap_or_default(),
            error_code: row.error_code,
            streamed: row.streamed,
            tokens: TokenCounts {
                input: row.input_tokens,
                output: row.output_tokens,
                cached_input: row.cached_input_tokens,
                cache_write: row.cache_write_tokens,
                reasoning: row.reasoning_tokens,
            },
            usage_source: word("usage source", &row.usage_source)?,
            cost: row.cost_micros.map(MicroDollars),
            fee: MicroDollars(row.fee_micros),
            prices_version: row.prices_version,
            latency_ms: row.latency_ms,
            first_byte_ms: row.first_byte_ms,
            request_bytes: row.request_bytes,
            response_bytes: row.response_bytes,
            session: row.session,
            labels: serde_json::from_value(row.labels).map_err(|error| StoreError::corrupt("usage_events", &error))?,
        })
    }
}

fn word<T: FromStr>(what: &str, text: &str) -> Result<T, StoreError> {
    text.parse()
        .map_err(|_| StoreError::corrupt("usage_events", &format!("{what} {text:?}")))
}

/// A query of the project's calls; the literals are what narrows it, with parameters from `$3` on.
macro_rules! calls_of {
    ($tx:ident, $project:ident, [$($narrowed:literal)+] $(, $value:expr)+ $(,)?) => {
        sqlx::query_as!(
            CallRow,
            "select id, occurred_at, recorded_at, project_id, token_id, provider, operation, model_asked,
                    model_answered, key_id, key_version, key_source, fallback_reason, status, error_code, streamed,
                    input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens,
                    usage_source, cost_micros, fee_micros, prices_version, latency_ms, first_byte_ms, request_bytes,
                    response_bytes, session, labels
             from usage_events
             where org_id = $1 and project_id = $2 "
            $(+ $narrowed)+,
            $tx.org().as_uuid(),
            $project.as_uuid()
            $(, $value)+
        )
    };
}

/// The same for calls from `$from` on that the filter wants; the literal has parameters from `$14` on.
macro_rules! wanted_calls_of {
    ($tx:ident, $project:ident, $filter:ident, $wanted:ident, $from:expr, $narrowed:literal $(, $value:expr)+ $(,)?) => {
        calls_of!(
            $tx,
            $project,
            [
                "and occurred_at >= coalesce($3::timestamptz, '-infinity')
                 and occurred_at < coalesce($4::timestamptz, 'infinity')
                 and ($5::text is null or provider = $5)
                 and ($6::text is null or model_asked = $6 or model_answered = $6)
                 and ($7::text is null or key_source = $7)
                 and status between $8 and $9
                 and ($10::boolean is null or (status >= 400 or error_code is not null) = $10)
                 and ($11::uuid is null or token_id = $11)
                 and ($12::text is null or session = $12)
                 and ($13::jsonb is null or labels @> $13) "
                $narrowed
            ],
            $from,
            $filter.to,
            $filter.provider.as_ref().map(ProviderSlug::as_str),
            $filter.model,
            $filter.key_source.map(KeySource::as_str),
            $wanted.least_status,
            $wanted.most_status,
            $wanted.failed,
            $filter.token.map(|token| token.as_uuid()),
            $filter.session,
            $wanted.label
            $(, $value)+
        )
    };
}

/// The project's calls behind `cursor`, the newest first, at most `limit`.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    tx: &mut OrgTx,
    project: ProjectId,
    filter: &CallFilter,
    cursor: Option<CallCursor>,
    limit: i64,
) -> Result<Vec<Call>, StoreError> {
    let wanted = Wanted::of(filter);
    let rows = wanted_calls_of!(
        tx,
        project,
        filter,
        wanted,
        filter.from,
        "and (occurred_at, id) < (coalesce($14::timestamptz, 'infinity'), coalesce($15::uuid, $16))
         order by occurred_at desc, id desc limit $17",
        cursor.map(|cursor| cursor.occurred_at),
        cursor.map(|cursor| cursor.id.as_uuid()),
        Uuid::max(),
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The project's calls that were recorded at or after `since`, the last recorded first, at most `limit`.
///
/// # Errors
/// Whatever the database says.
pub async fn arrived_since(
    tx: &mut OrgTx,
    project: ProjectId,
    filter: &CallFilter,
    since: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Call>, StoreError> {
    let wanted = Wanted::of(filter);
    let rows = wanted_calls_of!(
        tx,
        project,
        filter,
        wanted,
        filter.from.max(Some(since - LONGEST_CALL)),
        "and recorded_at >= $14 order by recorded_at desc, id desc limit $15",
        since,
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One call of the project.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx, project: ProjectId, id: CallId) -> Result<Option<Call>, StoreError> {
    let Some(made_at) = made_at(id) else { return Ok(None) };
    let row = calls_of!(
        tx,
        project,
        ["and id = $3 and occurred_at between $4 and $5"],
        id.as_uuid(),
        made_at - NEAR,
        made_at + NEAR,
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// The time in an id of version 7.
fn made_at(id: CallId) -> Option<OffsetDateTime> {
    let (seconds, nanoseconds) = id.as_uuid().get_timestamp()?.to_unix();
    let at = OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()?;
    Some(at + Duration::nanoseconds(i64::from(nanoseconds)))
}

/// Whether a call was made yet: in the project, or anywhere in the organization.
///
/// # Errors
/// Whatever the database says.
pub async fn exists(tx: &mut OrgTx, project: Option<ProjectId>) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from usage_events where org_id = $1 and ($2::uuid is null or project_id = $2)
           ) as "exists!""#,
        tx.org().as_uuid(),
        project.map(|project| project.as_uuid()) as _
    )
    .fetch_one(tx.connection())
    .await?)
}
