//! Mails: each arrives. One may arrive twice, but then mailboxes can tell.

use super::Work;
use super::field::Field;
use crate::harness::ReceivedMail;
use async_trait::async_trait;
use latchkey::domain::{KeyId, Overlap};
use latchkey::service::keys::{KeySelector, RotateKey};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

const PEOPLE: [&str; 2] = ["owner@acme.example", "owner@rival.example"];
/// A link is asked for in whole seconds: within one of them it is the same mail.
const APART: Duration = Duration::from_millis(2_100);

/// Links to choose a new password.
#[derive(Default)]
pub(super) struct ResetLinks(Mutex<Asked>);

#[derive(Default)]
struct Asked {
    last: BTreeMap<&'static str, Instant>,
    acknowledged: BTreeMap<&'static str, usize>,
    unknown: BTreeMap<&'static str, usize>,
}

#[async_trait]
impl Work for ResetLinks {
    async fn go_on(&self, field: &Field) {
        let email = PEOPLE[field.dice.index(PEOPLE.len())];
        {
            let mut asked = self.0.lock().unwrap();
            if asked.last.get(email).is_some_and(|last| last.elapsed() < APART) {
                return;
            }
            asked.last.insert(email, Instant::now());
        }
        let answer = field.submit("ask_for_reset", &[("email", email)]).await;
        let mut asked = self.0.lock().unwrap();
        asked.last.insert(email, Instant::now());
        match answer {
            Some(200..=399) => *asked.acknowledged.entry(email).or_default() += 1,
            None => *asked.unknown.entry(email).or_default() += 1,
            Some(status) => assert!([429, 503].contains(&status), "{status}"),
        }
    }

    async fn faults(&self, field: &Field) -> Vec<String> {
        let mails = field.mails().await;
        let asked = self.0.lock().unwrap();
        let mut faults = Vec::new();
        for email in PEOPLE {
            let acknowledged = asked.acknowledged.get(email).copied().unwrap_or_default();
            let most = acknowledged + asked.unknown.get(email).copied().unwrap_or_default();
            let of_person = mails.iter().filter(|mail| mail.to == email);
            let links = of_person.filter(|mail| mail.text().contains("/reset-password?link="));
            let arrived = links.map(id).collect::<BTreeSet<_>>().len();
            if !(acknowledged..=most).contains(&arrived) || acknowledged == 0 {
                faults.push(format!("{email}: {arrived} links arrived of {acknowledged} to {most}"));
            }
        }
        faults
    }
}

/// Rotations that are undone, of which people are told.
#[derive(Default)]
pub(super) struct UndoneRotations(Mutex<Vec<KeyId>>);

#[async_trait]
impl Work for UndoneRotations {
    async fn go_on(&self, field: &Field) {
        if field.dice.within(0..8) != 0 {
            return;
        }
        let name = format!("Undone {:020}", field.dice.within(0..u64::MAX));
        let old = field
            .add_key("fireworks", &format!("{name} before"), &field.secret("fireworks"))
            .await;
        let refused = field.secret("fireworks");
        let rotate = RotateKey {
            secret: SecretString::from(refused.clone()),
            name: Some(name),
            endpoint: None,
            api_version: None,
            overlap: Overlap::Day,
            added_by_name: "owner".to_owned(),
        };
        let selector = KeySelector::Id(old.id);
        let keys = &field.app.services.keys;
        // Somebody else may have changed a key of the provider meanwhile.
        let Ok(new) = keys.rotate(&field.system(), &field.project(), &selector, rotate).await else {
            return;
        };
        field.app.sandbox.revoke(&refused);
        self.0.lock().unwrap().push(new.key.id);
    }

    async fn faults(&self, field: &Field) -> Vec<String> {
        let undone = self.0.lock().unwrap().clone();
        let mut faults = Vec::new();
        for key in undone {
            let events = field.told("key.rotation_undone", &key.to_string()).await;
            if events != 1 {
                faults.push(format!("{key}: undone {events} times"));
            }
        }
        faults
    }
}

fn id(mail: &ReceivedMail) -> String {
    let id = mail.header("Message-ID");
    assert!(id.ends_with("@example.com>"), "{}", mail.raw);
    id.to_owned()
}
