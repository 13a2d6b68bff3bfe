//! What calls used: taken down beside them, priced, rolled up by the hour, read by project.

mod charging;
mod reading;
mod recording;
mod rolling_up;

use crate::harness::{Tenant, TestApp};
use latchkey::domain::{
    CallId, Clock, Fee, KeySource, MicroDollars, SystemClock, SystemRandom, TokenCounts, TokenId, UsageEvent,
    UsageSource,
};
use latchkey::service::Services;
use std::collections::BTreeMap;
use std::time::Duration;
use time::OffsetDateTime;

const FEE: Fee = Fee {
    per_call: MicroDollars(100),
    basis_points: 1_000,
};

/// A call that cost 1000 micro-dollars, made now.
pub(crate) fn event(tenant: &Tenant) -> UsageEvent {
    event_at(tenant, SystemClock.now())
}

fn event_at(tenant: &Tenant, at: OffsetDateTime) -> UsageEvent {
    struct At(OffsetDateTime);
    impl Clock for At {
        fn now(&self) -> OffsetDateTime {
            self.0
        }
    }
    UsageEvent {
        id: CallId::new(&At(at), &SystemRandom),
        occurred_at: at,
        org: tenant.owner.org,
        project: tenant.project.id,
        token: TokenId::from_uuid(uuid::Uuid::from_u128(1)),
        provider: "openai".parse().unwrap(),
        operation: "chat",
        model_asked: Some("gpt-test".to_owned()),
        model_answered: Some("gpt-test-2026".to_owned()),
        key: None,
        key_version: None,
        key_source: Some(KeySource::Platform),
        fallback_reason: None,
        status: 200,
        error_code: None,
        streamed: false,
        tokens: TokenCounts {
            input: Some(10),
            output: Some(5),
            ..TokenCounts::default()
        },
        usage_source: UsageSource::Provider,
        reported_cost: Some(MicroDollars(1_000)),
        latency_ms: 800,
        first_byte_ms: Some(300),
        request_bytes: 1_000,
        response_bytes: 2_000,
        session: None,
        labels: BTreeMap::new(),
    }
}

/// Takes events down, and waits until they are written.
pub(crate) async fn record(services: &Services, events: impl IntoIterator<Item = UsageEvent>) {
    let (mut count, before) = (0, services.ledger.written());
    for event in events {
        services.ledger.record(event, FEE);
        count += 1;
    }
    let writing = async {
        while services.ledger.written() < before + count {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), writing)
        .await
        .expect("events were not written");
}

async fn recorded(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from usage_events")
        .fetch_one(&app.database)
        .await
        .unwrap()
}
