//! Probes that nobody asked for, and second opinions.

use super::Work;
use super::field::Field;
use async_trait::async_trait;
use latchkey::domain::{HealthReason, ProviderKey, Verdict};
use latchkey::providers;
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::live_health::Sighting;
use std::sync::Mutex;

/// A key that its provider refuses now and accepts then, beside others that always work.
#[derive(Default)]
pub(super) struct Probes {
    is_revoked: Mutex<bool>,
}

#[async_trait]
impl Work for Probes {
    async fn go_on(&self, field: &Field) {
        if field.dice.within(0..5) != 0 {
            return;
        }
        let secret = Sandbox::key("openai", Behaviour::Valid);
        {
            let mut is_revoked = self.is_revoked.lock().unwrap();
            *is_revoked = !*is_revoked;
            if *is_revoked {
                field.app.sandbox.revoke(&secret);
            } else {
                field.app.sandbox.restore(&secret);
            }
        }
        field.let_a_day_pass().await;
        field.hurry_jobs().await;
    }

    async fn faults(&self, field: &Field) -> Vec<String> {
        let due = "select 'probe due: ' || id from provider_keys
                   where deleted_at is null and is_active and (probe_at is null or probe_at <= now())";
        let mut faults = field.texts(due).await;
        // Whoever was told that a key does not work is told when it works again, before the next time.
        let told_twice = "select 'told twice: ' || event || ' ' || target_id from (
                              select event, target_id,
                                     lag(event) over (partition by target_id order by sequence) as before
                              from audit_events
                              where event in ('key.became_unhealthy', 'key.recovered')
                                and org_id = (select org_id from organizations where name = 'Acme')
                          ) told where event = before";
        faults.extend(field.texts(told_twice).await);
        faults
    }
}

/// Keys that their provider refused in live traffic, in a way that may mean something else.
#[derive(Default)]
pub(super) struct SecondOpinions(Mutex<Vec<ProviderKey>>);

#[async_trait]
impl Work for SecondOpinions {
    async fn go_on(&self, field: &Field) {
        // Some are enough: each is probed again and again.
        if field.dice.within(0..8) != 0 {
            return;
        }
        let secret = field.secret("mistral");
        let name = format!("Doubted {:020}", field.dice.within(0..u64::MAX));
        let key = field.add_key("mistral", &name, &secret).await;
        field.app.sandbox.revoke(&secret);
        field.app.services.live_health.observe(Sighting {
            actor: field.app.own.owner.clone(),
            project: key.project,
            key: key.id,
            secret_version: key.secret_version,
            provider: providers::find("mistral").unwrap(),
            verdict: Verdict::because(HealthReason::Invalid, "Unauthorized"),
            needs_second_opinion: true,
        });
        self.0.lock().unwrap().push(key);
    }

    async fn faults(&self, field: &Field) -> Vec<String> {
        let mut faults = Vec::new();
        let keys = self.0.lock().unwrap().clone();
        for key in keys {
            let times = field.told("key.became_unhealthy", &key.id.to_string()).await;
            if times != 1 {
                faults.push(format!("refused key {}: told {times} times", key.id));
            }
        }
        faults
    }
}
