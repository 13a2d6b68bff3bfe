//! Events on their way into one statement, column by column.

use crate::domain::{FallbackReason, KeySource, MicroDollars, UsageEvent};
use crate::store::{StoreError, SystemTx};
use sqlx::types::Json;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// What a call costs, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge<'prices> {
    /// What the provider charges; `None` when that is not known.
    pub cost: Option<MicroDollars>,
    /// Which prices said so; `None` where the provider itself did, and where nothing was asked.
    pub prices_version: Option<&'prices str>,
    /// What the operator charges besides.
    pub fee: MicroDollars,
}

/// Makes [`Batch`] of one list for each column, so that none is forgotten where room is set aside.
macro_rules! columns {
    ($($column:ident: $kind:ty,)+) => {
        /// Events on their way into one statement: a list for each of the table's columns.
        #[derive(Debug)]
        pub struct Batch<'events> {
            $($column: Vec<$kind>,)+
        }

        impl<'events> Batch<'events> {
            /// An empty one, with room for so many events.
            #[must_use]
            pub fn with_room_for(events: usize) -> Self {
                Self { $($column: Vec::with_capacity(events),)+ }
            }
        }
    };
}

columns! {
    org_ids: Uuid,
    occurrences: OffsetDateTime,
    ids: Uuid,
    project_ids: Uuid,
    token_ids: Uuid,
    providers: &'events str,
    operations: &'static str,
    models_asked: Option<&'events str>,
    models_answered: Option<&'events str>,
    key_ids: Option<Uuid>,
    key_versions: Option<i64>,
    key_sources: Option<&'static str>,
    fallback_reasons: Option<&'static str>,
    statuses: i16,
    error_codes: Option<&'static str>,
    are_streamed: bool,
    inputs: Option<i64>,
    outputs: Option<i64>,
    cached_inputs: Option<i64>,
    cache_writes: Option<i64>,
    reasonings: Option<i64>,
    usage_sources: &'static str,
    costs: Option<i64>,
    fees: i64,
    prices_versions: Option<&'events str>,
    latencies: i64,
    first_bytes: Option<i64>,
    request_lengths: i64,
    response_lengths: i64,
    sessions: Option<&'events str>,
    label_sets: Json<&'events BTreeMap<String, String>>,
}

impl<'events> Batch<'events> {
    /// Adds an event.
    pub fn push(&mut self, event: &'events UsageEvent, charge: Charge<'events>) {
        self.org_ids.push(event.org.as_uuid());
        self.occurrences.push(event.occurred_at);
        self.ids.push(event.id.as_uuid());
        self.project_ids.push(event.project.as_uuid());
        self.token_ids.push(event.token.as_uuid());
        self.providers.push(event.provider.as_str());
        self.operations.push(event.operation);
        self.models_asked.push(event.model_asked.as_deref());
        self.models_answered.push(event.model_answered.as_deref());
        self.key_ids.push(event.key.map(|key| key.as_uuid()));
        self.key_versions.push(event.key_version);
        self.key_sources.push(event.key_source.map(KeySource::as_str));
        self.fallback_reasons
            .push(event.fallback_reason.map(FallbackReason::as_str));
        // HTTP has three digits for it.
        self.statuses.push(i16::try_from(event.status).unwrap_or(i16::MAX));
        self.error_codes.push(event.error_code);
        self.are_streamed.push(event.streamed);
        self.inputs.push(event.tokens.input);
        self.outputs.push(event.tokens.output);
        self.cached_inputs.push(event.tokens.cached_input);
        self.cache_writes.push(event.tokens.cache_write);
        self.reasonings.push(event.tokens.reasoning);
        self.usage_sources.push(event.usage_source.as_str());
        self.costs.push(charge.cost.map(|cost| cost.0));
        self.fees.push(charge.fee.0);
        self.prices_versions.push(charge.prices_version);
        self.latencies.push(event.latency_ms);
        self.first_bytes.push(event.first_byte_ms);
        self.request_lengths.push(event.request_bytes);
        self.response_lengths.push(event.response_bytes);
        self.sessions.push(event.session.as_deref());
        self.label_sets.push(Json(&event.labels));
    }

    /// How many events it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

/// Records events, and when their tokens and keys were last used, and gives how many are new. An event that is there
/// already stays as it is.
///
/// # Errors
/// Whatever the database says.
pub async fn add(tx: &mut SystemTx, batch: &Batch<'_>) -> Result<u64, StoreError> {
    let added = sqlx::query_scalar!(
        r#"select system_record_usage($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31) as "added!""#,
        &batch.org_ids,
        &batch.occurrences as &[OffsetDateTime],
        &batch.ids,
        &batch.project_ids,
        &batch.token_ids,
        &batch.providers as &[&str],
        &batch.operations as &[&str],
        &batch.models_asked as &[Option<&str>],
        &batch.models_answered as &[Option<&str>],
        &batch.key_ids as &[Option<Uuid>],
        &batch.key_versions as &[Option<i64>],
        &batch.key_sources as &[Option<&str>],
        &batch.fallback_reasons as &[Option<&str>],
        &batch.statuses,
        &batch.error_codes as &[Option<&str>],
        &batch.are_streamed,
        &batch.inputs as &[Option<i64>],
        &batch.outputs as &[Option<i64>],
        &batch.cached_inputs as &[Option<i64>],
        &batch.cache_writes as &[Option<i64>],
        &batch.reasonings as &[Option<i64>],
        &batch.usage_sources as &[&str],
        &batch.costs as &[Option<i64>],
        &batch.fees,
        &batch.prices_versions as &[Option<&str>],
        &batch.latencies,
        &batch.first_bytes as &[Option<i64>],
        &batch.request_lengths,
        &batch.response_lengths,
        &batch.sessions as &[Option<&str>],
        &batch.label_sets as &[Json<&BTreeMap<String, String>>],
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(u64::try_from(added).unwrap_or_default())
}
