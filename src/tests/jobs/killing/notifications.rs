//! What people are told of: each event once in the dashboard, once in a mail to each who wants it, once in a message to
//! each webhook. Mails and messages may come twice, but under the same id.

use super::Work;
use super::field::Field;
use async_trait::async_trait;
use latchkey::jobs::JobsHandle;
use latchkey::service::webhooks::WebhookSpec;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Mutex;

const INBOX: &str = "killed";
/// Every event that people are told of.
const TOLD: &str = "('key.became_unhealthy', 'key.recovered', 'calls.fell_back', 'key.rotation_undone',
                     'key.open_failed', 'key.neglected', 'token.expires_soon', 'calls.locked', 'calls.unlocked',
                     'member.joined', 'member.role_changed', 'member.removed', 'member.left', 'webhook.given_up')";

/// The panic switch, used again and again; beside what other work is told of.
#[derive(Default)]
pub(super) struct Notifications(Mutex<Acknowledged>);

#[derive(Default)]
struct Acknowledged {
    locks: usize,
    unknown: usize,
}

impl Notifications {
    /// A webhook that is received at the sandbox. Only the test's own server may call it there; those that are killed
    /// try in vain, and leave it to that one.
    pub(super) async fn prepare(field: &Field) {
        let spec = WebhookSpec {
            url: field.app.sandbox.inbox_address(INBOX),
            description: String::new(),
            kinds: Vec::new(),
        };
        let webhooks = &field.app.services.webhooks;
        let made = webhooks.create(&field.app.own.owner, spec, "owner".to_owned()).await;
        made.unwrap();
    }

    /// The one server that may call the sandbox.
    pub(super) async fn deliver(field: &Field) -> JobsHandle {
        let services = field.app.services.clone();
        latchkey::jobs::start(services, crate::jobs::QUICK).await.unwrap()
    }
}

#[async_trait]
impl Work for Notifications {
    async fn go_on(&self, field: &Field) {
        let reason = format!("number {}", field.dice.within(0..u64::MAX));
        let new = json!({ "provider": "together", "reason": reason });
        let answer = field.call("POST", "/api/v1/locks", Some(new)).await;
        let lock = match answer {
            Some((201, lock)) => lock,
            Some((status, _)) => {
                // Locked by a call whose answer did not come: the next piece finds it unlocked.
                assert!([409, 503].contains(&status), "{status}");
                return unlock_all(field).await;
            }
            None => {
                self.0.lock().unwrap().unknown += 1;
                return;
            }
        };
        self.0.lock().unwrap().locks += 1;
        let path = format!("/api/v1/locks/{}?reason=over", lock["id"].as_str().unwrap());
        field.call("DELETE", &path, None).await;
    }

    async fn faults(&self, field: &Field) -> Vec<String> {
        let mut faults = self.faults_of_locks(field).await;
        let untold = format!(
            "select 'told ' || count(i.sequence) || ' times: ' || e.event || ' ' || e.target_id
             from audit_events e left join notification_items i on i.org_id = e.org_id and i.sequence = e.sequence
             where e.event in {TOLD} group by e.org_id, e.sequence, e.event, e.target_id having count(i.sequence) <> 1"
        );
        faults.extend(field.texts(&untold).await);
        for left in [
            "select 'not announced: ' || n.id::text from notifications n
             where n.announced < (select count(*) from notification_items i
                                  where i.org_id = n.org_id and i.notification_id = n.id)",
            "select 'not mailed: ' || m.id::text from notification_mails m where m.sent_at is null",
            "select 'not delivered: ' || d.id::text || ' ' || d.status from webhook_deliveries d
             where d.status <> 'delivered'",
            // Owners are mailed of these unasked.
            "select 'no mail: ' || n.id::text from notifications n
             where n.kind in ('calls.locked', 'key.unhealthy', 'key.rotation_undone')
               and not exists (select from notification_mails m
                               where m.org_id = n.org_id and m.notification_id = n.id and m.part = 'opening')",
        ] {
            faults.extend(field.texts(left).await);
        }
        faults.extend(self.faults_of_mails(field).await);
        faults.extend(self.faults_of_messages(field).await);
        faults
    }
}

impl Notifications {
    async fn faults_of_locks(&self, field: &Field) -> Vec<String> {
        let (locks, unknown) = {
            let acknowledged = self.0.lock().unwrap();
            (acknowledged.locks, acknowledged.unknown)
        };
        let kept = field
            .texts("select sequence::text from audit_events where event = 'calls.locked'")
            .await
            .len();
        if (locks..=locks + unknown).contains(&kept) && locks > 0 {
            Vec::new()
        } else {
            vec![format!(
                "{kept} locks of {locks} acknowledged and {unknown} unknown ones"
            )]
        }
    }

    async fn faults_of_mails(&self, field: &Field) -> Vec<String> {
        let wanted = field.texts("select id::text from notification_mails").await;
        let arrived: BTreeSet<String> = field
            .mails()
            .await
            .iter()
            .map(|mail| mail.header("Message-ID").to_owned())
            .collect();
        let missing = wanted
            .into_iter()
            .filter(|id| !arrived.contains(&format!("<{id}@example.com>")));
        missing.map(|id| format!("mail {id} did not arrive")).collect()
    }

    async fn faults_of_messages(&self, field: &Field) -> Vec<String> {
        let wanted = field.texts("select message_id from webhook_deliveries").await;
        let arrived: BTreeSet<String> = field
            .app
            .sandbox
            .inbox(INBOX)
            .into_iter()
            .map(|message| message.headers["webhook-id"].clone())
            .collect();
        let missing = wanted.into_iter().filter(|id| !arrived.contains(id));
        missing.map(|id| format!("message {id} did not arrive")).collect()
    }
}

async fn unlock_all(field: &Field) {
    let Some((200, list)) = field.call("GET", "/api/v1/locks", None).await else {
        return;
    };
    for lock in list["locks"].as_array().unwrap() {
        let path = format!("/api/v1/locks/{}?reason=over", lock["id"].as_str().unwrap());
        field.call("DELETE", &path, None).await;
    }
}
