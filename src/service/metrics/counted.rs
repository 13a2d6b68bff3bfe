//! What others count by themselves, asked for when it is written out.

use crate::service::gateway::Gateway;
use crate::service::ledger::Ledger;
use crate::service::live_health::LiveHealth;
use crate::service::refusals::Refusals;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use std::fmt;
use std::sync::Arc;

/// Those who count by themselves.
pub(in crate::service) struct Counted {
    pub(in crate::service) ledger: Arc<Ledger>,
    pub(in crate::service) live_health: Arc<LiveHealth>,
    pub(in crate::service) refusals: Arc<Refusals>,
    pub(in crate::service) gateway: Arc<Gateway>,
}

impl fmt::Debug for Counted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Counted")
    }
}

impl Collector for Counted {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let encoder = &mut encoder;
        let Self {
            ledger,
            live_health,
            refusals,
            gateway,
        } = self;
        let help = "Usage events written to the database";
        count(encoder, "usage_events_written", help, ledger.written())?;
        let help = "Usage events lost, because the database was away for too long or refused them";
        count(encoder, "usage_events_dropped", help, ledger.dropped())?;
        let help = "Usage events that wait to be written";
        level(encoder, "usage_events_waiting", help, ledger.waiting())?;
        let help = "Sightings of keys in live traffic that were lost, because too many came at once";
        count(encoder, "live_health_sightings_dropped", help, live_health.dropped())?;
        let help = "Callers with refusals that wait to be written to the audit trail";
        level(encoder, "refusals_waiting", help, refusals.waiting())?;
        let help = "Calls turned away before it was known whose they are: no valid token, no such project or provider";
        count(encoder, "gateway_calls_turned_away", help, gateway.turned_away())?;
        calls(encoder, gateway)
    }
}

fn calls(encoder: &mut DescriptorEncoder<'_>, gateway: &Gateway) -> Result<(), fmt::Error> {
    let zero = ConstCounter::new(0_u64);
    let help = "Calls through the gateway, by provider and outcome";
    let mut family = encoder.encode_descriptor("gateway_calls", help, None, zero.metric_type())?;
    for (provider, outcome, number) in gateway.calls() {
        let labels = [("provider", provider), ("outcome", outcome.as_str())];
        ConstCounter::new(number).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

fn count(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, number: u64) -> Result<(), fmt::Error> {
    let counter = ConstCounter::new(number);
    counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)
}

fn level(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, number: usize) -> Result<(), fmt::Error> {
    let gauge = ConstGauge::new(i64::try_from(number).unwrap_or(i64::MAX));
    gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
}
