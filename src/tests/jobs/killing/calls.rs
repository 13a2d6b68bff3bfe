//! Calls through the gateway: each is recorded once at the most, and the hours add up.

use super::Work;
use super::field::Field;
use async_trait::async_trait;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Default)]
pub(super) struct Calls {
    answered: AtomicUsize,
}

#[async_trait]
impl Work for Calls {
    async fn go_on(&self, field: &Field) {
        let body = json!({
            "model": "claude-sonnet-4-5",
            "max_tokens": 16,
            "messages": [{ "role": "user", "content": "Hi" }],
        });
        let answer = field
            .send("POST", "/gateway/anthropic/v1/messages", |call| {
                call.bearer_auth(&field.token)
                    .header("x-latchkey-project", "main")
                    .header("anthropic-version", "2023-06-01")
                    .json(&body)
            })
            .await;
        let Some(answer) = answer else { return };
        let status = answer.status().as_u16();
        let said = answer.text().await;
        assert!([200, 503].contains(&status), "{status}: {said:?}");
        if status == 200 && said.is_ok() {
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn faults(&self, field: &Field) -> Vec<String> {
        let twice = "select 'recorded twice: ' || id from usage_events group by id having count(*) > 1";
        let mut faults = field.texts(twice).await;
        let sums = "select 'hours and calls: ' || hours || ' ' || calls from (
                        select (select concat_ws(' ', sum(calls), sum(failed_calls), sum(input_tokens),
                                                 sum(output_tokens), sum(cost_micros)) from usage_hours) as hours,
                               (select concat_ws(' ', count(*), count(*) filter (where status >= 400),
                                                 sum(input_tokens), sum(output_tokens), sum(cost_micros))
                                from usage_events) as calls
                    ) sums where hours <> calls";
        let differ = field.texts(sums).await;
        if !differ.is_empty() {
            // Written after the hours were last computed, by servers that still had them.
            let again =
                "select graphile_worker.add_job('roll_up_usage', payload := 'null', queue_name := 'roll_up_usage',
                                                        job_key := 'roll_up_usage')";
            field.sql(again).await;
        }
        faults.extend(differ);
        if self.answered.load(Ordering::Relaxed) == 0 {
            faults.push("no call was answered".to_owned());
        }
        faults
    }
}
