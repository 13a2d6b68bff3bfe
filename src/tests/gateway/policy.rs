//! Whose key serves: every state of a key, under every policy, with and without the operator's leave.

use super::{bring_to, chat_call, code_of, decide, key, project, set, undecided};
use crate::harness::{TestApp, platform_key};
use latchkey::domain::{Fallback, FallbackChoice};
use latchkey::sandbox::Behaviour;
use latchkey::service::keys::KeySelector;
use latchkey::service::projects::{GatewaySettingsChange, Project, ProjectRef};
use sqlx::PgPool;

/// What may be the matter with a project's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// It works.
    Works,
    /// There is none.
    None,
    /// It is switched off.
    Disabled,
    /// It could not be probed when it was brought.
    Unverified,
    /// A probe found it refused.
    Refused,
    /// A probe found its account shut.
    Blocked,
    /// A probe found its quota spent.
    Exhausted,
    /// It is refused for the first time.
    RefusedLive,
    /// Its quota is spent, for the first time.
    ExhaustedLive,
    /// It makes too many calls.
    LimitedLive,
    /// Its provider has no healthy server.
    DownLive,
}

/// What comes of a call.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// The project's own key serves.
    Own,
    /// The operator's does, for this reason.
    Platform(&'static str),
    /// Latchkey refuses the call, with this code.
    Refused(u16, &'static str),
    /// The provider's own refusal is given on.
    Given(u16),
}

impl State {
    const EVERY: [Self; 11] = [
        Self::Works,
        Self::None,
        Self::Disabled,
        Self::Unverified,
        Self::Refused,
        Self::Blocked,
        Self::Exhausted,
        Self::RefusedLive,
        Self::ExhaustedLive,
        Self::LimitedLive,
        Self::DownLive,
    ];

    /// What holds when nobody falls back, which policy decides whether somebody does, and why it is said to be.
    fn facts(self) -> (Outcome, Option<Policy>, &'static str) {
        match self {
            Self::Works => (Outcome::Own, None, ""),
            Self::None => (Outcome::Refused(403, "no_key"), Some(Policy::OnMissing), "no_key"),
            Self::Disabled | Self::Unverified => (
                Outcome::Refused(403, "key_disabled"),
                Some(Policy::OnMissing),
                "key_disabled",
            ),
            Self::Refused | Self::Blocked => (
                Outcome::Refused(403, "key_rejected"),
                Some(Policy::OnFailure),
                "key_rejected",
            ),
            Self::Exhausted => (
                Outcome::Refused(429, "key_exhausted"),
                Some(Policy::OnFailure),
                "key_exhausted",
            ),
            Self::RefusedLive => (Outcome::Given(401), Some(Policy::OnFailure), "key_rejected"),
            Self::ExhaustedLive => (Outcome::Given(429), Some(Policy::OnFailure), "key_exhausted"),
            Self::LimitedLive => (Outcome::Given(429), Some(Policy::OnFailure), "key_rate_limited"),
            Self::DownLive => (Outcome::Given(503), None, ""),
        }
    }

    /// Gives the project a key in this state.
    async fn prepare(self, app: &TestApp, project: &Project, secret: &str) {
        if self == Self::None {
            return;
        }
        let id = bring_to(app, project, "openai", secret).await;
        let healthy = "is_active = true, checked_at = now(), health_reason = null, health_message = null";
        let marked = |reason: &str| format!("health_reason = '{reason}', health_message = 'The provider said so.'");
        match self {
            Self::Disabled => {
                let (project, id) = (ProjectRef::Id(project.id), KeySelector::Id(id));
                let off = app.services.keys.set_active(&app.own.owner, &project, &id, false);
                off.await.unwrap();
            }
            Self::Refused => set(app, id, &marked("invalid")).await,
            Self::Blocked => set(app, id, &marked("blocked")).await,
            Self::Exhausted => set(app, id, &marked("exhausted")).await,
            Self::RefusedLive => app.sandbox.revoke(secret),
            // Its provider works again, or the key could not have been brought.
            Self::DownLive => set(app, id, healthy).await,
            _ => {}
        }
    }

    fn behaviour(self) -> Behaviour {
        match self {
            Self::Unverified | Self::DownLive => Behaviour::Down,
            Self::ExhaustedLive => Behaviour::ListOnly,
            Self::LimitedLive => Behaviour::Limited,
            _ => Behaviour::Valid,
        }
    }
}

/// Which of the two policies decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Policy {
    OnMissing,
    OnFailure,
}

