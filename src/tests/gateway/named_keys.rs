//! `x-latchkey-key`: a call says with which of the project's keys it is made, and is made with that one or not at all.

use super::{CHAT, assert_refused, bring_to, chat, chat_call, key, project, set};
use crate::harness::{Answer, Call, TestApp};
use latchkey::domain::KeyId;
use latchkey::sandbox::Behaviour;
use latchkey::service::keys::{AddKey, KeySelector};
use latchkey::service::projects::ProjectRef;
use secrecy::SecretString;
use serde_json::json;
use sqlx::PgPool;

const HEADER: &str = "x-latchkey-key";

/// A project with a default key and others beside it.
struct Keys {
    app: TestApp,
    token: String,
}

impl Keys {
    /// With a default key called `Main` for OpenAI, and platform keys that would serve everything.
    async fn start(pool: PgPool) -> Self {
        let app = TestApp::start(pool).await;
        app.allow_platform_keys().await;
        let token = app.project_token(&["use:gateway"]).await;
        let keys = Self { app, token };
        keys.add("openai", "Main").await;
        keys
    }

    /// Adds a key of this name, whose secret ends in it.
    async fn add(&self, provider: &str, name: &str) -> KeyId {
        let add = AddKey {
            secret: SecretString::from(secret(provider, name)),
            name: name.to_owned(),
            endpoint: None,
            api_version: None,
            allow_unverified: false,
            is_default: false,
            added_by_name: "owner".to_owned(),
        };
        let keys = &self.app.services.keys;
        let saved = keys.add(&self.app.own.owner, &self.project(), provider, add).await;
        saved.unwrap().key.id
    }

    fn project(&self) -> ProjectRef {
        ProjectRef::Id(self.app.own.project.id)
    }

    /// A call that names a key.
    fn naming(&self, named: &str) -> Call {
        chat_call(&self.app, &self.token).header(HEADER, named)
    }

    /// Which key of OpenAI's served a call.
    #[track_caller]
    fn served(&self, answer: &Answer) -> String {
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        assert_eq!(answer.header("x-latchkey-key-source"), "byok");
        let seen = self.app.sandbox.calls().pop().unwrap();
        assert!(!seen.headers.contains_key(HEADER), "{:?}", seen.headers);
        seen.key
    }

    /// Nothing is sent to any provider while a call is refused.
    async fn refused(&self, named: &str, status: u16, code: &str) {
        self.app.sandbox.clear_calls();
        let answer = self.naming(named).send().await;
        assert_refused(&answer, status, code);
        assert_eq!(answer.header("x-latchkey-fallback-reason"), "", "{named}");
        let sent = self.app.sandbox.calls();
        assert!(sent.is_empty(), "{named}: {sent:?}");
    }
}

fn secret(provider: &str, name: &str) -> String {
    key(provider, Behaviour::Valid, &name.to_lowercase().replace(' ', "-"))
}

#[sqlx::test(migrations = false)]
async fn a_key_serves_by_its_id_and_its_name(pool: PgPool) {
    let keys = Keys::start(pool).await;
    let id = keys.add("openai", "Batch jobs").await;
    let other = keys.add("openai", "Nightly").await;
    let (main, batch) = (secret("openai", "Main"), secret("openai", "Batch jobs"));
    assert_eq!(keys.served(&chat_call(&keys.app, &keys.token).send().await), main);
    for named in [&*id.to_string(), "Batch jobs", "batch JOBS", " Batch jobs "] {
        let answer = keys.naming(named).send().await;
        assert_eq!(answer.header("x-latchkey-key-id"), id.to_string(), "{named}");
        assert_eq!(keys.served(&answer), batch, "{named}");
    }
    assert_eq!(keys.served(&keys.naming("main").send().await), main, "the default too");
    let answer = keys.naming(&other.to_string().to_uppercase()).send().await;
    assert_eq!(keys.served(&answer), secret("openai", "Nightly"));
    // Nobody else is any the wiser: calls that name none go on with the default.
    assert_eq!(keys.served(&chat_call(&keys.app, &keys.token).send().await), main);

    // Where the model says the provider, too.
    let named = keys.app.call("POST", "/v1/chat/completions").bearer(&keys.token);
    let mut body = chat();
    body["model"] = json!("openai/gpt-4o-mini");
    let answer = named.header(HEADER, "Batch jobs").json(body).send().await;
    assert_eq!(keys.served(&answer), batch);
}

