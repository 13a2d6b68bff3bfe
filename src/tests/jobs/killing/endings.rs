//! Keys whose time is over: they retire once, and are erased once.

use super::Work;
use super::field::Field;
use async_trait::async_trait;
use serde_json::json;
use std::sync::Mutex;

const PROVIDERS: [&str; 4] = ["openai", "deepseek", "cohere", "together"];

/// Keys that are over.
#[derive(Default)]
pub(super) struct Endings {
    deleted: Mutex<Vec<String>>,
    rotated: Mutex<Vec<String>>,
}

#[async_trait]
impl Work for Endings {
    async fn go_on(&self, field: &Field) {
        let provider = PROVIDERS[field.dice.index(PROVIDERS.len())];
        let name = format!("Ending {:020}", field.dice.within(0..u64::MAX));
        let new = json!({ "provider": provider, "name": name, "secret": field.secret(provider) });
        let Some((201, added)) = field.call("POST", "/api/v1/projects/main/keys", Some(new)).await else {
            return;
        };
        let key = added["key"]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/projects/main/keys/{key}");
        if field.dice.within(0..2) == 0 {
            if let Some((204, _)) = field.call("DELETE", &path, None).await {
                let long_ago = "deleted_at = deleted_at - interval '100 days'";
                field
                    .sql(&format!("update provider_keys set {long_ago} where id = '{key}'"))
                    .await;
                self.deleted.lock().unwrap().push(key);
            }
        } else {
            let next = json!({ "secret": field.secret(provider), "overlap": "1h" });
            if let Some((201, _)) = field.call("POST", &format!("{path}/rotate"), Some(next)).await {
                let over = "retires_at = now() - interval '1 minute'";
                field
                    .sql(&format!("update provider_keys set {over} where id = '{key}'"))
                    .await;
                self.rotated.lock().unwrap().push(key);
            }
        }
        if field.dice.within(0..8) == 0 {
            field.let_a_day_pass().await;
        }
    }

    async fn faults(&self, field: &Field) -> Vec<String> {
        let mut faults = Vec::new();
        let deleted = self.deleted.lock().unwrap().clone();
        for key in deleted {
            let erased = format!("select id::text from provider_keys where id = '{key}' and sealed is null");
            let (is_erased, times) = (
                field.texts(&erased).await.len() == 1,
                field.told("key.purged", &key).await,
            );
            if !is_erased || times != 1 {
                faults.push(format!("deleted key {key}: erased {is_erased}, {times} events"));
            }
        }
        let rotated = self.rotated.lock().unwrap().clone();
        for key in rotated {
            let times = field.told("key.retired", &key).await;
            if times != 1 {
                faults.push(format!("rotated key {key}: retired {times} times"));
            }
        }
        let twice = "select event || ' ' || target_id || ', ' || count(*) || ' times' from audit_events
                     where event in ('key.purged', 'key.retired', 'key.rotation_undone')
                     group by event, target_id having count(*) > 1";
        faults.extend(field.texts(twice).await);
        faults
    }
}