fn expected(state: State, allows: bool, choice: FallbackChoice) -> Outcome {
    let (otherwise, policy, reason) = state.facts();
    let chosen = match policy {
        Some(Policy::OnMissing) => choice.on_missing,
        Some(Policy::OnFailure) => choice.on_failure,
        None => Some(Fallback::Fail),
    };
    match chosen.unwrap_or(Fallback::Platform) {
        Fallback::Platform if allows => Outcome::Platform(reason),
        _ => otherwise,
    }
}

/// What nobody decided, and the four things that somebody may decide.
fn choices() -> impl Iterator<Item = FallbackChoice> {
    let both = [Fallback::Platform, Fallback::Fail].map(Some);
    let decided = both
        .into_iter()
        .flat_map(move |on_missing| both.map(|on_failure| FallbackChoice { on_missing, on_failure }));
    decided.chain([FallbackChoice::default()])
}

#[sqlx::test(migrations = false)]
async fn every_state_under_every_policy_where_the_operator_allows(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    every_state(&app, true).await;
}

#[sqlx::test(migrations = false)]
async fn every_state_under_every_policy_where_the_operator_does_not(pool: PgPool) {
    let app = TestApp::start(pool).await;
    every_state(&app, false).await;
}

async fn every_state(app: &TestApp, allows: bool) {
    let token = app.token(&["use:gateway"]).await;
    for (number, choice) in choices().enumerate() {
        for state in State::EVERY {
            let case = format!("{state:?} {choice:?}, allowed: {allows}");
            let project = project(app, &format!("{state:?} {number}")).await;
            let secret = key("openai", state.behaviour(), &format!("{state:?}{number}"));
            decide(app, &project, GatewaySettingsChange { choice, ..undecided() }).await;
            state.prepare(app, &project, &secret).await;
            app.sandbox.clear_calls();
            let named = project.id.to_string();
            let answer = chat_call(app, &token).header("x-latchkey-project", &named).send().await;

            let (status, source) = (answer.status.as_u16(), answer.header("x-latchkey-key-source"));
            let outcome = match (answer.header("x-latchkey-error"), source, status) {
                ("", "byok", 200) => Outcome::Own,
                ("", "platform", 200) => Outcome::Platform(state.facts().2),
                ("", "byok", status) => Outcome::Given(status),
                (_, "", status) => Outcome::Refused(status, state.facts().2),
                _ => panic!("{case}: {status} {:?}", answer.headers),
            };
            let expected = expected(state, allows, choice);
            assert_eq!(outcome, expected, "{case}: {}", answer.text());
            let reason = answer.header("x-latchkey-fallback-reason");
            match expected {
                Outcome::Platform(expected) => assert_eq!(reason, expected, "{case}"),
                Outcome::Refused(_, code) => assert_eq!((reason, &*code_of(&answer)), ("", code), "{case}"),
                Outcome::Own | Outcome::Given(_) => assert_eq!(reason, "", "{case}"),
            }
            let is_own = source == "byok";
            assert_eq!(!answer.header("x-latchkey-key-id").is_empty(), is_own, "{case}");
            let with_operators = app.sandbox.calls_with(&platform_key("openai"));
            assert_eq!(
                with_operators,
                usize::from(source == "platform"),
                "{case}: never unsaid"
            );
        }
    }
}

/// What is decided for one key goes before what its project decided.
#[sqlx::test(migrations = false)]
async fn a_keys_own_policy_wins(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.token(&["use:gateway"]).await;
    for (of_project, of_key) in [("platform", "fail"), ("fail", "platform")] {
        for (state, column, reason) in [
            ("is_active = false", "on_missing", "key_disabled"),
            (
                "health_reason = 'invalid', health_message = 'No.'",
                "on_failure",
                "key_rejected",
            ),
        ] {
            let name = format!("{of_project} {column}");
            let project = project(&app, &name).await;
            let of_project: Fallback = of_project.parse().unwrap();
            let choice = FallbackChoice {
                on_missing: Some(of_project),
                on_failure: Some(of_project),
            };
            decide(&app, &project, GatewaySettingsChange { choice, ..undecided() }).await;
            let id = bring_to(
                &app,
                &project,
                "openai",
                &key("openai", Behaviour::Valid, &name.replace(' ', "-")),
            )
            .await;
            set(&app, id, &format!("{state}, {column} = '{of_key}'")).await;
            let named = project.id.to_string();
            let answer = chat_call(&app, &token)
                .header("x-latchkey-project", &named)
                .send()
                .await;
            if of_key == "platform" {
                assert_eq!(answer.header("x-latchkey-fallback-reason"), reason, "{}", answer.text());
            } else {
                super::assert_refused(&answer, 403, reason);
            }
        }
    }
}
