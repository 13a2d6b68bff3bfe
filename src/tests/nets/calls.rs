//! A call through the gateway, as far as its record goes.

use crate::harness::TestApp;
use latchkey::domain::{
    CallId, Clock, Fee, KeySource, SystemClock, SystemRandom, TokenCounts, TokenId, UsageEvent, UsageSource,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// Records a call of the own organization's project, and no more after it.
pub(super) async fn record(app: &TestApp) -> CallId {
    let id = CallId::new(&SystemClock, &SystemRandom);
    let event = UsageEvent {
        id,
        occurred_at: SystemClock.now(),
        org: app.own.owner.org,
        project: app.own.project.id,
        token: TokenId::new(&SystemClock, &SystemRandom),
        provider: "openai".parse().unwrap(),
        operation: "chat",
        model_asked: Some("gpt-4o-mini".to_owned()),
        model_answered: None,
        key: None,
        key_version: None,
        key_source: Some(KeySource::Byok),
        fallback_reason: None,
        status: 200,
        error_code: None,
        streamed: false,
        tokens: TokenCounts::default(),
        usage_source: UsageSource::Missing,
        reported_cost: None,
        latency_ms: 12,
        first_byte_ms: Some(11),
        request_bytes: 100,
        response_bytes: 200,
        session: None,
        labels: BTreeMap::new(),
    };
    app.services.ledger.record(event, Fee::default());
    app.services.ledger.flush_and_stop(Duration::from_secs(30)).await;
    assert_eq!(app.services.ledger.written(), 1, "the call is recorded");
    id
}