#[sqlx::test(migrations = false)]
async fn a_key_that_is_not_there_is_not_found_and_nothing_serves_in_its_place(pool: PgPool) {
    let keys = Keys::start(pool).await;
    let elsewhere = project(&keys.app, "Elsewhere").await;
    let theirs = bring_to(
        &keys.app,
        &elsewhere,
        "openai",
        &key("openai", Behaviour::Valid, "theirs"),
    )
    .await;
    let of_mistral = keys.add("mistral", "Mistral's").await;
    for named in [
        "Backup",
        "019a9a3f-0000-7000-8000-000000000000",
        &theirs.to_string(),
        // Of this project, but another provider's.
        &of_mistral.to_string(),
        "Mistral's",
        "Main'; --",
    ] {
        keys.refused(named, 404, "key_not_found").await;
    }
    // A key without a name cannot be named by saying nothing, and a name is ASCII in a header.
    for named in ["", "   "] {
        keys.refused(named, 400, "invalid_request").await;
    }
    // Where every provider has no such key.
    let list = |named: &str| {
        let call = keys.app.call("GET", "/v1/models").bearer(&keys.token);
        call.header(HEADER, named)
    };
    assert_refused(&list("Backup").send().await, 404, "key_not_found");
    // And where one has it: its models, nobody else's.
    let models = list("Mistral's").send().await.expect(200);
    let models = models["data"].as_array().unwrap();
    assert!(!models.is_empty());
    assert!(
        models
            .iter()
            .all(|model| model["id"].as_str().unwrap().starts_with("mistral/"))
    );
}

#[sqlx::test(migrations = false)]
async fn a_named_key_that_cannot_serve_is_replaced_by_no_other(pool: PgPool) {
    let keys = Keys::start(pool).await;
    let (owner, services) = (&keys.app.own.owner, &keys.app.services.keys);
    let id = keys.add("openai", "Backup").await;
    let selector = KeySelector::Id(id);
    assert_eq!(
        keys.served(&keys.naming("Backup").send().await),
        secret("openai", "Backup")
    );

    services
        .set_active(owner, &keys.project(), &selector, false)
        .await
        .unwrap();
    keys.refused("Backup", 403, "key_disabled").await;
    keys.refused(&id.to_string(), 403, "key_disabled").await;
    services
        .set_active(owner, &keys.project(), &selector, true)
        .await
        .unwrap();
    keys.served(&keys.naming("Backup").send().await);

    services.delete(owner, &keys.project(), &selector).await.unwrap();
    keys.refused("Backup", 404, "key_not_found").await;
    keys.refused(&id.to_string(), 404, "key_not_found").await;
    services.restore(owner, &keys.project(), id).await.unwrap();
    keys.served(&keys.naming("Backup").send().await);

    // What the database is told past the server is heard of in a moment.
    for (columns, status, code) in [
        ("health_reason = 'invalid', health_message = 'No.'", 403, "key_rejected"),
        ("health_reason = 'exhausted', retry_at = null", 429, "key_exhausted"),
        (
            "health_reason = null, health_message = null, checked_at = null",
            403,
            "key_disabled",
        ),
    ] {
        set(&keys.app, id, &format!("{columns}, row_version = row_version + 1")).await;
        super::eventually(async || {
            let answer = keys.naming("Backup").send().await;
            (answer.header("x-latchkey-error") == code).then_some(())
        })
        .await;
        keys.refused("Backup", status, code).await;
    }
}

/// The provider says so while the call is made: the default and the platform key stand ready, and are not used.
#[sqlx::test(migrations = false)]
async fn a_named_key_that_is_refused_in_the_middle_of_a_call_is_told_as_it_is(pool: PgPool) {
    let keys = Keys::start(pool).await;
    keys.add("openai", "Backup").await;
    keys.app.sandbox.revoke(&secret("openai", "Backup"));
    keys.app.sandbox.clear_calls();
    let answer = keys.naming("Backup").send().await;
    assert_eq!(answer.status.as_u16(), 401, "{}", answer.text());
    assert_eq!(answer.header("x-latchkey-key-source"), "byok");
    let sent: Vec<String> = keys.app.sandbox.calls().into_iter().map(|call| call.key).collect();
    assert_eq!(sent, [secret("openai", "Backup")]);
    // The same refusal of a call that names none makes way for the platform key.
    keys.app.sandbox.revoke(&secret("openai", "Main"));
    let answer = keys
        .app
        .call("POST", CHAT)
        .bearer(&keys.token)
        .json(chat())
        .send()
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    assert_eq!(answer.header("x-latchkey-key-source"), "platform");
}

#[sqlx::test(migrations = false)]
async fn a_name_that_goes_to_another_key_means_that_one_from_the_next_call_on(pool: PgPool) {
    let keys = Keys::start(pool).await;
    let (owner, services) = (&keys.app.own.owner, &keys.app.services.keys);
    let first = keys.add("openai", "Jobs").await;
    let second = keys.add("openai", "Spare").await;
    assert_eq!(keys.served(&keys.naming("Jobs").send().await), secret("openai", "Jobs"));
    let rename = async |id: KeyId, name: &str| {
        let key = KeySelector::Id(id);
        services.rename(owner, &keys.project(), &key, name).await.unwrap();
    };
    rename(first, "Old jobs").await;
    keys.refused("Jobs", 404, "key_not_found").await;
    rename(second, "Jobs").await;
    assert_eq!(
        keys.served(&keys.naming("Jobs").send().await),
        secret("openai", "Spare")
    );
    assert_eq!(
        keys.served(&keys.naming("Old jobs").send().await),
        secret("openai", "Jobs")
    );
}
